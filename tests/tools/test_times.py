"""Slots get their times from dates and a zone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ptgbot.cli import main
from ptgbot.exits import Exit


def write(folder: Path, desc: str = "09:00-10:45", **more: object) -> str:
    path = folder / "ptg.json"
    slots = {"Monday": [{"name": "A", "desc": desc}], "Tuesday": [{"name": "B", "desc": "23:00-01:00"}]}
    path.write_text(json.dumps({"tracks": [], "slots": slots, **more}))
    return str(path)


def test_days_follow_from_the_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["times", "--zone", "Europe/Berlin", "--first", "2026-11-23", write(tmp_path)]) == Exit.STOPPED
    made = json.loads(capsys.readouterr().out)
    assert made["timezone"] == "Europe/Berlin"
    assert made["dates"] == {"Monday": "2026-11-23", "Tuesday": "2026-11-24"}
    first = {"name": "A", "desc": "09:00-10:45", "realtime": "2026-11-23T09:00:00+01:00", "duration": 105}
    assert made["slots"]["Monday"] == [first]
    assert made["slots"]["Tuesday"][0]["duration"] == 120


def test_slot_without_a_time_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, "after lunch", timezone="UTC", dates={"Monday": "2026-11-23"})
    assert main(["times", path]) == Exit.STOPPED
    assert "slots.Monday.A: no time stands in “after lunch”." in capsys.readouterr().err


def test_skipped_hour_and_unknown_date_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, "02:30-03:30", timezone="Europe/Berlin")
    assert main(["times", path]) == Exit.CONFIGURATION
    assert "the date of Monday, Tuesday is not known" in capsys.readouterr().err
    assert main(["times", "--first", "2026-03-29", write(tmp_path, "02:30-03:30", timezone="Europe/Berlin")]) == 2
    assert "there is no 02:30 on 2026-03-29" in capsys.readouterr().err
