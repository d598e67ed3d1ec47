"""Who wants to know: patterns that people subscribed to, and whom a topic concerns.

Patterns are read by RE2, which takes linear time whatever they are; look-around and back-references it refuses.
"""

from __future__ import annotations

import functools
from typing import Any

import re2

from ptgbot.chat.message import Tell
from ptgbot.chat.text import short
from ptgbot.gathering.model import Gathering

LONGEST = 200
LARGEST = 500
"""Instructions of a compiled pattern: RE2 searches one of that size in a tenth of a millisecond."""
MOST = 1000
"""Subscriptions in all; searching them all takes no longer than people can bear."""


def _options() -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = 1 << 20
    return options


class BadPattern(Exception):
    """RE2 does not take the pattern; the message says why."""


@functools.lru_cache(2 * MOST)
def _compiled(pattern: str) -> tuple[Any, str]:
    """Return a pattern ready to search, or why there is none."""
    if len(pattern) > LONGEST:
        return None, f"it has {len(pattern)} characters, {LONGEST} are allowed"
    try:
        ready = re2.compile(pattern, _options())
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


def unreadable(gathering: Gathering) -> dict[str, str]:
    """Return the patterns, by owner, that never match and whose owner has not been told so."""
    told = gathering.told_patterns
    return {
        key: pattern
        for key, pattern in sorted(gathering.subscriptions.items())
        if pattern and told.get(key) != pattern and _reason(pattern)
    }


def never_matches(key: str, pattern: str) -> Tell:
    """Return what the owner of an unreadable pattern is told."""
    return Tell(
        key,
        f"Your subscription to {short(pattern)} never matches: {_reason(pattern)}. "
        "+subscribe REGEX sets another one, +unsubscribe drops it.",
    )


def _reason(pattern: str) -> str:
    try:
        compiled(pattern)
    except BadPattern as error:
        return str(error)
    return ""


def wanting(gathering: Gathering, line: str) -> list[str]:
    """Return the keys of the people whose pattern is found in a line such as ``#nova now live migration``."""
    wanting = []
    for key, pattern in gathering.subscriptions.items():
        if not pattern:
            continue
        try:
            found = compiled(pattern).search(line)
        except BadPattern:
            continue
        if found:
            wanting.append(key)
    return wanting
