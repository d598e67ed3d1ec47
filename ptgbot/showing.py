"""What the site shows of the committed state: slices and files for the publisher, and when time changes them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import cast

from attrs import define, field

from ptgbot.config import Config
from ptgbot.core import Core
from ptgbot.gathering.document import PtgJson, dump, public, to_document
from ptgbot.gathering.model import Gathering
from ptgbot.gathering.recap import Recap
from ptgbot.gathering.schedule import zone_of
from ptgbot.gathering.settings import GatheringSettings
from ptgbot.gathering.slices import next_change, slices
from ptgbot.publish import Publisher
from ptgbot.site_facts import site_files, site_slices
from ptgbot.store.edits import Json, Tree
from ptgbot.store.export import ExportFile
from ptgbot.store.history import History

PAUSE = 0.05
"""Seconds between two looks at the state."""


def gathering_settings(config: Config) -> GatheringSettings:
    """Return the configuration of the gathering."""
    return cast("GatheringSettings", config.features.get("gathering", GatheringSettings()))


def export_file(config: Config) -> ExportFile:
    """Return the exported file of a configuration."""
    return ExportFile(config.state.path, PtgJson(gathering_settings(config).timezone))


@define(eq=False)
class Showing:
    """Tells the publisher what the site shall show, after commits and when time alone changed it."""

    config: Config
    core: Core
    clock: Callable[[], datetime]
    publisher: Publisher | None = None
    slices: Mapping[str, Json] = field(factory=dict, init=False)
    """The slices that the publisher was told last."""
    _recap: Recap = field(factory=Recap, init=False)
    _facts: Mapping[str, Json] = field(factory=dict, init=False)
    """What the site shows of the configuration."""
    _files: Mapping[str, bytes] = field(factory=dict, init=False)
    _due: asyncio.Event = field(factory=asyncio.Event, init=False)

    def __attrs_post_init__(self) -> None:
        """Read what only a new configuration changes. Raises OSError where the logo can't be read."""
        if self.config.site:
            self._facts, self._files = site_slices(self.config), site_files(self.config)

    def wake(self) -> None:
        """Note that the site may no longer be up to date."""
        self._due.set()

    async def run(self) -> None:
        """Keep the publisher informed for ever."""
        while True:
            await self._due.wait()
            self._due.clear()
            self.show()
            await asyncio.sleep(PAUSE)

    def show(self) -> None:
        """Tell the publisher what the site shall show now."""
        if self.publisher is None:
            return
        now, gathering = self.clock(), self.gathering
        history = History(self.core.state.log)
        self._recap.update(history.newest(), history.undone, zone_of(gathering, self.settings.timezone))
        self.slices = {**slices(gathering, now, self.settings, self._recap), **self._facts}
        self.publisher.update(self.slices, {**self._files, "ptg.json": self.public_json(now)}, now)

    def forget(self) -> None:
        """Make everything anew that may hold somebody who was forgotten."""
        self._recap.reset()
        if self.publisher:
            self.publisher.forget_former()

    def next_change(self, looked: datetime) -> datetime | None:
        """Return the first moment after another one from which the site looks different."""
        return next_change(self.gathering, looked, self.settings)

    @property
    def settings(self) -> GatheringSettings:
        """The configuration of the gathering."""
        return gathering_settings(self.config)

    @property
    def gathering(self) -> Gathering:
        """The gathering as committed."""
        return Gathering(cast("Tree", self.core.state.committed["gathering"]))

    def public_json(self, now: datetime) -> bytes:
        """Return what ``/ptg.json`` shows."""
        return dump(public(to_document(self.gathering.tree, now, self.settings.timezone, self.core.state.changed)))
