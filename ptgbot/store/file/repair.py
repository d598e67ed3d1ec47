"""Repairs a damaged journal, and converts a journal for an earlier version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from ptgbot.store.export import digest
from ptgbot.store.file import journal as journals
from ptgbot.store.file.engine import Paths
from ptgbot.store.file.lock import Lock
from ptgbot.store.files import replace_file
from ptgbot.store.record import Batch, Cause, Record
from ptgbot.store.store import Contents, Damaged


def repair(export: Path) -> Iterator[str]:
    """Keep the whole lines before the first damaged one and put the rest aside. Yield sentences about the result.

    Raises:
        Locked: a bot works on the state.
        Damaged: the first line is damaged, so that nothing can be kept.
        OSError: a file cannot be read or written.
    """
    path = Paths(export).journal
    with Lock(Paths(export).lock):
        raw = path.read_bytes()
        length, number = _whole(raw)
        if length == len(raw):
            yield f"{path.name} is whole: {number} lines."
            return
        if number == 0:
            raise Damaged(
                f"{path}: its first line is damaged; nothing can be kept. Put the file aside and start from "
                f"{export.name} or from a backup."
            )
        aside = path.with_name(f"{path.stem}.damaged")
        replace_file(aside, raw[length:])
        replace_file(path, raw[:length])
        rest = len(raw) - length
        yield f"{path.name}: kept {number} whole lines; {rest} bytes from line {number + 1} on are in {aside.name}."
        if export.exists() and digest(export.read_bytes()).encode() not in raw[:length]:
            yield (
                f"{export.name} was written after these lines. What it holds beyond them comes back at the next start, "
                "as one change by “file”; start with --discard-edits to leave it out."
            )


def _whole(raw: bytes) -> tuple[int, int]:
    length = number = 0
    for line in journals.split(raw):
        try:
            journals.decode(line)
        except (ValueError, Damaged):
            break
        length, number = length + len(line), number + 1
    return length, number


def downgrade(export: Path) -> Iterator[str]:
    """Convert journal and archives to schema 1, which earlier versions read. Yield sentences about what is lost.

    The journal itself is converted last: until then, this can be run again after a crash.

    Raises:
        Locked: a bot works on the state.
        Damaged: a line is not what was written.
        OSError: a file cannot be read or written.
    """
    paths = Paths(export)
    with Lock(paths.lock):
        newest = journals.read(paths.journal)
        if newest.checkpoint["schema"] == 1:
            yield f"{paths.journal.name} has schema 1 already."
            return
        left = Counter[str]()
        for path in (*journals.archives(paths.journal), paths.journal):
            contents = journals.read(path)
            replace_file(path, journals.lines(_converted(contents, left)))
        yield f"{paths.journal.name} and its archives have schema 1 now."
        yield from _left_out(paths, _open_rows(newest), left)


def _left_out(paths: Paths, rows: int, left: Counter[str]) -> Iterator[str]:
    for kind, number in sorted(left.items()):
        yield f"Records of the kind {kind} are shown as edits of the file, because schema 1 has no such kind: {number}."
    if rows:
        yield f"Left out: what was still to be delivered, {rows} in number."
    if paths.documents.is_dir():
        aside = paths.documents.with_name(f"{paths.documents.name}.schema-2")
        paths.documents.rename(aside)
        yield f"Left out: the documents; they are kept in {aside.name}."


def _open_rows(contents: Contents) -> int:
    rows = {row["n"] for row in contents.checkpoint.get("deliver", ())}
    for batch in map(Batch.from_json, contents.batches):
        rows |= {row.number for row in batch.deliver}
        rows -= batch.settled.keys()
    return len(rows)


def _converted(contents: Contents, left: Counter[str]) -> Contents:
    if contents.checkpoint["schema"] == 1:
        return contents
    later = ("derived", "row", "deliver", "documents")
    head = {key: value for key, value in contents.checkpoint.items() if key not in later}
    return Contents({**head, "schema": 1}, [_batch(body, left).to_json() for body in contents.batches])


def _batch(body: Any, left: Counter[str]) -> Batch:
    batch = Batch.from_json(body)
    return attrs.evolve(
        batch, records=[_record(record, left) for record in batch.records], deliver=(), settled={}, documents={}
    )


def _record(record: Record, left: Counter[str]) -> Record:
    if record.kind in (Cause.COMMAND, Cause.FILE):
        return record
    kind = record.kind.value
    left[kind] += 1
    nobody = attrs.evolve(record, kind=Cause.FILE, key="file", nick="file", network="")
    return attrs.evolve(nobody, room="", room_name="", text=f"({kind})")
