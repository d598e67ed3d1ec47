"""Runs ``ptgbot stats refresh CONFIG`` and kills itself with SIGKILL: python killed_refresh.py CONFIG MOMENT.

Moments are touches of files and programs from the lock on: each opened file, each renamed or removed one, each program
that is started. At moment 0 it lives, and prints how many moments there were.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from pathlib import Path

from ptgbot.cli import main

_TOUCHES = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "subprocess.Popen", "sqlite3.connect"})
_DULL = frozenset({os.devnull, tempfile.gettempdir()})


class Mortal:
    """Counts touches, and dies at one."""

    def __init__(self, moment: int) -> None:
        self.moment, self.count, self.begun = moment, 0, False

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if event not in _TOUCHES or not isinstance(arguments[0], str | Path) or str(arguments[0]) in _DULL:
            return
        self.begun = self.begun or str(arguments[0]).endswith("/.lock")
        if not self.begun:
            return
        self.count += 1
        if self.count == self.moment:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    mortal = Mortal(int(sys.argv[2]))
    sys.addaudithook(mortal)
    status = main(["stats", "refresh", sys.argv[1]])
    sys.stdout.write(f"{mortal.count}\n")
    sys.exit(status)
