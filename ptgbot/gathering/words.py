"""Words that can't be names of tracks."""

from __future__ import annotations

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


RESERVED = frozenset((*MEETINGS, *STATUS, "help", "auto", "none"))
"""Words besides those of commands that a new track can't have as its name."""
