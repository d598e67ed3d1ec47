"""The progress of delivered effects, kept in the core's own part of the state until every target is settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

from ptgbot.chat.commands import Deliver
from ptgbot.feature import Outcome
from ptgbot.linking import LINKS
from ptgbot.store.delivery import Delivery
from ptgbot.store.edits import ABSENT, Edit, Json, Tree
from ptgbot.store.record import CORE as CORE  # no feature may have this name

PROGRESS: Final = "progress"
"""The table in it that holds effects which are not settled, by the number of their first row."""


def empty() -> Tree:
    """Return the core's own part of the state before the first change."""
    return {PROGRESS: {}, "topics": {}, LINKS: {}}


def complete(own: Tree) -> None:
    """Add the keys that a state of an earlier version lacks."""
    for key, value in empty().items():
        own.setdefault(key, value)


def rows(deliver: Deliver, feature: str, first: int, at: datetime) -> list[Delivery]:
    """Return the rows of an effect, one for each target, numbered from ``first``."""
    until = at + timedelta(seconds=deliver.within)
    return [
        Delivery(first + n, feature, deliver.kind, to.network, to.room, deliver.body, until, deliver.about)
        for n, to in enumerate(dict.fromkeys(deliver.targets))
    ]


def begun(made: Sequence[Delivery]) -> list[Edit]:
    """Return the edits of the core's own state that note the begin of an effect, none for an effect without targets."""
    if not made:
        return []
    entry: Json = {"last": made[-1].number, "reached": 0, "failed": {}}
    return [Edit((PROGRESS, str(made[0].number)), ABSENT, entry)]


def counted(own: Tree, row: Delivery, why: str) -> tuple[Outcome | None, list[Edit]]:
    """Count one settled row. Return the outcome if it was the last row of its effect, and the edits that note it.

    ``why`` is a sentence about the failure, empty if the row was delivered.
    """
    table = cast("Mapping[str, dict[str, Any]]", own[PROGRESS])
    first = next((n for n, entry in table.items() if int(n) <= row.number <= int(entry["last"])), None)
    if first is None:
        return None, []
    entry = table[first]
    failed = {**entry["failed"], **({f"{row.network} {row.target}": why} if why else {})}
    now = {**entry, "reached": entry["reached"] + (not why), "failed": failed}
    if now["reached"] + len(failed) <= int(entry["last"]) - int(first):
        return None, [Edit((PROGRESS, first), entry, now)]
    return Outcome(row.about, now["reached"], failed), [Edit((PROGRESS, first), entry, ABSENT)]
