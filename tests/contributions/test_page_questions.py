"""What the pages ask of a snapshot, and in which order its rows stand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ptgbot.contributions.duck import Duck
from ptgbot.contributions.engine import Row, Value
from ptgbot.contributions.page_facts import Given, counted
from ptgbot.contributions.page_names import Faces
from ptgbot.contributions.snapshots import open_snapshot, write_snapshot
from tests.contributions.facts import DAY, load_all, load_commits


@pytest.fixture
def snapshot(tmp_path: Path) -> Iterator[Duck]:
    """Return a snapshot of a few facts."""
    with closing(Duck()) as engine:
        engine.prepare()
        # Neither the order of releases, nor that of modules or people.
        days = [(at * 70 + 30) % 290 * DAY for at in range(20)]
        made = [(["oak", "elm"][at % 2], ["bob", "ann", "cid"][at % 3], day, 1) for at, day in enumerate(days)]
        load_commits(engine, made)
        load_all(engine)
        write_snapshot(engine, tmp_path)
    found = open_snapshot(tmp_path)
    assert found is not None
    with closing(found):
        yield found


def test_days_of_a_release_stand_together(snapshot: Duck) -> None:
    days = [(*map(str, row[:4]), int(str(row[4]))) for row in snapshot.derived("daily")]
    assert len({row[0] for row in days}) > 1
    assert days == sorted(days)


@pytest.mark.parametrize("wished", [False, True])
def test_hours_are_asked_only_if_wished(snapshot: Duck, wished: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    stream = Duck.stream

    def noted(self: Duck, question: str, *values: Value) -> Iterator[Row]:
        asked.append(question)
        return stream(self, question, *values)

    monkeypatch.setattr(Duck, "stream", noted)
    for _ in counted(snapshot, Given(2**40, [], Faces({}, b"key"), punch_cards=["mira"] if wished else [])):
        pass
    assert ("pages/hours" in asked) is wished
