"""Numbers of actions: ``#action 3 = TEXT``, ``#action- 3``, ``#done 3``, and ``- due Friday`` in a text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from attrs import frozen

from ptgbot.chat.text import short

MOST_TOLD: Final = 30
"""Open actions of earlier meetings that a meeting begins with."""
_IN_LINE = 5
_CHANGE = re.compile(r"(?P<number>\d{1,6}) ?= ?(?P<text>\S.*)", re.DOTALL)
_NUMBER = re.compile(r"#?(?P<number>\d{1,6})[.!]?")
_DUE = re.compile(r"(?P<text>.*\S)\s+[-–—]\s*due:?\s+(?P<due>\S.{0,60}?)[.]?", re.IGNORECASE | re.DOTALL)
_HEAD = "Open actions: "
_ROW = re.compile(r"(?:^| \|) (\d{1,6})\. ")
_SHOWN = 200
_FIRST = re.compile(r"New actions begin at (?P<number>\d{1,6})\.")


@frozen
class Change:
    """Another text for an action."""

    number: int
    text: str


def change(argument: str) -> Change | None:
    """Parse the argument of ``#action``; return None if it is a new action and not ``NUMBER = TEXT``."""
    found = _CHANGE.fullmatch(argument.strip())
    return Change(int(found["number"]), found["text"].strip()) if found else None


def number_in(argument: str) -> int | None:
    """Return the number in the argument of ``#done`` or ``#action-``, None if it is not one number."""
    found = _NUMBER.fullmatch(argument.strip())
    return int(found["number"]) if found else None


def due(text: str) -> str:
    """Return what stands behind ``- due`` at the end of an action, empty if it has no such end."""
    found = _DUE.fullmatch(text)
    return found["due"].strip() if found else ""


def first_number(said: str) -> int | None:
    """Return the number of the first new action that the bot named when the meeting began, None if it named none."""
    found = _FIRST.search(said)
    return int(found["number"]) if found else None


def begins_at(number: int) -> str:
    """Return the sentence with which the bot tells the number of the first new action."""
    return f"New actions begin at {number}."



def listed_actions(said: str) -> dict[int, str]:
    """Return the actions in a line of :func:`list_actions`, by their numbers; none for any other line."""
    if not said.startswith(_HEAD):
        return {}
    rows = _ROW.split(" " + _FIRST.sub("", said.removeprefix(_HEAD)).rstrip())
    return {int(number): text.strip() for number, text in zip(rows[1::2], rows[2::2], strict=True)}


def list_actions(actions: Mapping[int, str]) -> list[str]:
    """Return the lines with which the bot tells the open actions of earlier meetings, by their numbers."""
    newest = sorted(actions.items())[-MOST_TOLD:]
    rows = [f"{number}. {short(text, _SHOWN)}" for number, text in newest]
    lines = [_HEAD + " | ".join(rows[start : start + _IN_LINE]) for start in range(0, len(rows), _IN_LINE)]
    return [*lines[:-1], f"{lines[-1]} {begins_at(newest[-1][0] + 1)}"] if lines else []
