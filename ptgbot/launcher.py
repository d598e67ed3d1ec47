"""Becomes the command of a job: ``python -m ptgbot.launcher MEMORY LOCK COMMAND…``.

The limits are set in this process of its own, because between fork and exec a program with threads may safely do
almost nothing.
"""

from __future__ import annotations

import fcntl
import os
import resource
import sys
from collections.abc import Sequence

from ptgbot.background import make_way

NICENESS = 10
"""Added to our own niceness: chat goes before jobs."""
BUSY, NOT_STARTED = 75, 127
"""Exit statuses: an earlier run has not ended (``EX_TEMPFAIL``); the command can't be started."""


def main(arguments: Sequence[str]) -> None:
    """Limit this process, take the lock of the job and become its command."""
    memory, lock, *command = arguments
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    # The command holds the lock until it ends: one run at a time, even if the bot was killed and started anew.
    os.set_inheritable(handle, True)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.stderr.write("an earlier run has not ended\n")
        sys.exit(BUSY)
    _limit(resource.RLIMIT_AS, int(memory))
    _limit(resource.RLIMIT_CORE, 0)
    make_way(NICENESS)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.stderr.write(f"{command[0]} can't be started: {error}\n")
        sys.exit(NOT_STARTED)


def _limit(which: int, wanted: int) -> None:
    _, hard = resource.getrlimit(which)
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(which, (limit, limit))


if __name__ == "__main__":
    main(sys.argv[1:])
