from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
import pytest

from ptgbot.ci.alert_settings import AlertSettings
from ptgbot.ci.alerts import AlertKind
from ptgbot.ci.events import read_event
from ptgbot.ci.facts import opened
from ptgbot.ci.observing import look
from ptgbot.ci.opening import Look, Sign
from ptgbot.ci.settings import CiSettings, ExpectedConfig, ServerConfig
from tests.ci.happenings import ACME, BAD, HOUR, NOVA, OK, SETTINGS, ZUUL, Event, T, comment, created

SERVER = ServerConfig("review", "https://review.example/", (NOVA,))
WATCHED = attrs.evolve(SETTINGS, servers=(SERVER,), alerts=AlertSettings(missed=3, failed=3, good=2, rate=50, runs=4))


def change(number: int, *comments: tuple[str, dict[str, str]], **more: Any) -> list[Event]:
    """Return the events of a change that was created an hour after the one before, and of its comments."""
    at = T + number * HOUR
    said = [comment(text, author, number=number, born=at, at=at + 600) for text, author in comments]
    return [created(number, at=at, **more), *said]


def seen(events: Iterable[Event], hours: float = 24, settings: CiSettings = WATCHED) -> Look:
    with opened(":memory:") as facts:
        for event in events:
            facts.put(read_event(event, settings), "review")
        return look(facts.sql, T + int(hours * HOUR), settings, {"review"})


def bad(found: Look, kind: AlertKind) -> list[Sign]:
    return [one for one in found.bad if one.kind is kind]


FIRST = change(0, (OK, ACME), (OK, ZUUL))
GONE = [event for number in range(1, 4) for event in change(number, (OK, ZUUL))]


def test_missed_patch_sets_in_a_row_are_trouble() -> None:
    [sign] = bad(seen([*FIRST, *GONE]), AlertKind.SILENT)
    assert (sign.name, sign.count, sign.since, sign.projects) == ("acme", 3, T + HOUR, (NOVA,))
    assert (sign.title, sign.is_trusted) == ("Acme CI", False)


def test_too_few_missed_patch_sets_are_no_trouble() -> None:
    found = seen([*FIRST, *GONE[:-2]])
    assert not bad(found, AlertKind.SILENT)
    assert "silent acme" in found.between


@pytest.mark.parametrize("hours", [4, 8.9])
def test_pending_patch_sets_are_not_missed(hours: float) -> None:
    assert not bad(seen([*FIRST, *GONE], hours), AlertKind.SILENT)


@pytest.mark.parametrize("more", [{"wip": True}, {"private": True}, {"kind": "NO_CODE_CHANGE"}])
def test_patch_sets_nobody_tests_are_not_missed(more: dict[str, Any]) -> None:
    events = [*FIRST, *(event for number in range(1, 4) for event in change(number, **more))]
    assert not bad(seen(events), AlertKind.SILENT)


def test_good_results_in_a_row_end_silence() -> None:
    once = [*FIRST, *GONE, *change(4, (OK, ACME))]
    assert "silent acme" in seen(once).between
    assert "silent acme" in seen([*once, *change(5, (BAD, ACME))]).fine


def test_expected_ci_without_report_is_silent() -> None:
    settings = attrs.evolve(WATCHED, expected=(ExpectedConfig("foo", ("openstack/*",)),))
    assert [one.name for one in bad(seen(GONE, settings=settings), AlertKind.SILENT)] == ["foo"]


def test_new_ci_has_missed_nothing_before() -> None:
    late = comment(OK, ACME, number=0, at=T + 12 * HOUR, born=T)
    assert not bad(seen([*change(0, (OK, ZUUL)), *GONE, late]), AlertKind.SILENT)


def test_ci_without_patch_sets_is_unknown() -> None:
    found = seen(FIRST, 24 * 10)
    assert {*found.unknown} == {"acme", "zuul"}
    assert {"silent acme", "failing acme"} <= {*found.between}
    assert not found.bad


