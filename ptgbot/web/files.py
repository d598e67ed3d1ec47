"""Files of the current release, and nothing else of the machine."""

from __future__ import annotations

from pathlib import Path


def find(root: Path, name: str) -> tuple[Path, str] | None:
    """Return the file for an address and its name below the site; None where there is no such file.

    ``root`` is the link to the current release. It is followed once, so the answer is of one build. What
    leads outside, begins with a dot or can't be a file name is not there.
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
    if not real.is_relative_to(release) or not real.is_file():
        return None
    return real, "/".join(parts)
