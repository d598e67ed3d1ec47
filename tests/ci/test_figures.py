"""Figures of one CI: how late, how often with upstream, what it missed, day by day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

import attrs
import pytest

from ptgbot.ci.agreement import Agreement, agreement_of
from ptgbot.ci.card import card_of
from ptgbot.ci.events import read_event
from ptgbot.ci.facts import Facts, opened
from ptgbot.ci.history import Day, JobDay, Mark, strip, upstream
from ptgbot.ci.matrix import matrix_of
from ptgbot.ci.missed import missed_of
from ptgbot.ci.settings import CardConfig, CiSettings, ExpectedConfig, TriggerConfig
from ptgbot.ci.spans import DAY, Span
from ptgbot.ci.spread import Spread, spread, spread_of
from tests.ci.happenings import ACME, ANA, BAD, HOUR, NOVA, OK, SETTINGS, Event, T, change, comment, created

ALL = Span(T - 100 * DAY, T + 100 * DAY)
MERGED = "change-merged"


@contextmanager
def facts_of(events: Iterable[Mapping[str, Any]], settings: CiSettings = SETTINGS) -> Iterator[Facts]:
    """Open facts in memory that were made of events."""
    with opened(":memory:") as facts:
        for event in events:
            facts.put(read_event(event, settings))
        yield facts


def moved(number: int, type_: str = MERGED, at: int = T + 9 * HOUR) -> Event:
    return {"type": type_, "change": change(number), "patchSet": {"number": 1}, "eventCreatedOn": at}


def vote(value: int, author: Mapping[str, str], number: int, at: int = T + HOUR, *, cast: bool = True) -> Event:
    approval = {"type": "Verified", "value": str(value), **({"oldValue": "0"} if cast else {})}
    return comment(OK if value > 0 else BAD, author, number=number, at=at, approvals=[approval])


# Time to report


@pytest.mark.parametrize(
    ("times", "found"),
    [
        ([], Spread()),
        ([7], Spread(1, 7, 7)),
        ([1, 2], Spread(2, 1, 2)),
        ([1, 2, 3], Spread(3, 2, 3)),
        ([*range(1, 11)], Spread(10, 5, 9)),
        ([*range(1, 101)], Spread(100, 50, 90)),
    ],
)
def test_spread_has_the_nearest_ranks(times: list[int], found: Spread) -> None:
    assert spread(times) == found


def test_first_result_gives_the_time_to_report() -> None:
    events = [created(1), comment(OK, ACME, number=1), comment(BAD, ACME, number=1, at=T + 5 * HOUR)]
    events += [
        created(2),
        comment("Starting check jobs.", ACME, number=2),
        comment(OK, ACME, number=2, at=T + 2 * HOUR),
    ]
    events += [comment("A remark", ACME, number=3), created(4), comment(OK, ACME, number=4, at=T - 60)]
    with facts_of(events) as facts:
        assert spread_of(facts.sql, "acme", ALL) == Spread(3, HOUR, 2 * HOUR)
        assert spread_of(facts.sql, "acme", Span(T, T + HOUR)) == Spread(1, HOUR, HOUR)
        assert spread_of(facts.sql, "zuul", ALL) == Spread()


# Agreement

AGREEING = [
    *(event for number in range(1, 9) for event in (created(number), moved(number))),
    *(vote(2, {"username": "zuul", "name": "Zuul"}, number) for number in range(1, 8)),
]


def test_agreement_compares_votes_of_merged_changes() -> None:
    events = [
        *AGREEING,
        vote(1, ACME, 1),
        vote(1, ACME, 2),
        vote(-1, ACME, 2, T + 2 * HOUR),
        vote(1, ACME, 3, cast=False),
        vote(1, ACME, 8),
        created(9),
        vote(1, {"username": "zuul", "name": "Zuul"}, 9),
        vote(1, ACME, 9),
    ]
    with facts_of(events) as facts:
        found = agreement_of(facts.sql, "acme", ALL)
        assert (found, found.share) == (Agreement(7, 2, 1), 0.5)
        assert agreement_of(facts.sql, "acme", Span(T, T + HOUR)) == Agreement()


def test_agreement_is_about_the_last_patch_set() -> None:
    later = [created(1, 2, T + 3 * HOUR), comment(BAD, ACME, number=1, patchset=2, at=T + 4 * HOUR)]
    with facts_of([*AGREEING, vote(1, ACME, 1), *later]) as facts:
        assert agreement_of(facts.sql, "acme", ALL) == Agreement(6, 0, 0)
        assert Agreement().share is None


# Missed patch sets


def test_missed_patch_sets_are_counted_and_listed() -> None:
    events = [created(n, at=T + n * DAY) for n in range(1, 11)]
    events += [comment(OK, ACME, number=n, born=T + n * DAY, at=T + n * DAY + HOUR) for n in (3, 4, 8)]
    with facts_of(events) as facts:
        found = missed_of(facts.sql, "acme", Span(T, T + 11 * DAY), SETTINGS, most=2)
        assert (found.done, found.missed, found.rate) == (3, 5, 5 / 8)
        assert [one.column.name for one in found.listed] == ["10,1", "9,1"]
        assert {one.project for one in found.listed} == {NOVA}
        assert missed_of(facts.sql, "zuul", ALL, SETTINGS).rate is None


def test_ci_that_stopped_keeps_what_it_missed() -> None:
    events = [created(1), comment(OK, ACME, number=1), created(2, at=T + 20 * DAY), created(3, at=T + 40 * DAY)]
    with facts_of(events) as facts:
        found = missed_of(facts.sql, "acme", Span(T - DAY, T + 80 * DAY), SETTINGS)
        assert [one.column.name for one in found.listed] == ["2,1"]


def test_configured_ci_misses_where_it_never_was() -> None:
    settings = attrs.evolve(SETTINGS, expected=(ExpectedConfig("acme", ("openstack/*",), ("stable/*",)),))
    with facts_of([created(1, branch="stable/1"), created(2), created(3, project="x/nova")]) as facts:
        found = missed_of(facts.sql, "acme", Span(T - DAY, T + DAY), settings)
        assert [one.column.name for one in found.listed] == ["1,1"]


# Days


def test_strip_has_a_day_for_each_kind() -> None:
    lost = "Build failed (check pipeline).\n\n- unit https://log.example/2 : NODE_FAILURE in 3s"
    days = [OK, BAD, lost, None, OK]
    events = [created(n, at=T + n * DAY) for n in range(5)]
    for n, text in enumerate(days):
        if text:
            events.append(comment(text, ACME, number=n, born=T + n * DAY, at=T + n * DAY + HOUR))
    events.append(comment("Merge Failed.", ACME, number=2, at=T + 2 * DAY + 2 * HOUR))
    with facts_of(events) as facts:
        found = strip(facts.sql, "acme", T + 4 * DAY + 2 * HOUR, SETTINGS, 6)
    assert [str(one.mark) for one in found] == ["none", "ok", "fail", "infra", "missed", "ok"]
    assert found[0] == Day(date(2024, 11, 18))
    assert found[3] == Day(date(2024, 11, 21), infra=2)


def test_day_with_a_success_is_ok() -> None:
    assert Day(date(2026, 1, 1), ok=1, fail=9).mark is Mark.OK
    assert Day(date(2026, 1, 1), ok=1, fail=1, infra=2).mark is Mark.INFRA
    assert Day(date(2026, 1, 1), ok=5, missed=5).mark is Mark.MISSED


def test_jobs_of_upstream_are_counted_by_day() -> None:
    events = [created(1), comment(BAD, number=1), comment(OK, number=1, at=T + 2 * HOUR)]
    events += [comment(OK.replace("3s", "9s"), number=2, at=T + 3 * HOUR), comment(OK, ACME, number=1)]
    events += [comment(OK.replace("SUCCESS", "RETRY_LIMIT"), number=2, at=T + DAY)]
    events += [comment(OK.replace("SUCCESS", "SKIPPED"), number=2, at=T + DAY + 1)]
    with facts_of(events) as facts:
        assert upstream(facts.sql, ALL) == [
            JobDay("unit", date(2024, 11, 19), 3, 2, 0, 1, 3),
            JobDay("unit", date(2024, 11, 20), 1, 0, 1, 0, 3),
        ]
        assert upstream(facts.sql, ALL, "x/nova") == []


# Who has which CI


def test_matrix_names_silent_and_untested() -> None:
    events = [created(1), comment(OK, number=1), comment(OK, ACME, number=1), created(2, at=T + 10 * DAY)]
    events += [comment(OK, number=2, born=T + 10 * DAY, at=T + 10 * DAY + HOUR), created(3, project="x/nova")]
    with facts_of(events) as facts:
        found = matrix_of(facts.sql, SETTINGS, T + 11 * DAY)
    assert (found.projects, found.accounts) == ((("", NOVA), ("", "x/nova")), ("zuul", "acme"))
    assert [(one.account, one.first, one.last, one.results) for one in found.pairs] == [
        ("acme", T + HOUR, T + HOUR, 1),
        ("zuul", T + HOUR, T + 10 * DAY + HOUR, 2),
    ]
    assert [one.account for one in found.silent] == ["acme"]
    assert found.without_third_parties == [("", "x/nova")]


def test_project_without_patch_sets_makes_nobody_silent() -> None:
    with facts_of([created(1), comment(OK, ACME, number=1)]) as facts:
        assert matrix_of(facts.sql, SETTINGS, T + 11 * DAY).silent == []
        late = matrix_of(facts.sql, SETTINGS, T + 40 * DAY)
        assert [one.expected for one in late.pairs] == [False]
        assert late.without_third_parties == [("", NOVA)]


def test_deleted_change_leaves_no_pair() -> None:
    events = [created(1), comment(OK, ACME, number=1), created(2), comment(OK, number=2)]
    with facts_of([*events, moved(1, "change-deleted")]) as facts:
        assert [one.account for one in matrix_of(facts.sql, SETTINGS, T + DAY).pairs] == ["zuul"]


# The card


def test_card_tells_how_a_ci_answers() -> None:
    settings = attrs.evolve(
        SETTINGS,
        cards=(CardConfig("Acme CI", "mailto:ci@acme.example", "https://acme.example/", "run acme"),),
        triggers=(TriggerConfig("acme", r"(?i)\Arun acme"),),
    )
    events = [created(1), comment(BAD, ACME, number=1), comment(BAD.replace("https://log.example/2", "None"), number=1)]
    events += [comment("run acme", ANA, number=1, at=T + 2 * HOUR), comment("recheck", ANA, number=1, at=T + 5 * HOUR)]
    events += [comment(OK, ACME, number=1, at=T + 3 * HOUR), comment("Run acme again", ANA, number=1, at=T + 4 * HOUR)]
    # Too late to be an answer.
    events += [comment(BAD, ACME, number=1, at=T + 20 * HOUR)]
    with facts_of(events, settings) as facts:
        acme = card_of(facts.sql, "acme", Span(T, T + DAY), settings)
        assert (acme.name, acme.contact, acme.phrase) == ("Acme CI", "mailto:ci@acme.example", "run acme")
        assert (acme.asked, acme.answered, acme.reports_success, acme.reports_failure) == (2, 1, True, True)
        assert (acme.has_logs, card_of(facts.sql, "zuul", Span(T, T + DAY), settings).has_logs) == (True, False)
        zuul = card_of(facts.sql, "zuul", Span(T, T + 6 * HOUR), settings)
        assert (zuul.phrase, zuul.asked, zuul.reports_success) == ("recheck", 0, False)
