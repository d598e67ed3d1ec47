"""Brings the documents of finished meetings from the store into the archive, and tells the site of its revision."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from ptgbot.chat.commands import Decision
from ptgbot.chat.message import Person
from ptgbot.feature import BulkRow, Fact, Look, SiteProject, Slice, SliceKind, Source, SourceHub
from ptgbot.meetings import rooms
from ptgbot.meetings.archive import FORGOTTEN, SOURCE, Archive, Document, naming, without_person
from ptgbot.meetings.archive_index import writing
from ptgbot.meetings.days import Changed, Days, key_of
from ptgbot.meetings.minutes import document_id
from ptgbot.meetings.settings import MeetingsSettings
from ptgbot.store.edits import ABSENT, Edit, Json, Tree

PREFIX: Final = document_id("")
"""Beginning of the ids of the documents of finished meetings."""
POLL: Final = 5.0
"""Seconds after which the archive is looked at again, because an import may have written to it."""
PACE: Final = 60.0
"""Seconds after which the site is told of an archive that changes all the time, because people talk in logged rooms."""
MOST: Final = 50
"""Most documents in one transaction, and most meetings in the slice of recent ones."""


async def keep(_settings: MeetingsSettings, hub: SourceHub) -> None:
    """Bring documents into the archive, without end."""
    archive = Archive(hub.folder)
    known, told, again = await asyncio.to_thread(_known, archive), -1, 0.0
    while True:
        stored = hub.documents(PREFIX)
        new = [identifier for identifier, digest in stored.items() if known.get(identifier) != digest]
        for identifiers in (new[start : start + MOST] for start in range(0, len(new), MOST)):
            found = [(await hub.document(one), stored[one]) for one in identifiers]
            hub.count("meetings", await asyncio.to_thread(_put, archive, found))
            known.update({one: stored[one] for one in identifiers})
        number = await asyncio.to_thread(_revision, archive)
        if number != told and (new or time.monotonic() >= again):
            await hub.learn([Fact(f"archive {number}", number)])
            again = time.monotonic() + PACE if told >= 0 else 0.0
            told = number
        try:
            async with asyncio.timeout(POLL):
                await hub.documented()
        except TimeoutError:
            continue


def _known(archive: Archive) -> dict[str, str]:
    """Return the digests of the documents that the archive has, by their ids."""
    archive.mend()
    with archive.reading() as index:
        return {document_id(slug): digest for slug, digest in index.digests().items()}


def _put(archive: Archive, documents: Sequence[tuple[Json, str]]) -> int:
    with archive.writing() as batch:
        for document, digest in documents:
            batch.put(_checked(document), digest)
    return len(documents)


def _checked(document: Json) -> Document:
    if not isinstance(document, dict):
        raise TypeError("the document of a meeting is no object")
    return document


def _revision(archive: Archive) -> int:
    with archive.reading() as index:
        return index.number


def learned(tree: Tree, facts: Sequence[Fact]) -> Decision | None:
    """Return the decision that notes the newest revision of the archive."""
    revision = facts[-1].value
    if revision == tree.get("archive", 0):
        return None
    return Decision([Edit(("archive",), tree.get("archive", ABSENT), revision)])


def write_lines(_settings: MeetingsSettings, bulk: Path, rows: Sequence[BulkRow]) -> None:
    """Write effects of :mod:`ptgbot.meetings.channel_logs` to the logs of rooms, and note the pages that change.

    Lines that follow each other in one room are written at once.

    Raises:
        OSError: they cannot be written, or the index is damaged.
    """
    archive = Archive(bulk / SOURCE)
    days = Days(archive.folder)
    for (network, target, is_line), found in groupby(sorted(rows, key=lambda row: (row.network, row.target)), _stretch):
        messages = [{"id": row.transaction, **_checked(row.body)} for row in found]
        changed = [days.add(network, target, messages)] if is_line else [
            days.hide(network, target, row["hide"], row["until"])
            if "hide" in row
            else days.edit(network, target, row["edit"], row["texts"])
            for row in messages
        ]
        for one in changed:
            note_days(archive, key_of(network, target), one)


def _stretch(row: BulkRow) -> tuple[str, str, bool]:
    """Return the room of a row, and whether it is a message."""
    body = _checked(row.body)
    return row.network, row.target, "hide" not in body and "edit" not in body


def note_days(archive: Archive, room: str, changed: Changed) -> None:
    """Note in the index that the log of a room, given by its key, has changed.

    Raises:
        OSError: the index cannot be written.
    """
    if not changed.days:
        return
    try:
        with writing(archive.index_path) as index:
            index.note_days(room, changed)
    except sqlite3.DatabaseError as error:
        raise OSError(f"the index of the archive: {error}") from error


def _forget(_settings: MeetingsSettings, folder: Path, person: Person) -> None:
    names, archive = names_of(person), Archive(folder)
    archive.forget(names)
    lower = {name.casefold() for name in names}
    said = naming(lower)

    def without(message: Mapping[str, Any]) -> Mapping[str, Any]:
        if message["key"] == person.key or message["nick"].casefold() in lower:
            count = len(message["texts"])
            return {**message, "nick": FORGOTTEN, "key": "", "texts": [""] * count, "kind": "removed", "event": ""}
        return {**message, "texts": [said.sub(FORGOTTEN, text) for text in message["texts"]]}

    for changed in Days(folder).change_all(without, names):
        room, _, day = changed.rpartition("/")
        note_days(archive, room, Changed([day]))


def names_of(person: Person) -> set[str]:
    """Return the names under which a person may be in minutes: nick, name on Matrix, accounts."""
    names = {person.nick, person.key, *person.accounts}
    return {name for name in names | {name.partition(":")[0].lstrip("@") for name in names} if name}


def forgetting(person: Person) -> Mapping[str, Any]:
    """Return the function that takes a person out of the documents in the store, for the prefix of their ids."""
    names = names_of(person)

    def rewrite(body: Json) -> Json:
        return dict(without_person(_checked(body), names))

    return {PREFIX: rewrite}


def _archive(look: Look[MeetingsSettings], _key: str) -> Slice:
    return Slice(look.state.get("archive", 0))


def _recent(look: Look[MeetingsSettings], _key: str) -> Slice:
    rows = [row for row in reversed([*rooms.recent(look.state).values()]) if not row["restricted"]]
    return Slice(
        [
            {"slug": row["slug"], "name": row["name"], "title": row["topic"] or row["name"], "at": row["started"]}
            for row in rows[:MOST]
        ]
    )


SOURCES: Final = (Source[MeetingsSettings](SOURCE, keep, forget=_forget),)
SLICES: Final = (
    SliceKind[MeetingsSettings]("archive", _archive, (("archive",),)),
    SliceKind[MeetingsSettings]("recent", _recent, (("recent",),)),
)
_SHOWN: Final = ("meetings.archive", "meetings.next")
PROJECTS: Final = (SiteProject[MeetingsSettings]("meetings", "ptgbot_site.meetings.project", _SHOWN),)
