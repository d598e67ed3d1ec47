"""What was discussed when: the chronicle grows by one record at a time, and never without bound."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ptgbot.gathering import recap
from ptgbot.gathering.recap import AROUND, LARGEST, MOST_CHANGES, MOST_OF_TRACK, MOST_TOPICS, PART
from ptgbot.store.edits import ABSENT, Edit, Tree, applied
from ptgbot.store.record import Record

START = datetime(2027, 3, 1, 22, 0, tzinfo=UTC)
OSLO = ZoneInfo("Europe/Oslo")


def record(number: int, *edits: Edit, nick: str = "edda", minutes: int = 30, **more: Any) -> Record:
    at = START + timedelta(minutes=minutes * number)
    return Record(number, "gathering", at, nick, nick, "irc", "#m", "#m", "typed", edits, **more)


BOOKED = Edit(("schedule", "Barn", "MonA"), "", "fox")


def topic(track: str, text: str) -> Edit:
    return Edit(("now", track), ABSENT, text)


def told(records: Sequence[Record], known: Tree | None = None) -> Tree:
    return reduce(recap.chronicle, records, known or {})


def texts(rows: Sequence[Any]) -> list[str]:
    return [row["text"] for row in rows]


def day(known: Tree, name: str, zone: ZoneInfo = OSLO) -> tuple[list[str], int]:
    parts, left = recap.parts_of_day(known, name, zone)
    return [text for part in parts for text in texts(recap.topics_of_part(known, part))], left


def test_topics_stand_under_day_and_track() -> None:
    """The day is that of the gathering's time zone."""
    known = told([record(1, topic("fox", "dens")), record(2, topic("owl", "mice"))])
    assert recap.days_of(known, OSLO) == ["2027-03-01", "2027-03-02"]
    assert day(known, "2027-03-01") == (["dens"], 0)
    assert recap.topics_of_track(known, "owl") == [
        {"at": "2027-03-01T23:00:00+00:00", "track": "owl", "text": "mice", "by": "edda"}
    ]


def test_another_zone_groups_anew() -> None:
    known = told([record(1, topic("fox", "one"))])
    tokyo = ZoneInfo("Asia/Tokyo")
    assert recap.days_of(known, tokyo) == ["2027-03-02"]
    assert day(known, "2027-03-02", tokyo) == (["one"], 0)


def test_topics_of_imported_document_have_no_author() -> None:
    taken = Record(1, "gathering", START, "file", "file", "", "", "", "ptg.json", (topic("fox", "dens"), BOOKED))
    known = told([taken])
    [said], [changed] = recap.topics_of_track(known, "fox"), recap.newest_changes(known)
    assert isinstance(said, dict)
    assert isinstance(changed, dict)
    assert (said["by"], changed["by"], recap.said_by(known, "fox", "dens")) == ("", "", "")


def test_longer_chronicle_leaves_shorter_one_unchanged() -> None:
    first = told([record(1, topic("fox", "one"), BOOKED)])
    before = copy.deepcopy(first)
    undo = record(3, Edit(("now", "fox"), "two", "x"), undoes=1)
    second = told([record(2, topic("fox", "two"), BOOKED), undo], first)
    assert first == before
    assert texts(recap.topics_of_track(second, "fox")) == ["two"]


def test_undone_topic_is_not_in_recap() -> None:
    known = told([record(1, topic("fox", "one")), record(2, topic("fox", "typo"), BOOKED)])
    undo = record(3, Edit(("now", "fox"), "typo", "one"), undoes=2)
    after = told([undo], known)
    assert texts(recap.topics_of_track(after, "fox")) == ["one"]
    assert [*day(after, "2027-03-01")[0], *day(after, "2027-03-02")[0]] == ["one"]
    assert recap.said_by(after, "fox", "one") == "edda"
    assert recap.newest_changes(after) == []
    assert told([undo], told([record(2, topic("fox", "typo"))])) == {"days": {}, "tracks": {}}


def test_author_of_a_topic_is_known_while_shown() -> None:
    known = told([record(1, topic("fox", "one")), record(2, topic("fox", "two"), nick="mira")])
    said = [recap.said_by(known, *one) for one in (("fox", "two"), ("fox", "one"), ("owl", "x"))]
    assert said == ["mira", "", ""]


def test_forgotten_person_leaves_no_trace() -> None:
    known = told([record(1, topic("fox", "one"), BOOKED, nick="mira"), record(2, topic("fox", "two"))])
    clean = applied(known, recap.forgotten(known, "mira"))
    assert "mira" not in str(clean)
    assert texts(recap.topics_of_track(clean, "fox")) == ["one", "two"]
    assert recap.forgotten(clean, "mira") == []


