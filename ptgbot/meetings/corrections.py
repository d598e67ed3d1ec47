"""Corrections of earlier lines: ``s/old/new/``, ``s/old/new/g`` and ``i/where/line/``, always literal.

The log keeps every line as it was said. The minutes are made of the corrected lines, so a log that is replayed gives
the same minutes. A backslash before a line keeps it from being a command, and a fenced block holds no commands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import field, frozen

LONGEST: Final = 20_000
"""Most characters of a corrected line: repeated corrections could double it each time."""
MOST: Final = 300
"""Corrections that count in one meeting."""
FENCE: Final = "```"
_LONGEST_BLOCK = 200
"""Lines after which a block that was never closed counts as closed."""
_FORM = re.compile(r"(?P<kind>[si])/(?P<first>[^/]+)/(?P<second>[^/]*)(?:/(?P<all>g)?)?", re.DOTALL)


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
    nick: str
    text: str
    may_correct: bool = True
    """Whether the line can be a correction: not if the bot said it, or if it is escaped or in a block."""
    may_be_corrected: bool = True
    """Whether the line can be corrected: not if the bot said it."""
    guarded: bool = False
    """Whether it made an item that only chairs can make, such as a decision, so only they and its author correct it."""
    trusted: bool = False
    """Whether a chair or a scribe said it, who may correct every line."""


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
    """The result of all corrections of a meeting."""

    texts: Mapping[int, str] = field(factory=dict)
    """The corrected lines by their numbers."""
    inserted: tuple[Inserted, ...] = ()
    """The inserted lines, in the order in which they are to be read."""
    failed: tuple[int, ...] = ()
    """Numbers of the corrections that matched no line."""
    applied: tuple[int, ...] = ()
    """Numbers of the corrections that changed or inserted a line."""

    def __bool__(self) -> bool:
        return bool(self.applied or self.failed)


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


def corrected(lines: Iterable[Said]) -> Corrected:
    """Return what all corrections among the lines come to.

    A correction changes the newest earlier line that contains the text; with ``g`` every earlier line. It never
    changes another correction, so one that was mistyped is corrected by a second one.
    """
    earlier: list[Said] = []
    texts: dict[int, str] = {}
    inserted: list[Inserted] = []
    failed: list[int] = []
    applied: list[int] = []
    for line in lines:
        wanted = correction(line.text) if line.may_correct and len(applied) + len(failed) < MOST else None
        if wanted is None:
            if line.may_be_corrected:
                earlier.append(line)
            continue
        done = _insert(wanted, line, earlier, texts, inserted) if wanted.inserts else _replace(
            wanted, line, earlier, texts
        )
        (applied if done else failed).append(line.number)
    return Corrected(texts, tuple(sorted(inserted, key=lambda one: one.before)), tuple(failed), tuple(applied))


def _matching(wanted: Correction, line: Said, earlier: Sequence[Said], texts: Mapping[int, str]) -> Iterable[Said]:
    for one in reversed(earlier):
        allowed = line.trusted or not one.guarded or one.nick == line.nick
        if allowed and wanted.old in texts.get(one.number, one.text):
            yield one


def _replace(wanted: Correction, line: Said, earlier: Sequence[Said], texts: dict[int, str]) -> bool:
    done = False
    for one in _matching(wanted, line, earlier, texts):
        former = texts.get(one.number, one.text)
        grown = len(wanted.new) * (former.count(wanted.old) if wanted.everywhere else 1)
        if len(former) + grown > LONGEST:
            continue
        texts[one.number] = former.replace(wanted.old, wanted.new, -1 if wanted.everywhere else 1)
        done = True
        if not wanted.everywhere:
            break
    return done


def _insert(
    wanted: Correction, line: Said, earlier: Sequence[Said], texts: Mapping[int, str], inserted: list[Inserted]
) -> bool:
    found = next(iter(_matching(wanted, line, earlier, texts)), None)
    if found is None:
        return False
    inserted.append(Inserted(found.number, line.number, line.nick, wanted.new))
    return True


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
