"""Which tests execute which line: one run of the quick suite under coverage, with a context for each test."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
from coverage import Coverage, CoverageData

from tests.mutation.contexts import TIMES
from tests.mutation.copies import Copy

LEFT_OUT = ("adapters", "docs", "house")
"""Folders of tests that look at something else: at the edges, at words, and at our sources as text."""
QUICK = ("-m", "not servers and not browser and not long", *(f"--ignore=tests/{name}" for name in LEFT_OUT))
"""The suite that looks for flips."""

SETTINGS = """\
[run]
include = {folder}/ptgbot/*
data_file = {data}
parallel = true
sigterm = true
disable_warnings = no-data-collected,module-not-measured,no-ctracer
context = ${{PYTEST_CURRENT_TEST-}}
"""
"""A process that a test starts finds the name of the test in its environment: that is its context."""


@attrs.frozen
class Measured:
    """What the run told.

    Attributes:
        seconds: How long each test that passed took, under coverage.
        lines: Of each file, by its path in the repository, the tests that executed each line.
    """

    seconds: dict[str, float]
    lines: dict[str, dict[int, list[str]]]

    def breadth(self) -> dict[str, int]:
        """Return how many lines each test executes."""
        counted: dict[str, int] = dict.fromkeys(self.seconds, 0)
        for of_file in self.lines.values():
            for tests in of_file.values():
                for test in tests:
                    counted[test] += 1
        return counted


def measured(copy: Copy, say: Callable[[str], None]) -> Measured:
    """Read what an earlier run in this copy told, or run the suite: the first time, and after sources were changed."""
    data, times = copy.folder / ".coverage", copy.folder / ".times"
    newest = max(path.stat().st_mtime for path in copy.folder.glob("ptgbot/**/*.py"))
    if not (data.exists() and times.exists() and newest < times.stat().st_mtime):
        say("measuring which test executes which line")
        _measure(copy, data, times, say)
    # A test whose identifier holds the path of this copy is another one in the others.
    told: dict[str, float] = json.loads(times.read_text())
    seconds = {test: needed for test, needed in told.items() if str(copy.folder) not in test}
    found = CoverageData(str(data))
    found.read()
    return Measured(seconds, dict(_lines(copy.folder, found, seconds)))


def _measure(copy: Copy, data: Path, times: Path, say: Callable[[str], None]) -> None:
    config = copy.folder / ".coveragerc"
    config.write_text(SETTINGS.format(folder=copy.folder, data=data))
    for old in copy.folder.glob(".coverage.*"):
        old.unlink()
    environment = {"COVERAGE_PROCESS_START": str(config), TIMES: str(times)}
    _, said = copy.pytest(["tests"], "-n", "2", *QUICK, limit=3600, **environment)
    say("\n".join(said.splitlines()[-12:]))
    Coverage(config_file=str(config)).combine()


def _lines(folder: Path, data: CoverageData, seconds: dict[str, float]) -> Iterator[tuple[str, dict[int, list[str]]]]:
    for file in data.measured_files():
        lines: dict[int, list[str]] = {}
        for line, contexts in data.contexts_by_lineno(file).items():
            names = {re.sub(r" \((setup|call|teardown)\)$", "", context) for context in contexts}
            lines[line] = sorted(names & seconds.keys())
        yield str(Path(file).relative_to(folder)), lines