def test_bookings_are_newest_first_and_bounded() -> None:
    cell = ("schedule", "Barn", "MonA")
    records = [record(1, Edit(cell, "", "fox")), record(2, Edit(cell, "fox", ""), private=True)]
    rows: list[Any] = recap.newest_changes(told(records))
    assert [(row["by"], row["was"], row["is"]) for row in rows] == [("", "fox", ""), ("edda", "", "fox")]
    many = [record(number, Edit(cell, "", "fox")) for number in range(1, 3 * MOST_CHANGES)]
    assert len(recap.newest_changes(told(many))) == MOST_CHANGES
    at_once = record(1, *(Edit(("schedule", "Barn", f"s{n}"), "", "fox") for n in range(3 * MOST_CHANGES)))
    rows = [*recap.newest_changes(told([at_once]))]
    assert (len(rows), rows[0]["slot"]) == (MOST_CHANGES, f"s{3 * MOST_CHANGES - 1}")


def test_a_schedule_that_was_replaced_is_one_change() -> None:
    known = told([record(1, Edit(("schedule",), {}, {"Barn": {}})), record(2, Edit(("schedule", "Barn"), {}, {}))])
    rows: list[Any] = recap.newest_changes(known)
    assert [(row["room"], row["slot"]) for row in rows] == [("Barn", None), (None, None)]


def test_busy_day_keeps_newest_topics_and_counts_others() -> None:
    many = [record(n, topic("fox", f"t{n}"), minutes=0) for n in range(1, MOST_TOPICS + 8)]
    known = told(many)
    kept, left = day(known, "2027-03-01")
    part = 1 + (PART - 1) // (AROUND + 3 * len("fox") + len("t99"))
    assert MOST_TOPICS - 1.1 * part < len(kept) <= MOST_TOPICS
    assert (kept[0], kept[-1], len(kept) + left) == (f"t{left + 1}", f"t{MOST_TOPICS + 7}", MOST_TOPICS + 7)
    assert len(recap.topics_of_track(known, "fox")) == MOST_OF_TRACK
    # Where all of a day was left out, the day is known still.
    assert recap.days_of({"days": {"2027-03-01": {"parts": {}, "left": {"23:45": 1}}}}, OSLO) == ["2027-03-02"]


def test_a_topic_changes_one_part_of_its_day() -> None:
    many = [record(n, topic("fox", f"t{n}"), minutes=0) for n in range(1, 200)]
    before = told(many)
    after = told([record(200, topic("fox", "t200"), minutes=0)], before)
    parts = recap.all_parts(after)
    assert parts[0] == "2027-03-01T22:00.1"
    changed = [part for part in parts if recap.topics_of_part(after, part) != recap.topics_of_part(before, part)]
    assert (len(parts), changed) == (4, [parts[-1]])


def test_topics_of_one_record_leave_all_parts_together() -> None:
    everything = record(1, *(topic(f"t{number}", "x") for number in range(300)))
    known = told([everything])
    parts = recap.all_parts(known)
    assert len(parts) > 3
    assert sum(len(recap.topics_of_part(known, part)) for part in parts) == 300
    assert told([record(2, undoes=1)], known)["days"] == {}


def test_clock_set_back_begins_a_new_part() -> None:
    known = told([record(2, topic("fox", "a")), record(1, topic("fox", "b")), record(2, topic("fox", "c"))])
    assert recap.all_parts(known) == ["2027-03-01T23:00.1", "2027-03-01T22:30.1", "2027-03-01T23:00.2"]


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham"])
def test_part_belongs_to_one_day_in_any_zone(zone: str) -> None:
    known = told([record(number, topic("fox", str(number)), minutes=5) for number in range(300)])
    for one in recap.days_of(known, ZoneInfo(zone)):
        parts, _ = recap.parts_of_day(known, one, ZoneInfo(zone))
        rows: list[Any] = [row for part in parts for row in recap.topics_of_part(known, part)]
        moments = [datetime.fromisoformat(row["at"]).astimezone(ZoneInfo(zone)) for row in rows]
        assert {moment.date().isoformat() for moment in moments} == {one}


def test_long_topics_reduce_the_number_per_day() -> None:
    many = [record(n, topic("fox", "x" * 3000), minutes=0) for n in range(1, 101)]
    kept, left = day(told(many), "2027-03-01")
    each = 3000 + AROUND + 3 * len("fox")
    part = 1 + (PART - 1) // each
    assert len(kept) + left == 100
    # What does not fill a part counts for the newest one.
    newest = 100 % part or part
    assert len(kept) == newest + (LARGEST - newest * (each + len("edda"))) // (part * (each + len("edda"))) * part


def test_record_copies_only_what_it_changes() -> None:
    known = told([record(1, topic("fox", "one"), BOOKED)])
    later = told([record(100, topic("owl", "two"))], known)
    assert later["changes"] is known["changes"]
    for part in ("days", "tracks"):
        before, after = known[part], later[part]
        assert isinstance(before, dict)
        assert isinstance(after, dict)
        assert all(after[name] is before[name] for name in before)
