"""Pages of the original bot in MediaWiki text: the status page, and the tables of successes and of thanks."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from attrs import frozen

from ptgbot.chat.groups import ALL
from ptgbot.chat.text import clean, short
from ptgbot.feature import Subcommand, Taken
from ptgbot.status import model
from ptgbot.status.model import SMALL, Entry, EntryKind
from ptgbot.status.settings import StatusSettings
from ptgbot.status.typed import thanked
from ptgbot.store.edits import ABSENT, Edit, Tree, get

KINDS: Mapping[str, EntryKind] = {"success": EntryKind.SUCCESS, "thanks": EntryKind.THANKS, "status": EntryKind.LOG}
"""What a file holds, by a word in its name. The old status page does not tell alerts from notices and logs."""
_STAMP = r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?: UTC)?"
_ITEM = re.compile(rf"\*\s*{_STAMP}\s+(.*)")
_ROW = re.compile(rf"\|\s*{_STAMP}\s*\|\|\s*(.*?)\s*\|\|\s*(.*)")
_WHERE = re.compile(r"(.+?)\s+\(on\s+(?:\[\S+\s+)?([^\]\s]+?)\]?\)")
_FRAME = re.compile(r"\{\||\|\}|\|-|!|=|\{\{CI Alert\||__|<!--|\[\[Category:", re.IGNORECASE)
"""Beginnings of lines around the rows: frames and heads of tables, headings, the box of the alert."""
_MARKUP = re.compile(r"[&<>|{}\[\]']")


@frozen
class Line:
    """One entry of an old page."""

    kind: EntryKind
    at: datetime
    who: str
    room: str
    text: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes it the same as another entry: kind, moment, author and text."""
        return self.kind, self.at.isoformat(timespec="seconds"), self.who, self.text

    def row(self) -> dict[str, Any]:
        """Return it as an entry of the record."""
        made: dict[str, Any] = {
            "kind": str(self.kind),
            "text": self.text,
            "where": {"network": "", "id": self.room, "room": self.room},
            "at": self.at.isoformat(timespec="seconds"),
            "group": ALL,
            "public": True,
        }
        if self.who:
            made["who"] = {"name": self.who, "key": ""}
        to = thanked(self.text) if self.kind is EntryKind.THANKS else []
        return {**made, "to": to} if to else made


def read(kind: EntryKind, text: str) -> tuple[list[Line], list[tuple[int, str]]]:
    """Return the entries of a page, the oldest first, and the numbers and texts of lines that cannot be read."""
    found: list[Line] = []
    bad: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        plain = line.strip()
        if not plain or _FRAME.match(plain):
            continue
        try:
            found.append(_line(kind, plain))
        except ValueError:
            bad.append((number, plain))
    # Stable, and pages have the newest first: entries of one second keep their order.
    found.reverse()
    return sorted(found, key=lambda one: one.at), bad


