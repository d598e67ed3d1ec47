"""A pytest plugin: coverage learns which test runs, and the time of each test is written down."""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import Phase, settings

# A flip is noticed by the first failure: the smallest example of it is of no use, and a slow one is none.
settings.register_profile("mutation", phases=[Phase.explicit, Phase.generate], deadline=None, database=None)
settings.load_profile("mutation")

TIMES = "MUTATION_TIMES"
"""The environment variable with the path of the file of times; without it, nothing is measured."""

seconds: dict[str, float] = {}
failed: set[str] = set()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    if TIMES in os.environ:
        from coverage import Coverage

        if current := Coverage.current():
            current.switch_context(item.nodeid)
    return (yield)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    seconds[report.nodeid] = seconds.get(report.nodeid, 0) + report.duration
    if report.outcome != "passed":
        failed.add(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if TIMES in os.environ and not hasattr(session.config, "workerinput"):
        passed = {name: round(time, 3) for name, time in seconds.items() if name not in failed}
        Path(os.environ[TIMES]).write_text(json.dumps(passed))
