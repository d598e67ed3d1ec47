"""Functions that wait: for an event with a time-out, for the end of a thread, for cancelled tasks."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


async def within(event: asyncio.Event, seconds: float | None) -> bool:
    """Wait for an event, at most ``seconds`` seconds (None: without limit). Return whether it happened."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def to_its_end(call: Callable[[], T]) -> T:
    """Run a call in a thread and return its result.

    A thread cannot be cancelled. If the waiting task is cancelled, the thread ends first and the task after it, so that
    the task may then release its locks.

    Raises:
        Exception: whatever the call raised.
    """
    future = asyncio.get_running_loop().run_in_executor(None, call)
    cancelled = False
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        future.exception()
        raise asyncio.CancelledError
    return future.result()


def in_own_thread(call: Callable[[], T], name: str) -> asyncio.Future[T]:
    """Run foreign code in a thread of its own. The end of the program does not wait for the thread.

    The future is done when the thread ends, even if nobody waits for it any more.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    future.add_done_callback(lambda done: done.cancelled() or done.exception())

    def settle(settled: Callable[[], None]) -> None:
        if not future.done():
            settled()

    def run() -> None:
        try:
            result = call()
        except BaseException as error:
            # What ends a program, and what a future can't carry, must not end the event loop.
            carried = error if _can_be_carried(error) else RuntimeError(repr(error))
            _tell(loop, lambda: settle(lambda: future.set_exception(carried)))
        else:
            _tell(loop, lambda: settle(lambda: future.set_result(result)))

    threading.Thread(target=run, name=name, daemon=True).start()
    return future


def _can_be_carried(error: BaseException) -> bool:
    return isinstance(error, Exception) and not isinstance(error, StopIteration)


def _tell(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
    # The loop may have been closed while the thread worked.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(callback)


async def cancel_all(tasks: Iterable[asyncio.Task[Any]], patience: float | None = None) -> set[asyncio.Task[Any]]:
    """Cancel tasks and wait for their ends. Return the tasks that did not end.

    Args:
        tasks: the tasks.
        patience: most seconds to wait; None to wait without limit.
    """
    ending = set(tasks)
    for task in ending:
        task.cancel()
    if not ending:
        return set()
    ended, left = await asyncio.wait(ending, timeout=patience)
    for task in ended:
        if not task.cancelled():
            task.exception()
    return left
