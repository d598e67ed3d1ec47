"""The archive of all finished meetings, beside the journal: a compressed document each, and an index made of them.

The documents are the truth: ``documents/2024/infra.2024-11-20-14.00.json.gz`` has the JSON, the log and the address of
one meeting. They are written by a temporary file, fsync and rename. The index is derived from them.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from attrs import define, field, frozen

from ptgbot.meetings.archive_index import FROM, OLD, Register, person_key, reading, writing
from ptgbot.meetings.days import Changed, Days
from ptgbot.store.files import sync_folder

Document = Mapping[str, Any]
"""A finished meeting: ``{"minutes": …, "log": […], "slug": …}``."""

SOURCE: Final = "archive"
"""Name of the folder in the feature's bulk storage."""
_SAFE: Final = re.compile(r"[0-9]{4}/[a-z0-9_-][a-z0-9_.-]*")
_ENDING: Final = ".json.gz"


class NoSuchMeeting(KeyError):
    """The archive has no meeting with this address."""


def checked_slug(slug: str) -> str:
    """Return an address of a meeting unchanged.

    Raises:
        ValueError: it is not of the form ``YEAR/NAME`` in small letters, digits and ``_.-``.
    """
    if not _SAFE.fullmatch(slug) or ".." in slug:
        raise ValueError(f"{slug!r} can't be the address of a meeting")
    return slug


@frozen
class Archive:
    """The archive in a folder."""

    folder: Path

    @property
    def index_path(self) -> Path:
        """The index."""
        return self.folder / "index.sqlite"

    @property
    def documents(self) -> Path:
        """The folder of the documents."""
        return self.folder / "documents"

    def path_of(self, slug: str) -> Path:
        """Return the file of a document.

        Raises:
            ValueError: the address is invalid.
        """
        return self.documents / f"{checked_slug(slug)}{_ENDING}"

    def read(self, slug: str) -> Document:
        """Return the document of a meeting.

        Raises:
            NoSuchMeeting: there is none.
            ValueError: the address is invalid, or the file is damaged.
            OSError: the file cannot be read.
        """
        try:
            return document_in(self.path_of(slug).read_bytes())
        except FileNotFoundError as error:
            raise NoSuchMeeting(slug) from error

    def slugs(self) -> Iterator[str]:
        """Yield the addresses of all documents, in order."""
        for path in sorted(self.documents.glob(f"*/*{_ENDING}")):
            yield f"{path.parent.name}/{path.name.removesuffix(_ENDING)}"

    @contextmanager
    def reading(self) -> Iterator[Register]:
        """Open a snapshot of the index.

        Raises:
            sqlite3.DatabaseError: the index is damaged or of another version; :meth:`mend` makes it anew.
        """
        with reading(self.index_path) as index:
            yield index

    @contextmanager
    def writing(self) -> Iterator[Shelving]:
        """Write several documents. They are durable, and in the index, when the context has ended.

        Raises:
            OSError: a file cannot be written.
        """
        self.documents.mkdir(parents=True, exist_ok=True)
        with writing(self.index_path) as index:
            batch = Shelving(self, index)
            yield batch
            batch.sync()

    def mend(self) -> bool:
        """Make the index anew if it is missing, damaged or of another version. Return whether it was.

        Raises:
            OSError: a file cannot be read or written.
        """
        if not self.documents.is_dir() and not self.index_path.exists():
            return False
        try:
            with self.reading() as index:
                whole = self.index_path.exists() and index.number >= 0
        except sqlite3.DatabaseError:
            whole = False
        if not whole:
            self.rebuild()
        return not whole

    def rebuild(self) -> None:
        """Make the index anew from the documents.

        Raises:
            OSError: a file cannot be read or written.
        """
        for path in self.folder.glob(f"{self.index_path.name}*"):
            path.unlink()
        with writing(self.index_path) as index:
            for slug in self.slugs():
                index.put(self.read(slug), "")
            days = Days(self.folder)
            for room in days.rooms():
                index.note_days(room, Changed(days.days(room), is_new=True))

    def forget(self, names: Iterable[str]) -> int:
        """Take a person out of all documents. Return how many were rewritten.

        Args:
            names: all names under which the person spoke.

        Raises:
            OSError: a file cannot be read or written.
        """
        known = [*names]
        self.mend()
        with self.reading() as index:
            slugs = index.said_by(person_key(name) for name in known)
            restricted = [slug for slug in self.slugs() if (row := index.meeting(slug)) is None or row.restricted]
        rewritten = 0
        for slug in dict.fromkeys([*slugs, *restricted]):
            document = self.read(slug)
            without = without_person(document, known)
            if without != document:
                with self.writing() as batch:
                    batch.put(without)
                rewritten += 1
        return rewritten


