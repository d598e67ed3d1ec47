"""Documents of the store come into the archive, once each and again when they change."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from ptgbot.chat.adapter import Health
from ptgbot.chat.message import Person
from ptgbot.feature import Fact
from ptgbot.meetings import archiving
from ptgbot.meetings.archive import Archive
from ptgbot.meetings.minutes import document_id
from ptgbot.meetings.settings import MeetingsSettings
from ptgbot.store.edits import ABSENT, Edit, Json
from tests.meetings.test_archive import HERE, document


@define(eq=False)
class Hub:
    """The documents of a store, and what the source reports."""

    folder: Path
    stored: dict[str, dict[str, Any]] = field(factory=dict)
    facts: list[Fact] = field(factory=list)
    counts: Counter[str] = field(factory=Counter)
    written: asyncio.Event = field(factory=asyncio.Event)
    learnt: asyncio.Event = field(factory=asyncio.Event)

    def documents(self, prefix: str) -> Mapping[str, str]:
        return {name: repr(body) for name, body in self.stored.items() if name.startswith(prefix)}

    async def document(self, identifier: str) -> Json:
        return self.stored[identifier]

    async def documented(self) -> None:
        await self.written.wait()
        self.written.clear()

    async def learn(self, facts: Sequence[Fact]) -> None:
        self.facts += facts
        self.learnt.set()

    def report(self, text: str) -> None:
        raise AssertionError(text)

    def count(self, name: str, number: int = 1) -> None:
        self.counts[name] += number

    def measure(self, name: str, value: float) -> None:
        raise AssertionError(name)

    def describe(self, subject: str, health: Health) -> None:
        raise AssertionError(subject)

    async def put(self, body: dict[str, Any]) -> None:
        """Store a document, and wait until the archive has told its revision."""
        self.stored[document_id(body["slug"])] = body
        self.learnt.clear()
        self.written.set()
        async with asyncio.timeout(30):
            await self.learnt.wait()


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    hub = Hub(tmp_path, {"other.document": {}})
    task = asyncio.create_task(archiving.keep(MeetingsSettings(), hub))
    async with asyncio.timeout(30):
        await hub.learnt.wait()
    yield hub
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_document_of_store_comes_into_archive(hub: Hub) -> None:
    await hub.put(document())
    assert Archive(hub.folder).read(HERE) == document()


async def test_changed_document_comes_again_others_stay(hub: Hub) -> None:
    await hub.put(document())
    await hub.put(document("2024/infra.2024-12-04-14.00"))
    await hub.put(document(text="something else"))
    assert hub.counts["meetings"] == 3
    assert Archive(hub.folder).read(HERE)["minutes"]["items"][0]["text"] == "something else"


async def test_restarted_source_copies_nothing_again(hub: Hub) -> None:
    await hub.put(document())
    again = Hub(hub.folder, hub.stored)
    task = asyncio.create_task(archiving.keep(MeetingsSettings(), again))
    async with asyncio.timeout(30):
        await again.learnt.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (again.counts["meetings"], again.facts) == (0, hub.facts[-1:])


def test_revision_is_noted_once() -> None:
    decision = archiving.learned({}, [Fact("archive 7", 7)])
    assert decision is not None
    assert [*decision.edits] == [Edit(("archive",), ABSENT, 7)]
    assert archiving.learned({"archive": 7}, [Fact("archive 7", 7)]) is None


def test_person_is_taken_out_of_documents() -> None:
    ((prefix, rewrite),) = archiving.forgetting(Person("@ada:example.org", "ada")).items()
    assert document_id(HERE).startswith(prefix)
    assert "ada" not in repr(rewrite(document()))
