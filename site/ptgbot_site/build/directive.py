"""The base of all directives of the domain ``ptg``: they leave a placeholder that names the slices they show."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from ptgbot_site.build.nodes import (
    ptg_heading,
    ptg_item,
    ptg_items,
    ptg_line,
    ptg_link,
    ptg_list,
    ptg_placeholder,
    ptg_written,
)
from ptgbot_site.build.typed import plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say

MENTIONS = "ptg:mentions"
"""Stands for the slices of everything that ``#name`` in typed text may mean."""


class StateDirective(SphinxDirective, abc.ABC):
    """A directive that shows slices of the state.

    It never looks at the state itself, because Sphinx keeps read pages.
    """

    kind: ClassVar[str]
    """Its name in the domain."""
    needs: ClassVar[tuple[str, ...]]
    """Names (``FEATURE.NAME``) of the slices that it cannot do without."""
    also: ClassVar[tuple[str, ...]] = ()
    """Names of further slices that it shows."""
    shared: ClassVar[tuple[str, ...]] = ()
    """Those of them on which each of its cached pieces (:meth:`View.piece`) depends."""
    mentions: ClassVar[bool] = False
    """Whether it shows typed text (:meth:`View.typed`), in which ``#name`` may mean something of any feature."""

    vanishes: ClassVar[bool] = False
    """Whether it leaves no trace on the page when it has nothing to show."""

    def uses(self) -> set[str]:
        """Return the names of the slices that this directive shows."""
        return {*self.needs, *self.also, *([MENTIONS] if self.mentions else [])}

    def given(self) -> dict[str, str]:
        """Return argument and options for :meth:`render`."""
        return {}

    def run(self) -> list[nodes.Node]:
        """Leave a placeholder."""
        number = self.env.new_serialno("ptg")
        name = nodes.make_id(f"ptg-{self.kind}-{self.env.docname}-{number}")
        given = {**self.given(), "id": name}
        place = ptg_placeholder("", kind=self.kind, given=given, uses=sorted(self.uses()), ids=[name])
        self.set_source_info(place)
        return [place]

    @staticmethod
    @abc.abstractmethod
    def render(view: View, given: Mapping[str, Any]) -> Sequence[nodes.Node]:
        """Return the nodes to show. ``given`` holds the result of :meth:`given`, and ``id``, the anchor of the part."""


def note(text: str) -> nodes.paragraph:
    """Return a sentence to show when there is nothing else to show."""
    return nodes.paragraph("", text, classes=["ptg-nothing"])


def missing(names: Sequence[str]) -> list[nodes.Node]:
    """Return the nodes of a directive for which the builder lacks slices."""
    text = say("This part needs the state of the bot (%s); set ptg_state to a ptg.json file.")
    return [note(text % ", ".join(names))]


def items(rows: Iterable[nodes.Node], *classes: str) -> ptg_list:
    """Return a list with an item for each row. A row may be an item already."""
    made = [row if isinstance(row, nodes.list_item | ptg_items | ptg_written) else ptg_item("", row) for row in rows]
    return ptg_list("", *made, classes=["ptg-list", *classes])


def jump(address: str, label: Sequence[nodes.Node], *classes: str) -> nodes.Element:
    """Return a link to a page; where it would lead to the page itself, its name, marked."""
    if address:
        return ptg_link("", "", *label, refuri=address, internal=True, classes=[*classes])
    return nodes.inline("", "", *label, classes=[*classes, "ptg-here"])


def title(text: str, level: int = 1) -> nodes.rubric:
    """Return a heading whose text is only known when the page is written."""
    head = nodes.rubric("", "", plain(text))
    head["heading-level"] = level
    return head


def heading(level: int, *children: nodes.Node) -> ptg_heading:
    """Return a heading within a line. Builders without such headings show its children."""
    return ptg_heading("", "", *children, level=level)


def line(*parts: nodes.Node) -> nodes.paragraph:
    """Return a paragraph of parts separated by blanks, so that it is readable without a style sheet."""
    return nodes.paragraph("", "", *spaced(parts))


def entry(*parts: nodes.Node, **told: str) -> ptg_item:
    """Return an item of a list that holds one line, without an element for the line; ``told`` are its attributes."""
    return ptg_item("", ptg_line("", "", *spaced(parts)), **told)


def spaced(parts: Iterable[nodes.Node]) -> list[nodes.Node]:
    """Return nodes with a blank between any two."""
    return [piece for part in parts for piece in (nodes.Text(" "), part)][1:]
