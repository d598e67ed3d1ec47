"""What was discussed when, and which bookings changed: read off the journal's records, for pages and feeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo

from attrs import define, field, frozen

from ptgbot.chat.commands import Record
from ptgbot.store.edits import Edit, Json

MOST_CHANGES = 200
"""Changes of bookings that are shown; the whole story stands in the log."""


@frozen
class Topic:
    """A track began to discuss something."""

    number: int
    at: datetime
    track: str
    text: str
    nick: str
    """Who said so; empty for somebody who asked to be forgotten, and for an edit of the file."""

    def row(self) -> dict[str, Json]:
        """Return it as pages and feeds read it."""
        return {"at": self.at.isoformat(), "track": self.track, "text": self.text, "by": self.nick}


@define
class Recap:
    """Grows with the journal, so that a page costs what is new and not what ever was. Pure: records are handed in."""

    _topics: dict[int, list[Topic]] = field(factory=dict)
    """By the number of the record."""
    _days: dict[str, list[Json]] = field(factory=dict)
    _tracks: dict[str, list[Json]] = field(factory=dict)
    _latest: dict[str, Topic] = field(factory=dict)
    _changes: list[dict[str, Json]] = field(factory=list)
    _zone: tzinfo | None = None
    _seen: int = 0

    def reset(self) -> None:
        """Read everything anew: records were rewritten because somebody asked to be forgotten."""
        self._topics.clear()
        self._changes.clear()
        self._seen, self._zone = 0, None

    def update(self, newest: Iterator[Record], undone: Callable[[int], bool], zone: tzinfo) -> None:
        """Take in the records that are new; ``newest`` yields the newest first."""
        fresh: list[Record] = []
        for record in newest:
            if record.number <= self._seen:
                break
            fresh.append(record)
        whole = self._zone != zone
        for record in reversed(fresh):
            self._seen = record.number
            self._changes += _changes(record)
            if record.undoes is not None:
                whole |= self._topics.pop(record.undoes, None) is not None
            elif not undone(record.number) and (found := list(_topics(record))):
                self._topics[record.number] = found
                for topic in () if whole else found:
                    self._add(topic)
        del self._changes[:-MOST_CHANGES]
        if whole:
            self._group(zone)

    def _group(self, zone: tzinfo) -> None:
        self._zone = zone
        self._days, self._tracks, self._latest = {}, {}, {}
        for topics in self._topics.values():
            for topic in topics:
                self._add(topic)

    def _add(self, topic: Topic) -> None:
        # New lists: those that were handed out must not change any more.
        day = topic.at.astimezone(self._zone).date().isoformat()
        self._days[day] = [*self._days.get(day, ()), topic.row()]
        self._tracks[topic.track] = [*self._tracks.get(topic.track, ()), topic.row()]
        self._latest[topic.track] = topic

    def said_by(self, track: str, text: str) -> str:
        """Return who set a topic, if it is the latest on record."""
        topic = self._latest.get(track)
        return topic.nick if topic and topic.text == text else ""

    def slices(self, slugs: dict[str, str]) -> dict[str, Json]:
        """Return what pages show: one slice a day, one a track, the days, the changes."""
        found: dict[str, Json] = {f"recap:{day}": rows for day, rows in self._days.items()}
        found |= {f"topics:{slugs[track]}": rows for track, rows in self._tracks.items() if track in slugs}
        return {**found, "recap": [*sorted(self._days)], "changes": [*reversed(self._changes)]}


def _topics(record: Record) -> Iterator[Topic]:
    for edit in record.edits:
        if len(edit.at) == 2 and edit.at[0] == "now" and isinstance(edit.now, str):
            yield Topic(record.number, record.at, edit.at[1], edit.now, _who(record))


def _who(record: Record) -> str:
    # A document that was taken over was typed on no network: nobody on the page would know who "file" is.
    return record.nick if record.network else ""


def _changes(record: Record) -> list[dict[str, Json]]:
    rows = [row for edit in record.edits if (row := _change(edit))]
    return [{"at": record.at.isoformat(), "by": "" if record.private else _who(record), **row} for row in rows]


def _change(edit: Edit) -> dict[str, Json] | None:
    if edit.at[:1] != ("schedule",):
        return None
    if len(edit.at) < 3:
        return {"room": edit.at[1] if len(edit.at) == 2 else None, "slot": None, "was": None, "is": None}
    was, now = (value if isinstance(value, str) else None for value in (edit.was, edit.now))
    return {"room": edit.at[1], "slot": edit.at[2], "was": was, "is": now}
