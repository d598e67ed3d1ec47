"""``ptg:ci-board``: how all projects and CIs are today, on the first page of the board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from docutils import nodes

from ptgbot_site.build import api
from ptgbot_site.build.nodes import ptg_written
from ptgbot_site.ci import alerted, overview
from ptgbot_site.ci.source import REVISION, SETTINGS, desk_of


class Board(api.StateDirective):
    """Shows the state of all projects and CIs today."""

    kind = "ci-board"
    needs = (REVISION, SETTINGS)
    also = (alerted.ALERTS,)
    vanishes = True

    @staticmethod
    def render(view: api.View, given: Mapping[str, Any]) -> Sequence[nodes.Node]:
        """Return the nodes. The facts come from the bulk storage, of which the slice has the revision only."""
        if not view.rich or view.state.bulk is None:
            return []
        with desk_of(view.state.bulk, view.state) as desk:
            found = alerted.shown(desk, view.state) + overview.body(desk)
            return [ptg_written("", html=f'<div class="ci">{found}</div>')]
