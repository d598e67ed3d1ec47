"""What the bot says by itself: a word before a regular meeting, and questions about meetings that nobody ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import field, frozen

from ptgbot.chat.text import listing
from ptgbot.meetings.schedule import Planned

BEFORE: Final = timedelta(minutes=10)
"""How long before a regular meeting its room is told."""


def next_word(meetings: Iterable[Planned], told: datetime, before: timedelta = BEFORE) -> datetime | None:
    """Return the next moment at which a room is to be told of its meeting.

    Args:
        meetings: the regular meetings.
        told: the moment up to which all rooms have been told (UTC, aware).
        before: how long before a meeting its room is told.
    """
    return min((one.start - before for one in meetings if one.start - before > told), default=None)


def to_tell(
    meetings: Iterable[Planned], told: datetime, now: datetime, before: timedelta = BEFORE
) -> list[Planned]:
    """Return the meetings of which their rooms are to be told now. A meeting that has begun is no news.

    Args:
        meetings: the regular meetings.
        told: the moment up to which all rooms have been told (UTC, aware).
        now: the present moment (UTC, aware).
        before: how long before a meeting its room is told.
    """
    return [one for one in meetings if told < one.start - before <= now < one.start]


def word_before(meeting: Planned, now: datetime, chairs: Sequence[str] = ()) -> str:
    """Return what a room is told before its meeting."""
    minutes = max(1, round((meeting.start - now).total_seconds() / 60))
    led = f" Chairs: {listing(chairs)}." if chairs else ""
    begin = f"begins in {minutes} minute{'' if minutes == 1 else 's'}, at {meeting.start:%H:%M} UTC"
    return f"{meeting.name} {begin}.{led} Start it with “#startmeeting {meeting.name}”."


@frozen
class Waits:
    """How long the bot waits before it asks about a meeting."""

    idle: timedelta = timedelta(minutes=30)
    """After the last line."""
    over: timedelta = timedelta(minutes=15)
    """After the planned end; and after the question, before the draft is written."""


@frozen
class Forgotten:
    """What decides whether a meeting was forgotten. All moments are UTC and aware."""

    last: datetime
    """When somebody last said something."""
    ends: datetime
    """The planned end."""
    asked: datetime | None = None
    """When the chairs were asked last."""
    drafted: bool = False
    """Whether the draft of the minutes was written since then."""
    waits: Waits = field(factory=Waits)


def question_due(meeting: Forgotten) -> datetime | None:
    """Return when the chairs are to be asked whether the meeting is over, None if they were.

    They are asked once about the planned end, and again after each silence.
    """
    late = meeting.ends + meeting.waits.over
    silent = meeting.last + meeting.waits.idle
    if meeting.asked is None:
        return min(late, silent)
    if meeting.asked < meeting.last:
        return silent if meeting.asked >= late else min(late, silent)
    return None if meeting.drafted or meeting.asked >= late else late


def draft_due(meeting: Forgotten) -> datetime | None:
    """Return when the draft is to be written because nobody has answered, None if it is not to be."""
    if meeting.asked is None or meeting.drafted or meeting.last > meeting.asked:
        return None
    return meeting.asked + meeting.waits.over


def question(chairs: Sequence[str]) -> str:
    """Return what the chairs are asked."""
    return f"{', '.join(chairs)}: is the meeting over? Then end it with #endmeeting."
