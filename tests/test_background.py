"""Processes that make way for the chat."""

from __future__ import annotations

import os
import subprocess
import sys

SCRIPT = """
import os, sys
from ptgbot.background import make_way
os.sched_setaffinity(0, {int(n) for n in sys.argv[1].split(",")})
make_way(3)
print(os.nice(0), sorted(os.sched_getaffinity(0)))
"""
PROCESSORS = sorted(os.sched_getaffinity(0))
NICENESS = min(os.nice(0) + 3, 19)


def made_way(processors: list[int]) -> str:
    """Return the niceness and the processors of a process afterwards that was allowed these."""
    command = [sys.executable, "-c", SCRIPT, ",".join(map(str, processors))]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def test_one_processor_is_left_to_the_chat() -> None:
    assert made_way(PROCESSORS) == f"{NICENESS} {PROCESSORS[1:] or PROCESSORS}"


def test_the_only_processor_is_shared() -> None:
    assert made_way(PROCESSORS[:1]) == f"{NICENESS} {PROCESSORS[:1]}"
