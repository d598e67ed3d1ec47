"""``ptgbot stats report``: what maintainers of the data mend or ask about, with addresses that no page has."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from ptgbot.chat.text import clean
from ptgbot.contributions.dates import day_of
from ptgbot.contributions.engine import Value
from ptgbot.contributions.masking import masked
from ptgbot.contributions.model import Register
from ptgbot.contributions.page_facts import GONE, gone_people
from ptgbot.contributions.page_store import looked_at
from ptgbot.contributions.paging import overlaps, untagged
from ptgbot.contributions.refreshing import register_of
from ptgbot.contributions.settings import StatsSettings
from ptgbot.contributions.snapshots import open_snapshot
from ptgbot.contributions.wishes import wishes_of
from ptgbot.feature import BulkCommand
from ptgbot.store.edits import Json

Report = dict[str, list[dict[str, Json]]]
"""The rows of each part by the name of the part."""
_TITLES: Final = {
    "gone": f"Active in this release or the last one, and not for {GONE // 86_400} days",
    "unknown": "Addresses that are not in the list of people",
    "overlapping": "People whose employers overlap",
    "domainless": "Organisations without a domain",
    "untagged": "Repositories without tags of releases",
}


def report(
    settings: StatsSettings, folder: Path, arguments: Sequence[str] = (), now: Callable[[], float] = time.time
) -> Iterator[str]:
    """Yield the report of the newest snapshot as lines of text, or as one line of JSON. Hidden people stay hidden.

    Args:
        settings: the settings.
        folder: the folder of the feature's bulk storage.
        arguments: empty, or the word ``json``.
        now: returns the present moment (seconds since 1970).

    Raises:
        ValueError: there is another argument, or no snapshot.
        BadData: a file about people cannot be used.
        BadList: the list of hidden people cannot be used.
    """
    if [*arguments] not in ([], ["json"]):
        raise ValueError(f"write json or nothing instead of {' '.join(arguments)!r}")
    counted = _of_snapshot(folder, int(now()))
    register = masked(register_of(settings), (), (), wishes_of(settings, folder))
    found = counted | _of_register(register, settings.repositories)
    if arguments:
        yield json.dumps(found, ensure_ascii=False)
        return
    for key, title in _TITLES.items():
        yield f"{title}: {len(found[key])}"
        # Names may have signs that a terminal would obey.
        yield from (f"  {' · '.join(clean(str(cell)) for cell in row.values() if cell != '')}" for row in found[key])


def _of_snapshot(folder: Path, now: int) -> Report:
    snapshot = open_snapshot(folder)
    if snapshot is None:
        raise ValueError("nothing has been counted yet; ptgbot stats build counts.")
    with looked_at(folder) as pages:
        overview = pages.facts("overview") or {}
    this, last = (str(overview.get(key, "")) for key in ("this", "last"))
    try:
        names = {str(row[0]): str(row[1]) for row in snapshot.rows("pages/people")}
        gone = gone_people(snapshot, now, this, last)
        unknown = snapshot.rows("unknown_people")
    finally:
        snapshot.close()
    return {
        "gone": [{"last": _day(moment), "id": one, "name": names.get(str(one), "")} for one, moment in gone],
        "unknown": [
            {"commits": commits, "id": one, "name": name, "last": _day(moment)}
            for one, name, commits, moment in unknown
        ],
    }


def _day(moment: Value) -> str:
    return day_of(float(str(moment)))


def _of_register(register: Register, repositories: Sequence[str]) -> Report:
    overlapping = [one for one in register.people if overlaps(one)]
    domainless = {one.name for one in register.organisations if not one.domains and one.name[:1] != "*"}
    return {
        "overlapping": [
            {"id": one.id, "name": one.name, "employers": ", ".join(employer.name for employer in one.employers)}
            for one in overlapping
        ],
        "domainless": [{"name": name} for name in sorted(domainless)],
        "untagged": [{"name": module, "uri": uri} for module, uri in untagged(register, repositories)],
    }


BULK_COMMANDS: Final = (
    BulkCommand[StatsSettings](
        "report", "say what maintainers of the data may mend, and who was not active lately: CONFIG [json]", report
    ),
)
