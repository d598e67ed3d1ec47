"""The gathering's chronicle: which topics were discussed when, and which bookings changed.

It grows by one record at a time and is bounded, so that no page, and no cost of a command, grows with history. Topics
are kept under their track, and under their day (UTC) in *parts*: a part holds topics of one quarter of an hour. The
offset of every time zone is a number of quarters, so each part belongs to one day in any time zone. A new topic changes
one part, and only that part of a page is made anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import cast

from ptgbot.chat.commands import Record
from ptgbot.store.edits import Edit, Json, Tree

MOST_TOPICS = 500
"""Most topics of one day that are kept, the newest; older ones are dropped by whole parts."""
PART = 16_000
"""Number of characters of a part on a page at which the next part begins."""
MOST_OF_TRACK = 50
"""Topics of one track that are kept, the newest."""
MOST_CHANGES = 200
"""Changes of bookings that are kept; the whole story stands in the log."""
LARGEST = 150_000
"""Characters of the topics of one day that a page shows; each counts for :data:`AROUND` more."""
AROUND = 280
"""Characters of a page around each topic."""

Rows = list[Json]


def chronicle(known: Tree, record: Record) -> Tree:
    """Return the chronicle after one more record. Nothing in ``known`` is changed in place.

    An undo removes the entries of the record that it undoes, and adds none of its own.
    """
    if record.undoes is not None:
        return _without(known, str(record.undoes), _tracks(record))
    topics, changes = list(_topics(record)), list(_changes(record))
    if topics:
        day = record.at.astimezone(UTC).date().isoformat()
        days, tracks = _table(known, "days"), _table(known, "tracks")
        known = {**known, "days": {**days, day: _longer_day(_table(days, day), record, topics)}}
        known["tracks"] = {**tracks, **_longer_tracks(tracks, record, topics)}
    if changes:
        known = {**known, "changes": _newest({**_table(known, "changes"), str(record.number): changes})}
    return known


def forgotten(known: Tree, key: str) -> list[Edit]:
    """Return the edits that remove a person from the chronicle. Their topics and bookings stay, without a name."""
    edits: list[Edit] = []
    for track, rows in _table(known, "tracks").items():
        edits += _nameless(("tracks", track), rows, key)
    for day, told in _table(known, "days").items():
        for name, part in _table(cast("Tree", told), "parts").items():
            edits += _nameless(("days", day, "parts", name, "rows"), _table(cast("Tree", part), "rows"), key)
    return [*edits, *_nameless(("changes",), _table(known, "changes"), key)]


def _nameless(at: tuple[str, ...], rows: Json, key: str) -> Iterator[Edit]:
    for number, said in (rows if isinstance(rows, dict) else {}).items():
        left = [{**row, "by": "", "key": ""} if row.get("key") == key else row for row in _rows(said)]
        if left != said:
            yield Edit((*at, number), said, cast("Json", left))


def _longer_day(day: Tree, record: Record, topics: Rows) -> Tree:
    parts, left = {**_table(day, "parts")}, _table(day, "left")
    for row in _rows(topics):
        key = _part_for(parts, record.at)
        part = _table(parts, key)
        rows = _table(part, "rows")
        longer: Tree = {**rows, str(record.number): [*_rows(rows.get(str(record.number))), row]}
        parts[key] = {"rows": longer, "weight": cast("int", part.get("weight", 0)) + _weight(row)}
    kept = cast("int", day.get("kept", 0)) + len(topics)
    while len(parts) > 1 and kept > MOST_TOPICS:
        oldest = next(iter(parts))
        dropped = _count(parts.pop(oldest))
        kept -= dropped
        left = {**left, quarter_of(oldest): cast("int", left.get(quarter_of(oldest), 0)) + dropped}
    return {"parts": parts, "left": left, "kept": kept}


def _part_for(parts: Tree, at: datetime) -> str:
    """Return the key of the part for a topic of this moment: the newest part if the topic fits, else the next."""
    utc = at.astimezone(UTC)
    quarter = f"{utc.hour:02}:{utc.minute // 15 * 15:02}"
    newest = next(reversed(parts), "")
    if quarter_of(newest) == quarter and cast("int", _table(parts, newest)["weight"]) < PART:
        return newest
    numbers = [int(key.partition(".")[2]) for key in parts if quarter_of(key) == quarter]
    return f"{quarter}.{1 + max(numbers, default=0)}"


def quarter_of(part: str) -> str:
    """Return the quarter of an hour (UTC), such as ``14:30``, of a part with a key such as ``14:30.2``."""
    return part.partition(".")[0]


def _weight(row: Mapping[str, Json]) -> int:
    """Return the number of characters that a topic takes on a page, not counting its author."""
    return AROUND + len(str(row["text"])) + 3 * len(str(row["track"]))


def _count(part: Json) -> int:
    """Return the number of topics in a part."""
    return sum(len(_rows(said)) for said in _table(cast("Tree", part), "rows").values())


def _longer_tracks(tracks: Tree, record: Record, topics: Rows) -> Tree:
    found: Tree = {}
    for row in _rows(topics):
        track = str(row["track"])
        rows: Tree = {**_table(found if track in found else tracks, track)}
        rows[str(record.number)] = [*cast("Rows", rows.get(str(record.number), [])), cast("Json", row)]
        while len(rows) > MOST_OF_TRACK:
            del rows[next(iter(rows))]
        found[track] = rows
    return found


def _newest(changes: Tree) -> Tree:
    while len(changes) > 1 and sum(map(len, map(_rows, changes.values()))) > MOST_CHANGES:
        del changes[next(iter(changes))]
    if len(changes) == 1:
        return {number: cast("Rows", rows)[-MOST_CHANGES:] for number, rows in changes.items()}
    return changes


def _without(known: Tree, number: str, named: set[str]) -> Tree:
    """Return a chronicle without a record. ``named`` are the tracks of the record."""
    days, tracks, changes = _table(known, "days"), _table(known, "tracks"), _table(known, "changes")
    for day, told in reversed(days.items()):
        less = _shorter_day(cast("Tree", told), number)
        if less is not told:
            known = {**known, "days": {**days, day: less} if less["parts"] or less["left"] else _less(days, day)}
            break
    shorter = {track: _less(_table(tracks, track), number) for track in named if number in _table(tracks, track)}
    if shorter:
        known = {**known, "tracks": {name: rows for name, rows in {**tracks, **shorter}.items() if rows}}
    return {**known, "changes": _less(changes, number)} if number in changes else known


def _shorter_day(day: Tree, number: str) -> Tree:
    """Return a day without the topics of a record; the same object if it holds none of them."""
    parts, kept = {**_table(day, "parts")}, cast("int", day.get("kept", 0))
    for key, part in _table(day, "parts").items():
        rows = _table(cast("Tree", part), "rows")
        if taken := _rows(rows.get(number)):
            kept -= len(taken)
            weight = cast("int", cast("Tree", part)["weight"]) - sum(map(_weight, taken))
            if len(rows) > 1:
                parts[key] = {"rows": _less(rows, number), "weight": weight}
            else:
                del parts[key]
    return day if kept == day.get("kept") else {**day, "parts": parts, "kept": kept}


def _less(table: Tree, key: str) -> Tree:
    return {name: value for name, value in table.items() if name != key}


def _tracks(record: Record) -> set[str]:
    return {edit.at[1] for edit in record.edits if len(edit.at) == 2 and edit.at[0] == "now"}


def _topics(record: Record) -> Iterator[Json]:
    for edit in record.edits:
        if len(edit.at) == 2 and edit.at[0] == "now" and isinstance(edit.now, str):
            yield {"at": record.at.isoformat(), "track": edit.at[1], "text": edit.now, **_who(record)}


def _who(record: Record) -> dict[str, Json]:
    # A document that was taken over was typed on no network: nobody on the page would know who "file" is.
    return {"by": record.nick, "key": record.key} if record.network else {"by": "", "key": ""}


def _changes(record: Record) -> Iterator[Json]:
    for edit in record.edits:
        if row := _change(edit):
            who: dict[str, Json] = {"by": "", "key": ""} if record.private else _who(record)
            yield {"at": record.at.isoformat(), **who, **row}


def _change(edit: Edit) -> dict[str, Json] | None:
    if edit.at[:1] != ("schedule",):
        return None
    if len(edit.at) < 3:
        return {"room": edit.at[1] if len(edit.at) == 2 else None, "slot": None, "was": None, "is": None}
    was, now = (value if isinstance(value, str) else None for value in (edit.was, edit.now))
    return {"room": edit.at[1], "slot": edit.at[2], "was": was, "is": now}


# What slices tell of it


def said_by(known: Tree, track: str, text: str) -> str:
    """Return the author of a topic if it is the newest of its track, else the empty string."""
    rows = _table(_table(known, "tracks"), track)
    latest = _rows(rows[next(reversed(rows))])[-1] if rows else {}
    return str(latest.get("by", "")) if latest.get("text") == text else ""


def days_of(known: Tree, zone: tzinfo) -> list[str]:
    """Return the days in the zone on which topics were discussed."""
    found = {
        local_day(day, quarter, zone)
        for day, told in _table(known, "days").items()
        for quarter in quarters(cast("Tree", told))
    }
    return sorted(found)


def quarters(day: Tree) -> set[str]:
    """Return the quarters of an hour (UTC) of a day in which topics were discussed."""
    return {*map(quarter_of, _table(day, "parts")), *_table(day, "left")}


def parts_of_day(known: Tree, day: str, zone: tzinfo) -> tuple[list[str], int]:
    """Return the newest parts of a day in the zone that fit on a page, the oldest first.

    Return the number of omitted topics, too. The name of a part is its day and its key, such as ``2026-11-16T14:30.2``.
    """
    found: list[tuple[str, Tree]] = []
    left = 0
    for near in neighbours(day):
        told = _table(_table(known, "days"), near)
        here = {quarter for quarter in quarters(told) if local_day(near, quarter, zone) == day}
        parts = _table(told, "parts").items()
        found += [(f"{near}T{key}", cast("Tree", part)) for key, part in parts if quarter_of(key) in here]
        left += sum(cast("int", count) for quarter, count in _table(told, "left").items() if quarter in here)
    shown: list[str] = []
    room = LARGEST
    for name, part in reversed(found):
        room -= _size(part)
        if room < 0 and shown:
            break
        shown.append(name)
    return shown[::-1], left + sum(_count(part) for _, part in found[: len(found) - len(shown)])


def _size(part: Tree) -> int:
    """Return the number of characters that a part takes on a page."""
    names = sum(len(str(row["by"])) for said in _table(part, "rows").values() for row in _rows(said))
    return cast("int", part["weight"]) + names


def all_parts(known: Tree) -> list[str]:
    """Return the names of all parts."""
    days = _table(known, "days").items()
    return [f"{day}T{key}" for day, told in days for key in _table(cast("Tree", told), "parts")]


def topics_of_part(known: Tree, name: str) -> Rows:
    """Return the topics of a part, the oldest first."""
    day, _, key = name.partition("T")
    rows = _table(_table(_table(_table(_table(known, "days"), day), "parts"), key), "rows")
    return [public(row) for said in rows.values() for row in _rows(said)]


def topics_of_track(known: Tree, track: str) -> Rows:
    """Return the newest topics of a track, the oldest first."""
    return [public(row) for said in _table(_table(known, "tracks"), track).values() for row in _rows(said)]


def newest_changes(known: Tree) -> Rows:
    """Return the newest changes of bookings, the newest first."""
    rows = [public(row) for said in _table(known, "changes").values() for row in _rows(said)]
    return rows[: -MOST_CHANGES - 1 : -1]


def public(row: Mapping[str, Json]) -> Json:
    """Return a row for pages and feeds, with people by their display names only."""
    return {name: value for name, value in row.items() if name != "key"}


def neighbours(day: str) -> list[str]:
    """Return a day (ISO 8601) with the days before and after it."""
    middle = date.fromisoformat(day)
    return [(middle + timedelta(days=days)).isoformat() for days in (-1, 0, 1)]


def local_day(day: str, quarter: str, zone: tzinfo) -> str:
    """Return the day in the zone for a quarter of an hour (UTC) of a day."""
    at = datetime.fromisoformat(f"{day}T{quarter}:00+00:00")
    return at.astimezone(zone).date().isoformat()


def _table(tree: Mapping[str, Json], name: str) -> Tree:
    value = tree.get(name)
    return value if isinstance(value, dict) else {}


def _rows(value: Json) -> list[dict[str, Json]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