@define(eq=False)
class Shelving:
    """Documents that are written together."""

    archive: Archive
    index: Register
    _parts: dict[Path, Path] = field(factory=dict, init=False)
    """The written files by the names that they get when all are durable."""

    def put(self, document: Document, digest: str = "") -> None:
        """Write a document. One with the same address is replaced.

        Args:
            document: the finished meeting.
            digest: digest of its bytes in the store, empty for a document that is only here.

        Raises:
            ValueError: its address is invalid.
            OSError: it cannot be written.
        """
        path = self.archive.path_of(document["slug"])
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        part.write_bytes(bytes_of(document))
        self._parts[path] = part
        self.index.put(document, digest)

    def sync(self) -> None:
        """Make the files durable under their names. One after the other, they would take a sync of the disk each.

        Raises:
            OSError: the system cannot.
        """
        for part in self._parts.values():
            _sync(part)
        for path, part in self._parts.items():
            part.replace(path)
        for folder in {*(path.parent for path in self._parts), self.archive.documents}:
            sync_folder(folder)


def _sync(path: Path) -> None:
    """Wait until the disk has a file."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def bytes_of(document: Document) -> bytes:
    """Return a document as it is stored: compressed JSON."""
    raw = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return gzip.compress(raw, 6, mtime=0)


def document_in(raw: bytes) -> Document:
    """Parse a stored document.

    Raises:
        ValueError: it is damaged.
    """
    try:
        document: Document = json.loads(gzip.decompress(raw))
    except (EOFError, OSError) as error:
        raise ValueError(f"the document is damaged: {error}") from error
    return document


FORGOTTEN: Final = "somebody"
"""The name of everybody who was forgotten."""


def without_person(document: Document, names: Collection[str]) -> Document:
    """Return a document without a person: their lines lose their text, and their names become :data:`FORGOTTEN`.

    Items of the minutes stay, because they are the minutes of everybody, without the name of who said them.
    """
    lower = {name.casefold() for name in names if name}
    if not lower:
        return document
    said = naming(lower)
    theirs = {str(line["n"]) for line in document["log"] if str(line["nick"]).casefold() in lower}
    return {
        **document,
        "minutes": _without(_uncorrected(document["minutes"], theirs), lower, said),
        "log": [_line_without(line, lower, said) for line in document["log"]],
    }


def naming(names: Collection[str]) -> re.Pattern[str]:
    """Return a pattern that matches each of the names as a whole nick, in any case."""
    any_name = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<![\w\[\]\\`^{{}}|-])(?:{any_name})(?![\w\[\]\\`^{{}}|-])", re.IGNORECASE)


def _uncorrected(minutes: Mapping[str, Any], lines: Collection[str]) -> Mapping[str, Any]:
    """Return minutes without the corrected texts of lines, and without the lines that these have put in."""
    if "corrections" not in minutes:
        return minutes
    former = minutes["corrections"]
    texts = {number: text for number, text in former["lines"].items() if number not in lines}
    inserted = [row for row in former["inserted"] if str(row["number"]) not in lines]
    return {**minutes, "corrections": {**former, "lines": texts, "inserted": inserted}}


def _line_without(line: Mapping[str, Any], names: Collection[str], said: re.Pattern[str]) -> Mapping[str, Any]:
    if str(line["nick"]).casefold() in names:
        return {**line, "nick": FORGOTTEN, "text": "", "kind": "removed"}
    return {**line, "text": said.sub(FORGOTTEN, line["text"] or "")}


def _without(value: Any, names: Collection[str], said: re.Pattern[str]) -> Any:
    """Return JSON in which every name of the person, in keys as well, is replaced."""
    if isinstance(value, str):
        return said.sub(FORGOTTEN, value)
    if isinstance(value, list):
        return [_without(one, names, said) for one in value]
    if isinstance(value, dict):
        return {FORGOTTEN if key.casefold() in names else key: _without(one, names, said) for key, one in value.items()}
    return value



__all__ = ["FORGOTTEN", "FROM", "OLD", "SOURCE", "Archive", "Document", "NoSuchMeeting", "Shelving", "without_person"]
