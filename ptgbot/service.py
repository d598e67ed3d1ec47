"""Puts the parts of the bot together, runs them, and ends them in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import structlog
from attrs import Factory, define, field

from ptgbot.chat.adapter import Adapter, Colour, Health
from ptgbot.chat.inbox import Inbox, NotSaved
from ptgbot.config import Config, ConfigError
from ptgbot.core import Core
from ptgbot.exports import exported_files
from ptgbot.feature import AnyFeature
from ptgbot.following import features_of, opening_of
from ptgbot.hub import Switchboard
from ptgbot.parts.asking import Asking
from ptgbot.parts.bulk import bulk_folder, check_names
from ptgbot.parts.effects import Effects, Preparing
from ptgbot.parts.exporting import Exporting
from ptgbot.parts.health import Guest, HealthBoard, Part
from ptgbot.parts.jobs import jobs_of
from ptgbot.parts.life import Life
from ptgbot.parts.networks import HOUR, Networks
from ptgbot.parts.probing import Probing
from ptgbot.parts.sources import sources_of
from ptgbot.parts.ticking import Ticking, Turning
from ptgbot.publish import AfterBuild, BuildResult, Publisher
from ptgbot.router import Router, WordTaken
from ptgbot.showing import Showing
from ptgbot.site_facts import after_build_of, projection_of, publisher_of
from ptgbot.store.edits import Tree
from ptgbot.store.keeper import Keeper
from ptgbot.store.opening import Opened
from ptgbot.store.store import NotWritten
from ptgbot.watch import Watch
from ptgbot.web import Routes, RouteTaken, WebServer

log = structlog.get_logger()


def clock() -> datetime:
    """Return the time now (UTC, aware)."""
    return datetime.now(UTC)


async def open_state(
    config: Config, *, discard_edits: bool = False, features: Sequence[AnyFeature] | None = None
) -> Opened:
    """Lock and read the state.

    :param features: features that have a part of it; None for those that the configuration switches on.

    Raises what :meth:`Opening.open` raises.
    """
    wanted = features_of(config) if features is None else features

    config.state.path.parent.mkdir(parents=True, exist_ok=True)
    return await opening_of(config, wanted, clock(), discard_edits=discard_edits).open()


@define(eq=False)
class Service:
    """A running bot. Made of an opened state and a configuration; :meth:`run` ends when it is told to stop."""

    config: Config
    opened: Opened
    hour: float = HOUR
    """Seconds until a refused login is tried again."""
    features: Sequence[AnyFeature] = field(
        default=Factory(lambda self: features_of(self.config), takes_self=True), kw_only=True
    )
    core: Core = field(init=False)
    inbox: Inbox = field(init=False)
    hub: Switchboard = field(init=False)
    networks: Networks = field(init=False)
    asking: Asking = field(init=False)
    exporting: Exporting = field(init=False)
    ticking: Ticking = field(init=False)
    turning: Turning = field(init=False)
    probing: Probing = field(init=False)
    effects: Effects = field(init=False)
    preparing: Preparing = field(init=False)
    guests: Sequence[Guest] = field(init=False)
    """Sources and jobs of the features."""
    showing: Showing = field(init=False)
    publisher: Publisher | None = field(default=None, init=False)
    after_build: AfterBuild | None = field(default=None, init=False)
    web: WebServer | None = field(default=None, init=False)
    port: int | None = field(default=None, init=False)
    """Port of the web server, once it listens."""
    board: HealthBoard = field(init=False)
    watch: Watch = field(init=False)
    life: Life = field(init=False)
    started: asyncio.Event = field(factory=asyncio.Event, init=False)
    _stop: asyncio.Event = field(factory=asyncio.Event, init=False)

    # Composition

    def __attrs_post_init__(self) -> None:
        """Put everything together; nothing runs yet. Raises ConfigError, OSError."""
        self._compose_chat()
        self._compose_features()
        self._compose_site()
        self.ticking = Ticking(clock, self.core.unasked.due, self.inbox.put)
        self.turning = Turning(clock, self.showing.next_change, self._turned)
        self.showing.on_shown = self.turning.wake
        self._compose_health()
        self.watch = Watch(self.board.look, self.hub.tell_operators)
        self._compose_life()

    def _compose_chat(self) -> None:
        config, state = self.config, self.opened.state
        try:
            router = Router(self.features, config.features, config.site_url)
        except WordTaken as error:
            raise ConfigError(str(error)) from error
        main, *others = exported_files(config, self.features)
        keeper = Keeper(state, main.for_store, self.opened.store, config.state.rotate_bytes)
        self.core = Core(router, keeper, self._changed, self._forgotten, self._deposed)
        # Hub and asking put into the inbox, and are made after it for that reason.
        self.inbox = Inbox(self.core, lambda *said: self.hub.release(*said), lambda *asked: self.asking.ask(*asked))
        adapters = {c.name: kind.make(c, first) for kind, c, first in config.adapters}
        self.hub = Switchboard(
            adapters,
            self.inbox.put,
            clock,
            state.cursors.get,
            config.site_url,
            config.operators.rooms,
            listened=self.core.deciding.listens,
            leads=keeper.leads,
        )
        self.networks = Networks(adapters, self.hub, self.hour)
        self.asking = Asking(self.inbox.put, config.fetch, bulk_folder(config.state.path), keeper.document)
        self.exporting = Exporting(keeper, others, config.state.path.name, self.hub.tell_operators, clock)
        self.probing = Probing(self.inbox, keeper)

    def _compose_features(self) -> None:
        self.effects = Effects(self.core, self.adapters, self.inbox.put, self.hub.report, clock)
        self.preparing = Preparing(self.features, lambda: self.core.state.committed)
        check_names(self.features)
        settings_of, bulk = self.core.router.settings_of, bulk_folder(self.config.state.path)
        self.guests = (
            *sources_of(self.features, settings_of, bulk, self.inbox.put, self.hub.report, clock),
            *jobs_of(self.features, settings_of, bulk, clock),
        )

    def _compose_site(self) -> None:
        if self.config.site:
            self.publisher = publisher_of(self.config, self.features)
            self.publisher.on_switch = self._switched
            self.after_build = after_build_of(self.config)
        self.showing = Showing(self.core, projection_of(self.config, self.features), clock, self.publisher)
        if self.config.site and self.config.site.listen:
            host, _, port = self.config.site.listen.rpartition(":")
            self.web = WebServer(
                host.strip("[]"), int(port), self.config.site.output, self.health, routes=self._routes()
            )

    def _routes(self) -> Routes:
        routes = Routes()
        pages = {*self.publisher.page_names(), "ptg.json", "build.json"} if self.publisher else ()
        try:
            for feature in self.features:
                routes.mount(feature, self.core.router.settings_of(feature), lambda: self.showing.slices, pages)
        except RouteTaken as error:
            raise ConfigError(str(error)) from error
        return routes

    def _compose_health(self) -> None:
        self.board = HealthBoard(self._counts, metrics=self._metrics)
        for name, adapter in self.adapters.items():
            self.board.parts[name] = Part(lambda name=name: self.networks.health(name), adapter.counts)  # type: ignore[misc]
        self.board.parts["state"] = Part(self._state_health)
        dispatcher = self.effects.dispatcher
        self.board.parts["deliveries"] = Part(dispatcher.health, lambda: dispatcher.counts)
        if self.publisher:
            self.board.parts["site"] = Part(self.publisher.health)
        if self.after_build:
            self.board.parts["after_build"] = Part(self.after_build.health)
        for part in self.guests:
            self.board.parts[part.name] = Part(part.health, part.counts)

    def _compose_life(self) -> None:
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "inbox": self.inbox.run,
            "export": self.exporting.run,
            "ticks": self.ticking.run,
            "turns": self.turning.run,
            "probe": self.probing.run,
            "deliveries": self.effects.dispatcher.run,
            "topics": self.effects.topics.run,
            "preparing": self.preparing.run,
            "slices": self.showing.run,
        }
        if self.config.operators.rooms:
            parts["watch"] = self.watch.run
        self.life = Life(
            parts,
            self.guests,
            self.hub,
            self.networks,
            self.inbox,
            self.asking,
            self.exporting,
            self.publisher,
            self.after_build,
            self.web,
            self.showing.show,
        )

    # Events

    def _changed(self) -> None:
        """Note that something was committed."""
        self.ticking.wake()
        self.turning.wake()
        self.effects.wake()
        self.preparing.wake()
        self._turned()

    def _turned(self) -> None:
        """Note that pages and the exported file may look different."""
        self.exporting.wake()
        self.showing.wake()

    def _deposed(self) -> None:
        """End without a word: another process leads by now."""
        log.error("another process works on this state by now; this one ends")
        self.stop()

    def _forgotten(self, problems: Sequence[str]) -> None:
        _tell_left_over(problems)
        self.showing.forget()

    def _switched(self, build: BuildResult) -> None:
        if self.web:
            self.web.announce(build)
        if self.after_build:
            self.after_build.switched()

    # Health

    @property
    def adapters(self) -> Mapping[str, Adapter]:
        """The adapters by the names of their networks."""
        return self.networks.adapters

    def health(self) -> tuple[bool, dict[str, Any]]:
        """Return whether everything works, and how each part is doing."""
        return self.board.report()

    def _metrics(self) -> Mapping[str, float]:
        """Return the gauges of the features; one that fails here must not hide the others."""
        found: dict[str, float] = {}
        for feature in self.features:
            tree = cast("Tree", self.core.state.committed[feature.name])
            try:
                gauges = feature.metrics(tree, self.core.router.settings_of(feature))
            except Exception:
                log.exception("a feature can't be measured", feature=feature.name)
                continue
            found |= {f"{feature.name}.{name}": value for name, value in gauges.items()}
        return found

    def _counts(self) -> Mapping[str, int]:
        return {
            "dropped_lines": self.inbox.dropped,
            "failed_commands": self.inbox.failures,
            "unaddressed_messages": self.hub.unaddressed,
        }

    def _state_health(self) -> Health:
        if not self.inbox.saved:
            return Health(Colour.RED, "changes can't be saved")
        if self.exporting.problem:
            return Health(Colour.RED, self.exporting.problem)
        return Health(Colour.GREEN, f"{self.core.state.seq} batches written")

    # Life

    def stop(self) -> None:
        """Ask for an orderly end."""
        self._stop.set()

    async def run(self) -> bool:
        """Work until told to stop, or until no adapter is left. Returns whether it was told to.

        Raises PublishError if the site's folder is not ours, OSError if the web server's address is taken.
        """
        try:
            # First of all: neither a network nor a reader may see a bot that can't go on.
            if self.publisher:
                await self.publisher.open()
            return await self._run()
        finally:
            if self.publisher:
                await self.publisher.close()
            await self.core.keeper.close()

    async def _run(self) -> bool:
        for note in self.opened.notes:
            log.warning(note)
        await self._finish_forgetting()
        await self._upgrade()
        await self.preparing.once()
        if self.web:
            self.port = await self.web.start()
        self._changed()
        self.life.start()
        self.started.set()
        try:
            return await self.life.until(self._stop)
        finally:
            await self.life.end()

    async def _upgrade(self) -> None:
        """Have the edits on record that bring the state of an earlier version up to date."""
        try:
            await self.core.upgrade(clock())
        except NotSaved as error:
            log.error(f"the state could not be brought up to date, which is tried at the next start: {error}")

    async def _finish_forgetting(self) -> None:
        try:
            _tell_left_over(await self.core.keeper.finish_forgetting(clock()))
        except (NotWritten, OSError) as error:
            log.error(f"somebody asked to be forgotten; their records could not be rewritten: {error}")


def _tell_left_over(problems: Sequence[str]) -> None:
    for problem in problems:
        log.error("somebody asked to be forgotten, but " + problem)
