"""Headers of every response: allowed sources of scripts and styles, and caching."""

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
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Content-Security-Policy (W3C CSP Level 3): even if typed text became markup, no browser would run it."""

SECURITY: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

_HASHED = re.compile(r"_static/[\w.]+-[0-9a-f]{10}\.\w+")


def caching(name: str) -> str:
    """Return ``Cache-Control`` for a file (RFC 9111).

    A file whose name holds its digest may be cached for a year; any other must be revalidated each time.
    """
    return "public, max-age=31536000, immutable" if _HASHED.fullmatch(name) else "no-cache"
