"""The pages as the bot sees them: it tells their builder of news, and the gathering of the last cycle."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from ptgbot.chat.commands import Decision
from ptgbot.contributions.page_names import PATH
from ptgbot.contributions.paging import CYCLES
from ptgbot.contributions.settings import StatsSettings
from ptgbot.feature import Fact, Look, SiteProject, Slice, SliceKind, Source, SourceHub
from ptgbot.store.edits import ABSENT, Edit, Json, Tree

POLL: Final = 2.0
"""Seconds between two looks at the file that a count writes."""


def is_on(settings: StatsSettings) -> bool:
    """Say whether the configuration has something to count."""
    return bool(settings.repositories or settings.gerrit or settings.mail)


async def tell(_settings: StatsSettings, hub: SourceHub) -> None:
    """Tell the site of each new count, without end."""
    path, known = hub.folder.parent / CYCLES, -1
    while True:
        if (present := await asyncio.to_thread(_modified, path)) != known:
            known = present
            if found := await asyncio.to_thread(_read, path):
                await hub.learn([Fact(f"pages {found['revision']}", found)])
        await asyncio.sleep(POLL)


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return -1


def _read(path: Path) -> dict[str, Json] | None:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and "revision" in found else None


def learned(tree: Tree, facts: Sequence[Fact]) -> Decision | None:
    """Return the decision that notes the newest count: its number, and the last cycles that differ."""
    value = facts[-1].value
    if not isinstance(value, dict):
        return None
    tables = (edit for name in ("cycles", "days") for edit in _table(tree, name, value.get(name)))
    edits = [*_changed((), tree, {"revision": value.get("revision", 0)}), *tables]
    return Decision(edits) if edits else None


def _table(tree: Tree, name: str, found: Json) -> list[Edit]:
    present, new = tree.get(name), found if isinstance(found, dict) else {}
    if not isinstance(present, dict):
        return [Edit((name,), ABSENT, new)]
    gone = [Edit((name, key), present[key], ABSENT) for key in present if key not in new]
    return [*gone, *_changed((name,), present, new)]


def _changed(place: tuple[str, ...], before: Tree, after: Tree) -> list[Edit]:
    return [
        Edit((*place, key), before.get(key, ABSENT), value) for key, value in after.items() if before.get(key) != value
    ]


def _revision(look: Look[StatsSettings], _key: str) -> Slice:
    return Slice(look.state.get("revision", 0))


def _tracks(look: Look[StatsSettings]) -> Iterable[str]:
    cycles = look.state.get("cycles")
    return {name.casefold() for name in cycles} if isinstance(cycles, dict) else ()


def _cycle(look: Look[StatsSettings], key: str) -> Slice:
    """Return the module and its last cycle. A module in small letters precedes others of that name."""
    cycles = look.state.get("cycles")
    known = cycles if isinstance(cycles, dict) else {}
    names = sorted((name for name in known if name.casefold() == key), reverse=True)
    return Slice([names[0], known[names[0]]] if names else None)


def _days(look: Look[StatsSettings]) -> Iterable[str]:
    days = look.state.get("days")
    return [*days] if isinstance(days, dict) else ()


def _day(look: Look[StatsSettings], key: str) -> Slice:
    days = look.state.get("days")
    return Slice(days.get(key) if isinstance(days, dict) else None)


SLICES: Final = (
    SliceKind[StatsSettings]("revision", _revision, (("revision",),)),
    SliceKind[StatsSettings]("cycle", _cycle, (("cycles",),), keys=_tracks),
    SliceKind[StatsSettings]("day", _day, (("days",),), keys=_days),
)
SOURCE: Final = Source[StatsSettings]("pages", tell, wanted=is_on)
PROJECTS: Final = (SiteProject[StatsSettings](PATH, "ptgbot_site.contributions.project", ("stats.revision",), is_on),)
