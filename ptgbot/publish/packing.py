"""The compressed forms of files: gzip (RFC 1952) and brotli (RFC 7932)."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import PurePosixPath

import brotli

SUFFIXES = (".gz", ".br")
"""Suffixes of the compressed forms of a file."""
_PACKED = frozenset({".html", ".css", ".js", ".json", ".svg", ".txt", ".xml", ".atom", ".ics"})
_WORTH_PACKING = 1024
_FAST, _SMALLEST = 5, 11
"""Qualities of brotli: for pages, which change all the time, and for assets, which are compressed once."""
_LARGEST_ASSET = 200_000
"""Size in bytes up to which an asset is compressed to the smallest size, which takes about 1 µs for each byte."""


def packed(name: str, content: bytes) -> Mapping[str, bytes]:
    """Return the compressed forms of a file by their suffixes, nothing if it is not worth it."""
    if PurePosixPath(name).suffix not in _PACKED or len(content) <= _WORTH_PACKING:
        return {}
    quality = _SMALLEST if name.startswith("_static/") and len(content) <= _LARGEST_ASSET else _FAST
    return {".gz": gzip.compress(content, 6, mtime=0), ".br": brotli.compress(content, quality=quality)}
