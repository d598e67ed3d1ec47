"""Logs of rooms: what is written, what is left out, and what edits, removals and forgetting do to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import define, field

from ptgbot.chat.heard import HeardKind
from ptgbot.chat.message import Person, Room
from ptgbot.feature import BulkRow
from ptgbot.meetings import archiving
from ptgbot.meetings.archive import SOURCE, Archive
from ptgbot.meetings.channel_logs import KIND
from ptgbot.meetings.days import Days, folder_name, key_of
from ptgbot.meetings.settings import MeetingsSettings
from tests.meetings.hall import IRC, MATRIX, Hall, irc, matrix

ROOMS = MeetingsSettings(log_rooms=("libera/#Infra", "matrix/#infra:example.org"))
DAY = "2024-11-20"


@define
class Scribe:
    """A room whose effects are written as the bot writes them."""

    bulk: Path
    hall: Hall = field(factory=lambda: Hall(ROOMS))
    written: int = 0

    def __call__(self, text: str, by: str | Person = "alice", room: Room = IRC, *, action: bool = False) -> None:
        self.hall(text, by, room=room, action=action)
        self.write()

    def happens(self, kind: HeardKind, by: Person, text: str, about: str, room: Room = MATRIX) -> None:
        self.hall.happens(kind, by, text, about, room)
        self.write()

    def write(self) -> None:
        for verdict in self.hall.verdicts:
            for deliver in verdict.decision.deliver:
                if deliver.kind == KIND:
                    (target,) = deliver.targets
                    self.written += 1
                    row = BulkRow(target.network, target.room, deliver.body, f"ptg-life-{self.written}")
                    archiving.write_lines(ROOMS, self.bulk, [row])
                    archiving.write_lines(ROOMS, self.bulk, [row])  # as after a crash

    @property
    def days(self) -> Days:
        return Days(self.bulk / SOURCE)

    def log(self, room: str = "libera/infra", day: str = DAY) -> list[tuple[int, str, str, str]]:
        """Return number, nick, kind and text of each line of a day."""
        found = self.days.day(room, day)
        return [(one.number, one.nick, one.kind, one.text) for one in found.lines] if found else []


@pytest.fixture
def scribe(tmp_path: Path) -> Scribe:
    return Scribe(tmp_path)


def test_every_line_is_in_the_log_once(scribe: Scribe) -> None:
    scribe("hello")
    scribe("waves", "bob", action=True)
    scribe("#startmeeting infra", "bob")
    log = scribe.log()
    assert log[:3] == [
        (1, "alice", "line", "hello"), (2, "bob", "action", "waves"), (3, "bob", "line", "#startmeeting infra"),
    ]  # fmt: skip
    assert [(row[1], row[2]) for row in log[3:]] == [("ptgbot", "bot")] * 2
    assert scribe.log("libera/infra", "2024-11-21") == []


def test_logs_are_off_by_default(tmp_path: Path) -> None:
    scribe = Scribe(tmp_path, Hall())
    scribe("hello")
    assert (scribe.hall.records, scribe.written) == (0, 0)
    other = Scribe(tmp_path)
    other("hello", room=Room("libera", "#other", "#other"))
    assert (other.hall.records, other.written) == (0, 0)


def test_log_needs_no_meeting_in_the_room(tmp_path: Path) -> None:
    settings = MeetingsSettings(rooms=("#other",), log_rooms=ROOMS.log_rooms)
    scribe = Scribe(tmp_path, Hall(settings))
    scribe("#startmeeting infra")
    assert scribe.hall.tree["running"] == {}
    assert scribe.log() == [(1, "alice", "line", "#startmeeting infra")]


def test_line_off_the_record_is_nowhere(scribe: Scribe) -> None:
    scribe("[off] secret")
    assert scribe.hall.records == 0
    scribe("#startmeeting infra")
    scribe("public\n [OFF] secret\nalso public", room=IRC)
    scribe("[off] secret")
    assert [row[3] for row in scribe.log()][-2:] == ["public", "also public"]
    assert "secret" not in repr(scribe.hall.state)


def test_record_has_no_text_off_the_record(scribe: Scribe) -> None:
    scribe("#startmeeting infra")
    scribe("public\n[off] secret")
    assert [verdict.decision.line for verdict in scribe.hall.verdicts] == ["public\n[off]"]


def test_edits_and_removals_are_followed(scribe: Scribe) -> None:
    ada = matrix("ada")
    scribe("one\ntwo", ada, MATRIX)
    scribe("three", ada, MATRIX)
    scribe.happens(HeardKind.EDIT, ada, "uno\ndue\ntre", "$e1")
    scribe.happens(HeardKind.REDACTION, ada, "", "$e2")
    room = key_of("matrix", MATRIX.name)
    assert scribe.log(room) == [(1, "ada", "line", "uno"), (2, "ada", "line", "due tre"), (3, "ada", "removed", "")]
    scribe.happens(HeardKind.EDIT, ada, "[off] secret", "$e1")
    assert [row[2:] for row in scribe.log(room)] == [("removed", "")] * 3
    assert b"due" not in scribe.days.path_of(room, DAY).read_bytes()


def test_restricted_meeting_is_left_out(scribe: Scribe) -> None:
    scribe("before")
    scribe("#startmeeting secret")
    scribe("the plan", "bob")
    scribe("#restrictlogs")
    scribe("the second plan", "bob")
    scribe("#endmeeting")
    scribe("after")
    log = scribe.log()
    assert (log[0][3], log[-1][3]) == ("before", "after")
    assert {row[2] for row in log[1:-1]} == {"bot"}
    assert "plan" not in scribe.days.path_of("libera/infra", DAY).read_text()


def test_numbers_stay_when_lines_are_left_out(scribe: Scribe) -> None:
    for text in ("#startmeeting secret", "#restrictlogs", "#endmeeting", "after"):
        scribe(text)
    numbers = [row[0] for row in scribe.log()]
    assert numbers[0] > 3
    assert numbers == sorted(set(numbers))


def test_forgotten_person_leaves_no_text(scribe: Scribe) -> None:
    scribe("I am Bob", "bob")
    scribe("hello BOB and bobby")
    scribe("+forget me", "bob")
    with Archive(scribe.bulk / SOURCE).reading() as index:
        before = index.number
    (source,) = (one for one in archiving.SOURCES if one.forget)
    assert source.forget
    source.forget(ROOMS, scribe.bulk / SOURCE, irc("bob"))
    assert scribe.log()[:2] == [(1, "somebody", "removed", ""), (2, "alice", "line", "hello somebody and bobby")]
    assert '"bob"' not in scribe.days.path_of("libera/infra", DAY).read_text()
    with Archive(scribe.bulk / SOURCE).reading() as index:
        assert [key for _, key in index.changed(before, 9)] == [f"day:libera/infra/{DAY}"]


def test_line_cut_off_by_crash_is_written_again(scribe: Scribe) -> None:
    scribe("one")
    path = scribe.days.path_of("libera/infra", DAY)
    path.write_bytes(path.read_bytes() + b'{"id":"ptg-life-2","at":"2024-')
    scribe("two")
    assert [row[3] for row in scribe.log()] == ["one", "two"]


def test_new_day_changes_neighbours_and_lists(scribe: Scribe) -> None:
    scribe("one")
    scribe("two")
    with Archive(scribe.bulk / SOURCE).reading() as index:
        before = index.number
    scribe.hall.ticks(24 * 60)
    scribe("three")
    with Archive(scribe.bulk / SOURCE).reading() as index:
        keys = {key for _, key in index.changed(before, 99)}
    room = "libera/infra"
    assert keys == {
        "rooms:", f"days:{room}", f"days:{room}/2024-11", f"day:{room}/2024-11-20", f"day:{room}/2024-11-21"
    }  # fmt: skip


def test_rebuilt_index_has_the_days(scribe: Scribe) -> None:
    scribe("one")
    archive = Archive(scribe.bulk / SOURCE)
    archive.index_path.write_bytes(b"not an index")
    assert archive.mend()
    with archive.reading() as index:
        assert f"day:libera/infra/{DAY}" in [key for _, key in index.changed(0, 99)]


@pytest.mark.parametrize("name", ["../..", "#a/b", "#" + "ü" * 300, "", "#", ".", "#\x00\n", "..\\x"])
def test_folder_never_leaves_its_place(name: str) -> None:
    found = folder_name(name)
    assert set(found) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-=")
    assert 1 <= len(found) <= 150


def test_different_rooms_have_different_folders() -> None:
    names = ["#infra", "##infra", "&infra", "#in-fra", "#in_fra", "#infra:example.org", "!infra:example.org"]
    assert len({folder_name(name) for name in names}) == len(names)
