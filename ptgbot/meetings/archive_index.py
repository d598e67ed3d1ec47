"""The index of the archive: an SQLite file made of the documents, which can be made anew from them at any time."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from ptgbot.meetings.days import Changed
from ptgbot.meetings.log_words import words_of

VERSION: Final = 2
"""Version of the tables; an index of another version is made anew."""
FROM: Final = "imported_from"
"""Key of an imported document: the path of the log in the old archive."""
OLD: Final = "old_addresses"
"""Key of an imported document: the former addresses that lead to it."""
DECISIONS: Final = ("agreed", "accepted", "rejected", "vote")
"""Types of items that are decisions."""
_TABLES: Final = """
CREATE TABLE meetings (
  slug TEXT PRIMARY KEY, digest TEXT NOT NULL, network TEXT NOT NULL, room TEXT NOT NULL, name TEXT NOT NULL,
  title TEXT NOT NULL, owner TEXT NOT NULL, started TEXT NOT NULL, ended TEXT NOT NULL, restricted INTEGER NOT NULL,
  people INTEGER NOT NULL, lines INTEGER NOT NULL, draft INTEGER NOT NULL);
CREATE INDEX meetings_started ON meetings (restricted, started);
CREATE INDEX meetings_name ON meetings (name, started);
CREATE TABLE people (
  slug TEXT NOT NULL, person TEXT NOT NULL, nick TEXT NOT NULL, lines INTEGER NOT NULL, started TEXT NOT NULL,
  PRIMARY KEY (slug, person)) WITHOUT ROWID;
