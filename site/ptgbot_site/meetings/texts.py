"""The minutes as plain text, and the raw log, which can be replayed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ptgbot.meetings.days import Day
from ptgbot_site.build.typed import clean

WIDTH: Final = 72
SPOKEN: Final = ("line", "action", "bot")
"""Kinds of lines that have a text; the others were taken out or said off the record."""


def raw_log(log: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the log, one line for each message, times without date, as MeetBot writes it."""
    lines = (_raw(line) for line in log if line["kind"] in SPOKEN)
    return "".join(f"{line}\n" for line in lines).encode(errors="replace")


def _raw(line: Mapping[str, Any]) -> str:
    at, nick = line["at"][11:19], clean(line["nick"])
    text = clean(line["text"] or "")
    return f"{at} * {nick} {text}" if line["kind"] == "action" else f"{at} <{nick}> {text}"


def raw_day(day: Day) -> bytes:
    """Return the log of a room on a day in the form of :func:`raw_log`."""
    return raw_log([{"at": one.at, "nick": one.nick, "text": one.text, "kind": one.kind} for one in day.lines])


def text_minutes(minutes: Mapping[str, Any], title: str) -> bytes:
    """Return the minutes as plain text, wrapped at 72 characters."""
    return "".join(f"{line}\n" for line in _lines(minutes, title)).encode(errors="replace")


def _lines(minutes: Mapping[str, Any], title: str) -> Iterator[str]:
    yield from _heading(title, "=")
    yield from _wrapped(f"Meeting started by {clean(minutes['owner'])} at {_said(minutes['started'])}.")
    yield ""
    yield from _heading("Meeting summary", "-")
    for item in minutes["items"]:
        text = clean(item["text"])
        if item["type"] == "topic":
            yield ""
            yield from _wrapped(f"* {text}", "  ")
        else:
            yield from _wrapped(f"  - {item['type'].upper()}: {text} ({clean(item['nick'])}, {item['time']})", "    ")
    yield ""
    if minutes["ended"]:
        yield from _wrapped(f"Meeting ended at {_said(minutes['ended'])}.")
        yield ""
    yield from _actions(minutes)
    yield from _extras(minutes)
    yield from _heading("People present (lines said)", "-")
    for nick, said in people_of(minutes):
        yield f"* {clean(nick)} ({said})"


def _actions(minutes: Mapping[str, Any]) -> Iterator[str]:
    yield from _heading("Action items", "-")
    for text in minutes["actions"] or ["(none)"]:
        yield from _wrapped(f"* {clean(text)}", "  ")
    yield ""
    if not minutes["actions_by_nick"]:
        return
    yield from _heading("Action items, by person", "-")
    groups = {**minutes["actions_by_nick"], "UNASSIGNED": minutes["actions_unassigned"]}
    for nick, texts in groups.items():
        if texts:
            yield f"* {clean(nick)}"
            for text in texts:
                yield from _wrapped(f"  - {clean(text)}", "    ")
    yield ""


def _extras(minutes: Mapping[str, Any]) -> Iterator[str]:
    """Yield the sections that only some meetings have: numbers of open actions, who is present, who sent regrets."""
    numbered = [*minutes.get("earlier_actions", ()), *minutes.get("numbered_actions", ())]
    sections = {
        "Open actions, by number": [f"{row['number']}. {clean(row['text'])}" for row in numbered if row["open"]],
        "Present": [clean(nick) for nick in minutes.get("present", ())],
        "Regrets": [clean(nick) for nick in minutes.get("regrets", ())],
    }
    for title, rows in sections.items():
        if rows:
            yield from _heading(title, "-")
            for row in rows:
                yield from _wrapped(f"* {row}", "  ")
            yield ""


def people_of(minutes: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return everybody present with the lines said, who said most first."""
    return sorted(minutes["people"].items(), key=lambda one: (-one[1], one[0].casefold()))


def _said(at: str) -> str:
    return f"{at[:10]} {at[11:19]} UTC"


def _heading(text: str, sign: str) -> list[str]:
    return [text, sign * min(len(text), WIDTH), ""]


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
