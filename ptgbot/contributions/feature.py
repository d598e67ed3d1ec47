"""The side of contributions that the program sees."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from ptgbot.contributions.asking import COMMANDS
from ptgbot.contributions.commands import TOOLS
from ptgbot.contributions.refreshing import BULK_COMMANDS
from ptgbot.contributions.settings import StatsSettings
from ptgbot.feature import Feature, Job


def _refresh(settings: StatsSettings, source: Path | None) -> Sequence[str]:
    wanted = settings.repositories or settings.gerrit or settings.mail
    return (sys.executable, "-P", "-m", "ptgbot", "stats", "refresh", str(source)) if source and wanted else ()


class StatsFeature(Feature[StatsSettings]):
    """Who contributed what, and for whom."""

    name = "stats"
    settings = StatsSettings
    rank = 400
    tools = TOOLS
    bulk_commands = BULK_COMMANDS
    commands = COMMANDS
    jobs = (Job("refresh", _refresh, lambda settings: settings.seconds, timeout=6 * 3600.0, memory=4_000_000_000),)


FEATURE = StatsFeature()
