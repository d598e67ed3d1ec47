"""One connection: a login and everything that depends on it, until the login is refused or the task is cancelled."""

from __future__ import annotations

import functools
import logging
from typing import Final

from attrs import define, field

from ptgbot.chat.adapter import Hub
from ptgbot.chat.message import Cursor, Outgoing
from ptgbot.chat.outbox import TryLater
from ptgbot.chat.racing import first_of
from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.crypto.encryption import Encryption
from ptgbot_matrix.crypto.late_keys import LateKeys
from ptgbot_matrix.crypto.trust import establish_trust
from ptgbot_matrix.delivery import Delivery
from ptgbot_matrix.intake import Decryption, Intake
from ptgbot_matrix.queues import AnswerQueues
from ptgbot_matrix.recent import Recent
from ptgbot_matrix.rooms.configured import ConfiguredRooms
from ptgbot_matrix.rooms.courtesies import Courtesies
from ptgbot_matrix.rooms.directs import DirectChats
from ptgbot_matrix.rooms.edits import AnsweredMessages
from ptgbot_matrix.rooms.greeting import Greeting
from ptgbot_matrix.rooms.invites import Invites
from ptgbot_matrix.rooms.pins import RoomPins
from ptgbot_matrix.rooms.setting import StateSetter
from ptgbot_matrix.rooms.spaces import Spaces
from ptgbot_matrix.rooms.timeline import TimelineReader
from ptgbot_matrix.rooms.topics import RoomTopics
from ptgbot_matrix.session.client import make_client, uses_encryption
from ptgbot_matrix.session.login import LoginFlow, MatrixSession, SessionFile
from ptgbot_matrix.session.persistent import PersistentSession
from ptgbot_matrix.session.profile import Profile
from ptgbot_matrix.session.server import stored_filter, too_old
from ptgbot_matrix.session.sync_loop import SyncLoop
from ptgbot_matrix.session.sync_tokens import SyncBatch, SyncTokens
from ptgbot_matrix.session.wire import RequestRefused, Wire

log = logging.getLogger(__name__)

SESSION_FILE: Final = "session.json"


