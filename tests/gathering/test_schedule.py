"""Which day is today, when slots begin and end, where a track meets."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptgbot.gathering.document import from_document
from ptgbot.gathering.schedule import Calendar, Slot, desc_times, topic_until, zone_named
from ptgbot.gathering.settings import GatheringSettings
from ptgbot.testing import Chat
from tests.gathering.sample import document, load
from tests.projected import projected

BERLIN = ZoneInfo("Europe/Berlin")


def calendar(at: str = "2026-11-16T10:05", default: str = "UTC", **changes: Any) -> Calendar:
    """Return the calendar of the sample with changes; the moment is in Berlin's time unless it says otherwise."""
    moment = datetime.fromisoformat(at)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=BERLIN)
    return Calendar.of(from_document(document(**changes)), moment.astimezone(UTC), default)


def day_of(*slots: dict[str, Any], date: str | None = "2026-11-16", at: str = "2026-11-16T10:05") -> list[Slot]:
    """Return the slots of a day that has these and is on that date."""
    whole = calendar(at, slots={"Monday": [*slots]}, dates={"Monday": date} if date else {})
    return [*whole.days[0].slots]


def clocks(slot: Slot) -> tuple[str, str] | None:
    """Return start and end as UTC shows them."""
    if slot.start is None or slot.end is None:
        return None
    return tuple(f"{at.astimezone(UTC):%d %H:%M}" for at in (slot.start, slot.end))  # type: ignore[return-value]


# times of a slot


@pytest.mark.parametrize(
    ("desc", "times"),
    [
        ("09:00-10:45", (time(9), time(10, 45))),
        ("9:00 - 10:45", (time(9), time(10, 45))),
        ("9:00–10:45", (time(9), time(10, 45))),
        ("Morning (09:00—10:45), coffee", (time(9), time(10, 45))),
        ("from 9:00", (time(9), None)),
        ("13:30 UTC", (time(13, 30), None)),
        ("25:00-26:00", (None, None)),
        ("09:60", (None, None)),
        ("1:2:3", (None, None)),
        ("2026-11-16", (None, None)),
        ("123:45", (None, None)),
        ("9.00", (None, None)),
        ("", (None, None)),
    ],
)
def test_times_in_description_are_read(desc: str, times: tuple[time | None, time | None]) -> None:
    assert desc_times(desc) == times


@pytest.mark.parametrize(
    ("slot", "expected"),
    [
        ({"realtime": "2026-11-16T09:00:00+02:00"}, ("16 07:00", "16 08:00")),
        ({"realtime": "2026-11-16T09:00:00Z", "duration": 90}, ("16 09:00", "16 10:30")),
        ({"realtime": "2026-11-16T09:00:00"}, ("16 08:00", "16 09:00")),
        ({"realtime": "2026-11-16T09:00:00+01:00", "desc": "11:00-12:30"}, ("16 08:00", "16 09:30")),
        ({"realtime": "soon", "desc": "11:00-12:30"}, ("16 10:00", "16 11:30")),
        ({"realtime": "", "desc": "11:00"}, ("16 10:00", "16 11:00")),
        ({"desc": "11:00-12:30", "duration": 15}, ("16 10:00", "16 10:15")),
        ({"desc": "11:00-12:30", "duration": 15.5}, ("16 10:00", "16 10:15")),
        ({"desc": "11:00-12:30", "duration": 0}, ("16 10:00", "16 11:30")),
        ({"desc": "11:00-12:30", "duration": -5}, ("16 10:00", "16 11:30")),
        ({"desc": "11:00", "duration": 10**300}, ("16 10:00", "16 11:00")),
        ({"desc": "22:00-01:00"}, ("16 21:00", "17 00:00")),
        ({"desc": "20:00-00:00"}, ("16 19:00", "16 23:00")),
        ({"desc": "11:00-10:00"}, ("16 10:00", "16 11:00")),
        ({"desc": "11:00-11:00"}, ("16 10:00", "16 11:00")),
        ({"desc": "lunch"}, None),
        ({}, None),
        ({"realtime": "9999-12-31T23:59:59"}, None),
        ({"realtime": "0001-01-01T00:00:00+14:00"}, None),
    ],
)
def test_slot_has_start_and_end(slot: dict[str, Any], expected: tuple[str, str] | None) -> None:
    [found] = day_of({"name": "S", **slot})
    assert clocks(found) == expected


