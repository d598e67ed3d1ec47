"""A small gathering that tests share: two days, four rooms with awkward names, three tracks."""

from __future__ import annotations

import copy
import json
from typing import Any

from ptgbot.chat.commands import Fetched
from ptgbot.gathering.document import from_document, read_partial
from ptgbot.store.edits import ABSENT, Edit, Json, Tree
from ptgbot.testing import Chat

DOCUMENT: dict[str, Any] = {
    "eventid": "spring26",
    "title": "Spring Gathering",
    "timezone": "Europe/Berlin",
    "dates": {"Monday": "2026-11-16", "Tuesday": "2026-11-17"},
    "tracks": ["cinder", "nova", "swift"],
    "slots": {
        "Monday": [
            {"name": "MonA1", "desc": "09:00-10:45"},
            {"name": "MonA2", "desc": "11:00-12:30"},
            {"name": "Mon-P1", "desc": "13:30-15:00"},
        ],
        "Tuesday": [
            {"name": "TueA1", "desc": "09:00-10:45"},
            {"name": "TueA2", "desc": "11:00-12:30"},
        ],
    },
    "schedule": {
        "Aspen": {
            "desc": "Ground floor",
            "url": "https://meet.example.org/aspen",
            "MonA1": "nova",
            "MonA2": "",
            "Mon-P1": "cinder",
            "TueA1": "",
        },
        "Ballroom A": {"MonA1": "", "MonA2": "nova", "Mon-P1": "", "TueA1": "nova"},
        "Ballroom A-North": {"MonA1": "", "MonA2": "cinder", "TueA1": ""},
        "Birch-2": {"MonA2": "", "TueA2": ""},
    },
}
"""At ``ptgbot.testing.START`` it is Monday, 10:05 in Berlin: MonA1 runs."""


def document(**changes: Any) -> dict[str, Any]:
    """Return the sample with some top-level keys replaced."""
    return {**copy.deepcopy(DOCUMENT), **changes}


def load(chat: Chat, **changes: Any) -> Chat:
    """Let a chat begin with the sample."""
    return begin(chat, document(**changes))


def begin(chat: Chat, start: dict[str, Any]) -> Chat:
    """Let a chat begin with a document."""
    tree = from_document(start).tree
    chat.document.committed = chat.document.working = {**chat.document.committed, "gathering": tree}
    return chat


def fetched(value: object) -> Fetched:
    """Return what a fetch of that JSON brings."""
    return Fetched(read_partial(json.dumps(value).encode()))


def put(*at: str, was: Json, now: Json) -> Edit:
    return Edit(at, was, now)


def new(*at: str, now: Json) -> Edit:
    return Edit(at, ABSENT, now)


def gone(*at: str, was: Json) -> Edit:
    return Edit(at, was, ABSENT)


def since(track: str, now: str, was: str | None = None) -> Edit:
    """Return the edit that notes since when a topic is discussed."""
    return Edit(("ptgbot", "now_since", track), was or ABSENT, now)


def snapshot(chat: Chat) -> Tree:
    """Return a copy of the whole state."""
    return copy.deepcopy(chat.tree)
