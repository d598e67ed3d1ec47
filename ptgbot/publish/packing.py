"""Compressed forms of the files of a site, beside them: gzip (RFC 1952) and brotli (RFC 7932).

The builder makes those of its pages, in its own process: compressing a page takes longer than deciding on a command.
A compressed form has the modification time of its file, which tells whether it is up to date.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Container
from pathlib import Path

import brotli

GZIP = ".gz"
"""Suffix of the one compressed form that finished files have."""
SUFFIXES = (GZIP, ".br")
"""Suffixes of the compressed forms of a file."""
_PACKED = frozenset({".html", ".css", ".js", ".json", ".svg", ".txt", ".xml", ".atom", ".ics"})
_WORTH_PACKING = 1024
BLOCK = 4096
"""Bytes of a block of usual file systems: what the shortest file takes on a disk."""
_FAST, _SMALLEST = 5, 11
"""Qualities of brotli: for pages, which change all the time, and for assets, which are compressed once."""
_LARGEST_ASSET = 200_000
"""Size in bytes up to which an asset is compressed to the smallest size, which takes about 1 µs for each byte."""


def is_worth_packing(path: Path, size: int) -> bool:
    """Say whether a file of ``size`` bytes is served in a compressed form."""
    return path.suffix in _PACKED and size > _WORTH_PACKING


def pack(path: Path, content: bytes, asset: bool) -> None:
    """Write the compressed forms of a file beside it.

    Args:
        path: the file.
        content: its content.
        asset: whether it is one that never changes under its name.

    Raises:
        OSError: they cannot be written.
    """
    quality = _SMALLEST if asset and len(content) <= _LARGEST_ASSET else _FAST
    forms = gzip.compress(content, 6, mtime=0), brotli.compress(content, quality=quality)
    for suffix, packed in zip(SUFFIXES, forms, strict=True):
        _write_form(path, suffix, packed)


def pack_once(path: Path, content: bytes) -> None:
    """Write the gzip form of a file beside it, if that saves at least a block of the disk.

    For finished pages, which are many and read seldom: a second form would save a reader about an eighth of the bytes,
    and take as much room again.

    Args:
        path: the file.
        content: its content.

    Raises:
        OSError: the form cannot be written.
    """
    packed = gzip.compress(content, 6, mtime=0)
    if len(content) - len(packed) >= BLOCK:
        _write_form(path, GZIP, packed)


def _write_form(path: Path, suffix: str, packed: bytes) -> None:
    when = path.stat()
    form = packed_form(path, suffix)
    # A release may have a link to the former one.
    form.unlink(missing_ok=True)
    form.write_bytes(packed)
    os.utime(form, ns=(when.st_atime_ns, when.st_mtime_ns))


def packed_form(path: Path, suffix: str) -> Path:
    """Return the path of a compressed form of a file."""
    return path.with_name(f"{path.name}{suffix}")


def is_packed(path: Path) -> bool:
    """Say whether a file has compressed forms that are up to date."""
    when = path.stat().st_mtime_ns
    try:
        return all(packed_form(path, suffix).stat().st_mtime_ns == when for suffix in SUFFIXES)
    except FileNotFoundError:
        return False


def is_form(name: str, names: Container[str]) -> bool:
    """Say whether a file is the compressed form of another one of ``names``."""
    return name.endswith(SUFFIXES) and name.rpartition(".")[0] in names


def pack_all(folder: Path) -> None:
    """Bring the compressed forms of all files below a folder up to date, and remove those of files that are gone.

    Raises:
        OSError: they cannot be written.
    """
    for place, _, names in os.walk(folder):
        known, assets = frozenset(names), Path(place).relative_to(folder).parts[:1] == ("_static",)
        for name in names:
            path = Path(place, name)
            if name.endswith(SUFFIXES):
                if path.with_suffix("").suffix in _PACKED and not is_form(name, known):
                    path.unlink()
            elif path.suffix in _PACKED:
                _pack_one(path, assets)


def _pack_one(path: Path, asset: bool) -> None:
    if not is_worth_packing(path, path.stat().st_size):
        for suffix in SUFFIXES:
            packed_form(path, suffix).unlink(missing_ok=True)
    elif not is_packed(path):
        pack(path, path.read_bytes(), asset)
