"""The nodes of the grid: its rows tell the script their times, its cells may reach over several rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator


class TimeRow(nodes.row):
    """A row of the grid; ``data-start`` and ``data-end`` hold its times."""


class GridCell(nodes.entry):
    """A cell of the grid; ``scope`` makes it the head of its row or column."""


def _visit_times(self: HTML5Translator, node: TimeRow) -> None:
    told = {name: value for name, value in node.attributes.items() if name.startswith("data-")}
    self.body.append(self.starttag(node, "tr", "", **told))


def _depart_times(self: HTML5Translator, node: TimeRow) -> None:
    self.body.append("</tr>\n")


def _visit_cell(self: HTML5Translator, node: GridCell) -> None:
    scope = node.get("scope")
    attributes = {"scope": scope} if scope else {}
    for name, key in (("rowspan", "morerows"), ("colspan", "morecols")):
        if node.get(key):
            attributes[name] = str(node[key] + 1)
    self.body.append(self.starttag(node, "th" if scope else "td", "", **attributes))


def _depart_cell(self: HTML5Translator, node: GridCell) -> None:
    self.body.append("</th>" if node.get("scope") else "</td>")


def setup_cells(app: Sphinx) -> None:
    """Register the HTML of the nodes."""
    app.add_node(TimeRow, html=(_visit_times, _depart_times))
    app.add_node(GridCell, html=(_visit_cell, _depart_cell))
