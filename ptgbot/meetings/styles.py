"""Reads logs in the styles of MeetBot, irssi, WeeChat, ZNC and HexChat, without knowing which one it is.

Lines of people have a time and ``<nick> text`` or ``* nick text``; WeeChat has columns divided by tabs. Everything
else, such as joins, comments and blank lines, is skipped; lines that tell the day are heeded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, Final

import attrs
from attrs import frozen

_TIME: Final = re.compile(
    r"\ufeff?\s*\[?\s*"
    r"(?:(?P<day>\d{4}-\d\d-\d\d)[T ]\s*|(?P<month>[A-Z][a-z]{2})\s+(?P<dom>\d{1,2})\s+)?"
    r"(?P<h>\d{1,2}):(?P<m>\d\d)(?::(?P<s>\d\d))?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"
    r"(?: *\])?"
)
_SPOKEN: Final = re.compile(r"\s*<\s*[@+]?(?P<nick>[^<>]+?)\s*>(?: |\t)?(?P<text>.*)", re.DOTALL)
_ACTED: Final = re.compile(r"\s*\*\s+(?P<nick>[^\s*]\S*)(?: (?P<text>.*))?", re.DOTALL)
_COLUMNS: Final = re.compile(r"\t(?P<nick>[^\t]*)\t(?P<text>.*)", re.DOTALL)
_HAPPENED: Final = re.compile(
    r"(?:Joins|Parts|Quits): |\S+ \(\S+@\S+\) (?:has (?:joined|left|quit)\b|(?:Quit|Joined|Left)\b)"
)
"""What stands after ``*`` where somebody came or left, in logs of HexChat and mIRC. ``/me`` lines look alike."""
_HAPPENED_IN_COLUMNS: Final = re.compile(
    r"\S+ (?:has (?:joined|left|quit|kicked|changed the topic)\b|is now known as \S+$|sets? (?:mode|ban)"
    r"|(?:gives|removes) (?:channel|voice|ban|half)|is (?:already )?away)"
    r"|You (?:are now|have been|have left|were)\b|Topic for |Now talking |(?:Dis)?connect|Looking up|Notice\b",
    re.IGNORECASE,
)
"""The same after ``*`` and a tab, as only HexChat writes it."""
_NOT_PEOPLE: Final = frozenset({"-->", "<--", "--", "---", "=!=", "", "-!-"})
"""What stands in the column of nicks in lines of WeeChat that nobody said."""
_OPENED: Final = re.compile(
    r"(?:(?:---|\*{4}) (?:Log opened|(?P<changed>Day changed)|BEGIN LOGGING AT)|Session (?:Start|Time):) "
    r"(?:\w{3} )?(?P<rest>\w{3} +\d{1,2} .*?)(?P<year>\d{4})"
)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_IN_NAME: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")


@frozen
class Spoken:
    """A line that somebody said, as a log has it."""

    nick: str
    text: str
    action: bool = False
    at: time | None = None
    """The time of day, None if the line has none."""
    day: date | None = None
    """The day, where the line itself names it."""
    month_day: tuple[int, int] | None = None
    """Month and day, where the line names these without a year."""


@frozen
class DayTold:
    """A line that tells which day it is from here on."""

    day: date
    is_new: bool = False
    """Whether the line says that this day has just begun."""


Entry = Spoken | DayTold


def entries(raw: bytes) -> Iterator[Entry]:
    """Yield what people said in a log, and the days that it tells."""
    for line in raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        if entry := _entry(_decoded(line).rstrip("\r")):
            yield entry


def _decoded(line: bytes) -> str:
    """Return a line in UTF-8; old logs have lines in Latin-1 among them."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _entry(line: str) -> Entry | None:
    if opened := _OPENED.match(line):
        return _told(opened["rest"], opened["year"], is_new=bool(opened["changed"]))
    found = _TIME.match(line)
    rest = line[found.end() :] if found else line
    spoken = _spoken(rest, in_columns=found is not None)
    return attrs.evolve(spoken, **_moment(found)) if spoken and found else spoken


def _spoken(rest: str, *, in_columns: bool) -> Spoken | None:
    if in_columns and (columns := _COLUMNS.match(rest)):
        return _of_columns(columns["nick"], columns["text"])
    if spoken := _SPOKEN.match(rest):
        return Spoken(spoken["nick"], spoken["text"])
    acted = _ACTED.match(rest)
    if acted is None:
        return None
    said = rest.lstrip()[1:]
    if _HAPPENED.match(said.lstrip()) or (said[0] == "\t" and _HAPPENED_IN_COLUMNS.match(said[1:])):
        return None
    return Spoken(acted["nick"], acted["text"] or "", action=True)


def _of_columns(nick: str, text: str) -> Spoken | None:
    name = nick.strip()
    if name == "*":
        who, _, rest = text.partition(" ")
        return Spoken(who, rest, action=True)
    if name in _NOT_PEOPLE:
        return None
    if name.startswith("<") and name.endswith(">"):
        name = name[1:-1].strip()
    bare = name[1:] if name[:1] in "@+%&~" and len(name) > 1 else name
    return Spoken(bare, text)


def _moment(found: re.Match[str]) -> dict[str, Any]:
    """Return what the beginning of a line tells about its moment, as fields of :class:`Spoken`."""
    hour, minute, second = int(found["h"]), int(found["m"]), int(found["s"] or 0)
    told: dict[str, Any] = {"at": time(hour, minute, min(second, 59)) if hour < 24 and minute < 60 else None}
    if found["month"] in _MONTHS:
        told["month_day"] = _MONTHS.index(found["month"]) + 1, int(found["dom"])
    try:
        return told | ({"day": date.fromisoformat(found["day"])} if found["day"] else {})
    except ValueError:
        return told


def _told(rest: str, year: str, *, is_new: bool) -> DayTold | None:
    month, day = rest.split()[:2]
    try:
        return DayTold(date(int(year), _MONTHS.index(month) + 1, int(day)), is_new)
    except ValueError:
        return None


def day_in_name(name: str) -> date | None:
    """Return the day in the name of a file, such as ``infra.2024-11-20-14.00.log.txt``; None if there is none."""
    found = _IN_NAME.search(name)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


_GREETING: Final = re.compile(
    r"Meeting started "
    r"(?:\w{3} (?P<month>\w{3}) +(?P<dom>\d{1,2}) \d\d:\d\d:\d\d (?P<year>\d{4})|(?P<iso>\d{4}-\d\d-\d\d)|at \d)"
)


@frozen
class Greeting:
    """The first line of a bot in a meeting."""

    nick: str
    day: date | None


def greeting_in(spoken: Spoken) -> Greeting | None:
    """Return the greeting of a bot with the day that it names, None for any other line."""
    found = None if spoken.action else _GREETING.match(spoken.text)
    if found is None:
        return None
    try:
        if found["iso"]:
            return Greeting(spoken.nick, date.fromisoformat(found["iso"]))
        if found["year"]:
            day = datetime(int(found["year"]), _MONTHS.index(found["month"]) + 1, int(found["dom"])).date()  # noqa: DTZ001
            return Greeting(spoken.nick, day)
    except ValueError:
        return None
    return Greeting(spoken.nick, None)
