"""Lowers the priority of the processes that make pages, serve readers and run jobs, so that the chat goes first."""

from __future__ import annotations

import contextlib
import os


def make_way(niceness: int) -> None:
    """Lower the priority of this process, and leave one processor to the others if it may use several.

    Priority alone is not enough: a command waits for the disk and is woken several times, and each time Linux first
    lets another program finish its slice of some milliseconds.

    Args:
        niceness: what is added to that of this process, 0 to 19.
    """
    os.nice(niceness)
    if hasattr(os, "sched_setaffinity"):
        allowed = os.sched_getaffinity(0)
        if len(allowed) > 1:
            # A sandbox may forbid it; then only the priority differs.
            with contextlib.suppress(PermissionError):
                os.sched_setaffinity(0, allowed - {min(allowed)})
