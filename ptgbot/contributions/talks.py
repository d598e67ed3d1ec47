"""Reads the bot's own journal: who said what is discussed, who chaired meetings, who took actions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ptgbot.contributions.engine import Engine, Row
from ptgbot.contributions.reading import positions
from ptgbot.store.file import Paths
from ptgbot.store.file.journal import archives, read_whole
from ptgbot.store.opening import records
from ptgbot.store.record import Cause, Record

KEY: Final = "talks"
"""The key of the journal among the facts."""
_POSITION: Final = "*journal"
"""In place of a branch: the names, sizes and times of the files that are among the facts."""
_TRACK: Final = re.compile(r"[#~]?(?P<track>[^\s#~@]+)\s+(?P<kind>now|next)\b", re.IGNORECASE)
_MEETING: Final = re.compile(r"#(?P<kind>startmeeting|action)\b", re.IGNORECASE)
_KINDS: Final = {"now": "now", "next": "next", "startmeeting": "meeting", "action": "action"}


def read_talks(engine: Engine, folder: Path) -> int:
    """Take over the commands of the journal if it has changed. Return how many new ones there are.

    All of it is read anew, because the bot rewrites the journal when a person asks to be forgotten.

    Args:
        engine: the database with the facts.
        folder: the folder of the feature's bulk storage, beside the journal.

    Raises:
        Damaged: a file is not what was written.
        Newer: a later version of the bot wrote it.
        OSError: it cannot be read.
    """
    journal = Paths(folder.parent.with_suffix(".json")).journal
    paths = [path for path in (*archives(journal), journal) if path.exists()]
    seen = _digest(paths) if paths else ""
    if positions(engine).get(KEY, {}).get(_POSITION, "") == seen:
        return 0
    with engine.transaction():
        ((before,),) = engine.rows("talks_of_all")
        engine.remove("talks", repository=KEY)
        engine.load("talks", _rows(paths))
        engine.remove("heads", repository=KEY)
        engine.load("heads", [(KEY, _POSITION, seen)])
        ((after,),) = engine.rows("talks_of_all")
    return max(int(str(after)) - int(str(before)), 0)


def talk_in(record: Record) -> tuple[str, str] | None:
    """Return the kind of a talk and its track, None if a record is another change or its author was forgotten."""
    if record.kind is not Cause.COMMAND or record.private or not record.key or record.undoes is not None:
        return None
    found = (_TRACK if record.feature == "gathering" else _MEETING).match(record.text.strip())
    if found is None or record.feature not in ("gathering", "meetings"):
        return None
    kind = _KINDS[found["kind"].lower()]
    return kind, (record.subject or found["track"]).lower() if kind in ("now", "next") else ""


def _rows(paths: list[Path]) -> Iterator[Row]:
    seen: set[int] = set()
    for path in paths:
        contents, _torn = read_whole(path)
        for record in records(contents) if contents else ():
            talk = talk_in(record)
            if talk and record.number not in seen:
                seen.add(record.number)
                kind, track = talk
                at = int(record.at.timestamp())
                yield (KEY, record.number, f"chat:{record.key}", record.nick, track, kind, at)


def _digest(paths: list[Path]) -> str:
    stats = ((path.name, path.stat()) for path in paths)
    return hashlib.sha256(repr([(name, one.st_size, one.st_mtime_ns) for name, one in stats]).encode()).hexdigest()
