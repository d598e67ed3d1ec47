"""The numbers of every page, in one file beside the snapshots, with what changed last.

A page whose numbers stay as they were keeps its number, so it is not made anew.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from attrs import frozen

from ptgbot.contributions.engine import Row
from ptgbot.store.edits import Json

FILE: Final = "pages.sqlite"
"""Name of the file in the folder of the feature's bulk storage."""
_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS pages (key TEXT PRIMARY KEY, number INTEGER UNIQUE, digest TEXT, data TEXT)"
)
Facts = Mapping[str, Json | Sequence[Row]]
"""The numbers of a page by their names."""


@frozen
class PageStore:
    """The numbers of every page."""

    sql: sqlite3.Connection

    def replace(self, pages: Iterable[tuple[str, Facts]]) -> int:
        """Store the numbers of all pages, the most important first. Return how many of them differ from before.

        Pages that are no longer given stay as keys without numbers, so that their files are removed.
        """
        known = {str(key): str(digest) for key, digest in self.sql.execute("SELECT key, digest FROM pages")}
        number, before = self.newest(), self.newest()
        given: set[str] = set()
        with self.sql:
            for key, facts in pages:
                given.add(key)
                data = json.dumps(facts, ensure_ascii=False, sort_keys=True)
                digest = hashlib.sha256(data.encode(errors="surrogatepass")).hexdigest()
                if known.get(key) != digest:
                    number += 1
                    self._put(key, number, digest, data)
            for key in sorted(key for key, digest in known.items() if digest and key not in given):
                number += 1
                self._put(key, number, "", None)
        return number - before

    def _put(self, key: str, number: int, digest: str, data: str | None) -> None:
        self.sql.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?)", (key, number, digest, data))

    def newest(self) -> int:
        """Return the number of the newest change, 0 for none."""
        return int(self.sql.execute("SELECT coalesce(MAX(number), 0) FROM pages").fetchone()[0])

    def changed(self, after: int, most: int) -> Sequence[tuple[int, str]]:
        """Return what changed after a number: numbers, which rise, each with its key."""
        query = "SELECT number, key FROM pages WHERE number > ? ORDER BY number LIMIT ?"
        return [(int(number), str(key)) for number, key in self.sql.execute(query, (after, most))]

    def naming(self, segment: str) -> Sequence[str]:
        """Return the keys of the pages in whose numbers a person is named.

        Args:
            segment: the name of the page of the person, as lists have it.
        """
        word = json.dumps(segment, ensure_ascii=False)
        found = self.sql.execute("SELECT key FROM pages WHERE instr(data, ?) > 0 ORDER BY key", (word,))
        own = self.sql.execute("SELECT key FROM pages WHERE key = ? AND data IS NOT NULL", (f"person:{segment}",))
        return [*dict.fromkeys(str(row[0]) for row in (*found, *own))]

    def facts(self, key: str) -> dict[str, Json] | None:
        """Return the numbers of a page, None if there is no such page."""
        row = self.sql.execute("SELECT data FROM pages WHERE key = ?", (key,)).fetchone()
        found: dict[str, Json] | None = json.loads(row[0]) if row and row[0] else None
        return found


@contextmanager
def writing(folder: Path) -> Iterator[PageStore]:
    """Open the file in a folder to write it, made if it is missing.

    Raises:
        OSError: the file cannot be written.
    """
    path = folder / FILE
    try:
        with closing(sqlite3.connect(path, timeout=60)) as sql:
            sql.execute("PRAGMA journal_mode = WAL")
            # Nobody who is hidden, or was forgotten, stays in what is free of the file.
            sql.execute("PRAGMA secure_delete = ON")
            sql.execute(_SCHEMA)
            yield PageStore(sql)
    except sqlite3.Error as error:
        raise OSError(f"{path}: {error}") from error


@contextmanager
def looked_at(folder: Path) -> Iterator[PageStore]:
    """Open the file in a folder to read it as it is at one moment; it has no pages before the first count.

    Raises:
        sqlite3.DatabaseError: the file is damaged.
    """
    path = folder / FILE
    with closing(sqlite3.connect(path, timeout=60) if path.exists() else sqlite3.connect(":memory:")) as sql:
        sql.execute("PRAGMA query_only = ON" if path.exists() else _SCHEMA)
        sql.execute("BEGIN")
        yield PageStore(sql)
