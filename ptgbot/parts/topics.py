"""Topics of rooms: layers that features want above the observed topic, restored whenever the topic differs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import Any, Final, cast

import structlog
from attrs import define, field, frozen

from ptgbot.chat.adapter import Adapter, Undeliverable
from ptgbot.chat.outbox import TryLater
from ptgbot.chat.text import cut
from ptgbot.feature import Topic
from ptgbot.store.edits import ABSENT, Edit, Tree, get

log = structlog.get_logger()

TOPICS: Final = "topics"
"""The part of the core's state that holds what stands beneath."""
PAUSE: Final = 30.0
"""Seconds after which a topic that could not be set is tried again."""
WATCH: Final = 3.0
"""Seconds between two looks at the rooms whose topic the bot has taken over: people change topics as well."""
MOST_FORMER: Final = 5
"""Former topics of ours that are remembered for a room that confirms none."""


@frozen
class Known:
    """The stored facts about a room whose topic the bot has taken over."""

    beneath: str
    """The topic that people set."""
    shown: str
    """The topic that the bot set last; empty before the first."""
    former: tuple[str, ...] = ()
    """Topics that the bot set before, as long as the room has not confirmed ``shown``: one of them may still stand
    there after a crash or a refusal, and must not be taken for a topic of people."""

    def to_json(self) -> Tree:
        """Return them in their form in the state."""
        return {"beneath": self.beneath, "shown": self.shown, **({"former": [*self.former]} if self.former else {})}

    @property
    def own(self) -> Collection[str]:
        """The topics that people have not set: those of the bot, and the empty one of a channel that the server has
        lost in a split or a restart."""
        return (self.shown, *self.former, "")

    def followed_by(self, observed: str, text: str) -> Known:
        """Return what is known when the topic ``observed`` is to become ``text``."""
        beneath = self.beneath if observed in (*self.own, self.beneath) else observed
        if observed == text:
            return Known(beneath, text)
        before = dict.fromkeys((*self.former, self.shown))
        return Known(beneath, text, tuple(one for one in before if one not in (text, beneath))[-MOST_FORMER:])


Write = Callable[[list[Edit]], Any]
"""Commits edits of the core's own state; awaitable, and done when they are on record."""


@define(eq=False)
class Topics:
    """Compares the wanted topics with the observed ones, and sets them."""

    adapters: Mapping[str, Adapter]
    wanted: Callable[[], Iterable[Topic]]
    """Returns the layers of all features, from the committed state."""
    state: Callable[[], Tree]
    """Returns the core's own part of the committed state."""
    write: Write
    report: Callable[[str, str], None]
    """Tells the operators a sentence about a network."""
    _wake: asyncio.Event = field(factory=asyncio.Event, init=False)
    _told: set[tuple[str, str]] = field(factory=set, init=False)
    """Rooms of which the operators know that their topic can't be set."""
    _soon: bool = field(default=False, init=False)
    """Whether a network wants a topic to be set a little later."""

    def wake(self) -> None:
        """Look again, because the state or an observed topic has changed, or a network is back."""
        self._wake.set()

    async def run(self) -> None:
        """Restore topics, without end."""
        while True:
            self._wake.clear()
            failed = await self.put_right()
            watched = self._kept()
            try:
                async with asyncio.timeout(WATCH if self._soon else PAUSE if failed else WATCH if watched else None):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def put_right(self) -> bool:
        """Look at every room once. Return whether a topic could not be set."""
        layers = self._layers()
        rooms, self._soon = {*layers, *self._kept()}, False
        networks = sorted({network for network, _ in rooms})
        here = [[room for name, room in rooms if name == network] for network in networks]
        # A slow network must not delay the others.
        failed = await asyncio.gather(*map(partial(self._network, layers), networks, here))
        return any(failed)

    async def _network(self, layers: Mapping[tuple[str, str], Topic], network: str, rooms: Iterable[str]) -> bool:
        """Look at the rooms of one network. Return whether a topic could not be set."""
        return any([not await self._room(network, room, layers.get((network, room))) for room in rooms])

    def _layers(self) -> dict[tuple[str, str], Topic]:
        """Return the highest layer of each room."""
        found: dict[tuple[str, str], Topic] = {}
        for topic in sorted(self.wanted(), key=lambda one: one.rank):
            found[topic.network, topic.room] = topic
        return found

    def _kept(self) -> list[tuple[str, str]]:
        networks = cast("dict[str, dict[str, Any]]", self.state().get(TOPICS, {}))
        return [(network, room) for network, rooms in networks.items() for room in rooms]

    def _known(self, network: str, room: str) -> Known | None:
        row = get(self.state(), (TOPICS, network, room))
        if not isinstance(row, dict):
            return None
        former = cast("list[str]", row.get("former", []))
        return Known(str(row["beneath"]), str(row["shown"]), tuple(former))

    async def _room(self, network: str, room: str, layer: Topic | None) -> bool:
        """Restore the topic of one room. Return False if it must be tried again."""
        adapter, known = self.adapters.get(network), self._known(network, room)
        target = adapter.room(room) if adapter else None
        observed = adapter.topic(target) if adapter and target else None
        if adapter is None or target is None or observed is None:
            return True  # the adapter wakes us when it knows the topic
        if layer is None:
            ours = known is not None and observed in known.own and observed != known.beneath
            if known and ours and not await self._set(adapter, target, known.beneath):
                return False
            await self._keep(network, room, None)
            return True
        beneath = known.followed_by(observed, "").beneath if known else observed
        text = cut(layer.text(beneath), adapter.topic_limit(target))
        await self._keep(network, room, known.followed_by(observed, text) if known else Known(beneath, text))
        return observed == text or await self._set(adapter, target, text)

    async def _set(self, adapter: Adapter, target: str, text: str) -> bool:
        try:
            await adapter.set_topic(target, text)
        except TryLater:
            self._soon = True
            return False
        except (Undeliverable, OSError) as error:
            if (adapter.name, target) not in self._told:
                self._told.add((adapter.name, target))
                self.report(adapter.name, f"the topic of {target} can't be set: {error}")
            return False
        self._told.discard((adapter.name, target))
        return True

    async def _keep(self, network: str, room: str, known: Known | None) -> None:
        """Store the topic beneath before ours is set, so that a crash in between can be repaired later."""
        was = get(self.state(), (TOPICS, network, room))
        now = known.to_json() if known else ABSENT
        if was == now:
            return
        await self.write([*_parents(self.state(), network), Edit((TOPICS, network, room), was, now)])


def _parents(state: Tree, network: str) -> list[Edit]:
    """Return the edits that make the objects that hold a room of a network."""
    edits = [] if TOPICS in state else [Edit((TOPICS,), ABSENT, {})]
    return edits if get(state, (TOPICS, network)) is not ABSENT else [*edits, Edit((TOPICS, network), ABSENT, {})]
