"""Marks on lines of a meeting: blocks and escaped lines hold no commands, corrections, and words of other people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import attrs

from ptgbot.meetings.commands import command_in, item_of, names_in
from ptgbot.meetings.corrections import Blocks, Corrected, Correction, Inserted, Said, correction, is_escaped
from ptgbot.meetings.extensions import Extension, Step
from ptgbot.meetings.items import Item, begins_with_address
from ptgbot.meetings.meeting import Line, Meeting, Noted, Say
from ptgbot.meetings.people import Speaker
from ptgbot.meetings.scribe import Scribes, written
from ptgbot.meetings.tasks import with_changed_action
from ptgbot.store.edits import Tree

BLOCKS: Final = "blocks"
CORRECTIONS: Final = "corrections"
SCRIBES: Final = "scribes"
_GUARDED: Final = frozenset({"topic", "agreed", "accepted", "rejected"})


# Blocks


def _in_block(meeting: Meeting, line: Line) -> Step | None:
    open_blocks: Mapping[str, Any] = meeting.extra.get(BLOCKS, {})
    blocks, is_inside = Blocks(open_blocks).after(line.who.key, line.text)
    meeting = meeting.with_extra(BLOCKS, {**blocks.open})
    is_silent = is_inside or (is_escaped(line.text) and not line.action)
    return Step(meeting, taken=is_silent) if is_silent or open_blocks else None


FENCES = Extension(BLOCKS, before=_in_block)
"""Fenced blocks and escaped lines, which hold no commands."""


# Corrections


def corrected_of(meeting: Meeting) -> Corrected:
    """Return the corrections of a meeting."""
    return Corrected.from_json(meeting.extra.get(CORRECTIONS, {}))


def corrected_lines(meeting: Meeting) -> frozenset[str]:
    """Return the numbers of the lines that were corrected, as the log has them."""
    return frozenset(str(number) for number in corrected_of(meeting).texts)


def _corrected(meeting: Meeting, line: Line) -> Step | None:
    wanted = None if line.action else correction(line.text)
    now = corrected_of(meeting)
    if wanted is None or now.is_full:
        return None
    own = Said(meeting.lines, line.who.key, line.text, trusted=meeting.is_chair(line.who))
    after = now.after(wanted, own, line.who.nick, _earlier(meeting))
    for number, text in after.texts.items():
        former = now.texts.get(number)
        if text != former:
            meeting = _with_text(meeting, number, former, text)
    if len(after.inserted) > len(now.inserted):
        meeting = _with_inserted(meeting, line, after.inserted[-1])
    return Step(meeting.with_extra(CORRECTIONS, after.to_json()), _told(wanted, after, own.number), taken=True)


def _told(wanted: Correction, after: Corrected, number: int) -> tuple[Noted | Say, ...]:
    """Return nothing but a sign, because people type ``s/old/new/`` for each other as well."""
    return (Noted(),) if number in after.applied else ()


def _earlier(meeting: Meeting) -> Iterator[Said]:
    """Yield the lines of people before the newest one, the newest first."""
    guarded = {item.line for item in meeting.items.values() if item.type in _GUARDED}
    for number in range(meeting.lines - 1, 0, -1):
        row = meeting.log[str(number)]
        # A person who was forgotten has left lines without a text.
        if row["kind"] in ("line", "action") and "text" in row:
            yield Said(number, row["key"], row["text"], number in guarded)


def _with_text(meeting: Meeting, number: int, former: str | None, text: str) -> Meeting:
    """Return the meeting with the item that a corrected line makes. The item keeps its id."""
    row = meeting.log[str(number)]
    if row["kind"] != "line":
        return meeting
    before = row["text"] if former is None else former
    mine = [item for item in meeting.items.values() if item.line == number and item.type != "vote"]
    bare = meeting
    for item in mine:
        bare = bare.without_item(item)
    line = _line(meeting, row, text)
    if not mine and _made(bare, attrs.evolve(line, text=before), number):
        # The item of this line was taken out of the minutes, and stays out.
        return meeting
    new = _made(bare, line, number)
    if new is None:
        return with_changed_action(bare, text)
    if mine:
        new = attrs.evolve(new, id=mine[0].id)
    return attrs.evolve(bare, items={**bare.items, new.id: new}, made=bare.made + (not mine))


def _made(meeting: Meeting, line: Line, number: int) -> Item | None:
    """Return the item that a line would make, None if it would make none."""
    if begins_with_address(line.text):
        after = meeting.with_item_at(number, "link", line, line.text.strip())
    else:
        after = item_of(meeting, line, number)
    return next((item for name, item in after.items.items() if name not in meeting.items), None)


def _line(meeting: Meeting, row: Mapping[str, Any], text: str) -> Line:
    known = meeting.people.by_key.get(row["key"])
    accounts = (known.account,) if known and known.account else ()
    return Line(datetime.fromisoformat(row["at"]), Speaker(row["key"], row["nick"], accounts), text)


def _with_inserted(meeting: Meeting, line: Line, inserted: Inserted) -> Meeting:
    new = _made(meeting, attrs.evolve(line, text=inserted.text), inserted.number)
    if new is None:
        return meeting
    new = attrs.evolve(new, before=inserted.before)
    return attrs.evolve(meeting, items={**meeting.items, new.id: new}, made=meeting.made + 1)


def _corrections_json(meeting: Meeting) -> Tree:
    found = corrected_of(meeting)
    if not found:
        return {}
    texts: Tree = {str(number): text for number, text in sorted(found.texts.items())}
    inserted: list[Any] = [attrs.asdict(one) for one in found.inserted]
    return {"corrections": {"lines": texts, "inserted": inserted, "failed": [*found.failed]}}


CHANGES = Extension(CORRECTIONS, before=_corrected, minutes=_corrections_json)
"""Corrections of earlier lines."""


# Scribes


def scribes_of(meeting: Meeting) -> Scribes:
    """Return the scribes of a meeting."""
    tree: Mapping[str, Any] = meeting.extra.get(SCRIBES, {})
    return Scribes(tuple(tree["names"]), tree["speaking"]) if tree else Scribes()


def written_of(meeting: Meeting) -> dict[int, str]:
    """Return the speaker of each line that a scribe wrote for somebody, by the number of the line."""
    tree: Mapping[str, Any] = meeting.extra.get(SCRIBES, {})
    return {int(number): nick for number, nick in tree.get("written", {}).items()}


def _with_scribes(meeting: Meeting, scribes: Scribes, number: int = 0, speaker: str = "") -> Meeting:
    tree: Mapping[str, Any] = meeting.extra.get(SCRIBES, {})
    former: dict[str, Any] = tree.get("written", {})
    ever: list[Any] = tree.get("ever", [])
    added = [name for name in scribes.names if name not in ever]
    lines = {**former, str(number): speaker} if number else former
    state: Tree = {
        "names": [*scribes.names],
        "speaking": dict(scribes.speaking),
        "written": lines,
        "ever": [*ever, *added],
    }
    return meeting.with_extra(SCRIBES, state)


def _scribed(meeting: Meeting, line: Line) -> Step | None:
    typed = None if line.action else command_in(line.text)
    if typed and typed[0].lower() == "scribe":
        return _chosen(meeting, line, typed[1])
    scribes = scribes_of(meeting)
    if typed or line.action or not scribes.names:
        return None
    after, words = written(scribes, line.who.nick, line.text)
    if words is None:
        return Step(_with_scribes(meeting, after)) if after != scribes else None
    return Step(_with_scribes(meeting, after, meeting.lines, words.nick), taken=True)


def _chosen(meeting: Meeting, line: Line, argument: str) -> Step:
    sign, rest = (argument[0], argument[1:].strip()) if argument[:1] in ("+", "-") else ("", argument)
    names, scribes = names_in(rest), scribes_of(meeting)
    if sign == "-":
        after = scribes.without(*names)
    elif sign == "+" or names:
        after = scribes.with_scribes(*(names or [line.who.nick]))
    else:
        after = scribes
    told = f"Scribes: {', '.join(after.names)}." if after.names else "Nobody is scribe now."
    return Step(_with_scribes(meeting, after) if after != scribes else meeting, (Say(told),), taken=True)


def _scribes_json(meeting: Meeting) -> Tree:
    tree: Mapping[str, Any] = meeting.extra.get(SCRIBES, {})
    if not tree:
        return {}
    lines = {number: (nick, meeting.log[str(number)]) for number, nick in written_of(meeting).items()}
    texts = corrected_of(meeting).texts
    rows: list[Any] = [
        {"line": number, "nick": nick, "scribe": row["nick"], "text": _words(texts.get(number, row["text"]))}
        for number, (nick, row) in lines.items()
        if row["kind"] == "line" and "text" in row
    ]
    return {"scribes": [*tree["ever"]], "scribed": rows}


def _words(text: str) -> str:
    """Return the words in a line that a scribe wrote for somebody."""
    if text.startswith(("…", "...")):
        return text.lstrip("….").strip()
    return text.partition(":")[2].strip()


WRITERS = Extension(SCRIBES, before=_scribed, minutes=_scribes_json, words=frozenset({"scribe"}))
"""Scribes and the words that they write down for others."""
