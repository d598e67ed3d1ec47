"""What is shown: pots as lists, one pot on a page of its own, and a word on pages of others."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from docutils import nodes

from ptgbot_site.build import api
from ptgbot_site.build.api import State, StateDirective, View, say, text_of
from ptgbot_site.build.times import clock
from ptgbot_site.build.typed import link, plain

POTS = "coffee.pots"
POT = "coffee.pot"


class Pots(StateDirective):
    """Shows every pot, where it stands and until when it is fresh."""

    kind = "pots"
    needs = (POTS,)
    mentions = True

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> Sequence[nodes.Node]:
        """Return a list of pots."""
        rows = [_line(view, row) for row in view.state.rows(POTS)]
        return [api.items(rows, "coffee-pots")] if rows else [api.note(say("No pot is known yet."))]


class Pot(StateDirective):
    """Shows one pot as the title and the content of a page."""

    kind = "pot"
    needs = (POTS,)
    mentions = True
    required_arguments = 1

    def uses(self) -> set[str]:
        """Return the slice of this pot as well."""
        return super().uses() | {f"{POT}:{self.arguments[0]}"}

    def given(self) -> dict[str, str]:
        """Return which pot was asked for."""
        return {"pot": self.arguments[0]}

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> Sequence[nodes.Node]:
        """Return a heading and a line."""
        row = view.state.table(f"{POT}:{given['pot']}")
        return [api.title(given["pot"]), _line(view, row)]


def _line(view: View, row: Mapping[str, Any]) -> nodes.paragraph:
    name = text_of(row, "name")
    page = view.page(f"pots/{name}")
    parts: list[nodes.Node] = [link(page, plain(name)) if page else plain(name), view.typed(text_of(row, "place"))]
    if until := view.moment(row.get("until")):
        parts.append(nodes.inline("", say("fresh until") + " ", clock(until)))
    return api.line(*parts)


def _titles(state: State) -> Mapping[str, str]:
    return {name: name for row in state.rows(POTS) if (name := text_of(row, "name"))}


def _source(slug: str) -> str:
    return f".. ptg:pot:: {slug}\n"


PAGES = api.Collection("pots", _titles, _source)


def _feed(state: State) -> Mapping[str, bytes]:
    return {"pots.json": json.dumps(state.rows(POTS)).encode()}


FEED = api.Feed("pots", [POTS], _feed, [api.FeedLink("pots.json", lambda: say("Coffee"))], needs=[POTS])


def _nearby(view: View, track: str) -> list[nodes.Node]:
    near = [row for row in view.state.rows(POTS) if f"#{track}" in text_of(row, "place")]
    return [_line(view, row) for row in near]


def _fresh(view: View, _given: str) -> list[nodes.Node]:
    fresh = [text_of(row, "name") for row in view.state.rows(POTS) if row.get("until")]
    return [nodes.paragraph("", say("Fresh coffee: %s") % ", ".join(fresh), classes=["coffee-banner"])] if fresh else []


NEARBY = api.Part(_nearby, lambda _given: [POTS])
BANNER = api.Part(_fresh, lambda _given: [POTS])
