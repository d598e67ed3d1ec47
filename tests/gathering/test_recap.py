"""What was discussed when, off the journal's records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ptgbot.gathering.recap import MOST_CHANGES, Recap
from ptgbot.store.edits import ABSENT, Edit
from ptgbot.store.record import Record

START = datetime(2027, 3, 1, 22, 0, tzinfo=UTC)
OSLO = ZoneInfo("Europe/Oslo")


def record(number: int, *edits: Edit, nick: str = "edda", **more: Any) -> Record:
    at = START + timedelta(minutes=30 * number)
    return Record(number, "gathering", at, nick, nick, "irc", "#m", "#m", "typed", edits, **more)


BOOKED = Edit(("schedule", "Barn", "MonA"), "", "fox")


def topic(track: str, text: str) -> Edit:
    return Edit(("now", track), ABSENT, text)


def told(records: Sequence[Record], recap: Recap | None = None) -> tuple[Recap, dict[str, Any]]:
    recap = recap or Recap()
    undone = {one.undoes for one in records}
    recap.update(reversed(records), lambda number: number in undone, OSLO)
    return recap, dict(recap.slices({"fox": "fox", "owl": "owl"}))


def test_topics_stand_under_their_day_in_the_zone_and_under_their_track() -> None:
    _, found = told([record(1, topic("fox", "dens")), record(2, topic("owl", "mice"))])
    assert found["recap"] == ["2027-03-01", "2027-03-02"]
    assert [row["text"] for row in found["recap:2027-03-01"]] == ["dens"]
    assert found["topics:owl"] == [{"at": "2027-03-01T23:00:00+00:00", "track": "owl", "text": "mice", "by": "edda"}]


def test_a_document_that_was_taken_over_was_said_by_nobody() -> None:
    taken = Record(1, "gathering", START, "file", "file", "", "", "", "ptg.json", (topic("fox", "dens"), BOOKED))
    recap, found = told([taken])
    assert (found["topics:fox"][0]["by"], found["changes"][0]["by"], recap.said_by("fox", "dens")) == ("", "", "")


def test_it_grows_with_the_journal_and_leaves_what_it_handed_out() -> None:
    records = [record(1, topic("fox", "one"))]
    recap, first = told(records)
    records.append(record(2, topic("fox", "two")))
    _, second = told(records, recap)
    assert [row["text"] for row in first["topics:fox"]] == ["one"]
    assert [row["text"] for row in second["topics:fox"]] == ["one", "two"]


def test_what_was_taken_back_was_not_discussed() -> None:
    records = [record(1, topic("fox", "one")), record(2, topic("fox", "typo"))]
    recap, _ = told(records)
    records.append(record(3, Edit(("now", "fox"), "typo", "one"), undoes=2))
    assert [row["text"] for row in told(records, recap)[1]["topics:fox"]] == ["one"]
    assert told(records)[1] == told(records, recap)[1]


def test_who_set_a_topic_is_known_while_it_stands() -> None:
    recap, _ = told([record(1, topic("fox", "one")), record(2, topic("fox", "two"), nick="mira")])
    assert (recap.said_by("fox", "two"), recap.said_by("fox", "one"), recap.said_by("owl", "x")) == ("mira", "", "")


def test_after_somebody_was_forgotten_nothing_of_them_is_left() -> None:
    recap, _ = told([record(1, topic("fox", "one"), nick="mira")])
    recap.reset()
    _, found = told([record(1, topic("fox", "one"), nick="")], recap)
    assert "mira" not in str(found)


def test_bookings_are_listed_newest_first_and_not_for_ever() -> None:
    cell = ("schedule", "Barn", "MonA")
    records = [record(1, Edit(cell, "", "fox")), record(2, Edit(cell, "fox", ""), private=True)]
    rows = told(records)[1]["changes"]
    assert [(row["by"], row["was"], row["is"]) for row in rows] == [("", "fox", ""), ("edda", "", "fox")]
    many = [record(number, Edit(cell, "", "fox")) for number in range(1, 3 * MOST_CHANGES)]
    assert len(told(many)[1]["changes"]) == MOST_CHANGES


def test_a_schedule_that_was_replaced_is_one_change() -> None:
    rows = told([record(1, Edit(("schedule",), {}, {"Barn": {}})), record(2, Edit(("schedule", "Barn"), {}, {}))])[1]
    assert [(row["room"], row["slot"]) for row in rows["changes"]] == [("Barn", None), (None, None)]


def test_another_zone_groups_anew() -> None:
    recap, _ = told([record(1, topic("fox", "one"))])
    recap.update(iter(()), lambda _number: False, ZoneInfo("Asia/Tokyo"))
    assert recap.slices({})["recap"] == ["2027-03-02"]
