"""The extensions of meetings that are in use, in the order in which they see a line."""

from __future__ import annotations

from ptgbot.meetings.extensions import Extension

EXTENSIONS: tuple[Extension, ...] = ()
"""See :mod:`ptgbot.meetings.extensions`."""
