"""The archive: documents, the index made of them, and forgetting."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ptgbot.meetings.archive import Archive, NoSuchMeeting
from ptgbot.meetings.archive_index import Register, name_in, person_key

HERE = "2024/infra.2024-11-20-14.00"


def document(slug: str = HERE, *, restricted: bool = False, text: str = "ship it") -> dict[str, Any]:
    """Return the document of a meeting of ada and jo[m]."""
    item = {"id": "i1", "type": "agreed", "nick": "ada", "text": text, "time": "14:00:01", "line": 2}
    task = {"id": "i2", "type": "action", "nick": "ada", "text": "jo[m] writes", "time": "14:00:02", "line": 3}
    started = f"{slug[-16:-6]}T14:00:00Z"
    minutes = {
        "network": "net", "channel": "#infra", "owner": "ada", "chairs": ["ada"], "meeting_topic": "Infra",
        "meeting_name": "infra", "started": started, "ended": started, "is_over": True, "bot_nick": "bot",
        "log_lines": 3, "items": [item, task], "topics": [], "actions": ["jo[m] writes"],
        "actions_by_nick": {"jo[m]": ["jo[m] writes"]}, "actions_unassigned": [], "restricted": restricted,
        "people": {"ada": 2, "jo[m]": 1}, "channel_topics": [],
    }
    log = [
        {"n": 1, "at": started, "nick": "ada", "text": "#startmeeting infra", "kind": "line"},
        {"n": 2, "at": started, "nick": "ada", "text": f"#agreed {text}", "kind": "line"},
        {"n": 3, "at": started, "nick": "jo[m]", "text": "hello ada", "kind": "line"},
    ]
    return {"minutes": minutes, "log": log, "slug": slug}


def put(archive: Archive, *documents: dict[str, Any]) -> None:
    with archive.writing() as batch:
        for one in documents:
            batch.put(one)


def test_document_is_read_as_it_was_written(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    put(archive, document())
    assert archive.read(HERE) == document()
    with pytest.raises(NoSuchMeeting):
        archive.read("2024/other.2024-11-20-14.00")


@pytest.mark.parametrize("slug", ["../x", "2024/../x", "2024/.x", "2024/x/y", "/etc/x", "2024/a..b", "2024/Ä"])
def test_addresses_never_leave_the_folder(tmp_path: Path, slug: str) -> None:
    with pytest.raises(ValueError, match="can't be the address"):
        Archive(tmp_path).path_of(slug)


def test_index_lists_meetings_people_and_decisions(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    put(archive, document(), document("2024/infra.2024-12-04-14.00", text="wait"))
    with archive.reading() as index:
        assert [row.slug for row in index.rows()] == ["2024/infra.2024-12-04-14.00", HERE]
        assert index.people() == [("ada", "ada"), ("jo=5bm=5d", "jo[m]")]
        assert [one.text for one in index.decisions("2024-11")] == ["ship it"]
        assert [one.slug for one in index.actions("jo=5bm=5d", 9)] == ["2024/infra.2024-12-04-14.00", HERE]
        assert index.counted("month") == [("2024-11", 1), ("2024-12", 1)]


def test_restricted_meeting_is_in_no_list(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    put(archive, document(restricted=True))
    with archive.reading() as index:
        assert [index.rows(), index.people(), index.decisions("2024-11"), index.open_actions()] == [[], [], [], []]
        assert [key for _, key in index.changed(0, 99)] == [f"meeting:{HERE}"]


def test_later_restriction_changes_every_list(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    put(archive, document())
    with archive.reading() as index:
        before = index.number
    put(archive, document(restricted=True))
    with archive.reading() as index:
        changed = {key for _, key in index.changed(before, 99)}
    assert {f"meeting:{HERE}", "month:2024-11", "person:ada", "name:infra", "search:2024-11", "feed:"} <= changed


def test_rebuilt_index_equals_the_former(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    put(archive, document(), document("2024/infra.2024-12-04-14.00"))
    with archive.reading() as index:
        rows, number = index.rows(), index.number
    archive.index_path.write_bytes(b"no database at all, " * 99)
    assert archive.mend()
    with archive.reading() as index:
        assert index.rows() == rows
        # Pages that were made of the former index are made again.
        assert index.changed(number, 1) != []


def test_forgotten_person_is_in_no_document(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    put(archive, document(), document("2024/infra.2024-12-04-14.00", restricted=True))
    assert archive.forget({"ada"}) == 2
    for slug in archive.slugs():
        assert "ada" not in repr(archive.read(slug))
    assert archive.read(HERE)["log"][2]["text"] == "hello somebody"
    with archive.reading() as index:
        assert [nick for _, nick in index.people()] == ["jo[m]", "somebody"]


def test_new_meeting_changes_few_pages(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    put(archive, *(document(f"2024/infra.2024-11-{day:02}-14.00") for day in range(1, 29)))
    with archive.reading() as index:
        before = index.number
    put(archive, document("2024/infra.2024-11-30-14.00"))
    with archive.reading() as index:
        changed = {key for _, key in index.changed(before, 99)}
    assert changed == {
        *("meeting:2024/infra.2024-11-30-14.00", "month:2024-11", "name:infra", "name:infra/2024"),
        *("decisions:2024-11", "search:2024-11", "feed:", "actions:"),
        *("person:ada", "person:ada/2024", "person:jo=5bm=5d", "person:jo=5bm=5d/2024"),
    }


@pytest.mark.parametrize(("nick", "key"), [("Ada", "ada"), ("^bar", "=5ebar"), ("../x", "=2e=2e=2fx"), ("", "=")])
def test_names_of_people_are_safe(nick: str, key: str) -> None:
    assert person_key(nick) == key


def test_name_is_the_part_before_the_date() -> None:
    assert [name_in("2024/a.b.2024-11-20-14.00-2"), name_in("2024/odd")] == ["a.b", "odd"]


def test_action_done_later_is_no_longer_open(tmp_path: Path) -> None:
    archive, later = Archive(tmp_path), document("2024/infra.2024-12-04-14.00")
    later["minutes"]["earlier_actions"] = [{"number": 1, "text": "jo[m] wri…", "due": "", "open": False}]
    later["minutes"]["numbered_actions"] = [{"text": "jo[m] writes", "open": True}]
    put(archive, document(), document("2024/other.2024-11-20-14.00"), later)
    with archive.reading() as index:
        found = [one.slug for one in index.actions("jo=5bm=5d", 9)]
    assert found == ["2024/infra.2024-12-04-14.00", "2024/other.2024-11-20-14.00"]


def test_person_without_listed_meeting_is_not_listed(tmp_path: Path) -> None:
    archive, later = Archive(tmp_path), "2024/infra.2024-12-04-14.00"
    other = document(later)
    other["minutes"]["people"] = {"Ada": 2}
    put(archive, document(), other)
    with archive.reading() as index:
        assert index.people() == [("ada", "ada"), ("jo=5bm=5d", "jo[m]")]
    put(archive, document(restricted=True))
    with archive.reading() as index:
        assert index.people() == [("ada", "Ada")]


def test_lists_of_people_cost_same_in_large_archive(tmp_path: Path) -> None:
    costs = []
    archive = Archive(tmp_path)
    for years in (range(1990, 1992), range(1992, 2024)):
        dates = [f"{year}-{month:02}-01" for year in years for month in range(1, 13)]
        put(archive, document(), *(document(f"{date[:4]}/x.{date}-14.00") for date in dates))
        with archive.reading() as index:
            costs.append((_steps(index, lambda: index.of_person("ada", "2024")), _steps(index, index.people)))
    small, large = costs
    assert large <= small


def _steps(index: Register, ask: Callable[[], object]) -> int:
    """Return how many instructions of its virtual machine SQLite takes for a question."""
    count = itertools.count()
    index._sql.set_progress_handler(lambda: next(count) < 0, 1)
    ask()
    index._sql.set_progress_handler(None, 1)
    return next(count)