def test_the_first_and_last_minute_are_times() -> None:
    assert desc_times("00:00-23:59") == (time(0, 0), time(23, 59))
    assert desc_times("24:00-23:60") == (None, None)


@pytest.mark.parametrize(("minutes", "lasts"), [(0.5, 60), (1, 1), (2880, 2880), (2881, 60)])
def test_duration_counts_from_minute_to_two_days(minutes: float, lasts: int) -> None:
    [found] = day_of({"name": "S", "desc": "11:00", "duration": minutes})
    assert found.start
    assert found.end == found.start + timedelta(minutes=lasts)


def test_slot_without_end_lasts_until_the_next() -> None:
    slots = day_of({"name": "A", "desc": "9:00"}, {"name": "B", "desc": "12:15"}, {"name": "C", "desc": "10:00"})
    assert [clocks(slot) for slot in slots] == [
        ("16 08:00", "16 11:15"),
        ("16 11:15", "16 12:15"),
        ("16 09:00", "16 10:00"),
    ]


def test_date_comes_from_another_slot_of_day() -> None:
    slots = day_of(
        {"name": "A", "desc": "9:00-10:00"}, {"name": "B", "realtime": "2026-11-20T23:30:00+00:00"}, date=None
    )
    assert [clocks(slot) for slot in slots] == [("21 08:00", "21 09:00"), ("20 23:30", "21 00:30")]


@pytest.mark.parametrize("date", [None, "", "next week", "2026-02-30", "9999-12-31", "0001-01-01"])
def test_without_a_date_no_slot_has_a_time(date: str | None) -> None:
    assert [clocks(slot) for slot in day_of({"name": "A", "desc": "23:30"}, date=date)] == [None]


@pytest.mark.parametrize(
    ("day", "desc", "expected"),
    [
        # the last Sunday of October 2026: 03:00 CEST becomes 02:00 CET
        ("2026-10-25", "01:00-04:00", ("24 23:00", "25 03:00")),
        ("2026-10-25", "09:00-10:30", ("25 08:00", "25 09:30")),
        ("2026-10-24", "22:00-06:00", ("24 20:00", "25 05:00")),
        # the last Sunday of March 2027: 02:00 CET becomes 03:00 CEST
        ("2027-03-28", "01:00-04:00", ("28 00:00", "28 02:00")),
        ("2027-03-28", "09:00-10:30", ("28 07:00", "28 08:30")),
        ("2027-03-28", "02:30", ("28 01:30", "28 02:30")),
        ("2027-03-27", "09:00-10:30", ("27 08:00", "27 09:30")),
    ],
)
def test_wall_clock_counts_across_clock_changes(day: str, desc: str, expected: tuple[str, str]) -> None:
    [found] = day_of({"name": "A", "desc": desc}, date=day)
    assert clocks(found) == expected


def test_duration_is_minutes_that_pass() -> None:
    [found] = day_of({"name": "A", "desc": "01:00", "duration": 180}, date="2026-10-25")
    assert clocks(found) == ("24 23:00", "25 02:00")


def test_slot_spans_the_repeated_hour() -> None:
    [slot] = day_of({"name": "A", "desc": "01:00-04:00"}, date="2026-10-25")
    running = [slot.runs(datetime(2026, 10, 24, 22, tzinfo=UTC) + timedelta(hours=hour)) for hour in range(7)]
    assert running == [False, True, True, True, True, False, False]


def test_a_slot_ends_when_the_next_begins() -> None:
    first, second = day_of({"name": "A", "desc": "9:00-10:00"}, {"name": "B", "desc": "10:00-11:00"})
    at = datetime(2026, 11, 16, 10, tzinfo=BERLIN)
    assert (first.runs(at), first.over(at), second.runs(at), second.over(at)) == (False, True, True, False)


# zones


