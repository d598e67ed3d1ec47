"""What was discussed when, and which bookings changed: the gathering's chronicle.

It grows by one record at a time and is bounded, so that no page, and no cost of a command, grows with history. Topics
are kept under the day (UTC) on which they were said and under their track; the slices put them under the days of the
gathering's time zone, which may change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import cast

from ptgbot.chat.commands import Record
from ptgbot.store.edits import Edit, Json, Tree

MOST_TOPICS = 500
"""Topics of one day that are kept, the newest."""
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

    An undo removes what stands there of the record that it takes back, and leaves nothing of its own.
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
    """Return the edits that take a person out of the chronicle; what they did stays, said by nobody."""
    edits: list[Edit] = []
    for part in ("days", "tracks"):
        for name, rows in _table(known, part).items():
            inner = (part, name) if part == "tracks" else (part, name, "rows")
            edits += _nameless(inner, rows if part == "tracks" else _table(cast("Tree", rows), "rows"), key)
    return [*edits, *_nameless(("changes",), _table(known, "changes"), key)]


def _nameless(at: tuple[str, ...], rows: Json, key: str) -> Iterator[Edit]:
    for number, said in (rows if isinstance(rows, dict) else {}).items():
        left = [{**row, "by": "", "key": ""} if row.get("key") == key else row for row in _rows(said)]
        if left != said:
            yield Edit((*at, number), said, cast("Json", left))


def _longer_day(day: Tree, record: Record, topics: Rows) -> Tree:
    rows: Tree = {**_table(day, "rows"), str(record.number): topics}
    left, kept = _table(day, "left"), cast("int", day.get("kept", 0)) + len(topics)
    while len(rows) > 1 and kept > MOST_TOPICS:
        oldest = _rows(rows.pop(next(iter(rows))))
        kept -= len(oldest)
        for row in oldest:
            quarter = _quarter(row)
            left = {**left, quarter: cast("int", left.get(quarter, 0)) + 1}
    return {"rows": rows, "left": left, "kept": kept}


def _quarter(row: Mapping[str, Json]) -> str:
    """Return the quarter of an hour (UTC) in which a topic was said, such as ``14:30``."""
    at = datetime.fromisoformat(str(row["at"])).astimezone(UTC)
    return f"{at.hour:02}:{at.minute // 15 * 15:02}"


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
    """Return a chronicle without a record; ``named`` are the tracks that it was about."""
    days, tracks, changes = _table(known, "days"), _table(known, "tracks"), _table(known, "changes")
    for day, told in reversed(days.items()):
        rows = _table(cast("Tree", told), "rows")
        if number in rows:
            kept = cast("int", cast("Tree", told)["kept"]) - len(_rows(rows[number]))
            less: Tree = {**cast("Tree", told), "rows": _less(rows, number), "kept": kept}
            known = {**known, "days": {**days, day: less} if less["rows"] or less["left"] else _less(days, day)}
            break
    shorter = {track: _less(_table(tracks, track), number) for track in named if number in _table(tracks, track)}
    if shorter:
        known = {**known, "tracks": {name: rows for name, rows in {**tracks, **shorter}.items() if rows}}
    return {**known, "changes": _less(changes, number)} if number in changes else known


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
    """Return who set a topic, if it is the latest on record; empty otherwise."""
    rows = _table(_table(known, "tracks"), track)
    latest = _rows(rows[next(reversed(rows))])[-1] if rows else {}
    return str(latest.get("by", "")) if latest.get("text") == text else ""


def days_of(known: Tree, zone: tzinfo) -> list[str]:
    """Return the days, in the zone, on which something was discussed."""
    found: set[str] = set()
    for day, told in _table(known, "days").items():
        rows, left = _table(cast("Tree", told), "rows"), _table(cast("Tree", told), "left")
        ends = [_rows(rows[number])[0] for number in (next(iter(rows)), next(reversed(rows)))] if rows else []
        found |= {_local(row, zone) for row in ends}
        found |= {_local_quarter(day, quarter, zone) for quarter in left}
    return sorted(found)


def topics_of_day(known: Tree, day: str, zone: tzinfo) -> tuple[Rows, int]:
    """Return the newest topics of a day in the zone, the oldest first, and how many older ones are left out."""
    days = _table(known, "days")
    rows: list[dict[str, Json]] = []
    left = 0
    for near in neighbours(day):
        told = _table(days, near)
        rows += [row for said in _table(told, "rows").values() for row in _rows(said) if _local(row, zone) == day]
        left += sum(
            cast("int", count)
            for quarter, count in _table(told, "left").items()
            if _local_quarter(near, quarter, zone) == day
        )
    shown = _fitting(rows)
    return shown, left + len(rows) - len(shown)


def _fitting(rows: list[dict[str, Json]]) -> Rows:
    """Return the newest topics that a page can hold, as pages read them."""
    room = LARGEST
    kept: Rows = []
    for row in reversed(rows[-MOST_TOPICS:]):
        room -= AROUND + len(str(row["text"])) + 3 * len(str(row["track"])) + len(str(row["by"]))
        if room < 0 and kept:
            break
        kept.append(public(row))
    return kept[::-1]


def topics_of_track(known: Tree, track: str) -> Rows:
    """Return the newest topics of a track, the oldest first."""
    return [public(row) for said in _table(_table(known, "tracks"), track).values() for row in _rows(said)]


def newest_changes(known: Tree) -> Rows:
    """Return the newest changes of bookings, the newest first."""
    rows = [public(row) for said in _table(known, "changes").values() for row in _rows(said)]
    return rows[: -MOST_CHANGES - 1 : -1]


def public(row: Mapping[str, Json]) -> Json:
    """Return a row as pages and feeds read it: people only by the name that they show."""
    return {name: value for name, value in row.items() if name != "key"}


def neighbours(day: str) -> list[str]:
    """Return a day (ISO 8601) with the days before and after it."""
    middle = date.fromisoformat(day)
    return [(middle + timedelta(days=days)).isoformat() for days in (-1, 0, 1)]


def local_day(row: Json, zone: tzinfo) -> str:
    """Return the day, in the zone, of a topic as the chronicle keeps it."""
    return _local(cast("dict[str, Json]", row), zone)


def _local(row: Mapping[str, Json], zone: tzinfo) -> str:
    return datetime.fromisoformat(str(row["at"])).astimezone(zone).date().isoformat()


def _local_quarter(day: str, quarter: str, zone: tzinfo) -> str:
    at = datetime.fromisoformat(f"{day}T{quarter}:00+00:00")
    return at.astimezone(zone).date().isoformat()


def _table(tree: Mapping[str, Json], name: str) -> Tree:
    value = tree.get(name)
    return value if isinstance(value, dict) else {}


def _rows(value: Json) -> list[dict[str, Json]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
