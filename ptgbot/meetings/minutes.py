"""The JSON of a meeting, the address of a finished one, and the document that is kept of it.

For the site, the archive and the import:

- :func:`minutes_of` returns the JSON of the specification, section 10: the same for live meetings and replayed logs.
- :func:`document_of` returns the document that the store keeps for each finished meeting:
  ``{"minutes": …, "log": [{"n", "at", "nick", "text", "kind"}], "slug": "2024/infra.2024-11-20-14.00"}``. ``kind`` is
  ``line``, ``action`` (``/me``), ``bot``, ``off`` (off the record: no text) or ``removed`` (no text).
- :func:`slug_of` returns the permanent address; :func:`document_id` the id of the document in the store.
- The state keeps the newest finished meetings, as ``summary_of`` describes them, under ``recent``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from ptgbot.meetings.actions import sort_actions
from ptgbot.meetings.extended import EXTENSIONS
from ptgbot.meetings.extensions import Extension
from ptgbot.meetings.items import Item, rows
from ptgbot.meetings.meeting import Meeting, stamp
from ptgbot.meetings.tasks import open_actions
from ptgbot.store.edits import Json, Tree

_UNSAFE: Final = re.compile(r"[^a-z0-9_-]+")
_LONGEST_NAME: Final = 60
"""Characters of a name in an address."""


def minutes_of(meeting: Meeting, extensions: Iterable[Extension] = EXTENSIONS) -> Tree:
    """Return the JSON of a meeting, with the keys of extensions that were used."""
    items = meeting.ordered
    texts = [item.text for item in items if item.type == "action"]
    people = meeting.people.counts()
    actions = sort_actions(texts, meeting.people.names())
    topics: list[Json] = [_topic_row(item) for item in items if item.type == "topic"]
    tree: Tree = {
        "network": meeting.network,
        "channel": meeting.channel,
        "owner": meeting.owner.nick,
        "chairs": [*meeting.chair_nicks],
        "meeting_topic": meeting.meeting_topic,
        "meeting_name": meeting.meeting_name,
        "started": stamp(meeting.started),
        "ended": stamp(meeting.ended) if meeting.ended else None,
        "is_over": meeting.is_over,
        "bot_nick": meeting.bot_nick,
        "log_lines": meeting.lines,
        "items": [*rows(items)],
        "topics": topics,
        "actions": [*texts],
        "actions_by_nick": {nick: [*mine] for nick, mine in actions.by_nick.items()},
        "actions_unassigned": [*actions.unassigned],
        "people": {**people},
        "channel_topics": [*meeting.topics_given],
        "restricted": meeting.restricted,
    }
    for extension in extensions:
        tree |= extension.minutes(meeting)
    return tree


def _topic_row(item: Item) -> Tree:
    return {"text": item.text, "nick": item.nick, "time": f"{item.at:%H:%M:%S}", "line": item.line}


def log_of(meeting: Meeting) -> list[Json]:
    """Return the log as the document has it."""
    return [
        {"n": int(number), "at": stamp(datetime.fromisoformat(row["at"])), **_shown(row)}
        for number, row in meeting.log.items()
    ]


def _shown(row: Mapping[str, Any]) -> Tree:
    # Somebody who was forgotten during the meeting leaves a line without nick and text.
    return {"nick": row.get("nick", ""), "text": row.get("text", ""), "kind": row["kind"]}


def slug_of(name: str, channel: str, started: datetime, taken: Collection[str] = ()) -> str:
    """Return the permanent address of a meeting, such as ``2024/infra.2024-11-20-14.00``.

    Args:
        name: the name of the meeting; the channel stands in for an empty one.
        channel: the name of the room.
        started: when the meeting started (UTC).
        taken: addresses that other meetings have; ``-2`` and so on is appended then.
    """
    safe = _safe(name) or _safe(channel) or "meeting"
    base = f"{started:%Y}/{safe}.{started:%Y-%m-%d-%H.%M}"
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def _safe(name: str) -> str:
    return _UNSAFE.sub("_", name.lower()).strip("_-")[:_LONGEST_NAME].strip("_-")


def document_id(slug: str) -> str:
    """Return the id of the document of a meeting in the store."""
    return f"meeting.{slug.replace('/', '.')}"


def document_of(meeting: Meeting, slug: str) -> Tree:
    """Return the document of a meeting."""
    return {"minutes": minutes_of(meeting), "log": log_of(meeting), "slug": slug}


def summary_of(meeting: Meeting, slug: str) -> Tree:
    """Return the row about a finished meeting in the state, under ``recent`` and the id of its document.

    Under ``open`` are the actions that nobody has closed, by their numbers, those of earlier meetings included.
    """
    minutes = minutes_of(meeting)
    return {
        "slug": slug,
        "name": meeting.meeting_name,
        "topic": meeting.meeting_topic,
        "network": meeting.network,
        "room": meeting.channel,
        "started": minutes["started"],
        "ended": minutes["ended"],
        "restricted": meeting.restricted,
        "owner": meeting.owner.nick,
        "actions": minutes["actions"],
        "actions_by_nick": minutes["actions_by_nick"],
        "open": {str(number): text for number, text in open_actions(meeting).items()},
    }
