"""The interface of the engines that keep the state durable."""

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
    """The contents of the store are not those that were written."""


class Newer(Exception):
    """The store was written by a later version than this one."""


class Locked(Exception):
    """Another process leads."""


class NotWritten(Exception):
    """The batch was not written; nothing of it counts."""


class Fenced(NotWritten):
    """Another process leads by now: this process must not write, send or show anything more."""


@frozen
class Contents:
    """A checkpoint and the batches after it, the oldest first."""

    checkpoint: Body
    batches: Sequence[Body] = ()
    name: str = field(default="the journal", kw_only=True, eq=False)
    """Name for messages to people, such as a path."""


Rewrite = Callable[[Contents], Contents]


class Store(ABC):
    """Keeps checkpoints, batches, documents and blobs. One process leads and writes; followers only read.

    The number of a batch, ``seq``, is its position. Before the first append, the store must have been opened as leader
    and have got a checkpoint by :meth:`rotate`.
    """

    notes: list[str]
    """Sentences for the operator about how the store was opened."""

    @abstractmethod
    async def open(self, *, lead: bool = True) -> Contents | None:
        """Return the newest checkpoint and the batches after it, None for a new store.

        Args:
            lead: whether to write. A follower takes no lock, changes nothing, and can be opened beside a leader.

        Raises:
            Locked: another process leads.
            Damaged: a line is not what was written.
            Newer: a later version wrote it.
            OSError: it cannot be read.
        """

    @abstractmethod
    def leads(self) -> bool:
        """Say whether this process may write, send and show. Cheap; call it before every effect that others see."""

    @property
    @abstractmethod
    def epoch(self) -> int:
        """Number of the leadership; each new leader has a larger one. 0 for a follower."""

    @property
    @abstractmethod
    def size(self) -> int:
        """Size in bytes of the newest checkpoint and the batches after it."""

    @abstractmethod
    async def append(self, batch: Body) -> int:
        """Make a batch durable and return its position.

        Raises:
            NotWritten: the batch is not in the store.
            Fenced: another process leads by now.
        """

    @abstractmethod
    async def read(self, position: int) -> Sequence[Body]:
        """Return the batches after a position, the oldest first, as far back as they are kept.

        Raises:
            Damaged: a line is not what was written.
            OSError: it cannot be read.
        """

    @abstractmethod
    async def rotate(self, contents: Contents, at_most: int | None = None) -> bool:
        """Put a new checkpoint and its batches in place; the old ones become an archive. Return whether it was done.

        Args:
            contents: the contents of the store from now on.
            at_most: largest size in bytes; longer contents are not put in place.

        Raises:
            Fenced: another process leads by now.
            OSError: they could not be written; the old checkpoint stays in use.
        """

    @abstractmethod
    def archives(self, *, oldest: bool = False) -> AsyncIterator[Contents]:
        """Yield the archives that earlier rotations made, the newest first unless ``oldest`` is set.

        A damaged archive is skipped and named in ``notes``.
        """

    @abstractmethod
    async def scrub(self, rewrite: Rewrite, contents: Contents) -> list[str]:
        """Rewrite all archives, then put ``contents`` in place.

        Return a sentence for each archive that was left as it is.

        Used to forget a person: the present contents become an archive, too, and are rewritten with the others.

        Raises:
            Fenced: another process leads by now.
            OSError: a file could not be written.
        """

    @abstractmethod
    async def put_document(self, name: str, raw: bytes) -> None:
        """Make a document durable under a safe name. A document of this name that exists already has the same bytes.

        Raises:
            Fenced: another process leads by now.
            ValueError: the name is unsafe, see :func:`safe`.
            OSError: it could not be written.
        """

    @abstractmethod
    async def get_document(self, name: str) -> bytes:
        """Return the bytes of a document.

        Raises:
            KeyError: there is no document of this name.
            ValueError: the name is unsafe, see :func:`safe`.
            OSError: it cannot be read.
        """

    @abstractmethod
    async def keep_documents(self, names: frozenset[str]) -> None:
        """Remove all documents except these.

        Raises:
            Fenced: another process leads by now.
            OSError: a document cannot be removed.
        """

    @abstractmethod
    async def put_blob(self, name: str, raw: bytes) -> None:
        """Store bytes of an adapter, such as keys or a position. They belong to the leader.

        Raises:
            Fenced: another process leads by now.
            ValueError: the name is unsafe, see :func:`safe`.
            OSError: they could not be written.
        """

    @abstractmethod
    async def get_blob(self, name: str) -> bytes | None:
        """Return an adapter's bytes, None if there are none.

        Raises:
            ValueError: the name is unsafe, see :func:`safe`.
            OSError: they cannot be read.
        """

    @abstractmethod
    async def close(self) -> None:
        """Wait for the last write and give up the leadership."""


def safe(name: str) -> str:
    """Return a name unchanged that can be used for a file on any system.

    Raises:
        ValueError: the name is empty, longer than 150 characters, begins with a sign, or has characters other than
            letters, digits and ``._@-``.
    """
    if not _SAFE.fullmatch(name):
        raise ValueError(f"{name!r} can't be the name of something stored")
    return name


def checked(checkpoint: Body, where: str) -> Body:
    """Return a checkpoint unchanged if this version knows its schema.

    Raises:
        Newer: a later version wrote it.
    """
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
