"""Keeps the site up to date: one build at a time; changes during a build go into the next."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import logging
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from ptgbot.chat.adapter import Colour, Health
from ptgbot.projection import Shown
from ptgbot.publish.builder import Builder, BuilderDied, BuildFailed
from ptgbot.publish.mark import ShownBefore
from ptgbot.publish.releases import Folders, PublishError
from ptgbot.store.edits import Json
from ptgbot.waiting import to_its_end, within

log = logging.getLogger(__name__)

TOLD = "site.json"
"""Tells the configuration of the pages which extensions to load, and the language."""


@frozen
class BuildResult:
    """A build that readers see from now on."""

    build: int
    at: datetime
    pages: tuple[str, ...]
    """Pages that differ from the former build, as file names below the site."""
    seconds: float
    """Seconds from the start of the build to the switch."""
    about: Mapping[str, Any]
    """The contents of ``build.json``."""


def _ignore(_: object) -> None:
    return None


@define(eq=False)
class Publisher:
    """Builds committed slices into a site below ``output``.

    Nothing here raises into the bot: while a build fails, the last good site stays, :meth:`health` is red, and the
    build is tried again with the next change and every ``retry`` seconds. ``debounce`` is the shortest time in seconds
    between the starts of two builds; a single change does not wait.
    """

    output: Path
    build_timeout: float = field(default=60.0, kw_only=True)
    debounce: float = field(default=0.25, kw_only=True)
    retry: float = field(default=30.0, kw_only=True)
    on_switch: Callable[[BuildResult], None] = field(default=_ignore, kw_only=True)
    on_note: Callable[[Mapping[str, Any]], None] = field(default=_ignore, kw_only=True)
    """Called with the contents of ``build.json`` when builds begin to fail, and when they work again."""
    on_built: Callable[[datetime], None] = field(default=_ignore, kw_only=True)
    """Called after each build that worked with the moment of its slices, also if no page has changed."""
    pages: Path | None = field(default=None, kw_only=True)
    """Folder with the sources of the pages; None for ours."""
    templates: Path | None = field(default=None, kw_only=True)
    """Folder of the operator's templates, which take precedence over ours."""
    extensions: Sequence[str] = field(default=(), kw_only=True)
    """Names of the Sphinx extensions of the enabled features; the configuration of the pages reads them."""
    language: str = field(default="en", kw_only=True)
    """Language of the pages."""
    projects: Sequence[str] = field(default=(), kw_only=True)
    """Paths of the projects below this site."""
    on_frame: Callable[[Json], None] = field(default=_ignore, kw_only=True)
    """Called after each build with the menu and the title of every page, for the projects below the site."""
    told: Mapping[str, Json] = field(factory=dict, kw_only=True)
    """Further values for the configuration of the pages."""
    idle: float | None = field(default=None, kw_only=True)
    """Seconds after which a builder without work ends; None for never.

    With a number, the builder is only started if the site on the disk does not show the slices.
    """
    command: Sequence[str] | None = field(default=None, kw_only=True)
    """Command that starts the builder, to which its folders are added; None for ours."""
    _folders: Folders = field(init=False)
    _builder: Builder = field(init=False)
    _wanted: Shown | None = field(default=None, init=False)
    _tried: Shown | None = field(default=None, init=False)
    _wake: asyncio.Event = field(factory=asyncio.Event, init=False)
    _stopped: asyncio.Event = field(factory=asyncio.Event, init=False)
    _at_rest: asyncio.Event = field(factory=asyncio.Event, init=False)
    """Set unless a build runs, or the next build has to wait because the last one has just begun."""
    _opened: bool = field(default=False, init=False)
    _forgetting: int = field(default=0, init=False)
    _built: bool = field(default=False, init=False)
    _more: bool = field(default=False, init=False)
    """Whether the last build left finished pages for the next one."""
    _finished: list[str] = field(factory=list, init=False)
    """Finished pages that were replaced since the last release."""
    _mark: ShownBefore = field(init=False)
    _failing_since: datetime | None = field(default=None, init=False)
    _failure: str = field(default="", init=False)

    def __attrs_post_init__(self) -> None:
        """Prepare without touching files; :meth:`open` touches them."""
        self._at_rest.set()
        # Absolute but not resolved: the last part is the link itself.
        self._folders = Folders(self.output.parent.resolve() / self.output.name, self.projects)
        start = self.command or (sys.executable, "-P", "-m", "ptgbot_site.build.worker")
        work = self._folders.work
        folders = [str(folder) for folder in (self._folders.source, work / "html", work / "doctrees")]
        self._builder = Builder([*start, *folders], self.build_timeout)
        brought = [_beside(name) for name in ("ptgbot_site", *self.extensions)] if self.idle is not None else []
        self._mark = ShownBefore(work / "shown", self._contents_told(), brought, self._bulk())

    def update(self, shown: Shown) -> None:
        """Set what the site shall show. Returns at once; the values must not be changed afterwards."""
        self._wanted = shown
        self._wake.set()

    async def at_rest(self) -> None:
        """Wait until the next build can begin at once. Slices computed earlier would be out of date by then."""
        await self._at_rest.wait()

    def folder_of(self, path: str) -> Path:
        """Return the output of a project below this site."""
        return self._folders.project(path)

    def page_names(self) -> frozenset[str]:
        """Return the file names of the pages that have a source of their own.

        Raises:
            OSError: a folder of sources cannot be read.
        """
        folders = [self.pages] if self.pages else [_beside(name) / "pages" for name in self.extensions]
        found = [(folder, path) for folder in folders for path in folder.rglob("*.rst")]
        return frozenset(path.relative_to(folder).with_suffix(".html").as_posix() for folder, path in found)

    def forget_former(self) -> None:
        """Remove all former releases, because a forgotten person may be on their pages.

        The next :meth:`update` may come before or after this call, so the next two builds remove them, the first at
        once.
        """
        self._forgetting = 2
        self._wake.set()

    def stop(self) -> None:
        """Let :meth:`run` return, after a last build if one is due."""
        self._stopped.set()
        self._wake.set()

    @property
    def builder_pid(self) -> int | None:
        """Process id of the builder, None while it is not running."""
        return self._builder.pid

    @property
    def build_number(self) -> int | None:
        """Number of the build that readers see, None before the first."""
        return self._folders.current()

    @property
    def is_built(self) -> bool:
        """Whether a build has worked since the start."""
        return self._built

    @property
    def is_failing(self) -> bool:
        """Whether builds fail."""
        return self._failing_since is not None

    def health(self) -> Health:
        """Return the state of the site: red while builds fail, yellow before the first build."""
        if self._failing_since:
            since = f"{self._failing_since:%Y-%m-%d %H:%M:%S} UTC"
            return Health(Colour.RED, f"not built since {since}, the last good one stays: {self._failure}")
        if not self._built:
            return Health(Colour.YELLOW, "not built yet")
        return Health(Colour.GREEN, f"build {self._folders.current()} is up to date")

    async def open(self) -> None:
        """Make sure that the folder is ours, lock it and write the sources, so that a mistake is found at the start.

        After it, call :meth:`run`, :meth:`build_once` or :meth:`close`.

        Raises:
            PublishError: the folder belongs to another program, or another publisher uses it.
            OSError: the folder cannot be written.
        """
        if self._opened:
            return
        await to_its_end(self._folders.open)
        self._opened = True
        try:
            await to_its_end(self._copy_pages)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """End the builder and unlock the folder."""
        try:
            await self._builder.stop()
        finally:
            self._opened = False
            self._folders.close()

    async def build_once(self) -> BuildResult | None:
        """Build once; return None if the site shows everything already. The publisher is closed afterwards.

        Raises:
            PublishError: the folder is not ours, or the build failed.
            OSError: the folder cannot be written.
        """
        try:
            await self.open()
            first = await self._build()
            while self._more:
                first = await self._build() or first
            return first
        finally:
            await self.close()

    async def run(self) -> None:
        """Build after each change until :meth:`stop`. The publisher is closed afterwards.

        Raises:
            PublishError: the folder is not ours.
            OSError: the folder cannot be written.
        """
        try:
            await self.open()
            while await self._wait():
                started = time.monotonic()
                self._at_rest.clear()
                await self._attempt()
                await within(self._stopped, self.debounce - (time.monotonic() - started))
                self._at_rest.set()
        finally:
            self._at_rest.set()
            await self.close()

    def _copy_pages(self) -> None:
        """Copy the sources of the pages anew. The builder adds those of the extensions."""
        source = self._folders.source
        if source.exists():
            shutil.rmtree(source)
        shutil.copytree(self.pages or _our_pages(), source, ignore=shutil.ignore_patterns("__pycache__", "_build"))
        if self.templates:
            shutil.copytree(self.templates, source / "_templates", dirs_exist_ok=True)
        (source / TOLD).write_text(self._contents_told(), encoding="utf-8")

    def _contents_told(self) -> str:
        kept = {"kept": str(self._folders.kept)} if self.idle is not None else {}
        return json.dumps({"extensions": [*self.extensions], "language": self.language, **kept, **self.told})

    def _bulk(self) -> Path | None:
        bulk = self.told.get("bulk")
        return Path(bulk) if isinstance(bulk, str) else None

    def _is_new(self) -> bool:
        return self._is_changed() or self._more

    def _is_changed(self) -> bool:
        return self._wanted is not self._tried or (self._forgetting == 2 and self._failing_since is None)

    async def _wait(self) -> bool:
        """Wait until a build is due. Return False when stopped."""
        while not self._stopped.is_set():
            if self._is_new():
                return True
            self._wake.clear()
            if await within(self._wake, self.retry if self._failing_since else self._patience()):
                continue
            if self._failing_since:
                return True
            await self._builder.stop()
        return self._is_changed()

    def _patience(self) -> float | None:
        """Return the seconds until the builder ends if nothing comes, None if it goes on or has ended."""
        return self.idle if self._builder.pid else None

    async def _is_due(self, wanted: Shown) -> bool:
        """Say whether a build would change anything."""
        if self.idle is None:
            return self._builder.is_due(wanted)
        return self._more or not await to_its_end(lambda: self._mark.holds(wanted))

    async def _attempt(self) -> None:
        failing = self._failing_since
        try:
            result = await self._build()
        except PublishError as error:
            self._note_failure(str(error))
        else:
            if self._tried:
                self.on_built(self._tried.at)
            if result:
                self.on_switch(result)
            elif failing:
                self.on_note(self._folders.about())

    async def _build(self) -> BuildResult | None:
        wanted, started = self._wanted, time.monotonic()
        if wanted is None:
            return None
        self._tried = wanted
        try:
            due = await self._is_due(wanted)
            if due:
                await self._ask_builder(wanted)
            built, finished = self._folders.work / "html", tuple(self._finished)
            if built.is_dir():
                release = await to_its_end(lambda: self._folders.release(built, wanted.files, wanted.at, finished))
            else:
                release = None
            self._finished.clear()
            if due and self.idle is not None and not self._more:
                await to_its_end(lambda: self._mark.put(wanted))
            if self._forgetting:
                await to_its_end(lambda: self._folders.sweep(0))
                self._forgetting -= 1
        except (BuildFailed, BuilderDied, OSError) as error:
            raise PublishError(str(error)) from error
        self._built = True
        self._failing_since, self._failure = None, ""
        if release is None:
            return None
        pages = tuple(name for name in release.changed if name.endswith(".html"))
        return BuildResult(release.number, wanted.at, pages, time.monotonic() - started, release.about)

    async def _ask_builder(self, wanted: Shown) -> None:
        number = (self._folders.current() or 0) + 1
        self._more = False
        for attempt in (1, 2):
            try:
                built = await self._builder.build(number, wanted)
            except BuilderDied:
                if attempt == 2:
                    raise
                log.warning("the builder died, it is started anew", exc_info=True)
            else:
                self._finished += built.finished
                self._more = built.more
                self.on_frame(built.frame)
                return

    def _note_failure(self, text: str) -> None:
        self._failing_since = self._failing_since or datetime.now(UTC)
        before, self._failure = self._failure, text
        if text != before:
            log.error("the site could not be built: %s", text)
        self.on_note(self._folders.note_failure(self._failing_since))


def _our_pages() -> Path:
    return _beside("ptgbot_site") / "project"


def _beside(module: str) -> Path:
    """Return the folder of a module."""
    # By name, not by import: the core never imports the site, and a bot without a site never loads it.
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent
