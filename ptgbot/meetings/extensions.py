"""The point where other parts of the feature hook into a meeting: queue, agenda, corrections, web hooks.

An extension is one object of :class:`Extension`, listed in :data:`ptgbot.meetings.extended.EXTENSIONS`. Every function
in it is pure: it gets the meeting and returns a :class:`Step`, or None if it has nothing to do with the event.

- ``before`` sees every line of people that was logged (``meeting.lines`` is its number), ``/me`` included, before the
  commands. With ``taken`` in its step the commands do not see the line.
- ``after`` sees the same line after the commands, with the meeting ``former`` before them, so it can tell which
  items are new.
- ``told`` sees the lines of the bot itself. An agenda that comes from outside is told at the start, and taken from that
  line, so that a log that is replayed has it as well.
- ``reacted`` sees the reactions of people to any message in the room.
- ``due`` and ``tick`` are the extension's clock, with the same promise as :meth:`ptgbot.feature.Feature.due`.
- ``opened`` and ``closed`` are called after the line that started or ended the meeting, for deliveries.
- ``minutes`` returns keys for the JSON of the meeting besides those of the specification, under names of its own;
  nothing while the extension was not used. To correct lines, use :func:`ptgbot.meetings.said.rewritten`.
- ``words`` are the words after ``#`` that it takes. They are reserved: no track may have them.

The state of an extension is ``meeting.extra[name]``, changed by :meth:`~ptgbot.meetings.meeting.Meeting.with_extra`.
Effects of a step are those of a command: a :class:`~ptgbot.meetings.meeting.Say` is said unless the meeting lurks.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from attrs import field, frozen

from ptgbot.meetings.meeting import Effect, Line, Meeting
from ptgbot.meetings.people import Speaker
from ptgbot.store.edits import Tree


@frozen
class Step:
    """The meeting after an event, and what it asks for."""

    meeting: Meeting
    effects: tuple[Effect, ...] = ()
    taken: bool = False
    """Whether nobody else may look at the line."""


def _nothing(_meeting: Meeting, _line: Line) -> Step | None:
    return None


def _nothing_new(_former: Meeting, _meeting: Meeting, _line: Line) -> Step | None:
    return None


def _no_reaction(_meeting: Meeting, _who: Speaker, _sign: str, _at: datetime) -> Step | None:
    return None


def _never(_meeting: Meeting) -> datetime | None:
    return None


def _no_tick(_meeting: Meeting, _at: datetime) -> Step | None:
    return None


def _no_effect(_meeting: Meeting) -> tuple[Effect, ...]:
    return ()


def _no_keys(_meeting: Meeting) -> Tree:
    return {}


@frozen
class Extension:
    """A part of the feature with words and state of its own in every meeting."""

    name: str
    before: Callable[[Meeting, Line], Step | None] = _nothing
    after: Callable[[Meeting, Meeting, Line], Step | None] = _nothing_new
    """Gets the meeting before the commands, the meeting now, and the line."""
    told: Callable[[Meeting, Line], Step | None] = _nothing
    reacted: Callable[[Meeting, Speaker, str, datetime], Step | None] = _no_reaction
    """Gets the meeting, the person, the sign such as ``✋``, and the moment."""
    due: Callable[[Meeting], datetime | None] = _never
    tick: Callable[[Meeting, datetime], Step | None] = _no_tick
    opened: Callable[[Meeting], tuple[Effect, ...]] = _no_effect
    closed: Callable[[Meeting], tuple[Effect, ...]] = _no_effect
    minutes: Callable[[Meeting], Tree] = _no_keys
    words: frozenset[str] = field(factory=frozenset)
