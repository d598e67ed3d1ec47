"""The queue of speakers and the agenda in a meeting: what lines and reactions change, and what the clock says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import attrs
from attrs import field, frozen

from ptgbot.meetings.agenda import Agenda, Point, point_is_over, points_said, stepped
from ptgbot.meetings.commands import run
from ptgbot.meetings.extensions import Extension, Step
from ptgbot.meetings.meeting import Line, Meeting, Say
from ptgbot.meetings.people import Speaker
from ptgbot.meetings.queue import HAND, Queue, Turn, Waiting, time_is_over, turned
from ptgbot.store.edits import Tree

QUEUE: Final = "queue"
AGENDA: Final = "agenda"


@frozen
class Timed:
    """A queue or an agenda, and the moment at which the time of its speaker or point is over."""

    queue: Queue = field(factory=Queue)
    agenda: Agenda = field(factory=Agenda)
    over: datetime | None = None
    """None where there is no limit, or it was told."""


# Queue


def queue_of(meeting: Meeting) -> Timed:
    """Return the queue of a meeting."""
    tree: Mapping[str, Any] = meeting.extra.get(QUEUE, {})
    if not tree:
        return Timed()
    waiting = tuple(Waiting(*row) for row in tree["waiting"])
    queue = Queue(waiting, tree["is_open"], tree["seconds"], tree["speaking"])
    return Timed(queue=queue, over=_moment(tree["over"]))


def _with_queue(meeting: Meeting, queue: Queue, over: datetime | None) -> Meeting:
    if queue == Queue():
        return meeting.with_extra(QUEUE, {})
    waiting: list[Any] = [[*attrs.astuple(one)] for one in queue.waiting]
    tree: Tree = {
        "waiting": waiting,
        "is_open": queue.is_open,
        "seconds": queue.seconds,
        "speaking": queue.speaking,
        "over": over.isoformat() if over else None,
    }
    return meeting.with_extra(QUEUE, tree)


def nicks_of(meeting: Meeting) -> list[str]:
    """Return the nicks of everybody who is known in a meeting."""
    return list(dict.fromkeys(nick for one in meeting.people.by_key.values() for nick in (one.nick, *one.names)))


def _queued(meeting: Meeting, who: Speaker, text: str, at: datetime) -> Step | None:
    now = queue_of(meeting)
    turn = turned(now.queue, who.nick, text, nicks_of(meeting), chairs=meeting.is_chair(who))
    if turn is None:
        return None
    after = _with_queue(meeting, turn.queue, _end_of_turn(turn, now.over, at))
    return Step(after, (Say(turn.says),) if turn.says else (), taken=True)


def _end_of_turn(turn: Turn, former: datetime | None, at: datetime) -> datetime | None:
    if not turn.called:
        return former if turn.queue.seconds else None
    return at + timedelta(seconds=turn.queue.seconds) if turn.queue.seconds else None


def _raised(meeting: Meeting, who: Speaker, sign: str, at: datetime) -> Step | None:
    # A sign may come with a selector of its look (U+FE0F).
    return _queued(meeting, who, "q+", at) if sign.rstrip("\ufe0f") == HAND else None


def _time_is_over(meeting: Meeting, at: datetime) -> Step | None:
    now = queue_of(meeting)
    return Step(_with_queue(meeting, now.queue, None), (Say(time_is_over(now.queue)),))


SPEAKERS = Extension(
    QUEUE,
    before=lambda meeting, line: _queued(meeting, line.who, line.text, line.at),
    reacted=_raised,
    due=lambda meeting: queue_of(meeting).over,
    tick=_time_is_over,
)
"""The queue of speakers."""


# Agenda


def agenda_of(meeting: Meeting) -> Timed:
    """Return the agenda of a meeting."""
    tree: Mapping[str, Any] = meeting.extra.get(AGENDA, {})
    if not tree:
        return Timed()
    points = tuple(Point(*row) for row in tree["points"])
    present = Point(*tree["present"]) if tree["present"] else None
    return Timed(agenda=Agenda(points, present, tree["asked"]), over=_moment(tree["over"]))


def with_agenda(meeting: Meeting, agenda: Agenda, over: datetime | None = None) -> Meeting:
    """Return a meeting with another agenda; an empty one leaves no trace."""
    if agenda == Agenda():
        return meeting.with_extra(AGENDA, {})
    points: list[Any] = [[*attrs.astuple(one)] for one in agenda.points]
    present: list[Any] | None = [*attrs.astuple(agenda.present)] if agenda.present else None
    tree: Tree = {
        "points": points,
        "present": present,
        "asked": agenda.asked,
        "over": over.isoformat() if over else None,
    }
    return meeting.with_extra(AGENDA, tree)


def _on_agenda(meeting: Meeting, line: Line) -> Step | None:
    if line.action:
        return None
    now = agenda_of(meeting)
    waiting = [one.nick for one in queue_of(meeting).queue.waiting]
    chairs = meeting.is_chair(line.who)
    step = stepped(now.agenda, line.text, nicks_of(meeting), chairs=chairs, waiting=waiting)
    if step is None:
        return None
    says = (Say(step.says),) if step.says else ()
    if not step.topic:
        return Step(with_agenda(meeting, step.agenda, now.over), says, taken=True)
    minutes = step.agenda.present.minutes if step.agenda.present else 0
    over = line.at + timedelta(minutes=minutes) if minutes else None
    begun = run(with_agenda(meeting, step.agenda, over), line, "topic", step.topic)
    assert begun is not None
    return Step(begun.meeting, (*begun.effects, *says), taken=True)


def _point_is_over(meeting: Meeting, at: datetime) -> Step | None:
    agenda, topic = agenda_of(meeting).agenda, meeting.topic
    is_present = bool(agenda.present and topic and topic.text == agenda.present.text)
    return Step(with_agenda(meeting, agenda), (Say(point_is_over(agenda)),) if is_present else ())


def _announced(meeting: Meeting, line: Line) -> Step | None:
    """Take the agenda that the bot tells at the start, so that a log that is replayed has it as well."""
    points = points_said(line.text)
    if not points or agenda_of(meeting).agenda != Agenda():
        return None
    return Step(with_agenda(meeting, Agenda(points)))


POINTS = Extension(
    AGENDA,
    before=_on_agenda,
    told=_announced,
    due=lambda meeting: agenda_of(meeting).over,
    tick=_point_is_over,
)
"""The agenda."""


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
