"""Keeps what was read. The order in which events come makes no difference, and each counts once."""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from attrs import define, field

from ptgbot.ci import changed
from ptgbot.ci.outcomes import Outcome, outcome_of
from ptgbot.ci.reading import COMMENTS, Change, Kind, PatchSet, Reading, Said
from ptgbot.ci.tables import TABLES, VERSION
from ptgbot.ci.zuul_shapes import Build

APART: Final = 10
"""Seconds by which the times of one comment may differ between the stream and the REST interface."""
STARTED: Final = "started"
"""Status of a report that a run has begun."""
_REMEMBERED: Final = 10_000
_MOVES: Final = frozenset({Kind.MERGED, Kind.ABANDONED, Kind.RESTORED})
_ABOUT_ALL: Final = frozenset({*_MOVES, Kind.DELETED})
"""Events that count for every CI that has reported on the change."""


@contextmanager
def opened(path: Path | str, *, is_draft: bool = False) -> Iterator[Facts]:
    """Open the facts in a file for writing, or in memory (``:memory:``). They are committed when the context ends.

    Args:
        path: the file.
        is_draft: whether it is of no use unless the context ends well. Then SQLite need not be able to take anything
            back, and the file is synchronised once at the end.

    Raises:
        sqlite3.DatabaseError: the file is damaged or of another version; it must be made anew from the events.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as sql:
        sql.execute(f"PRAGMA journal_mode = {'OFF' if is_draft else 'WAL'}")
        sql.execute(f"PRAGMA synchronous = {'OFF' if is_draft else 'NORMAL'}")
        made = sql.execute("PRAGMA user_version").fetchone()[0]
        is_new = not made and not sql.execute("SELECT 1 FROM sqlite_master").fetchone()
        if not is_new and made != VERSION:
            raise sqlite3.DatabaseError(f"the facts are of version {made}, not {VERSION}")
        sql.execute("BEGIN IMMEDIATE")
        try:
            if is_new:
                for statement in TABLES.split(";\n"):
                    sql.execute(statement)
                sql.execute(f"PRAGMA user_version = {VERSION}")
            facts = Facts(sql)
            yield facts
            facts.flush()
        except BaseException:
            if not is_draft:
                sql.execute("ROLLBACK")
            raise
        sql.execute("COMMIT")
    if is_draft:
        with Path(path).open("rb") as file:
            os.fsync(file.fileno())


@contextmanager
def looked_at(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the facts in a file for reading: one snapshot.

    Raises:
        sqlite3.DatabaseError: there is no such file, or it is damaged or of another version.
    """
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)) as sql:
        if sql.execute("PRAGMA user_version").fetchone()[0] != VERSION:
            raise sqlite3.DatabaseError("the facts are of another version")
        sql.execute("BEGIN")
        yield sql


