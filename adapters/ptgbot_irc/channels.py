"""Joins the configured channels and rejoins each that we lose."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final

from attrs import define, field

from ptgbot_irc.config import ChannelConfig, IrcConfig
from ptgbot_irc.line import LIMIT, Line, compose
from ptgbot_irc.session import Session

log = logging.getLogger(__name__)

BANNED: Final = "474"
REFUSALS: Final = {
    "403": "there is no such channel",
    "405": "the server lets us into no more channels",
    "437": "it is not available at the moment",
    "470": "it sends us on to another channel",
    "471": "it is full",
    "473": "it is by invitation only",
    BANNED: "we are banned",
    "475": "the key is wrong",
    "476": "its name is not allowed",
    "477": "it wants a services account",
    "480": "it is closed to us",
    "489": "it wants an encrypted connection",
    "495": "it lets nobody back in so soon after a kick",
    "520": "it is for operators of the network",
}
"""Numerics that refuse a JOIN (https://modern.ircdocs.horse/#numerics), in words."""
FOR_NOW: Final = frozenset({"437", "471", "495"})
"""Those that pass by themselves."""
MOST_AT_ONCE: Final = 20


@define(eq=False)
class Place:
    """One configured channel and whether we are in it."""

    config: ChannelConfig
    due: float
    """When to ask (again), on the monotonic clock; infinite where the server will refuse every time."""
    joined: bool = False
    problem: str = ""
    refused: bool = False
    """Whether the server does not let us in and that will not change by itself."""


@define(eq=False)
class Channels:
    """The configured channels of one connection: joins them and keeps us in them."""

    config: IrcConfig
    session: Session
    send: Callable[..., Awaitable[None]]
    report: Callable[[str], None]
    changed: Callable[[], None]
    """Called after each channel that we enter or leave."""
    clock: Callable[[], float] = time.monotonic
    places: dict[str, Place] = field(factory=dict, init=False)
    _strange: list[str] = field(factory=list, init=False)
    _wake: asyncio.Event = field(factory=asyncio.Event, init=False)

    def missing(self) -> Sequence[Place]:
        """Return the configured channels that we are not in."""
        return [place for place in self.places.values() if not place.joined]

    def is_joined(self, channel: str) -> bool:
        """Say whether we are in this configured channel."""
        place = self._place(channel)
        return place is not None and place.joined

    def refusal(self, channel: str) -> str:
        """Return why we cannot be in a channel, the empty string if we are in it or may still get in."""
        place = self._place(channel)
        if place is None:
            return f"{channel} is not in the configuration"
        return f"{place.config.name}: {place.problem}" if place.refused else ""

    def take(self, line: Line) -> None:
        """Update the channels from one line of the server."""
        own = self.session.is_own
        match line.command, line.params:
            case "JOIN", (channels, *_) if own(line.nick):
                for name in channels.split(","):
                    self._joined(name)
            case "PART", (channels, *_) if own(line.nick):
                for name in channels.split(","):
                    self._lost(name, "we left it", self.config.rejoin_interval)
            case "KICK", (name, nick, *_) if own(nick):
                self._lost(name, f"{line.nick} kicked us out", self.config.rejoin_interval)
            case "INVITE", (nick, name, *_) if own(nick):
                self._ask_now(name)
            case command, (_, name, *_) if command in REFUSALS and not self.is_joined(name):
                banned = command == BANNED
                wait = self.config.rejoin_banned_interval if banned else self.config.rejoin_interval
                self._lost(name, REFUSALS[command], wait, refused=command not in FOR_NOW)

    async def run(self) -> None:
        """Join every channel that is due, without end, and leave channels that are not configured.

        Raises:
            OSError: the connection was lost.
        """
        while True:
            self._wake.clear()
            while self._strange:
                await self.send("PART", self._strange.pop())
            for batch in self._batches():
                await self._ask(batch)
            await self._rest()

    def set_out(self) -> None:
        """Begin with the configured channels, as many as CHANLIMIT allows. Call it after the server's RPL_ISUPPORT."""
        now = self.clock()
        self.places = {self.session.features.fold(room.name): Place(room, now) for room in self.config.rooms}
        for signs, limit in self.session.features.chanlimit.items():
            of_kind = [place for place in self.places.values() if place.config.name[0] in signs]
            left_out = of_kind[limit:]
            for place in left_out:
                place.due, place.refused = float("inf"), True
                place.problem = f"the server lets us into {limit} channels only"
            if left_out:
                names = " ".join(place.config.name for place in left_out[:5])
                self.report(f"the server lets us into {limit} channels only: not into {len(left_out)}: {names}")

    def adopt(self, config: IrcConfig) -> None:
        """Take changed channels: new ones are joined, those that are not named any more are left."""
        self.config = config
        if not self.places:
            return  # not logged in yet: set_out() begins with the new ones
        before, now = self.places, self.clock()
        self.places = {self.session.features.fold(room.name): Place(room, now) for room in config.rooms}
        for name, place in self.places.items():
            if old := before.get(name):
                place.due, place.joined = old.due, old.joined
                place.problem, place.refused = old.problem, old.refused
        self._strange += [old.config.name for name, old in before.items() if old.joined and name not in self.places]
        self._wake.set()
        self.changed()

    async def _ask(self, batch: Sequence[Place]) -> None:
        for place in batch:
            place.due = self.clock() + self.config.join_timeout
        await self.send(*_join(batch))
        await asyncio.sleep(self.config.join_pause)

    def _batches(self) -> Iterator[Sequence[Place]]:
        now = self.clock()
        # Keys go to the first channels of a JOIN, so those that have one come first.
        waiting = sorted(
            (place for place in self.missing() if place.due <= now),
            key=lambda place: place.config.key is None,
        )
        most = self.session.features.join_targets or MOST_AT_ONCE
        batch: list[Place] = []
        for place in waiting:
            if batch and (len(batch) >= most or not _fits([*batch, place])):
                yield batch
                batch = []
            batch.append(place)
        if batch:
            yield batch

    async def _rest(self) -> None:
        due = min((place.due for place in self.missing()), default=float("inf"))
        try:
            async with asyncio.timeout(None if due == float("inf") else max(due - self.clock(), 0)):
                await self._wake.wait()
        except TimeoutError:
            pass

    def _place(self, channel: str) -> Place | None:
        return self.places.get(self.session.features.fold(channel))

    def _joined(self, name: str) -> None:
        place = self._place(name)
        if place is None:
            # Forwarded or forced there: leave a channel that the configuration does not name.
            self._strange.append(name)
            self._wake.set()
            return
        place.joined, place.problem, place.refused = True, "", False
        self.changed()

    def _lost(self, name: str, problem: str, wait: float, *, refused: bool = False) -> None:
        place = self._place(name)
        if place is None or place.due == float("inf"):
            return
        place.joined, place.refused = False, refused
        place.due = self.clock() + wait
        self._problem(place, problem)
        self._wake.set()
        self.changed()

    def _ask_now(self, name: str) -> None:
        place = self._place(name)
        if place is not None and not place.joined:
            place.due = self.clock()
            self._wake.set()

    def _problem(self, place: Place, problem: str) -> None:
        if place.problem != problem:
            place.problem = problem
            self.report(f"{place.config.name}: {problem}")


def _join(batch: Sequence[Place]) -> tuple[str, ...]:
    names = ",".join(place.config.name for place in batch)
    keys = ",".join(place.config.key for place in batch if place.config.key is not None)
    return ("JOIN", names, keys) if keys else ("JOIN", names)


def _fits(batch: Sequence[Place]) -> bool:
    try:
        return len(compose(*_join(batch))) <= LIMIT
    except ValueError:
        return False
