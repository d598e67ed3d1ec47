"""Finds files of the current release, and no other file of the machine."""

from __future__ import annotations

from pathlib import Path

KEPT = "kept"
"""Name of the folder of finished pages, to which releases have links."""


def find(root: Path, name: str) -> tuple[Path, str] | None:
    """Return the file for an address and its name below the site, None if there is no such file.

    Files outside the release and the folder ``kept`` beside the releases, and names that begin with a dot or cannot be
    printed, count as missing.

    Args:
        root: the link to the current release. It is resolved once, so that the whole answer is of one build.
        name: the path of the address, without the slash at its beginning.
    """
    parts = [part for part in name.split("/") if part]
    if any(part.startswith(".") or not part.isprintable() or "\\" in part for part in parts):
        return None
    try:
        release = root.resolve(strict=True)
        path = release.joinpath(*parts)
        if name.endswith("/") or not parts:
            path /= "index.html"
            parts.append("index.html")
        real = path.resolve(strict=True)
    except (OSError, ValueError):
        return None
    inside = real.is_relative_to(release) or real.is_relative_to(release.parent.with_name(KEPT))
    if not inside or not real.is_file():
        return None
    return real, "/".join(parts)
