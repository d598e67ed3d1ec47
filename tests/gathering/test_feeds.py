"""Feeds, read back by parsers of others: icalendar and khal, feedparser, json."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import feedparser
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Timezone, use_zoneinfo
from khal.icalendar import cal_from_ics, split_ics

from ptgbot.demo import sample
from ptgbot.gathering import feeds
from tests.gathering.frab_schema import faults
from tests.projected import slices_of
from tests.site.payloads import PAYLOADS

use_zoneinfo()  # type: ignore[no-untyped-call]  # khal has switched it to pytz, for all tests of this process
NOW = datetime(2026, 11, 23, 7, 41, tzinfo=UTC)


def shown(**changed: Any) -> dict[str, Any]:
    return {**slices_of(sample(), NOW), **changed}


def one(start: str, end: str, zone: str = "Europe/Oslo", track: str = "fox", **more: Any) -> dict[str, Any]:
    row = {"day": "Day", "slot": "A", "room": "Barn", "start": start, "end": end, **more}
    return {
        "gathering.event": {"id": "m", "title": "Meadow", "timezone": zone},
        "gathering.tracks": {track: {"color": None, "url": None, "etherpad": "https://pad.example.org/x"}},
        "gathering.rooms": {"Barn": {"desc": "Behind the house"}},
        "gathering.meets": {track: [row]},
    }


def written(shown: dict[str, Any]) -> bytes:
    found, problems = feeds.entries(shown)
    made, left_out = feeds.calendar("Meadow", found)
    assert (problems, left_out) == ([], [])
    return made


def events(raw: bytes) -> Sequence[Any]:
    return Calendar.from_ical(raw).walk("VEVENT")


def test_full_calendar_has_every_booking_of_the_sample() -> None:
    found = shown()
    booked = sum(len(rows) for rows in found["gathering.meets"].values())
    assert len(events(written(found))) == booked > 300


def test_event_tells_what_where_when_and_zone() -> None:
    [event] = events(written(one("2027-03-01T09:00:00+01:00", "2027-03-01T08:30:00+00:00")))
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == ("fox", "Barn, Behind the house")
    assert event["DTSTART"].params["TZID"] == "Europe/Oslo"
    assert event.start == datetime(2027, 3, 1, 9, 0, tzinfo=ZoneInfo("Europe/Oslo"))
    assert event.end - event.start == timedelta(minutes=30)
    assert str(event["DESCRIPTION"]) == "Notes: https://pad.example.org/x"


def test_khal_reads_the_same_times() -> None:
    raw = written(shown()).decode()
    theirs = cal_from_ics(raw)
    ours = {str(event["UID"]): event.start for event in events(raw.encode())}
    assert {str(event["UID"]): event["DTSTART"].dt for event in theirs.walk("VEVENT")} == ours
    assert len(list(split_ics(raw, default_timezone=ZoneInfo("UTC")))) == len(ours)


def test_lines_are_folded_as_the_rfc_demands() -> None:
    raw = written(one("2027-03-01T09:00:00+01:00", "2027-03-01T10:00:00+01:00", track="x" * 300))
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_day_when_clock_goes_back_lasts_right() -> None:
    """2027-10-31 in Oslo: 02:30 happens twice; the second one can only be told in UTC."""
    [event] = events(written(one("2027-10-31T02:30:00+01:00", "2027-10-31T04:00:00+01:00")))
    assert event["DTSTART"].dt == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    [whole] = events(written(one("2027-10-31T00:30:00+02:00", "2027-10-31T04:00:00+01:00")))
    assert whole["DTEND"].dt.astimezone(UTC) - whole["DTSTART"].dt.astimezone(UTC) == timedelta(hours=4, minutes=30)


def test_day_when_clock_goes_forward_has_zone() -> None:
    raw = written(one("2027-03-28T01:30:00+01:00", "2027-03-28T03:30:00+02:00"))
    [event] = events(raw)
    assert event["DTEND"].dt.astimezone(UTC) - event["DTSTART"].dt.astimezone(UTC) == timedelta(hours=1)
    [zone] = Calendar.from_ical(raw).walk("VTIMEZONE")
    assert isinstance(zone, Timezone)
    described = zone.to_tz(lookup_tzid=False)
    for hour, offset in ((0, 1), (1, 2)):
        local = datetime(2027, 3, 28, hour, 30, tzinfo=UTC).astimezone(described)
        assert local.utcoffset() == timedelta(hours=offset)


def test_changed_event_keeps_uid_and_raises_sequence() -> None:
    at, to = "2027-03-01T09:00:00+01:00", "2027-03-01T10:00:00+01:00"
    [first] = events(written(one(at, to, number=1, changed="2027-02-01T08:00:00.5+00:00")))
    [moved] = events(written(one(at, to, room="Loft", number=7, changed="2027-02-02T08:00:00+00:00")))
    assert moved["UID"] == first["UID"]
    assert (first["SEQUENCE"], moved["SEQUENCE"]) == (1, 7)
    assert first["DTSTAMP"].dt == first["LAST-MODIFIED"].dt == datetime(2027, 2, 1, 8, tzinfo=UTC)
    assert moved["DTSTAMP"].dt == datetime(2027, 2, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize("change", [{"place": "\ud800"}, {"url": "x\r\ny"}])
def test_unwritable_entry_is_left_out(change: dict[str, Any]) -> None:
    [good], _ = feeds.entries(one("2027-03-01T09:00:00+01:00", "2027-03-01T10:00:00+01:00"))
    raw, [problem] = feeds.calendar("Meadow", [evolve(good, uid="bad", **change), good])
    assert [str(event["uid"]) for event in events(raw)] == [good.uid]
    assert problem.startswith("A of fox is left out of the calendars: ")


def test_event_without_known_change_has_sequence_zero() -> None:
    [event] = events(written(one("2027-03-01T09:00:00+01:00", "2027-03-01T10:00:00+01:00")))
    assert (event["SEQUENCE"], event["DTSTAMP"].dt) == (0, datetime(2020, 1, 1, tzinfo=UTC))


BAD: list[Any] = [
    None,
    1,
    {},
    {"slot": "B", "room": "Barn", "day": "Day", "start": "soon", "end": "later"},
    {
        "slot": "B",
        "room": "Barn",
        "day": "Day",
        "start": "2027-03-01T09:00:00+01:00",
        "end": "2027-02-01T09:00:00+01:00",
    },
    {
        "slot": "B",
        "room": "Barn",
        "day": "Day",
        "start": "0001-01-01T00:00:00+14:00",
        "end": "9999-12-31T23:59:59-12:00",
    },
    {"slot": ["x"], "room": {"y": 1}, "day": 3, "start": 5, "end": 6},
]


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
def test_one_bad_entry_never_breaks_a_feed(bad: Any) -> None:
    found = one("2027-03-01T09:00:00+01:00", "2027-03-01T10:00:00+01:00")
    found["gathering.meets"]["owl"] = [bad]
    good, problems = feeds.entries(found)
    assert ([entry.track for entry in good], len(problems)) == (["fox"], 1)
    assert len(events(feeds.calendar("M", good)[0])) == 1


@pytest.mark.parametrize("text", PAYLOADS, ids=range(len(PAYLOADS)))
def test_hostile_input_is_only_text(text: str) -> None:
    found = one("2027-03-01T09:00:00+01:00", "2027-03-01T10:00:00+01:00", track=text, room=text)
    found["gathering.tracks"][text] = {"url": text, "etherpad": text, "color": text}
    found["gathering.rooms"] = {text: {"desc": text, "url": text}}
    found["gathering.event"]["title"] = text
    raw = written(found)
    [event] = events(raw)
    assert not str(event.get("URL", "")).startswith(("javascript", "data", "blob"))
    assert len(events(feeds.calendar(text, feeds.entries(found)[0])[0])) == 1


def test_slot_without_a_time_is_omitted_silently() -> None:
    assert feeds.entries(one("", "")) == ([], [])


@given(st.text(), st.text(), st.text())
def test_typed_text_never_leaves_its_line(track: str, room: str, pad: str) -> None:
    found = one("2027-03-01T09:00:00+01:00", "2027-03-01T10:00:00+01:00", track=track, room=room)
    found["gathering.tracks"][track]["etherpad"] = pad
    [event] = events(written(found))
    allowed = {"UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "URL"}
    assert set(event) <= allowed | {"CATEGORIES", "DESCRIPTION"}
    row = {"at": "2027-03-01T08:00:00+00:00", "track": track, "text": room, "by": ""}
    said: dict[str, Any] = {"gathering.recap": ["d"], "gathering.said:d": {"parts": ["p"]}, "gathering.part:p": [row]}
    read = feedparser.parse(feeds.atom({**found, **said}, ""))
    assert (read.bozo, len(read.entries)) == (False, 1)
    assert faults(json.loads(feeds.frab(found, feeds.entries(found)[0], ""))) == []


ZONES = ["UTC", "GMT", "US/Eastern", "Europe/Berlin", "America/Argentina/Ushuaia", "Etc/GMT+3"]


@pytest.mark.parametrize("zone", ZONES)
def test_app_schedule_passes_the_published_schema(zone: str) -> None:
    for found in (shown(), one("2027-03-01T09:00:00+01:00", "2027-03-02T10:05:00+01:00")):
        found["gathering.event"] = {**found["gathering.event"], "timezone": zone}
        for site in ("", "https://m.example.org/"):
            document = json.loads(feeds.frab(found, feeds.entries(found)[0], site))
            assert faults(document) == []
            named = document["schedule"]["conference"].get("time_zone_name")
            assert named == (zone if zone in ("UTC", "Europe/Berlin", "America/Argentina/Ushuaia") else None)


@pytest.mark.parametrize("url", ['https://m.example.org/Ü/%C3?a="b"|c^`{}<x>', "https://[::1]/#x%20y", None])
def test_typed_address_is_written_for_the_schema(url: str | None) -> None:
    found = one("2027-03-01T09:00:00+01:00", "2027-03-01T10:00:00+01:00")
    found["gathering.tracks"]["fox"]["url"] = url
    document = json.loads(feeds.frab(found, feeds.entries(found)[0], ""))
    assert faults(document) == []


def test_the_published_schema_is_asserted() -> None:
    document = json.loads(feeds.frab(shown(), feeds.entries(shown())[0], "https://m.example.org/"))
    event = next(iter(document["schedule"]["conference"]["days"][0]["rooms"].values()))[0]
    event |= {"guid": "x", "start": "09:00", "url": "no address", "duration": "1 h", "more": 1}
    assert len(faults(document)) == 5


def test_app_schedule_has_the_expected_form() -> None:
    found = shown()
    document = json.loads(feeds.frab(found, feeds.entries(found)[0], "https://m.example.org/"))
    assert set(document) == {"generator", "schedule"}
    conference = document["schedule"]["conference"]
    assert (conference["acronym"], conference["daysCount"]) == ("harbour2026", 5)
    assert (conference["start"], conference["end"]) == ("2026-11-23", "2026-11-27")
    known = "acronym title start end daysCount timeslot_duration time_zone_name rooms tracks days url"
    assert set(conference) == set(known.split())
    assert [day["index"] for day in conference["days"]] == [1, 2, 3, 4, 5]
    held = [event for day in conference["days"] for events in day["rooms"].values() for event in events]
    assert len({event["id"] for event in held}) == len({event["guid"] for event in held}) == len(held)
    assert all(event["url"].startswith("https://m.example.org/tracks/") for event in held)
    for day in conference["days"]:
        assert date.fromisoformat(day["date"]) == datetime.fromisoformat(day["day_start"]).date()


@pytest.mark.parametrize("event", ["", "x", "ÄÖ", "Meadow 2027!", "a" * 99])
def test_acronym_always_has_the_required_form(event: str) -> None:
    found = one("2027-03-01T09:00:00+01:00", "2027-03-01T10:00:00+01:00")
    found["gathering.event"]["id"] = event
    acronym = json.loads(feeds.frab(found, [], ""))["schedule"]["conference"]["acronym"]
    assert re.fullmatch(r"[a-z0-9_-][a-z0-9_]{3,}", acronym)


def test_app_schedule_has_the_address_of_slots() -> None:
    held = one("2027-03-01T09:00:00+01:00", "2027-03-01T10:00:00+01:00")
    without = json.loads(feeds.frab(held, feeds.entries(held)[0], ""))
    held["gathering.tracks"]["fox"]["url"] = "https://fox.example.org/"
    document = json.loads(feeds.frab(held, feeds.entries(held)[0], ""))
    [event] = document["schedule"]["conference"]["days"][0]["rooms"]["Barn"]
    assert (event["url"], event["links"]) == ("https://fox.example.org/", ["https://fox.example.org/"])
    [event] = without["schedule"]["conference"]["days"][0]["rooms"]["Barn"]
    assert (event["url"], event["links"]) == (f"urn:uuid:{event['guid']}", [])


def test_schedule_for_apps_keeps_ids_of_slots() -> None:
    held = one("2027-03-01T09:00:00+01:00", "2027-03-01T10:00:00+01:00")
    document = json.loads(feeds.frab(held, feeds.entries(held)[0], ""))
    [event] = document["schedule"]["conference"]["days"][0]["rooms"]["Barn"]
    assert (event["id"], event["guid"]) == (240538356, "815f5a81-4f3c-5e48-b654-d9dcdb72c601")


def test_the_schedule_for_apps_is_readable_utf_8() -> None:
    found = one("2027-03-01T09:00:00+01:00", "2027-03-01T10:00:00+01:00")
    found["gathering.event"]["title"] = "Wiesenfest für alle"
    assert "Wiesenfest für alle".encode() in feeds.frab(found, [], "")


def test_feeds_without_entries_are_dated_2020() -> None:
    conference = json.loads(feeds.frab({}, [], ""))["schedule"]["conference"]
    assert (conference["start"], conference["end"]) == ("2020-01-01", "2020-01-01")
    assert feedparser.parse(feeds.atom({}, "")).feed.updated == "2020-01-01T00:00:00+00:00"


def test_a_text_in_feeds_has_a_bound() -> None:
    assert feeds.clean("x" * 5000) == "x" * 4000


def topics(number: int) -> dict[str, Any]:
    rows = [
        {"at": f"2027-03-01T{n // 60:02}:{n % 60:02}:00+00:00", "track": "fox", "text": f"topic {n}", "by": "edda"}
        for n in range(number)
    ]
    said: Any = {"gathering.said:2027-03-01": {"parts": ["old", "new"]}}
    half = len(rows) // 2
    parts: Any = {"gathering.part:old": rows[:half], "gathering.part:new": rows[half:]}
    return {**one("", ""), "gathering.recap": ["2027-03-01"], **said, **parts}


def test_topic_feed_is_newest_first_with_stable_names() -> None:
    read = feedparser.parse(feeds.atom(topics(3), "https://m.example.org/"))
    assert not read.bozo
    assert read.feed.title == "Meadow: what is discussed"
    assert [entry.title for entry in read.entries] == ["fox: topic 2", "fox: topic 1", "fox: topic 0"]
    assert read.entries[0].link == "https://m.example.org/tracks/fox.html"
    again = feedparser.parse(feeds.atom(topics(4), "https://m.example.org/"))
    assert [entry.id for entry in again.entries[1:]] == [entry.id for entry in read.entries]
    assert read.feed.updated == "2027-03-01T00:02:00+00:00"


def test_topic_feed_is_bounded_and_valid_when_empty() -> None:
    assert len(feedparser.parse(feeds.atom(topics(500), "")).entries) == feeds.MOST_TOPICS
    empty = feedparser.parse(feeds.atom({}, ""))
    assert (empty.bozo, empty.entries) == (False, [])


def test_a_document_with_one_realtime_keeps_every_booking() -> None:
    """Documents of earlier gatherings state the time of one slot; everything else follows from it."""
    document = json.loads(sample())
    at = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    whole, _ = feeds.entries(slices_of(json.dumps(document).encode(), at))
    slots = [slot for day in document["slots"].values() for slot in day]
    for slot in slots[1:]:
        del slot["realtime"], slot["duration"]
    del document["dates"]
    found, problems = feeds.entries(slices_of(json.dumps(document).encode(), at))
    assert (len(found), problems) == (390, [])
    assert found == whole


def _many(count: int) -> dict[str, Any]:
    """Return slices of so many bookings."""
    found = one("2027-03-01T09:00:00+01:00", "2027-03-01T10:00:00+01:00")
    (row,) = found["gathering.meets"]["fox"]
    names = [f"t{number}" for number in range(count // 10)]
    found["gathering.tracks"] = {name: {} for name in names}
    found["gathering.meets"] = {name: [{**row, "slot": f"s{n}"} for n in range(10)] for name in names}
    return found


def test_many_entries_have_unique_stable_numbers() -> None:
    def numbers(count: int) -> dict[str, tuple[int, str]]:
        found, _ = feeds.entries(_many(count))
        days = json.loads(feeds.frab(_many(count), found, ""))["schedule"]["conference"]["days"]
        held = [event for day in days for events in day["rooms"].values() for event in events]
        return {f"{event['title']} {event['slug']}": (event["id"], event["guid"]) for event in held}

    many, more = numbers(30_000), numbers(30_010)
    assert len({number for number, _ in many.values()}) == len({guid for _, guid in many.values()}) == 30_000
    assert {name: more[name] for name in many} == many


def test_equal_beginnings_of_identifiers_get_different_numbers() -> None:
    uids = ["abcdef0" + "1" * 25, "abcdef0" + "2" * 25, "1" * 32, "1" * 31 + "2"]
    found = feeds.numbers(uids)
    assert (found[uids[0]], found[uids[1]]) == (0xABCDEF0 + 1, 0xBCDEF02 + 1)
    assert len(set(found.values())) == 4
    assert feeds.numbers(["1" * 32, *(f"{'1' * 32}{n}" for n in range(3))]).keys() == {
        "1" * 32,
        *(f"{'1' * 32}{n}" for n in range(3)),
    }
    assert feeds.numbers(uids[:1]) == {uids[0]: 0xABCDEF0 + 1}
