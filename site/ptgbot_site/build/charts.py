"""Charts as inline SVG, with the numbers in a table below.

Series differ in their patterns and signs, not in colours only; colours are those of the style sheet. Nothing is styled
inline, so that the strictest content security policy holds.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from attrs import field, frozen
from docutils import nodes

from ptgbot_site.build.nodes import ptg_fold, ptg_header, ptg_summary
from ptgbot_site.build.theme import THEME
from ptgbot_site.build.words import say

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

MOST_SERIES = 6
"""Series that the style sheet can tell apart."""
_WIDTH, _LEFT, _TOP, _HIGH, _BELOW = 400, 40, 8, 120, 18
"""In units of the drawing: its width; space for the scale; space above, height of the plot, space for labels below."""
SHEET = THEME / "assets" / "charts.css"
"""The style sheet, for pages that have charts."""
_LETTER = 6
"""About the width of a letter."""
_DASHES = ("", "6 3", "2 3", "8 3 2 3", "4 4", "1 4")
_HATCHES = ("", "M0 6L6 0", "M2 3h2", "M0 0L6 6", "M0 3H6", "M3 0V6")


@frozen
class Series:
    """Numbers of one kind, one for each label of a chart."""

    name: str
    values: Sequence[float | None]
    """None where nothing is known."""


@frozen
class Chart:
    """What a chart shows.

    Raises:
        ValueError: there are no series or too many, or one has not as many values as there are labels.
    """

    title: str
    head: str
    """What the labels are, such as ``Week``; the head of the first column of the table."""
    labels: Sequence[str]
    series: Sequence[Series]
    unit: str = ""
    """Written behind each number, such as `` %``."""
    top: float = field(default=0.0)
    """The least value at the top of the scale, such as 100 for percentages."""

    def __attrs_post_init__(self) -> None:
        if not 0 < len(self.series) <= MOST_SERIES:
            raise ValueError(f"a chart has 1 to {MOST_SERIES} series, not {len(self.series)}")
        if any(len(one.values) != len(self.labels) for one in self.series):
            raise ValueError("each series needs a value for each label")


class ChartNode(nodes.container):
    """A title, a drawing and the table of its numbers."""


class Drawing(nodes.General, nodes.Element):
    """A drawing; ``svg`` is its SVG. Builders of other formats than HTML leave it out."""


def lines(chart: Chart) -> ChartNode:
    """Return a chart with one line for each series. Unknown values are gaps."""
    known = (value for one in chart.series for value in one.values if value is not None)
    scale = _Scale(max(chart.top, 0, *known), len(chart.labels))
    parts = [part for n, one in enumerate(chart.series) for part in _line(n, one, scale)]
    return _figure(chart, scale, parts, [_line_sample(n) for n in range(len(chart.series))])


def columns(chart: Chart) -> ChartNode:
    """Return a chart with one column for each label, in which the series lie upon each other, the first at the bottom.

    Raises:
        ValueError: a value is below 0.
    """
    if any((value or 0) < 0 for one in chart.series for value in one.values):
        raise ValueError("a column needs values of 0 or more")
    sums = (sum(one.values[i] or 0 for one in chart.series) for i in range(len(chart.labels)))
    scale = _Scale(max(chart.top, 0, *sums), len(chart.labels))
    name = hashlib.sha256(repr(chart).encode()).hexdigest()[:8]
    parts = [part for i in range(len(chart.labels)) for part in _column(chart, i, scale, name)]
    fills = [_pattern(n, name) for n in range(len(chart.series))]
    return _figure(chart, scale, [*fills, *parts], [_column_sample(n, name) for n in range(len(chart.series))])


def table_of(chart: Chart) -> nodes.table:
    """Return the numbers of a chart as a table."""
    heads = [chart.head, *(one.name for one in chart.series)]
    rows = [
        [label, *(number(one.values[i], chart.unit) for one in chart.series)] for i, label in enumerate(chart.labels)
    ]
    # Only builders of plain text use the widths.
    widths = [max(map(len, column)) + 2 for column in zip(heads, *rows, strict=True)]
    head = nodes.row("", *(ptg_header("", nodes.paragraph("", one), scope="col") for one in heads))
    parts = [nodes.thead("", head), nodes.tbody("", *map(_row, rows))]
    group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for width in widths), *parts, cols=len(heads))
    return nodes.table("", group, classes=["ptg-facts", "colwidths-auto"])


def number(value: float | None, unit: str = "") -> str:
    """Return a number as it is read: thousands apart, at most one decimal, a dash for none."""
    if value is None:
        return "–"
    shown = f"{value:,.0f}" if value == round(value) or abs(value) >= 100 else f"{value:,.1f}"
    return f"{shown}{unit}"


def steps(top: float) -> list[float]:
    """Return values from 0 up to ``top`` or above, in at most five steps of 1, 2 or 5 times a power of ten."""
    if top < 1e-6:
        return [0, 1]
    least = top / 4
    power = 10.0 ** math.floor(math.log10(least))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))
    return [round(step * n, 10) for n in range(math.ceil(top / step - 1e-9) + 1)]


@frozen
class _Scale:
    """Where values and labels are in the drawing."""

    top: float
    count: int
    steps: Sequence[float] = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "steps", steps(self.top))

    @property
    def step(self) -> float:
        """The width that one label has."""
        return (_WIDTH - _LEFT) / max(self.count, 1)

    def x(self, place: int) -> float:
        """Return the middle of a label's place."""
        return _LEFT + self.step * (place + 0.5)

    def y(self, value: float) -> float:
        return _TOP + _HIGH * (1 - value / self.steps[-1])


