"""Stored events, and the facts that are made of them: the one way by which both are written."""

from __future__ import annotations

import fcntl
import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from attrs import frozen

from ptgbot.ci import changed
from ptgbot.ci.events import read_event
from ptgbot.ci.facts import Facts, looked_at, opened
from ptgbot.ci.names import names_in
from ptgbot.ci.raw import Kept, Position, Raw
from ptgbot.ci.reading import Reading
from ptgbot.ci.settings import CiSettings
from ptgbot.store.files import replace_file

NAME: Final = "gerrit"
"""Name of the source and of its folder."""
_DAY: Final = "day"
_OFFSET: Final = "offset"
_RULES: Final = "rules"
_LOOKED: Final = "looked"
_PENDING: Final = "looking.json"
"""File with the looks that have begun."""
_SHOWN: Final = "shown"
"""The mark of the moment up to which the passing of time was noted for the pages."""
_SHOWN_RULES: Final = "shown rules"


@frozen
class Keeping:
    """The storage of the board in a folder."""

    folder: Path
    settings: CiSettings

    @property
    def raw(self) -> Raw:
        """The stored events."""
        return Raw(self.folder / "events")

    @property
    def path(self) -> Path:
        """The file with the facts."""
        return self.folder / "facts.sqlite"

    def put(self, events: Sequence[Kept], at: datetime | None = None) -> list[Reading]:
        """Store events, and take them over into the facts. Return those that were new to these.

        Args:
            events: the events in their order.
            at: the moment of their arrival, now if left out.

        Raises:
            OSError: they cannot be stored.
            sqlite3.DatabaseError: they are stored, but the facts cannot be written.
        """
        with self._lock():
            # A clock that went back must not write to a day that is over.
            day = max([(at or datetime.now(UTC)).date(), *self.raw.days()[-1:]])
            is_new = self.raw.append(day, events)
            found = self._advance()
            if is_new:
                self.raw.pack(day)
                if self._expire(day):
                    self._remake()
            return found

    def start(self, today: date | None = None) -> None:
        """Make the storage ready: remove torn lines, compress old days, bring the facts up to the events.

        Raises:
            OSError: a file cannot be read or written.
        """
        today = today or datetime.now(UTC).date()
        with self._lock():
            self.raw.mend()
            self.raw.pack(today)
            is_shorter = self._expire(today)
            if not is_shorter:
                try:
                    self._advance()
                except sqlite3.DatabaseError:
                    is_shorter = True
            if is_shorter:
                self._remake()

    def _expire(self, today: date) -> bool:
        """Throw away the months that are too old. Return whether there was one, so that the facts are made anew."""
        return self.settings.keep_days > 0 and self.raw.expire(today, self.settings.keep_days)

    def replay(self) -> int:
        """Make the facts anew from the events. Return the number of events.

        Raises:
            OSError: a file cannot be read or written.
        """
        with self._lock():
            self.raw.mend()
            return self._remake()

    def put_new(self, events: Sequence[Kept]) -> list[Reading]:
        """Store those events that are not known yet, as :meth:`put` does."""
        with self._lock(), opened(self.path) as facts:
            new = [one for one in events if not self._is_known(facts, one)]
        return self.put(new) if new else []

    def _is_known(self, facts: Facts, kept: Kept) -> bool:
        return facts.knows(read_event(kept.event, self.settings), kept.server, kept.source)

    def moments(self, server: str) -> tuple[int, int]:
        """Return the moment of the last look at a server, and the time of its newest event (seconds, 0 without one)."""
        with self._lock(), opened(self.path) as facts:
            return facts.mark(f"{_LOOKED} {server}") or 0, facts.newest(server)

    def newest_build(self, server: str) -> int:
        """Return when the newest build of a Zuul ended (seconds since 1970), 0 without one."""
        with self._lock(), opened(self.path) as facts:
            return facts.newest_build(server)

    def begin_look(self, server: str, since: int) -> int:
        """Note that a server is being asked for everything since a moment, until :meth:`note_look`.

        Return the moment (seconds since 1970) from which it must be asked: that of an earlier look if there is one that
        has not come to its end, whatever of it was stored.

        Raises:
            OSError: it cannot be noted.
        """
        with self._lock():
            pending = self._pending()
            pending[server] = min(since, pending.get(server, since))
            replace_file(self.folder / _PENDING, json.dumps(pending).encode())
            return pending[server]

    def _pending(self) -> dict[str, int]:
        """Return the moments of the looks that have not come to their end, by server."""
        try:
            found = json.loads((self.folder / _PENDING).read_bytes())
        except FileNotFoundError:
            return {}
        return {str(server): int(since) for server, since in found.items()}

    def note_look(self, server: str, passed: int) -> None:
        """Note that a server was asked for everything.

        Args:
            server: name of the server.
            passed: seconds that the look took.
        """
        with self._lock(), opened(self.path) as facts:
            if newest := facts.newest(server):
                facts.set_mark(f"{_LOOKED} {server}", newest - passed)
        with self._lock():
            # The facts, which may be made anew, cannot say what is still to be asked for.
            if (pending := self._pending()).pop(server, None) is not None:
                replace_file(self.folder / _PENDING, json.dumps(pending).encode())

    def note_time(self, at: int, rules: str) -> None:
        """Note the pages that time has changed since the last call, or all of them if the rules are others.

        Pages over all projects are noted if anything has changed since then.

        Args:
            at: the moment (seconds since 1970).
            rules: a text that differs whenever all pages have to be made again, such as the settings.
        """
        digest = zlib.crc32(rules.encode())
        with self._lock(), opened(self.path) as facts:
            since, former = facts.mark(_SHOWN), facts.mark(_SHOWN_RULES)
            is_other = former != digest or since is None
            grace = self.settings.grace
            keys = self._all_keys(facts.sql) if is_other else changed.pass_time(facts.sql, since or at, at, grace)
            changed.note(facts.sql, keys)
            changed.note_shared(facts.sql)
            facts.set_mark(_SHOWN, at)
            facts.set_mark(_SHOWN_RULES, digest)

    def _all_keys(self, sql: sqlite3.Connection) -> set[str]:
        """Return the keys of all pages. A CI that has never reported has one, too, if it must report."""
        names = names_in(sql)
        return changed.keys(sql) | {f"{changed.ACCOUNT}{names.key(one.account)}" for one in self.settings.expected}

    def _advance(self) -> list[Reading]:
        with opened(self.path) as facts:
            rules = facts.mark(_RULES)
            if rules is not None and rules != self._rules():
                raise sqlite3.DatabaseError("the facts were made by other settings")
            facts.set_mark(_RULES, self._rules())
            return [reading for reading, is_new in self._taken(facts) if is_new]

    def _taken(self, facts: Facts) -> Iterator[tuple[Reading, bool]]:
        """Take over the events behind the position of the facts."""
        day = facts.mark(_DAY)
        position = Position(date.fromordinal(day), facts.mark(_OFFSET) or 0) if day else Position()
        started = position
        for kept, position in self.raw.read(started):  # noqa: B007 the last one is needed behind the loop
            reading = read_event(kept.event, self.settings)
            yield reading, facts.put(reading, kept.server, kept.source)
        if position != started:
            facts.set_mark(_DAY, position.day.toordinal())
            facts.set_mark(_OFFSET, position.offset)

    def _remake(self) -> int:
        part = self.folder / "facts.part"
        for path in self.folder.glob("facts.part*"):
            path.unlink()
        former = self._former_keys()
        with opened(part, is_draft=True) as facts:
            facts.set_mark(_RULES, self._rules())
            count = sum(1 for _ in self._taken(facts))
            # The pages of what is no longer there have to go.
            changed.note(facts.sql, former)
        # The new file has no log. That of the old one must not meet the new file.
        for ending in ("-wal", "-shm"):
            self.path.with_name(f"{self.path.name}{ending}").unlink(missing_ok=True)
        part.replace(self.path)
        return count

    def _former_keys(self) -> set[str]:
        try:
            with looked_at(self.path) as sql:
                return changed.keys(sql)
        except sqlite3.DatabaseError:
            return set()

    def _rules(self) -> int:
        """Return a number that tells the settings by which events are read from others."""
        rules = (self.settings.trusted, sorted(self.settings.accounts.items()), self.settings.patterns)
        return zlib.crc32(repr((rules, self.settings.triggers, self.settings.untested)).encode())

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Keep other writers out: the bot, and ``ptgbot ci replay``."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
