"""Words that can't be names of tracks."""

from __future__ import annotations

import functools

from ptgbot.gathering.registry import COMMANDS

OLD_SPELLING = ("in", "out", "seen", "subscribe", "unsubscribe")
"""User commands that may also be typed with ``#``, as the original has them."""

MEETINGS = [
    "accept",
    "accepted",
    "action",
    "agree",
    "agreed",
    "chair",
    "commands",
    "endmeeting",
    "endvote",
    "halp",
    "help",
    "idea",
    "info",
    "link",
    "lurk",
    "meetingname",
    "meetingtopic",
    "nick",
    "reject",
    "rejected",
    "restrictlogs",
    "save",
    "showvote",
    "startmeeting",
    "startvote",
    "topic",
    "unchair",
    "undo",
    "unlurk",
    "vote",
]
"""Words of meeting minutes; they are reserved whether or not minutes are kept here, so that names stay valid."""

STATUS = ("status", "success", "thanks")
"""Words of the status log, reserved likewise."""


@functools.cache
def reserved() -> frozenset[str]:
    """Return every word that a new track can't have as its name."""
    names = (word for command in COMMANDS.commands for word in (command.name, *command.aliases) if word)
    return frozenset((*names, *MEETINGS, *STATUS, "help", "auto", "none"))
