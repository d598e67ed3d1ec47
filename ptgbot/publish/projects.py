"""The Sphinx projects below the site: each has a publisher of its own, so its builds delay no other page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from attrs import define, evolve, field, frozen

from ptgbot.chat.adapter import Health
from ptgbot.projection import FRAME, SITE, Shown
from ptgbot.publish.publisher import BuildResult, Publisher
from ptgbot.store.edits import Json

IDLE = 60.0
"""Seconds after which the builder of a project ends if there is nothing to build, which frees its memory."""


@frozen
class Project:
    """A project below the site."""

    path: str
    """Its folder below the site."""
    extension: str
    """Name of its Sphinx extension."""
    reads: Sequence[str]
    """Names of the slices that it shows; ``NAME:*`` means every key."""
    bulk: Path
    """Folder of the bulk storage of its feature."""

    def portion(self, slices: Mapping[str, Json]) -> dict[str, Json]:
        """Return the slices that the project shows."""
        names = {SITE, *(name for name in self.reads if not name.endswith(":*"))}
        starts = tuple(name.removesuffix("*") for name in self.reads if name.endswith(":*"))
        return {name: value for name, value in slices.items() if name in names or (starts and name.startswith(starts))}


@define(eq=False)
class Projects:
    """Passes slices on to the publishers of the projects, and runs them."""

    publishers: Mapping[str, tuple[Project, Publisher]]
    """By path."""
    _frame: Json = field(default=None, init=False)
    _shown: Shown | None = field(default=None, init=False)
    _passed: dict[str, Shown] = field(factory=dict, init=False)

    def __iter__(self) -> Iterator[Publisher]:
        """Iterate over the publishers."""
        return (publisher for _, publisher in self.publishers.values())

    def framed(self, frame: Json) -> None:
        """Take over the menu and the title of the main site after one of its builds."""
        if frame != self._frame:
            self._frame = frame
            self._pass()

    def update(self, shown: Shown) -> None:
        """Set what the projects shall show. Nothing is built before the frame of the main site is known."""
        self._shown = shown
        self._pass()

    def _pass(self) -> None:
        if self._shown is None or self._frame is None:
            return
        for path, (project, publisher) in self.publishers.items():
            slices = {**project.portion(self._shown.slices), FRAME: self._frame}
            former = self._passed.get(path)
            if former and _same(former.slices, slices) and former.zone == self._shown.zone:
                continue
            touched = {name: at for name, at in self._shown.touched.items() if name in slices}
            self._passed[path] = evolve(self._shown, slices=slices, touched=touched, files={})
            publisher.update(self._passed[path])

    def switched(self, tell: Callable[[str, BuildResult], None]) -> None:
        """Let a function be told of each switch, with the path of the project."""
        for path, (_, publisher) in self.publishers.items():
            publisher.on_switch = _telling(path, tell)

    def forget_former(self) -> None:
        """Remove all former releases, because a forgotten person may be on their pages."""
        for publisher in self:
            publisher.forget_former()

    def health(self) -> Mapping[str, Callable[[], Health]]:
        """Return a function for the health of each project, by the name of its part in ``/healthz``."""
        return {f"site/{path}": publisher.health for path, (_, publisher) in self.publishers.items()}

    async def open(self) -> None:
        """Lock the folders.

        Raises:
            PublishError: a folder is not ours.
        """
        for publisher in self:
            await publisher.open()

    async def close(self) -> None:
        """End the builders and unlock the folders."""
        await asyncio.gather(*(publisher.close() for publisher in self))

    async def run(self) -> None:
        """Build after each change until :meth:`stop`.

        Raises:
            PublishError: a folder is not ours.
        """
        await asyncio.gather(*(publisher.run() for publisher in self))

    def stop(self) -> None:
        """Let :meth:`run` return, after a last build of each project that needs one."""
        for publisher in self:
            publisher.stop()


def _telling(path: str, tell: Callable[[str, BuildResult], None]) -> Callable[[BuildResult], None]:
    return lambda build: tell(path, build)


def _same(former: Mapping[str, Json], slices: Mapping[str, Json]) -> bool:
    """Say whether these are the same objects. A slice that did not change is the same object as before."""
    return former.keys() == slices.keys() and all(former[name] is slices[name] for name in slices)
