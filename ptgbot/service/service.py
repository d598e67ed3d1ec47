"""Puts the parts of the bot together, runs them, and ends them in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, cast

import structlog
from attrs import Factory, define, field

from ptgbot.bulk import bulk_folder
from ptgbot.chat.adapter import Adapter, AdapterKind
from ptgbot.chat.inbox import Inbox
from ptgbot.config import Config
from ptgbot.core import Core
from ptgbot.exports import exported_files
from ptgbot.feature import AnyFeature
from ptgbot.following import features_of
from ptgbot.hub import Switchboard
from ptgbot.memory import return_large_blocks
from ptgbot.metrics import Metrics
from ptgbot.parts.asking import Asking
from ptgbot.parts.effects import Effects, Preparing
from ptgbot.parts.exporting import Exporting
from ptgbot.parts.guests import forget_beside, guests_of
from ptgbot.parts.health import Guest, HealthBoard
from ptgbot.parts.life import Life
from ptgbot.parts.networks import HOUR, Networks
from ptgbot.parts.presence import Presence
from ptgbot.parts.probing import Probing
from ptgbot.parts.shadow import Silent
from ptgbot.parts.ticking import Ticking
from ptgbot.parts.traffic import Traffic
from ptgbot.service.board import board_of, guest_parts
from ptgbot.service.changing import change
from ptgbot.service.events import Events
from ptgbot.service.introducing import introduction
from ptgbot.service.measuring import samples
from ptgbot.service.opening import clock, finish_former
from ptgbot.service.routing import router_of
from ptgbot.service.site import Site
from ptgbot.store.edits import Tree
from ptgbot.store.keeper import Keeper
from ptgbot.store.opening import Opened
from ptgbot.store.store import Fenced
from ptgbot.watch import Watch

log = structlog.get_logger()


@define(eq=False)
class Service:
    """A running bot, made of an opened state and a configuration. :meth:`run` ends when the bot is told to stop."""

    config: Config
    opened: Opened
    hour: float = HOUR
    """Seconds until a refused login is tried again."""
    features: Sequence[AnyFeature] = field(
        default=Factory(lambda self: features_of(self.config), takes_self=True), kw_only=True
    )
    finishes_site: bool = field(default=True, kw_only=True)
    """Whether the site shall show the last state after the end."""
    events: Events = field(init=False)
    core: Core = field(init=False)
    inbox: Inbox = field(init=False)
    hub: Switchboard = field(init=False)
    presence: Presence = field(init=False)
    networks: Networks = field(init=False)
    asking: Asking = field(init=False)
    exporting: Exporting = field(init=False)
    ticking: Ticking = field(init=False)
    probing: Probing = field(init=False)
    effects: Effects = field(init=False)
    preparing: Preparing = field(init=False)
    guests: Sequence[Guest] = field(init=False)
    """Sources and jobs of the features."""
    site: Site = field(init=False)
    board: HealthBoard = field(init=False)
    watch: Watch = field(init=False)
    metrics: Metrics = field(init=False)
    traffic: Traffic = field(init=False)
    life: Life = field(init=False)
    started: asyncio.Event = field(factory=asyncio.Event, init=False)
    _stop: asyncio.Event = field(factory=asyncio.Event, init=False)

    def __attrs_post_init__(self) -> None:
        """Connect all parts. Nothing runs yet.

        Raises:
            ConfigError: features clash.
            OSError: the logo of the site cannot be read.
        """
        self.events = Events(self.stop)
        self.metrics = Metrics(lambda: samples(self))
        self.traffic = Traffic(self.metrics, clock, self.config.site is not None)
        self._compose_chat()
        self._compose_features()
        self._compose_site()
        self._compose_health()
        self._compose_events()
        self._compose_life()

    def _compose_chat(self) -> None:
        config, state = self.config, self.opened.state
        router = router_of(config, self.features, lambda room: self.hub.members(room))
        main, *others = exported_files(config, self.features)
        keeper = Keeper(state, main.for_store, self.opened.store, config.state.rotate_bytes)
        self.core = Core(router, keeper, self.events.changed, self.events.forgotten, self.events.deposed)
        keeper.timed = self.metrics.wrote
        # Hub and asking put into the inbox, and are made after it for that reason.
        self.inbox = Inbox(self.core, lambda *said: self.hub.release(*said), lambda *asked: self.asking.ask(*asked))
        self.inbox.observe = self.traffic.answered
        adapters = {c.name: self.adapter_of(kind, c, first) for kind, c, first in config.adapters}
        self.hub = Switchboard(
            adapters,
            self.inbox.put,
            clock,
            state.cursors.get,
            config.site_url,
            config.operators.rooms,
            listened=self.core.deciding.listens,
            leads=keeper.leads,
            about=lambda: introduction(self.config, self.core.router, state.committed),
            keys_of=self.core.deciding.keys_of,
        )
        self.presence = Presence(adapters, {c.name: kind.rooms(c) for kind, c, _ in config.adapters})
        self.presence.adopt(self.presence.rooms, config.operators)
        self.networks = Networks(adapters, self.hub, self.presence, self.hour)
        self.asking = Asking(self.inbox.put, config.fetch, bulk_folder(config.state.path), keeper.document)
        self.exporting = Exporting(keeper, others, config.state.path.name, self.hub.tell_operators, clock)
        self.probing = Probing(self.inbox, keeper)
        self.ticking = Ticking(clock, self.core.unasked.due, self.inbox.put)

    def adapter_of(self, kind: AdapterKind, settings: Any, first: bool) -> Adapter:
        """Return the adapter of a network: one that says nothing if the bot is a shadow."""
        made = kind.make(self.settings_of(kind, settings), first)
        return Silent(made) if self.config.operators.shadow else made

    def settings_of(self, kind: AdapterKind, settings: Any) -> Any:
        """Return the settings of a network as they count: quieter if the bot is a shadow."""
        return kind.quiet(settings) if self.config.operators.shadow else settings

    def _compose_features(self) -> None:
        silent = self.config.operators.shadow
        bulk = bulk_folder(self.config.state.path)
        self.effects = Effects(self.core, self.adapters, self.inbox.put, self.hub.report, clock, bulk, silent)
        self.preparing = Preparing(self.features, lambda: self.core.state.committed)
        self.guests = self.make_guests()
        self.core.forget_beside = lambda person: forget_beside(self.guests, person)

    def make_guests(self) -> Sequence[Guest]:
        """Return the sources and jobs of the features with their present settings."""
        folder = bulk_folder(self.config.state.path)
        put, report, source = self.inbox.put, self.hub.report, self.config.source
        return guests_of(self.core.router, folder, put, report, clock, self.core.keeper, source)

    def _compose_site(self) -> None:
        self.site = Site(self.config, self.core, clock, self.events.turned, self.health, self.metrics)
        self.site.showing.on_look = self.traffic.looked
        if self.site.publisher:
            self.site.publisher.on_built = self.traffic.built

    def _compose_health(self) -> None:
        beside = {**self.site.parts(), **guest_parts(self.guests)}
        inside = (self.core, self.inbox, self.hub, self.networks, self.exporting, self.effects)
        self.board = board_of(*inside, beside, self.is_ready, lambda: self.guests)
        self.watch = Watch(self.board.look, self.hub.tell_operators)

    def _compose_events(self) -> None:
        parts = (self.ticking, self.site.turning, self.effects, self.preparing)
        self.events.on_change += [part.wake for part in parts]
        self.events.on_turn += [self.exporting.wake, self.site.showing.wake]
        self.events.on_forgotten.append(self.site.showing.forget)

    def _compose_life(self) -> None:
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "inbox": self.inbox.run,
            "export": self.exporting.run,
            "ticks": self.ticking.run,
            "turns": self.site.turning.run,
            "probe": self.probing.run,
            "presence": self.presence.run,
            "watch": self.watch.run,
            "deliveries": self.effects.dispatcher.run,
            "topics": self.effects.topics.run,
            "pins": self.effects.pins.run,
            "preparing": self.preparing.run,
            "slices": self.site.showing.run,
        }
        self.life = Life(
            parts,
            self.guests,
            self.hub,
            self.networks,
            self.inbox,
            self.asking,
            self.exporting,
            self.site.publisher,
            self.site.projects,
            self.site.after_build,
            self.site.web,
            self.site.showing.show,
            self.finishes_site,
            self.config.works_alone,
        )

    @property
    def adapters(self) -> Mapping[str, Adapter]:
        """The adapters by the names of their networks."""
        return self.networks.adapters

    @property
    def port(self) -> int | None:
        """Port of the web server, once it listens."""
        return self.site.port

    def health(self) -> tuple[bool, dict[str, Any]]:
        """Return whether everything works, and the health of each part."""
        return self.board.report()

    def _warnings(self) -> Iterator[str]:
        """Yield what the features have to say about settings that do not count."""
        for feature in self.features:
            tree = cast("Tree", self.core.state.committed[feature.name])
            yield from feature.warnings(tree, self.core.router.settings_of(feature))

    def is_ready(self) -> bool:
        """Say whether the bot can serve people: it is connected everywhere, and the site is built."""
        return self.site.is_ready and all(map(self.presence.is_connected, self.adapters))

    async def change(self, config: Config) -> Sequence[str]:
        """Apply a changed configuration without leaving a room. Return what changed.

        Raises:
            ConfigError: it can't be used, or needs a restart; nothing has changed then.
        """
        return await change(self, config)

    @property
    def is_stopping(self) -> bool:
        """Whether an orderly end was requested."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Request an orderly end."""
        self._stop.set()

    async def run(self) -> bool:
        """Work until told to stop. Return whether it was told to stop.

        A bot that is useless without a network ends with its last adapter.

        Raises:
            PublishError: the site's folder is not ours.
            OSError: the web server's address is taken.
            Fenced: another process works on the state by now.
        """
        return_large_blocks()
        try:
            # First of all: neither a network nor a reader may see a bot that can't go on.
            await self.site.open()
            told = await self._run()
        finally:
            await self.site.close()
            await self.core.keeper.close()
        if self.events.is_deposed:
            raise Fenced("another process works on this state by now, so this one ended.")
        return told

    async def _run(self) -> bool:
        for note in (*self.opened.notes, *self._warnings()):
            log.warning(note)
        await finish_former(self.core)
        await self.preparing.once()
        await self.site.listen()
        self.events.changed()
        self.life.start()
        self.started.set()
        try:
            return await self.life.until(self._stop)
        finally:
            await self.life.end()
