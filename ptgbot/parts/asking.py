"""Answers the requests of commands outside the inbox: fetches, queries of bulk storage, documents."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import structlog
from attrs import define, field

from ptgbot.chat.commands import Ask, Fetch, Fetched, Query, ReadDocument
from ptgbot.chat.inbox import Result
from ptgbot.chat.message import Message
from ptgbot.config import FetchConfig
from ptgbot.fetch import fetch
from ptgbot.store.edits import Json
from ptgbot.store.export import Unreadable
from ptgbot.store.store import Damaged
from ptgbot.waiting import in_own_thread

log = structlog.get_logger()

AT_ONCE = 4
"""Questions of one kind that are answered at the same time."""
MOST = 40
"""Questions of one kind that wait or are answered."""
PATIENCE = 30.0
"""Seconds after which a query is given up."""
FAILED = Fetched(error="it failed inside the bot; the operators see what happened.")

Documents = Callable[[str], Awaitable[Json]]
"""Returns a document by its id. Raises KeyError if there is none, OSError or Damaged if it can't be read."""


def _slots() -> Mapping[type, asyncio.Semaphore]:
    return {kind: asyncio.Semaphore(AT_ONCE) for kind in (Fetch, Query, ReadDocument)}


@define(eq=False)
class Asking:
    """Answers each request in a task. The result goes into the inbox as a :class:`~ptgbot.chat.inbox.Result`."""

    put: Callable[[Result], bool]
    config: FetchConfig
    bulk: Path
    """Folder above the bulk storage of the features."""
    documents: Documents
    patience: float = PATIENCE
    _tasks: dict[asyncio.Task[None], type] = field(factory=dict, init=False)
    _slots: Mapping[type, asyncio.Semaphore] = field(factory=_slots, init=False)

    @property
    def tasks(self) -> set[asyncio.Task[None]]:
        """The tasks of all pending requests."""
        return set(self._tasks)

    def ask(self, message: Message, feature: str, wanted: Ask) -> None:
        """Begin to answer a request of a feature's command."""
        kind = type(wanted)
        if list(self._tasks.values()).count(kind) >= MOST:
            self.put(Result(message, Fetched(error="too many questions are being answered already.")))
            return
        task = asyncio.create_task(self._answer(message, feature, wanted), name=f"{kind.__name__} for {feature}")
        self._tasks[task] = kind
        task.add_done_callback(self._tasks.pop)

    async def _answer(self, message: Message, feature: str, wanted: Ask) -> None:
        try:
            fetched = await self._look(feature, wanted)
        except Exception:
            log.exception("a question of a command failed", feature=feature, question=type(wanted).__name__)
            fetched = FAILED
        self.put(Result(message, fetched))

    async def _look(self, feature: str, wanted: Ask) -> Fetched:
        slot = self._slots[type(wanted)]
        match wanted:
            case Fetch():
                async with slot:
                    return await fetch(wanted, self.config)
            case Query():
                return await self._query(slot, feature, wanted)
            case ReadDocument(id):
                async with slot:
                    return await self._read(id)

    async def _query(self, slot: asyncio.Semaphore, feature: str, wanted: Query) -> Fetched:
        """Answer a query. Its thread cannot be cancelled, so it keeps its slot until it ends by itself."""
        folder = self.bulk / feature
        try:
            async with asyncio.timeout(self.patience):
                await slot.acquire()
                running = in_own_thread(lambda: wanted.run(folder), f"query of {feature}")
                running.add_done_callback(lambda _: slot.release())
                return Fetched(value=await asyncio.shield(running))
        except TimeoutError:
            return Fetched(error=f"it took longer than {self.patience:g} seconds.")
        except Unreadable as error:
            return Fetched(error=str(error))

    async def _read(self, identifier: str) -> Fetched:
        try:
            value = await self.documents(identifier)
        except KeyError:
            return Fetched(error=f"there is no document {identifier}.")
        except (OSError, Damaged) as error:
            return Fetched(error=f"{identifier} can't be read: {error}")
        return Fetched(value=value)
