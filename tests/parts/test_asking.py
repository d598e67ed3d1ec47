"""Questions of commands: each is answered outside the inbox, and the answer comes back to the command."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from ptgbot.chat.commands import Ask, Fetch, Fetched, Query, ReadDocument
from ptgbot.chat.inbox import Result
from ptgbot.chat.message import Message, Role
from ptgbot.config import FetchConfig
from ptgbot.parts.asking import AT_ONCE, FAILED, MOST, Asking
from ptgbot.store.edits import Json
from ptgbot.store.export import Unreadable
from ptgbot.store.store import Damaged
from ptgbot.testing import CHANNEL, START, person
from tests.parts.birds import until

MESSAGE = Message(START, CHANNEL, person("mira"), Role.ATTENDEE, "+hoard")


async def read(identifier: str) -> Json:
    """Be the store."""
    match identifier:
        case "minutes":
            return {"title": "Cells"}
        case "locked":
            raise PermissionError("denied")
        case "odd":
            raise Damaged("it is no JSON.")
    raise KeyError(identifier)


@define
class Desk:
    """Asks, and keeps the answers."""

    folder: Path
    answers: list[Fetched] = field(factory=list)
    asking: Asking = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.asking = Asking(self.take, FetchConfig(public=False), self.folder, read)

    def take(self, result: Result) -> bool:
        assert result.message is MESSAGE
        self.answers.append(result.fetched)
        return True

    def ask(self, wanted: Ask) -> None:
        self.asking.ask(MESSAGE, "birds", wanted)

    async def answer(self, wanted: Ask) -> Fetched:
        self.ask(wanted)
        await until(lambda: self.answers)
        return self.answers.pop()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def test_a_query_gets_the_folder_of_its_feature(desk: Desk) -> None:
    loop_thread = threading.get_ident()
    found = await desk.answer(Query(lambda folder: (folder, threading.get_ident())))
    assert found.value[0] == desk.folder / "birds"
    assert found.value[1] != loop_thread
    assert desk.asking.tasks == set()


def _unreadable(_folder: Path) -> None:
    raise Unreadable("there is no list of birds yet.")


def _mistake(_folder: Path) -> None:
    raise RuntimeError("a mistake")


@pytest.mark.parametrize(
    ("run", "answer"), [(_unreadable, Fetched(error="there is no list of birds yet.")), (_mistake, FAILED)]
)
async def test_a_query_that_fails_is_a_sentence(
    desk: Desk, run: Callable[[Path], Any], answer: Fetched
) -> None:
    assert await desk.answer(Query(run)) == answer


@pytest.mark.parametrize(
    ("identifier", "answer"),
    [
        ("minutes", Fetched({"title": "Cells"})),
        ("nowhere", Fetched(error="there is no document nowhere.")),
        ("locked", Fetched(error="locked can't be read: denied")),
        ("odd", Fetched(error="odd can't be read: it is no JSON.")),
    ],
)
async def test_a_document_is_read_from_the_store(desk: Desk, identifier: str, answer: Fetched) -> None:
    assert await desk.answer(ReadDocument(identifier)) == answer


async def test_fetch_is_answered_outside_the_inbox(desk: Desk) -> None:
    found = await desk.answer(Fetch("http://example.org/", bytes.decode))
    assert "not in the list of hosts" in found.error


async def test_a_query_that_hangs_keeps_its_place(desk: Desk) -> None:
    """Its thread can't be ended, so that others of its kind wait for a place; documents and fetches do not."""
    go = threading.Event()
    desk.asking.patience = 0.1
    for _ in range(AT_ONCE):
        desk.ask(Query(lambda _: go.wait(20)))
    late = Fetched(error="it took longer than 0.1 seconds.")
    await until(lambda: desk.answers == [late] * AT_ONCE)
    desk.answers.clear()
    begun: list[int] = []
    assert await desk.answer(Query(lambda _: begun.append(1))) == late
    assert begun == []
    assert (await desk.answer(ReadDocument("minutes"))).value
    go.set()
    desk.asking.patience = 20
    assert await desk.answer(Query(lambda _: 3)) == Fetched(3)


async def test_number_of_pending_requests_is_limited(desk: Desk) -> None:
    go = threading.Event()
    running: list[int] = []
    peaks: list[int] = []

    def count(_folder: Path) -> None:
        running.append(1)
        peaks.append(len(running))
        go.wait(20)
        running.pop()

    for _ in range(MOST):
        desk.ask(Query(count))
    desk.ask(Query(count))
    assert desk.answers == [Fetched(error="too many questions are being answered already.")]
    await until(lambda: len(running) == AT_ONCE)
    go.set()
    await until(lambda: len(desk.answers) == MOST + 1)
    assert max(peaks) == AT_ONCE
    assert len(peaks) == MOST


async def test_cancelled_questions_give_no_answer(desk: Desk) -> None:
    go = threading.Event()
    desk.ask(Query(lambda _: go.wait(20)))
    await asyncio.sleep(0)
    tasks = desk.asking.tasks
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    go.set()
    assert desk.answers == []