CREATE INDEX people_person ON people (person, started);
CREATE TABLE persons (person TEXT PRIMARY KEY, nick TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE actions (
  slug TEXT NOT NULL, position INTEGER NOT NULL, person TEXT NOT NULL, text TEXT NOT NULL, line INTEGER NOT NULL,
  started TEXT NOT NULL, PRIMARY KEY (slug, position, person)) WITHOUT ROWID;
CREATE INDEX actions_person ON actions (person, started);
CREATE TABLE decisions (
  slug TEXT NOT NULL, position INTEGER NOT NULL, type TEXT NOT NULL, text TEXT NOT NULL, nick TEXT NOT NULL,
  line INTEGER NOT NULL, started TEXT NOT NULL, PRIMARY KEY (slug, position)) WITHOUT ROWID;
CREATE INDEX decisions_started ON decisions (started);
CREATE TABLE old_addresses (address TEXT PRIMARY KEY, slug TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX old_addresses_slug ON old_addresses (slug);
CREATE TABLE words (slug TEXT PRIMARY KEY, words TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE imported (path TEXT PRIMARY KEY, slug TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE changes (key TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX changes_number ON changes (number);
"""
_LISTS: Final = ("feed:", "people:", "actions:", "names:", "months:", "decisions:")
"""Keys of the lists of everything."""
_SLUG: Final = re.compile(r"[0-9]{4}/(.+)\.[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{2}\.[0-9]{2}(?:-[0-9]+)?")
_PLAIN: Final = re.compile(r"[a-z0-9_-]")
_LONGEST: Final = 100
"""Bytes of a nick that its page can be named after."""


@frozen
class Row:
    """What lists say of a meeting."""

    slug: str
    network: str
    room: str
    name: str
    """The part of its address that names it."""
    title: str
    owner: str
    started: str
    """ISO 8601, UTC."""
    ended: str
    restricted: bool
    people: int
    lines: int
    draft: bool


@frozen
class Entry:
    """An action or a decision in the index."""

    slug: str
    type: str
    text: str
    nick: str
    line: int
    started: str


def name_in(slug: str) -> str:
    """Return the part of an address that names the meeting."""
    found = _SLUG.fullmatch(slug)
    return found[1] if found else slug.rpartition("/")[2]


def person_key(nick: str) -> str:
    """Return the name of a person's page: small letters, digits, ``_-``, and other bytes as ``=hh``.

    Two nicks have the same name only if they differ in nothing but case.
    """
    raw = nick.lower().encode()[:_LONGEST]
    return "".join(chr(byte) if _PLAIN.fullmatch(chr(byte)) else f"={byte:02x}" for byte in raw) or "="


def _row(found: Sequence[Any]) -> Row:
    slug, _digest, network, room, name, title, owner, started, ended, restricted, people, lines, draft = found
    return Row(
        slug, network, room, name, title, owner, started, ended, bool(restricted), people, lines, bool(draft)
    )


class Register:
    """The tables, opened for reading or for writing by one process."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Use an open connection; :func:`reading` and :func:`writing` open one."""
        self._sql = connection

    # Writing

    def put(self, document: Mapping[str, Any], digest: str) -> None:
        """Take over a document: its row, people, open actions and decisions, and the pages that show them.

        Args:
            document: the document of a finished meeting.
            digest: digest of its bytes in the store, empty for an imported one.
        """
        slug, minutes = document["slug"], document["minutes"]
        touched = self._pages_of(slug)
        # A meeting that is replaced or that nobody may list can change every list.
        lists = set(_LISTS) if touched else self._lists_of(slug, minutes)
        self._remove(slug)
        started, name = minutes["started"], name_in(slug)
        title = minutes["meeting_topic"] or minutes["meeting_name"] or minutes["channel"]
        self._sql.execute(
            "INSERT INTO meetings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(slug, digest, minutes["network"], minutes["channel"], name, title, minutes["owner"], started),
                *(minutes["ended"] or "", int(minutes["restricted"]), len(minutes["people"]), minutes["log_lines"]),
                int(bool(minutes.get("draft"))),
            ),
        )
        if not minutes["restricted"]:
            self._put_lists(slug, minutes, started)
            self._sql.execute("INSERT INTO words VALUES (?, ?)", (slug, json.dumps(words_of(document))))
            lists |= self._closed_earlier(name, minutes)
        if FROM in document:
            self.note_imported(document[FROM], slug, document.get(OLD, ()))
        pages = self._pages_of(slug)
        listed = pages | touched - {f"meeting:{slug}"}
        self._note({*touched, *pages, *(lists if len(listed) > 1 else ())})

    def _lists_of(self, slug: str, minutes: Mapping[str, Any]) -> set[str]:
        """Return the keys of the lists of everything that a new meeting changes."""
        if not self.rows(most=1):
            return set(_LISTS)  # the first page leads to every list, also to an empty one
        found, month = {"feed:"}, minutes["started"][:7]
        keys = {person_key(nick) for nick in minutes["people"]}
        marks = ", ".join("?" * len(keys))
        known = self._one(f"SELECT count(*) FROM persons WHERE person IN ({marks})", *keys)  # noqa: S608
        found |= {"people:"} if known < len(keys) else set()
        found |= {"actions:"} if minutes["actions"] else set()
        if not self.rows("name = ?", (name_in(slug),), 1):
            found.add("names:")
        if not self.rows("started >= ? AND started < ?", (month, f"{month}~"), 1):
            found |= {"months:"}
        if not self._one("SELECT 1 FROM decisions WHERE started >= ? AND started < ? LIMIT 1", month, f"{month}~"):
            found |= {"decisions:"}
        return found

    def _put_lists(self, slug: str, minutes: Mapping[str, Any], started: str) -> None:
        people = {person_key(nick): (nick, lines) for nick, lines in minutes["people"].items()}
        rows = [(slug, key, nick, lines, started) for key, (nick, lines) in people.items()]
        self._sql.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?)", rows)
        self._sql.executemany(
            "INSERT INTO persons VALUES (?, ?) ON CONFLICT (person) DO UPDATE SET nick = max(nick, excluded.nick)",
            [(key, nick) for key, (nick, _) in people.items()],
        )
        self._sql.executemany("INSERT INTO actions VALUES (?, ?, ?, ?, ?, ?)", _actions(slug, minutes, started))
        self._sql.executemany("INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?)", _decided(slug, minutes, started))

    def _closed_earlier(self, name: str, minutes: Mapping[str, Any]) -> set[str]:
        """Close the actions of earlier meetings of a name that are done now. Return the keys of the lists that change.

        A meeting begins with the texts of open actions, long ones cut.
        """
        done = [row["text"] for row in minutes.get("earlier_actions", ()) if not row["open"]]
        query = "SELECT slug, position, person, text FROM actions WHERE started < ? AND slug IN ("
        query += "SELECT slug FROM meetings WHERE name = ?)"
        found = [*self._sql.execute(query, (minutes["started"], name))] if done else []
        changed: set[str] = set()
        for slug, position, person, text in found:
            if any(text == told or (told.endswith("…") and text.startswith(told[:-1])) for told in done):
                self._sql.execute("DELETE FROM actions WHERE slug = ? AND position = ?", (slug, position))
                changed |= {"actions:", f"meeting:{slug}", *_pages_of_action(person, slug[:4])}
        return changed

    def note_imported(self, path: str, slug: str, old: Iterable[str]) -> None:
        """Note that a file of an old archive is taken over, and which former addresses lead to its meeting."""
        self._sql.execute("INSERT OR IGNORE INTO imported VALUES (?, ?)", (path, slug))
        for address in old:
            self._sql.execute("INSERT OR IGNORE INTO old_addresses VALUES (?, ?)", (address, slug))
        self._note({f"meeting:{slug}"})

    def note_days(self, room: str, changed: Changed) -> None:
        """Note that the log of a room, given by its key, has changed."""
        keys = {f"day:{room}/{day}" for day in changed.days}
        months = {f"days:{room}/{day[:7]}" for day in changed.days}
        lists = {"rooms:", f"days:{room}", *months} if changed.is_new else set()
        self._note(keys | lists)

    def is_imported(self, path: str) -> bool:
        """Say whether a file of an old archive is taken over."""
        return self._one("SELECT 1 FROM imported WHERE path = ?", path) is not None

    def remove(self, slug: str) -> None:
        """Remove a meeting, and note that its pages have changed."""
        touched = self._pages_of(slug)
        self._remove(slug)
        self._note({*touched, *_LISTS})

    def _remove(self, slug: str) -> None:
        present = self._sql.execute("SELECT person FROM people WHERE slug = ?", (slug,)).fetchall()
        for table in ("meetings", "people", "actions", "decisions", "words"):
            self._sql.execute(f"DELETE FROM {table} WHERE slug = ?", (slug,))  # noqa: S608 - our own names
        self._sql.executemany("DELETE FROM persons WHERE person = ?", present)
        self._sql.executemany(
            "INSERT INTO persons SELECT person, max(nick) FROM people WHERE person = ? GROUP BY person", present
        )

    def _pages_of(self, slug: str) -> set[str]:
        """Return the keys of the pages that show a meeting, none if there is no such meeting."""
        row = self.meeting(slug)
        if row is None:
            return set()
        month, year = row.started[:7], row.started[:4]
        if row.restricted:
            return {f"meeting:{slug}"}
        people = [key for (key,) in self._sql.execute("SELECT person FROM people WHERE slug = ?", (slug,))]
        is_unassigned = self._one("SELECT 1 FROM actions WHERE slug = ? AND person = '' LIMIT 1", slug)
        return {
            *(_pages_of_action("", year) if is_unassigned else ()),
            f"meeting:{slug}",
            f"month:{month}",
            f"name:{row.name}/{year}",
            f"name:{row.name}",
            f"decisions:{month}",
            f"search:{month}",
            *(f"person:{key}/{year}" for key in people),
            *(f"person:{key}" for key in people),
        }

    def _note(self, keys: Iterable[str]) -> None:
        newest = self.number
        for number, key in enumerate(sorted(keys), newest + 1):
            self._sql.execute("INSERT OR REPLACE INTO changes VALUES (?, ?)", (key, number))

    # Reading

    @property
    def number(self) -> int:
        """The number of the newest change."""
        return int(self._one("SELECT coalesce(max(number), 0) FROM changes"))

    def _one(self, query: str, *values: object) -> Any:
        found = self._sql.execute(query, values).fetchone()
        return found[0] if found else None

    def changed(self, after: int, most: int) -> list[tuple[int, str]]:
        """Return the keys of pages that changed after a number, each with its own, in order."""
        query = "SELECT number, key FROM changes WHERE number > ? AND key != '' ORDER BY number LIMIT ?"
        return [(int(number), str(key)) for number, key in self._sql.execute(query, (after, most))]

    def digests(self) -> dict[str, str]:
        """Return the digests of all documents that are in the store, by slug."""
        return dict(self._sql.execute("SELECT slug, digest FROM meetings WHERE digest != ''").fetchall())

    def meeting(self, slug: str) -> Row | None:
        """Return the row of a meeting, None if there is none."""
        found = self._sql.execute("SELECT * FROM meetings WHERE slug = ?", (slug,)).fetchone()
        return _row(found) if found else None

    def taken(self, beginning: str) -> set[str]:
        """Return the addresses that begin with a text."""
        query = "SELECT slug FROM meetings WHERE substr(slug, 1, ?) = ?"
        return {slug for (slug,) in self._sql.execute(query, (len(beginning), beginning))}

    def old_address(self, address: str) -> str | None:
        """Return the address of the meeting to which a former address leads, None if nothing is known of it."""
        found = self._one("SELECT slug FROM old_addresses WHERE address = ?", address)
        return None if found is None else str(found)

    def old_addresses(self, slug: str) -> list[str]:
        """Return the former addresses that lead to a meeting."""
        query = "SELECT address FROM old_addresses WHERE slug = ? ORDER BY address"
        return [address for (address,) in self._sql.execute(query, (slug,))]

    def rows(self, where: str = "", values: Sequence[object] = (), most: int = -1) -> list[Row]:
        """Return the meetings that may be listed, the newest first.

        Args:
            where: a further condition in SQL on the table ``meetings``; never typed by a person.
            values: the values of its question marks.
            most: most rows, -1 for all.
        """
        also = f" AND {where}" if where else ""
        query = f"SELECT * FROM meetings WHERE restricted = 0{also} ORDER BY started DESC, slug DESC LIMIT ?"  # noqa: S608
        return [_row(found) for found in self._sql.execute(query, (*values, most))]

    def of_person(self, key: str, year: str) -> list[Row]:
        """Return the meetings of a year in which somebody was present."""
        query = (
            "SELECT meetings.* FROM people JOIN meetings USING (slug) WHERE person = ? AND restricted = 0"
            " AND people.started >= ? AND people.started < ? ORDER BY people.started DESC, slug DESC"
        )
        return [_row(found) for found in self._sql.execute(query, (key, year, f"{int(year) + 1:04}"))]

    def counted(self, what: str) -> list[tuple[str, int]]:
        """Return the groups of all listed meetings with their sizes, in order.

        Args:
            what: ``name``, ``month`` or ``year``.
        """
        column = {"name": "name", "month": "substr(started, 1, 7)", "year": "substr(started, 1, 4)"}[what]
        query = f"SELECT {column}, count(*) FROM meetings WHERE restricted = 0 GROUP BY 1 ORDER BY 1"  # noqa: S608
        return [(str(value), int(number)) for value, number in self._sql.execute(query)]

    def years_of(self, table: str, key: str) -> list[str]:
        """Return the years of a person (``people``) or a name (``meetings``), the newest first."""
        column = {"people": "person", "meetings": "restricted = 0 AND name"}[table]
        query = f"SELECT max(started) FROM {table} WHERE {column} = ? AND started < ?"  # noqa: S608 - our own names
        found: list[str] = []
        # One look into the index for each year, and not one for each meeting.
        while newest := self._one(query, key, found[-1] if found else "~"):
            found.append(newest[:4])
        return found

    def people(self) -> list[tuple[str, str]]:
        """Return the keys and the nicks of everybody who was present at a listed meeting, in order."""
        return [(key, nick) for key, nick in self._sql.execute("SELECT person, nick FROM persons ORDER BY person")]

    def nick(self, key: str) -> str:
        """Return the nick that somebody had last, the key if nobody is known."""
        query = "SELECT nick FROM people WHERE person = ? ORDER BY started DESC LIMIT 1"
        return str(self._one(query, key) or key)

    def actions(self, key: str, most: int = -1, year: str = "") -> list[Entry]:
        """Return the newest open actions of a person, or of nobody if the key is empty.

        Args:
            key: the key of the person.
            most: most actions, -1 for all.
            year: a year, empty for all.
        """
        query = "SELECT slug, text, line, started FROM actions WHERE person = ? AND started >= ? AND started < ?"
        order = " ORDER BY started DESC, slug, position LIMIT ?"
        found = self._sql.execute(query + order, (key, year, f"{year}~", most))
        return [Entry(slug, "action", text, key, line, started) for slug, text, line, started in found]

    def years_of_actions(self, key: str) -> list[tuple[str, int]]:
        """Return the years of the open actions of a person, the newest first, with the number of actions."""
        query = "SELECT substr(started, 1, 4), count(*) FROM actions WHERE person = ? GROUP BY 1 ORDER BY 1 DESC"
        return [(year, int(number)) for year, number in self._sql.execute(query, (key,))]

    def open_actions(self) -> list[tuple[str, int]]:
        """Return the keys of everybody who has open actions, and how many; the empty key stands for nobody."""
        query = "SELECT person, count(*) FROM actions GROUP BY person ORDER BY person"
        return [(key, int(number)) for key, number in self._sql.execute(query)]

    def decisions(self, month: str) -> list[Entry]:
        """Return the decisions of a month, the newest first."""
        query = (
            "SELECT slug, type, text, nick, line, started FROM decisions"
            " WHERE started >= ? AND started < ? ORDER BY started DESC, slug, position"
        )
        return [Entry(*row) for row in self._sql.execute(query, (month, f"{month}~"))]

    def words(self, month: str) -> list[tuple[str, Mapping[str, str]]]:
        """Return the words of the logs of a month by group, each with the address of its meeting, the newest first."""
        query = (
            "SELECT slug, words FROM meetings JOIN words USING (slug)"
            " WHERE restricted = 0 AND started >= ? AND started < ? ORDER BY started DESC, slug DESC"
        )
        return [(slug, json.loads(words)) for slug, words in self._sql.execute(query, (month, f"{month}~"))]

    def months_with_decisions(self) -> list[str]:
        """Return the months in which something was decided, the newest first."""
        query = "SELECT DISTINCT substr(started, 1, 7) FROM decisions ORDER BY 1 DESC"
        return [month for (month,) in self._sql.execute(query)]

    def said_by(self, keys: Iterable[str]) -> list[str]:
        """Return the addresses of the meetings at which somebody with one of these keys was present."""
        wanted = list(keys)
        marks = ", ".join("?" * len(wanted))
        query = f"SELECT DISTINCT slug FROM people WHERE person IN ({marks}) ORDER BY slug"  # noqa: S608
        return [slug for (slug,) in self._sql.execute(query, wanted)]


def _pages_of_action(person: str, year: str) -> set[str]:
    """Return the keys of the pages that show an open action of a person, or of nobody if the key is empty."""
    return {f"person:{person}", f"person:{person}/{year}"} if person else {"actions:", f"actions:{year}"}


def _actions(slug: str, minutes: Mapping[str, Any], started: str) -> Iterator[tuple[object, ...]]:
    """Yield a row for each person of each open action; the empty person for an action that names nobody."""
    closed = {row.get("text") for row in minutes.get("numbered_actions", ()) if not row.get("open", True)}
    for position, item in enumerate(one for one in minutes["items"] if one["type"] == "action"):
        text = item["text"]
        if text in closed:
            continue
        keys = {person_key(nick) for nick, texts in minutes["actions_by_nick"].items() if text in texts}
        for key in keys or {""}:
            yield slug, position, key, text, item["line"], started


def _decided(slug: str, minutes: Mapping[str, Any], started: str) -> Iterator[tuple[object, ...]]:
    for position, item in enumerate(minutes["items"]):
        if item["type"] in DECISIONS:
            yield slug, position, item["type"], item["text"], item["nick"], item["line"], started


@contextmanager
def writing(path: Path) -> Iterator[Register]:
    """Open an index for one transaction, and make its tables if they are missing.

    Raises:
        sqlite3.DatabaseError: the file is no index of this version.
        OSError: it cannot be made.
    """
    with closing(sqlite3.connect(path, timeout=60)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                for statement in filter(str.strip, _TABLES.split(";\n")):
                    connection.execute(statement)
                # Above all numbers of a former index, so that pages made of that one are made again.
                connection.execute("INSERT INTO changes VALUES ('', ?)", (time.time_ns() // 1000,))
                connection.execute(f"PRAGMA user_version = {VERSION}")
            elif version != VERSION:
                raise sqlite3.DatabaseError(f"{path} has the version {version}")
            yield Register(connection)


@contextmanager
def reading(path: Path) -> Iterator[Register]:
    """Open a snapshot of an index; an empty one if there is no file.

    Raises:
        sqlite3.DatabaseError: the file is no index of this version.
    """
    where = f"file:{path}?mode=ro" if path.exists() else ":memory:"
    with closing(sqlite3.connect(where, timeout=60, uri=True)) as connection:
        if not path.exists():
            connection.executescript(_TABLES)
        elif connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
            raise sqlite3.DatabaseError(f"{path} is of another version")
        connection.execute("BEGIN")
        yield Register(connection)