@define(eq=False)
class Facts:
    """The tables, opened by the one process that writes them."""

    sql: sqlite3.Connection
    _newest: dict[str, int] = field(factory=dict, init=False)
    """The newest time of an event of each server."""
    _patchsets: dict[tuple[int, PatchSet], int] = field(factory=dict, init=False)
    """Patch sets that were written in this form, with the earliest time of an event about them."""
    _touched: set[str] = field(factory=set, init=False)
    """Keys of the pages that the events concern."""

    def put(self, reading: Reading, server: str = "", source: str = "stream") -> bool:
        """Take over an event. Return whether it was new.

        Args:
            reading: the event.
            server: name of the code-review server.
            source: ``stream`` or ``rest``.
        """
        if reading.build:
            return self._build(reading.build, server)
        if reading.change is None or reading.kind in (Kind.IGNORED, Kind.DROPPED):
            return False
        touched = {changed.key_of(server, reading.change.project), *self._accounts(reading, reading.change, server)}
        is_new = self._take(reading, reading.change, server, source)
        if is_new:
            self._touched |= touched
        return is_new

    def _accounts(self, reading: Reading, about: Change, server: str) -> list[str]:
        """Return the keys of the accounts whose pages show an event: its author, or all that reported on the change."""
        if reading.said and reading.kind in _BY_CI:
            return [f"{changed.ACCOUNT}{reading.said.account}"]
        if reading.kind not in _ABOUT_ALL:
            return []
        found = self.sql.execute(
            "SELECT DISTINCT account FROM reports JOIN changes ON changes.id = change "
            "WHERE server = ? AND changes.project = ? AND number = ?",
            (server, about.project, about.number),
        )
        return [f"{changed.ACCOUNT}{account}" for (account,) in found]

    def _take(self, reading: Reading, about: Change, server: str, source: str) -> bool:
        # Comments are recognised below, by what they say.
        is_known = reading.kind not in COMMENTS and self.knows(reading, server, source)
        time = self._time(reading, server)
        change, is_forgotten = self._change(server, about, time)
        if reading.kind is Kind.DELETED:
            return self._forget(change)
        if is_forgotten:
            return False
        if reading.patchset:
            self._patchset(change, about.project, reading.patchset, time)
        if reading.kind in _MOVES:
            number = reading.patchset.number if reading.patchset else 0
            self._one("INSERT OR IGNORE INTO moves VALUES (?, ?, ?, ?)", change, str(reading.kind), time, number)
        if reading.said and reading.patchset:
            return self._say(change, about.project, reading.patchset.number, time, reading, source)
        return not is_known

    def knows(self, reading: Reading, server: str = "", source: str = "stream") -> bool:
        """Say whether an event would change nothing, as far as that can be told cheaply. Arguments as :meth:`put`."""
        if (build := reading.build) is not None:
            statement = "SELECT 1 FROM builds WHERE server = ? AND uuid = ? AND job = ?"
            return self._one(statement, server, build.uuid, build.job) is not None
        if reading.change is None or reading.kind in (Kind.IGNORED, Kind.DROPPED):
            return True
        found = self._one(
            "SELECT id, deleted FROM changes WHERE server = ? AND project = ? AND number = ?",
            server,
            reading.change.project,
            reading.change.number,
        )
        if not found or found[1]:
            return bool(found)
        change, time = int(found[0]), reading.time or 0
        if reading.kind in COMMENTS and reading.said and reading.patchset:
            return self._is_seen(change, reading.patchset.number, time, reading.said, source)
        if reading.kind is Kind.PATCHSET and reading.patchset:
            # The stream does not tell which paths a patch set touches.
            statement = (
                "SELECT 1 FROM patchsets WHERE change = ? AND number = ? AND created IS NOT NULL AND untested >= ?"
            )
            return self._one(statement, change, reading.patchset.number, reading.patchset.is_untested) is not None
        if reading.kind in _MOVES:
            statement = "SELECT 1 FROM moves WHERE change = ? AND kind = ? AND ABS(time - ?) <= ?"
            return self._one(statement, change, str(reading.kind), time, APART) is not None
        return self._one("SELECT 1 FROM changes WHERE id = ? AND at >= ?", change, time) is not None

    def _build(self, build: Build, server: str) -> bool:
        """Note a build of Zuul. Return whether it was new; a build that has ended never changes."""
        made = self.sql.execute(
            "INSERT OR IGNORE INTO builds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(server, build.uuid, build.job, build.pipeline, build.project, build.branch, build.change),
                *(build.patchset, build.result, build.voting, build.is_final, build.nodeset, build.error, build.url),
                *(build.buildset, build.queued, build.started, build.ended, build.time or 0),
            ),
        )
        if made.rowcount > 0:
            self._touched.add(changed.INDEX)
        return made.rowcount > 0

    def newest_build(self, server: str) -> int:
        """Return when the newest build of a Zuul ended (seconds since 1970), 0 without one."""
        return int(self._one("SELECT COALESCE(MAX(time), 0) FROM builds WHERE server = ?", server)[0])

    def mark(self, name: str) -> int | None:
        """Return a remembered number, None if there is none."""
        found = self._one("SELECT value FROM marks WHERE name = ?", name)
        return int(found[0]) if found else None

    def set_mark(self, name: str, value: int) -> None:
        """Remember a number, such as a moment, in place of the former one."""
        self._one("INSERT OR REPLACE INTO marks VALUES (?, ?)", name, value)

    def _one(self, statement: str, *values: Any) -> Any:
        return self.sql.execute(statement, values).fetchone()

    def newest(self, server: str) -> int:
        """Return the time of the newest event of a server (seconds since 1970), 0 without one."""
        if server not in self._newest:
            self._newest[server] = self.mark(f"newest {server}") or 0
        return self._newest[server]

    def _time(self, reading: Reading, server: str) -> int:
        """Return the time of an event; without one, that of its patch set or of the newest event."""
        time = reading.time
        if time is None and reading.kind is Kind.PATCHSET and reading.patchset:
            time = reading.patchset.created
        if time is None:
            return self.newest(server)
        if time > self.newest(server):
            self._newest[server] = time
        return time

    def flush(self) -> None:
        """Write down the newest times, and which pages have to be made again."""
        for server, time in self._newest.items():
            self.set_mark(f"newest {server}", time)
        changed.note(self.sql, self._touched)
        self._touched.clear()

    def _change(self, server: str, change: Change, time: int) -> tuple[int, bool]:
        """Note the present form of a change. Return its id, and whether it was deleted."""
        form = (
            change.branch,
            change.subject,
            change.owner,
            change.topic,
            change.url,
            change.is_wip,
            change.is_private,
        )
        digest = f"{zlib.crc32(repr(form).encode()):08x}"
        values = (*form, 0, time, digest)
        columns = "branch, subject, owner, topic, url, wip, private, deleted, at, digest"
        found = self._one(
            "SELECT id, deleted, at, digest FROM changes WHERE server = ? AND project = ? AND number = ?",
            server,
            change.project,
            change.number,
        )
        if not found:
            made = self.sql.execute(
                f"INSERT INTO changes (server, project, number, {columns}) VALUES ({', '.join('?' * 13)})",  # noqa: S608
                (server, change.project, change.number, *values),
            )
            return int(made.lastrowid or 0), False
        if not found[1] and (time, digest) > (found[2], found[3]):
            places = ", ".join("?" * 10)
            self._one(f"UPDATE changes SET ({columns}) = ({places}) WHERE id = ?", *values, found[0])  # noqa: S608
        return int(found[0]), bool(found[1])

    def _forget(self, change: int) -> bool:
        """Remove everything about a change but the note that it was deleted."""
        self._patchsets.clear()
        self._one("DELETE FROM jobs WHERE report IN (SELECT id FROM reports WHERE change = ?)", change)
        for table in ("reports", "patchsets", "moves", "votes", "rechecks", "seen"):
            self._one(f"DELETE FROM {table} WHERE change = ?", change)  # noqa: S608
        self._one("UPDATE changes SET deleted = 1, subject = '', owner = '', topic = '', url = '' WHERE id = ?", change)
        # Deletions are rare: who reports on the project is counted again.
        place = self._one("SELECT server, project FROM changes WHERE id = ?", change)
        self._one("DELETE FROM pairs WHERE server = ? AND project = ?", *place)
        self._one(
            "INSERT INTO pairs SELECT server, changes.project, account, MIN(time), MAX(time), COUNT(*) "
            "FROM reports JOIN changes ON changes.id = change WHERE server = ? AND reports.project = ? "
            "AND outcome <> '' GROUP BY account",
            *place,
        )
        return True

    def _patchset(self, change: int, project: str, one: PatchSet, time: int) -> None:
        if self._patchsets.get((change, one), time + 1) <= time:
            return
        if len(self._patchsets) >= _REMEMBERED:
            self._patchsets.clear()
        self._patchsets[change, one] = time
        # Only the event of the patch set itself is sure to have its kind; others may lack it, or be older.
        self._one(
            "INSERT INTO patchsets VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (change, number) DO UPDATE SET "
            "created = MIN(COALESCE(created, excluded.created), COALESCE(excluded.created, created)), "
            "first = MIN(first, excluded.first), "
            "kind = CASE WHEN kind = 'REWORK' THEN excluded.kind WHEN excluded.kind = 'REWORK' THEN kind "
            "ELSE MAX(kind, excluded.kind) END, "
            "uploader = MAX(uploader, excluded.uploader), inserted = MAX(inserted, excluded.inserted), "
            "deleted = MAX(deleted, excluded.deleted), untested = MAX(untested, excluded.untested)",
            change,
            one.number,
            project,
            one.created,
            time,
            one.kind,
            one.uploader,
            one.inserted,
            one.deleted,
            one.is_untested,
        )

    def _say(self, change: int, project: str, patchset: int, time: int, reading: Reading, source: str) -> bool:
        said = reading.said
        assert said
        if reading.kind in COMMENTS and not self._is_new(change, patchset, time, said, source):
            return False
        if reading.kind is Kind.RECHECK:
            self._one(
                "INSERT OR IGNORE INTO rechecks VALUES (?, ?, ?, ?, ?, ?, ?)",
                *(change, patchset, said.account, time, said.line, said.asked, said.is_bare),
            )
        if reading.kind is Kind.VOTE_DELETED or (said.verified is not None and reading.kind in _BY_CI):
            self._one(
                "INSERT INTO votes VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
                "value = MIN(value, excluded.value), is_cast = MAX(is_cast, excluded.is_cast)",
                change,
                patchset,
                said.account,
                time,
                said.verified,
                said.is_cast,
            )
        if reading.kind in _BY_CI:
            self._report(change, project, patchset, time, said, is_start=reading.kind is Kind.CI_START)
        return True

    def _is_new(self, change: int, patchset: int, time: int, said: Said, source: str) -> bool:
        """Note a comment. Return whether it was not known."""
        if self._is_seen(change, patchset, time, said, source):
            return False
        key = (change, patchset, said.account, said.digest)
        self._one("INSERT INTO seen VALUES (?, ?, ?, ?, ?, ?)", *key, time, source)
        return True

    def _is_seen(self, change: int, patchset: int, time: int, said: Said, source: str) -> bool:
        """Say whether a comment is known, or is the other source's form of a known one."""
        key = (change, patchset, said.account, said.digest)
        known = self.sql.execute(
            "SELECT time, source FROM seen WHERE change = ? AND patchset = ? AND account = ? AND digest = ? "
            "AND time BETWEEN ? AND ?",
            (*key, time - APART, time + APART),
        ).fetchall()
        return any(at == time or origin != source for at, origin in known)

    def _report(self, change: int, project: str, patchset: int, time: int, said: Said, *, is_start: bool) -> None:
        status = STARTED if is_start else str(said.status)
        outcome = Outcome.NONE if is_start else outcome_of(said.status, said.jobs)
        made = self.sql.execute(
            "INSERT INTO reports (change, patchset, project, account, trusted, pipeline, time, status, outcome, "
            "buildset, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                change,
                patchset,
                project,
                said.account,
                said.trusted,
                said.pipeline or "",
                time,
                status,
                outcome,
                said.buildset,
                said.digest,
            ),
        )
        self.sql.executemany(
            "INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (made.lastrowid, at, job.name, job.url, job.result, job.voting, job.seconds, job.detail)
                for at, job in enumerate(said.jobs)
            ],
        )
        self._one(
            "INSERT INTO accounts VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "name = CASE WHEN excluded.at >= at THEN excluded.name ELSE name END, at = MAX(at, excluded.at), "
            "trusted = MAX(trusted, excluded.trusted)",
            *(said.account, said.name, time, said.trusted),
        )
        if outcome:
            self._one(
                "INSERT INTO pairs SELECT server, project, ?, ?, ?, 1 FROM changes WHERE id = ? ON CONFLICT DO UPDATE "
                "SET first = MIN(first, excluded.first), last = MAX(last, excluded.last), results = results + 1",
                *(said.account, time, time, change),
            )


_BY_CI: Final = frozenset({Kind.CI_RESULT, Kind.CI_START})
