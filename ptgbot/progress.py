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
    late = None if deliver.late is None else at + timedelta(seconds=deliver.late)
    return [
        Delivery(first + n, feature, deliver.kind, to.network, to.room, deliver.body, until, deliver.about, late)
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
    first, entry = _effect_of(own, row)
    if entry is None:
        return None, []
    failed = {**entry["failed"], **({_name(row): why} if why else {})}
    now = {**entry, "reached": entry["reached"] + (not why), "failed": failed}
    if "late" in entry:
        now["late"] = {name: said for name, said in entry["late"].items() if name != _name(row)}
    if not _left(first, now):
        return Outcome(row.about, now["reached"], failed), [Edit((PROGRESS, first), entry, ABSENT)]
    return _noted(row, first, entry, now)


def delayed(own: Tree, row: Delivery, why: str) -> tuple[Outcome | None, list[Edit]]:
    """Note that a row is late. Return an outcome if now all open rows of its effect are late, and the edits.

    ``why`` is a sentence that says why it was not delivered yet. The outcome is returned once for each effect.
    """
    first, entry = _effect_of(own, row)
    if entry is None or _name(row) in entry.get("late", {}):
        return None, []
    return _noted(row, first, entry, {**entry, "late": {**entry.get("late", {}), _name(row): why}})


def _effect_of(own: Tree, row: Delivery) -> tuple[str, dict[str, Any] | None]:
    """Return the number of the first row of a row's effect, and its progress, None if it is unknown."""
    table = cast("Mapping[str, dict[str, Any]]", own[PROGRESS])
    first = next((n for n, entry in table.items() if int(n) <= row.number <= int(entry["last"])), "")
    return first, table.get(first)


def _name(row: Delivery) -> str:
    return f"{row.network} {row.target}"


def _left(first: str, entry: Mapping[str, Any]) -> int:
    """Return the number of rows of an effect that are not settled."""
    return int(entry["last"]) - int(first) + 1 - int(entry["reached"]) - len(entry["failed"])


def _noted(
    row: Delivery, first: str, entry: Mapping[str, Any], now: dict[str, Any]
) -> tuple[Outcome | None, list[Edit]]:
    """Return the edit of an effect's progress, and the outcome if it is time to tell of late rows."""
    late = now.get("late", {})
    told = bool(late) and len(late) == _left(first, now) and "told" not in now
    edit = Edit((PROGRESS, first), cast("Json", entry), cast("Json", {**now, **({"told": True} if told else {})}))
    return (Outcome(row.about, now["reached"], now["failed"], late) if told else None), [edit]
