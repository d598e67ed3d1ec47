"""Lines on standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterable


def print_lines(lines: Iterable[str]) -> None:
    """Print lines, each as soon as it is known."""
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
