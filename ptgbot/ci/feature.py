"""The CI board's side of the feature contract."""

from __future__ import annotations

from collections.abc import Sequence

from ptgbot.chat.commands import Context, Decision
from ptgbot.ci import commands, pages
from ptgbot.ci.following import COMMANDS, SOURCES
from ptgbot.ci.settings import CiSettings
from ptgbot.ci.tools import TOOLS
from ptgbot.feature import Fact, Feature
from ptgbot.store.edits import Tree


class CiFeature(Feature[CiSettings]):
    """The CI board."""

    name = "ci"
    settings = CiSettings
    rank = 170
    commands = commands.COMMANDS
    sources = (*SOURCES, pages.SOURCE)
    slices = pages.SLICES
    routes = pages.ROUTES
    bulk_commands = COMMANDS
    tools = TOOLS
    site = "ptgbot_site.ci"
    projects = pages.PROJECTS

    def learn(self, tree: Tree, facts: Sequence[Fact], context: Context[CiSettings]) -> Decision | None:
        """Note the revision of the pages."""
        return pages.learned(tree, facts)
