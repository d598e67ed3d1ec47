"""Corrections of earlier lines: ``s/old/new/``, ``s/old/new/g`` and ``i/where/line/``, always literal.

The log keeps every line as it was said. The minutes are made of the corrected lines, so a log that is replayed gives
the same minutes. A backslash before a line keeps it from being a command, and a fenced block holds no commands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import field, frozen

from ptgbot.store.edits import Tree

LONGEST: Final = 20_000
"""Most characters of a corrected line: repeated corrections could double it each time."""
MOST: Final = 300
"""Corrections that count in one meeting."""
FENCE: Final = "```"
_LONGEST_BLOCK = 200
"""Lines after which a block that was never closed counts as closed."""
_FORM = re.compile(r"s/(?P<first>[^/]+)/(?P<second>[^/]*)(?:/(?P<all>g)?)?", re.DOTALL)


@frozen
class Correction:
    """A correction as somebody typed it."""

    old: str
    """The text that is looked for."""
    new: str
    """The text in its place, or the line to be inserted."""
    everywhere: bool = False
    """Whether every occurrence in every earlier line is replaced (``g``)."""
    inserts: bool = False
    """Whether ``new`` is a line of its own, before the line with ``old``."""


@frozen
class Said:
    """A line of the log, as far as corrections look at it."""

    number: int
    """Its number in the log, counted from 1."""
    key: str
    """Key of the person who said it."""
    text: str
    guarded: bool = False
    """Whether it made an item that only chairs can make, such as a decision, so only they and its author correct it."""
    trusted: bool = False
    """Whether a chair said it, who may correct every line."""


@frozen
class Inserted:
    """A line that a correction has put between others."""

    before: int
    """Number of the line before which it stands."""
    number: int
    """Number of the line that holds the correction."""
    nick: str
    text: str


@frozen
class Corrected:
    """What the corrections of a meeting have come to so far."""

    texts: Mapping[int, str] = field(factory=dict)
    """The corrected lines by their numbers."""
    inserted: tuple[Inserted, ...] = ()
    """The inserted lines, in the order in which they were said."""
    failed: tuple[int, ...] = ()
    """Numbers of the corrections that matched no line."""
    applied: tuple[int, ...] = ()
    """Numbers of the corrections that changed or inserted a line."""

    def __bool__(self) -> bool:
        return bool(self.applied or self.failed)

    @property
    def is_full(self) -> bool:
        """Whether no more corrections count."""
        return len(self.applied) + len(self.failed) >= MOST

    def after(self, wanted: Correction, line: Said, nick: str, earlier: Iterable[Said]) -> Corrected:
        """Return the value after one more correction.

        It changes the newest earlier line that contains the text; with ``g`` every earlier line. It never changes
        another correction, so one that was mistyped is corrected by a second one.

        Args:
            wanted: the correction.
            line: the line that holds it.
            nick: who said that line.
            earlier: the lines before it, the newest first.
        """
        corrections = {*self.applied, *self.failed}
        open_lines = (one for one in earlier if one.number not in corrections)
        allowed = (one for one in open_lines if line.trusted or not one.guarded or one.key == line.key)
        matching = (one for one in allowed if wanted.old in self.texts.get(one.number, one.text))
        if wanted.inserts:
            place = next((one.number for one in matching), None)
            more = () if place is None else (Inserted(place, line.number, nick, wanted.new),)
            return self._told(line.number, self.texts, more, done=bool(more))
        texts: dict[int, str] = {}
        for one in matching:
            text = replaced(self.texts.get(one.number, one.text), wanted)
            if text is not None:
                texts[one.number] = text
                if not wanted.everywhere:
                    break
        return self._told(line.number, {**self.texts, **texts}, done=bool(texts))

    def _told(
        self, number: int, texts: Mapping[int, str], more: tuple[Inserted, ...] = (), *, done: bool
    ) -> Corrected:
        applied, failed = ((*self.applied, number), self.failed) if done else (self.applied, (*self.failed, number))
        return Corrected(texts, (*self.inserted, *more), failed, applied)

    def to_json(self) -> Tree:
        """Return the form in the state."""
        return {
            "texts": {str(number): text for number, text in self.texts.items()},
            "inserted": [[one.before, one.number, one.nick, one.text] for one in self.inserted],
            "failed": [*self.failed],
            "applied": [*self.applied],
        }

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> Corrected:
        """Parse the form that :meth:`to_json` returns; an empty tree has no corrections."""
        if not tree:
            return cls()
        texts = {int(number): text for number, text in tree["texts"].items()}
        inserted = tuple(Inserted(*row) for row in tree["inserted"])
        return cls(texts, inserted, tuple(tree["failed"]), tuple(tree["applied"]))


def correction(text: str) -> Correction | None:
    """Parse a line; return None if it is not a correction.

    The last slash may be missing in ``s/old/new``. A line to be inserted may itself contain slashes, as addresses do.
    """
    if not text.startswith(("s/", "i/")):
        return None
    if text.startswith("i/"):
        where, _, line = text[2:].partition("/")
        line = line.removesuffix("/").strip()
        return Correction(where, line, inserts=True) if where and line else None
    found = _FORM.fullmatch(text.rstrip())
    return Correction(found["first"], found["second"], everywhere=bool(found["all"])) if found else None


def replaced(text: str, wanted: Correction) -> str | None:
    """Return a text with its first occurrence of the old text replaced, or every one; None if it grew too long."""
    count = text.count(wanted.old) if wanted.everywhere else 1
    too_long = len(text) + count * (len(wanted.new) - len(wanted.old)) > LONGEST
    return None if too_long else text.replace(wanted.old, wanted.new, count)


def is_escaped(text: str) -> bool:
    """Say whether a backslash keeps a line from being a command."""
    return text.startswith("\\")


@frozen
class Blocks:
    """The fenced blocks that people have opened and not closed: how many lines each of them has so far."""

    open: Mapping[str, int] = field(factory=dict)

    def after(self, key: str, text: str) -> tuple[Blocks, bool]:
        """Return the blocks after one more line, and whether this line is in a block or is its fence.

        Args:
            key: who said the line.
            text: the line.
        """
        is_fence = text.lstrip().startswith(FENCE)
        lines = self.open.get(key)
        if lines is None:
            closes_itself = is_fence and text.strip().endswith(FENCE) and len(text.strip()) > len(FENCE)
            opened = self if closes_itself or not is_fence else Blocks({**self.open, key: 0})
            return opened, is_fence
        if is_fence or lines + 1 >= _LONGEST_BLOCK:
            return Blocks({one: number for one, number in self.open.items() if one != key}), True
        return Blocks({**self.open, key: lines + 1}), True
