"""The end of a meeting: questions when it was forgotten, and warnings before its minutes are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from ptgbot.chat.text import fold, listing, short
from ptgbot.meetings.extensions import Extension, Step
from ptgbot.meetings.marking import corrected_of, scribes_of, written_of
from ptgbot.meetings.meeting import Effect, Meeting, Saved, Say
from ptgbot.meetings.people import NAMED
from ptgbot.meetings.reminders import Forgotten, Waits, draft_due, question, question_due
from ptgbot.store.edits import Tree

FORGOTTEN: Final = "forgotten"
_MOST_NAMES = 10
"""Names that a warning lists."""


def with_waits(meeting: Meeting, waits: Waits) -> Meeting:
    """Return a meeting whose chairs are asked after other times than the usual ones."""
    if waits == Waits():
        return meeting
    state: Tree = {"idle": waits.idle.total_seconds(), "over": waits.over.total_seconds()}
    return meeting.with_extra(FORGOTTEN, {**meeting.extra.get(FORGOTTEN, {}), **state})


def _now(meeting: Meeting) -> Forgotten:
    tree: Mapping[str, Any] = meeting.extra.get(FORGOTTEN, {})
    usual = Waits()
    waits = Waits(
        timedelta(seconds=tree.get("idle", usual.idle.total_seconds())),
        timedelta(seconds=tree.get("over", usual.over.total_seconds())),
    )
    asked = datetime.fromisoformat(tree["asked"]) if "asked" in tree else None
    return Forgotten(_last_said(meeting), meeting.due, asked, tree.get("drafted", False), waits)


def _last_said(meeting: Meeting) -> datetime:
    for number in range(meeting.lines, 0, -1):
        row = meeting.log[str(number)]
        if row["kind"] != "bot":
            return datetime.fromisoformat(row["at"])
    return meeting.started


def _due(meeting: Meeting) -> datetime | None:
    if meeting.is_over:
        return None
    now = _now(meeting)
    return min((moment for moment in (question_due(now), draft_due(now)) if moment), default=None)


def _asked(meeting: Meeting, at: datetime) -> Step:
    now, tree = _now(meeting), meeting.extra.get(FORGOTTEN, {})
    draft = draft_due(now)
    if draft and draft <= at:
        told = Say("Nobody answered, so the minutes so far are written as a draft. #endmeeting ends the meeting.")
        return Step(meeting.with_extra(FORGOTTEN, {**tree, "drafted": True}), (Saved(), told))
    state: Tree = {**tree, "asked": at.isoformat(), "drafted": False}
    return Step(meeting.with_extra(FORGOTTEN, state), (Say(question(meeting.chair_nicks)),))


def warnings(meeting: Meeting) -> Iterator[str]:
    """Yield what the chairs should look at before the minutes of a meeting are read."""
    if not any(item.type == "topic" for item in meeting.items.values()):
        yield "The meeting had no topic."
    if unknown := _unknown_names(meeting):
        names = listing([short(name, 40) for name in unknown[:_MOST_NAMES]])
        yield f"Nobody here is called {names}."
    if failed := corrected_of(meeting).failed:
        found = [f"“{short(meeting.log[str(number)].get('text', ''), 60)}”" for number in failed[:_MOST_NAMES]]
        yield f"Corrections that matched nothing: {', '.join(found)}."


def _unknown_names(meeting: Meeting) -> list[str]:
    """Return the names of chairs, scribes and quoted people that nobody has who said a line."""
    spoke = {
        fold(name)
        for key, one in meeting.people.by_key.items()
        if not key.startswith(NAMED)
        for name in (one.nick, *one.names)
    }
    named = (*meeting.chair_nicks, *scribes_of(meeting).names, *written_of(meeting).values())
    return list(dict.fromkeys(name for name in named if fold(name) not in spoke))


def _warned(meeting: Meeting) -> tuple[Effect, ...]:
    return tuple(Say(warning) for warning in warnings(meeting))


def _draft_json(meeting: Meeting) -> Tree:
    is_draft = bool(meeting.extra.get(FORGOTTEN, {}).get("drafted")) and not meeting.is_over
    return {"draft": True} if is_draft else {}


ENDS = Extension(FORGOTTEN, due=_due, tick=_asked, closed=_warned, minutes=_draft_json)
"""Forgotten ends, and warnings."""
