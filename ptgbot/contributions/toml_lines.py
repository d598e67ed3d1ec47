"""Finds the places of values in the TOML of people: lists of tables, with lists of short tables in them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final

from attrs import define

from ptgbot.contributions.json_lines import newlines_in
from ptgbot.contributions.node import Place

_TEXT: Final = (
    r"\"\"\"(?:\\.|[^\\])*?\"\"\"+|'''(?:.|\n)*?'''+"
    r"|\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*'|\#[^\n]*"
)
"""A text or a comment, which are passed over."""
_PART: Final = re.compile(rf"{_TEXT}|[{{}}\[\]]")
"""What tells where a table within a list begins and ends."""
_HEADER: Final = re.compile(rf"{_TEXT}|^[ \t]*(?P<open>\[\[?)[ \t]*(?P<name>[\w.-]+)[ \t]*\]", re.MULTILINE)


@define
class TomlLines:
    """The places of the values in a text that is valid TOML, with ends of lines as Unix writes them."""

    text: str

    @cached_property
    def _newlines(self) -> Sequence[int]:
        return newlines_in(self.text)

    @cached_property
    def _headers(self) -> Sequence[tuple[int, str, bool]]:
        """Where the headers begin, their names, and whether they begin a table of a list."""
        found = (one for one in _HEADER.finditer(self.text) if one["open"])
        return [(one.start(), one["name"], one["open"] == "[[") for one in found]

    @cached_property
    def _listed_headers(self) -> Mapping[str, Sequence[int]]:
        """The numbers of the headers such as ``[[people]]``, by their names."""
        found: dict[str, list[int]] = {}
        for number, (_, name, is_listed) in enumerate(self._headers):
            if is_listed:
                found.setdefault(name, []).append(number)
        return found

    def line(self, place: Place) -> int:
        """Return the line of a value, of the nearest table around it if its own cannot be found."""
        begin, end, rest = self._table(place)
        return bisect_left(self._newlines, self._key(rest, begin, end)) + 1

    def span(self, place: Place) -> tuple[int, int] | None:
        """Return begin and end of a value that is a list, None if the key does not exist in its table."""
        begin, end, rest = self._table(place)
        found = _named(rest[0]).search(self.text, begin, end) if len(rest) == 1 else None
        if found is None:
            return None
        opened = self.text.index("[", found.end())
        depth = 0
        for part in _PART.finditer(self.text, opened):
            depth += {"[": 1, "]": -1}.get(part[0], 0)
            if depth == 0:
                return opened, part.end()
        return None

    def header(self, place: Place) -> int:
        """Return where the line behind the header of a table begins."""
        begin = self._table(place)[0]
        return self.text.find("\n", begin) + 1 or len(self.text)

    def _table(self, place: Place) -> tuple[int, int, Place]:
        """Return begin and end of the innermost table with a header on the way to a place, and the rest of it."""
        first, last, name = -1, len(self._headers), ""
        while len(place) > 1 and isinstance(place[1], int):
            longer = f"{name}.{place[0]}" if name else str(place[0])
            numbers = self._listed_headers.get(longer, ())
            wanted = bisect_right(numbers, first) + place[1]
            if wanted >= len(numbers) or numbers[wanted] >= last:
                break
            first, name, place = numbers[wanted], longer, place[2:]
            of_others = (one for one in range(first + 1, last) if not self._headers[one][1].startswith(f"{name}."))
            last = next(of_others, last)
        end = self._headers[last][0] if last < len(self._headers) else len(self.text)
        return (self._headers[first][0] if first >= 0 else 0), end, place

    def _key(self, place: Place, at: int, end: int) -> int:
        """Return where a key begins in a part of the text, or the table in its list that the place names."""
        found = _named(place[0]).search(self.text, at, end) if place else None
        if found is None:
            return self._past_space(at)
        begin = found.end() - len(found[0].lstrip())
        is_listed = len(place) > 1 and isinstance(place[1], int)
        return self._listed(int(place[1]), found.end()) or begin if is_listed else begin

    def _past_space(self, at: int) -> int:
        while self.text[at : at + 1] in (" ", "\t"):
            at += 1
        return at

    def _listed(self, number: int, at: int) -> int:
        """Return where a table in a list begins, 0 if there is none."""
        depth = seen = 0
        for part in _PART.finditer(self.text, at):
            if part[0] == "{" and depth == 1:
                if seen == number:
                    return part.start()
                seen += 1
            depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(part[0], 0)
            if depth == 0:
                return 0
        return 0


def _named(key: str | int) -> re.Pattern[str]:
    """Return the pattern of the beginning of a value with a key."""
    return re.compile(rf"^[ \t]*[\"']?{re.escape(str(key))}[\"']?[ \t]*=", re.MULTILINE)
