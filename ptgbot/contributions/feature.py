"""The side of contributions that the program sees."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from ptgbot.chat.commands import Context, Decision
from ptgbot.contributions import pages, reporting, suggesting
from ptgbot.contributions.asking import COMMANDS
from ptgbot.contributions.commands import TOOLS
from ptgbot.contributions.hiding import HIDING
from ptgbot.contributions.holding import HOLDING
from ptgbot.contributions.old_addresses import ROUTES
from ptgbot.contributions.refreshing import BULK_COMMANDS
from ptgbot.contributions.settings import StatsSettings
from ptgbot.feature import Fact, Feature, Job
from ptgbot.store.edits import Tree


def _refresh(settings: StatsSettings, source: Path | None) -> Sequence[str]:
    wanted = pages.is_on(settings)
    return (sys.executable, "-P", "-m", "ptgbot", "stats", "refresh", str(source)) if source and wanted else ()


_KEPT = (
    "Contributions are counted from repositories, code review and mailing lists, which keep what was published;"
    " whoever runs the site can hide you there."
)


class StatsFeature(Feature[StatsSettings]):
    """Who contributed what, and for whom."""

    name = "stats"
    settings = StatsSettings
    rank = 400
    tools = TOOLS
    bulk_commands = (*BULK_COMMANDS, *HIDING, *HOLDING, *suggesting.COMMANDS, *reporting.BULK_COMMANDS)
    commands = COMMANDS
    jobs = (Job("refresh", _refresh, lambda settings: settings.seconds, timeout=6 * 3600.0, memory=4_000_000_000),)
    sources = (pages.SOURCE,)
    slices = pages.SLICES
    site = "ptgbot_site.contributions"
    projects = pages.PROJECTS
    routes = ROUTES

    def unforgotten(self, settings: StatsSettings) -> str:
        """Return a sentence about the sources that the bot only reads."""
        return _KEPT if pages.is_on(settings) else ""

    def learn(self, tree: Tree, facts: Sequence[Fact], context: Context[StatsSettings]) -> Decision | None:
        """Note the revision of the pages, and the last cycle of each module."""
        return pages.learned(tree, facts)


FEATURE = StatsFeature()
