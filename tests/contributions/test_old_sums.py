"""Old addresses are answered from sums where there are some, and with the same numbers as from single contributions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from bench.contribution_facts import fill, rules
from ptgbot.contributions.duck import Duck
from ptgbot.contributions.old_names import METRICS
from ptgbot.contributions.snapshots import open_snapshot, write_snapshot
from tests.contributions.test_engines import FAR, cells

DAY = 86_400
QUESTIONS = (
    *("companies", "contribution", "distinct_engineers", "engineers", "engineers_extended", "modules", "timeline"),
)
BUSY = [
    ("mail:plants", f"busy{number}", "Person 1", "p1@org1.example", "hello", f"r{number % 3}", 16_500 * DAY + number)
    for number in range(6)
]
"""Messages of one day to several modules: a day of their author."""
CHOSEN = ("", *sorted(ours for ours, _ in METRICS.values() if ours), "commits\x1fperson-day")


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Duck]:
    folder = tmp_path_factory.mktemp("sums")
    fill(folder / "facts.duckdb", 2_000)
    with closing(Duck(folder / "facts.duckdb")) as engine:
        engine.prepare()
        engine.load("messages", BUSY)
        rules(engine)
        write_snapshot(engine, folder)
    made = open_snapshot(folder)
    assert made is not None
    with closing(made):
        made.prepare_old()
        yield made


def asked(snapshot: Duck, *narrowing: str | int) -> dict[str, list[tuple[str, ...]]]:
    """Return the answers to all questions with each metric by itself, and some together."""
    found = {}
    for question in QUESTIONS:
        for metrics in CHOSEN:
            values = narrowing if question == "contribution" else (metrics, *narrowing)
            found[f"{question} {metrics}"] = cells(snapshot.rows(f"old/{question}", *values))
    return found


@pytest.mark.parametrize("company", ["", "Org 8"])
def test_all_times_have_numbers_of_single_contributions(snapshot: Duck, company: str) -> None:
    sums = asked(snapshot, "", "", company, "", -FAR, FAR)
    assert sums == asked(snapshot, "", "", company, "", 1, 100_000 * DAY + 1)
    assert [name for name, rows in sums.items() if not rows] == []


def test_whole_days_have_numbers_of_single_contributions(snapshot: Duck) -> None:
    span = (16_000 * DAY, 17_000 * DAY)
    everybody = "\x1f".join(["", *(str(row[1]) for row in snapshot.rows("old/names") if row[0] == "user_id")])
    sums = asked(snapshot, "", "", "", "", *span)
    assert sums == asked(snapshot, "", "", "", everybody, *span)
    assert sums["timeline person-day"]


def test_parts_of_days_are_counted_to_the_second(snapshot: Duck) -> None:
    (newest, *_), *_ = snapshot.rows("old/activity", "messages", "", "", "", "", -FAR, FAR, 1, 0)
    moment = int(str(newest))
    for until, expected in ((moment, []), (moment + 1, [1.0])):
        weeks = snapshot.rows("old/timeline", "messages", "", "", "", "", moment - 1, until)
        assert [row[1] for row in weeks] == expected
