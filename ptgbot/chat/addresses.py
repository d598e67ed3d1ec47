"""Typed names as parts of addresses. An address, once published, must keep its meaning."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

LONGEST = 60
_TRACK = re.compile(r"[a-z0-9][a-z0-9._-]*")
_UNFIT = re.compile(r"[^a-z0-9]+")


def slug(name: str) -> str:
    """Return a name as a segment of an address: lower-case letters, digits and hyphens (RFC 3986 section 3.3).

    The name of a track stays as it is. A name without any such letters is replaced by its digest.
    """
    if len(name) <= LONGEST and _TRACK.fullmatch(name):
        return name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _UNFIT.sub("-", plain).strip("-")[:LONGEST].rstrip("-") or _digest(name)


def slugs(names: Iterable[str]) -> dict[str, str]:
    """Return the slug of each name.

    Of several names with the same slug the first has the plain one, so that its address stays when others are added.
    The others get a digest appended.
    """
    taken: dict[str, str] = {}
    found: dict[str, str] = {}
    for name in names:
        wanted = slug(name)
        if taken.setdefault(wanted, name) != name:
            wanted = f"{wanted[: LONGEST - 9]}-{_digest(name)}"
            taken[wanted] = name
        found[name] = wanted
    return found


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:8]
