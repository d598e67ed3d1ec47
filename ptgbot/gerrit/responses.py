"""Reads responses of the REST interface of Gerrit.

Their form is that of https://gerrit-review.googlesource.com/Documentation/rest-api.html, section "Output Format".
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final

_PREFIX: Final = b")]}'"
"""The first line of every response, which keeps scripts of other sites from reading it."""


class NoChanges(ValueError):
    """A response is not a list of changes."""


def changes_in(body: bytes) -> list[dict[str, Any]]:
    """Return the changes of a response to a query.

    Raises:
        NoChanges: it is something else.
    """
    if body.lstrip()[:1] == b"<":
        raise NoChanges("the server's answer is a page, no JSON: is this its address, or does a proxy answer instead?")
    try:
        found = json.loads(body.strip().removeprefix(_PREFIX))
    except (ValueError, RecursionError) as error:
        raise NoChanges("the server's answer is no JSON") from error
    if not isinstance(found, list):
        raise NoChanges("the server's answer is no list")
    return [one for one in found if isinstance(one, dict)]


def seconds_of(tree: object, key: str) -> int | None:
    """Return a time such as ``2026-11-22 02:00:00.000000000`` (UTC) as seconds since 1970, None without one."""
    found = tree.get(key) if isinstance(tree, dict) else None
    try:
        return int(datetime.strptime(str(found)[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None
