"""``#done`` outside of meetings: the action is closed in the minutes, on the pages and for the next meeting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ptgbot.meetings.archive import Archive
from tests.meetings.hall import Hall


@pytest.fixture
def hall() -> Hall:
    """Return a room after a meeting with two actions, and one of the meeting before."""
    made = Hall()
    for line in ("#startmeeting infra", "#action jo reads", "#endmeeting", "#startmeeting infra"):
        made(line)
    for line in ("#action jo writes", "#action mira draws", "#endmeeting"):
        made(line)
    return made


def newest(hall: Hall) -> dict[str, Any]:
    return dict(hall.minutes)


def test_action_of_last_meeting_is_closed(hall: Hall) -> None:
    assert hall("#done 2") == ["Action 2 is done: jo writes"]
    rows = [(row["number"], row["text"], row["line"], row["open"]) for row in newest(hall)["numbered_actions"]]
    assert [(row[0], row[1], row[3]) for row in rows] == [(2, "jo writes", False), (3, "mira draws", True)]
    items = {item["text"]: item["line"] for item in newest(hall)["items"]}
    assert [row[2] for row in rows] == [items["jo writes"], items["mira draws"]]
    assert "Open actions: 1. jo reads | 3. mira draws" in hall("#startmeeting infra")[-1]


def test_closed_action_is_no_longer_listed(hall: Hall, tmp_path: Path) -> None:
    hall("#done 1")
    hall("#done 2")
    archive = Archive(tmp_path)
    with archive.writing() as batch:
        for body in hall.documents.values():
            batch.put(body)
    with archive.reading() as index:
        assert [entry.text for key in ("", "jo", "mira") for entry in index.actions(key, 9)] == ["mira draws"]


def test_number_that_is_not_open_is_refused(hall: Hall) -> None:
    hall("#done 2")
    for number in ("2", "9", "", "x"):
        (told,) = hall(f"#done {number}")
        assert told.endswith("Open: 1, 3.")
    assert Hall()("#done 1") == ["No meeting runs here, and none was held here lately."]


def test_restricted_meeting_is_not_told_of() -> None:
    hall = Hall()
    for line in ("#startmeeting infra", "#restrictlogs", "#action jo hides", "#endmeeting"):
        hall(line)
    assert hall("#done 1") == ["No meeting runs here, and none was held here lately."]


def test_unreadable_minutes_change_nothing(hall: Hall) -> None:
    hall.documents.clear()
    before = hall.tree
    assert hall("#done 2") == ["The minutes can't be read: there is no document."]
    assert hall.tree == before
