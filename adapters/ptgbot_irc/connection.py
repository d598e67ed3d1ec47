"""One connection from its first byte to its last: registration, login, channels, pings, farewell."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from attrs import define, field

from ptgbot.chat.adapter import Hub, LoginRefused, Undeliverable
from ptgbot.chat.bridged import Bridges
from ptgbot.chat.message import Kind, Outgoing, Person
from ptgbot.chat.outbox import Outbox
from ptgbot.chat.racing import first_of
from ptgbot.chat.text import cut
from ptgbot_irc.bots import Bots
from ptgbot_irc.channels import Channels
from ptgbot_irc.client import Client
from ptgbot_irc.config import IrcConfig
from ptgbot_irc.confirming import BY_OTHERS, RETITLING, SPEAKING, Confirmations, Question
from ptgbot_irc.ctcp import Requests
from ptgbot_irc.hearing import RoomEvents
from ptgbot_irc.identity import Identity
from ptgbot_irc.line import Line
from ptgbot_irc.nick import NickKeeper
from ptgbot_irc.nickserv import NickServ
from ptgbot_irc.reading import Reader
from ptgbot_irc.sasl import Outcome
from ptgbot_irc.session import Session
from ptgbot_irc.speaking import REACT_TAG, lines, reaction, together, topic_size
from ptgbot_irc.text import clean

LEAVING = "shutting down"
GOODBYE = 2.0
"""Seconds for the server to take our QUIT."""


class ConnectionLost(ConnectionError):
    """The connection is lost. The message tells people why."""


def _ignored(config: IrcConfig) -> tuple[str, ...]:
    # Services that speak in private messages would be answered, and answer.
    return (config.nickserv.partition("@")[0], *config.ignore)


@define(eq=False)
class Connection:
    """One connection: opened, registered, logged in and in its channels, until it is lost."""

    config: IrcConfig
    hub: Hub
    first: bool
    changed: Callable[[], None]
    """Called when something may be sent that could not before."""
    logged_in: bool = field(default=False, init=False)
    was_logged_in: bool = field(default=False, init=False)
    stage: str = field(default="connecting", init=False)
    session: Session = field(init=False)
    channels: Channels = field(init=False)
    nick: NickKeeper = field(init=False)
    _bots: Bots = field(init=False)
    _client: Client = field(init=False)
    _login: NickServ = field(init=False)
    _reader: Reader = field(init=False)
    _requests: Requests = field(init=False)
    _events: RoomEvents = field(init=False)
    _confirmations: Confirmations = field(init=False)
    _pong: asyncio.Event = field(factory=asyncio.Event, init=False)

    def __attrs_post_init__(self) -> None:
        config = self.config
        self.session = Session(Identity(config.nick))
        self._client = Client(config, self._take, self.hub.introduction())
        self.channels = Channels(config, self.session, self._client.rawmsg, self._report, self.changed)
        self.nick = NickKeeper(config, self.session, self._client.rawmsg)
        self._login = NickServ(config, self.session, self._client.rawmsg, self._report)
        self._bots = Bots(self.session, self._tagged, self._client.rawmsg, config.bots_interval)
        bridges = Bridges(config.puppets, config.relays)
        ignored = _ignored(config)
        self._reader = Reader(config.name, self.session, self.first, config.rooms, ignored, self._bots, bridges)
        self._requests = Requests(self.hub.introduction, self._client.rawmsg)
        self._events = RoomEvents(self.session, self._reader, self.hub.listens)
        self._confirmations = Confirmations(self.session)

    async def run(self) -> None:
        """Keep the connection until it ends. Never returns.

        Raises:
            OSError: the connection failed or was lost.
            LoginRefused: the server or services refused our login.
        """
        try:
            await self._open()
            await first_of(closed=self._until_closed(), life=self._live())
        except LoginRefused:
            await self._say_goodbye()
            raise
        except asyncio.CancelledError:
            await self._say_goodbye()
            raise
        finally:
            self.logged_in = False
            self._confirmations.lost(self._client.reason)
            await self._client.close()

    def adopt(self, config: IrcConfig) -> None:
        """Take a changed configuration; rooms are joined and left, the connection stays."""
        self.config = config
        self._reader.adopt(config.rooms, _ignored(config), Bridges(config.puppets, config.relays))
        self.channels.adopt(config)
        self.nick.adopt(config)
        self._login.config = config
        self._bots.interval = config.bots_interval
        self._client.adopt(config)

    @property
    def unreadable(self) -> int:
        """Number of lines of this connection that could not be parsed."""
        return self._client.unreadable

    def ready(self, target: str) -> bool:
        """Say whether a line to this target can leave now: we are logged in, and in the channel if the target is one.
        """
        if not self.logged_in:
            return False
        return not self.session.features.is_channel(target) or self.channels.is_joined(target)

    def lines(self, outgoing: Outgoing) -> Sequence[bytes]:
        """Return the lines of an answer, cut to the length that the server passes on.

        Raises:
            ValueError: the target is neither a channel nor a nick.
        """
        answered = self._answered(outgoing) if self.config.reply_tags else ""
        return lines(outgoing, self.session, self.config.max_lines, answered)

    def together(self, outgoings: Sequence[Outgoing]) -> tuple[int, Sequence[bytes]]:
        """Return how many of several answers in one channel fit into one line, and that line."""
        return together(outgoings, self.session)

    async def go_away(self) -> None:
        """Tell people who write to us, or look at us, that we are about to leave."""
        if self.logged_in:
            with contextlib.suppress(OSError):
                await self._client.rawmsg("AWAY", self.config.quit_message or LEAVING)

    def reacts(self, outgoing: Outgoing) -> bool:
        """Say whether the message that an answer belongs to can get a reaction: it has an id, and tags are relayed."""
        return bool(self._answered(outgoing)) and self.session.features.relays(REACT_TAG)

    def reaction(self, outgoing: Outgoing) -> Sequence[bytes]:
        """Return the line that adds a reaction to the message that an answer belongs to."""
        return [reaction(outgoing.target, self._answered(outgoing))]

    def _answered(self, outgoing: Outgoing) -> str:
        """Return the server's id of the message that is answered; empty if it has none or no tags can be sent."""
        return self._reader.ids.get(outgoing.message, "") if self._tagged() and outgoing.message else ""

    async def write(self, line: bytes) -> None:
        """Send one line.

        Raises:
            OSError: there is no connection, or it broke.
        """
        await self._client.write(line)

    async def deliver(self, outgoing: Outgoing, outbox: Outbox[bytes]) -> None:
        """Send an answer through the outbox and wait until the server has carried it out.

        Raises:
            OSError: we are not connected or not in the channel, or no confirmation arrived within ``ping_timeout``.
            TryLater: the outbox is full.
            Undeliverable: the server refused the line, or will never let us into the channel.
        """
        self._must_reach(outgoing.target)
        with self._confirmations.question(outgoing.target, SPEAKING) as question:
            await first_of(sent=self._send(outgoing, outbox, question), answered=question.answer())

    def topic(self, channel: str) -> str | None:
        """Return the topic of a channel without formatting, None while it is unknown."""
        here = self.session.membership.channel(channel)
        return None if here is None or here.topic is None else clean(here.topic)

    async def set_topic(self, channel: str, text: str, outbox: Outbox[bytes]) -> None:
        """Set the topic of a channel, cut to :meth:`topic_limit` bytes, and wait until the server confirms it.

        Where the server refuses it, services are asked, if the configuration names them.

        Raises:
            OSError: we are not connected or not in the channel, or no confirmation arrived within ``ping_timeout``.
            TryLater: the outbox is full.
            Undeliverable: the server refused the topic, left it unchanged, or will never let us into the channel.
        """
        wanted = cut(clean(text), self.topic_limit(channel))

        def check() -> None:
            # A server may send no TOPIC line where the topic stays the same.
            if self.topic(channel) != wanted:
                raise Undeliverable(f"the server left the topic of {channel} as it was")

        self._must_reach(channel)
        try:
            with self._confirmations.question(channel, RETITLING, check) as question:
                outgoing = Outgoing(Kind.TOPIC, channel, wanted)
                await first_of(sent=self._send(outgoing, outbox, question), answered=question.answer())
        except Undeliverable:
            if not self.config.topic_services:
                raise
            await self._ask_services(channel, wanted, outbox)

    async def _ask_services(self, channel: str, topic: str, outbox: Outbox[bytes]) -> None:
        """Let services set a topic, and wait until the server says that they have.

        Raises:
            OSError, TryLater: as :meth:`deliver`.
            Undeliverable: services did not set it within ``ping_timeout``.
        """
        services = self.config.topic_services
        with self._confirmations.question(channel, BY_OTHERS) as question:
            await self.deliver(Outgoing(Kind.ANNOUNCE, services, f"TOPIC {channel} {topic}"), outbox)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.config.ping_timeout):
                    await question.answer()
        if self.topic(channel) != topic:
            raise Undeliverable(f"neither we nor {services} may set the topic of {channel}")

    def topic_limit(self, channel: str) -> int:
        """Return the longest topic of a channel in bytes; the command to services must fit into one line."""
        direct = topic_size(self.session.features, channel)
        services = self.config.topic_services
        if not services:
            return direct
        command = f"{services} :TOPIC {channel} "
        return min(direct, topic_size(self.session.features, command) - len("PRIVMSG"))

    def members(self, channel: str) -> Sequence[Person]:
        """Return the people in a channel besides us and bots; empty while unknown."""
        return self._events.members(channel)

    def _must_reach(self, target: str) -> None:
        if not self.logged_in:
            raise ConnectionError(f"not connected: {self.stage}")
        if not self.session.features.is_channel(target):
            return
        if refusal := self.channels.refusal(target):
            raise Undeliverable(refusal)
        if not self.channels.is_joined(target):
            raise ConnectionError(f"not in {target} at the moment")

    async def _send(self, outgoing: Outgoing, outbox: Outbox[bytes], question: Question) -> None:
        """Send a line with its PING.

        Raises:
            TimeoutError: the PING was not answered within ``ping_timeout``.
        """
        await outbox.deliver(outgoing, question.ask)
        await asyncio.sleep(self.config.ping_timeout)
        raise TimeoutError(f"{outgoing.target} was not confirmed within {self.config.ping_timeout:g} s")

    async def _open(self) -> None:
        try:
            await self._client.open()
        except ConnectionError as error:
            # Closed while we were still introducing ourselves: the reader knows what the server said about it.
            if await self._client.ended():
                raise ConnectionLost(self._client.reason) from error
            raise

    async def _live(self) -> None:
        self.stage = "registering"
        try:
            async with asyncio.timeout(self.config.registration_timeout):
                await first_of(welcome=self.session.welcomed.wait(), refused=self._until_refused())
        except TimeoutError:
            raise ConnectionLost(f"no welcome within {self.config.registration_timeout:g} s of registering") from None
        await first_of(pings=self._ping(), stay=self._stay())

    async def _stay(self) -> None:
        self.stage = "logging in"
        await self._log_in()
        if self.config.bot_mode and self.session.features.bot_mode:
            await self._client.rawmsg("MODE", self.session.identity.nick, f"+{self.session.features.bot_mode}")
        self.channels.set_out()
        self.stage = "connected"
        self.logged_in = self.was_logged_in = True
        self.changed()
        await first_of(
            channels=self.channels.run(), nick=self.nick.run(), bots=self._bots.run(), requests=self._requests.run()
        )

    async def _log_in(self) -> None:
        """Make sure that a configured login has succeeded. Without it no channel is joined.

        Raises:
            ConnectionLost: the server offers no SASL at the moment; a later connection may succeed.
            LoginRefused: services refused our login.
        """
        sasl = self._client.sasl
        if sasl is not None and sasl.outcome is Outcome.DONE:
            return
        match self.config.login:
            case "sasl":
                why = "broke off the login" if sasl else "offers no login by password (SASL PLAIN) at the moment"
                raise ConnectionLost(f"the server {why}; no channel is joined without it")
            case "certfp":
                await self._login.wait(sasl.reason if sasl else "")
            case "nickserv":
                await self._login.log_in()

    async def _until_refused(self) -> None:
        await self._client.refused.wait()
        reason = self._client.sasl.reason if self._client.sasl else ""
        raise LoginRefused(f"the server refused {self.config.account_name}: {reason}")

    async def _until_closed(self) -> None:
        await self._client.closed.wait()
        raise ConnectionLost(self._client.reason)

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(self.config.ping_interval)
            self._pong.clear()
            try:
                async with asyncio.timeout(self.config.ping_timeout):
                    await self._client.rawmsg("PING", "ptgbot")
                    await self._pong.wait()
            except TimeoutError:
                raise ConnectionLost(f"no answer to a ping within {self.config.ping_timeout:g} s") from None

    async def _say_goodbye(self) -> None:
        if not self.session.welcomed.is_set():
            return
        with contextlib.suppress(OSError):
            async with asyncio.timeout(GOODBYE):
                await self._client.rawmsg("QUIT", self.config.quit_message)
                await self._client.closed.wait()

    def _take(self, line: Line) -> None:
        """Handle one line in the order of the server. Never awaits, so that no later line can overtake it."""
        if line.command == "PONG":
            self._pong.set()
        now = self.hub.clock()
        heard = [*self._events.hear(line, now)]
        returned = self._events.returns(line)
        self.session.take(line)
        self.nick.take(line)
        self._login.take(line)
        self.channels.take(line)
        self._bots.take(line)
        self._confirmations.take(line)
        if returned and (back := self._events.returned(line.param(1), now)):
            heard.append(back)
        if line.command == "PRIVMSG" and self.session.is_own(line.param(0)) and self._reader.is_person(line):
            self._requests.take(line)
        message = self._reader.read(line, now)
        for item in heard if message is None else [message]:
            self.hub.receive(item)

    def _tagged(self) -> bool:
        return self._client.can("message-tags")

    def _report(self, text: str) -> None:
        self.hub.report(self.config.name, text)
