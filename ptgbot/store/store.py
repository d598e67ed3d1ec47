"""What keeps the state durable: the interface of its engines."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from attrs import field, frozen

SCHEMA = 2
"""The newest form of checkpoints and batches that this version reads and writes."""
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,149}")

Body = Mapping[str, Any]
"""A checkpoint or a batch as JSON."""


class Damaged(Exception):
    """What the store holds is not what was written."""


class Newer(Exception):
    """The store was written by a later version than this one."""


class Locked(Exception):
    """Another process leads."""


class NotWritten(Exception):
    """The batch was not taken; nothing of it counts."""


class Fenced(NotWritten):
    """Somebody else leads by now: this process must not write, send or show anything any more."""


@frozen
class Contents:
    """A checkpoint and the batches after it, the oldest first."""

    checkpoint: Body
    batches: Sequence[Body] = ()
    name: str = field(default="the journal", kw_only=True, eq=False)
    """What people call it in messages, such as a path."""


Rewrite = Callable[[Contents], Contents]


class Store(ABC):
    """Keeps checkpoints, batches, documents and blobs. One process leads and writes; followers only read.

    Batches have a number, ``seq``, which is their position. Before anything is appended the store must have been opened
    as leader, and a first checkpoint must have been put in place by :meth:`rotate`.
    """

    notes: list[str]
    """What an operator should know of how the store was opened."""

    @abstractmethod
    async def open(self, *, lead: bool = True) -> Contents | None:
        """Return the newest checkpoint and the batches after it, None for a new store.

        Args:
            lead: whether to write. A follower takes no lock, changes nothing, and can be opened beside a leader.

        Raises:
            Locked: another process leads.
            Damaged: a line is not what was written.
            Newer: a later version wrote it.
            OSError: it can't be read.
        """

    @abstractmethod
    def leads(self) -> bool:
        """Say whether this process may write, send and show. Cheap; ask before everything that others see."""

    @property
    @abstractmethod
    def epoch(self) -> int:
        """Number of the leadership; each new leader has a larger one. 0 for a follower."""

    @property
    @abstractmethod
    def size(self) -> int:
        """Bytes of the newest checkpoint and the batches after it."""

    @abstractmethod
    async def append(self, batch: Body) -> int:
        """Make a batch durable and return its position.

        Raises:
            NotWritten: the batch is not in the store.
            Fenced: another process leads by now.
        """

    @abstractmethod
    async def read(self, position: int) -> Sequence[Body]:
        """Return the batches behind a position, the oldest first, as far back as they are kept."""

    @abstractmethod
    async def rotate(self, contents: Contents, at_most: int | None = None) -> bool:
        """Put a new checkpoint and its batches in place; what stood there is kept as an archive.

        Args:
            contents: what the store holds from now on.
            at_most: bytes; longer contents are not put in place. The result says whether they were.

        Raises:
            Fenced: another process leads by now.
            OSError: it could not be written; the old checkpoint stays in use.
        """

    @abstractmethod
    def archives(self, *, oldest: bool = False) -> AsyncIterator[Contents]:
        """Yield what earlier rotations put aside, the newest first, or the oldest.

        A damaged archive is passed over and named in ``notes``.
        """

    @abstractmethod
    async def scrub(self, rewrite: Rewrite, contents: Contents) -> list[str]:
        """Rewrite all archives, then put ``contents`` in place. Returns sentences about archives left as they are.

        Used to take a person out: what is in place becomes an archive as well, and is rewritten with the others.
        """

    @abstractmethod
    async def put_document(self, name: str, raw: bytes) -> None:
        """Make a document durable under a safe name. One that is there already is the same."""

    @abstractmethod
    async def get_document(self, name: str) -> bytes:
        """Return a document. Raises KeyError if there is none."""

    @abstractmethod
    async def keep_documents(self, names: frozenset[str]) -> None:
        """Remove all documents but these."""

    @abstractmethod
    async def put_blob(self, name: str, raw: bytes) -> None:
        """Keep bytes of an adapter, such as keys or a position; they move with the leadership. Raises Fenced."""

    @abstractmethod
    async def get_blob(self, name: str) -> bytes | None:
        """Return an adapter's bytes, None if there are none."""

    @abstractmethod
    async def close(self) -> None:
        """Wait for the last write and give the leadership up."""


def safe(name: str) -> str:
    """Return a name that can be used for a file anywhere.

    Raises:
        ValueError: the name is empty, longer than 150 characters, or has others than letters, digits and ``._@-``.
    """
    if not _SAFE.fullmatch(name):
        raise ValueError(f"{name!r} can't be the name of something stored")
    return name


def checked(checkpoint: Body, where: str) -> Body:
    """Return a checkpoint whose schema this version knows. Raises Newer."""
    if checkpoint["schema"] > SCHEMA:
        raise Newer(
            f"{where} was written by a later ptgbot (schema {checkpoint['schema']}, this one knows {SCHEMA}). "
            "Start that version, or one later still."
        )
    return checkpoint


__all__ = [
    "SCHEMA",
    "Body",
    "Contents",
    "Damaged",
    "Fenced",
    "Locked",
    "Newer",
    "NotWritten",
    "Rewrite",
    "Store",
    "checked",
    "safe",
]
