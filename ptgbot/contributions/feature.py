"""The side of contributions that the program sees."""

from __future__ import annotations

from attrs import frozen

from ptgbot.contributions.commands import TOOLS
from ptgbot.feature import Feature


@frozen
class StatsSettings:
    """The table ``[stats]``, which has no key: the commands get everything as options."""


class StatsFeature(Feature[StatsSettings]):
    """Who contributed what, and for whom."""

    name = "stats"
    settings = StatsSettings
    rank = 400
    tools = TOOLS


FEATURE = StatsFeature()
