"""The extensions of meetings that are in use, in the order in which they see a line."""

from __future__ import annotations

from ptgbot.meetings.extensions import Extension
from ptgbot.meetings.forgotten import ENDS
from ptgbot.meetings.issues import BOUND
from ptgbot.meetings.marking import CHANGES, FENCES, WRITERS
from ptgbot.meetings.presets import PRESETS
from ptgbot.meetings.tasks import ATTENDANCE, TASKS
from ptgbot.meetings.telling import HOOKS
from ptgbot.meetings.turns import POINTS, SPEAKERS

EXTENSIONS: tuple[Extension, ...] = (
    FENCES,
    CHANGES,
    SPEAKERS,
    POINTS,
    ATTENDANCE,
    TASKS,
    BOUND,
    WRITERS,
    ENDS,
    HOOKS,
    PRESETS,
)
"""See :mod:`ptgbot.meetings.extensions`."""
