"""Doctree nodes of our own. Each is a kind of a standard node, so that every builder can write it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator


class ptg_placeholder(nodes.General, nodes.Element):  # noqa: N801 - docutils finds visitors by this name
    """Stands where a directive stood until its page is written."""


class ptg_inline(nodes.inline):  # noqa: N801
    """Stands where a role stood until its page is written; holds the text to fall back to."""


class ptg_typed(nodes.inline):  # noqa: N801
    """Text that somebody typed: its direction is its own and stays inside it."""


class ptg_time(nodes.inline):  # noqa: N801
    """A moment; ``datetime`` holds it for machines."""


class ptg_part(nodes.container):  # noqa: N801
    """What a directive shows; ``ids`` name it for the live script."""


class ptg_scroll(nodes.container):  # noqa: N801
    """A box that scrolls sideways and can be reached by keyboard; ``label`` says what it holds."""


def _visit_typed(self: HTML5Translator, node: ptg_typed) -> None:
    self.body.append(self.starttag(node, "bdi", ""))


def _depart_typed(self: HTML5Translator, node: ptg_typed) -> None:
    self.body.append("</bdi>")


def _visit_time(self: HTML5Translator, node: ptg_time) -> None:
    self.body.append(self.starttag(node, "time", "", datetime=node["datetime"]))


def _depart_time(self: HTML5Translator, node: ptg_time) -> None:
    self.body.append("</time>")


def _visit_part(self: HTML5Translator, node: ptg_part) -> None:
    self.body.append(self.starttag(node, "div"))


def _visit_scroll(self: HTML5Translator, node: ptg_scroll) -> None:
    self.body.append(self.starttag(node, "div", tabindex="0", role="region", **{"aria-label": node["label"]}))


def _depart_box(self: HTML5Translator, node: nodes.container) -> None:
    self.body.append("</div>\n")


def setup_nodes(app: Sphinx) -> None:
    """Register how HTML writes them; other builders fall back to the standard node."""
    app.add_node(ptg_placeholder)
    app.add_node(ptg_inline)
    app.add_node(ptg_typed, html=(_visit_typed, _depart_typed))
    app.add_node(ptg_time, html=(_visit_time, _depart_time))
    app.add_node(ptg_part, html=(_visit_part, _depart_box))
    app.add_node(ptg_scroll, html=(_visit_scroll, _depart_box))