@pytest.mark.parametrize(
    ("own", "configured", "zone"),
    [
        ("Asia/Tokyo", "Europe/Berlin", "Asia/Tokyo"),
        ("", "Europe/Berlin", "Europe/Berlin"),
        ("Mars/Olympus", "Europe/Berlin", "Europe/Berlin"),
        ("../../etc/passwd", "UTC", "UTC"),
        ("Europe", "UTC", "UTC"),
        ("a\0b", "UTC", "UTC"),
        ("x" * 5000, "UTC", "UTC"),
        ("", "", "UTC"),
    ],
)
def test_zone_of_state_wins_over_configuration(own: str, configured: str, zone: str) -> None:
    assert str(calendar(default=configured, timezone=own).zone) == zone


def test_there_is_no_zone_without_a_name() -> None:
    assert zone_named("") is None


def test_check_in_counts_for_a_year_at_most() -> None:
    assert GatheringSettings(check_in_hours=365 * 24).check_in_hours == 365 * 24
    with pytest.raises(ValueError, match="at most 8760"):
        GatheringSettings(check_in_hours=365 * 24 + 1)


@pytest.mark.parametrize(
    "table",
    [
        {"timezone": "Mars/Olympus"},
        {"check_in_hours": 0},
        {"check_in_hours": float("nan")},
        {"check_in_hours": float("inf")},
        {"check_in_hours": -1},
        {"etherpad": "javascript:{track}"},
    ],
)
def test_wrong_settings_raise_value_error(table: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"time zone|more than 0|http"):
        GatheringSettings(**table)


# today

WEEK = {"Monday": "2026-11-16", "Tuesday": "2026-11-17", "Friday": "2026-11-20"}
SLOTS: dict[str, list[Any]] = {"Monday": [], "Tuesday": [], "Friday": [], "Some day": []}


@pytest.mark.parametrize(
    ("at", "name"),
    [
        ("2026-11-01T12:00", "Monday"),
        ("2026-11-15T23:59", "Monday"),
        ("2026-11-16T00:00", "Monday"),
        ("2026-11-16T23:59", "Monday"),
        ("2026-11-16T23:30+00:00", "Tuesday"),
        ("2026-11-17T12:00", "Tuesday"),
        ("2026-11-18T00:00", "Friday"),
        ("2026-11-20T23:59", "Friday"),
        ("2026-11-21T00:00", "Friday"),
        ("2027-11-16T00:00", "Friday"),
    ],
)
def test_today_is_dated_else_next_else_last(at: str, name: str) -> None:
    """Today is the day with today's date, else the next day to come, else the last day."""
    today = calendar(at, dates=WEEK, slots=SLOTS).today
    assert today
    assert today.name == name


@pytest.mark.parametrize(
    ("names", "at", "name"),
    [
        (["Monday", "Tuesday"], "2026-11-17T12:00", "Tuesday"),
        (["monday 1", "TUESDAY"], "2026-11-17T12:00", "TUESDAY"),
        (["Monday", "Tuesday"], "2026-11-16T23:30+00:00", "Tuesday"),
        (["Monday", "Tuesday"], "2026-11-19T12:00", "Monday"),
        (["Day 1", "Day 2"], "2026-11-19T12:00", "Day 1"),
    ],
)
def test_without_dates_today_is_named_like_the_weekday(names: list[str], at: str, name: str) -> None:
    today = calendar(at, dates={}, slots={day: [] for day in names}).today
    assert today
    assert (today.name, today.date) == (name, None)


@pytest.mark.parametrize(("at", "name"), [("2026-11-01T12:00", "Monday"), ("2026-12-01T12:00", "Friday")])
def test_days_may_stand_in_any_order(at: str, name: str) -> None:
    backwards = dict(reversed(SLOTS.items()))
    today = calendar(at, dates=WEEK, slots=backwards).today
    assert today
    assert today.name == name


def test_without_days_there_is_no_today() -> None:
    assert calendar(dates={}, slots={}).today is None


def test_dates_of_days_without_slots_are_ignored() -> None:
    today = calendar("2026-11-17T12:00", slots={"Monday": []}).today
    assert today
    assert (today.name, today.date) == ("Monday", date(2026, 11, 16))


# where a track meets

BOOKED = {
    "Aspen": {"MonA1": "nova", "MonA2": "", "Mon-P1": "cinder"},
    "Birch": {"MonA1": "", "MonA2": "nova", "Mon-P1": "nova", "TueA1": "swift"},
}


