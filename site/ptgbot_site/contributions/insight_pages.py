"""The pages of those who stay, and of where help is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from ptgbot.contributions.insight_facts import FACTORS
from ptgbot_site.build.charts import Chart, Series, lines, number
from ptgbot_site.build.markup import EMPTY, name, paragraph, section
from ptgbot_site.build.words import say
from ptgbot_site.contributions import insights
from ptgbot_site.contributions.lists import change_link
from ptgbot_site.contributions.markup import (
    Cells,
    Facts,
    date_of,
    drawn,
    metric_names,
    numbers,
    page,
    release_name,
    rows_of,
    table,
    to_page,
)

_DAY: Final = 86_400
_FEWEST_POINTS: Final = 3
"""Fewest releases of which a line is drawn."""
_MOST: Final = 100
"""Most reviews without an answer that are listed; the oldest are."""


def titles() -> dict[str, str]:
    """Return the titles of the pages by their names."""
    return {"retention": say("Who stays"), "wanted": say("Help wanted")}


def retention(facts: Facts) -> str:
    """Return the body of the page of those who stay, by the release of their first change."""
    rows = rows_of(facts, "cohorts")
    said = say(
        "People by the release of their first change; where there is no code review, a commit is a change. Of those "
        "whose first 90 days are over, the share who made a second change in them; then the share of all who were "
        "active in later releases: +1 is the next one. Releases with fewer than {fewest} such people are left out."
    )
    none = paragraph(say("Too few people have begun yet."), "ptg-nothing")
    content = _second(rows) + _cohorts(rows) if rows else none
    return page(titles()["retention"], paragraph(said.format(fewest=insights.shown(facts.get("fewest")))), content)


def _second(rows: Sequence[Cells]) -> Markup:
    """Return the chart of second changes, the oldest release first; a few numbers are not drawn."""
    known = [row for row in reversed(rows) if row[2] is not None]
    if len(known) < _FEWEST_POINTS:
        return EMPTY
    shares = [100 * again / observed for observed, again in (numbers(row[2:4]) for row in known)]
    labels = [release_name(row[0]) for row in known]
    title = say("Second change within 90 days")
    return drawn(Chart(title, say("Release"), labels, [Series(title, shares)], unit=" %", top=100), lines)


def _cohorts(rows: Sequence[Cells]) -> Markup:
    longest = max(len(row) for row in rows) - 4
    heads = [
        *(say("Release"), say("People"), say("90 days are over"), say("Second change"), say("Share")),
        *(f"+{place}" for place in range(1, longest + 1)),
    ]
    made = [
        [
            to_page("release", str(row[0]), str(row[0]), ""),
            *(insights.shown(one) for one in row[1:4]),
            insights.share(row[3], row[2]),
            *(insights.share(one, row[1]) for one in row[4:]),
            *("" for _ in range(longest + 4 - len(row))),
        ]
        for row in rows
    ]
    return table(titles()["retention"], heads, made)


def wanted(facts: Facts) -> str:
    """Return the body of the page of where help is wanted: modules that one person carries, unanswered reviews."""
    return page(
        titles()["wanted"],
        paragraph(say("Where another pair of hands or eyes helps most. Newcomers are welcome at all of it.")),
        section(say("Modules that one person carries"), _carried(rows_of(facts, "modules"))),
        section(say("Reviews without an answer"), _unanswered(facts)),
    )


def _carried(rows: Sequence[Cells]) -> Markup:
    said = say(
        "One person made half or more of the commits or of the reviews in the last cycle. The numbers are the fewest "
        "people who make half."
    )
    places, called = insights.used([row[2:] for row in rows]), metric_names()
    heads = [say("Module"), say("Last cycle"), *(called[FACTORS[place]] for place in places)]
    made = [
        [
            to_page("module", str(row[0]), str(row[0]), ""),
            to_page("release", str(row[1]), str(row[1]), ""),
            *(insights.shown(row[2 + place]) for place in places),
        ]
        for row in rows
    ]
    return paragraph(said) + table(say("Modules that one person carries"), heads, made) if made else _none()


def _unanswered(facts: Facts) -> Markup:
    rows = rows_of(facts, "unanswered")
    now = numbers([facts.get("at_day")])[0]
    heads = [say("Change"), say("Module"), say("Branch"), say("Opened"), say("Days"), say("CI")]
    made = [
        [
            change_link(row),
            to_page("module", str(row[6]), str(row[6]), ""),
            name(str(row[2])),
            date_of(row[4]),
            number(max((now - numbers([row[4]])[0]) // _DAY, 0)),
            _vote(row),
        ]
        for row in rows[:_MOST]
    ]
    said = say("Open changes on which nobody but their authors and programs has said anything, the oldest first.")
    more = say("{number} more are not listed.").format(number=number(len(rows) - _MOST))
    rest = paragraph(more) if len(rows) > _MOST else EMPTY
    return paragraph(said) + table(say("Reviews without an answer"), heads, made) + rest if made else _none()


def _vote(row: Cells) -> str:
    """Return the vote of Verified that decides: the worst one if it is below 0, else the best one."""
    worst, best = row[8], row[9]
    told = worst if isinstance(worst, int | float) and worst < 0 else best
    return f"{told:+.0f}".replace("-", "−") if isinstance(told, int | float) and told else "–"


def _none() -> Markup:
    return paragraph(say("None."))
