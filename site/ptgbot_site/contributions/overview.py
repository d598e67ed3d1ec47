"""``ptg:contributions``: this release against the last one, several metrics side by side, on the first page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from docutils import nodes
from markupsafe import Markup

from ptgbot.contributions.page_facts import TOTALS
from ptgbot_site.build import api
from ptgbot_site.build.charts import number
from ptgbot_site.build.markup import EMPTY, joined, link, paragraph, section
from ptgbot_site.build.nodes import ptg_written
from ptgbot_site.build.words import say
from ptgbot_site.contributions import about, insights
from ptgbot_site.contributions.markup import (
    Facts,
    listed,
    metric_names,
    numbers,
    people,
    release_name,
    rows_of,
    table,
    to_page,
    weeks,
)
from ptgbot_site.contributions.source import opened

REVISION = "stats.revision"
"""The slice of the newest change."""


class Overview(api.StateDirective):
    """Shows this release against the last one."""

    kind = "contributions"
    needs = (REVISION,)
    vanishes = True

    @staticmethod
    def render(view: api.View, given: Mapping[str, Any]) -> Sequence[nodes.Node]:
        """Return the nodes. The numbers come from the bulk storage, of which the slice has the revision only."""
        if not view.rich or view.state.bulk is None:
            return []
        with opened(view.state.bulk, view.state) as pages:
            facts = pages.store.facts("overview")
        return [ptg_written("", html=f'<div class="stats">{body(facts)}</div>')]


def body(facts: Facts | None) -> Markup:
    """Return the contents of the first page, without its title."""
    if facts is None:
        return paragraph(say("Nothing has been counted yet."), "ptg-nothing")
    ways = [
        link("releases.html", say("Releases")),
        link("newcomers.html", say("Newcomers")),
        link("retention.html", say("Who stays")),
        link("wanted.html", say("Help wanted")),
        link("reviews.html", say("Open reviews")),
        link("quality.html", say("Quality of the data")),
        link(f"{about.NAME}.html", about.title()),
    ]
    lists = {
        "module": say("Modules"),
        "organisation": say("Organisations"),
    }
    this = facts.get("this")
    return joined(
        [
            Markup('<p class="stats-ways">{}</p>').format(joined(ways, " · ")),
            _side_by_side(facts),
            weeks(facts),
            insights.of_overview(facts),
            *(section(title, listed(facts, of, this, "")) for of, title in lists.items()),
            paragraph(Markup("{} {}").format(say("Everybody, in alphabetical order:"), _release(this))),
            section(say("What these numbers are"), about.purpose(), about.foot("")),
        ]
    )


def _release(release: object) -> Markup:
    return to_page("release", str(release or ""), str(release or ""), "")


def _side_by_side(facts: Facts) -> Markup:
    """Return every metric of both releases, each in a row of its own."""
    this, last = (list(numbers(row)) for row in rows_of(facts, "totals"))
    both = facts.get("this") != facts.get("last")
    new = facts.get("newcomers")
    called = metric_names()
    rows: list[tuple[str, Sequence[float]]] = [
        (called[one], [cells[place] if place < len(cells) else 0 for cells in (this, last)])
        for place, one in enumerate(TOTALS)
    ]
    rows.append((say("Newcomers"), numbers(new if isinstance(new, list) else [])))
    kept = [(label, values if both else values[:1]) for label, values in rows if any(values)]
    heads = [say("Metric"), release_name(facts.get("this"))] + ([release_name(facts.get("last"))] if both else [])
    title = say("This release and the last one") if both else say("Together")
    gone = say("Active in these releases, and not for 90 days: {number}")
    waiting = say("Open reviews: {number}")
    return section(
        title,
        table(title, heads, ([label, *map(number, values)] for label, values in kept)),
        paragraph(gone.format(number=people(numbers([facts.get("gone")])[0]))),
        paragraph(waiting.format(number=number(numbers([facts.get("waiting")])[0]))) if facts.get("waiting") else EMPTY,
    )
