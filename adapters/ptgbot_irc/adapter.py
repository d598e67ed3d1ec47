"""The adapter of one IRC network: it replaces each lost connection by a new one, without end."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Final

from ptgbot.chat.adapter import Adapter, Colour, Health, Hub, LoginRefused
from ptgbot.chat.backoff import Backoff
from ptgbot.chat.message import Kind, Outgoing, Person
from ptgbot.chat.outbox import Bounds, Outbox, Pace
from ptgbot.chat.racing import first_of
from ptgbot_irc.config import IrcConfig
from ptgbot_irc.connection import Connection
from ptgbot_irc.isupport import Features
from ptgbot_irc.names import is_nick
from ptgbot_irc.speaking import topic_size
from ptgbot_irc.successes import Successes

log = logging.getLogger(__name__)

ALARM: Final = 6
"""Tries to connect in a row after which somebody is told."""


class IrcAdapter(Adapter):
    """The adapter of one IRC network, and the courier of its outbox."""

    def __init__(self, config: IrcConfig, first: bool) -> None:
        self.name = config.name
        self._config = config
        self._first = first
        self._connection: Connection | None = None
        self._trouble = "not started"
        self._red = False
        self._away = False
        self._unreadable = 0
        self.outbox: Outbox[bytes] = Outbox(
            self,
            Pace(config.messages_per_second, config.burst),
            Bounds(config.queue_per_person, config.queue_total, config.keep),
            left=self._left,
            join=self._join,
        )
        self._successes = Successes(self.outbox.put, config.confirm_pause)

    async def run(self, hub: Hub) -> None:
        """Stay on the network until cancelled, and reconnect whenever the connection is lost.

        Raises:
            LoginRefused: the server or services refused our login, at once or ``login_tries`` times after an earlier
                success.
        """
        self._red = False
        try:
            await first_of(supervisor=self._supervise(hub), outbox=self.outbox.run())
        except LoginRefused as refused:
            self._red, self._trouble = True, str(refused)
            raise

    def send(self, outgoing: Outgoing) -> None:
        """Queue an answer and return at once.

        Answers of the kind REACH are dropped, because a private message needs no preparation. Successes (DONE) of a
        channel are gathered into one line, unless the channel wants reactions or nothing; quiet ones are reactions or
        nothing.
        """
        match outgoing.kind:
            case Kind.REACH:
                pass
            case Kind.DONE:
                self._succeeded(outgoing)
            case _:
                self.outbox.put(outgoing)

    def _succeeded(self, outgoing: Outgoing) -> None:
        how = self._config.confirm_in(outgoing.target)
        if how == "tag" and self._connection is not None and self._connection.reacts(outgoing):
            self.outbox.put(outgoing)
        elif how != "none" and outgoing.message is not None and not outgoing.quiet:
            self._successes.add(outgoing)

    def _join(self, outgoings: Sequence[Outgoing]) -> tuple[int, Sequence[bytes]]:
        return self._connection.together(outgoings) if self._connection else (0, ())

    def _left(self, outgoing: Outgoing) -> None:
        if outgoing.kind is Kind.DONE:
            self._successes.lost(outgoing)

    async def deliver(self, outgoing: Outgoing) -> None:
        """Send one announcement and wait until the server has it: until it answers a PING sent behind the announcement.

        Raises:
            OSError: the connection is missing or was lost, or the PING was not answered within ``ping_timeout``.
            TryLater: the outbox is full.
            Undeliverable: the server refused the line.
        """
        await self._connected().deliver(outgoing, self.outbox)

    def topic(self, target: str) -> str | None:
        """Return the topic of a channel as the server last told it (RPL_TOPIC or TOPIC), None if it is unknown."""
        return self._connection.topic(target) if self._connection else None

    async def set_topic(self, target: str, text: str) -> None:
        """Set the topic of a channel and wait for the server's TOPIC line.

        Raises:
            OSError: the connection is missing or was lost, or the command was not confirmed in time.
            TryLater: the outbox is full.
            Undeliverable: the server refused the topic or left it unchanged.
        """
        await self._connected().set_topic(target, text, self.outbox)

    def topic_limit(self, target: str) -> int:
        """Return the longest topic of a channel in bytes: the server's TOPICLEN, or the length that fits a line."""
        return self._connection.topic_limit(target) if self._connection else topic_size(Features(), target)

    def members(self, target: str) -> Sequence[Person]:
        """Return the people in a channel, as NAMES and the lines after it list them; empty while unknown."""
        return self._connection.members(target) if self._connection else ()

    def address(self, key: str) -> str | None:
        """Return the nick that a person's key names, None if the key belongs to another network."""
        nick, at, network = key.partition("@")
        ours = not at if self._first else network == self.name
        return nick if ours and is_nick(nick) else None

    def room(self, name: str) -> str | None:
        """Return the name of a channel that we are in, None for any other channel."""
        return name if self._connection and self._connection.channels.is_joined(name) else None

    def health(self) -> Health:
        """Return the state of the connection. It is red after a refused login or six failed tries."""
        connection = self._connection
        if self._red:
            return Health(Colour.RED, self._trouble)
        if connection is None:
            return Health(Colour.RED if self._away else Colour.YELLOW, f"not connected: {self._trouble}")
        if not connection.logged_in:
            text = f"not connected: {connection.stage}; before: {self._trouble}"
            return Health(Colour.RED if self._away else Colour.YELLOW, text)
        missing = [place.config.name for place in connection.channels.missing()]
        if missing:
            more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            return Health(Colour.YELLOW, f"not in {', '.join(missing[:5])}{more}")
        if not connection.nick.has_own():
            longest = connection.session.features.nicklen
            is_long = longest is not None and len(self._config.nick) > longest
            why = f"nicks of this server have at most {longest} characters" if is_long else "our nick is taken"
            return Health(Colour.YELLOW, f"as {connection.session.identity.nick}: {why}")
        return Health(Colour.GREEN, f"as {connection.session.identity.nick}")

    def is_connected(self) -> bool:
        """Say whether we are logged in."""
        return self._connection is not None and self._connection.logged_in

    def waiting(self) -> int:
        """Return the number of answers that wait to be sent."""
        return len(self.outbox)

    def adopt(self, config: IrcConfig) -> None:
        """Take a changed configuration: nick, channels, paces and bounds.

        What belongs to the setting up of a connection counts from the next one on.
        """
        self._config = config
        self.outbox.limit(
            Pace(config.messages_per_second, config.burst),
            Bounds(config.queue_per_person, config.queue_total, config.keep),
        )
        self._successes.pause = config.confirm_pause
        if self._connection is not None:
            self._connection.adopt(config)

    def counts(self) -> Mapping[str, int]:
        """Return the number of answers that were dropped unsent and of lines that could not be parsed."""
        now = self._connection.unreadable if self._connection else 0
        return {"unsent": self.outbox.dropped.total(), "unreadable": self._unreadable + now}

    async def drain(self) -> None:
        """Wait until all queued answers have been sent; the caller limits the time."""
        self._successes.flush()
        if self._connection is not None:
            await self._connection.go_away()
        await self.outbox.drain()

    # What the outbox asks of its courier

    def ready(self, target: str) -> bool:
        """Say whether an answer to this target can leave now."""
        return self._connection is not None and self._connection.ready(target)

    def pieces(self, outgoing: Outgoing) -> Sequence[bytes]:
        """Return the lines of an answer, cut to the length that our present nick, user and host leave.

        Raises:
            ValueError: the target is neither a channel nor a nick.
        """
        if self._connection is None:
            return ()
        if outgoing.kind is Kind.DONE:
            if self._config.confirm_in(outgoing.target) == "tag" and self._connection.reacts(outgoing):
                return self._connection.reaction(outgoing)
            outgoing = self._successes.told(outgoing)
        return self._connection.lines(outgoing)

    async def write(self, piece: bytes) -> None:
        """Send one line.

        Raises:
            OSError: there is no connection, or the server takes no bytes.
        """
        if self._connection is None:
            raise ConnectionError("not connected")
        await self._connection.write(piece)

    def _connected(self) -> Connection:
        if self._connection is None:
            raise ConnectionError(f"not connected: {self._trouble}")
        return self._connection

    async def _supervise(self, hub: Hub) -> None:
        backoff = Backoff(self._config.retry_first, self._config.retry_limit)
        refusals, had_login, pause = 0, False, False
        while True:
            backoff.first, backoff.limit = self._config.retry_first, self._config.retry_limit
            await asyncio.sleep(self._config.login_retry if pause else backoff.next())
            pause = False
            if backoff.tries == ALARM:
                self._away = True
                hub.report(self.name, f"not connected after {ALARM} tries: {self._trouble}")
            self._connection = Connection(self._config, hub, self._first, self.outbox.wake)
            began = time.monotonic()
            try:
                await self._connection.run()
            except LoginRefused as refused:
                refusals += 1
                if not had_login or refusals >= self._config.login_tries:
                    raise
                self._lost(str(refused))
                pause = True
            except OSError as error:
                self._lost(str(error) or type(error).__name__)
            except Exception:
                # The edge of a supervised task: a bug costs this connection, not the network.
                log.exception("%s: the connection failed", self.name)
                self._lost("an error of ours, see the log")
            finally:
                if self._connection.was_logged_in:
                    had_login, refusals = True, 0
                    self._away = False
                self._unreadable += self._connection.unreadable
                self._connection = None
            if time.monotonic() - began >= self._config.stable_after:
                backoff.reset()

    def _lost(self, why: str) -> None:
        # While a network is away, every try fails in the same way.
        if why != self._trouble:
            log.warning("%s: %s", self.name, why)
        self._trouble = why
