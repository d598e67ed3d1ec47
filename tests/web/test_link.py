"""Frames between the bot and a process of the web server, and what the process asks of the bot."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from ptgbot.web import link as links
from ptgbot.web import remote as remotes
from ptgbot.web.link import Broken, Link
from ptgbot.web.remote import Remote

Ends = tuple[Link, Link]


@pytest.fixture
async def ends() -> AsyncIterator[Ends]:
    one, other = socket.socketpair()
    made = await Link.over(one), await Link.over(other)
    yield made
    for end in made:
        end.close()


async def test_frames_arrive_whole_and_in_order(ends: Ends) -> None:
    here, there = ends
    for number in range(100):
        here.send({"number": number}, bytes([number]) * number * 1000)
    for number in range(100):
        assert await there.receive() == ({"number": number}, bytes([number]) * number * 1000)
    here.close()
    assert await there.receive() is None


@pytest.mark.parametrize("raw", [b"\xff" * 8, b"\0\0\0\1\0\0\0\0{"], ids=["too long", "no JSON"])
async def test_other_bytes_are_no_frame(ends: Ends, raw: bytes) -> None:
    ends[0].writer.write(raw)
    with pytest.raises(Broken):
        await ends[1].receive()


async def test_side_that_reads_nothing_is_broken(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "LARGEST_BODY", 0)
    monkeypatch.setattr(links, "LARGEST_WAITING", 100_000)

    def flood() -> None:
        for _ in range(1000):
            ends[0].send({}, b"x" * 10_000)

    with pytest.raises(Broken, match="reads nothing"):
        flood()


async def answered(bot: Link) -> None:
    """Answer as a bot would that is well and has a route."""
    while frame := await bot.receive():
        head, _ = frame
        if head["kind"] == "health":
            bot.send({"kind": "answer", "id": head["id"], "ok": True}, b"{}")
        else:
            told = {"found": True, "status": 200, "type": "text/plain", "headers": {}}
            bot.send({"kind": "answer", "id": head["id"], **told}, head["path"].encode())


async def follow(process: Link, remote: Remote) -> None:
    while frame := await process.receive():
        remote.settle(*frame)


async def test_flood_of_requests_reaches_the_bot_slowly(ends: Ends) -> None:
    process, bot = ends
    now = [1000.0]
    remote = Remote(process, frozenset({"/birds"}), lambda: now[0])
    tasks = [asyncio.create_task(answered(bot)), asyncio.create_task(follow(process, remote))]
    statuses = [found.status for _ in range(150) if (found := await remote.answer("/birds/wren", {}))]
    assert statuses == [200] * int(remotes.MOST_A_SECOND) + [503] * 50
    now[0] += 0.1
    more = [found.status for _ in range(20) if (found := await remote.answer("/birds/wren", {}))]
    assert more == [200] * 10 + [503] * 10
    assert await remote.answer("/bird", {}) is None
    for task in tasks:
        task.cancel()


async def test_silent_bot_is_not_well(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remotes, "HEALTH_PATIENCE", 0.05)
    works, said = await Remote(ends[0]).health()
    assert (works, said["ok"]) == (False, False)