def _figure(chart: Chart, scale: _Scale, parts: Sequence[str], samples: Sequence[str]) -> ChartNode:
    inside = "".join([f"<title>{escape(chart.title)}</title>", *_grid(chart, scale), *_labels(chart, scale), *parts])
    high = _TOP + _HIGH + _BELOW
    svg = f'<svg class="ptg-drawing" role="img" viewBox="0 0 {_WIDTH} {high}" focusable="false">{inside}</svg>\n'
    title = nodes.paragraph("", chart.title, classes=["ptg-chart-title"])
    fold = ptg_fold("", ptg_summary("", "", nodes.Text(say("Numbers"))), table_of(chart))
    return ChartNode("", title, Drawing("", svg=svg), *_legend(chart, samples), fold, classes=["ptg-chart"])


def _legend(chart: Chart, samples: Sequence[str]) -> list[nodes.Node]:
    """Return the names of the series, each with a sample, nothing if there is only one."""
    if len(chart.series) < 2:
        return []
    items = []
    for one, sample in zip(chart.series, samples, strict=True):
        svg = f'<svg class="ptg-sample" viewBox="0 0 16 10" aria-hidden="true" focusable="false">{sample}</svg> '
        items.append(nodes.list_item("", nodes.paragraph("", "", Drawing("", svg=svg), nodes.Text(one.name))))
    return [nodes.bullet_list("", *items, classes=["ptg-legend"])]


def _grid(chart: Chart, scale: _Scale) -> Iterator[str]:
    for value in scale.steps:
        y = _short(scale.y(value))
        yield f'<line class="ptg-scale" x1="{_LEFT}" x2="{_WIDTH}" y1="{y}" y2="{y}"/>'
        yield f'<text x="{_LEFT - 4}" y="{_short(scale.y(value) + 3.5)}" text-anchor="end">'
        yield f"{escape(_axis(value))}{escape(chart.unit)}</text>"


