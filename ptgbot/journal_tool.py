"""Looking at the journal, and mending one that was damaged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ptgbot.chat.text import clean, short
from ptgbot.store import journal as journals
from ptgbot.store.files import Lock, replace_file
from ptgbot.store.opening import Paths
from ptgbot.store.record import Batch


def show(export: Path) -> Iterator[str]:
    """Yield a line for each change on record, the oldest first. Raises Damaged, Newer, OSError."""
    path = Paths(export).journal
    seen: set[int] = set()
    for file in (*journals.archives(path), path):
        for body in journals.read(file).batches:
            for record in Batch.from_json(body).records:
                if record.number not in seen:
                    seen.add(record.number)
                    text = "(in private)" if record.private else short(clean(record.text), 120)
                    who, where = record.nick or "(forgotten)", record.room_name or "-"
                    yield f"{record.number:>6} {record.at:%Y-%m-%d %H:%M:%S} {where} {who}: {text}"


def repair(export: Path) -> Iterator[str]:
    """Keep the whole lines before the first damaged one, put the rest aside. Raises Locked, Damaged, OSError."""
    path = Paths(export).journal
    with Lock(Paths(export).lock):
        raw = path.read_bytes()
        length, number = _whole(raw)
        if length == len(raw):
            yield f"{path.name} is whole: {number} lines."
            return
        if number == 0:
            raise journals.Damaged(
                f"{path}: its first line is damaged; nothing can be kept. Put the file aside and start from "
                f"{export.name} or from a backup."
            )
        aside = path.with_name(f"{path.stem}.damaged")
        replace_file(aside, raw[length:])
        replace_file(path, raw[:length])
        rest = len(raw) - length
        yield f"{path.name}: kept {number} whole lines; {rest} bytes from line {number + 1} on are in {aside.name}."


def _whole(raw: bytes) -> tuple[int, int]:
    length = number = 0
    for line in journals.split(raw):
        try:
            journals.decode(line)
        except ValueError:
            break
        except journals.Damaged:
            break
        length, number = length + len(line), number + 1
    return length, number
