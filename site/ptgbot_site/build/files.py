"""Files of a build that are written only if they differ, so that unchanged ones keep their dates."""

from __future__ import annotations

from pathlib import Path


def write_changed(path: Path, content: bytes) -> bool:
    """Write a file unless it has this content already, and return whether it was written.

    Raises:
        OSError: it cannot be read or written.
    """
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return True
