"""Lines on standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from ptgbot.bars import write_line


def print_lines(lines: Iterable[str]) -> None:
    """Print lines, each as soon as it is known."""
    for line in lines:
        write_line(line, sys.stdout)
    sys.stdout.flush()
