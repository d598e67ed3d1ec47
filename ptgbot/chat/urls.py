"""Decides which typed addresses may become links, and from which addresses of a configuration the bot may read."""

from __future__ import annotations

import ipaddress
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


def address_problem(url: str) -> str:
    """Return a sentence that says why nothing may be posted to an address; empty if it is fine.

    Anything except https would show the contents to the network, so http is for this machine only.
    """
    try:
        parts = urlsplit(url)
        host, _port, user = parts.hostname or "", parts.port, parts.username
    except ValueError:
        return "this is not an address."
    if user is not None:
        return "an address must hold no name and no password."
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))):
        return "an address must begin with https://; http:// is for this machine only."
    return ""


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