def _labels(chart: Chart, scale: _Scale) -> Iterator[str]:
    """Yield as many labels as have space, the first and the last among them."""
    longest = max((len(label) for label in chart.labels), default=0)
    every = max(1, math.ceil((longest + 1) * _LETTER / scale.step))
    last = len(chart.labels) - 1
    # The first and the last label lie beside their places, so that they need half a label more.
    shown = [i for i in range(0, last + 1, every) if i == 0 or min(i, last - i) >= every * 1.5 or every == 1]
    for i in dict.fromkeys((*shown, *([last] if last > 0 else []))):
        anchor = "start" if i == 0 and every > 1 else "end" if i == last and every > 1 else "middle"
        x = {"start": _LEFT, "end": _WIDTH}.get(anchor, scale.x(i))
        yield f'<text x="{_short(x)}" y="{_TOP + _HIGH + 14}" text-anchor="{anchor}">{escape(chart.labels[i])}</text>'


def _line(n: int, one: Series, scale: _Scale) -> Iterator[str]:
    for run in _runs(one.values):
        points = " ".join(f"{_short(scale.x(i))},{_short(scale.y(value))}" for i, value in run)
        if len(run) > 1:
            yield f'<polyline class="ptg-line-{n}" points="{points}"{_dashes(n)}/>'
        else:
            x, _, y = points.partition(",")
            yield f'<circle class="ptg-fill-{n}" cx="{x}" cy="{y}" r="2.5"/>'


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """Return the parts of a series between its gaps, as places with their values."""
    runs: list[list[tuple[int, float]]] = [[]]
    for i, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((i, value))
    return [run for run in runs if run]


def _line_sample(n: int) -> str:
    return f'<path class="ptg-line-{n}" d="M0 5H16"{_dashes(n)}/>'


def _dashes(n: int) -> str:
    return f' stroke-dasharray="{_DASHES[n]}"' if _DASHES[n] else ""


def _pattern(n: int, name: str) -> str:
    """Return how a series fills its part of a column: its colour, and lines or dots in that of the ground."""
    drawn = f'<path class="ptg-hatch" d="{_HATCHES[n]}"/>' if _HATCHES[n] else ""
    inside = f'<rect class="ptg-fill-{n}" width="6" height="6"/>{drawn}'
    return f'<pattern id="fill-{name}-{n}" width="6" height="6" patternUnits="userSpaceOnUse">{inside}</pattern>'


def _column_sample(n: int, name: str) -> str:
    return f'<rect width="16" height="10" fill="url(#fill-{name}-{n})"/>'


def _column(chart: Chart, i: int, scale: _Scale, name: str) -> Iterator[str]:
    width, below = max(scale.step * 0.8, 0.5), 0.0
    for n, one in enumerate(chart.series):
        if value := one.values[i]:
            y, high = scale.y(below + value), scale.y(below) - scale.y(below + value)
            told = f"{chart.labels[i]}, {one.name}: {number(value, chart.unit)}"
            yield f'<rect fill="url(#fill-{name}-{n})" x="{_short(scale.x(i) - width / 2)}" y="{_short(y)}" '
            yield f'width="{_short(width)}" height="{_short(high)}"><title>{escape(told)}</title></rect>'
            below += value


def _row(texts: Sequence[str]) -> nodes.row:
    first, *others = (nodes.paragraph("", text) for text in texts)
    return nodes.row("", ptg_header("", first, scope="row"), *(nodes.entry("", one) for one in others))


def _axis(value: float) -> str:
    for least, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= least:
            return f"{value / least:g}{sign}"
    return f"{value:g}"


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _visit_chart(self: HTML5Translator, node: ChartNode) -> None:
    self.body.append(self.starttag(node, "figure"))


def _depart_chart(self: HTML5Translator, _node: ChartNode) -> None:
    self.body.append("</figure>\n")


def _visit_drawing(self: HTML5Translator, node: Drawing) -> None:
    self.body.append(node["svg"])
    raise nodes.SkipNode


def _leave_out(_self: nodes.NodeVisitor, _node: Drawing) -> None:
    raise nodes.SkipNode


def setup_charts(app: Sphinx) -> None:
    """Register what each builder writes of a chart."""
    app.add_node(ChartNode, html=(_visit_chart, _depart_chart))
    none = (_leave_out, None)
    app.add_node(Drawing, html=(_visit_drawing, None), text=none, latex=none, man=none, texinfo=none)
