"""Regular meetings from calendars: repetitions, exceptions, summer time, rooms, and hostile files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ptgbot.meetings.agenda import Point
from ptgbot.meetings.schedule import AHEAD, MOST_AHEAD, Planned, planned
from ptgbot.store.export import Unreadable

NOW = datetime(2026, 10, 12, 8, tzinfo=UTC)
"""A Monday; summer time ends in Europe on 25 October."""


def calendar(*events: str) -> bytes:
    """Return a calendar of events, each given by its lines."""
    inner = "\n".join(f"BEGIN:VEVENT\nUID:u{number}\n{event}\nEND:VEVENT" for number, event in enumerate(events))
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n{inner}\nEND:VCALENDAR\n".replace("\n", "\r\n").encode()


def starts(*events: str, now: datetime = NOW) -> list[str]:
    return [f"{one.start:%m-%d %H:%M}" for one in planned(calendar(*events), {}, now)]


WEEKLY = "SUMMARY:Nova\nLOCATION:#nova\nDTSTART;TZID=Europe/Berlin:20260105T160000\nDURATION:PT45M\nRRULE:FREQ=WEEKLY"


def test_weekly_meeting_keeps_its_local_hour() -> None:
    assert starts(WEEKLY)[:3] == ["10-12 14:00", "10-19 14:00", "10-26 15:00"]


def test_meeting_has_name_room_length_and_agenda() -> None:
    event = f"{WEEKLY}\nDESCRIPTION:Agenda\\n- Budget [mira] [10m]\\n- Dates"
    assert planned(calendar(event), {}, NOW)[0] == Planned(
        datetime(2026, 10, 12, 14, tzinfo=UTC), "Nova", "#nova", 45, (Point("Budget", "mira", 10), Point("Dates"))
    )


def test_settings_choose_the_room_by_name() -> None:
    found = planned(calendar(WEEKLY), {"nova": "example/#compute"}, NOW)
    assert {one.room for one in found} == {"example/#compute"}
    assert planned(calendar(WEEKLY), {"nova": ""}, NOW) == []


def test_meeting_without_room_is_left_out() -> None:
    assert starts("SUMMARY:Lunch\nLOCATION:Hall 1\nDTSTART:20261013T120000Z") == []


def test_exceptions_and_extra_dates_count() -> None:
    event = f"{WEEKLY};UNTIL=20261102T235959Z\nEXDATE;TZID=Europe/Berlin:20261019T160000\nRDATE:20261014T090000Z"
    assert starts(event) == ["10-12 14:00", "10-14 09:00", "10-26 15:00", "11-02 15:00"]


def test_count_is_kept_from_the_first_one() -> None:
    assert starts("SUMMARY:a\nLOCATION:#a\nDTSTART:20261005T090000Z\nRRULE:FREQ=WEEKLY;COUNT=3") == [
        "10-12 09:00",
        "10-19 09:00",
    ]


def test_moved_and_cancelled_meetings_replace_their_own() -> None:
    first = "SUMMARY:a\nLOCATION:#a\nDTSTART:20261012T090000Z\nRRULE:FREQ=WEEKLY;COUNT=3"
    moved = "SUMMARY:a\nLOCATION:#b\nRECURRENCE-ID:20261019T090000Z\nDTSTART:20261020T100000Z"
    gone = "SUMMARY:a\nLOCATION:#a\nRECURRENCE-ID:20261026T090000Z\nDTSTART:20261026T090000Z\nSTATUS:CANCELLED"
    raw = calendar(first, moved, gone).replace(b"UID:u1", b"UID:u0").replace(b"UID:u2", b"UID:u0")
    found = [(f"{one.start:%m-%d %H:%M}", one.room) for one in planned(raw, {}, NOW)]
    assert found == [("10-12 09:00", "#a"), ("10-20 10:00", "#b")]


def test_running_meeting_is_listed_until_its_end() -> None:
    event = "SUMMARY:a\nLOCATION:#a\nDTSTART:20261012T073000Z\nDTEND:20261012T080100Z"
    assert starts(event) == ["10-12 07:30"]
    assert starts(event, now=NOW + timedelta(minutes=2)) == []


def test_time_without_zone_is_in_the_given_one() -> None:
    raw = calendar("SUMMARY:a\nLOCATION:#a\nDTSTART:20261013T090000")
    assert planned(raw, {}, NOW, ZoneInfo("Asia/Tokyo"))[0].start == datetime(2026, 10, 13, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "lines",
    [
        "DTSTART:20261012T090000Z\nRRULE:FREQ=SECONDLY",
        "DTSTART:20261012T090000Z\nRRULE:FREQ=DAILY;BYSECOND=1,2,3",
        "DTSTART:20261012T090000Z\nRRULE:FREQ=DAILY;INTERVAL=0",
    ],
)
def test_rule_that_is_no_meetings_is_one_date(lines: str) -> None:
    assert starts(f"SUMMARY:a\nLOCATION:#a\n{lines}") == ["10-12 09:00"]


@pytest.mark.parametrize(
    "lines",
    [
        "DTSTART;VALUE=DATE:20261012",
        "DTSTART:00010101T000000Z\nRRULE:FREQ=DAILY",
        "DTSTART:20261399T990000Z",
        "STATUS:CANCELLED\nDTSTART:20261012T090000Z",
        "DURATION:PT5M",
    ],
)
def test_event_without_usable_time_is_left_out(lines: str) -> None:
    assert starts(f"SUMMARY:a\nLOCATION:#a\n{lines}", WEEKLY)[0] == "10-12 14:00"


def test_rule_that_never_matches_ends() -> None:
    event = "SUMMARY:a\nLOCATION:#a\nDTSTART:19900101T000000Z\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=9"
    assert starts(event) == []


def test_busy_calendar_is_bounded() -> None:
    daily = "LOCATION:#a\nDTSTART:20200101T000000Z\nRRULE:FREQ=DAILY"
    assert len(starts(*[f"SUMMARY:m{number}\n{daily}" for number in range(20)])) == MOST_AHEAD


@pytest.mark.parametrize("raw", [b"", b"hello", b"BEGIN:VCALENDAR", b"\xff\xfe", b"BEGIN:VEVENT\r\n" * 10_000])
def test_what_is_no_calendar_is_refused(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        planned(raw, {}, NOW)


def test_meeting_is_the_same_after_storing() -> None:
    found = planned(calendar(f"{WEEKLY}\nDESCRIPTION:- Budget [mira] [10m]"), {}, NOW)
    assert [Planned.from_json(one.to_json()) for one in found] == found
    assert found[-1].start < NOW + AHEAD
    assert found[0].to_json()["start"] == "2026-10-12T14:00:00Z"
