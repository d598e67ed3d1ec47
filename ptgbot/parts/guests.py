"""What features have running beside the bot: sources and jobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from ptgbot.bulk import check_names
from ptgbot.chat.inbox import Item
from ptgbot.parts.health import Guest
from ptgbot.parts.jobs import jobs_of
from ptgbot.parts.sources import sources_of
from ptgbot.router import Router


def guests_of(
    router: Router,
    bulk: Path,
    put: Callable[[Item], bool],
    report: Callable[[str, str], None],
    clock: Callable[[], datetime],
) -> Sequence[Guest]:
    """Return the sources and jobs of all features. Raises ConfigError if two have the same name.

    Args:
        bulk: folder in which each guest has a folder of its own.
        put: takes facts into the inbox.
        report: tells the operators a sentence about a guest.
    """
    features, settings_of = router.features, router.settings_of
    check_names(features)
    sources = sources_of(features, settings_of, bulk, put, report, clock)
    return (*sources, *jobs_of(features, settings_of, bulk, clock))
