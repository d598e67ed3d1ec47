"""What features have running beside the bot: sources and jobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from ptgbot.bulk import check_names
from ptgbot.chat.inbox import Item
from ptgbot.chat.message import Person
from ptgbot.parts.health import Guest
from ptgbot.parts.jobs import jobs_of
from ptgbot.parts.sources import SourceRun, sources_of
from ptgbot.router import Router
from ptgbot.store.keeper import Keeper


def guests_of(
    router: Router,
    bulk: Path,
    put: Callable[[Item], bool],
    report: Callable[[str, str], None],
    clock: Callable[[], datetime],
    keeper: Keeper,
    source: Path | None = None,
) -> Sequence[Guest]:
    """Return the sources and jobs of all features. Raises ConfigError if two have the same name.

    Args:
        bulk: folder in which each guest has a folder of its own.
        put: takes facts into the inbox.
        report: tells the operators a sentence about a guest.
        keeper: has the documents of the store.
        source: the file of the configuration, None if it was not read from one.
    """
    features, settings_of = router.features, router.settings_of
    check_names(features)
    sources = sources_of(features, settings_of, bulk, put, report, clock, keeper)
    keeper.on_documents = lambda: _wake(sources)
    return (*sources, *jobs_of(features, settings_of, bulk, clock, source))


def _wake(sources: Sequence[SourceRun]) -> None:
    for source in sources:
        source.wake()


async def forget_beside(guests: Sequence[Guest], person: Person) -> None:
    """Remove a person from the bulk storage of all sources.

    Raises:
        OSError: the person is not removed.
    """
    for guest in guests:
        if isinstance(guest, SourceRun):
            await guest.forget(person)
