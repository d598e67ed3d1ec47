"""HTML of the pages about contributions. Every name is escaped and cut; columns without a number are left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from docutils import nodes
from markupsafe import Markup, escape

from ptgbot.contributions.page_facts import SUMS
from ptgbot.contributions.page_names import FEWEST, segment
from ptgbot.store.edits import Json
from ptgbot_site.build.charts import Chart, ChartNode, Drawing, Series, columns, number, table_of
from ptgbot_site.build.markup import EMPTY, cut, joined, link, name, section
from ptgbot_site.build.words import say

ROOT: Final = "../"
"""Relative address of the first page from a page in a folder."""
_INDEPENDENT: Final = "*independent"

Cells = Sequence[Json]
Facts = Mapping[str, Json]


def metric_names() -> Mapping[str, str]:
    """Return what the metrics are called, in the order in which they are shown."""
    return {
        "commits": say("Commits"),
        "lines": say("Lines"),
        "changes": say("Changes"),
        "patch-sets": say("Patch sets"),
        "reviews": say("Reviews"),
        "disagreements": say("Disagreements"),
        "messages": say("Messages"),
        "talks": say("Talks"),
        "people": say("People"),
        "organisations": say("Organisations"),
        "modules": say("Modules"),
        "days": say("Active days"),
    }


def release_name(release: Json) -> str:
    """Return the name of a release; a community without releases counts all time together."""
    return cut(str(release)) if release else say("all time")


def to_page(kind: str, part: str, label: str, root: str) -> Markup:
    """Return a link to the page of a module, an organisation, a person or a release.

    Args:
        kind: the folder of the page.
        part: its name; of a person the segment of the address.
        label: the name to show.
        root: relative address of the first page.
    """
    if kind == "release":
        label = release_name(label)
    if kind == "organisation" and part.startswith("*"):
        label = say("independent") if part == _INDEPENDENT else part.removeprefix("*")
        if part != _INDEPENDENT:
            return name(label)
    file = part if kind == "person" else segment(part)
    return link(f"{root}{kind}/{file}.html", name(label))


def fold(title: str, content: Markup) -> Markup:
    """Return content that is shown on request; empty without content."""
    return Markup("<details><summary>{}</summary>{}</details>").format(title, content) if content else EMPTY


def page(title: str | Markup, *content: Markup) -> str:
    """Return the body of a page."""
    return str(Markup('<div class="ptg stats"><h1>{}</h1>{}</div>').format(title, joined(content)))


def date_of(moment: Json) -> Markup:
    """Return the day (UTC) of a moment in seconds since 1970; a dash for one that no calendar has."""
    try:
        day = datetime.fromtimestamp(float(str(moment)), UTC).date()
    except (ValueError, OverflowError, OSError):
        return Markup("–")
    return Markup('<time datetime="{0}">{0}</time>').format(day.isoformat())


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Markup | str]]) -> Markup:
    """Return a table whose first column names its rows; empty without rows."""
    made = [
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            first, joined(Markup("<td>{}</td>").format(one) for one in others)
        )
        for first, *others in rows
    ]
    if not made:
        return EMPTY
    top = joined(Markup('<th scope="col">{}</th>').format(one) for one in heads)
    return Markup(
        '<div class="stats-scroll" tabindex="0" role="region" aria-label="{0}"><table class="stats-table">'
        '<caption class="ptg-spoken">{0}</caption><thead><tr>{1}</tr></thead><tbody>{2}</tbody></table></div>'
    ).format(caption, top, joined(made))


def numbers_table(
    caption: str, head: str, names: Sequence[str], rows: Sequence[tuple[Markup | str, Sequence[float]]]
) -> Markup:
    """Return a table of metrics, without the metrics of which no row has any.

    Args:
        caption: its title.
        head: the head of the first column.
        names: the metrics, in the order of the numbers.
        rows: the label of each row and its numbers.
    """
    called = metric_names()
    used = [place for place in range(len(names)) if any(numbers[place : place + 1] != [0] for _, numbers in rows)]
    kept = [place for place in used if any(numbers[place] for _, numbers in rows)]
    heads = [head, *(called[names[place]] for place in kept)]
    return table(caption, heads, ([label, *(number(numbers[place]) for place in kept)] for label, numbers in rows))


def numbers(cells: Iterable[Json]) -> list[float]:
    """Return cells as numbers, 0 for anything else."""
    return [float(one) if isinstance(one, int | float) else 0.0 for one in cells]


def people(count: float) -> str:
    """Return a number of people who are not named; a small number could tell who they are."""
    return say("fewer than {number}").format(number=FEWEST) if 0 < count < FEWEST else number(count)


def rows_of(facts: Facts, key: str) -> list[list[Json]]:
    """Return the rows of a list in the numbers of a page."""
    found = facts.get(key)
    return [one for one in found if isinstance(one, list)] if isinstance(found, list) else []


def listed(facts: Facts, of: str, release: Json, root: str) -> Markup:
    """Return the list of modules, organisations or people that a page has for a release, in alphabetical order."""
    rows = [row for row in rows_of(facts, of) if row[2] == release]
    heads = {"module": say("Module"), "organisation": say("Organisation"), "person": say("Person")}
    made = [(to_page(of, str(row[0]), str(row[1]), root), numbers(row[3:])) for row in rows]
    return numbers_table(f"{heads[of]}, {release_name(release)}", heads[of], [*SUMS, "days"], made)


def weeks(facts: Facts) -> Markup:
    """Return the timeline of a page with the table of its numbers; empty without any."""
    rows = {int(str(row[0])): numbers(row[1:]) for row in rows_of(facts, "weeks")}
    if not rows:
        return EMPTY
    step, first, last = 7 * 86_400, min(rows), max(rows)
    shown = [first + step * place for place in range(min((last - first) // step + 1, 160))]
    called = metric_names()
    names = ("commits", "reviews", "messages")
    series = [
        Series(called[one], [rows.get(week, [0, 0, 0])[place] for week in shown])
        for place, one in enumerate(names)
        if any(row[place] for row in rows.values())
    ]
    if not series:
        return EMPTY
    labels = [f"{datetime.fromtimestamp(week, UTC).date()}" for week in shown]
    return section(say("Weeks"), drawn(Chart(say("By week, which begins on Monday"), say("Week"), labels, series)))


def drawn(chart: Chart, kind: Callable[[Chart], ChartNode] = columns) -> Markup:
    """Return the HTML of a chart: drawing, legend, table of numbers."""
    made = kind(chart)
    legend = joined(
        Markup("<li><p>{}</p></li>").format(joined(_inline(one) for one in item.findall(_is_shown)))
        for found in made.findall(nodes.bullet_list)
        for item in found.findall(nodes.list_item)
    )
    heads, *rows = ([cell.astext() for cell in row.children] for row in table_of(chart).findall(nodes.row))
    return Markup('<figure class="ptg-chart"><p class="ptg-chart-title">{}</p>{}{}{}</figure>').format(
        chart.title,
        _inline(next(iter(made.findall(Drawing)))),
        Markup('<ul class="ptg-legend">{}</ul>').format(legend) if legend else EMPTY,
        fold(say("Numbers"), table(chart.title, heads, rows)),
    )


def _is_shown(node: nodes.Node) -> bool:
    return isinstance(node, Drawing | nodes.Text)


def _inline(node: nodes.Node) -> Markup:
    # The drawing is made and escaped by the module of charts.
    return Markup(node["svg"]) if isinstance(node, Drawing) else escape(node.astext())  # noqa: S704
