"""The installed program with its defaults and nothing but ``[ci]``, on made-up servers that fail in every way."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import signal
from pathlib import Path

import pytest
from aiohttp import web

from tests.ci.running import PATIENCE, Board, board, supervisor


async def test_faulty_servers_make_the_complete_board(tmp_path: Path) -> None:
    """One run: without network and gathering, ready for systemd, through faults of both servers, to an orderly end."""
    async with board(tmp_path) as bot, supervisor(tmp_path) as (address, told):
        servers, events = bot.servers, bot.events
        eighth = len(events) // 8
        parts = [events[start * eighth : (start + 1) * eighth if start < 7 else None] for start in range(8)]
        servers.happen(parts[0])
        await bot.start({**os.environ, "NOTIFY_SOCKET": address})
        async with asyncio.timeout(PATIENCE):
            assert (await told.get()).startswith("READY=1")
        await bot.is_complete()
        await _is_well(bot)
        # The stream breaks in the middle of a line, and what happens meanwhile is not told.
        servers.happen(parts[1])
        servers.happen(parts[2], is_told=False)
        servers.stream.send(json.dumps(parts[2][0]).encode()[:200])
        servers.stream.hang_up()
        await bot.is_complete()
        # Both servers are away; when they are back, one is busy, and then fails once.
        await servers.stop()
        servers.happen(parts[3], is_told=False)
        servers.rest.failing = [web.Response(status=502)]
        await servers.start()
        await bot.is_complete()
        # The server has dropped events, and tells others twice.
        servers.happen(parts[4], is_told=False)
        servers.happen(parts[5])
        servers.stream.tell({"type": "dropped-output"})
        servers.stream.tell(*parts[5])
        await bot.is_complete()
        servers.stream.send(b"no json\n\n")
        servers.happen(parts[6])
        servers.happen(parts[7])
        await bot.is_complete()
        await _shows_the_same(bot)
        assert await bot.kill(signal.SIGTERM) == 0, bot.log
    assert "Traceback" not in bot.log
    assert "Auth for user" not in bot.log


async def _is_well(bot: Board) -> None:
    """Check what operators see, and that readers have a site although there is no table for it."""
    status, said = await bot.ran("check", str(bot.config))
    assert (status, said.splitlines()[-2:]) == (
        0,
        [
            "ci/gerrit: the server harbor can be read, its stream too.",
            "The configuration can be used. Adapters: none.",
        ],
    )
    async with asyncio.timeout(PATIENCE):
        while ", not ready yet" in said or "works" not in said:
            status, said = await bot.ran("status", str(bot.config))
    assert status == 0
    assert "green   harbor: its stream is read (" in said
    _, metrics = await bot.ran("status", "--metrics", str(bot.config))
    assert 'ptgbot_feature{feature="ci",name="harbor.reached"} 1.0' in metrics
    newest = re.search(r'name="harbor.newest_event_seconds"} (\S+)', metrics)
    assert newest
    assert float(newest[1]) == max(event["eventCreatedOn"] for event in bot.servers.told)
    assert 'event="events_ci-result",part="ci/gerrit"' in metrics
    assert (bot.folder / "html/index.html").exists()
    bot.config.write_text(bot.config.read_text("utf-8").replace("[ci]\n", "[ci]\nsilent_days = 4\n", 1), "utf-8")
    status, said = await bot.ran("reload", str(bot.config))
    assert (status, "[ci]" in said) == (0, True), said


async def _shows_the_same(bot: Board) -> None:
    """Check that ``ptgbot ci show`` makes the board of the bot from a file with the complete history."""
    path = bot.folder / "events.jsonl"
    path.write_text("".join(f"{json.dumps(event)}\n" for event in bot.servers.told), "utf-8")
    project = "harbor/engine"
    arguments = ("ci", "show", project, str(bot.config), str(path), "--window", "30d", "--at", str(bot.at), "--json")
    status, said = await bot.ran(*arguments)
    assert status == 0, said
    made = json.loads(said)
    assert made["columns"]
    assert made == next(one for one in bot.shown() if one["project"] == project)


@pytest.mark.parametrize("kills", [2, pytest.param(30, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
async def test_killed_bot_makes_the_complete_board(tmp_path: Path, kills: int) -> None:
    chance = random.Random(kills)
    async with board(tmp_path, seed=kills, days=2 if kills < 5 else 6) as bot:
        left = [*bot.events]
        for _ in range(kills):
            await bot.start()
            ends = asyncio.get_running_loop().time() + chance.uniform(0.3, 3.0)
            while (pause := ends - asyncio.get_running_loop().time()) > 0:
                some, left = left[: (number := chance.randint(1, 6))], left[number:]
                bot.servers.happen(some)
                await asyncio.sleep(min(pause, chance.uniform(0.0, 0.3)))
            await bot.kill()
        bot.servers.happen(left[: len(left) // 2])
        await bot.start()
        bot.servers.happen(left[len(left) // 2 :])
        await bot.is_complete()
