"""Finds the places of values in a text of JSON, which the parser of Python does not tell."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final

from attrs import define, field

from ptgbot.contributions.node import Place

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_DECODER: Final = json.JSONDecoder()


def newlines_in(text: str) -> Sequence[int]:
    """Return the positions of all ends of lines, in which the line of a position is found without reading the text."""
    return [found.start() for found in re.finditer("\n", text)]


@define
class JsonLines:
    """The places of the values in a text that is valid JSON."""

    text: str
    _children: dict[int, Mapping[str | int, int]] = field(factory=dict, init=False)
    """Where the members of each table or list begin that was asked for, by its own beginning."""

    @cached_property
    def _newlines(self) -> Sequence[int]:
        return newlines_in(self.text)

    def line(self, place: Place) -> int:
        """Return the line of a value, of the nearest table or list around it if it does not exist."""
        at = self._skip(0)
        for key in place:
            found = self._members(at).get(key)
            if found is None:
                break
            at = found
        return bisect_left(self._newlines, at) + 1

    def span(self, place: Place) -> tuple[int, int] | None:
        """Return begin and end of a value in the text, None if it does not exist."""
        at = self._skip(0)
        for key in place:
            found = self._members(at).get(key)
            if found is None:
                return None
            at = found
        return at, _DECODER.raw_decode(self.text, at)[1]

    def _members(self, at: int) -> Mapping[str | int, int]:
        if at not in self._children:
            kind = self.text[at : at + 1]
            self._children[at] = self._table(at) if kind == "{" else self._list(at) if kind == "[" else {}
        return self._children[at]

    def _table(self, at: int) -> Mapping[str | int, int]:
        """Return where the keys of a table lead; the last of two equal keys counts, as for the parser."""
        found: dict[str | int, int] = {}
        at = self._skip(at + 1)
        while self.text[at] != "}":
            key, at = _DECODER.raw_decode(self.text, at)
            found[key] = at = self._skip(self._skip(at) + 1)
            at = self._after(at)
        return found

    def _list(self, at: int) -> Mapping[str | int, int]:
        found: dict[str | int, int] = {}
        at = self._skip(at + 1)
        while self.text[at] != "]":
            found[len(found)] = at
            at = self._after(at)
        return found

    def _after(self, at: int) -> int:
        """Return the position behind a value and the comma that follows it."""
        at = self._skip(_DECODER.raw_decode(self.text, at)[1])
        return self._skip(at + 1) if self.text[at] == "," else at

    def _skip(self, at: int) -> int:
        found = _SPACE.match(self.text, at)
        assert found is not None
        return found.end()
