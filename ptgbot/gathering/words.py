"""Words that cannot be names of tracks."""

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
"""Words of meeting minutes. They are reserved even without minutes, so that names of tracks stay valid."""

STATUS = ("status", "success", "thanks")
"""Words of the status log, reserved for the same reason."""


RESERVED = frozenset((*MEETINGS, *STATUS, "help", "auto", "none"))
"""Words, besides those of commands, that cannot name a new track."""
