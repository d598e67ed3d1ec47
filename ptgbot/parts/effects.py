"""Effects beyond answers: deliveries, topics, pinned lines, and the preparation of decisions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

from attrs import define, field

from ptgbot.chat.adapter import Adapter
from ptgbot.chat.inbox import Item, Kept
from ptgbot.config import ConfigError
from ptgbot.core import Core
from ptgbot.feature import AnyFeature, BulkDeliverer, BulkRow, Deliverer, Pin, Topic
from ptgbot.parts.delivering import SAY, Dispatcher, Perform, Write, say_through
from ptgbot.parts.pins import Pins
from ptgbot.parts.topics import Topics
from ptgbot.pinning import wanted_by
from ptgbot.progress import CORE
from ptgbot.store.delivery import Delivery
from ptgbot.store.edits import Edit, Tree
from ptgbot.waiting import to_its_end


@define(eq=False)
class Effects:
    """Connects the dispatcher, the topics and the pinned lines with the core and the adapters."""

    core: Core
    adapters: Mapping[str, Adapter]
    put: Callable[[Item], bool]
    report: Callable[[str, str], None]
    """Tells the operators a sentence about a network."""
    clock: Callable[[], datetime]
    bulk: Path
    """Folder above the bulk storage of all features."""
    is_silent: bool = False
    """Whether deliveries are dropped and count as done."""
    dispatcher: Dispatcher = field(init=False)
    topics: Topics = field(init=False)
    pins: Pins = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Connect the parts.

        Raises:
            ConfigError: two features deliver the same kind.
        """
        state = self.core.state
        self.dispatcher = Dispatcher(
            lambda: state.deliveries,
            self.put,
            self._all_performers(),
            self.clock,
            lambda: state.incarnation,
            self.core.keeper.leads,
            writers=self._writers(),
        )
        self.topics = Topics(self.adapters, self._layers, self._own, self._write, self.report)
        self.pins = Pins(self.adapters, self._pins, self._own, self._write, self.report, self.core.keeper.leads)

    def wake(self) -> None:
        """Note that something was committed, or that a network is back."""
        self.dispatcher.wake()
        self.topics.wake()
        self.pins.wake()

    def perform_anew(self) -> None:
        """Deliver with changed settings of features from now on."""
        self.dispatcher.performers = self._all_performers()
        self.dispatcher.writers = self._writers()

    def _all_performers(self) -> dict[str, Perform]:
        router = self.core.router
        check_kinds(router.features)
        found = {SAY: say_through(self.adapters)}
        for feature in router.features:
            for one in feature.deliverers:
                if isinstance(one, Deliverer):
                    found[one.kind] = _performer(one, router.settings_of(feature))
        return dict.fromkeys(found, _drop) if self.is_silent else found

    def _writers(self) -> dict[str, Write]:
        router = self.core.router
        found = {
            one.kind: _writer(one, router.settings_of(feature), self.bulk / feature.name)
            for feature in router.features
            for one in feature.deliverers
            if isinstance(one, BulkDeliverer)
        }
        return dict.fromkeys(found, _drop_all) if self.is_silent else found

    def _layers(self) -> Sequence[Topic]:
        router, committed = self.core.router, self.core.state.committed
        return [
            layer
            for feature in router.features
            for layer in feature.topics(cast("Tree", committed[feature.name]), router.settings_of(feature))
        ]

    def _pins(self) -> list[tuple[str, Pin]]:
        router, committed = self.core.router, self.core.state.committed
        return [
            (feature.name, pin)
            for feature in router.features
            for pin in wanted_by(feature, cast("Tree", committed[feature.name]), router.settings_of(feature))
        ]

    def _own(self) -> Tree:
        return cast("Tree", self.core.state.committed[CORE])

    async def _write(self, edits: Sequence[Edit]) -> None:
        """Write edits of the core's own state to the journal.

        Raises:
            OSError: they could not be written.
        """
        done: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        if not self.put(Kept(edits, self.clock(), partial(_finish, done))):
            raise OSError("too much waits to be written")
        if problem := await done:
            raise OSError(problem)


def check_kinds(features: Sequence[AnyFeature]) -> None:
    """Make sure that every kind of delivered effects belongs to one feature. Raises ConfigError."""
    owners = {SAY: "the core"}
    for feature in features:
        for one in feature.deliverers:
            if one.kind in owners:
                raise ConfigError(
                    f"{owners[one.kind]} and {feature.name} both deliver {one.kind}. "
                    f'Switch one off: write off = ["{feature.name}"] into the table [features].'
                )
            owners[one.kind] = feature.name


async def _drop(_row: Delivery, _transaction: str) -> None:
    return None


async def _drop_all(_rows: Sequence[tuple[Delivery, str]]) -> None:
    return None


def _finish(done: asyncio.Future[str | None], problem: str | None) -> None:
    if not done.done():
        done.set_result(problem)


def _performer(deliverer: Deliverer[Any], settings: Any) -> Perform:
    async def perform(row: Delivery, transaction: str) -> None:
        await deliverer.perform(settings, row.network, row.target, row.body, transaction)

    return perform


def _writer(deliverer: BulkDeliverer[Any], settings: Any, folder: Path) -> Write:
    async def write(rows: Sequence[tuple[Delivery, str]]) -> None:
        given = [BulkRow(row.network, row.target, row.body, transaction) for row, transaction in rows]
        await to_its_end(partial(deliverer.write, settings, folder, given))

    return write


@define(eq=False)
class Preparing:
    """Calls :meth:`Feature.prepare` in a thread after commits."""

    features: Sequence[AnyFeature]
    committed: Callable[[], Tree]
    _due: asyncio.Event = field(factory=asyncio.Event, init=False)

    def wake(self) -> None:
        """Note that something was committed."""
        self._due.set()

    async def run(self) -> None:
        """Prepare after each commit, without end."""
        while True:
            await self._due.wait()
            self._due.clear()
            await self.once()

    async def once(self) -> None:
        """Prepare for the present state."""
        await asyncio.to_thread(self._prepare, self.committed())

    def _prepare(self, committed: Tree) -> None:
        for feature in self.features:
            feature.prepare(cast("Tree", committed[feature.name]))
