"""Threads and the tasks that wait for them."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable

import pytest

from ptgbot.waiting import cancel_all, in_own_thread, to_its_end, within
from tests.parts.birds import until


async def test_a_cancelled_waiter_waits_for_its_thread() -> None:
    begun, go = threading.Event(), threading.Event()
    ended: list[str] = []

    def work() -> None:
        begun.set()
        go.wait(20)
        ended.append("thread")

    async def wait() -> None:
        try:
            await to_its_end(work)
        finally:
            ended.append("waiter")

    task = asyncio.create_task(wait())
    await until(begun.is_set)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
    assert not task.done()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["thread", "waiter"]


async def test_a_thread_hands_on_result_and_error() -> None:
    assert await to_its_end(lambda: 3) == 3
    with pytest.raises(ZeroDivisionError):
        await to_its_end(lambda: 1 / 0)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: 1 / 0, ZeroDivisionError),
        (lambda: sys.exit(3), RuntimeError),
        (lambda: next(iter(())), RuntimeError),
    ],
)
async def test_foreign_exception_does_not_end_event_loop(call: Callable[[], object], error: type[Exception]) -> None:
    with pytest.raises(error):
        await in_own_thread(call, "guest")


async def test_the_program_does_not_wait_for_foreign_code() -> None:
    go = threading.Event()
    future = in_own_thread(lambda: go.wait(20), "guest")
    (thread,) = (one for one in threading.enumerate() if one.name == "guest")
    assert thread.daemon
    assert not future.done()
    go.set()
    assert await future


async def test_tasks_that_do_not_end_are_returned() -> None:
    go = asyncio.Event()

    async def stubborn() -> None:
        while not go.is_set():
            try:
                await go.wait()
            except asyncio.CancelledError:
                continue

    async def failing() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise RuntimeError("at the end")

    tasks = [asyncio.create_task(stubborn()), asyncio.create_task(failing())]
    await asyncio.sleep(0)
    assert await cancel_all(tasks, 0.05) == {tasks[0]}
    go.set()
    assert await cancel_all(tasks) == set()
    assert await cancel_all([]) == set()


async def test_waiting_for_event_times_out() -> None:
    event = asyncio.Event()
    assert await within(event, 0.0) is False
    event.set()
    assert await within(event, None) is True
