"""Chooses the form in which a file is sent: compressed by brotli or gzip, or as it is."""

from __future__ import annotations

from collections.abc import Collection

IDENTITY = "identity"
"""The content coding of a file as it is."""
PREFERRED = ("br", "gzip", IDENTITY)
"""Content codings that we have, the smallest first."""


def choose(accepted: str | None, available: Collection[str]) -> str:
    """Return the content coding with the highest weight, the smallest of several (RFC 9110 section 12.5.3).

    A reader that accepts none of them gets the file as it is.

    Args:
        accepted: the field ``Accept-Encoding``, None if the request has none.
        available: the codings in which there is the file; it is always there as it is.
    """
    weights = dict(_weight(part) for part in (accepted or "").lower().split(",") if part.strip())
    # Without a word about it, a file as it is may be sent, but any other form that is accepted is better.
    other = weights.get("*", 0.0)
    least = weights.get(IDENTITY, weights.get("*", 0.001))
    found = [name for name in PREFERRED if name == IDENTITY or name in available]
    best = max(found, key=lambda name: least if name == IDENTITY else weights.get(name, other))
    return best if best == IDENTITY or weights.get(best, other) > 0 else IDENTITY


def _weight(part: str) -> tuple[str, float]:
    name, _, parameter = part.partition(";")
    key, _, value = parameter.partition("=")
    try:
        weight = float(value) if key.strip() == "q" else 1.0
    except ValueError:
        weight = 0.0
    return name.strip(), weight if 0.0 <= weight <= 1.0 else 0.0
