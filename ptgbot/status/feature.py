"""The status' side of the feature contract."""

from __future__ import annotations

from ptgbot.feature import Feature
from ptgbot.status import model
from ptgbot.status.settings import StatusSettings
from ptgbot.status.slices import SLICES
from ptgbot.store.edits import Tree


class StatusFeature(Feature[StatusSettings]):
    """The feature for alerts, notices, plans, successes and thanks."""

    name = "status"
    settings = StatusSettings
    rank = 90
    slices = SLICES

    def empty(self) -> Tree:
        """Return a record without entries."""
        return model.empty()


FEATURE = StatusFeature()
