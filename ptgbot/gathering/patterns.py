"""Search for subscribed patterns in a line, one pattern or thousands.

Patterns are compiled by RE2, which takes linear time for each of them; it refuses look-around and back-references.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import re2
from attrs import frozen

LONGEST = 200
LARGEST = 500
"""Most instructions of a compiled pattern. RE2 searches a pattern of this size in a tenth of a millisecond."""
_MEMORY = 1 << 20
"""Most bytes of memory for a pattern that is searched by itself."""
_MEMORY_OF_EACH = 1 << 16
"""Most bytes of memory for a pattern in a bundle: 10,000 of the worst kind take 700 MB, common ones 50 MB."""
_CANARY = "[# ]"
"""A pattern that matches every line of several words. A bundle that does not find it may be out of memory."""


def _options(memory: int) -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = memory
    return options


class BadPattern(Exception):
    """RE2 does not accept the pattern. The message says why."""


@functools.lru_cache(256)
def _compiled(pattern: str) -> tuple[Any, str]:
    """Return a compiled pattern, or None and the reason why it is refused."""
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
    """Return a compiled pattern.

    Raises:
        BadPattern: RE2 does not accept it, or it is too long or too expensive.
    """
    ready, reason = _compiled(pattern)
    if ready is None:
        raise BadPattern(reason)
    return ready


@functools.lru_cache(1 << 14)
def reason_against(pattern: str) -> str:
    """Return the reason why a pattern is refused, the empty string if it is accepted."""
    return _compiled(pattern)[1]


def searched_alone(patterns: Sequence[str], line: str) -> list[str]:
    """Return those of these accepted patterns that match a line, searching each by itself.

    Raises:
        BadPattern: a pattern is not an accepted one.
    """
    return [pattern for pattern in patterns if compiled(pattern).search(line)]


@frozen(eq=False)
class Bundle:
    """Accepted patterns that are searched together.

    RE2 determines which words each pattern needs, looks for all words in one pass, and searches only the patterns whose
    words it has found.
    """

    patterns: tuple[str, ...]
    _filter: Any

    @classmethod
    def several(cls, patterns: Sequence[str], largest: int) -> list[Bundle]:
        """Return bundles of at most ``largest`` patterns each, or fewer if RE2 cannot hold so many at once."""
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
        """Return the patterns that match a line."""
        numbers = self._filter.Match(line) if self._filter else None
        if not numbers or numbers[0] != 0:
            return searched_alone(self.patterns, line)
        return [self.patterns[number - 1] for number in numbers[1:]]


def _filter_of(patterns: Sequence[str]) -> Any:
    """Return RE2's filter of the canary and these patterns.

    Raises:
        re2.error: it exceeds the memory limit.
    """
    options, many = _options(_MEMORY_OF_EACH), re2.Filter()
    many.Add(_CANARY, options)
    for pattern in patterns:
        many.Add(pattern, options)
    many.Compile()
    return many