def test_ci_gone_for_good_is_not_expected() -> None:
    found = seen([*FIRST, *change(24 * 32, (OK, ZUUL))], 24 * 33)
    assert "acme" not in str(found)


def test_failed_changes_in_a_row_are_trouble() -> None:
    events = [event for number in range(3) for event in change(number, (BAD, ACME))]
    [sign] = bad(seen(events), AlertKind.FAILING)
    assert (sign.name, sign.count) == ("acme", 3)
    assert "failing acme" in seen([*events, *change(4, (OK, ACME)), *change(5, (OK, ACME))]).fine


def test_one_bad_change_is_no_trouble() -> None:
    events = [*change(1, (OK, ACME)), created(2)]
    for patchset in range(1, 7):
        at = T + (patchset + 2) * HOUR
        events += [created(2, patchset, at), comment(BAD, ACME, number=2, patchset=patchset, at=at + 600, born=at)]
    assert not bad(seen(events), AlertKind.FAILING)


def test_merge_failures_are_not_the_fault_of_ci() -> None:
    conflict = "Merge Failed.\n\nThis change could not be merged."
    events = [event for number in range(4) for event in change(number, (conflict, ACME))]
    assert not bad(seen(events), AlertKind.FAILING)


def test_low_rate_of_upstream_is_trouble() -> None:
    events = [*change(0, (OK, ZUUL)), *(event for number in range(1, 4) for event in change(number, (BAD, ZUUL)))]
    [sign] = bad(seen(events), AlertKind.UPSTREAM)
    assert (sign.name, sign.server, sign.rate, sign.count) == (NOVA, "review", 25, 4)


def test_rate_of_too_few_runs_is_unknown() -> None:
    found = seen([event for number in range(3) for event in change(number, (BAD, ZUUL))])
    assert not bad(found, AlertKind.UPSTREAM)
    assert f"upstream review {NOVA}" in found.between


def test_upstream_is_well_after_good_runs() -> None:
    events = [event for number in range(4) for event in change(number, (OK if number > 1 else BAD, ZUUL))]
    assert f"upstream review {NOVA}" in seen(events).fine
    last = change(5, (OK, ZUUL)) + change(6, (BAD, ZUUL))
    assert f"upstream review {NOVA}" in seen([*events, *last]).between


def test_failing_infrastructure_is_an_incident() -> None:
    lines = "\n".join(f"- job-{n} https://log.example/{n} : NODE_FAILURE in 3s" for n in range(5))
    failed = f"Build failed (check pipeline).\n\n{lines}"
    found = seen(change(1, (failed, ZUUL)), 1.5)
    assert [one.jobs for one in bad(found, AlertKind.INCIDENT)] == [tuple(f"job-{n}" for n in range(5))]
    assert "incident upstream" in seen(change(1, (failed, ZUUL)), 5).fine


def test_server_that_is_not_known_counts_nowhere() -> None:
    with opened(":memory:") as facts:
        for event in [*FIRST, *GONE]:
            facts.put(read_event(event, WATCHED), "review")
        found = look(facts.sql, T + 24 * HOUR, WATCHED, set())
    assert found == Look(T + 24 * HOUR, [], [], [], [], is_whole=False)


def test_rules_with_zero_are_off() -> None:
    settings = attrs.evolve(WATCHED, alerts=AlertSettings(missed=0, failed=0, rate=0))
    found = seen([*FIRST, *GONE, *change(5, (BAD, ZUUL))], settings=settings)
    assert {*found.fine, *found.between, *(one.id for one in found.bad)} == {"incident upstream"}


def test_two_projects_count_together() -> None:
    about: dict[str, Any] = {"born": T + 8 * HOUR, "change": {"project": "x/nova", "number": 7}}
    other = [comment(OK, ACME, number=7, at=T + 9 * HOUR, **about)]
    events = [*FIRST, *GONE, created(7, at=T + 8 * HOUR, project="x/nova"), *other]
    assert "silent acme" in seen(events).between
