"""Numbers of actions: ``#action 3 = TEXT``, ``#action- 3``, ``#done 3``, and ``- due Friday`` in a text."""

from __future__ import annotations

import re
from typing import Final

import attrs
from attrs import frozen

MOST_OPEN: Final = 1000
"""Actions that a room may have open at a time."""
_CHANGE = re.compile(r"(?P<number>\d{1,6}) ?= ?(?P<text>\S.*)", re.DOTALL)
_NUMBER = re.compile(r"#?(?P<number>\d{1,6})[.!]?")
_DUE = re.compile(r"(?P<text>.*\S)\s+[-–—]\s*due:?\s+(?P<due>\S.{0,60}?)[.]?", re.IGNORECASE | re.DOTALL)
_FIRST = re.compile(r"New actions begin at (?P<number>\d{1,6})\.")


@frozen
class Change:
    """Another text for an action."""

    number: int
    text: str


@frozen
class Action:
    """An action with its number. It is open until somebody says that it is done."""

    number: int
    text: str
    nick: str
    """Who wrote it down."""
    line: int
    """Number of the line in the log."""
    done: bool = False

    @property
    def due(self) -> str:
        """The date or day until which it should be done, as it was typed; empty without one."""
        return due(self.text)


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


def closed(action: Action) -> Action:
    """Return an action that is done."""
    return attrs.evolve(action, done=True)
