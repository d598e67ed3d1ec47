"""``ptgbot meetings replay``: old logs become the same minutes as live meetings."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from attrs import frozen

from ptgbot.feature import Tool
from ptgbot.meetings.meeting import Line, Meeting
from ptgbot.meetings.minutes import minutes_of
from ptgbot.meetings.people import Speaker
from ptgbot.meetings.said import Place, begins_meeting, begun, said
from ptgbot.meetings.styles import DayTold, Entry, Spoken, day_in_name, entries, greeting_in
from ptgbot.store.edits import Tree

JITTER: Final = 30
"""Seconds that the clock of a log may go back without meaning the next day."""
GREETED_WITHIN: Final = 20
"""Lines after ``#startmeeting`` in which the bot's greeting is looked for."""


class NoDay(ValueError):
    """Nothing tells on which day a log was written."""


@frozen
class Source:
    """What is known of a log besides its contents."""

    name: str = ""
    """Name of its file."""
    day: date | None = None
    """Day of the first line, if somebody told it."""
    bot_nick: str | None = None
    network: str = ""
    channel: str = ""


@frozen
class _Timed:
    """A line of a log with its moment; the day counts from the first line if it is not known yet."""

    spoken: Spoken
    days: int
    """Days after the first line of the stretch."""
    at: time
    day: date | None
    """The day, where the log tells it."""


def replay(raw: bytes, source: Source) -> list[Meeting]:
    """Return the meetings in a log, in order.

    The day is the one of the source, else the one in the name of the file, else what the log tells: in each line, in
    lines of the log about the day, or in the bot's greeting. When the clock goes back, it is the next day.

    Args:
        raw: the bytes of the log.
        source: what is known of it.

    Raises:
        NoDay: nothing tells the day.
    """
    known = source.day or day_in_name(source.name)
    lines = _timed([*entries(raw)], heeds_days=source.day is None)
    bot = source.bot_nick or _guessed_bot([line.spoken for line in lines])
    return [*_meetings(lines, known, bot, source)]


def _timed(every: Sequence[Entry], *, heeds_days: bool) -> list[_Timed]:
    found: list[_Timed] = []
    day: date | None = None
    days, clock = 0, time(0)
    for entry in every:
        if isinstance(entry, DayTold):
            if heeds_days:
                day, clock = entry.day, time(0)
            continue
        at = entry.at or clock
        if entry.day:
            day = entry.day
        elif _seconds(at) < _seconds(clock) - JITTER:
            days += 1
            day = day and day + timedelta(days=1)
        clock = at
        found.append(_Timed(entry, days, at, day))
    return found


def _seconds(at: time) -> int:
    return at.hour * 3600 + at.minute * 60 + at.second


def _guessed_bot(lines: Sequence[Spoken]) -> str | None:
    """Return the nick of the bot: of whoever greets soon after the start of a meeting."""
    starts = [n for n, line in enumerate(lines) if not line.action and begins_meeting(line.text)]
    for start in starts:
        for line in lines[start + 1 : start + GREETED_WITHIN]:
            if greeting := greeting_in(line):
                return greeting.nick
    return None


def _meetings(lines: Sequence[_Timed], known: date | None, bot: str | None, source: Source) -> Iterator[Meeting]:
    meeting: Meeting | None = None
    day_zero = known
    for number, timed in enumerate(lines):
        spoken = timed.spoken
        own = bot is not None and spoken.nick.lower() == bot.lower()
        argument = None if own or spoken.action else begins_meeting(spoken.text)
        if meeting is None and not argument:
            continue
        if meeting is None and known is None and timed.day is None:
            day_zero = _greeted_day(lines[number : number + GREETED_WITHIN]) or day_zero
        line = Line(_moment(timed, day_zero), Speaker.named(spoken.nick), spoken.text, spoken.action, own)
        if meeting is None:
            meeting = begun(Place(source.network, source.channel, bot), line, argument or "")
        else:
            meeting = said(meeting, line).meeting
        if meeting.is_over:
            yield meeting
            meeting = None
    if meeting is not None:
        yield meeting


def _greeted_day(lines: Sequence[_Timed]) -> date | None:
    """Return the day of the first line of the stretch, as the greeting of the bot tells it."""
    for timed in lines:
        greeting = greeting_in(timed.spoken)
        if greeting and greeting.day:
            return greeting.day - timedelta(days=timed.days)
    return None


def _moment(timed: _Timed, day_zero: date | None) -> datetime:
    if timed.day:
        return datetime.combine(timed.day, timed.at, UTC)
    if day_zero is None:
        raise NoDay("nothing in the log or in its name tells the day; say it with --date YYYY-MM-DD.")
    return datetime.combine(day_zero + timedelta(days=timed.days), timed.at, UTC)


# The program


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("logs", nargs="+", type=Path, metavar="LOG", help="a log of a channel, or of one meeting")
    parser.add_argument("--date", type=_day, metavar="YYYY-MM-DD", help="the day of the first line of each log")
    parser.add_argument("--bot-nick", metavar="NICK", help="the nick of the bot, where its greeting does not tell it")
    parser.add_argument("--network", default="", help="the name of the network, for the minutes")
    parser.add_argument("--channel", default="", help="the name of the channel, for the minutes")
    parser.add_argument("--json", action="store_true", help="print each meeting as a line of JSON")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2024-11-20") from error


def _run(options: argparse.Namespace) -> Iterator[str]:
    for path in options.logs:
        source = Source(path.name, options.date, options.bot_nick, options.network, options.channel)
        try:
            meetings = replay(path.read_bytes(), source)
        except NoDay as error:
            raise NoDay(f"{path}: {error}") from error
        if not meetings:
            raise ValueError(f"{path}: there is no meeting in it: no line begins with #startmeeting NAME.")
        for meeting in meetings:
            minutes = minutes_of(meeting)
            yield json.dumps(minutes, ensure_ascii=False) if options.json else "\n".join(_told(minutes, meeting))


def _told(minutes: Tree, meeting: Meeting) -> Iterator[str]:
    """Yield a meeting in a few lines of text."""
    yield f"{meeting.meeting_topic}: {minutes['started']} to {minutes['ended'] or '…'}, {meeting.lines} lines"
    for item in meeting.ordered:
        yield f"  {item.at:%H:%M:%S} {item.type.upper()}: {item.text} ({item.nick})"
    people = ", ".join(f"{nick} ({lines})" for nick, lines in meeting.people.counts().items())
    yield f"  People: {people}"


REPLAY: Final = Tool("replay", "make minutes of logs of channels", _declare, _run)
