"""The nicks that are bots, for servers that have a bot mode but do not tag the messages of bots.

After joining a channel the bot asks about it once with WHO, and again after ``interval`` seconds if people have joined
since. It never sends WHOIS and never asks about a single nick.
Source: https://ircv3.net/specs/extensions/bot-mode.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from attrs import define, field

from ptgbot_irc.line import Line
from ptgbot_irc.session import Session

PAUSE: Final = 1.0
"""Seconds between two questions: there may be 150 channels."""
PATIENCE: Final = 30.0
"""Seconds for the end of an answer, before another channel is asked about."""
TRY_AGAIN: Final = "263"


@define(eq=False)
class Bots:
    """The bots in our channels, for one connection. ``nick in bots`` says whether a nick is known as a bot."""

    session: Session
    tagged: Callable[[], bool]
    """Whether the server tags the lines of bots; then no channel is asked."""
    send: Callable[..., Awaitable[None]]
    interval: float
    """Seconds before a channel is asked again, if people have come since."""
    pause: float = PAUSE
    clock: Callable[[], float] = time.monotonic
    _known: dict[str, set[str]] = field(factory=dict, init=False)
    """Folded channel → folded nicks of the bots there."""
    _due: dict[str, float] = field(factory=dict, init=False)
    """Folded channel → when to ask, on the monotonic clock."""
    _asked: dict[str, float] = field(factory=dict, init=False)
    _answered: asyncio.Event = field(factory=asyncio.Event, init=False)
    _wake: asyncio.Event = field(factory=asyncio.Event, init=False)

    def __contains__(self, nick: object) -> bool:
        folded = self.session.features.fold(str(nick))
        return any(folded in nicks for nicks in self._known.values())

    def take(self, line: Line) -> None:
        """Update the record from one line of the server."""
        if not self._asking():
            return
        match line.command, line.params:
            case "JOIN", (channels, *_):
                for name in channels.split(","):
                    self._joined(name, line.nick)
            case "PART", (channels, *_):
                for name in channels.split(","):
                    self._left(name, line.nick)
            case "KICK", (name, nick, *_):
                self._left(name, nick)
            case "QUIT", _:
                self._forget(line.nick)
            case "NICK", (new, *_):
                self._renamed(line.nick, new)
            case "352", (_, name, _user, _host, _server, nick, flags, *_):
                self._told(name, nick, flags)
            case "315", _:
                self._answered.set()
            case command, (_, "WHO", *_) if command == TRY_AGAIN:
                self._answered.set()

    async def run(self) -> None:
        """Ask about one due channel after the other, without end.

        Raises:
            OSError: the connection was lost.
        """
        while True:
            self._wake.clear()
            name, due = min(self._due.items(), key=lambda entry: entry[1], default=("", float("inf")))
            if due > self.clock():
                await _wait(self._wake, None if due == float("inf") else due - self.clock())
                continue
            del self._due[name]
            self._asked[name] = self.clock()
            self._answered.clear()
            await self.send("WHO", name)
            await _wait(self._answered, PATIENCE)
            await asyncio.sleep(self.pause)

    def _asking(self) -> bool:
        return bool(self.session.features.bot_mode) and not self.tagged()

    def _joined(self, name: str, nick: str) -> None:
        channel = self.session.features.fold(name)
        if self.session.is_own(nick):
            self._known[channel] = set()
            self._due[channel] = self.clock()
        elif channel in self._known:
            # Somebody new under this nick: forget what was known of its former owner.
            self._known[channel].discard(self.session.features.fold(nick))
            self._due.setdefault(channel, self._asked.get(channel, self.clock()) + self.interval)
        self._wake.set()

    def _left(self, name: str, nick: str) -> None:
        channel = self.session.features.fold(name)
        if self.session.is_own(nick):
            for record in (self._known, self._due, self._asked):
                record.pop(channel, None)
        else:
            self._known.get(channel, set()).discard(self.session.features.fold(nick))

    def _forget(self, nick: str) -> None:
        for nicks in self._known.values():
            nicks.discard(self.session.features.fold(nick))

    def _renamed(self, old: str, new: str) -> None:
        folded = self.session.features.fold
        for nicks in self._known.values():
            if folded(old) in nicks:
                nicks.remove(folded(old))
                nicks.add(folded(new))

    def _told(self, name: str, nick: str, flags: str) -> None:
        here = self._known.get(self.session.features.fold(name))
        if here is None:
            return
        # The first letter says here or gone.
        if self.session.features.bot_mode in flags[1:]:
            here.add(self.session.features.fold(nick))
        else:
            self._forget(nick)


async def _wait(event: asyncio.Event, seconds: float | None) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
