"""``ptgbot journal``: show a journal, repair a damaged one, convert one for an earlier version."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from ptgbot.chat.text import clean, short
from ptgbot.store.file import FileStore
from ptgbot.store.file.repair import downgrade, repair
from ptgbot.store.opening import records
from ptgbot.store.record import Record
from ptgbot.store.store import Contents


def show(export: Path) -> Iterator[str]:
    """Yield a line for each change in the journal, the oldest first.

    Raises:
        Damaged: a line is not what was written.
        Newer: a later version wrote the journal.
        OSError: a file cannot be read.
    """
    yield from asyncio.run(_lines(export))


async def _lines(export: Path) -> list[str]:
    seen: set[int] = set()
    lines = []
    async for contents in _everything(FileStore.beside(export)):
        for record in records(contents):
            if record.number not in seen:
                seen.add(record.number)
                lines.append(_line(record))
    return lines


async def _everything(store: FileStore) -> AsyncIterator[Contents]:
    newest = await store.open(lead=False)
    async for contents in store.archives(oldest=True):
        yield contents
    if newest:
        yield newest


def _line(record: Record) -> str:
    text = "(in private)" if record.private else short(clean(record.text), 120)
    who, where = record.nick or "(forgotten)", record.room_name or "-"
    return f"{record.number:>6} {record.at:%Y-%m-%d %H:%M:%S} {where} {who}: {text}"


__all__ = ["downgrade", "repair", "show"]
