"""One life of the connection: from the login until that is refused or we are cancelled. Requests may fail meanwhile."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from attrs import define, field, frozen
from nio import AsyncClient

from ptgbot.chat.adapter import Hub
from ptgbot.chat.message import Cursor, Kind, Mark, Outgoing
from ptgbot.chat.outbox import TryLater
from ptgbot.chat.racing import first_of
from ptgbot_matrix import invites, recovery
from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.crosssigning import CrossSigning, Identity
from ptgbot_matrix.delivery import Delivery
from ptgbot_matrix.directs import Directs
from ptgbot_matrix.encryption import DeviceLost, Encryption
from ptgbot_matrix.event import Event, table_in
from ptgbot_matrix.invites import Invites
from ptgbot_matrix.ledger import Ledger, Page
from ptgbot_matrix.listening import Arrived, Heard, Listener, Sealed
from ptgbot_matrix.places import Places
from ptgbot_matrix.reading import Form
from ptgbot_matrix.session import LOST, Login, Session, SessionFile, make_client, uses_encryption
from ptgbot_matrix.sync import News, Timeline, fetch, fill
from ptgbot_matrix.trouble import Trouble
from ptgbot_matrix.wire import Refused, Wire

log = logging.getLogger(__name__)
T = TypeVar("T")

AT_ONCE: Final = 100
"""Messages handed in before waiting until the core has taken them."""
REMEMBERED: Final = 5000
"""Messages of which we know that they were answered, so that an edit of one can be told so."""
EMPTY_PAUSE: Final = 0.05
MOST_LATE: Final = 500
KEY_PATIENCE: Final = 60.0
"""Seconds in which the key of a message may still come."""
UNREAD: Final = "I can't decrypt what you wrote: your client gave me no key. Please type it again."
SEALED: Final = "This room is encrypted, and I can't read that here. Please type{where} instead."
STRANGE: Final = 5
"""Refusals of our position in a row until we give it up."""
EDITED: Final = "I don't read edits: what you typed first counts. Please type it again, or undo it."


@frozen
class Late:
    """A message whose key has not come yet."""

    sealed: Sealed
    page: Page
    until: float
    through: Callable[[], None]


@define(eq=False)
class Life:
    """A login and everything that hangs on it."""

    config: MatrixConfig
    hub: Hub
    put: Callable[[Outgoing], bool]
    """Queues an answer."""
    wake: Callable[[], None]
    """Called when something may be sent that could not before."""
    up: bool = field(default=False, init=False)
    trouble: Trouble = field(init=False)
    session: Session | None = field(default=None, init=False)
    client: AsyncClient = field(init=False)
    wire: Wire = field(init=False)
    places: Places = field(init=False)
    directs: Directs = field(init=False)
    delivery: Delivery = field(init=False)
    listener: Listener = field(init=False)
    ledger: Ledger = field(init=False)
    encryption: Encryption | None = field(default=None, init=False)
    unsigned: str = field(default="", init=False)
    """Why others may not trust our device, empty where they can."""
    unread: int = field(default=0, init=False)
    """Encrypted messages whose key never came."""
    _login: Login = field(init=False)
    _invites: Invites = field(init=False)
    _held: dict[int, list[Callable[[], None]]] = field(factory=dict, init=False)
    """What to call when an answer has left, by the identity of the answer."""
    _answered: OrderedDict[str, str] = field(factory=OrderedDict, init=False)
    """Senders of messages that were answered, by the message's id."""
    _late: list[Late] = field(factory=list, init=False)
    _empty: int = field(default=0, init=False)
    _strange: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        config = self.config
        self.trouble = Trouble(config)
        self.client = make_client(config)
        self.wire = Wire(self.client, config.request_timeout)
        self.places = Places(config, self.wire, self.is_in, self._report)
        if uses_encryption(config):
            self.encryption = Encryption(self.client, self.wire)
        self.directs = Directs(self.wire, self._user, self.is_in, encrypted=self.encryption is not None)
        self.delivery = Delivery(config, self.wire, self.directs, self.is_in, self.encryption)
        opener = self.encryption.open if self.encryption else lambda _room, _event: None
        self.listener = Listener(config, self.places, self._user, self.hub.clock, opener)
        self.ledger = Ledger(self._commit)
        self._login = Login(config, self.wire, SessionFile(config.store / "session.json"), self._report)
        self._invites = Invites(self.wire, self.places, self.directs, config.invite_pause)

    async def run(self) -> None:
        """Be logged in and follow the rooms. Raises LoginRefused."""
        try:
            self.session = await self._patiently(self._login.open)
            await self._patiently(self.directs.load)
            if self.encryption:
                await self._patiently(self._prove_ourselves)
            await first_of(sync=self._sync_for_ever(), places=self.places.run(), invites=self._invites.run())
        finally:
            self.up = False
            await self.wire.close()

    async def _prove_ourselves(self) -> None:
        """Have our keys at the homeserver, signed by our own identity."""
        assert self.encryption
        assert self.session
        await self.encryption.keep_house()
        identity = Identity.load(self.session.user, self.config.store / "cross-signing.json")
        signing = CrossSigning(self.wire, identity, self.session.device, self.config.password)
        self.unsigned = await (signing.establish() if self.config.recover else signing.problem())
        if not self.unsigned and self.config.recover:
            await recovery.keep(self.wire, identity, self.config.store / "recovery-key")
        if self.unsigned:
            self._report(f"{self.unsigned}; some clients will not give us the keys of what they write")

    def is_in(self, room: str) -> bool:
        """Say whether we are in a room."""
        return room in self.listener.rooms

    def forget_login(self) -> None:
        """Make the next life begin with a new login."""
        SessionFile(self.config.store / "session.json").forget()

    # Answers

    def answering(self, outgoing: Outgoing) -> Callable[[], None] | None:
        """Keep the position back until an answer has left; return what to call then."""
        message = outgoing.message
        if message is None or message.room.network != self.config.name or not message.id:
            return None
        self._remember(self._answered, message.id, message.person.account or "")
        page = self.ledger.page_of(message.id)
        return page.hold() if page else None

    # News

    async def _sync_for_ever(self) -> None:
        since, full = self.hub.position(self.config.name), True
        while True:
            began = time.monotonic()
            news = await self._patiently(lambda s=since, f=full: self._ask(s, f))  # type: ignore[misc]
            await self._take(news, since, full)
            if since is None:
                # Twice: once for what came, once for the position behind it. Nothing counts before that is kept.
                await self._until_taken()
                await self._until_taken()
            since, full = news.position, False
            if not self.up:
                self.up = True
                self.wake()
                self.places.wake()
            await self._breathe(news, time.monotonic() - began)

    async def _ask(self, since: str | None, full: bool) -> News:
        # After an outage the server need not wait for news: that it answers is news enough.
        patience = self.config.sync_timeout if self.up else 0.0
        try:
            return await fetch(self.wire, since, full=full, seconds=patience)
        except Refused as refused:
            self._strange = self._strange + 1 if since is not None and refused.status == 400 else 0
            if self._strange < STRANGE:
                raise
            # A server that was set up anew does not know where we were; without this we would ask for ever.
            self._report(f"the homeserver does not know our position any more: {refused}. What came since is lost.")
            self._strange = 0
            return await fetch(self.wire, None, full=True, seconds=self.config.sync_timeout)

    async def _breathe(self, news: News, took: float) -> None:
        """Don't let a server that answers at once with nothing keep us busy."""
        self._empty = self._empty + 1 if news.is_empty and took < self.config.sync_timeout / 2 else 0
        if self._empty > 1:
            await asyncio.sleep(min(EMPTY_PAUSE * 2.0 ** min(self._empty, 16), self.config.retry_limit))

    async def _take(self, news: News, since: str | None, full: bool) -> None:
        if full:
            await self._find_places()
        page = self.ledger.begin(news.position)
        for room, events in news.left.items():
            self._left(room, events)
        if self.encryption:
            await self.encryption.follow(news)
            if table_in(news.raw, "to_device").get("events") or self._late_is_due():
                await self._try_late()
        for timeline in news.joined:
            if since is not None and timeline.prev_batch and (full or self.is_in(timeline.room)):
                start = since
                timeline.gap.extend(
                    await self._patiently(lambda t=timeline, s=start: fill(self.wire, t, s, self.config.backlog))  # type: ignore[misc]
                )
            heard = self._follow(timeline, full)
            if since is not None:
                await self._hand_in(heard, page)
        for room, raw in news.invited.items():
            if invite := invites.read(self._user(), room, raw):
                self._invites.put(invite, page.hold())
        self.hub.receive(Mark(self.config.name, page.release))

    async def _find_places(self) -> None:
        """Know the configured rooms before anything said in one is read: elsewhere everybody is in private."""
        try:
            await self.places.resolve()
        except (OSError, TryLater) as error:
            log.warning("%s: not every room is known yet: %s", self.config.name, error)

    def _follow(self, timeline: Timeline, full: bool) -> Sequence[Heard | Arrived | Sealed]:
        try:
            return list(self.listener.take(timeline, anew=full))
        except Exception:
            # Whatever a server sends in one room must not stop us in the others.
            log.exception("%s: what came in %s could not be read", self.config.name, timeline.room)
            return ()

    def _left(self, room: str, events: list[Event]) -> None:
        self.listener.rooms.pop(room, None)
        last = next((event for event in reversed(events) if event.is_member(self._user())), None)
        by = last.sender if last else "somebody"
        if by != self._user():
            self.places.removed(room, by)

    async def _hand_in(self, heard: Sequence[Heard | Arrived | Sealed], page: Page) -> None:
        for number, one in enumerate(heard, 1):
            if isinstance(one, Arrived):
                self._greet(one, page)
            elif isinstance(one, Sealed):
                self._set_aside(one, page)
            elif one.form is Form.EDITED:
                self._edited(one, page)
            else:
                page.ids.add(one.message.id)
                if one.thread:
                    self._remember(self.delivery.threads, one.message.id, one.thread)
                self.hub.receive(one.message)
            if number % AT_ONCE == 0:
                await self._until_taken()

    async def _until_taken(self) -> None:
        taken = asyncio.Event()
        if self.hub.receive(Mark("", taken.set)):
            await taken.wait()

    def _set_aside(self, sealed: Sealed, page: Page) -> None:
        """Wait a while for the key of a message; it may come in a later sync."""
        if self.encryption and len(self._late) < MOST_LATE:
            self._late.append(Late(sealed, page, time.monotonic() + KEY_PATIENCE, page.hold()))

    def _late_is_due(self) -> bool:
        return any(time.monotonic() >= one.until for one in self._late)

    async def _try_late(self) -> None:
        late, self._late = self._late, []
        for one in late:
            if heard := self.listener.again(one.sealed):
                await self._hand_in([heard], one.page)
                # Behind the answer, which holds the page itself by then.
                self.hub.receive(Mark(self.config.name, one.through))
            elif time.monotonic() < one.until:
                self._late.append(one)
            else:
                self._give_up(one)

    def _give_up(self, late: Late) -> None:
        room, event = late.sealed.room, late.sealed.event
        self.unread += 1
        log.warning("%s: no key came for a message of %s", self.config.name, event.sender)
        if self.places.of(room) is None:
            self._say(Outgoing(Kind.ANNOUNCE, room, UNREAD, None, f"ptg-unread-{event.id}"), late.page)
        late.through()

    def _greet(self, arrived: Arrived, page: Page) -> None:
        self.places.wake()
        if arrived.encrypted and self.encryption is None:
            elsewhere = ", ".join(place.name for place in self.places.places if not self._is_sealed(place.ids))
            text = SEALED.format(where=f" in {elsewhere}" if elsewhere else " in a chat that is not encrypted")
            self._say(Outgoing(Kind.ANNOUNCE, arrived.room, text, None, f"ptg-sealed-{arrived.event}"), page)
            return
        if self.places.of(arrived.room) is None and not arrived.created_by_us and self.config.greeting:
            greeting = Outgoing(Kind.ANNOUNCE, arrived.room, self.config.greeting, None, f"ptg-hello-{arrived.event}")
            self._say(greeting, page)

    def _is_sealed(self, rooms: Sequence[str]) -> bool:
        return any(room in self.listener.rooms and self.listener.rooms[room].encrypted for room in rooms)

    def _edited(self, heard: Heard, page: Page) -> None:
        """Say once that edits are not read, to whoever edits a command of their own."""
        if self._answered.get(heard.original) != heard.message.person.account:
            return
        del self._answered[heard.original]
        told = Outgoing(Kind.REPLY, heard.message.room.id, EDITED, heard.message, f"ptg-edit-{heard.original}")
        self._say(told, page)

    def _say(self, outgoing: Outgoing, page: Page) -> None:
        through = page.hold()
        if self.put(outgoing):
            self.hold(outgoing, through)
        else:
            through()

    def hold(self, outgoing: Outgoing, through: Callable[[], None]) -> None:
        """Call something when an answer has left."""
        self._held.setdefault(id(outgoing), []).append(through)

    def left(self, outgoing: Outgoing) -> None:
        """Take note that an answer has left or was dropped."""
        for through in self._held.pop(id(outgoing), ()):
            through()

    # Odds and ends

    async def _patiently(self, request: Callable[[], Awaitable[T]]) -> T:
        """Make a request until it is answered. Raises LoginRefused."""
        while True:
            try:
                found = await request()
            except TryLater as later:
                self.trouble.text = f"the homeserver asks for a pause of {later.seconds:g} s"
                await asyncio.sleep(later.seconds)
            except Refused as refused:
                if refused.code in LOST and self.session is not None:
                    await self._wait(str(refused))
                    if self.encryption and not refused.soft and not self._login.given:
                        raise DeviceLost(str(refused)) from refused
                    self.session = await self._patiently(self._login.open)
                else:
                    await self._wait(str(refused))
            except OSError as error:
                await self._wait(str(error) or type(error).__name__)
            else:
                self.trouble.clear()
                return found

    async def _wait(self, why: str) -> None:
        if why != self.trouble.text:
            log.warning("%s: %s", self.config.name, why)
        self.up = False
        await asyncio.sleep(self.trouble.next(why))

    def _commit(self, position: str, passed: frozenset[str]) -> None:
        self.hub.receive(Cursor(self.config.name, position, passed))

    def _user(self) -> str:
        return self.config.user

    def _report(self, text: str) -> None:
        log.warning("%s: %s", self.config.name, text)
        self.hub.report(self.config.name, text)

    def _remember(self, where: OrderedDict[str, str], key: str, value: str) -> None:
        where[key] = value
        while len(where) > REMEMBERED:
            where.popitem(last=False)
