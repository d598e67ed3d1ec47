"""Sections of the minutes that only some meetings have: who was expected, words written by scribes, issues, numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup

from ptgbot_site.build.words import say
from ptgbot_site.meetings.markup import EMPTY, items, joined, link, name, section, typed

Minutes = Mapping[str, Any]


def sections(minutes: Minutes, file: str) -> Markup:
    """Return the sections of a meeting; empty if nothing of this was used.

    Args:
        minutes: the JSON of the meeting.
        file: the name of its files, without an ending.
    """
    return joined(
        [
            _section(say("Numbers of actions"), [_action(row, file) for row in _actions(minutes)]),
            _section(say("Written down by scribes"), [_words(row, file) for row in minutes.get("scribed", ())]),
            _section(say("Inserted later"), [_inserted(row, file) for row in _insertions(minutes)]),
            _section(say("Issues"), [_issue(row) for row in minutes.get("issues", ())]),
            _section(say("Present"), [name(nick) for nick in minutes.get("present", ())]),
            _section(say("Regrets"), [name(nick) for nick in minutes.get("regrets", ())]),
        ]
    )


def _section(title: str, rows: list[Markup]) -> Markup:
    return section(title, items(rows)) if rows else EMPTY


def _actions(minutes: Minutes) -> Iterator[Mapping[str, Any]]:
    yield from minutes.get("earlier_actions", ())
    yield from minutes.get("numbered_actions", ())


def _action(row: Mapping[str, Any], file: str) -> Markup:
    number = Markup("{}.").format(row["number"])
    label = link(f"{file}.log.html#l-{row['line']}", number) if "line" in row else number
    done = EMPTY if row["open"] else Markup(" <em>({})</em>").format(say("done"))
    return Markup("{} {}{}").format(label, typed(row["text"]), done)


def _words(row: Mapping[str, Any], file: str) -> Markup:
    who = link(f"{file}.log.html#l-{row['line']}", name(row["nick"]))
    return Markup("{}: {} ({})").format(who, typed(row["text"]), name(row["scribe"]))


def _insertions(minutes: Minutes) -> Iterator[Mapping[str, Any]]:
    yield from minutes.get("corrections", {}).get("inserted", ())


def _inserted(row: Mapping[str, Any], file: str) -> Markup:
    line = link(f"{file}.log.html#l-{row['before']}", Markup("{}").format(row["before"]))
    return Markup("{}: {} ({})").format(line, typed(row["text"]), name(row["nick"]))


def _issue(row: Mapping[str, Any]) -> Markup:
    addresses = joined((typed(url) for url in row["issues"]), Markup(", "))
    return Markup("{}: {}").format(typed(row["topic"]), addresses) if row["topic"] else addresses
