"""Logs of rooms: which lines of a room are published, meeting or not. Pure functions.

Each message becomes a delivered effect of the kind :data:`KIND`, which is written to a file outside the state, see
:mod:`ptgbot.meetings.days`. The body is one of

- ``{"at", "nick", "key", "texts", "kind", "event"}``: a message,
- ``{"edit": EVENT, "texts": […]}``: a message was edited, or removed if there is no text,
- ``{"hide": MOMENT, "until": MOMENT}``: what was said meanwhile is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, cast

import attrs

from ptgbot.chat.commands import Decision, Deliver
from ptgbot.chat.heard import Heard, HeardKind
from ptgbot.chat.message import Room, Target
from ptgbot.chat.text import clean
from ptgbot.meetings import rooms
from ptgbot.meetings.meeting import is_off
from ptgbot.meetings.settings import MeetingsSettings
from ptgbot.store.edits import ABSENT, Edit, Tree

KIND: Final = "meetings.line"
WITHIN: Final = 30 * 86400.0
"""Seconds for which writing is tried, for example while the disk is full."""
_BOT: Final = "bot"


def is_logged(room: Room, settings: MeetingsSettings) -> bool:
    """Say whether the lines of a room are published."""
    return bool(settings.log_rooms) and _logged(rooms.full_name(room), settings) is not None


def with_logs(
    tree: Tree, decision: Decision | None, heard: Heard | None, at: datetime, settings: MeetingsSettings
) -> Decision | None:
    """Return a decision that also writes logs of rooms.

    Args:
        tree: the state before the decision.
        decision: the decision so far.
        heard: the event that caused it, None if a moment did.
        at: the moment (UTC).
        settings: the settings.
    """
    if not settings.log_rooms:
        return decision
    # The row has the text already, so the record need not.
    so_far = decision or Decision(line="")
    more = [*_heard(tree, heard, settings)] if heard else []
    more += _said(tree, so_far, at, settings)
    more += _hidden(tree, so_far.edits, at, settings)
    return attrs.evolve(so_far, deliver=(*so_far.deliver, *more)) if more else decision


def _logged(full: str, settings: MeetingsSettings) -> str | None:
    """Return the name that the configuration has for a room, None if its lines are not published."""
    return next((name for name in settings.log_rooms if name.lower() == full.lower()), None)


def _written(full: str, body: Tree, settings: MeetingsSettings) -> Iterator[Deliver]:
    name = _logged(full, settings)
    if name is not None:
        target = rooms.target_of(name)
        yield Deliver(KIND, (target,), body, within=WITHIN)


def _heard(tree: Tree, heard: Heard, settings: MeetingsSettings) -> Iterator[Deliver]:
    full = rooms.full_name(heard.room)
    is_secret = rooms.is_restricted_in(tree, full)
    match heard.kind:
        case HeardKind.REDACTION:
            yield from _written(full, {"edit": heard.about, "texts": []}, settings)
        case HeardKind.EDIT if not is_secret:
            yield from _written(full, {"edit": heard.about, "texts": [*public_lines(heard.text)]}, settings)
        case HeardKind.LINE | HeardKind.ACTION if not is_secret:
            texts = public_lines(heard.text)
            if texts and not _is_farewell(texts[0]):
                yield from _written(full, _message(heard, texts), settings)


def public_lines(text: str) -> list[str]:
    """Return the lines of a message, without those off the record."""
    return [line for each in text.split("\n") if (line := clean(each)) and not is_off(line)]


def _is_farewell(text: str) -> bool:
    """Say whether a line asks to be forgotten: nothing of its author may be written after that."""
    return text.lower().startswith("+forget")


def _message(heard: Heard, texts: list[str]) -> Tree:
    kind = "bot" if heard.own else "action" if heard.kind is HeardKind.ACTION else "line"
    who = heard.person
    return {
        "at": heard.at.isoformat(timespec="microseconds"),
        "nick": who.nick if who else heard.room.nick or _BOT,
        "key": who.key if who else "",
        "texts": [*texts],
        "kind": kind,
        "event": heard.id,
    }


def _said(tree: Tree, decision: Decision, at: datetime, settings: MeetingsSettings) -> Iterator[Deliver]:
    """Yield what the decision has said in rooms whose answers nobody hears."""
    for deliver in decision.deliver:
        if deliver.kind != "say":
            continue
        for full in map(_full, deliver.targets):
            if not rooms.is_restricted_in(tree, full):
                moment, texts = at.isoformat(timespec="microseconds"), [clean(str(deliver.body))]
                row: Tree = {"at": moment, "nick": _BOT, "key": "", "texts": [*texts], "kind": "bot", "event": ""}
                yield from _written(full, row, settings)


def _full(target: Target) -> str:
    return f"{target.network}/{target.room}"


def _hidden(
    tree: Tree, edits: Iterable[Edit], at: datetime, settings: MeetingsSettings
) -> Iterator[Deliver]:
    """Yield what leaves out meetings that have become restricted: all of them, from their first line on."""
    found = {name: since for edit in edits for names, since in _secret(tree, edit) for name in names}
    for name, since in found.items():
        body: Tree = {"hide": since, "until": at.isoformat(timespec="microseconds")}
        yield from _written(name, body, settings)


def _secret(tree: Tree, edit: Edit) -> Iterator[tuple[Sequence[str], str]]:
    """Yield the rooms and the start (to the second) of a meeting that an edit makes restricted, or that was so."""
    now: Any = edit.now
    match edit.at:
        case ("running", place, "meeting", "restricted") if now is True:
            row = cast("Any", tree["running"])[place]
            yield row["rooms"], row["meeting"]["started"][:19]
        case ("running", _) if edit.now is not ABSENT and now["meeting"]["restricted"]:
            yield now["rooms"], now["meeting"]["started"][:19]
        case ("recent", _) if edit.now is not ABSENT and now["restricted"]:
            yield [f"{now['network']}/{now['room']}"], now["started"][:19]
