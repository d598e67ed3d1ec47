"""In which rooms the bot is, network by network: logs joins, and turns a network red that has been lost for long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

import structlog
from attrs import define, field

from ptgbot.chat.adapter import Adapter, Colour, Health
from ptgbot.config import OperatorsConfig

log = structlog.get_logger()

INTERVAL = 2.0
"""Seconds between two looks."""


@define(eq=False)
class Presence:
    """Watches connections and rooms."""

    adapters: Mapping[str, Adapter]
    rooms: Mapping[str, Sequence[str]]
    """The configured rooms of each network, by its name."""
    operators: Sequence[str] = ()
    """Rooms of the operators. A bot that is in no other room is of no use to anybody."""
    alone_after: float = 120.0
    """Seconds in none of the rooms of a network until the network is red."""
    away_after: float = 20.0
    """Seconds without a connection until a network is red."""
    clock: Callable[[], float] = time.monotonic
    connections: dict[str, int] = field(factory=dict, init=False)
    """Number of logins that succeeded, by network."""
    _joined: dict[str, frozenset[str]] = field(factory=dict, init=False)
    _connected: dict[str, bool] = field(factory=dict, init=False)
    _since: dict[tuple[str, str], float] = field(factory=dict, init=False)
    """Since when a network has been ``away`` or ``alone`` (monotonic seconds)."""

    def adopt(self, rooms: Mapping[str, Sequence[str]], operators: OperatorsConfig) -> None:
        """Take changed rooms and times."""
        self.rooms, self.operators = rooms, operators.rooms
        self.alone_after, self.away_after = operators.alone_after, operators.away_after

    async def run(self) -> None:
        """Look, without end."""
        while True:
            self.look()
            await asyncio.sleep(INTERVAL)

    def look(self) -> None:
        """Note what has changed since the last look."""
        for name, adapter in self.adapters.items():
            connected = adapter.is_connected()
            if connected and not self._connected.get(name):
                self.connections[name] = self.connections.get(name, 0) + 1
                log.info("connected", network=name)
            self._connected[name] = connected
            self._note(name, "away", is_so=not connected)
            joined = self.joined(name) if connected else frozenset()
            self._tell(name, joined)
            useful = self.useful_rooms(name)
            self._note(name, "alone", is_so=connected and bool(useful) and not joined & useful)

    def joined(self, network: str) -> frozenset[str]:
        """Return the configured rooms of a network that we are in."""
        adapter = self.adapters[network]
        return frozenset(room for room in self.rooms.get(network, ()) if adapter.room(room) is not None)

    def useful_rooms(self, network: str) -> frozenset[str]:
        """Return the configured rooms of a network in which there are people other than operators."""
        ours = {room.lower() for room in self.operators}
        return frozenset(room for room in self.rooms.get(network, ()) if room.lower() not in ours)

    def forget(self, network: str) -> None:
        """Note that a connection has ended on purpose: the next one is told of as the first was."""
        self._tell(network, frozenset())
        self._joined.pop(network, None)
        self._connected.pop(network, None)
        for state in ("away", "alone"):
            self._since.pop((network, state), None)

    def is_connected(self, network: str) -> bool:
        """Say whether we are logged in on a network."""
        return self.adapters[network].is_connected()

    def judged(self, network: str, health: Health) -> Health:
        """Return the health of a network, red if it has been lost for long."""
        self.look()
        if health.colour is Colour.RED:
            return health
        for state, patience, words in (
            ("away", self.away_after, "no connection"),
            ("alone", self.alone_after, "in none of its rooms"),
        ):
            since = self._since.get((network, state))
            if since is not None and self.clock() - since >= patience:
                return Health(Colour.RED, f"{words} for more than {patience:g} s: {health.text}")
        return health

    def _note(self, network: str, state: str, *, is_so: bool) -> None:
        if is_so:
            self._since.setdefault((network, state), self.clock())
        else:
            self._since.pop((network, state), None)

    def _tell(self, network: str, joined: frozenset[str]) -> None:
        before = self._joined.get(network, frozenset())
        self._joined[network] = joined
        for room in sorted(joined - before):
            log.info("joined", network=network, room=room)
        for room in sorted(before - joined):
            log.info("left", network=network, room=room)
