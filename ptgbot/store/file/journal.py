"""The journal file: JSON lines, each with a checksum. The first is a checkpoint, every other one a batch."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from attrs import field, frozen, mutable

from ptgbot.store.files import read_back, replace_file, sync_folder
from ptgbot.store.store import Body, Contents, Damaged, NotWritten, checked

_DIGEST = 16
_HEAD = b'{"sum":"'
_BODY = b'","body":'
_START = len(_HEAD) + _DIGEST + len(_BODY)


def _sum(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=_DIGEST // 2).hexdigest().encode()


def encode(body: Body) -> bytes:
    """Return one line: ``{"sum": checksum of the body's bytes, "body": body}``.

    Raises:
        TypeError, ValueError: the body is not JSON.
    """
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return _HEAD + _sum(raw) + _BODY + raw + b"}\n"


def decode(line: bytes) -> dict[str, Any]:
    """Return the body of a line.

    Raises:
        Damaged: the checksum does not fit.
        ValueError: the body is not JSON.
    """
    raw = line[_START:-2]
    if not (line.startswith(_HEAD) and line.endswith(b"}\n") and line[len(_HEAD) :].startswith(_sum(raw) + _BODY)):
        raise Damaged("the checksum does not fit")
    body: dict[str, Any] = json.loads(raw)
    return body


def split(raw: bytes) -> Iterator[bytes]:
    """Yield lines with their line ends; the last line may have none."""
    start = 0
    while start < len(raw):
        end = raw.find(b"\n", start) + 1 or len(raw)
        yield raw[start:end]
        start = end


@frozen
class JournalFile(Contents):
    """The contents of a journal file."""

    length: int = 0
    """Bytes up to the end of the last whole line."""
    torn: bytes = b""
    """The bytes after it: a line that was not written completely."""


def read(path: Path) -> JournalFile:
    """Read a journal file. A torn last line is returned apart.

    Raises:
        Damaged: a line before the last is not what was written; the message names it.
        Newer: a later version wrote the file.
        OSError: the file cannot be read.
    """
    contents, problem = read_whole(path)
    if contents is None or problem:
        raise Damaged(problem)
    return contents


def read_whole(path: Path) -> tuple[JournalFile | None, str]:
    """Read the whole lines before the first damaged one.

    Return them, None if there is no checkpoint among them; and a sentence about the damage, empty if there is none.

    Raises:
        Newer: a later version wrote the file.
        OSError: the file cannot be read.
    """
    raw = path.read_bytes()
    bodies: list[dict[str, Any]] = []
    length, problem = 0, ""
    lines = list(split(raw))
    for number, line in enumerate(lines, 1):
        try:
            bodies.append(decode(line))
        except (Damaged, ValueError) as error:
            if number < len(lines) or number == 1:
                problem = (
                    f"{path}, line {number}: {error}. "
                    "`ptgbot journal repair` puts the rest aside and keeps what is whole."
                )
            break
        length += len(line)
    if not bodies or "schema" not in bodies[0]:
        return None, problem or f"{path}, line 1: no checkpoint stands there."
    return JournalFile(checked(bodies[0], str(path)), bodies[1:], length, raw[length:], name=str(path)), problem


def lines(contents: Contents) -> bytes:
    """Return the bytes of a journal file.

    Raises:
        TypeError, ValueError: a body is not JSON.
    """
    return b"".join(encode(body) for body in (contents.checkpoint, *contents.batches))


def archives(path: Path) -> list[Path]:
    """Return the rotated files of a journal, the oldest first."""
    pattern = re.compile(re.escape(path.stem) + r"\.(\d+)\.jsonl")
    found = ((pattern.fullmatch(other.name), other) for other in path.parent.glob(f"{path.stem}.*.jsonl"))
    return [other for _, other in sorted((int(match[1]), other) for match, other in found if match)]


def next_archive(path: Path) -> Path:
    """Return the path under which the journal is kept at its next rotation."""
    numbers = [int(other.name.split(".")[-2]) for other in archives(path)]
    return path.with_name(f"{path.stem}.{max(numbers, default=0) + 1:03}.jsonl")


Sync = Callable[[int], None]


@mutable
class Journal:
    """The open journal file. Its methods block: call them in a thread, one at a time."""

    path: Path
    length: int
    """Number of bytes acknowledged so far."""
    sync: Sync = os.fsync
    _file: int = field(default=-1, init=False)
    _suspect: bool = field(default=False, init=False)

    def append(self, line: bytes) -> None:
        """Write a line and wait until the disk has it.

        Raises:
            NotWritten: the line could not be written; it is removed again before the next write.
        """
        try:
            self._open()
            self._write(line)
            self.sync(self._file)
        except OSError as error:
            self._suspect = True
            with contextlib.suppress(OSError):
                self._recover()
            raise NotWritten(f"{self.path.name}: {error.strerror or error}") from error
        self.length += len(line)

    def replace(self, raw: bytes) -> None:
        """Replace the file as a whole.

        Raises:
            OSError: the file could not be written; the old one stays.
        """
        replace_file(self.path, raw, sync=self.sync)
        self.close()
        self.length = len(raw)

    def keep(self) -> Path:
        """Give the file a second name, under which it stays when it is replaced. Return that name.

        Raises:
            OSError: the link could not be made.
        """
        archive = next_archive(self.path)
        os.link(self.path, archive)
        sync_folder(self.path.parent)
        return archive

    def cut(self, torn: bytes) -> Path | None:
        """Move the bytes after the last whole line into a file beside the journal.

        Return its path, None if there are none.

        Raises:
            OSError: a file could not be written.
        """
        self._open()
        if os.fstat(self._file).st_size == self.length:
            return None
        aside = self.path.with_name(f"{self.path.stem}.torn")
        replace_file(aside, (aside.read_bytes() if aside.exists() else b"") + torn + b"\n")
        self._truncate()
        return aside

    def check_writable(self) -> None:
        """Open the file for the next append, so that a file that cannot be written is found at the start.

        Raises:
            OSError: it cannot be written.
        """
        self._open()

    def close(self) -> None:
        """Close the file; the next append opens it again."""
        if self._file >= 0:
            file, self._file = self._file, -1
            os.close(file)

    def _open(self) -> None:
        if self._suspect:
            self._recover()
        if self._file < 0:
            self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)

    def _write(self, line: bytes) -> None:
        view = memoryview(line)
        while view:
            view = view[os.write(self._file, view) :]

    def _truncate(self) -> None:
        os.ftruncate(self._file, self.length)
        self.sync(self._file)

    def _recover(self) -> None:
        """Make the file trustworthy after a failed write: truncate it, reopen it and read it back.

        Raises:
            OSError: the disk does not hold the acknowledged bytes.
        """
        self.close()
        self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        self._truncate()
        self.close()
        if read_back(self.path, self.length) != self.length or read(self.path).length != self.length:
            raise OSError(f"{self.path.name} is not on the disk as it was written")
        self._suspect = False
