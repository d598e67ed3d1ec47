"""A store in memory, for tests. It defines what an engine must do."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence

from attrs import define, field

from ptgbot.store.store import Body, Contents, Fenced, Locked, Rewrite, Store, checked, safe


@define(eq=False)
class Memory:
    """The contents that several stores of one process share, as processes share files."""

    files: list[bytes] = field(factory=list)
    """Contents as JSON, the newest last."""
    documents: dict[str, bytes] = field(factory=dict)
    blobs: dict[str, bytes] = field(factory=dict)
    epoch: int = 0
    leader: bool = False

    def read(self, number: int) -> Contents:
        """Return the contents with this index.

        Raises:
            IndexError: there are no such contents.
        """
        tree = json.loads(self.files[number])
        return Contents(tree["checkpoint"], tree["batches"])

    def write(self, contents: Contents) -> bytes:
        """Return contents in their stored form."""
        return json.dumps({"checkpoint": contents.checkpoint, "batches": list(contents.batches)}).encode()


@define(eq=False)
class MemoryStore(Store):
    """A store in memory. Several stores made of one :class:`Memory` see the same contents."""

    memory: Memory = field(factory=Memory)
    notes: list[str] = field(factory=list)
    _epoch: int = field(default=0, init=False)

    async def open(self, *, lead: bool = True) -> Contents | None:
        """Return the newest contents, None for a new store.

        Raises:
            Locked: another store leads.
            Newer: a later version wrote the contents.
        """
        if lead:
            if self.memory.leader:
                raise Locked("another store leads")
            self.memory.leader, self.memory.epoch = True, self.memory.epoch + 1
            self._epoch = self.memory.epoch
        if not self.memory.files:
            return None
        found = self.memory.read(-1)
        checked(found.checkpoint, "the memory")
        return found

    def leads(self) -> bool:
        """Say whether this store is still the leader."""
        return self.memory.leader and self._epoch == self.memory.epoch

    @property
    def epoch(self) -> int:
        """Number of the leadership."""
        return self._epoch

    @property
    def size(self) -> int:
        """Size of the newest contents in bytes."""
        return len(self.memory.files[-1]) if self.memory.files else 0

    def depose(self) -> None:
        """End this store's leadership, as if its lease had expired."""
        self.memory.leader = False

    def _check(self) -> None:
        if not self.leads():
            raise Fenced("another store leads by now")

    async def append(self, batch: Body) -> int:
        """Append a batch and return its position.

        Raises:
            Fenced: another store leads by now.
        """
        self._check()
        found = self.memory.read(-1)
        self.memory.files[-1] = self.memory.write(Contents(found.checkpoint, [*found.batches, batch]))
        position: int = batch["seq"]
        return position

    async def read(self, position: int) -> Sequence[Body]:
        """Return the batches behind a position, the oldest first."""
        numbers = range(len(self.memory.files))
        found = {body["seq"]: body for number in numbers for body in self.memory.read(number).batches}
        return [found[seq] for seq in sorted(found) if seq > position]

    async def rotate(self, contents: Contents, at_most: int | None = None) -> bool:
        """Put new contents in place; the old ones become an archive.

        Raises:
            Fenced: another store leads by now.
        """
        self._check()
        raw = self.memory.write(contents)
        if at_most is not None and len(raw) > at_most:
            return False
        self.memory.files.append(raw)
        return True

    async def archives(self, *, oldest: bool = False) -> AsyncIterator[Contents]:
        """Yield archived contents."""
        numbers = range(len(self.memory.files) - 1)
        for number in numbers if oldest else reversed(numbers):
            yield self.memory.read(number)

    async def scrub(self, rewrite: Rewrite, contents: Contents) -> list[str]:
        """Rewrite all contents.

        Raises:
            Fenced: another store leads by now.
        """
        self._check()
        rewritten = [self.memory.write(rewrite(self.memory.read(n))) for n in range(len(self.memory.files))]
        self.memory.files = [*rewritten, self.memory.write(contents)]
        return []

    async def put_document(self, name: str, raw: bytes) -> None:
        """Store a document.

        Raises:
            Fenced: another store leads by now.
            ValueError: the name is unsafe.
        """
        self._check()
        self.memory.documents[safe(name)] = raw

    async def get_document(self, name: str) -> bytes:
        """Return the bytes of a document.

        Raises:
            KeyError: there is no such document.
            ValueError: the name is unsafe.
        """
        return self.memory.documents[safe(name)]

    async def keep_documents(self, names: frozenset[str]) -> None:
        """Remove all documents except these.

        Raises:
            Fenced: another store leads by now.
        """
        self._check()
        self.memory.documents = {name: raw for name, raw in self.memory.documents.items() if name in names}

    async def put_blob(self, name: str, raw: bytes) -> None:
        """Store bytes of an adapter.

        Raises:
            Fenced: another store leads by now.
            ValueError: the name is unsafe.
        """
        self._check()
        self.memory.blobs[safe(name)] = raw

    async def get_blob(self, name: str) -> bytes | None:
        """Return bytes of an adapter, None if there are none.

        Raises:
            ValueError: the name is unsafe.
        """
        return self.memory.blobs.get(safe(name))

    async def close(self) -> None:
        """Give up the leadership."""
        if self.leads():
            self.depose()