@pytest.mark.parametrize(
    ("at", "nova", "cinder", "swift"),
    [
        ("2026-11-16T08:00", "Aspen", "Aspen", None),
        ("2026-11-16T10:44", "Aspen", "Aspen", None),
        ("2026-11-16T10:45", "Birch", "Aspen", None),
        ("2026-11-16T11:30", "Birch", "Aspen", None),
        ("2026-11-16T23:00", "Birch", "Aspen", None),
        ("2026-11-17T08:00", None, None, "Birch"),
    ],
)
def test_location_follows_the_time(at: str, nova: str | None, cinder: str | None, swift: str | None) -> None:
    when = calendar(at, schedule=BOOKED)
    assert [when.location(track) for track in ("nova", "cinder", "swift", "unknown")] == [nova, cinder, swift, None]


def test_typed_location_takes_precedence() -> None:
    assert calendar(schedule=BOOKED, location={"nova": "lobby"}).location("nova") == "lobby"
    assert calendar(schedule=BOOKED, location={"nova": "lobby"}).automatic_location("nova") == "Aspen"


def test_slots_without_times_are_taken_in_order() -> None:
    when = calendar(schedule=BOOKED, dates={})
    assert when.location("nova") == "Aspen"
    assert when.current == []


def test_running_slot_wins_over_earlier_untimed_slot() -> None:
    slots = {"Monday": [{"name": "Early", "desc": "breakfast"}, {"name": "MonA1", "desc": "09:00-10:45"}]}
    when = calendar(slots=slots, schedule={"Birch": {"Early": "nova"}, "Aspen": {"MonA1": "nova"}})
    assert when.location("nova") == "Aspen"


def test_location_follows_bookings(event: Chat) -> None:
    assert event("#nova") == ["#nova: nothing now, in Aspen."]
    event("#nova unbook Aspen-MonA1")
    assert event("#nova") == ["#nova: nothing now, in Ballroom A."]


# what time alone changes


@pytest.mark.parametrize(
    ("at", "then"),
    [
        ("2026-11-16T08:00", "2026-11-16T09:00"),
        ("2026-11-16T09:00", "2026-11-16T10:45"),
        ("2026-11-16T15:00", "2026-11-17T00:00"),
        ("2026-12-24T12:00", "2026-12-25T00:00"),
    ],
)
def test_the_next_change_is_a_slot_or_midnight(at: str, then: str) -> None:
    assert calendar(at).next_change() == datetime.fromisoformat(then).replace(tzinfo=BERLIN)


def test_next_change_may_be_a_check_in_end(chat: Chat) -> None:
    load(chat, last_check_in={"mira": {"nick": "mira", "location": "bar", "in": "2026-11-16 09:00:00", "out": None}})
    at = datetime(2026, 11, 16, 9, 10, tzinfo=UTC)
    tree = from_document(document()).tree
    assert projected(tree, at, check_in_hours=0.5).until == datetime(2026, 11, 16, 9, 45, tzinfo=UTC)
    there = {**tree, "last_check_in": chat.tree["last_check_in"]}
    assert projected(there, at, check_in_hours=0.5).until == datetime(2026, 11, 16, 9, 30, tzinfo=UTC)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"name": st.text(max_size=3)},
            optional={
                "desc": st.text("0123456789:- x", max_size=12),
                "realtime": st.datetimes().map(str) | st.text("0123456789-T:+", max_size=25),
                "duration": st.integers() | st.floats(allow_nan=False, allow_infinity=False),
            },
        ),
        max_size=4,
    ),
    st.none() | st.dates().map(str),
    st.integers(0, 100 * 366 * 24 * 60).map(
        lambda minutes: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Kiritimati", "America/Los_Angeles", ""]),
)
def test_any_schedule_is_handled_without_error(
    slots: list[dict[str, Any]], day: str | None, at: datetime, zone: str
) -> None:
    gathering = from_document(document(slots={"Monday": slots}, dates={"Monday": day} if day else {}, timezone=zone))
    when = Calendar.of(gathering, at)
    assert when.today
    change = when.next_change()
    assert change
    assert change > at
    for slot in when.slots:
        assert (slot.start is None) == (slot.end is None)
        assert slot.start is None or slot.end is None or slot.end.astimezone(UTC) > slot.start.astimezone(UTC)
    when.free(when.today)
    when.location("nova")


