"""How upstream is: its jobs day by day, jobs that got worse, failures that nobody has explained, and reruns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from attrs import define, field
from markupsafe import Markup

from ptgbot.ci.history import JobDay, upstream
from ptgbot.ci.incidents import incident_at
from ptgbot.ci.known import Classified, classified
from ptgbot.ci.rechecks import Rechecks, rechecks_of
from ptgbot.ci.regression import Regression, Verdict, regressions
from ptgbot.ci.spans import Span, days_until
from ptgbot_site.build.charts import Chart, Series, columns, lines
from ptgbot_site.build.markup import EMPTY, cut, joined, link, name, paragraph, section
from ptgbot_site.build.words import say
from ptgbot_site.ci import signs
from ptgbot_site.ci.desk import Desk
from ptgbot_site.ci.incident import banner
from ptgbot_site.ci.markup import chart, facts, lasted, moment, outside, page, percent, table
from ptgbot_site.ci.zuul_builds import zuul_sections

FILE: Final = "upstream"
DAYS: Final = 14
"""Days of the table of jobs."""
MOST_JOBS: Final = 150
_MOST: Final = 60
_WEEKS: Final = 8


@define
class _Sum:
    """The sum of several days or jobs."""

    runs: int = 0
    success: int = 0
    infra: int = 0
    reruns: int = 0
    times: list[int] = field(factory=list)

    def add(self, one: JobDay) -> None:
        self.runs += one.runs
        self.success += one.success
        self.infra += one.infra
        self.reruns += one.reruns
        if one.seconds is not None:
            self.times.append(one.seconds)

    @property
    def share(self) -> float | None:
        return self.success / self.runs if self.runs else None


@define(eq=False)
class Upstream:
    """Everything that the page shows, read once for the page and its JSON."""

    desk: Desk
    days: list[date] = field(init=False)
    rows: Sequence[JobDay] = field(init=False)
    worse: Sequence[Regression] = field(init=False)
    failures: Classified = field(init=False)
    reruns: Sequence[Rechecks] = field(init=False)

    def __attrs_post_init__(self) -> None:
        sql, at = self.desk.sql, self.desk.at
        span = days_until(at, DAYS)
        self.days = [*span.days()]
        self.rows = upstream(sql, span)
        self.worse = [one for one in regressions(sql, at) if one.verdict is Verdict.WORSE]
        self.failures = classified(sql, Span.before(at, 7), self.desk.settings.known, most=_MOST)
        self.reruns = rechecks_of(sql, Span.before(at, 7 * _WEEKS))

    def body(self) -> str:
        """Return the body of the page."""
        by_day, by_job = self._sums(), self._jobs()
        whole = _Sum()
        for one in self.rows:
            whole.add(one)
        figures: list[tuple[str, Markup | str]] = [
            (say("Success"), f"{percent(whole.share)} ({whole.success}/{whole.runs})"),
            (say("Infrastructure failures"), percent(whole.infra / whole.runs) if whole.runs else "–"),
            (say("Reruns"), str(whole.reruns)),
            (say("Explained failures, 7 days"), self._explained()),
            (say("As of"), moment(self.desk.at)),
        ]
        none = paragraph(say("Upstream has reported nothing in this time."), "ptg-nothing")
        return page(
            say("Upstream"),
            banner(incident_at(self.desk.sql, self.desk.at)),
            facts(figures),
            self._charts(by_day) if self.rows else none,
            section(say("Jobs that fail more often than before"), self._worse()),
            section(say("Jobs by day"), *self._table(by_job)),
            *zuul_sections(self.desk),
            section(say("Failures of the last 7 days, unexplained ones first"), self._failures()),
            section(say("Reruns that people asked for, by week"), self._rechecks()),
            Markup('<p class="ci-ways">{}</p>').format(
                joined([link(f"{FILE}.json", say("This page as JSON")), link("index.html", say("All projects"))], " · ")
            ),
        )

    def _explained(self) -> str:
        found = self.failures
        return f"{percent(found.share)} ({found.classified}/{found.failures})"

    def _sums(self) -> Mapping[date, _Sum]:
        made = {day: _Sum() for day in self.days}
        for one in self.rows:
            made[one.day].add(one)
        return made

    def _jobs(self) -> list[tuple[str, Mapping[date, JobDay], int]]:
        """Return the jobs with their days and runs; those with the lowest rate of success come first."""
        found: dict[str, dict[date, JobDay]] = {}
        for one in self.rows:
            found.setdefault(one.job, {})[one.day] = one
        made = [(job, days, sum(one.runs for one in days.values())) for job, days in found.items()]
        return sorted(made, key=lambda one: (sum(day.success for day in one[1].values()) / one[2], one[0]))

    def _charts(self, by_day: Mapping[date, _Sum]) -> Markup:
        labels = [f"{day:%m-%d}" for day in self.days]
        sums = [by_day[day] for day in self.days]
        rate = Chart(
            say("Jobs that succeeded, and failed by the infrastructure"),
            say("Day"),
            labels,
            [
                Series(say("success"), [one.share * 100 if one.share is not None else None for one in sums]),
                Series(say("infrastructure"), [one.infra / one.runs * 100 if one.runs else None for one in sums]),
            ],
            " %",
            100,
        )
        again = Chart(say("Reruns of jobs"), say("Day"), labels, [Series(say("reruns"), [one.reruns for one in sums])])
        made = [chart(rate, lines(rate)), chart(again, columns(again))]
        return Markup('<div class="ci-charts">{}</div>').format(joined(made))

    def _table(self, by_job: Sequence[tuple[str, Mapping[date, JobDay], int]]) -> list[Markup]:
        if not by_job:
            return []
        days = [*reversed(self.days)]
        heads = joined(Markup('<th scope="col">{:%m-%d}</th>').format(day) for day in days)
        rows = (
            Markup('<tr><th scope="row">{}</th>{}</tr>').format(
                name(job), joined(_day_cell(found.get(day)) for day in days)
            )
            for job, found, _ in by_job[:MOST_JOBS]
        )
        made = Markup(
            '<div class="ci-scroll ci-grid-region" tabindex="0" role="region" aria-label="{0}"><table class="ci-grid">'
            '<caption class="ptg-spoken">{0}</caption><thead><tr><th scope="col" class="ci-corner">{1}</th>{2}</tr>'
            "</thead><tbody>{3}</tbody></table></div>"
        ).format(say("Jobs by day"), say("Job"), heads, joined(rows))
        legend = say("Each cell: share of success, runs, ⚡ failures of the infrastructure, ↻ reruns · median duration")
        left = len(by_job) - MOST_JOBS
        more = paragraph(say("{number} more jobs are in the JSON.").format(number=left)) if left > 0 else EMPTY
        return [paragraph(legend), made, more]

    def _worse(self) -> Markup:
        heads = [say("Job"), say("Project and branch"), say("Before"), say("Now")]
        heads += [say("Last passed"), say("First failed")]
        rows: Iterator[Sequence[Markup | str]] = (
            [
                name(one.job),
                Markup("{} {}").format(name(one.project), name(one.branch)),
                f"{percent(one.before[0] / sum(one.before))} ({sum(one.before)})",
                f"{percent(one.now[0] / sum(one.now))} ({sum(one.now)})",
                *(
                    outside(place.url, f"{place.change},{place.patchset}") if place else "–"
                    for place in (one.last_passing, one.first_failing)
                ),
            ]
            for one in self.worse[:_MOST]
        )
        return table(say("Jobs that fail more often than before"), heads, rows)

    def _failures(self) -> Markup:
        heads = [say("Job"), say("Result"), say("Patch set"), say("Project"), say("Known problem"), say("Time")]
        rows: Iterator[Sequence[Markup | str]] = (
            [
                name(one.job),
                outside(one.url, one.result[:30]),
                f"{one.change},{one.patchset}",
                self.desk.to_project(one.server, one.project, ""),
                outside(one.known.bug, cut(f"{one.known.bug} {one.known.reason}")) if one.known else "–",
                moment(one.time),
            ]
            for one in self.failures.listed
        )
        return table(say("Failures"), heads, rows)

    def _rechecks(self) -> Markup:
        heads = [say("Project"), say("Week"), say("Asked"), say("Without a reason"), say("For each merged change")]
        rows: Iterable[Sequence[Markup | str]] = (
            [
                self.desk.to_project(one.server, one.project, ""),
                f"{one.week}",
                str(one.asked),
                percent(one.bare_share),
                f"{one.per_merged:.2f}" if one.per_merged is not None else "–",
            ]
            for one in [*reversed(self.reruns)][: 2 * _MOST]
        )
        return table(say("Reruns that people asked for, by week"), heads, rows)

    def json(self) -> bytes:
        """Return the page for scripts."""
        told = {
            "as_of": self.desk.at,
            "jobs": [
                {
                    "job": one.job[:200],
                    "day": str(one.day),
                    "runs": one.runs,
                    "success": one.success,
                    "infra": one.infra,
                    "reruns": one.reruns,
                    "seconds": one.seconds,
                }
                for one in self.rows[:10_000]
            ],
            "worse": [
                {
                    "project": one.project,
                    "branch": one.branch,
                    "pipeline": one.pipeline or None,
                    "job": one.job[:200],
                    "before": [*one.before],
                    "now": [*one.now],
                    "chance": round(one.chance, 6),
                }
                for one in self.worse[:_MOST]
            ],
            "failures": {"count": self.failures.failures, "explained": self.failures.classified},
            "rechecks": [
                {
                    "server": one.server,
                    "project": one.project,
                    "week": str(one.week),
                    "asked": one.asked,
                    "bare": one.bare,
                    "merged": one.merged,
                }
                for one in self.reruns
            ],
        }
        return f"{json.dumps(told, ensure_ascii=False)}\n".encode(errors="replace")


def _day_cell(one: JobDay | None) -> Markup:
    if one is None:
        return Markup("<td></td>")
    share = one.success / one.runs
    of = "ok" if share >= 0.9 else "warn" if share >= 0.5 else "fail"
    more = [str(one.runs), *([f"⚡{one.infra}"] if one.infra else []), *([f"↻{one.reruns}"] if one.reruns else [])]
    return Markup('<td class="{}">{} {} <small>{} · {}</small></td>').format(
        of, signs.SIGNS[of], percent(share), " ".join(more), lasted(one.seconds)
    )
