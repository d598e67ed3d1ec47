"""The stream of a double of Gerrit, over a real ssh connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import cast

import asyncssh
import attrs
import pytest
from attrs import define

from ptgbot.ci import following
from ptgbot.ci.board import Board, Wanted
from ptgbot.ci.facts import looked_at
from ptgbot.ci.keeping import Keeping
from ptgbot.ci.polling import Poll
from ptgbot.ci.settings import CiSettings, ExpectedConfig, ServerConfig
from ptgbot.ci.simulation.rest import RestDouble, served
from ptgbot.ci.simulation.stream import StreamDouble, streaming
from ptgbot.feature import SourceHub
from tests.ci.happenings import HOUR, SETTINGS, created, shown
from tests.ci.test_polling import AT, HISTORY, Gerrit, Hub


@define
class Followed:
    """The source at work on both doubles."""

    gerrit: Gerrit
    stream: StreamDouble
    hub: Hub
    settings: CiSettings

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                await asyncio.sleep(0.01)

    async def has(self, number: int) -> None:
        """Wait until this many events count."""
        await self.until(lambda: self.hub.counts["events"] >= number)
        assert self.hub.counts["events"] == number


@pytest.fixture
async def followed(gerrit: Gerrit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Followed]:
    monkeypatch.setattr(following, "LIMIT", 0.1)
    async with streaming(tmp_path) as (stream, ssh):
        server = attrs.evolve(gerrit.poll.server, **ssh)
        hub = Hub(gerrit.keeping.folder)
        made = Followed(gerrit, stream, hub, attrs.evolve(SETTINGS, servers=(server,)))
        task = asyncio.create_task(following.follow(made.settings, cast("SourceHub", hub)))
        await made.until(lambda: bool(stream.open) and bool(gerrit.double.asked))
        yield made
        task.cancel()
        await asyncio.wait([task])


@pytest.fixture
async def gerrit(tmp_path: Path) -> AsyncIterator[Gerrit]:
    double = RestDouble(3)
    async with served(double) as address:
        poll = Poll(ServerConfig("review", address, ("openstack/nova",)))
        yield Gerrit(double, Keeping(tmp_path / "ci", SETTINGS), poll)


async def test_paths_of_new_patch_sets_are_asked_for(gerrit: Gerrit, tmp_path: Path) -> None:
    first, second = created(1, at=AT - 20 * HOUR), created(2, at=AT - 19 * HOUR)
    settings = attrs.evolve(SETTINGS, untested=("doc/*",), expected=(ExpectedConfig("zuul", ("*",)),))
    async with streaming(tmp_path) as (stream, ssh):
        server = attrs.evolve(gerrit.poll.server, **ssh, poll_minutes=0.0001)
        hub = Hub(gerrit.keeping.folder)
        settings = attrs.evolve(settings, servers=(server,))
        followed = Followed(gerrit, stream, hub, settings)
        task = asyncio.create_task(following.follow(settings, cast("SourceHub", hub)))
        await followed.until(lambda: bool(stream.open) and bool(gerrit.double.asked))
        gerrit.double.broken = "openstack/nova"
        for event in (first, second):
            gerrit.double.happen(event)
            gerrit.double.changes[event["change"]["number"]]["revisions"][f"{1:040x}"]["files"] = {"doc/a": {}}
        stream.tell(first)
        await followed.until(lambda: hub.counts["failed_queries"] == 1)
        gerrit.double.broken = ""
        stream.tell(second)
        await followed.has(4)
        task.cancel()
        await asyncio.wait([task])
    with looked_at(gerrit.keeping.path) as sql:
        board = Board(sql, Wanted("openstack/nova", AT, server="review"), settings)
        assert [column.number for column in board.columns] == [2, 1]
        assert board.outstanding() == []


async def test_broken_stream_loses_no_event(followed: Followed) -> None:
    gerrit, stream = followed.gerrit, followed.stream
    for event in HISTORY:
        gerrit.double.happen(event)
    stream.tell(*HISTORY[:10])
    await followed.has(10)
    stream.send(b"no json\n" + json.dumps(HISTORY[10]).encode()[:50])
    await followed.until(lambda: followed.hub.counts["odd_lines"] == 1)
    stream.hang_up()
    await followed.has(len(HISTORY))
    last = {**HISTORY[-1], "eventCreatedOn": HISTORY[-1]["eventCreatedOn"] + 3600}
    stream.tell(*HISTORY, last)
    await followed.has(len(HISTORY) + 1)
    assert len([*gerrit.keeping.raw.read()]) == 2 * len(HISTORY) + 1
    assert gerrit.board() == shown([*HISTORY, last], AT)
    assert followed.hub.counts["broken_streams"] == 1


async def test_dropped_output_is_caught_up(followed: Followed) -> None:
    for event in HISTORY:
        followed.gerrit.double.happen(event)
    followed.stream.tell(*HISTORY[:5])
    await followed.has(5)
    followed.stream.tell({"type": "dropped-output"})
    await followed.has(len(HISTORY))
    assert followed.gerrit.board() == shown(HISTORY, AT)


async def test_unknown_host_is_refused(followed: Followed, tmp_path: Path) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:{followed.stream.port} {other}", "utf-8")
    followed.stream.hang_up()
    await followed.until(lambda: any("HostKeyNotVerifiable" in line for line in followed.hub.told))
    assert not followed.stream.open
