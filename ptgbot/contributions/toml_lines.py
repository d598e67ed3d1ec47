"""Finds the lines of values in the TOML of people: lists of tables, with lists of short tables in them."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from ptgbot.contributions.node import Place

_PART: Final = re.compile(r"\"(?:\\.|[^\"\\])*\"|'[^']*'|#[^\n]*|[{}\[\]]")
"""What tells where a table within a list begins and ends; texts and comments are passed over."""


@frozen
class TomlLines:
    """The lines of the values in a text that is valid TOML."""

    text: str

    def line(self, place: Place) -> int:
        """Return the line of a value, of the nearest table around it if its own cannot be found."""
        at, end = 0, len(self.text)
        if place and len(place) > 1 and isinstance(place[1], int):
            at, end = self._header(str(place[0]), place[1])
            place = place[2:]
        at = self._key(place, at, end)
        return self.text.count("\n", 0, at) + 1

    def _header(self, name: str, number: int) -> tuple[int, int]:
        """Return begin and end of one table of a list that has headers such as ``[[people]]``."""
        headers = re.compile(rf"^[ \t]*\[\[[ \t]*{re.escape(name)}[ \t]*\]\]", re.MULTILINE)
        found = [match.start() for match in headers.finditer(self.text)]
        if number >= len(found):
            return self._key((name, number), 0, len(self.text)), len(self.text)
        following = re.compile(r"^[ \t]*\[", re.MULTILINE).search(self.text, self.text.index("]]", found[number]))
        return found[number], following.start() if following else len(self.text)

    def _key(self, place: Place, at: int, end: int) -> int:
        """Return where a key begins in a part of the text, or the table in its list that the place names."""
        if not place:
            return at
        key = re.compile(rf"^[ \t]*[\"']?{re.escape(str(place[0]))}[\"']?[ \t]*=", re.MULTILINE)
        found = key.search(self.text, at, end)
        if found is None:
            return at
        begin = found.end() - len(found[0].lstrip())
        is_listed = len(place) > 1 and isinstance(place[1], int)
        return self._listed(int(place[1]), found.end()) or begin if is_listed else begin

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
