from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ptgbot.ci.board import Board, Wanted
from ptgbot.ci.board_json import board_json
from ptgbot.ci.facts import looked_at
from ptgbot.ci.keeping import Keeping
from ptgbot.ci.raw import Kept, Raw
from ptgbot.ci.reading import Kind
from ptgbot.ci.settings import CiSettings
from tests.ci.happenings import ACME, BAD, HOUR, NOVA, OK, SETTINGS, Event, T, comment, created, shown

DAY = datetime(2026, 11, 20, 12, tzinfo=UTC)
EVENTS = [created(), comment(OK), comment(BAD, ACME), comment(OK, ACME, at=T + 2 * HOUR), created(2, at=T + 60)]


def kept(*events: Event, source: str = "stream") -> list[Kept]:
    return [Kept("", source, event) for event in events]


def board(keeping: Keeping) -> Event:
    with looked_at(keeping.path) as sql:
        return board_json(Board(sql, Wanted(NOVA, T + 20 * HOUR), keeping.settings))


@pytest.fixture
def keeping(tmp_path: Path) -> Keeping:
    return Keeping(tmp_path / "ci", SETTINGS)


def test_stored_events_make_the_board(keeping: Keeping) -> None:
    keeping.start()
    for at, event in enumerate(EVENTS):
        keeping.put(kept(event), DAY + timedelta(days=at // 2))
    assert board(keeping) == shown(EVENTS)
    assert [path.name for path in sorted((keeping.folder / "events").iterdir())] == [
        "2026-11-20.jsonl.gz",
        "2026-11-21.jsonl.gz",
        "2026-11-22.jsonl",
    ]


def test_replay_makes_the_same_facts(keeping: Keeping) -> None:
    keeping.put(kept(*EVENTS), DAY)
    before = board(keeping)
    keeping.path.unlink()
    assert keeping.replay() == len(EVENTS)
    assert board(keeping) == before == shown(EVENTS)


def test_put_returns_new_readings_only(keeping: Keeping) -> None:
    assert [one.kind for one in keeping.put(kept(*EVENTS[:2]), DAY)] == [Kind.PATCHSET, Kind.CI_RESULT]
    assert keeping.put(kept(EVENTS[1]), DAY) == []


def test_both_sources_count_a_comment_once(keeping: Keeping) -> None:
    keeping.put(kept(created(), comment(OK)), DAY)
    keeping.put(kept(comment(OK, at=T + HOUR + 3), source="rest"), DAY)
    assert board(keeping) == shown([created(), comment(OK)])
    keeping.put(kept(comment(OK, at=T + HOUR + 3)), DAY)
    assert board(keeping)["health"]["zuul/check"]["runs"] == 2


@pytest.mark.parametrize("cut", [1, 7, 60])
def test_torn_line_is_removed_at_the_start(keeping: Keeping, cut: int) -> None:
    keeping.put(kept(*EVENTS[:3]), DAY)
    path = keeping.folder / "events/2026-11-20.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + kept(EVENTS[3])[0].line()[:-cut])
    keeping.start(DAY.date())
    assert path.read_bytes() == whole
    keeping.put(kept(*EVENTS[3:]), DAY)
    assert board(keeping) == shown(EVENTS)


def test_events_that_facts_lack_are_taken_over(keeping: Keeping) -> None:
    keeping.put(kept(*EVENTS[:2]), DAY)
    keeping.raw.append(DAY.date(), kept(*EVENTS[2:4]))
    keeping.put(kept(EVENTS[4]), DAY)
    assert board(keeping) == shown(EVENTS)


@pytest.mark.parametrize("days", [0, 1, 40])
def test_start_brings_the_facts_up(keeping: Keeping, days: int) -> None:
    keeping.put(kept(*EVENTS[:2]), DAY)
    keeping.raw.append(DAY.date(), kept(*EVENTS[2:]))
    keeping.start(DAY.date() + timedelta(days=days))
    assert board(keeping) == shown(EVENTS)


@pytest.mark.parametrize("damage", ["bytes", "version"])
def test_damaged_facts_are_made_anew(keeping: Keeping, damage: str) -> None:
    keeping.put(kept(*EVENTS), DAY)
    if damage == "bytes":
        keeping.path.write_bytes(b"not a database, " * 1000)
    else:
        with sqlite3.connect(keeping.path) as sql:
            sql.execute("PRAGMA user_version = 999")
        sql.close()
    keeping.start(DAY.date())
    assert board(keeping) == shown(EVENTS)


def test_other_settings_make_the_facts_anew(keeping: Keeping) -> None:
    keeping.put(kept(*EVENTS), DAY)
    settings = CiSettings(trusted=("acme",))
    changed = Keeping(keeping.folder, settings)
    changed.start(DAY.date())
    assert board(changed) == shown(EVENTS, settings=settings)


def test_old_months_are_thrown_away_whole(tmp_path: Path) -> None:
    """At a start, and when a bot that runs begins a day."""
    keeping = Keeping(tmp_path, CiSettings(trusted=("zuul",), keep_days=30))
    keeping.put(kept(created(1)), datetime(2026, 9, 1, tzinfo=UTC))
    keeping.put(kept(created(2)), datetime(2026, 9, 30, tzinfo=UTC))
    keeping.put(kept(created(3)), datetime(2026, 10, 1, tzinfo=UTC))
    keeping.start(date(2026, 10, 30))
    assert board(keeping)["columns"] == ["3,1", "2,1", "1,1"]
    keeping.start(date(2026, 10, 31))
    assert board(keeping)["columns"] == ["3,1"]
    assert keeping.raw.days() == [date(2026, 10, 1)]
    keeping.put(kept(created(4)), datetime(2026, 11, 30, tzinfo=UTC))
    assert board(keeping)["columns"] == ["4,1", "3,1"]
    assert [one.kind for one in keeping.put(kept(created(5)), datetime(2026, 12, 1, tzinfo=UTC))] == [Kind.PATCHSET]
    assert board(keeping)["columns"] == ["5,1", "4,1"]
    assert keeping.raw.days() == [date(2026, 11, 30), date(2026, 12, 1)]


def test_clock_that_went_back_loses_nothing(keeping: Keeping) -> None:
    keeping.put(kept(*EVENTS[:2]), DAY)
    keeping.put(kept(*EVENTS[2:3]), DAY + timedelta(days=1))
    keeping.put(kept(*EVENTS[3:]), DAY)
    keeping.start(DAY.date() + timedelta(days=2))
    assert board(keeping) == shown(EVENTS)
    keeping.replay()
    assert board(keeping) == shown(EVENTS)


def test_newest_event_is_remembered(keeping: Keeping) -> None:
    assert keeping.moments("") == (0, 0)
    keeping.put(kept(*EVENTS), DAY)
    keeping.note_look("", 7)
    assert keeping.moments("") == (T + 2 * HOUR - 7, T + 2 * HOUR)


def test_full_disk_leaves_whole_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = Raw(tmp_path)
    raw.append(DAY.date(), kept(created()))

    def full(_number: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            raw.append(DAY.date(), kept(created(2)))
    assert [event for event, _ in raw.read()] == kept(created())
