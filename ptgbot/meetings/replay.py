"""``ptgbot meetings replay``: old logs become the same minutes as live meetings."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import islice, takewhile
from pathlib import Path
from typing import Final

from attrs import define, frozen

from ptgbot.feature import Tool
from ptgbot.meetings.commands import command_in
from ptgbot.meetings.meeting import Line, Meeting
from ptgbot.meetings.minutes import minutes_of
from ptgbot.meetings.people import Speaker
from ptgbot.meetings.said import Place, begins_meeting, begun, headless_meeting, said
from ptgbot.meetings.styles import DayTold, Entry, Spoken, day_in_name, entries, greeting_in
from ptgbot.store.edits import Tree

JITTER: Final = 30
"""Seconds that the clock of a log may go back without meaning the next day."""
FORGOTTEN: Final = timedelta(hours=12)
"""Time after the planned end of a meeting from which on another one may begin without its end."""
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
    """A line of a log with its moment."""

    spoken: Spoken
    days: int
    """Days after the first line of the log."""
    at: time


@define
class _Calendar:
    """Counts the days from the first line of a log on, and learns which day that was, if the log tells it."""

    year: int | None
    """The year of the first line, if it is known; for logs that name month and day only."""
    zero: date | None = None
    """The day of the first line."""
    days: int = 0
    clock: time | None = None

    def told(self, entry: DayTold) -> None:
        """Heed a line about the day."""
        self._is(entry.day, begins=entry.is_new)
        self.clock = None

    def spoke(self, spoken: Spoken) -> _Timed:
        """Return a line with its moment."""
        at = spoken.at or self.clock or time(0)
        if day := spoken.day or self._of_month(spoken.month_day):
            self._is(day)
        elif self.clock and _seconds(at) < _seconds(self.clock) - JITTER:
            self.days += 1
        self.clock = at
        return _Timed(spoken, self.days, at)

    def _is(self, day: date, *, begins: bool = False) -> None:
        if self.zero is None:
            # Where a day begins after the first lines, these were said on the day before.
            self.days += begins and self.clock is not None
            self.zero = day - timedelta(days=self.days)
        self.days = (day - self.zero).days

    def _of_month(self, month_day: tuple[int, int] | None) -> date | None:
        now = self.zero + timedelta(days=self.days) if self.zero else None
        year = now.year if now else self.year
        if month_day is None or year is None:
            return None
        try:
            day = date(year, *month_day)
            return day.replace(year=year + 1) if now and day < now - timedelta(days=1) else day
        except ValueError:
            return None


def replay(raw: bytes, source: Source) -> list[Meeting]:
    """Return the meetings in a log, in order.

    The day of the first line is the one of the source, else what the log tells in each line or in lines about the day,
    else the one in the name of the file, else the one in the greeting of the bot. When the clock goes back, it is the
    next day.

    Args:
        raw: the bytes of the log.
        source: what is known of it.

    Raises:
        NoDay: nothing tells the day.
    """
    every = [*entries(raw)]
    greetings = (greeting_in(one) for one in every if isinstance(one, Spoken))
    greeted = next((one.day for one in greetings if one and one.day), None)
    known = source.day or day_in_name(source.name)
    about = known or greeted
    calendar = _Calendar(about.year if about else None)
    lines = [timed for timed in map(partial(_timed, calendar), every) if timed]
    bot = source.bot_nick or _guessed_bot([line.spoken for line in lines])
    first = lines[0].days if lines else 0
    zero = source.day or calendar.zero or known
    if zero and (source.day or not calendar.zero):
        zero -= timedelta(days=first)
    return [*_meetings(lines, zero, bot, source)] or [*_meetings(lines, zero, bot, source, headless=True)]


def _timed(calendar: _Calendar, entry: Entry) -> _Timed | None:
    if isinstance(entry, DayTold):
        calendar.told(entry)
        return None
    return calendar.spoke(entry)


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


def _meetings(
    lines: Sequence[_Timed], zero: date | None, bot: str | None, source: Source, *, headless: bool = False
) -> Iterator[Meeting]:
    """Yield the meetings of a log.

    Args:
        lines: its lines.
        zero: the day from which the lines count, None if nothing but the greetings of the bot tells it.
        bot: the nick of the bot.
        source: what is known of the log.
        headless: whether the log begins in a meeting that the first speaker owns, as it does where the line with
            ``#startmeeting`` is lost and the one with ``#endmeeting`` is there.
    """
    if headless and not any(_is_end(line.spoken, bot) for line in lines):
        return
    meeting: Meeting | None = None
    day_zero = zero
    for number, timed in enumerate(lines):
        spoken = timed.spoken
        own = _is_own(spoken, bot)
        argument = None if own or spoken.action else begins_meeting(spoken.text)
        if meeting is None and not argument and (own or not headless):
            continue
        if meeting and argument and _was_forgotten(meeting, _moment(timed, day_zero), lines[number + 1 :], bot):
            yield meeting
            meeting = None
        if meeting is None and zero is None:
            day_zero = _greeted_day(lines[number : number + GREETED_WITHIN]) or day_zero
        line = Line(_moment(timed, day_zero), Speaker.named(spoken.nick), spoken.text, spoken.action, own)
        if meeting is None:
            place = Place(source.network, source.channel, bot)
            meeting = begun(place, line, argument) if argument else said(headless_meeting(place, line), line).meeting
            headless = False
        else:
            meeting = said(meeting, line).meeting
        if meeting.is_over:
            yield meeting
            meeting = None
    if meeting is not None:
        yield meeting


def _is_own(spoken: Spoken, bot: str | None) -> bool:
    return bot is not None and spoken.nick.lower() == bot.lower()


def _is_end(spoken: Spoken, bot: str | None) -> bool:
    typed = None if spoken.action or _is_own(spoken, bot) else command_in(spoken.text)
    return typed is not None and typed[0].lower() == "endmeeting"


def _was_forgotten(meeting: Meeting, at: datetime, after: Sequence[_Timed], bot: str | None) -> bool:
    """Say whether another meeting begins, although nobody has ended the one before.

    The bot would have refused that, so it knew nothing of the former one any more if it greets again. Where no bot
    tells it, the former one was forgotten half a day after its planned end.
    """
    greeted = [row for row in meeting.log.values() if row["kind"] == "bot" and greeting_in(Spoken("", row["text"]))]
    if greeted:
        others = takewhile(lambda one: not _is_end(one.spoken, bot) and not begins_meeting(one.spoken.text), after)
        return any(_is_own(one.spoken, bot) and greeting_in(one.spoken) for one in islice(others, GREETED_WITHIN))
    return at > meeting.due + FORGOTTEN


def _greeted_day(lines: Sequence[_Timed]) -> date | None:
    """Return the day from which the lines count, as the greeting of the bot tells it."""
    for timed in lines:
        greeting = greeting_in(timed.spoken)
        if greeting and greeting.day:
            return greeting.day - timedelta(days=timed.days)
    return None


def _moment(timed: _Timed, zero: date | None) -> datetime:
    if zero is None:
        raise NoDay("nothing in the log or in its name tells the day; say it with --date YYYY-MM-DD.")
    return datetime.combine(zero + timedelta(days=timed.days), timed.at, UTC)


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
