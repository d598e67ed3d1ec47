"""The page of a CI: whether to believe it, what it has missed, which of its jobs flip, how late it reports."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from attrs import field, frozen
from markupsafe import Markup

from ptgbot.ci.addresses import account_folder
from ptgbot.ci.agreement import Agreement, agreement_of
from ptgbot.ci.card import Card, card_of
from ptgbot.ci.history import Day, strip
from ptgbot.ci.matrix import Pair
from ptgbot.ci.missed import Missed, missed_of
from ptgbot.ci.newest import Result, newest
from ptgbot.ci.regression import Regression, Verdict, regressions
from ptgbot.ci.spans import Span
from ptgbot.ci.spread import Spread, spread_of
from ptgbot.ci.standing import State
from ptgbot.ci.unstable import Flip, flips_of
from ptgbot_site.build.charts import Chart, Series, columns
from ptgbot_site.build.markup import EMPTY, cut, joined, link, name, paragraph, section
from ptgbot_site.build.words import say
from ptgbot_site.ci import badges, feeds, signs
from ptgbot_site.ci.desk import Desk
from ptgbot_site.ci.markup import chart, facts, lasted, moment, outside, page, percent, table

ROOT: Final = "../../"
"""Relative address of the board from the page of a CI."""
DAYS: Final = 30
"""Days that the figures are about."""
STRIP: Final = 90
"""Days of the history."""
MOST: Final = 60
"""Most rows of each list."""


@frozen
class Known:
    """Everything that the page of a CI shows."""

    account: str
    title: str
    trusted: bool
    pairs: Sequence[Pair]
    """The projects on which it reports, or should."""
    missed: Missed
    flips: Sequence[Flip]
    spread: Spread
    agreement: Agreement
    card: Card
    days: Sequence[Day]
    results: Sequence[Result]
    worse: Sequence[Regression]
    last: int | None = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "last", max((one.last for one in self.pairs if one.last), default=None))

    @property
    def silent(self) -> list[Pair]:
        """The projects on which it is silent."""
        return [one for one in self.pairs if one.silent]


def known_of(desk: Desk, account: str) -> Known | None:
    """Return what the page of a CI shows, None if nothing is known of the CI."""
    pairs = [one for one in desk.matrix.pairs if one.account == account]
    results = newest(desk.sql, account, desk.at, MOST)
    if not pairs and not results and account not in desk.shown:
        return None
    span = Span.before(desk.at, DAYS)
    return Known(
        account,
        desk.title(account),
        any(one.trusted for one in pairs),
        pairs,
        missed_of(desk.sql, account, span, desk.settings, MOST),
        flips_of(desk.sql, account, span),
        spread_of(desk.sql, account, span),
        agreement_of(desk.sql, account, span),
        card_of(desk.sql, account, span, desk.settings),
        strip(desk.sql, account, desk.at, desk.settings, STRIP),
        results,
        [one for one in regressions(desk.sql, desk.at, account=account) if one.verdict is Verdict.WORSE],
    )


def state_of(known: Known) -> tuple[str, str, str]:
    """Return the present state of a CI: the class of the style sheet, a sign, and words. No data is never good."""
    if known.silent:
        return "missed", signs.OF_STATE[State.MISSED], say("silent")
    if not known.results or not known.last:
        return "neutral", "?", say("unknown")
    of = known.results[0].outcome
    words = {"ok": say("last run succeeded"), "fail": say("last run failed"), "infra": say("last run failed by itself")}
    return of, signs.SIGNS[of], words[of]


def body(desk: Desk, known: Known) -> str:
    """Return the body of the page."""
    of, sign, words = state_of(known)
    kind = Markup(' <span class="ci-kind">{}</span>').format(say("upstream")) if known.trusted else EMPTY
    where = joined((desk.to_project(one.server, one.project, ROOT) for one in known.silent[:10]), ", ")
    silent = paragraph(Markup("{} {}").format(say("No result for too long on:"), where), "ci-loud") if where else EMPTY
    return page(
        Markup("{}{}").format(name(known.title), kind),
        Markup('<p class="ci-now"><span class="ci-state {}">{} {}</span></p>').format(of, sign, words),
        silent,
        _figures(known),
        _strip(known),
        section(say("Jobs that fail more often than before"), _worse(known)),
        section(say("Missed patch sets"), _missed(desk, known)),
        section(say("Jobs that flip"), _flips(known)),
        section(say("Newest results"), _results(desk, known)),
        section(say("Projects"), _projects(desk, known)),
        _ways(),
    )


def _figures(known: Known) -> Markup:
    missed, agreed, card = known.missed, known.agreement, known.card
    rows: list[tuple[str, Markup | str]] = [
        (say("Last result"), moment(known.last) if known.last else "–"),
        (say("Missed"), f"{percent(missed.rate)} ({missed.missed}/{missed.done + missed.missed})"),
        (say("Flips"), str(len(known.flips))),
        (say("Time to report, median"), lasted(known.spread.median)),
        (say("Nine of ten reported within"), lasted(known.spread.p90)),
    ]
    if not known.trusted:
        rows.append((say("Agrees with upstream"), f"{percent(agreed.share)} ({agreed.agreeing}/{agreed.both})"))
    rows += [
        (say("Contact"), _address(card.contact)),
        (say("Own page"), _address(card.page)),
        (say("To ask for a rerun, write"), Markup("<code>{}</code>").format(cut(card.phrase)) if card.phrase else "–"),
        (say("Reruns answered"), f"{card.answered}/{card.asked}" if card.asked else "–"),
        (say("Reports"), _reports(card)),
        (say("Failures with a log"), f"{card.logs}/{card.jobs}" if card.jobs else "–"),
    ]
    head = say("Figures of the last {days} days").format(days=DAYS)
    return section(head, facts(rows))


def _address(address: str) -> Markup | str:
    if address.startswith("mailto:"):
        return Markup('<a href="{}">{}</a>').format(address, cut(address.removeprefix("mailto:").partition("?")[0]))
    return outside(address, cut(address)) if address else "–"


def _reports(card: Card) -> str:
    if card.reports_success and card.reports_failure:
        return say("successes and failures")
    if card.reports_success:
        return say("successes only")
    return say("failures only") if card.reports_failure else say("nothing")


def _strip(known: Known) -> Markup:
    days = known.days
    made = Chart(
        say("Results of the last {days} days").format(days=len(days)),
        say("Day"),
        [f"{one.day:%m-%d}" for one in days],
        [
            Series(say("success"), [one.ok for one in days]),
            Series(say("failure"), [one.fail for one in days]),
            Series(say("failure of the CI"), [one.infra for one in days]),
            Series(say("missed"), [one.missed for one in days]),
        ],
    )
    return section(say("History"), chart(made, columns(made)))


def _worse(known: Known) -> Markup:
    heads = [say("Job"), say("Project and branch"), say("Before"), say("Now"), say("First failure")]
    rows: Iterator[Sequence[Markup | str]] = (
        [
            name(one.job),
            Markup("{} {}").format(name(one.project), name(one.branch)),
            percent(one.before[0] / sum(one.before)),
            percent(one.now[0] / sum(one.now)),
            outside(one.first_failing.url, f"{one.first_failing.change},{one.first_failing.patchset}")
            if one.first_failing
            else "–",
        ]
        for one in known.worse[:MOST]
    )
    return table(say("Jobs that fail more often than before"), heads, rows)


def _missed(desk: Desk, known: Known) -> Markup:
    heads = [say("Patch set"), say("Project"), say("Subject"), say("Created")]
    rows: Iterator[Sequence[Markup | str]] = (
        [
            outside(one.column.url, one.column.name),
            desk.to_project(one.server, one.project, ROOT),
            cut(one.column.subject),
            moment(one.column.created),
        ]
        for one in known.missed.listed
    )
    made = table(say("Missed patch sets"), heads, rows)
    more = known.missed.missed - len(known.missed.listed)
    return made + paragraph(say("{number} more are not listed.").format(number=more)) if more > 0 else made


def _flips(known: Known) -> Markup:
    heads = [say("Job"), say("Patch set"), say("Project"), say("Results in their order"), say("Time")]
    rows: Iterator[Sequence[Markup | str]] = (
        [
            name(one.job),
            outside(one.url, f"{one.number},{one.patchset}"),
            name(one.project),
            ", ".join(result[:30] for result in one.results[:10]),
            moment(one.time),
        ]
        for one in known.flips[:MOST]
    )
    return table(say("Jobs that flip"), heads, rows)


def _results(desk: Desk, known: Known) -> Markup:
    heads = [say("Patch set"), say("Result"), say("Pipeline"), say("Project"), say("Subject"), say("Time")]
    rows: Iterator[Sequence[Markup | str]] = (
        [
            outside(one.url, f"{one.number},{one.patchset}"),
            Markup('<span class="ci-state {}">{}</span>').format(
                one.outcome, outside(one.buildset, f"{signs.SIGNS[one.outcome]} {signs.told(one.status)}")
            ),
            name(one.pipeline, 30) if one.pipeline else "–",
            desk.to_project(one.server, one.project, ROOT),
            cut(one.subject),
            moment(one.time),
        ]
        for one in known.results
    )
    return table(say("Newest results"), heads, rows)


def _projects(desk: Desk, known: Known) -> Markup:
    heads = [say("Project"), say("State"), say("Results"), say("First result"), say("Last result")]
    rows: Iterator[Sequence[Markup | str]] = (
        [
            desk.to_project(one.server, one.project, ROOT),
            signs.of_pair(one),
            str(one.results),
            moment(one.first) if one.first else "–",
            moment(one.last) if one.last else "–",
        ]
        for one in known.pairs[:200]
    )
    return table(say("Projects"), heads, rows)


def _ways() -> Markup:
    ways = [
        link("index.json", say("This page as JSON")),
        link(badges.FILE, say("Badge")),
        link(feeds.FILE, say("Feed of its failures")),
        link(f"{ROOT}matrix.html", say("Who has CI")),
        link(f"{ROOT}index.html", say("All projects")),
    ]
    return Markup('<p class="ci-ways">{}</p>').format(joined(ways, " · "))


def as_json(desk: Desk, known: Known) -> bytes:
    """Return the page for scripts."""
    _, _, words = state_of(known)
    card = known.card
    told: dict[str, Any] = {
        "account": known.account,
        "name": known.title,
        "as_of": desk.at,
        "state": words,
        "trusted": known.trusted,
        "days": DAYS,
        "last_result": known.last,
        "states": {str(state): number for state, number in sorted(known.missed.states.items())},
        "missed_rate": _rounded(known.missed.rate),
        "missed": [
            {"project": one.project, "patchset": one.column.name, "created": one.column.created}
            for one in known.missed.listed
        ],
        "flips": [
            {
                "project": one.project,
                "patchset": f"{one.number},{one.patchset}",
                "job": one.job[:200],
                "results": [*one.results[:20]],
            }
            for one in known.flips[:MOST]
        ],
        "time_to_report": {"count": known.spread.count, "median": known.spread.median, "p90": known.spread.p90},
        "agreement": {
            "merged": known.agreement.merged,
            "both": known.agreement.both,
            "agreeing": known.agreement.agreeing,
            "share": _rounded(known.agreement.share),
        },
        "card": {
            "contact": card.contact,
            "page": card.page,
            "phrase": card.phrase,
            "asked": card.asked,
            "answered": card.answered,
            "reports_success": card.reports_success,
            "reports_failure": card.reports_failure,
            "failed_jobs": card.jobs,
            "logs": card.logs,
        },
        "history": [
            {"day": str(one.day), "ok": one.ok, "fail": one.fail, "infra": one.infra, "missed": one.missed}
            for one in known.days
        ],
        "results": [
            {
                "project": one.project,
                "patchset": f"{one.number},{one.patchset}",
                "pipeline": one.pipeline or None,
                "status": one.status,
                "buildset": one.buildset,
                "time": one.time,
            }
            for one in known.results
        ],
        "projects": [
            {
                "server": one.server,
                "project": one.project,
                "first": one.first,
                "last": one.last,
                "results": one.results,
                "expected": one.expected,
                "silent": one.silent,
            }
            for one in known.pairs[:200]
        ],
        "worse": [
            {
                "project": one.project,
                "branch": one.branch,
                "job": one.job[:200],
                "before": [*one.before],
                "now": [*one.now],
            }
            for one in known.worse[:MOST]
        ],
    }
    return f"{json.dumps(told, ensure_ascii=False)}\n".encode(errors="replace")


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def folder_of(account: str) -> str:
    """Return the folder of the pages of a CI."""
    return account_folder(account)
