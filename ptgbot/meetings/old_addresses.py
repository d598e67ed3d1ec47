"""Addresses of a MeetBot archive: ``CHANNEL/YEAR/NAME.DATE-TIME`` with an ending for each file.

They lead to the new pages: pages lead on by a refresh, which every host of static files can serve, and texts are there
as they are.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Final

from attrs import frozen

ENDINGS: Final = (".html", ".log.html", ".txt", ".log.txt")
"""Endings of the files of one meeting in an old archive."""
LOG: Final = ".log.txt"
_STEM: Final = re.compile(r"(?P<name>.+)\.(?P<date>\d{4}-\d\d-\d\d)-(?P<time>\d\d\.\d\d)(?:\.\d\d)?", re.ASCII)
_PART: Final = re.compile(r"[A-Za-z0-9_#+=@][A-Za-z0-9_.,#+=@ -]{0,120}")


@frozen
class OldName:
    """The facts in the name of an old file."""

    name: str
    started: datetime
    """UTC."""


def old_name(path: PurePosixPath) -> OldName | None:
    """Return the facts in the name of a raw log, None if the name has another form."""
    found = _STEM.fullmatch(path.name.removesuffix(LOG))
    if found is None:
        return None
    try:
        started = datetime.strptime(f"{found['date']} {found['time']}", "%Y-%m-%d %H.%M").replace(tzinfo=UTC)
    except ValueError:
        return None
    return OldName(found["name"], started)


def old_address(path: PurePosixPath) -> str | None:
    """Return the former address of a raw log without an ending, None if it can't be one of our site.

    Args:
        path: the file below the folder of the archive, such as ``infra/2015/infra.2015-07-21-19.02.log.txt``.
    """
    plain = path.with_name(path.name.removesuffix(LOG))
    parts = plain.parts
    safe = len(parts) >= 2 and all(_PART.fullmatch(part) and ".." not in part for part in parts)
    return plain.as_posix() if safe and not parts[0].startswith("_") else None
