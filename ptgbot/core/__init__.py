"""Connects features with the store: decisions on the working state, commits of batches, remembered answers."""

from __future__ import annotations

from ptgbot.core.core import Core
from ptgbot.core.pending import record_of

__all__ = ["Core", "record_of"]