def _line(kind: EntryKind, line: str) -> Line:
    """Return the entry in a line.

    Raises:
        ValueError: there is none.
    """
    who = room = ""
    if kind in SMALL:
        if not (found := _ROW.fullmatch(line)) or not (where := _WHERE.fullmatch(found[2])):
            raise ValueError("no row")
        who, room, text = _plain(where[1]), _plain(where[2]), _plain(found[3])
    elif not (found := _ITEM.fullmatch(line)):
        raise ValueError("no item")
    else:
        text = _plain(found[2])
    at = datetime.strptime(found[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    if not text:
        raise ValueError("no text")
    return Line(kind, at, who, room, text)


def _plain(text: str) -> str:
    return " ".join(clean(html.unescape(text)).split())


def _take(_settings: StatusSettings, tree: Tree, files: Mapping[str, bytes]) -> Taken:
    """Take over pages. Entries that are there already are left out, so that a page can be taken over again."""
    known = {_key(entry) for entry in model.every_entry(tree)}
    chosen: list[Line] = []
    lines: list[str] = []
    for name, raw in files.items():
        found, bad = read(_kind_of(name), raw.decode("utf-8", "replace"))
        new = [one for one in dict.fromkeys(found) if one.key not in known]
        known |= {one.key for one in new}
        chosen += new
        lines += [f"{name}, line {number} cannot be read: {short(text, 80)}" for number, text in bad]
        lines.append(f"{name}: {len(new)} taken over, {len(found) - len(new)} were there, {len(bad)} left out.")
    return Taken(_edits(tree, sorted(chosen, key=lambda one: one.at)), lines)


def _edits(tree: Tree, chosen: Sequence[Line]) -> list[Edit]:
    last = tree["last"]
    assert isinstance(last, dict)
    first = last["entry"]
    assert isinstance(first, int)
    if not chosen:
        return []
    edits = [Edit(("last",), last, {**last, "entry": first + len(chosen)})]
    months = dict.fromkeys(f"{one.at:%Y-%m}" for one in chosen)
    edits += [Edit(("entries", month), ABSENT, {}) for month in months if get(tree, ("entries", month)) is ABSENT]
    for number, one in enumerate(chosen, first + 1):
        edits.append(Edit(("entries", f"{one.at:%Y-%m}", str(number)), ABSENT, one.row()))
    return edits


def _key(entry: Entry) -> tuple[str, str, str, str]:
    at = entry.at.astimezone(UTC).isoformat(timespec="seconds")
    return str(entry.kind), at, str(entry.row.get("who", {}).get("name", "")), str(entry.row["text"])


def _kind_of(name: str) -> EntryKind:
    """Return what a file holds, by its name.

    Raises:
        ValueError: the name does not say.
    """
    found = next((kind for word, kind in KINDS.items() if word in name.lower()), None)
    if found is None:
        raise ValueError(f"{name}: give the file a name with one of the words {', '.join(KINDS)}, for what is in it.")
    return found


def write(tree: Tree, what: str) -> Iterator[str]:
    """Yield the lines of a page in MediaWiki text, the newest entry first, as the original bot wrote it.

    Args:
        tree: the feature's part of the state.
        what: one of :data:`KINDS`.

    Raises:
        ValueError: there is no such page.
    """
    if what not in KINDS:
        raise ValueError(f"there is no page {what}; there are {', '.join(KINDS)}.")
    entries = sorted(model.public_entries(tree), key=lambda one: (one.at, one.number), reverse=True)
    shown = [one for one in entries if "withdrawn" not in one.row and one.row["text"]]
    if what == "status":
        alerts = [one for one in model.open_alerts(tree) if one.public]
        yield from (f"{{{{CI Alert|{_escaped(str(one.row['text']))}}}}}" for one in alerts[:1])
        yield from (f"* {_stamp(one)} {_escaped(str(one.row['text']))}" for one in shown if one.kind not in SMALL)
    else:
        yield '{| class="wikitable"'
        yield from _rows(one for one in shown if one.kind is KINDS[what])
        yield "|}"


def _rows(entries: Iterable[Entry]) -> Iterator[str]:
    for one in entries:
        who, where = str(one.row.get("who", {}).get("name", "")) or "somebody", one.row["where"]
        room = str(where["room"]) if where.get("shown", True) else "a private room"
        yield "|-"
        cells = (_stamp(one), f"{_escaped(who)} (on {_escaped(room)})", _escaped(str(one.row["text"])))
        yield f"| {' || '.join(cells)}"


def _stamp(entry: Entry) -> str:
    return f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _escaped(text: str) -> str:
    """Return a text that is no markup of MediaWiki."""
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", " ".join(text.split()))


def _print(_settings: StatusSettings, tree: Tree, arguments: Sequence[str]) -> Iterator[str]:
    if len(arguments) != 1:
        raise ValueError(f"name one page: {', '.join(KINDS)}.")
    yield from write(tree, arguments[0])


SUBCOMMANDS: Sequence[Subcommand[StatusSettings]] = (
    Subcommand("import", "take over wiki pages of the original bot, while no bot runs", take=_take),
    Subcommand("export", "print a wiki page: status, success or thanks", _print),
)
