"""A store without a disk: for tests, and the measure of what an engine must do."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence

from attrs import define, field

from ptgbot.store.store import Body, Contents, Fenced, Locked, Rewrite, Store, checked, safe


@define(eq=False)
class Memory:
    """What several stores of one process share, as files are shared by several processes."""

    files: list[bytes] = field(factory=list)
    """Contents as JSON, the newest last."""
    documents: dict[str, bytes] = field(factory=dict)
    blobs: dict[str, bytes] = field(factory=dict)
    epoch: int = 0
    leader: bool = False

    def read(self, number: int) -> Contents:
        """Return one of the contents."""
        tree = json.loads(self.files[number])
        return Contents(tree["checkpoint"], tree["batches"])

    def write(self, contents: Contents) -> bytes:
        """Return contents as they are kept."""
        return json.dumps({"checkpoint": contents.checkpoint, "batches": list(contents.batches)}).encode()


@define(eq=False)
class MemoryStore(Store):
    """A store in memory. Another one made of the same :class:`Memory` sees the same contents."""

    memory: Memory = field(factory=Memory)
    notes: list[str] = field(factory=list)
    _epoch: int = field(default=0, init=False)

    async def open(self, *, lead: bool = True) -> Contents | None:
        """Return the newest contents."""
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
        """Say whether nobody took the leadership since."""
        return self.memory.leader and self._epoch == self.memory.epoch

    @property
    def epoch(self) -> int:
        """Number of the leadership."""
        return self._epoch

    @property
    def size(self) -> int:
        """Bytes of the newest contents."""
        return len(self.memory.files[-1]) if self.memory.files else 0

    def depose(self) -> None:
        """Let another store lead, as if this one's lease had ended."""
        self.memory.leader = False

    def _check(self) -> None:
        if not self.leads():
            raise Fenced("another store leads by now")

    async def append(self, batch: Body) -> int:
        """Keep a batch."""
        self._check()
        found = self.memory.read(-1)
        self.memory.files[-1] = self.memory.write(Contents(found.checkpoint, [*found.batches, batch]))
        position: int = batch["seq"]
        return position

    async def read(self, position: int) -> Sequence[Body]:
        """Return the batches behind a position."""
        numbers = range(len(self.memory.files))
        found = {body["seq"]: body for number in numbers for body in self.memory.read(number).batches}
        return [found[seq] for seq in sorted(found) if seq > position]

    async def rotate(self, contents: Contents, at_most: int | None = None) -> bool:
        """Keep new contents in front of the old ones."""
        self._check()
        raw = self.memory.write(contents)
        if at_most is not None and len(raw) > at_most:
            return False
        self.memory.files.append(raw)
        return True

    async def archives(self, *, oldest: bool = False) -> AsyncIterator[Contents]:
        """Yield earlier contents."""
        numbers = range(len(self.memory.files) - 1)
        for number in numbers if oldest else reversed(numbers):
            yield self.memory.read(number)

    async def scrub(self, rewrite: Rewrite, contents: Contents) -> list[str]:
        """Rewrite everything."""
        self._check()
        rewritten = [self.memory.write(rewrite(self.memory.read(n))) for n in range(len(self.memory.files))]
        self.memory.files = [*rewritten, self.memory.write(contents)]
        return []

    async def put_document(self, name: str, raw: bytes) -> None:
        """Keep a document."""
        self._check()
        self.memory.documents[safe(name)] = raw

    async def get_document(self, name: str) -> bytes:
        """Return a document."""
        return self.memory.documents[safe(name)]

    async def keep_documents(self, names: frozenset[str]) -> None:
        """Remove all others."""
        self._check()
        self.memory.documents = {name: raw for name, raw in self.memory.documents.items() if name in names}

    async def put_blob(self, name: str, raw: bytes) -> None:
        """Keep bytes of an adapter."""
        self._check()
        self.memory.blobs[safe(name)] = raw

    async def get_blob(self, name: str) -> bytes | None:
        """Return bytes of an adapter."""
        return self.memory.blobs.get(safe(name))

    async def close(self) -> None:
        """Give the leadership up."""
        if self.leads():
            self.depose()
