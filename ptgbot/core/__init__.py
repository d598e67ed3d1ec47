"""Ties features to the store: decisions are made on the working state, batches committed, answers remembered."""

from __future__ import annotations

from ptgbot.core.core import Core
from ptgbot.core.pending import record_of

__all__ = ["Core", "record_of"]
