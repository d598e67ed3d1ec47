"""Announcements wait while answers to people are on their way, and not for ever."""

from __future__ import annotations

import asyncio

import pytest

from ptgbot.chat.message import Kind, Outgoing
from ptgbot_matrix.urgent import AnswersFirst


@pytest.mark.parametrize("kind", [Kind.REPLY, Kind.DONE, Kind.REACH])
async def test_others_wait_for_answers(kind: Kind) -> None:
    urgent, left = AnswersFirst(), list[str]()
    first = urgent.follow(Outgoing(kind, "!r", "one"), lambda: left.append("one"))
    second = urgent.follow(Outgoing(kind, "!s", "two"), lambda: left.append("two"))
    waiting = asyncio.create_task(urgent.wait())
    first()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not waiting.done()
    second()
    urgent.follow(Outgoing(kind, "!s", "later"), lambda: None)
    async with asyncio.timeout(5):
        await waiting
    assert left == ["one", "two"]


@pytest.mark.parametrize("kind", [Kind.TELL, Kind.ANNOUNCE, Kind.TOPIC])
async def test_nobody_waits_for_other_lines(kind: Kind) -> None:
    urgent, left = AnswersFirst(), list[str]()
    gone = urgent.follow(Outgoing(kind, "!r", "one"), lambda: left.append("one"))
    async with asyncio.timeout(5):
        await urgent.wait()
    gone()
    assert left == ["one"]


async def test_answer_that_stays_delays_nobody_long() -> None:
    now = [100.0]
    urgent = AnswersFirst(lambda: now[0])
    urgent.follow(Outgoing(Kind.REPLY, "!r", "one"), lambda: None)
    waiting = asyncio.create_task(urgent.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    now[0] += 10.0
    async with asyncio.timeout(5):
        await urgent.wait()
