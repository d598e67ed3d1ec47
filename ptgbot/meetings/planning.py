"""Regular meetings in the state: what calendars say, what the site shows, and who is told when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

from ptgbot.chat.commands import Context, Decision, Deliver
from ptgbot.chat.groups import ALL
from ptgbot.chat.message import Target
from ptgbot.chat.text import fold
from ptgbot.feature import Fact, Look, Slice, SliceKind, Source, SourceHub
from ptgbot.meetings.agenda import Agenda, Point
from ptgbot.meetings.calendars import follow_calendars
from ptgbot.meetings.meeting import name_of
from ptgbot.meetings.reminders import next_word, to_tell, word_before
from ptgbot.meetings.schedule import Planned
from ptgbot.meetings.settings import MeetingsSettings
from ptgbot.store.edits import ABSENT, Edit, Json, Tree

EARLIEST: Final = timedelta(minutes=30)
"""How long before its time a meeting may begin and still have its agenda."""
SHOWN: Final = 20
"""Meetings that the site shows."""
NEVER: Final = "1970-01-01T00:00:00+00:00"
"""The moment up to which rooms have been told, before the first word."""


def empty_plan() -> Tree:
    """Return the part of the state without calendars."""
    return {"planned": {}, "told": NEVER}


def planned_in(tree: Tree) -> list[Planned]:
    """Return all known regular meetings, the next one first."""
    calendars = cast("Mapping[str, Any]", tree["planned"])
    found = {one.id: one for row in calendars.values() for one in map(Planned.from_json, row["meetings"])}
    return sorted(found.values(), key=lambda one: (one.start, one.id))


def learned_plan(tree: Tree, facts: Sequence[Fact]) -> list[Edit]:
    """Return the edits for facts about calendars; none for contents that are known."""
    calendars = cast("Tree", tree["planned"])
    newest = {str(value["calendar"]): value for value in (cast("Tree", fact.value) for fact in facts)}
    changed = {
        name: value
        for name, value in newest.items()
        if cast("Tree", calendars.get(name, {})).get("digest") != value["digest"]
    }
    return [Edit(("planned", name), calendars.get(name, ABSENT), value) for name, value in changed.items()]


def is_calendar(fact: Fact) -> bool:
    """Say whether a fact is about a calendar."""
    return fact.key.startswith("calendar ")


# Rooms


def _is_room(wanted: str, full: str) -> bool:
    """Say whether the name in a calendar means a room, whose full name is ``NETWORK/ROOM``."""
    return fold(wanted) in (fold(full), fold(full.partition("/")[2]))


def _targets(meeting: Planned, rooms: Iterable[Target]) -> tuple[Target, ...]:
    return tuple(room for room in rooms if _is_room(meeting.room, f"{room.network}/{room.room}"))


# The word before


def plan_due(tree: Tree, settings: MeetingsSettings) -> datetime | None:
    """Return the next moment at which a room is to be told of its meeting, None if there is none."""
    return next_word(planned_in(tree), _told(tree), settings.remind)


def _told(tree: Tree) -> datetime:
    return datetime.fromisoformat(str(tree["told"]))


def plan_tick(tree: Tree, at: datetime, context: Context[MeetingsSettings]) -> Decision:
    """Tell the rooms whose meetings begin soon. Lines for the same room leave in order."""
    group, settings = context.groups.find(ALL), context.settings
    rooms = group.rooms if group else ()
    delivers = []
    for meeting in to_tell(planned_in(tree), _told(tree), at, settings.remind):
        targets = _targets(meeting, rooms)
        if targets:
            text = word_before(meeting, at, settings.chairs.get(name_of(meeting.name), ()))
            delivers.append(Deliver("say", targets, text, within=(meeting.start - at).total_seconds()))
    return Decision([Edit(("told",), tree["told"], at.isoformat())], deliver=tuple(delivers))


# The start


def agenda_at(tree: Tree, name: str, rooms: Iterable[str], at: datetime) -> tuple[Point, ...]:
    """Return the agenda of the regular meeting that begins now, empty without one.

    Args:
        tree: the state.
        name: the name of the meeting that begins.
        rooms: the full names of its rooms.
        at: the present moment (UTC, aware).
    """
    places = [*rooms]
    for one in planned_in(tree):
        is_now = one.start - EARLIEST <= at < one.start + timedelta(minutes=one.minutes)
        if is_now and name_of(one.name) == name and any(_is_room(one.room, full) for full in places):
            return one.agenda
    return ()


def agenda_told(points: tuple[Point, ...]) -> str:
    """Return the sentence with which the bot tells an agenda at the start of a meeting."""
    return str(Agenda(points))


# Site


def _next(look: Look[MeetingsSettings], _key: str) -> Slice:
    coming = [one for one in planned_in(look.state) if _end(one) > look.at][:SHOWN]
    rows: list[Json] = [one.to_json() for one in coming]
    return Slice(rows, min(map(_end, coming), default=None))


def _end(meeting: Planned) -> datetime:
    return meeting.start + timedelta(minutes=meeting.minutes)


NEXT = SliceKind[MeetingsSettings]("next", _next, (("planned",),))
"""The next regular meetings, each as ``{name, room, start, minutes, agenda}``."""


# Calendars


async def _follow(settings: MeetingsSettings, hub: SourceHub) -> None:
    await follow_calendars(settings.calendars, settings.calendar_minutes * 60, hub)


CALENDARS = Source[MeetingsSettings]("calendars", _follow, lambda settings: bool(settings.calendars))
"""The calendars of regular meetings."""