# days of which nobody wrote the date


def week(*names: str, first: int = 0, **changes: Any) -> list[str | None]:
    """Return the dates of days of which only one says, in its first slot, when it is."""
    slots = {name: [{"name": f"{number}A", "desc": "09:00-10:45"}] for number, name in enumerate(names)}
    slots[names[first]][0]["realtime"] = "2026-11-18T09:00:00+01:00"
    found = calendar(slots=slots, **{"dates": {}, **changes}).days
    return [day.date.isoformat()[5:] if day.date else None for day in found]


@pytest.mark.parametrize(
    ("names", "first", "dates"),
    [
        (("Wednesday", "Thursday", "Friday"), 0, ["11-18", "11-19", "11-20"]),
        (("Monday", "Tuesday", "Wednesday"), 2, ["11-16", "11-17", "11-18"]),
        (("Wed", "Fri", "Mon"), 0, ["11-18", "11-20", "11-23"]),
        (("Wednesday AM", "Thursday PM"), 0, ["11-18", "11-19"]),
        (("Day 1", "Day 2", "Day 3"), 1, ["11-17", "11-18", "11-19"]),
        (("Wednesday", "Wednesday again"), 0, ["11-18", "11-25"]),
        (("Wednesday", "We", "Sunny day"), 0, ["11-18", "11-19", "11-20"]),
    ],
)
def test_dates_follow_from_weekdays_or_order(names: tuple[str, ...], first: int, dates: list[str]) -> None:
    assert week(*names, first=first) == dates


def test_written_dates_win_and_leave_gaps() -> None:
    assert week("Wednesday", "Thursday", "Later", dates={"Thursday": "2026-11-26"}) == ["11-18", "11-26", None]
    assert week("Wednesday", "Thursday", "Friday", dates={"Friday": "2026-11-19"}) == ["11-18", None, "11-19"]


def test_one_realtime_gives_every_slot_its_time() -> None:
    """The times of the other days come from their descriptions, in the zone of the gathering."""
    slots = {
        "Monday": [{"name": "MonA", "desc": "09:00-10:45", "realtime": "2026-03-23T09:00:00+01:00"}],
        "Sunday": [{"name": "SunA", "desc": "09:00-10:45"}],
    }
    found = calendar(slots=slots, dates={})
    assert [clocks(slot) for slot in found.slots] == [("23 08:00", "23 09:45"), ("29 07:00", "29 08:45")]


# how long a topic counts


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("2026-11-16T09:05", "2026-11-16T10:00"),
        ("2026-11-16T08:30", "2026-11-16T10:00"),
        ("2026-11-16T10:30", "2026-11-16T12:40"),
        ("2026-11-16T11:50", "2026-11-16T12:40"),
        ("2026-11-16T14:00", "2026-11-17T00:00"),
        ("2026-11-17T14:00", "2026-11-18T00:00"),
    ],
)
def test_a_topic_lasts_as_long_as_its_session(since: str, until: str) -> None:
    """Slots with a break of at most a quarter of an hour between them are one session."""
    spans = [("09:00", "10:00"), ("11:00", "11:50"), ("12:00", "12:40")]
    slots = [Slot("A", "", "Monday", *(local(f"2026-11-16T{at}") for at in one)) for one in spans]
    assert topic_until(slots, local(since), local(since), BERLIN) == local(until)


def local(text: str) -> datetime:
    """Return a moment in Berlin's time."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def test_topic_of_unknown_age_ends_with_last_session() -> None:
    slot = Slot("A", "", "Monday", *(datetime(2026, 11, 16, hour, tzinfo=UTC) for hour in (9, 10)))
    assert topic_until([slot], None, datetime(2026, 11, 16, 9, 30, tzinfo=UTC), BERLIN) is None
    assert topic_until([slot], None, datetime(2026, 11, 16, 10, tzinfo=UTC), BERLIN) == slot.end
    assert topic_until([], None, datetime(2026, 11, 16, 10, tzinfo=UTC), BERLIN) is None
