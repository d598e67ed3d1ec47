"""What many results together say: regressions, causes, known problems, incidents, rechecks."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import attrs
import pytest

from ptgbot.ci.incidents import Incident, incident_at
from ptgbot.ci.known import KnownConfig, classified
from ptgbot.ci.rechecks import Rechecks, rechecks_of
from ptgbot.ci.regression import Place, Verdict, fisher, regressions, verdict_of
from ptgbot.ci.spans import DAY
from ptgbot.ci.tools import settings_in
from ptgbot.ci.why import why
from tests.ci.happenings import ACME, ANA, HOUR, NOVA, SETTINGS, ZUUL, Event, T, comment, created
from tests.ci.test_answers import asked
from tests.ci.test_figures import ALL, facts_of, moved


def ran(
    number: int, at: int, result: str = "SUCCESS", job: str = "unit", more: str = "", by: Mapping[str, str] = ZUUL
) -> Event:
    """Return the report of a run with one job."""
    summary = f"Build {'succeeded' if result == 'SUCCESS' else 'failed'} (check pipeline)."
    line = f"- {job} https://log.example/{number} : {result} {more} in 3s"
    return comment(f"{summary}\n\n{line}", by, number=number, at=at, born=at)


# Regressions


@pytest.mark.parametrize(
    ("before", "now", "chance"),
    [
        # The lady tasting tea of R. A. Fisher: all four cups, and three of four.
        ((4, 0), (0, 4), 1 / 70),
        ((3, 1), (1, 3), 17 / 70),
        # Convictions of twins, an example of R (fisher.test, alternative "less").
        ((15, 2), (3, 10), 0.0004652),
        ((11, 1), (3, 9), 0.001379728),
        ((9, 1), (1, 5), 61 / 8008),
        ((10, 0), (10, 0), 1),
        ((0, 10), (0, 10), 1),
        ((0, 0), (3, 4), 1),
    ],
)
def test_fisher_gives_known_values(before: tuple[int, int], now: tuple[int, int], chance: float) -> None:
    assert float(fisher(before, now)) == pytest.approx(chance, rel=1e-4)


def test_fisher_of_all_counts_sums_up() -> None:
    """The chances of at least 0, 1, … failures fall from one, and their differences are the distribution."""
    chances = [fisher((20 - (5 - n), 5 - n), (10 - n, n)) for n in range(6)]
    assert chances[0] == 1
    steps = [a - b for a, b in pairwise([*chances, Fraction(0)])]
    ways = [math.comb(5, n) * math.comb(25, 10 - n) for n in range(6)]
    assert steps == [Fraction(one, math.comb(30, 10)) for one in ways]


@pytest.mark.parametrize(
    ("before", "now", "verdict"),
    [
        ((95, 5), (15, 5), "worse"),
        ((95, 5), (19, 1), "not enough data"),
        ((95, 5), (3, 2), "not enough data"),
        ((0, 0), (0, 9), "not enough data"),
        ((50, 50), (10, 12), "steady"),
        # Sure enough, but a drop of less than five points.
        ((9990, 10), (970, 30), "steady"),
        # A drop of five points and more that may be chance.
        ((28, 2), (27, 6), "steady"),
    ],
)
def test_verdict_needs_a_sure_drop(before: tuple[int, int], now: tuple[int, int], verdict: str) -> None:
    assert str(verdict_of(before, now)) == verdict


def test_regression_names_both_changes() -> None:
    at = T + 40 * DAY
    events = [ran(n, T + 5 * DAY + n * HOUR) for n in range(1, 41)]
    events += [ran(100, at - 6 * DAY), ran(101, at - 5 * DAY, "NODE_FAILURE"), ran(102, at - 4 * DAY, "FAILURE")]
    events += [ran(103 + n, at - 3 * DAY + n, "FAILURE") for n in range(3)]
    events += [ran(200 + n, at - 2 * DAY + n, "FAILURE", "steady") for n in range(2)]
    events += [ran(300 + n, at - 2 * DAY + n, "FAILURE", by=ACME) for n in range(9)]
    with facts_of(events) as facts:
        worse, other = regressions(facts.sql, at, NOVA)
        assert (worse.job, worse.before, worse.now, worse.verdict) == ("unit", (40, 0), (1, 4), Verdict.WORSE)
        assert (worse.branch, worse.pipeline, worse.drop) == ("master", "check", 0.8)
        assert (worse.last_passing, worse.first_failing) == (Place(100, 1, at - 6 * DAY), Place(102, 1, at - 4 * DAY))
        assert (other.job, other.verdict) == ("steady", Verdict.UNKNOWN)
        assert [one.now for one in regressions(facts.sql, at, account="acme")] == [(0, 9)]
        assert regressions(facts.sql, at, "x/nova") == []


# Why


def test_each_failed_job_has_its_cause() -> None:
    settings = attrs.evolve(SETTINGS, known=(KnownConfig("bug 17", job="^docs", detail="(?i)disk", reason="full"),))
    text = "\n".join(
        [
            "Build failed (check pipeline).\n",
            "- docs-a https://l.example/ : POST_FAILURE Disk full in 3s",
            "- flip https://l.example/ : FAILURE",
            "- mine https://l.example/ : FAILURE (non-voting)",
            "- both https://l.example/ : TIMED_OUT",
            "- good https://l.example/ : SUCCESS",
            "- left None : SKIPPED",
        ]
    )
    events = [created(1), comment(text.replace("flip https://l.example/ : FAILURE", "flip None : SUCCESS"), number=1)]
    events += [comment(text, number=1, at=T + 2 * HOUR)]
    events += [ran(n, T + n * HOUR, "FAILURE", "both") for n in (2, 3)] + [ran(4, T + 40 * HOUR, "FAILURE", "both")]
    with facts_of(events, settings) as facts:
        [found] = why(facts.sql, 1, T + DAY, settings)
        causes = {one.job: (str(one.cause), one.others) for one in found.jobs}
        assert causes == {"docs-a": ("known", 0), "flip": ("flips", 0), "mine": ("new", 0), "both": ("new", 2)}
        assert why(facts.sql, 99, T + DAY, settings) == []
    with facts_of([*events, ran(5, T + 9 * HOUR, "FAILURE", "both")], settings) as facts:
        [found] = why(facts.sql, 1, T + DAY, settings)
        assert {one.job: str(one.cause) for one in found.jobs}["both"] == "elsewhere"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("+ci why 1", f"{NOVA} 1,1: unit (acme) FAILURE: flips, it has also succeeded on this patch set."),
        ("+ci why 2", f"{NOVA} 2,1: no job failed."),
        ("+ci why #3", f"{NOVA} 3 has no results yet."),
        ("+ci why 4", "There is no change 4."),
        ("+ci why 5", f"{NOVA} 5,1: unit (zuul, non-voting) ERROR: new."),
    ],
)
def test_question_why_is_answered(tmp_path: Path, line: str, answer: str) -> None:
    events = [ran(1, T, by=ACME), ran(1, T + 60, "FAILURE", by=ACME), ran(2, T, by=ACME), created(3)]
    events.append(ran(5, T, "ERROR", more="(non-voting)"))
    assert asked(tmp_path, line, T + 10 * HOUR, events) == answer


# Known problems


def test_known_problems_label_failures() -> None:
    known = (
        KnownConfig("1", job="unit", from_="2024-11-20", until="2024-11-20"),
        KnownConfig("2", result="^NODE"),
        KnownConfig("3", job="other", detail="x"),
    )
    events = [ran(1, T, "FAILURE"), ran(2, T + DAY, "FAILURE"), ran(3, T + 2 * DAY, "FAILURE")]
    events += [ran(4, T, "NODE_FAILURE", "b"), ran(5, T, "FAILURE", "other"), ran(6, T), ran(7, T, "FAILURE", by=ACME)]
    events += [ran(8, T, "FAILURE", more="(non-voting)")]
    with facts_of(events) as facts:
        found = classified(facts.sql, ALL, known)
        assert (found.failures, found.classified, found.share) == (5, 2, 0.4)
        labels = [(one.change, one.known.bug if one.known else None) for one in found.listed]
        assert labels == [(3, None), (1, None), (5, None), (2, "1"), (4, "2")]
        assert len(classified(facts.sql, ALL, known, most=2).listed) == 2
        assert classified(facts.sql, ALL, known, "x/nova").share is None


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ('bug = "1"\njob = "a"\nfrom = "2026-11-23"', ""),
        ('bug = "1"', "needs job, result or detail"),
        ('bug = "1"\njob = "("', "is no pattern of RE2"),
        ('bug = "1"\njob = "a"\nfrom = "soon"', "ci.known: “soon” is no day"),
        ('bug = "1"\njob = "a"\nfrm = "soon"', "unknown key ci.known.frm. Did you mean from?"),
    ],
)
def test_known_problem_is_checked(tmp_path: Path, written: str, problem: str) -> None:
    config = tmp_path / "ci.toml"
    config.write_text(f"[[ci.known]]\n{written}\n", "utf-8")
    if problem:
        with pytest.raises(ValueError, match=re.escape(problem)):
            settings_in(config)
    else:
        assert settings_in(config).known == (KnownConfig("1", job="a", from_="2026-11-23"),)


# Incidents


def test_incident_needs_five_jobs_in_an_hour() -> None:
    events = [ran(n, T + n * 600, "NODE_FAILURE", f"job{n}") for n in range(6)]
    events += [ran(20 + n, T, "FAILURE", f"patch{n}") for n in range(9)]
    events += [ran(30 + n, T, "NODE_FAILURE", f"theirs{n}", by=ACME) for n in range(9)]
    events += [ran(40, T + n, "NODE_FAILURE", "job0") for n in range(1, 5)]
    with facts_of(events) as facts:
        assert incident_at(facts.sql, T + 4 * 600 - 1) is None
        opened = incident_at(facts.sql, T + 4 * 600)
        assert opened == Incident(T, T + 4 * 600, tuple(f"job{n}" for n in range(5)))
        later = incident_at(facts.sql, T + 5 * 600 + 5)
        assert later == Incident(T, T + 5 * 600, tuple(f"job{n}" for n in range(6)))
        assert incident_at(facts.sql, T + 5 * 600 + HOUR) is None
        assert incident_at(facts.sql, T + 4 * 600, "x/nova") is None


# Rechecks


def test_rechecks_are_counted_by_week() -> None:
    monday = 1_732_492_800
    events = [comment(text, ANA, number=1, at=monday + n) for n, text in enumerate(["recheck", "recheck flaky"])]
    events += [
        comment(text, ANA, number=1, at=monday - n - 1) for n, text in enumerate(["recheck.", "Recheck\n\nbug 1"])
    ]
    events += [moved(1, at=monday + 9), moved(1, at=monday + 10), moved(2, at=monday + 11)]
    with facts_of([created(1), created(2), *events]) as facts:
        found = rechecks_of(facts.sql, ALL)
        assert found == [
            Rechecks("", NOVA, date(2024, 11, 18), 2, 1, 0),
            Rechecks("", NOVA, date(2024, 11, 25), 2, 1, 2),
        ]
        assert [(one.bare_share, one.per_merged) for one in found] == [(0.5, None), (0.5, 1.0)]
        assert rechecks_of(facts.sql, ALL, "x/nova") == []
