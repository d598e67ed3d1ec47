"""Pinned lines: lines that features want to be pinned in rooms are pinned, and unpinned when they are not wanted now.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final, cast

import structlog
from attrs import define, field

from ptgbot.chat.adapter import Adapter, Colour, Health, Undeliverable
from ptgbot.chat.outbox import TryLater
from ptgbot.feature import Pin
from ptgbot.pinning import PINNED, PINS, Line, Lines, Plan, name_of, planned
from ptgbot.store.edits import ABSENT, Edit, Tree, get

log = structlog.get_logger()

PAUSE: Final = 30.0
"""Seconds after which a room in which a line could not be pinned is tried again."""
WATCH: Final = 3.0
"""Seconds between two looks at rooms with lines of ours: people pin and unpin lines as well."""

Write = Callable[[list[Edit]], Awaitable[None]]
"""Commits edits of the core's own state. Raises OSError."""


@define(eq=False)
class Pins:
    """Compares the lines that are pinned with those that features want, and changes what differs."""

    adapters: Mapping[str, Adapter]
    wanted: Callable[[], Iterable[tuple[str, Pin]]]
    """Returns what all features want to be pinned in the committed state, each with the name of the feature."""
    state: Callable[[], Tree]
    """Returns the core's own part of the committed state."""
    write: Write
    report: Callable[[str, str], None]
    """Tells the operators a sentence about a network."""
    leads: Callable[[], bool] = lambda: True
    """Says whether this process may change rooms; another one may have taken over the state."""
    monotonic: Callable[[], float] = time.monotonic
    _wakes: dict[str, asyncio.Event] = field(factory=dict, init=False)
    _pauses: dict[str, float] = field(factory=dict, init=False)
    """Until when servers want a pause, by network (monotonic seconds)."""
    _problems: dict[tuple[str, str], str] = field(factory=dict, init=False)
    """Why lines can't be pinned or unpinned, a sentence each, by network and room."""
    _later: dict[tuple[str, str], float] = field(factory=dict, init=False)
    """When rooms with a problem are tried again (monotonic seconds)."""

    def wake(self) -> None:
        """Look again, because the state has changed."""
        for event in self._wakes.values():
            event.set()

    async def run(self) -> None:
        """Keep what is pinned as it is wanted, without end. A slow network does not delay the others."""
        async with asyncio.TaskGroup() as group:
            for network in self.adapters:
                group.create_task(self._follow(network), name=f"pins of {network}")

    def health(self) -> Health:
        """Return yellow if lines cannot be pinned in a room."""
        if not self._problems:
            rooms = [room for network in self.adapters for room in self._rooms(network).values()]
            pinned = sum(line.known == PINNED for room in rooms for line in room.values())
            return Health(Colour.GREEN, f"{pinned} pinned")
        more = f" (and {len(self._problems) - 1} more)" if len(self._problems) > 1 else ""
        return Health(Colour.YELLOW, f"{next(iter(self._problems.values()))}{more}")

    async def put_right(self, network: str) -> None:
        """Look at the rooms of a network once."""
        rooms = self._rooms(network)
        if not rooms or self._pauses.get(network, 0.0) > self.monotonic():
            return
        wanted = self._names(network)
        for room, lines in rooms.items():
            if not self.leads():
                return
            if self._later.get((network, room), 0.0) <= self.monotonic():
                await self._try(network, room, lines, wanted.get(room, frozenset()))

    async def _follow(self, network: str) -> None:
        wake = self._wakes[network] = asyncio.Event()
        while True:
            wake.clear()
            await self.put_right(network)
            try:
                async with asyncio.timeout(WATCH if self._rooms(network) else None):
                    await wake.wait()
            except TimeoutError:
                continue

    def _rooms(self, network: str) -> dict[str, dict[str, Line]]:
        """Return the lines of each room of a network."""
        rooms = get(self.state(), (PINS, network))
        if rooms is ABSENT:
            return {}
        found = cast("dict[str, dict[str, dict[str, str]]]", rooms)
        return {
            room: {name: Line.from_json(row) for name, row in lines.items()} for room, lines in found.items() if lines
        }

    def _names(self, network: str) -> dict[str, set[str]]:
        """Return the names of the lines that are wanted in each room of a network."""
        found: dict[str, set[str]] = {}
        for feature, pin in self.wanted():
            if pin.network == network:
                found.setdefault(pin.room, set()).add(name_of(feature, pin.about))
        return found

    async def _try(self, network: str, room: str, lines: Lines, wanted: Iterable[str]) -> None:
        place = (network, room)
        try:
            await self._put_right(self.adapters[network], room, lines, wanted)
        except TryLater as later:
            self._pauses[network] = self.monotonic() + later.seconds
        except Undeliverable as error:
            self._later[place] = self.monotonic() + PAUSE
            known, self._problems[place] = self._problems.get(place), f"lines can't be pinned in {room}: {error}"
            if known is None:
                self.report(network, self._problems[place])
        except OSError as error:
            self._later[place] = self.monotonic() + PAUSE
            log.info("pinned later: %s", error, target=room)
        else:
            self._problems.pop(place, None)
            self._later.pop(place, None)

    async def _put_right(self, adapter: Adapter, room: str, lines: Lines, wanted: Iterable[str]) -> None:
        target = adapter.room(room) or room
        observed = adapter.pinned(target)
        if observed is None:
            return
        plan = planned(lines, wanted, observed)
        if plan == Plan(lines, tuple(observed)):
            return
        # What was observed may be older than our last change: only the server knows what people have done.
        observed = await adapter.ask_pinned(target)
        plan = planned(lines, wanted, observed)
        if plan.pinned != tuple(observed):
            await adapter.set_pinned(target, plan.pinned)
        await self._keep((PINS, adapter.name, room), lines, plan.lines)

    async def _keep(self, place: tuple[str, ...], was: Lines, now: Lines) -> None:
        edits = [
            Edit((*place, name), line.to_json(), now[name].to_json() if name in now else ABSENT)
            for name, line in was.items()
            if now.get(name) != line
        ]
        if edits:
            await self.write(edits)
