"""``#status undo``, ``hide`` and ``show``: entries are never removed, only marked."""

from __future__ import annotations

from datetime import timedelta
from itertools import takewhile
from typing import Any, Final, cast

from ptgbot.chat.commands import Decision
from ptgbot.chat.groups import ALL, Group
from ptgbot.chat.message import Reply
from ptgbot.chat.text import short
from ptgbot.status import model
from ptgbot.status.book import Author, Book
from ptgbot.status.finding import Called
from ptgbot.status.model import SMALL, Entry, EntryKind, Matter, State
from ptgbot.status.telling import Said, told
from ptgbot.status.trust import refusal
from ptgbot.status.typed import Unclear, numbered
from ptgbot.store.edits import Tree

SPOKEN: Final = (EntryKind.ALERT, EntryKind.NOTICE, EntryKind.UPDATE, EntryKind.OK, EntryKind.PLAN)
"""Kinds of entries of which a line was said in rooms."""
NO_RECALL: Final = "What was read in rooms and private messages, and copies elsewhere, can't be recalled."


def undo(tree: Tree, call: Called, text: str) -> Decision:
    """Take back the newest entry of the sender, if it is new. Raises Unclear."""
    if text:
        raise Unclear("#status undo takes nothing behind it; it takes back your newest entry.")
    entry = _newest(tree, call)
    book, author = Book(tree, call.at), Author.of(call)
    if entry.about is not None and entry.kind is not EntryKind.AFTER:  # a review changes no state
        _revert(book, call, entry)
    marked = book.mark(_place(tree, entry), withdrawn=call.at.isoformat(timespec="seconds"))
    shown = str(entry.row["text"]) or f"the end of alert {entry.about}"
    line = f"Withdrawn: {shown}" if entry.kind in SPOKEN else ""
    said = Said(marked, f"Your withdrawal of “{short(shown)}”", line, what="undo")
    return told(book, said, _group(call, entry), author, call.settings, NO_RECALL)


def _newest(tree: Tree, call: Called) -> Entry:
    """Return the sender's newest entry that may be taken back."""
    who, minutes = call.message.person, call.settings.undo_minutes
    since = call.at - timedelta(minutes=minutes)
    account = next(iter(who.accounts), "")
    recent = takewhile(lambda one: one.at >= since, model.every_entry(tree))
    own = (one for one in recent if one.key == who.key and one.row["who"]["account"] == account)
    found = next((one for one in own if "withdrawn" not in one.row), None)
    if found is None:
        raise Unclear(f"You have made no entry within the last {minutes:g} minutes, so there is nothing to undo.")
    return found


def _revert(book: Book, call: Called, entry: Entry) -> None:
    """Give an alert or plan the values from before an entry about it. Raises Unclear."""
    one = model.matter(book.tree, cast("int", entry.about))
    assert one is not None
    stands = (each for each in model.timeline(book.tree, one) if "withdrawn" not in each.row)
    if next(stands, entry).number != entry.number:
        raise Unclear(f"That can't be undone: {one.row['kind']} {one.number} has changed since. Nothing was changed.")
    values: dict[str, Any] = {**entry.row.get("was", {"state": str(State.WITHDRAWN)})}
    if one.is_plan:
        values["sequence"] = one.row["sequence"] + 1
    elif State(values["state"]) in model.OPEN_ALERT:
        values["rooms"] = [[to.network, to.room] for to in _group(call, entry).rooms]
    without = ("over",) if "was" in entry.row else ("rooms",)
    book.change(book.touch(one.number, **values), without)


def hide(tree: Tree, call: Called, text: str) -> Decision:
    """Hide an entry from pages, feeds and files. Raises Unclear."""
    entry = _named(tree, call, text, "hide")
    if "hidden" in entry.row:
        raise Unclear(f"Entry {entry.number} is hidden already. #status show {entry.number} shows it again.")
    book, author = Book(tree, call.at), Author.of(call)
    at = call.at.isoformat(timespec="seconds")
    marked = book.mark(_place(tree, entry), hidden=at)
    if one := _whole(book.tree, entry):
        book.change(one, hidden=at)
    said = Said(marked, f"Hiding entry {entry.number} (“{short(str(entry.row['text']))}”)", "", what="hide")
    remark = f"{NO_RECALL} #status show {entry.number} shows it again."
    return told(book, said, _group(call, entry), author, call.settings, remark)


def show(tree: Tree, call: Called, text: str) -> Decision:
    """Show a hidden entry again. Raises Unclear."""
    entry = _named(tree, call, text, "show")
    if "hidden" not in entry.row:
        raise Unclear(f"Entry {entry.number} is not hidden.")
    book = Book(tree, call.at)
    row = {key: value for key, value in entry.row.items() if key != "hidden"}
    book.write(*_place(tree, entry), now=row)
    if one := _whole(book.tree, entry):
        book.change(one, ("hidden",))
    return Decision(book.edits, [Reply(f"Entry {entry.number} is shown again on pages and in feeds.")])


def _whole(tree: Tree, entry: Entry) -> Matter | None:
    """Return the alert or plan that an entry began, None if it began none."""
    one = model.matter(tree, entry.about) if entry.about is not None else None
    return one if one and str(one.row["entries"][0]).endswith(f"/{entry.number}") else None


def _named(tree: Tree, call: Called, text: str, word: str) -> Entry:
    number, rest = numbered(text)
    if number is None or rest:
        raise Unclear(f"Type #status {word} N with the number of the entry, as pages and answers name it.")
    place = model.entry_place(tree, number)
    entry = model.entry_at(tree, place) if place else None
    if refused := refusal(call, ALL if entry is None or entry.kind in SMALL else str(entry.row["group"])):
        raise Unclear(refused)
    if entry is None:
        raise Unclear(f"There is no entry {number}.")
    return entry


def _place(tree: Tree, entry: Entry) -> tuple[str, str, str]:
    place = model.entry_place(tree, entry.number)
    assert place is not None
    return place


def _group(call: Called, entry: Entry) -> Group:
    """Return the group of an entry; without rooms if the configuration has it no more."""
    name = str(entry.row["group"])
    return call.groups.find(name) or Group(name, (), public=bool(entry.row["public"]))
