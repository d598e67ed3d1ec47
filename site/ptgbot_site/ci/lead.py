"""The way to the board, on the first page of a site that shows nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from docutils import nodes

from ptgbot.ci.pages import PATH
from ptgbot_site.build import api
from ptgbot_site.build.nodes import ptg_link
from ptgbot_site.build.state import SITE
from ptgbot_site.build.words import say


def _lead(view: api.View, other: str) -> Sequence[nodes.Node]:
    """Return a link to the board; nothing without a board, or if there is something in the slice ``other``."""
    projects = view.state.table(SITE).get("projects")
    address = view.file(f"{PATH}/index.html")
    if address is None or not isinstance(projects, list) or PATH not in projects or view.state.slices.get(other):
        return []
    words = say("The CI board: how all projects and CIs are today")
    return [nodes.paragraph("", "", ptg_link("", "", nodes.Text(words), refuri=address, internal=True))]


LEAD = api.Part(_lead, lambda other: (SITE, other) if other else (SITE,))
