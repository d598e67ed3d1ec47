"""Chairs that the settings give to a meeting: a log that is replayed finds them in the bot's greeting."""

from __future__ import annotations

import re
from typing import Final

import attrs

from ptgbot.chat.text import fold, listing
from ptgbot.meetings.extensions import Extension, Step
from ptgbot.meetings.meeting import Line, Meeting
from ptgbot.meetings.people import chair_of

_CHAIRS: Final = re.compile(r"Meeting started .* The chairs are (?P<first>.+) and (?P<last>\S+?)\.(?: Help: .*)?")


def with_chairs(meeting: Meeting, *nicks: str) -> Meeting:
    """Return a meeting with more chairs, who need not have spoken."""
    for nick in nicks:
        if fold(nick) not in map(fold, meeting.chair_nicks):
            chairs = (*meeting.chairs, chair_of(nick, meeting.people))
            meeting = attrs.evolve(meeting, chairs=chairs, people=meeting.people.named(nick))
    return meeting


def chairs_told(meeting: Meeting) -> str:
    """Return the sentence of the greeting that names the chairs."""
    chairs = meeting.chair_nicks
    return f"The {'chairs are' if len(chairs) > 1 else 'chair is'} {listing(chairs)}."


def _greeted(meeting: Meeting, line: Line) -> Step | None:
    found = _CHAIRS.fullmatch(line.text)
    return Step(with_chairs(meeting, *found["first"].split(", "), found["last"])) if found else None


PRESETS = Extension("presets", told=_greeted)
"""Chairs in the greeting of the bot."""
