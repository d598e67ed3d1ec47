"""Repetitions of events: the same days as dateutil's, and an end for rules that never match."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ptgbot.meetings.repeating import Repetition

WEEKDAYS = st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, max_size=3, unique=True)
PLACED = st.lists(st.sampled_from(["1MO", "2TU", "-1FR", "3WE", "-2SU"]), min_size=1, max_size=3, unique=True)


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Draw rules of regular meetings."""
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 4))}"]
    if frequency == "YEARLY":
        parts.append(f"BYMONTH={draw(st.integers(1, 12))}")
    by_place = frequency == "MONTHLY" and draw(st.booleans())
    if by_place or draw(st.booleans()):
        parts.append(f"BYDAY={','.join(draw(PLACED if by_place else WEEKDAYS))}")
    if frequency in ("MONTHLY", "YEARLY") and draw(st.booleans()):
        parts.append(f"BYMONTHDAY={draw(st.sampled_from(['1', '13', '28', '-1', '5,6,7']))}")
    if "BYDAY" in parts[-1] and frequency == "MONTHLY" and draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(st.sampled_from(['1', '-1']))}")
    return ";".join(parts)


def ours(rule: str, first: date, last: date) -> list[date]:
    parts = dict(part.split("=") for part in rule.split(";"))
    repetition = Repetition.parse({name: value.split(",") for name, value in parts.items()})
    assert repetition
    return [*repetition.days(first, last)]


@given(rules(), st.dates(date(2024, 1, 1), date(2027, 1, 1)))
@settings(max_examples=40, deadline=None, phases=[Phase.generate])
def test_days_are_those_of_dateutil(rule: str, first: date) -> None:
    last = first + timedelta(days=800)
    start = datetime(first.year, first.month, first.day)  # noqa: DTZ001 - a day
    theirs = rrulestr(f"{rule};UNTIL={last:%Y%m%dT000000}", dtstart=start)
    assert ours(rule, first, last) == [at.date() for at in theirs]


def test_rule_without_a_match_has_no_days() -> None:
    assert ours("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", date(1990, 1, 1), date(2027, 1, 1)) == []


@pytest.mark.parametrize(
    "rule",
    [{"FREQ": ["SECONDLY"]}, {"FREQ": ["DAILY"], "INTERVAL": [0]}, {"FREQ": ["YEARLY"], "BYWEEKNO": [3]}, {},
     {"FREQ": ["DAILY"], "BYHOUR": [3]}, {"FREQ": ["YEARLY"], "BYDAY": ["20MO"]}],
)  # fmt: skip
def test_rule_that_meetings_do_not_need_is_refused(rule: dict[str, object]) -> None:
    assert Repetition.parse(rule) is None


def test_bad_weekday_is_an_error() -> None:
    with pytest.raises(ValueError, match="weekday"):
        Repetition.parse({"FREQ": ["WEEKLY"], "BYDAY": ["XX"]})
