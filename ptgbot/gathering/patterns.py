"""Patterns that people subscribe to, one or thousands of them, searched in a line.

Patterns are read by RE2, which takes linear time whatever they are; look-around and back-references it refuses.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import re2
from attrs import frozen

LONGEST = 200
LARGEST = 500
"""Instructions of a compiled pattern: RE2 searches one of that size in a tenth of a millisecond."""
_MEMORY = 1 << 20
"""Bytes that a pattern may take that is searched by itself."""
_MEMORY_OF_EACH = 1 << 16
"""Bytes that a pattern of a bundle may take: 10,000 of the worst kind stay below 700 MB, common ones below 50 MB."""
_CANARY = "[# ]"
"""Every line of more than one word holds it. A bundle that does not find it may have run out of memory."""


def _options(memory: int) -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = memory
    return options


class BadPattern(Exception):
    """RE2 does not take the pattern; the message says why."""


@functools.lru_cache(256)
def _compiled(pattern: str) -> tuple[Any, str]:
    """Return a pattern ready to search, or why there is none."""
    if len(pattern) > LONGEST:
        return None, f"it has {len(pattern)} characters, {LONGEST} are allowed"
    try:
        ready = re2.compile(pattern, _options(_MEMORY))
    except re2.error as error:
        reason = error.args[0] if error.args else "it can't be read"
        return None, reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    if ready.programsize > LARGEST:
        return None, "it would take too long to search for"
    return ready, ""


def compiled(pattern: str) -> Any:
    """Return a pattern ready to search. Raises BadPattern."""
    ready, reason = _compiled(pattern)
    if ready is None:
        raise BadPattern(reason)
    return ready


@functools.lru_cache(1 << 14)
def reason_against(pattern: str) -> str:
    """Return why RE2 does not take a pattern, an empty text if it does."""
    return _compiled(pattern)[1]


def searched_alone(patterns: Sequence[str], line: str) -> list[str]:
    """Return which of these readable patterns are found in a line, each searched by itself."""
    return [pattern for pattern in patterns if compiled(pattern).search(line)]


@frozen(eq=False)
class Bundle:
    """Readable patterns that are searched together.

    RE2 works out which words each pattern can't match without, looks for all words in one pass, and searches only
    the patterns whose words it has found.
    """

    patterns: tuple[str, ...]
    _filter: Any

    @classmethod
    def several(cls, patterns: Sequence[str], largest: int) -> list[Bundle]:
        """Return bundles of at most ``largest`` patterns each, fewer where RE2 can't hold so many at once."""
        bundles: list[Bundle] = []
        for start in range(0, len(patterns), largest):
            bundles += cls._halved(patterns[start : start + largest])
        return bundles

    @classmethod
    def _halved(cls, patterns: Sequence[str]) -> list[Bundle]:
        try:
            return [cls(tuple(patterns), _filter_of(patterns))]
        except re2.error:
            if len(patterns) == 1:
                return [cls(tuple(patterns), None)]
        middle = len(patterns) // 2
        return [*cls._halved(patterns[:middle]), *cls._halved(patterns[middle:])]

    def found_in(self, line: str) -> list[str]:
        """Return the patterns that are found in a line."""
        numbers = self._filter.Match(line) if self._filter else None
        if not numbers or numbers[0] != 0:
            return searched_alone(self.patterns, line)
        return [self.patterns[number - 1] for number in numbers[1:]]


def _filter_of(patterns: Sequence[str]) -> Any:
    """Return RE2's filter of the canary and these patterns. Raises re2.error where it does not fit into memory."""
    options, many = _options(_MEMORY_OF_EACH), re2.Filter()
    many.Add(_CANARY, options)
    for pattern in patterns:
        many.Add(pattern, options)
    many.Compile()
    return many
