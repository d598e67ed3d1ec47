"""The CI board's side of the feature contract."""

from __future__ import annotations

from ptgbot.ci import commands
from ptgbot.ci.following import COMMANDS, SOURCES
from ptgbot.ci.settings import CiSettings
from ptgbot.ci.tools import TOOLS
from ptgbot.feature import Feature


class CiFeature(Feature[CiSettings]):
    """The CI board."""

    name = "ci"
    settings = CiSettings
    rank = 170
    commands = commands.COMMANDS
    sources = SOURCES
    bulk_commands = COMMANDS
    tools = TOOLS
