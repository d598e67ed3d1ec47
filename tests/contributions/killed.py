"""Reads repositories, and kills itself with SIGKILL at a moment: python killed.py DATABASE MOMENT REPOSITORY…"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

from ptgbot.contributions.duck import Duck
from ptgbot.contributions.engine import Row, Value
from ptgbot.contributions.git import Repo
from ptgbot.contributions.reading import read_all


class Mortal(Duck):
    """Dies before and after each change of the database, when it is its turn."""

    turns = 0

    def _turn(self) -> None:
        self.turns -= 1
        if self.turns == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def load(self, table: str, rows: Iterable[Row]) -> None:
        self._turn()
        super().load(table, rows)
        self._turn()

    def remove(self, table: str, **where: Value) -> None:
        self._turn()
        super().remove(table, **where)
        self._turn()


if __name__ == "__main__":
    engine = Mortal(Path(sys.argv[1]))
    engine.prepare()
    engine.turns = int(sys.argv[2])
    for _line in read_all(engine, sys.argv[3:], lambda name: Repo(Path(name)), print):
        pass
