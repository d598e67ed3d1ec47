"""How the program ends: its exit statuses, and sentences about faults of files and addresses."""

from __future__ import annotations

import enum
import errno
import os
import pwd
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final


class Exit(enum.IntEnum):
    """The exit statuses of every command of the program."""

    STOPPED = 0
    UNEXPECTED = 1
    CONFIGURATION = 2
    STATE = 3
    NO_ADAPTER = 4
    INTERRUPTED = 130

    @property
    def meaning(self) -> str:
        """What the status says, as a part of a sentence."""
        return MEANINGS[self]


MEANINGS: Final[Mapping[Exit, str]] = {
    Exit.STOPPED: "it did its work, or was stopped",
    Exit.UNEXPECTED: "an unexpected error; the last lines of the log say which",
    Exit.CONFIGURATION: "the command line or the configuration is wrong, or `check` found a fault",
    Exit.STATE: (
        "the state, the folder of the site or an address cannot be used: damaged, of a later version, in use by "
        "another process, not ours, on a full or read-only disk; or another process took the state over meanwhile"
    ),
    Exit.NO_ADAPTER: "no adapter was left",
    Exit.INTERRUPTED: "Ctrl-C ended a command of a feature before its work was done; the next one goes on",
}
NO_RESTART: Final = (Exit.CONFIGURATION, Exit.STATE)
"""Statuses after which a new start changes nothing, because a person has to act first."""

_RIGHTS = frozenset({errno.EACCES, errno.EPERM})
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""Errors of a disk, or of a share of it, that has no room left."""
_TAKEN = frozenset({errno.EADDRINUSE})
_NO_ADDRESS = frozenset({errno.EADDRNOTAVAIL})


def explained(error: OSError) -> str:
    """Return a sentence about a fault of the system: the file, its owner, and what to do."""
    if error.errno in _TAKEN:
        return f"{error.strerror}. Another program listens there: stop it, or choose another address in `listen`."
    if error.errno in _NO_ADDRESS:
        return f"{error.strerror}. This machine has no such address: correct `listen`."
    where = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else None
    why = (error.strerror or str(error) or type(error).__name__).lower()
    if where is None:
        return f"{why}. Make room and start again." if error.errno in FULL else f"{why}."
    if error.errno in _RIGHTS:
        return f"{where}: {why}. {_owned(where)}"
    if error.errno == errno.EROFS:
        return f"{where}: {why}. Mount it writable, or move the file to another disk in the configuration."
    if error.errno in FULL:
        return f"{where}: {why}. Make room and start again."
    return f"{where}: {why}."


def _owned(path: Path) -> str:
    """Return who owns a path, or the nearest folder that can be looked at, who we are, and what to do."""
    me = _name(os.geteuid())
    for one in (path, *path.parents):
        try:
            found = one.stat()
        except OSError:
            continue
        if found.st_uid == os.geteuid() and one != path:
            return f"This process runs as {me}, who may not use it."
        what = "It" if one == path else f"The folder {one}" if stat.S_ISDIR(found.st_mode) else str(one)
        mode = f"{stat.S_IMODE(found.st_mode):04o}"
        return (
            f"{what} belongs to {_name(found.st_uid)} (mode {mode}), and this process runs as {me}. "
            f"Give it to {me}: chown {me} {one}"
        )
    return f"This process runs as {me}."


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
