"""What all directives of the domain ``ptg`` share: they leave a placeholder and say which slices it shows."""

from __future__ import annotations

import abc
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from ptgbot_site.build.nodes import ptg_item, ptg_items, ptg_list, ptg_placeholder, ptg_written
from ptgbot_site.build.typed import plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say

MENTIONS = "ptg:mentions"
"""Stands for the slices of everything that ``#name`` in typed text may mean."""


class StateDirective(SphinxDirective, abc.ABC):
    """A directive that shows slices of the state. It never looks at the state itself: pages are read once."""

    kind: ClassVar[str]
    """Its name in the domain."""
    needs: ClassVar[tuple[str, ...]]
    """Slices, named ``FEATURE.NAME``, without which there is nothing to show."""
    also: ClassVar[tuple[str, ...]] = ()
    """Further slices it shows."""
    shared: ClassVar[tuple[str, ...]] = ()
    """Those of them on which each piece that it remembers (:meth:`View.piece`) depends."""
    mentions: ClassVar[bool] = False
    """Whether it shows typed text (:meth:`View.typed`), in which ``#name`` may mean something of any feature."""

    vanishes: ClassVar[bool] = False
    """Whether nothing at all stands on the page where there is nothing to show."""

    def uses(self) -> set[str]:
        """Return the slices that this one shows."""
        return {*self.needs, *self.also, *([MENTIONS] if self.mentions else [])}

    def given(self) -> dict[str, str]:
        """Return its argument and options, for :meth:`render`."""
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
        """Return what is shown. ``given`` holds what :meth:`given` returned, and as ``id`` the anchor of the part."""


def note(text: str) -> nodes.paragraph:
    """Return a sentence of ours for where there is nothing to show."""
    return nodes.paragraph("", text, classes=["ptg-nothing"])


def missing(names: Sequence[str]) -> list[nodes.Node]:
    """Return what a directive shows whose slices the builder does not have."""
    text = say("This part needs the state of the bot (%s); set ptg_state to a ptg.json file.")
    return [note(text % ", ".join(names))]


def items(rows: Iterable[nodes.Node], *classes: str) -> ptg_list:
    """Return a list with one item for each row; a row may be an item already."""
    made = [row if isinstance(row, nodes.list_item | ptg_items | ptg_written) else ptg_item("", row) for row in rows]
    return ptg_list("", *made, classes=["ptg-list", *classes])


def title(text: str, level: int = 1) -> nodes.rubric:
    """Return a heading whose text is only known when the page is written."""
    head = nodes.rubric("", "", plain(text))
    head["heading-level"] = level
    return head


def line(*parts: nodes.Node) -> nodes.paragraph:
    """Return a paragraph of parts with blanks between, so that it reads well without a style sheet too."""
    spaced: list[nodes.Node] = []
    for part in parts:
        spaced += [nodes.Text(" "), part] if spaced else [part]
    return nodes.paragraph("", "", *spaced)
