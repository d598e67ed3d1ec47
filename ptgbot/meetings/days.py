"""The logs of rooms beside the archive: a file of JSON lines for each room and day.

``days/libera/infra/2024-11-20.jsonl`` has the messages of a day (UTC). The first line names the network and the room,
each other line is one message: ``{"id", "at", "nick", "key", "texts", "kind", "event"}``. ``texts`` has its lines,
which are numbered over the whole day and keep their numbers. Messages are appended and synced; a file is replaced as a
whole when a message in it is edited or removed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from attrs import frozen

FOLDER: Final = "days"
"""Name of their folder in the archive."""
EDITED: Final = 7
"""Newest days of a room in which the message of an edit is looked for."""
_ENDING: Final = ".jsonl"
_PLAIN: Final = re.compile(r"[a-z0-9_-]")
_LONGEST: Final = 150
"""Most characters of the name of a folder."""
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Message = Mapping[str, Any]
"""One message, as the file has it."""
Change = Callable[[Message], Message]


@frozen
class Line:
    """One line of a day."""

    number: int
    """Its number in the day, counted from 1; lines that were left out keep theirs."""
    at: str
    """ISO 8601, UTC."""
    nick: str
    text: str
    kind: str
    """``line``, ``action`` (``/me``), ``bot`` or ``removed`` (no text)."""


@frozen
class Day:
    """The log of a room on a day."""

    network: str
    room: str
    lines: tuple[Line, ...]


@frozen
class Changed:
    """What a change of the logs does to the pages of a room."""

    days: Sequence[str] = ()
    """Days whose pages change."""
    is_new: bool = False
    """Whether a day was added, so that the lists of days change."""


def folder_name(name: str) -> str:
    """Return the name of the folder of a network or a room: small letters, digits, ``_-``, and other bytes as ``=hh``.

    The first ``#`` is left out. Long names end in a digest.
    """
    raw = name.lower().removeprefix("#").encode(errors="replace")
    plain = "".join(chr(byte) if _PLAIN.fullmatch(chr(byte)) else f"={byte:02x}" for byte in raw) or "="
    if len(plain) <= _LONGEST:
        return plain
    return f"{plain[:100]}-{hashlib.blake2b(raw, digest_size=16).hexdigest()}"


def key_of(network: str, room: str) -> str:
    """Return the key of a room: the path of its folder."""
    return f"{folder_name(network)}/{folder_name(room)}"


@frozen
class Days:
    """The logs of rooms in the folder of the archive."""

    archive: Path

    @property
    def folder(self) -> Path:
        """Their folder."""
        return self.archive / FOLDER

    def path_of(self, key: str, day: str) -> Path:
        """Return the file of a room and a day."""
        return self.folder / key / f"{day}{_ENDING}"

    # Reading

    def rooms(self) -> list[str]:
        """Return the keys of all rooms with logs, in order."""
        return sorted({f"{path.parent.parent.name}/{path.parent.name}" for path in self.folder.glob(f"*/*/*{_ENDING}")})

    def days(self, key: str) -> list[str]:
        """Return the days of a room, in order."""
        found = (path.name.removesuffix(_ENDING) for path in (self.folder / key).glob(f"*{_ENDING}"))
        return sorted(day for day in found if _DAY.fullmatch(day))

    def day(self, key: str, day: str) -> Day | None:
        """Return the log of a room on a day, None if there is none.

        Raises:
            OSError, ValueError: it cannot be read.
        """
        try:
            head, messages = _parsed(self.path_of(key, day).read_bytes())
        except FileNotFoundError:
            return None
        return Day(head["network"], head["room"], tuple(_lines(messages)))

    # Writing

    def add(self, network: str, room: str, messages: Iterable[Message]) -> Changed:
        """Append messages, except those of which a file has the ``id`` already. Return the pages that change.

        Raises:
            OSError: they cannot be written.
        """
        key, days = key_of(network, room), dict[str, list[Message]]()
        for message in messages:
            days.setdefault(str(message["at"])[:10], []).append(message)
        new = [day for day, said in days.items() if self._add(key, day, {"network": network, "room": room}, said)]
        changed = {one: None for day in new for one in self._with_neighbours(key, day)}
        return Changed([*dict.fromkeys([*days, *changed])], is_new=bool(new))

    def _add(self, key: str, day: str, head: Mapping[str, Any], messages: Iterable[Message]) -> bool:
        """Append messages to a day. Return whether it is a new one."""
        path = self.path_of(key, day)
        with self._locked():
            was = path.read_bytes() if path.exists() else b""
            whole = was[: was.rfind(b"\n") + 1]
            new = [one for one in messages if f'"id":{_json(one["id"])}'.encode() not in whole]
            if new:
                path.parent.mkdir(parents=True, exist_ok=True)
                _append(path, len(whole), b"".join(map(_row, new if whole else [head, *new])))
        return not whole

    def edit(self, network: str, room: str, event: str, texts: Collection[str]) -> Changed:
        """Give the lines of a message other texts; none removes the message. Return the pages that change.

        Raises:
            OSError: the file cannot be read or written.
        """
        key = key_of(network, room)

        def edited(message: Message) -> Message:
            return _edited(message, list(texts)) if event and message["event"] == event else message

        days = reversed(self.days(key)[-EDITED:])
        return next((Changed([day]) for day in days if self._rewrite(key, day, edited)), Changed())

    def hide(self, network: str, room: str, since: str, until: str) -> Changed:
        """Leave out everything that was said in a room between two moments. Return the pages that change.

        Raises:
            OSError: a file cannot be read or written.
        """
        key = key_of(network, room)

        def hidden(message: Message) -> Message:
            return _left_out(message) if since <= message["at"] <= until else message

        days = [day for day in self.days(key) if since[:10] <= day <= until[:10]]
        return Changed([day for day in days if self._rewrite(key, day, hidden)])

    def change_all(self, change: Change, words: Collection[str]) -> Iterator[str]:
        """Change the messages of all days in which one of some words occurs. Yield the changed ``ROOM/DAY``.

        Args:
            change: returns the message as it should be.
            words: words in any case; without one of them no message of a day can change.

        Raises:
            OSError: a file cannot be read or written.
        """
        wanted = [_json(word)[1:-1].casefold() for word in words if word]
        for key in self.rooms():
            for day in self.days(key):
                raw = self.path_of(key, day).read_bytes().decode(errors="replace").casefold()
                if any(word in raw for word in wanted) and self._rewrite(key, day, change):
                    yield f"{key}/{day}"

    def _with_neighbours(self, key: str, day: str) -> list[str]:
        """Return a new day with the one before and the one after, which link to it."""
        days = self.days(key)
        at = days.index(day)
        return days[max(0, at - 1) : at + 2]

    def _rewrite(self, key: str, day: str, change: Change) -> bool:
        path = self.path_of(key, day)
        with self._locked():
            head, messages = _parsed(path.read_bytes())
            changed = [change(message) for message in messages]
            if changed == messages:
                return False
            _replace(path, b"".join(map(_row, (head, *changed))))
        return True

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other writers out: the threads of this process and other processes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def neighbours(days: Sequence[str], day: str) -> tuple[str, str]:
    """Return the days before and after a day, empty where there is none."""
    at = days.index(day)
    return (days[at - 1] if at else "", days[at + 1] if at + 1 < len(days) else "")


def _lines(messages: list[Message]) -> Iterator[Line]:
    number = 0
    for message in messages:
        for text in message["texts"]:
            number += 1
            if message["kind"] != "hidden":
                yield Line(number, f"{message['at'][:19]}Z", message["nick"], text, message["kind"])


def _edited(message: Message, texts: list[str]) -> Message:
    count = len(message["texts"])
    if not texts or message["kind"] in ("removed", "hidden"):
        return message if message["kind"] == "hidden" else {**message, "texts": [""] * count, "kind": "removed"}
    parts = [*texts[: count - 1], " ".join(texts[count - 1 :])]
    return {**message, "texts": [*parts, *[""] * (count - len(parts))]}


def _left_out(message: Message) -> Message:
    return {**message, "nick": "", "key": "", "texts": [""] * len(message["texts"]), "kind": "hidden"}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _row(value: Mapping[str, Any]) -> bytes:
    return f"{_json(value)}\n".encode(errors="replace")


def _parsed(raw: bytes) -> tuple[Message, list[Message]]:
    """Return the head and the messages of a file. The rest of a line that a crash cut off is left out."""
    rows = [json.loads(line) for line in raw[: raw.rfind(b"\n") + 1].splitlines()]
    return (rows[0], rows[1:]) if rows else ({"network": "", "room": ""}, [])


def _append(path: Path, size: int, row: bytes) -> None:
    """Append to a file after ``size`` bytes, and wait until the disk has it."""
    is_new = not size
    with path.open("ab") as file:
        file.truncate(size)
        file.write(row)
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        _sync(path.parent)


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
