"""The process's memory: large blocks go back to the system as soon as they are free."""

from __future__ import annotations

import ctypes
import os

_MMAP_THRESHOLD = -3
"""``M_MMAP_THRESHOLD`` of glibc's ``mallopt`` (mallopt(3))."""
LARGE = 65_536
"""Size in bytes from which a block gets pages of its own."""


def return_large_blocks() -> bool:
    """Let the C library map each large block by itself, and return whether it does.

    glibc raises its threshold with each large block that is freed. Later blocks, such as a rendered checkpoint, then
    lie between small ones that live long, and the process's memory grows although Python holds no more than before.
    A threshold in the environment, ``MALLOC_MMAP_THRESHOLD_``, takes precedence. Other C libraries are left alone.
    """
    if "MALLOC_MMAP_THRESHOLD_" in os.environ:
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(_MMAP_THRESHOLD, LARGE))
