"""Decides which typed addresses may become links, in the core and on pages."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

LONGEST = 2000
_UNFIT = re.compile(r"[\s\x00-\x20\x7f-\x9f<>\"\\^`{|}\u200b\ufeff\u202a-\u202e\u2066-\u2069]")


def safe_url(typed: object) -> str | None:
    """Return an address that may become a link (http, https, mailto), None for anything else.

    An address with a name or password before the host is refused (RFC 3986 section 7.5 and 7.6): the password would be
    published, and the name could hide which host is meant.
    """
    if not isinstance(typed, str) or len(typed) > LONGEST or _UNFIT.search(typed):
        return None
    try:
        parts = urlsplit(typed)
        host, _port, user = parts.hostname, parts.port, parts.username
    except ValueError:
        return None
    if parts.scheme in ("http", "https"):
        return typed if host and user is None else None
    return typed if parts.scheme == "mailto" and "@" in parts.path else None
