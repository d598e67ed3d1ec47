"""Questions in plain English, such as ``where is nova?``, as the command that answers them."""

from __future__ import annotations

import re
from typing import Final

from ptgbot.chat.addressing import MARKS

LONGEST: Final = 200
"""Characters of a line from which on it is no question to the bot."""
QUESTIONS: Final = frozenset(
    ("now", "next", "when", "where", "who", "seen", "free", "tracks", "rooms", "schedule", "today")
)
"""Commands that only ask; a question mark behind one of them means nothing."""


def _any(words: str) -> str:
    """Return a pattern for one of several words or phrases, which are separated by ``|``."""
    return f"(?:{words})"


_IS = _any("'s|’s|s| is| are| does| do| will| has| was") + "?"
_BY = _any("in|for|at|on|with|of|about|by|after")
_DAY = _any(r"today|tomorrow|(?:on )?\w{3,6}day")
_NOW = _any(" right now| now| at the moment") + "?"
_THERE = _any(" there| here| we have| you have| exist| meeting") + "?"
_X = "(?P<x>.+)"
_SOME = _any(
    "what|which|where|are|is|any|do we have|when|there|a|an|some|another|has|rooms?|slots?|places?|anything|something|"
    "somewhere|times?"
)
_FREE = _any("free|available|empty") + _any(" rooms?| slots?| place") + "?" + _any(" on| for| in| at") + "?"
_PLAN = _any("the |today's |your ") + "?" + _any("schedule|programme|program|agenda|plan|timetable")
_GOING_ON = _any(
    "on|up|happening|going on|being discussed|discussed|discussing|the topic|the current topic|running|current"
)
_DOING = _any("discussing|doing|talking about|up to|working on|on")
_FIND = _any("find|get to|go for|meet")
_MEET = _any(" be| sit| sits| sitting| meet| meets| meeting| now| right now| today| at| gone| in| have| use") + "*"
_START = (
    _any(" be| meet| meets| meeting| on| next| start| starts| begin| begins| again| scheduled| now| happening") + "*"
)
_PRESENT = _any(" checked in| sitting| present| here| there") + "*"
_TURN = _any(" slot| session| topic| track| one") + "?"
_FORMS: Final = (
    ("rooms", f"{_any('what|which')} rooms?{_IS}{_THERE}"),
    ("tracks", f"{_any('what|which|how many')} {_any('tracks?|teams?|groups?')}{_IS}{_THERE}"),
    ("free", f"(?:{_SOME}(?:’s|'s)? )*{_FREE} ?(?P<x>.*)"),
    ("schedule", f"what{_IS}{_any(' on| up| happening| planned| going on| scheduled| there')}* (?P<x>{_DAY})"),
    ("schedule", f"{_any('what|where|when')}{_IS}(?: i find)? {_PLAN}(?: {_BY})? ?(?P<x>{_DAY}|)"),
    ("next", f"{_any('what|who|which track')}{_IS}(?: coming)?(?: up| on)?(?: the)? next{_TURN}(?: {_BY} {_X})?"),
    ("next", f"what{_IS} (?:comes|coming)(?: up| next| later)?(?: {_BY} {_X})?"),
    ("next", f"when{_IS} (?:the )?next{_TURN}"),
    ("now", f"what{_IS}(?: they| people| we| everybody)? {_GOING_ON}{_NOW}(?: {_BY} (?P<x>.+?))?{_NOW}"),
    ("now", rf"what{_IS} (?P<x>\S+) {_DOING}{_NOW}"),
    ("where", f"{_any('where|whereabouts|how')} (?:can|do|could|would|to)(?: i| we| one)? {_FIND} {_X}"),
    ("where", f"{_any('what|which')} room{_IS} (?P<x>.+?){_MEET}"),
    ("where", f"where{_IS} (?P<x>.+?){_MEET}"),
    ("who", f"(?:who|who all){_IS}{_PRESENT}(?: in| at| with| on| attending| from)? {_X}"),
    ("when", f"{_any('when|what time|at what time|on which day')}{_IS} (?P<x>.+?){_START}"),
)
_PATTERNS: Final = [(command, re.compile(form, re.IGNORECASE)) for command, form in _FORMS]
_ASK = _any("can|could|would|do") + " you " + "(?:please )?" + _any("tell me|know|say|show me|show")
_POLITE: Final = re.compile(
    f"(?:{_any('hey|hi|hello|please|so|and|ok|okay|excuse me|sorry')}[,! ]+|"
    f"{_any(_ASK + '|tell me|show me|i wonder|do we know')} )+",
    re.IGNORECASE,
)
_ARTICLE: Final = re.compile(
    f"{_any('the|our|a|track|team|room of|people of|people from|people in|everybody in')} ", re.IGNORECASE
)
_KIND: Final = re.compile(
    f" {_any('track|team|sessions?|meeting|group|room|people|folks|slots?|right now|now')}$", re.IGNORECASE
)


def question(text: str) -> str | None:
    """Return the command that answers a question in plain English, without its sign; None if the text is none."""
    if len(text) > LONGEST:
        return None
    polite = _POLITE.match(text.strip())
    line = text.strip()[polite.end() if polite else 0 :].rstrip(MARKS)
    for command, pattern in _PATTERNS:
        if found := pattern.fullmatch(line):
            return f"{command} {_bare(found.groupdict().get('x') or '')}".rstrip()
    if line != text and line.partition(" ")[0].lower() in QUESTIONS:
        return line
    return None


def _bare(about: str) -> str:
    """Return a name without articles, and without the words for what it names."""
    article = _ARTICLE.match(about)
    shorter = _KIND.sub("", about[article.end() if article else 0 :])
    return _bare(shorter) if shorter and shorter != about else about.rstrip(MARKS)
