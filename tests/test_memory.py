"""Large blocks go back to the system, in a process of its own: the setting holds for a process as long as it lives."""

from __future__ import annotations

import subprocess
import sys

import pytest

CHILD = """
import os
from pathlib import Path
from ptgbot.memory import return_large_blocks

def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

print(return_large_blocks())
between, kept = [], []
for _ in range(200):
    between.append(bytearray(100_000))
    kept.append(bytearray(2_000))
full = resident()
between.clear()
print(full - resident())
"""


def child(**environment: str) -> tuple[str, int]:
    done = subprocess.run(
        [sys.executable, "-c", CHILD], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    told, freed = done.stdout.split()
    return told, int(freed)


@pytest.mark.skipif(sys.platform != "linux", reason="mallopt belongs to glibc")
def test_blocks_between_small_ones_are_returned() -> None:
    told, freed = child()
    assert told == "True"
    assert freed > 15_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="mallopt belongs to glibc")
def test_threshold_in_the_environment_takes_precedence() -> None:
    told, freed = child(MALLOC_MMAP_THRESHOLD_="1000000")
    assert told == "False"
    assert freed < 5_000_000
