"""``#done NUMBER`` outside of meetings: closes an open action of the last meeting of the room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from ptgbot.chat.commands import Call, Command, Decision, Form, ReadDocument, say
from ptgbot.chat.message import Reply, Role
from ptgbot.chat.text import short
from ptgbot.meetings import rooms
from ptgbot.meetings.numbered import due, number_in
from ptgbot.meetings.settings import MeetingsSettings
from ptgbot.store.edits import ABSENT, Edit, Tree

WORD: Final = "done"
_SHOWN: Final = 200


def last_held(tree: Tree, call: Call[MeetingsSettings]) -> tuple[str, Mapping[str, Any]] | None:
    """Return the newest public meeting of the place of a room, with the id of its document; None without one."""
    names = {name.lower() for name in rooms.rooms_of(call.message.room, call.settings)}
    held = [row for row in rooms.recent(tree).items() if not row[1]["restricted"]]
    return next((row for row in held[::-1] if f"{row[1]['network']}/{row[1]['room']}".lower() in names), None)


def _done(tree: Tree, call: Call[MeetingsSettings]) -> Decision:
    found, number = last_held(tree, call), number_in(call.argument)
    if found is None:
        return say("No meeting runs here, and none was held here lately.")
    identifier, row = found
    text = row["open"].get(str(number))
    if number is None or text is None:
        numbers = ", ".join(row["open"]) or "none"
        return say(f"#done needs the number of an open action of the last meeting, {row['name']}. Open: {numbers}.")
    if call.fetched is None:
        return Decision(ask=ReadDocument(identifier))
    if call.fetched.error:
        return say(f"The minutes can't be read: {call.fetched.error}")
    document = {**call.fetched.value, "minutes": _closed(call.fetched.value["minutes"], row["open"], number)}
    return Decision(
        [Edit(("recent", identifier, "open", str(number)), text, ABSENT)],
        [Reply(f"Action {number} is done: {short(text, _SHOWN)}")],
        documents={identifier: document},
        final="the minutes say that the action is done; the next meeting can record it again.",
    )


def _closed(minutes: Mapping[str, Any], still_open: Mapping[str, str], number: int) -> Tree:
    """Return minutes in which an action is done, whether it is of this meeting or of an earlier one."""
    rows = minutes.get("numbered_actions") or _numbered(minutes, still_open)
    earlier = minutes.get("earlier_actions", [])
    if not any(row["number"] == number for row in (*rows, *earlier)):
        earlier = [*earlier, _row(number, still_open[str(number)])]
    found: dict[str, Any] = {**minutes, "numbered_actions": [_with_end(row, number) for row in rows]}
    return {**found, "earlier_actions": [_with_end(row, number) for row in earlier]} if earlier else found


def _numbered(minutes: Mapping[str, Any], still_open: Mapping[str, str]) -> list[Tree]:
    """Return the rows of actions of a meeting in which nobody used their numbers."""
    numbers = {text: int(number) for number, text in still_open.items()}
    items = [item for item in minutes["items"] if item["type"] == "action" and item["text"] in numbers]
    return [{**_row(numbers[one["text"]], one["text"]), "nick": one["nick"], "line": one["line"]} for one in items]


def _row(number: int, text: str) -> Tree:
    return {"number": number, "text": text, "due": due(text), "open": True}


def _with_end(row: Mapping[str, Any], number: int) -> Tree:
    return cast("Tree", {**row, "open": row["open"] and row["number"] != number})


DONE: Final = Command[MeetingsSettings](
    WORD,
    Form.FIXED,
    Role.ATTENDEE,
    "#done NUMBER",
    "Closes an action by its number: in a meeting, or afterwards in its room.",
    "#done 3",
    _done,
    in_overview=False,
)
"""The command outside of meetings; in a meeting the line is heard instead."""
