"""Taking changes back, and telling who made which."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ptgbot.chat.commands import Call, Decision, Record, say
from ptgbot.chat.message import Reply
from ptgbot.chat.text import count, fold, short
from ptgbot.gathering.model import Gathering
from ptgbot.gathering.registry import calendar, clock
from ptgbot.store.edits import Edit, Value, get, same

MOST = 20
"""Changes that one answer lists at most."""

Wanted = Callable[[Record], bool]


def take_back(gathering: Gathering, call: Call, wanted: Wanted, what: str) -> Decision:
    """Take back, whole, the newest command that is neither an undo nor undone, if nothing changed it since."""
    record = next((r for r in call.history.newest() if wanted(r) and _open(call, r)), None)
    if record is None:
        return say(f"There is nothing left to undo {what}.")
    blocking = _changed(gathering, record.edits)
    if blocking:
        return say(_blocked(gathering, call, record, blocking))
    edits = [edit.reversed() for edit in reversed(record.edits)]
    answer = Reply(f"Taken back: “{short(record.text, 120)}” ({told(gathering, call, record)}).")
    return Decision(edits, [answer], record.subject, record.number)


def _open(call: Call, record: Record) -> bool:
    return not record.private and record.undoes is None and not call.history.undone(record.number)


def _changed(gathering: Gathering, edits: Iterable[Edit]) -> list[Edit]:
    return [edit for edit in edits if not same(get(gathering.tree, edit.at), edit.now)]


def _blocked(gathering: Gathering, call: Call, record: Record, blocking: Sequence[Edit]) -> str:
    since = [
        later
        for later in call.history.newest()
        if later.number > record.number and any(_meet(edit, other) for edit in blocking for other in later.edits)
    ]
    by = f"“{short(since[0].text, 80)}” ({told(gathering, call, since[0])})" if since and not since[0].private else ""
    return (
        f"“{short(record.text, 80)}” can't be taken back: it was changed since{', by ' + by if by else ''}. "
        "Nothing was changed; undo that first, or set it anew."
    )


def _meet(one: Edit, other: Edit) -> bool:
    length = min(len(one.at), len(other.at))
    return one.at[:length] == other.at[:length]


def told(gathering: Gathering, call: Call, record: Record) -> str:
    """Return who made a change, when and where."""
    who = record.nick or "somebody who asked to be forgotten"
    where = f", {record.room_name}" if record.room_name else ""
    return f"{who}, {clock(record.at, calendar(gathering, call))}{where}"


def changes(gathering: Gathering, call: Call, wanted: Wanted, what: str, number: int) -> Decision:
    """Answer the last changes that match, the newest first. What was typed in private stays private."""
    found = [record for record in call.history.newest() if not record.private and wanted(record)]
    if not found:
        return say(f"No change {what} is on record.")
    lines = [f"{told(gathering, call, record)}: {short(record.text, 100)}" for record in found[:number]]
    left = len(found) - len(lines)
    return say(" | ".join(lines) + (f" | {count(left, 'older change')} not shown" if left > 0 else ""))


def how_many(words: list[str]) -> tuple[list[str], int]:
    """Split ``[…] [N]`` into the words before and the number of changes, 5 if none is given."""
    if words and words[-1].isascii() and words[-1].isdigit():
        return words[:-1], max(1, min(MOST, int(words[-1][:9])))
    return words, 5


def touches(record: Record, term: str) -> bool:
    """Say whether a change is about a track, room, slot or person of that name."""
    name = fold(term.removeprefix("#"))
    if name in (fold(record.subject or ""), fold(record.nick), fold(record.key)):
        return True
    return any(
        name in map(fold, edit.at[1:]) or _mentions(edit.was, name) or _mentions(edit.now, name)
        for edit in record.edits
    )


def _mentions(value: Value, name: str) -> bool:
    """Say whether a name stands in what a change like ``~newday`` replaced whole."""
    if isinstance(value, dict):
        return any(fold(key) == name or _mentions(inner, name) for key, inner in value.items())
    if isinstance(value, list):
        return any(_mentions(inner, name) for inner in value)
    return isinstance(value, str) and fold(value) == name
