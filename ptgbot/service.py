"""Puts the parts together, supervises them, stops them in order; gives the clock and the fetches."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import structlog
from attrs import define, field

from ptgbot.chat.adapter import Adapter, Colour, Health, LoginRefused
from ptgbot.chat.commands import Ask, Fetch, Fetched
from ptgbot.chat.inbox import Inbox, Result, Tick
from ptgbot.chat.message import Message
from ptgbot.config import Config
from ptgbot.core import Core
from ptgbot.derived import Fold
from ptgbot.feature import load_features
from ptgbot.fetch import fetch
from ptgbot.gathering.document import PtgJson
from ptgbot.gathering.model import Gathering
from ptgbot.gathering.settings import GatheringSettings
from ptgbot.hub import Switchboard
from ptgbot.projection import Projection, Shown
from ptgbot.publish import AfterBuild, Publisher
from ptgbot.router import Router
from ptgbot.site_facts import after_build_of, projection_of, publisher_of
from ptgbot.store.edits import Tree
from ptgbot.store.export import ExportFile
from ptgbot.store.journal import NotWritten
from ptgbot.store.keeper import Keeper
from ptgbot.store.opening import Opened, Opening
from ptgbot.watch import Watch
from ptgbot.web import WebServer

log = structlog.get_logger()

FETCHES = 4
"""Documents fetched at the same time."""
EXPORT_DELAY = 0.5
RETRY = 5.0
"""Seconds until something that failed is tried again."""
MINUTE = 60.0
"""Seconds after which the clock is looked at in any case: machines sleep, and clocks are set."""
HOUR = 3600.0
STOP = 10.0
"""Seconds for an orderly end."""


def clock() -> datetime:
    """Return the time now (UTC, aware)."""
    return datetime.now(UTC)


def open_state(config: Config, *, discard_edits: bool = False) -> Opened:
    """Lock and read the state. Raises what :meth:`Opening.open` raises."""
    features = load_features(config.features, config.off)

    def complete(state: Tree) -> None:
        for feature in features:
            feature.complete(cast("Tree", state.setdefault(feature.name, feature.empty())))

    empty: Tree = {feature.name: feature.empty() for feature in features}
    config.state.path.parent.mkdir(parents=True, exist_ok=True)
    return Opening(export_file(config), empty, complete, clock(), discard_edits).open()


def export_file(config: Config) -> ExportFile:
    """Return the exported file of a configuration."""
    return ExportFile(config.state.path, PtgJson(gathering_settings(config).timezone))


def gathering_settings(config: Config) -> GatheringSettings:
    """Return the configuration of the gathering."""
    return cast("GatheringSettings", config.features.get("gathering", GatheringSettings()))


@define(eq=False)
class Service:
    """A running bot. Made of an opened state and a configuration; :meth:`run` ends when it is told to stop."""

    config: Config
    opened: Opened
    hour: float = HOUR
    adapters: dict[str, Adapter] = field(init=False)
    core: Core = field(init=False)
    inbox: Inbox = field(init=False)
    hub: Switchboard = field(init=False)
    publisher: Publisher | None = field(default=None, init=False)
    watch: Watch = field(init=False)
    projection: Projection | None = field(default=None, init=False)
    after_build: AfterBuild | None = field(default=None, init=False)
    web: WebServer | None = field(default=None, init=False)
    port: int | None = field(default=None, init=False)
    """Port of the web server, once it listens."""
    started: asyncio.Event = field(factory=asyncio.Event, init=False)
    _stop: asyncio.Event = field(factory=asyncio.Event, init=False)
    _fold: Fold = field(init=False)
    _derived: Tree = field(factory=dict, init=False)
    _seen: int = field(default=0, init=False)
    _shown: Shown | None = field(default=None, init=False)
    _dirty: asyncio.Event = field(factory=asyncio.Event, init=False)
    _export: asyncio.Event = field(factory=asyncio.Event, init=False)
    _tick: asyncio.Event = field(factory=asyncio.Event, init=False)
    _export_problem: str = field(default="", init=False)
    _refused: dict[str, str] = field(factory=dict, init=False)
    _fetches: set[asyncio.Task[None]] = field(factory=set, init=False)
    _fetching: asyncio.Semaphore = field(factory=lambda: asyncio.Semaphore(FETCHES), init=False)

    def __attrs_post_init__(self) -> None:
        features = load_features(self.config.features, self.config.off)
        router = Router(features, self.config.features, self.config.site_url)
        keeper = Keeper(
            self.opened.state, export_file(self.config), self.opened.lock, self.config.state.rotate_bytes
        )
        self.core = Core(router, keeper, self._changed, self._forgotten)
        self.adapters = {c.name: kind.make(c, first) for kind, c, first in self.config.adapters}
        self.inbox = Inbox(self.core, self._release, self._start_fetch)
        self.hub = Switchboard(
            self.adapters,
            self.inbox.put,
            clock,
            self.opened.state.cursors.get,
            self.config.site_url,
            self.config.operators.rooms,
        )
        self.watch = Watch(self.parts, self.hub.tell_operators)
        if self.config.site:
            self.publisher = publisher_of(self.config)
            self.publisher.on_switch = self._switched
            self.after_build = after_build_of(self.config)
            self.projection = projection_of(self.config)
        self._fold = Fold(features, self.config.features)

    @property
    def settings(self) -> GatheringSettings:
        """The configuration of the gathering."""
        return gathering_settings(self.config)

    def stop(self) -> None:
        """Ask for an orderly end."""
        self._stop.set()

    async def run(self) -> bool:
        """Work until told to stop, or until no adapter is left. Returns whether it was told to.

        Raises PublishError where the site's folder is not ours, OSError where its address is taken.
        """
        try:
            return await self._run()
        finally:
            await self.core.keeper.close()

    async def _run(self) -> bool:
        for note in self.opened.notes:
            log.warning(note)
        await self._finish_forgetting()
        await self._open_web()
        self._changed()
        background = [
            asyncio.create_task(self._forever(name, call), name=name)
            for name, call in (
                ("inbox", self.inbox.run),
                ("export", self._keep_exporting),
                ("ticks", self._keep_ticking),
                ("slices", self._keep_showing),
                ("probe", self._keep_probing),
                *([("watch", self.watch.run)] if self.config.operators.rooms else []),
            )
        ]
        site = asyncio.create_task(self.publisher.run(), name="publisher") if self.publisher else None
        upload = asyncio.create_task(self.after_build.run(), name="after build") if self.after_build else None
        adapters = {
            asyncio.create_task(self._keep(adapter), name=f"adapter {name}") for name, adapter in self.adapters.items()
        }
        self.started.set()
        try:
            return await self._until_stopped(adapters, site)
        finally:
            try:
                async with asyncio.timeout(STOP):
                    await self._end(adapters, background, site)
                    if self.after_build and upload:
                        self.after_build.stop()
                        await upload
            except TimeoutError:
                log.error("the end took longer than %g s; what is left is ended at once", STOP)
            await self._abandon(
                [*adapters, *background, *self._fetches, *([site] if site else []), *([upload] if upload else [])]
            )

    async def _until_stopped(self, adapters: set[asyncio.Task[None]], site: asyncio.Task[None] | None) -> bool:
        told = asyncio.create_task(self._stop.wait(), name="stop")
        try:
            running = set(adapters)
            while running and not told.done():
                waiting = {told, *running, *([site] if site else [])}
                done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                running -= done
                if site in done:
                    site.result()
                    site = None
            return told.done()
        finally:
            told.cancel()

    async def _end(
        self,
        adapters: set[asyncio.Task[None]],
        background: Sequence[asyncio.Task[None]],
        site: asyncio.Task[None] | None,
    ) -> None:
        """Adapters, queue, export, last build."""
        self.hub.open = False
        await self.inbox.idle()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP / 4):
                await asyncio.gather(*(adapter.drain() for adapter in self.adapters.values()))
        await self._abandon(adapters)
        await self.inbox.idle()
        await self._abandon(background)
        with contextlib.suppress(NotWritten, OSError):
            await self.core.keeper.export(clock())
        try:
            if self.publisher and site:
                if not site.done():
                    self._show()
                    self.publisher.stop()
                await site
        finally:
            if self.web:
                await self.web.stop()

    async def _abandon(self, tasks: Sequence[asyncio.Task[Any]] | set[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _forever(self, name: str, call: Callable[[], Awaitable[None]]) -> None:
        """Keep a part running: what it raises is logged, and it is begun again."""
        while True:
            try:
                await call()
            except Exception:
                log.exception("a part of the bot failed and is begun again", part=name)
                await asyncio.sleep(RETRY)

    async def _keep(self, adapter: Adapter) -> None:
        """Keep an adapter running; a refused login is tried again every hour."""
        while True:
            try:
                await adapter.run(self.hub)
            except LoginRefused as error:
                self._refused[adapter.name] = str(error)
                log.error(f"{adapter.name}: {error} It is tried again in an hour.")
                await asyncio.sleep(self.hour)
                del self._refused[adapter.name]
            except Exception:
                log.exception("an adapter failed and is begun again", network=adapter.name)
                await asyncio.sleep(RETRY)
            else:
                return

    def _changed(self) -> None:
        self._dirty.set()
        self._export.set()
        self._tick.set()

    def _forgotten(self, problems: Sequence[str]) -> None:
        self._tell_left_over(problems)
        self._derived, self._seen = {}, 0
        if self.publisher:
            self.publisher.forget_former()

    async def _finish_forgetting(self) -> None:
        try:
            self._tell_left_over(await self.core.keeper.finish_forgetting(clock()))
        except (NotWritten, OSError) as error:
            log.error(f"somebody asked to be forgotten; their records could not be rewritten: {error}")

    def _tell_left_over(self, problems: Sequence[str]) -> None:
        for problem in problems:
            log.error("somebody asked to be forgotten, but " + problem)

    async def _keep_exporting(self) -> None:
        while True:
            await self._export.wait()
            self._export.clear()
            await asyncio.sleep(EXPORT_DELAY)
            try:
                aside = await self.core.keeper.export(clock())
                await self.core.keeper.rotate()
            except (NotWritten, OSError) as error:
                self._export_problem = f"{self.config.state.path.name} could not be written: {error}"
                log.error(self._export_problem)
                self._export.set()
                await asyncio.sleep(RETRY)
            else:
                self._export_problem = ""
                if aside:
                    text = f"{self.config.state.path.name} was edited while the bot runs; the edit is kept as {aside}."
                    log.warning(text)
                    self.hub.tell_operators(text)

    async def _keep_ticking(self) -> None:
        """Put a tick into the inbox whenever time alone changes something; none is missed between two looks."""
        looked = clock()
        while True:
            self._tick.clear()
            edge, now = self._next_edge(looked), clock()
            looked = now
            if edge and edge <= now:
                self.inbox.put(Tick(now))
                self._changed()
                continue
            wait = min(MINUTE, (edge - now).total_seconds()) if edge else MINUTE
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._tick.wait()
                    await asyncio.sleep(EXPORT_DELAY)

    def _next_edge(self, looked: datetime) -> datetime | None:
        edges = [self._shown.until if self._shown else None, self.core.due()]
        return min((edge for edge in edges if edge), default=None)

    async def _keep_probing(self) -> None:
        """While the disk refuses, try again without waiting for somebody to type."""
        while True:
            await asyncio.sleep(RETRY)
            if not self.inbox.saved:
                await self.probe()

    async def probe(self) -> None:
        """Write an empty batch to learn whether the disk takes it again."""
        try:
            await self.core.commit((), {}, ())
        except Exception as error:
            log.error(f"the state still can't be written: {error}")
        else:
            self.inbox.saved = True
            log.warning("the state can be written again")

    async def _keep_showing(self) -> None:
        if self.publisher is None:
            return await asyncio.Event().wait() and None
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            self._show()
            await asyncio.sleep(0.05)

    def _show(self) -> None:
        assert self.publisher is not None
        assert self.projection is not None
        state = self.core.document.committed
        for record in reversed([one for one in self.core.document.log.newest() if one.number > self._seen]):
            self._derived = self._fold.derive(self._derived, state, record)
            self._seen = record.number
        self._shown = self.projection.update(state, self._derived, clock())
        self.publisher.update(self._shown)

    @property
    def gathering(self) -> Gathering:
        """The gathering as committed."""
        return Gathering(cast("Tree", self.core.document.committed["gathering"]))

    def _switched(self, build: Any) -> None:
        if self.web:
            self.web.announce(build)
        if self.after_build:
            self.after_build.switched()

    async def _open_web(self) -> None:
        if self.config.site is None or not self.config.site.listen:
            return
        host, _, port = self.config.site.listen.rpartition(":")
        self.web = WebServer(host.strip("[]"), int(port), self.config.site.output, self.health)
        self.port = await self.web.start()

    def _release(self, message: Message, answers: Sequence[Any]) -> None:
        self.hub.release(message, answers)

    def _start_fetch(self, message: Message, feature: str, wanted: Ask) -> None:
        assert isinstance(wanted, Fetch)
        if len(self._fetches) >= 10 * FETCHES:
            self.inbox.put(Result(message, Fetched(error="too many documents are being loaded already.")))
            return
        task = asyncio.create_task(self._fetch(message, wanted), name=f"fetch for {message.room.name}")
        self._fetches.add(task)
        task.add_done_callback(self._fetches.discard)

    async def _fetch(self, message: Message, wanted: Fetch) -> None:
        async with self._fetching:
            try:
                fetched = await fetch(wanted, self.config.fetch)
            except Exception:
                log.exception("a fetch failed", url=wanted.url)
                fetched = Fetched(error="it failed inside the bot; the operators see what happened.")
        self.inbox.put(Result(message, fetched))

    def parts(self) -> dict[str, Health]:
        """Return how each part does."""
        parts: dict[str, Health] = {name: self._adapter_health(adapter) for name, adapter in self.adapters.items()}
        parts["state"] = self._state_health()
        if self.publisher:
            parts["site"] = self.publisher.health()
        if self.after_build:
            parts["after_build"] = self.after_build.health()
        return parts

    def health(self) -> tuple[bool, dict[str, Any]]:
        """Return whether everything works, and how each part does."""
        parts = self.parts()
        good = all(part.colour is not Colour.RED for part in parts.values())
        shown: dict[str, Any] = {name: {"colour": part.colour.value, "text": part.text} for name, part in parts.items()}
        for name, adapter in self.adapters.items():
            shown[name]["counts"] = dict(adapter.counts())
        counts = {
            "dropped_lines": self.inbox.dropped,
            "failed_commands": self.inbox.failures,
            "unaddressed_messages": self.hub.unaddressed,
        }
        return good, {"ok": good, "parts": shown, "counts": counts}

    def _adapter_health(self, adapter: Adapter) -> Health:
        refused = self._refused.get(adapter.name)
        return Health(Colour.RED, refused) if refused else adapter.health()

    def _state_health(self) -> Health:
        if not self.inbox.saved:
            return Health(Colour.RED, "changes can't be saved")
        if self._export_problem:
            return Health(Colour.RED, self._export_problem)
        return Health(Colour.GREEN, f"{self.core.document.seq} batches written")
