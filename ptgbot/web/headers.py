"""Headers of every answer: where scripts and styles may come from, and how long a browser may keep the file."""

from __future__ import annotations

import re
from collections.abc import Mapping

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Content-Security-Policy: even if typed text became markup, no browser would run it."""

SECURITY: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

_HASHED = re.compile(r"_static/[\w.]+-[0-9a-f]{10}\.\w+")


def caching(name: str) -> str:
    """Return ``Cache-Control`` for a file: one year if its name holds its digest, else to be asked for each time."""
    return "public, max-age=31536000, immutable" if _HASHED.fullmatch(name) else "no-cache"
