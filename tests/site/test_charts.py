"""Charts: what is drawn, and the numbers below."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from docutils import nodes
from hypothesis import given
from hypothesis import strategies as st

from ptgbot_site.build.charts import MOST_SERIES, SHEET, Chart, Drawing, Series, columns, lines, number, steps

WEEKS = ("W1", "W2", "W3")
REVIEWS = Chart("Reviews & votes", "Week", WEEKS, [Series("<core>", [1, None, 3]), Series("others", [0.5, 2, 1234])])


def drawing(chart: nodes.Element) -> ElementTree.Element:
    (svg, *_) = chart.findall(Drawing)
    return ElementTree.fromstring(svg["svg"])


def texts(chart: nodes.Element) -> list[list[str]]:
    return [[entry.astext() for entry in row.findall(nodes.entry)] for row in chart.findall(nodes.row)]


@pytest.mark.parametrize("make", [lines, columns])
def test_table_below_has_every_number(make: Any) -> None:
    heads, *rows = texts(make(REVIEWS))
    assert heads == ["Week", "<core>", "others"]
    assert rows == [["W1", "1", "0.5"], ["W2", "–", "2"], ["W3", "3", "1,234"]]


@pytest.mark.parametrize("make", [lines, columns])
def test_title_and_legend_name_what_is_drawn(make: Any) -> None:
    chart = make(REVIEWS)
    assert drawing(chart).findtext("title") == "Reviews & votes"
    (legend,) = chart.findall(nodes.bullet_list)
    assert legend.astext().split("\n\n") == ["<core>", "others"]
    assert not list(make(Chart("x", "Week", WEEKS, REVIEWS.series[:1])).findall(nodes.bullet_list))


def test_unknown_value_interrupts_its_line() -> None:
    drawn = drawing(lines(REVIEWS))
    assert len(drawn.findall("circle[@class='ptg-fill-0']")) == 2
    (others,) = drawn.findall("polyline[@class='ptg-line-1']")
    ys = [float(point.split(",")[1]) for point in others.attrib["points"].split()]
    assert ys == sorted(ys, reverse=True)


def test_columns_stack_in_order_of_series() -> None:
    drawn = drawing(columns(Chart("x", "Day", ["Mon"], [Series("a", [1]), Series("b", [3])], unit=" %", top=8)))
    first, second = drawn.findall("rect")
    assert [one.findtext("title") for one in (first, second)] == ["Mon, a: 1 %", "Mon, b: 3 %"]
    low, high = float(first.attrib["height"]), float(second.attrib["height"])
    assert high == pytest.approx(3 * low)
    assert float(second.attrib["y"]) + high == pytest.approx(float(first.attrib["y"]))
    assert float(first.attrib["y"]) + low == pytest.approx(128)


def test_each_series_has_a_pattern_of_its_own() -> None:
    many = Chart("x", "Day", ["Mon"], [Series(str(n), [1]) for n in range(MOST_SERIES)])
    drawn = drawing(columns(many))
    hatches = [[path.attrib["d"] for path in one.iter("path")] for one in drawn.iter("pattern")]
    assert len(set(map(str, hatches))) == MOST_SERIES
    dashes = {line.get("stroke-dasharray") for line in drawing(lines(_wide(many))).iter("polyline")}
    assert len(dashes) == MOST_SERIES
    sheet = SHEET.read_text(encoding="utf-8")
    assert all(f".ptg-{kind}-{n} {{" in sheet for n in range(MOST_SERIES) for kind in ("line", "fill"))


def _wide(chart: Chart) -> Chart:
    return Chart("x", "Day", ["Mon", "Tue"], [Series(one.name, [*one.values, 2]) for one in chart.series])


def test_patterns_of_two_charts_have_different_ids() -> None:
    others = Chart("other", "Week", WEEKS, REVIEWS.series)
    ids = [one.attrib["id"] for chart in (REVIEWS, others) for one in drawing(columns(chart)).iter("pattern")]
    assert len(set(ids)) == len(ids) == 4


def test_labels_without_space_are_left_out() -> None:
    days = [f"2026-11-{n:02}" for n in range(1, 31)]
    drawn = drawing(columns(Chart("x", "Day", days, [Series("runs", [1] * 30)])))
    shown = [one.text for one in drawn.iter("text") if one.text in days]
    assert (shown[0], shown[-1]) == (days[0], days[-1])
    assert 3 <= len(shown) <= 6


@given(st.floats(0, 1e12))
def test_scale_reaches_the_largest_value(top: float) -> None:
    found = steps(top)
    assert found[0] == 0
    assert found[-1] >= top
    assert 2 <= len(found) <= 6
    assert found[-1] <= max(top * 2, 1)


def test_numbers_are_written_as_they_are_read() -> None:
    assert [number(one) for one in (None, 0, 2.0, 2.25, 1234567, 123.4)] == ["–", "0", "2", "2.2", "1,234,567", "123"]


def test_unfit_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="1 to 6 series, not 0"):
        Chart("x", "Day", [], [])
    with pytest.raises(ValueError, match="a value for each label"):
        Chart("x", "Day", ["Mon"], [Series("a", [])])
    with pytest.raises(ValueError, match="0 or more"):
        columns(Chart("x", "Day", ["Mon"], [Series("a", [-1])]))


def test_chart_without_labels_is_an_empty_frame() -> None:
    chart = lines(Chart("x", "Day", [], [Series("a", [])]))
    assert drawing(chart).findtext("title") == "x"
    assert texts(chart) == [["Day", "a"]]


def test_nothing_is_styled_inline() -> None:
    for chart in (lines(REVIEWS), columns(REVIEWS)):
        assert not re.search(r"style=|<script|on[a-z]+=", "".join(one["svg"] for one in chart.findall(Drawing)))


CONF = """
man_pages = [("index", "x", "x", [], 1)]

from docutils.parsers.rst import Directive
from ptgbot_site.build import charts
from ptgbot_site.build.nodes import setup_nodes
from tests.site.test_charts import REVIEWS

class Reviews(Directive):
    def run(self):
        return [charts.columns(REVIEWS)]

def setup(app):
    setup_nodes(app)
    charts.setup_charts(app)
    app.add_directive("reviews", Reviews)
"""


@pytest.mark.parametrize(("builder", "suffix"), [("html", ".html"), ("text", ".txt"), ("man", ".1")])
def test_every_builder_writes_the_numbers(tmp_path: Path, builder: str, suffix: str) -> None:
    (tmp_path / "conf.py").write_text(CONF)
    (tmp_path / "index.rst").write_text(":orphan:\n\nTitle\n=====\n\n.. reviews::\n")
    command = [sys.executable, "-m", "sphinx", "-W", "-q", "-b", builder]
    subprocess.run([*command, tmp_path, tmp_path / "out"], check=True, cwd=ROOT)
    written = "".join(path.read_text() for path in (tmp_path / "out").glob(f"*{suffix}"))
    assert "1,234" in written
    assert ("<svg" in written) == (builder == "html")


ROOT = Path(__file__).parents[2]