@define(eq=False)
class MatrixConnection:
    """Builds the parts of one login and runs them. A request that fails meanwhile is repeated."""

    config: MatrixConfig
    hub: Hub
    queues: AnswerQueues
    untrusted: str = field(default="", init=False)
    """Why others may not trust our device, as a sentence; empty if they can, or without encryption."""
    wire: Wire = field(init=False)
    session: PersistentSession = field(init=False)
    configured: ConfiguredRooms = field(init=False)
    spaces: Spaces = field(init=False)
    timelines: TimelineReader = field(init=False)
    topics: RoomTopics = field(init=False)
    pins: RoomPins = field(init=False)
    directs: DirectChats = field(init=False)
    delivery: Delivery = field(init=False)
    courtesies: Courtesies = field(init=False)
    _tokens: SyncTokens = field(init=False)
    _answered: AnsweredMessages = field(factory=AnsweredMessages, init=False)
    _decryption: Decryption | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        config = self.config
        client = make_client(config)
        self.wire = Wire(client, config.request_timeout)
        login = LoginFlow(config, self.wire, SessionFile(config.store / SESSION_FILE), self._report)
        self.session = PersistentSession(config, login)
        self.configured = ConfiguredRooms(config, self.wire, self.is_in, self._report)
        self.spaces = Spaces(config, self.wire, self.configured)
        self.timelines = TimelineReader(config, self.configured, self.hub.clock, listens=self.hub.listens)
        states = StateSetter(self.wire, config.user, self.configured, self.timelines)
        self.topics = RoomTopics(states, self.timelines)
        self.pins = RoomPins(states, self.timelines)
        encryption = Encryption(client, self.wire, self.timelines.is_encrypted) if uses_encryption(config) else None
        if encryption:
            self.timelines.decrypt = encryption.decrypt
            late_keys = LateKeys(config, self.configured, self.timelines.decrypt_again, self._say)
            self._decryption = Decryption(encryption, late_keys)
        self.directs = DirectChats(
            self.wire, config.user, self.is_in, self.timelines.enter, encrypted=encryption is not None
        )
        self.courtesies = Courtesies(config, self.wire)
        answered = self.courtesies.answered
        self.delivery = Delivery(config, self.wire, self.directs, self.is_in, encryption, Recent(), answered)
        self._tokens = SyncTokens(self._commit)

    async def run(self) -> None:
        """Log in and follow the rooms. Never returns.

        Raises:
            LoginRefused: the homeserver does not accept our name, password or token.
            DeviceLost: our device cannot be used any more.
        """
        config, timelines = self.config, self.timelines
        invites = Invites(
            self.wire, self.configured, self.directs, config.invite_pause, config.user, timelines.is_ignored
        )
        intake = self._intake(invites)
        loop = SyncLoop(
            config, self.wire, self.session, intake.take, intake.until_committed, self._came_back, self._report
        )
        try:
            session = await self.session.open()
            await self._introduce(loop)
            await self.session.until_answered(self.directs.load)
            if self._decryption:
                await self._establish_trust(self._decryption.encryption, session)
            since = self.hub.position(config.name)
            rooms, courtesies = self.configured.run(), self.courtesies.run()
            await first_of(
                sync=loop.run(since),
                rooms=rooms,
                spaces=self.spaces.run(),
                invites=invites.run(),
                courtesies=courtesies,
            )
        finally:
            self.session.up = False
            self._tokens.end()
            await self.wire.close()

    @property
    def unreadable(self) -> int:
        """Number of encrypted messages whose key never came."""
        return self._decryption.late_keys.unreadable if self._decryption else 0

    def adopt(self, config: MatrixConfig) -> None:
        """Take changed rooms."""
        self.config = config
        self.configured.adopt(config)

    def is_in(self, room: str) -> bool:
        """Say whether we are in the room with an id."""
        return self.timelines.is_in(room)

    def forget_login(self) -> None:
        """Make the next connection log in as a new device."""
        SessionFile(self.config.store / SESSION_FILE).forget()

    def send(self, outgoing: Outgoing) -> None:
        """Queue an answer. The sync token after the answered message is not committed before the answer has left."""
        message = outgoing.message
        if message is None or message.room.network != self.config.name or not message.id:
            self.queues.put(outgoing)
            return
        self._answered.add(message)
        if batch := self._tokens.batch_of(message.id):
            self._say(outgoing, batch)
        else:
            self.queues.put(outgoing)

    async def deliver(self, outgoing: Outgoing) -> str | None:
        """Send one announcement; the event id in the homeserver's response confirms it, and is returned.

        Raises:
            OSError: the homeserver could not be reached, or we are not in the room at the moment.
            TryLater: the homeserver asks for a pause.
            Undeliverable: the homeserver refused the event, or we cannot be in the room.
        """
        if outgoing.target.startswith("!"):
            self.configured.require(outgoing.target)
        await self.queues.deliver(outgoing)
        return self.delivery.announced.get(outgoing.transaction)

    def _say(self, outgoing: Outgoing, batch: SyncBatch) -> None:
        """Queue a line. Its batch stays open until the line has left."""
        self.queues.put(outgoing, batch.hold())

    def _intake(self, invites: Invites) -> Intake:
        return Intake(
            self.config,
            self.hub,
            self.wire,
            self.session,
            self.configured,
            self.spaces,
            self.timelines,
            invites,
            Greeting(self.config, self.configured, self.timelines, self._decryption is not None),
            self._tokens,
            self._answered,
            self.delivery.threads,
            self._decryption,
            self._say,
            self.courtesies.took,
        )

    async def _introduce(self, loop: SyncLoop) -> None:
        """Make the requests that are due once after each login. Whatever fails can do without."""
        loop.wanted = await stored_filter(self.wire, self.config.user)
        try:
            if problem := await too_old(self.wire):
                self._report(problem)
            await Profile(self.config, self.wire).update()
        except (RequestRefused, TryLater, OSError) as error:
            log.warning("%s: versions or profile are left as they are: %s", self.config.name, error)

    async def _establish_trust(self, encryption: Encryption, session: MatrixSession) -> None:
        request = functools.partial(establish_trust, self.config, self.wire, session, encryption)
        self.untrusted = await self.session.until_answered(request)
        if self.untrusted:
            self._report(f"{self.untrusted}; some clients will not give us the keys of what they write")

    def _came_back(self) -> None:
        self.queues.wake()
        self.configured.wake()

    def _commit(self, token: str, passed: frozenset[str]) -> None:
        self.hub.receive(Cursor(self.config.name, token, passed))

    def _report(self, text: str) -> None:
        self.hub.report(self.config.name, text)
