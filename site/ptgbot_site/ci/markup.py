"""HTML of the board's finished pages. Everything that events brought is escaped, and long names are cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from docutils import nodes
from markupsafe import Markup, escape

from ptgbot.chat.urls import safe_url
from ptgbot_site.build.charts import Chart, ChartNode, Drawing, table_of
from ptgbot_site.build.markup import EMPTY, joined
from ptgbot_site.build.words import say


def web_address(address: str | None) -> str:
    """Return an address of http or https unchanged, the empty string for anything else."""
    is_web = address and address.startswith(("http://", "https://")) and safe_url(address) is not None
    return address if address and is_web else ""


def outside(address: str | None, label: str | Markup) -> Markup:
    """Return a link to another site, or only its label if the address is not one of http or https."""
    if not web_address(address):
        return escape(label)
    return Markup('<a href="{}" rel="nofollow noopener">{}</a>').format(address, label)


def moment(at: int) -> Markup:
    """Return a moment (seconds since 1970), which the script of the page shows in the reader's zone."""
    time = datetime.fromtimestamp(at, UTC)
    return Markup('<time class="ci-time" datetime="{:%Y-%m-%dT%H:%M:%SZ}">{:%Y-%m-%d %H:%M} UTC</time>').format(
        time, time
    )


def lasted(seconds: int | None) -> str:
    """Return a length of time in its two largest units, such as ``2 h 5 min``; a dash for None."""
    if seconds is None:
        return "–"
    for unit, size, smaller, part in (("d", 86_400, "h", 3600), ("h", 3600, "min", 60)):
        if seconds >= size:
            rest = seconds % size // part
            return f"{seconds // size} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{seconds // 60} min" if seconds >= 60 else f"{seconds} s"


def percent(share: float | None) -> str:
    """Return a share as a percentage; a dash for None."""
    if share is None:
        return "–"
    whole = share * 100
    # A hundred is only what has no exception.
    return f"{min(whole, 99.9):.1f} %" if 99 < whole < 100 else f"{whole:.0f} %"


def items(rows: Iterable[Markup], of: str = "ci-items") -> Markup:
    """Return a list; empty without rows."""
    made = [Markup("<li>{}</li>").format(row) for row in rows]
    return Markup('<ul class="{}">{}</ul>').format(of, joined(made)) if made else EMPTY


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Markup | str]], of: str = "") -> Markup:
    """Return a table whose first column names its rows; empty without rows.

    Args:
        caption: its title, which also names the region that scrolls.
        heads: the heads of the columns.
        rows: their cells.
        of: classes of the table.
    """
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
        '<div class="ci-scroll" tabindex="0" role="region" aria-label="{0}"><table class="ci-table {1}">'
        '<caption class="ptg-spoken">{0}</caption><thead><tr>{2}</tr></thead><tbody>{3}</tbody></table></div>'
    ).format(caption, of, top, joined(made))


def facts(rows: Iterable[tuple[str, Markup | str]]) -> Markup:
    """Return names with their values."""
    return Markup('<dl class="ci-facts">{}</dl>').format(
        joined(Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(*row) for row in rows)
    )


def page(title: str | Markup, *content: Markup) -> str:
    """Return the body of a page."""
    return str(Markup('<div class="ptg ci"><h1>{}</h1>{}</div>').format(title, joined(content)))


def chart(chart_of: Chart, made: ChartNode) -> Markup:
    """Return the HTML of a chart that :mod:`ptgbot_site.build.charts` has made: drawing, legend, table of numbers."""
    legend = joined(
        Markup("<li><p>{}</p></li>").format(joined(_inline(one) for one in item.findall(_is_shown)))
        for found in made.findall(nodes.bullet_list)
        for item in found.findall(nodes.list_item)
    )
    drawing = next(iter(made.findall(Drawing)))
    numbers = joined(_row(row) for row in table_of(chart_of).findall(nodes.row))
    return Markup(
        '<figure class="ptg-chart"><p class="ptg-chart-title">{}</p>{}{}<details><summary>{}</summary>'
        '<table class="ci-table">{}</table></details></figure>'
    ).format(
        chart_of.title,
        Markup(drawing["svg"]),  # noqa: S704 - made and escaped by the module of charts
        Markup('<ul class="ptg-legend">{}</ul>').format(legend) if legend else EMPTY,
        say("Numbers"),
        numbers,
    )


def _is_shown(node: nodes.Node) -> bool:
    return isinstance(node, Drawing | nodes.Text)


def _inline(node: nodes.Node) -> Markup:
    return Markup(node["svg"]) if isinstance(node, Drawing) else escape(node.astext())  # noqa: S704 - as above


def _row(row: nodes.row) -> Markup:
    is_head = isinstance(row.parent, nodes.thead)
    cells = [one.astext() for one in row.children]
    first = Markup('<th scope="{}">{}</th>').format("col" if is_head else "row", cells[0])
    kind = Markup('<th scope="col">{}</th>') if is_head else Markup("<td>{}</td>")
    return Markup("<tr>{}{}</tr>").format(first, joined(kind.format(one) for one in cells[1:]))
