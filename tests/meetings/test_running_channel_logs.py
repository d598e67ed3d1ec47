"""The whole program on ngircd: the log of a room over kills, its pages, and a person who is forgotten."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ptgbot.meetings.days import Days, Line
from tests.servers.irc_servers import IrcServer, Meet
from tests.servers.programs import Program, free_port
from tests.servers.running import TOML, Running, begin

pytestmark = pytest.mark.servers

HALL, SIDE = "#hall", "#side"
MORE = """
[meetings]
log_rooms = ["testnet/#hall"]
"""


def lines(bot: Running) -> list[Line]:
    """Return the lines of people in the log, over midnight as well."""
    days = Days(bot.folder / "ptg.bulk" / "meetings" / "archive")
    logs = [days.day("testnet/hall", day) for day in days.days("testnet/hall")]
    return [line for log in logs if log for line in log.lines if line.kind != "bot"]


def texts(bot: Running) -> list[str]:
    return [line.text for line in lines(bot)]


async def logged(bot: Running, *expected: str) -> list[str]:
    """Wait until the log ends with these texts, and return all texts."""
    async with asyncio.timeout(60):
        while texts(bot)[-len(expected) :] != [*expected]:
            await asyncio.sleep(0.05)
    return texts(bot)


async def longer(bot: Running, than: int) -> int:
    """Wait until the log has more lines, and return their number."""
    async with asyncio.timeout(60):
        while len(texts(bot)) <= than:
            await asyncio.sleep(0.01)
    return len(texts(bot))


async def test_room_log_survives_kills(
    tmp_path: Path, ngircd: IrcServer, meet: Meet, programs: list[Program]
) -> None:
    mira, zoe = await meet(ngircd, "mira", HALL, SIDE), await meet(ngircd, "zoe", HALL)
    config = tmp_path / "ptgbot.toml"
    channels = json.dumps([HALL, SIDE])
    config.write_text(TOML.format(web=free_port(), host=ngircd.host, port=ngircd.port, channels=channels) + MORE)
    bot = await asyncio.to_thread(begin, config, programs)
    mira.say(SIDE, "not in a log")
    mira.say(HALL, "<b>bold</b> words")
    mira.say(HALL, "[off] a secret")
    zoe.say(HALL, "\x01ACTION waves\x01")
    expected = await logged(bot, "<b>bold</b> words", "waves")
    for number in range(2):
        burst = [f"{number} {count}" for count in range(20)]
        for text in burst:
            mira.say(HALL, text)
        await longer(bot, len(expected))
        bot.program.kill()
        before = len(texts(bot))
        bot = await asyncio.to_thread(begin, config, programs)
        await mira.see("ptgbot", HALL)
        mira.say(HALL, f"last {number}")
        found = await logged(bot, f"last {number}")
        # Lines that come while the bot is dead are lost on IRC. None is there twice, and none is lost afterwards.
        assert found[: len(expected)] == expected
        kept = found[len(expected) : -1]
        assert kept == burst[: len(kept)]
        assert len(found) > before
        expected = found
    mira.say(HALL, "zoe is here")
    await logged(bot, "zoe is here")
    zoe.say("ptgbot", "+forget me")
    await logged(bot, "somebody is here")
    assert [line.nick for line in lines(bot) if line.kind == "removed"] == ["somebody"]
    assert await asyncio.to_thread(bot.stop) == 0
    everything = [path.read_bytes() for path in bot.folder.glob("ptg.*") if path.is_file()]
    assert not [raw for raw in everything if b"a secret" in raw or b"waves" in raw]
    command = [sys.executable, "-P", "-m", "ptgbot", "site", str(config)]
    await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)
    pages = bot.folder / "html" / "meetings" / "logs" / "testnet" / "hall"
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    assert "somebody is here" in (pages / f"{day}.txt").read_text()
    assert "&lt;b&gt;bold" in "".join(path.read_text() for path in pages.glob("*.html"))
    assert 'href="logs/index.html"' in (bot.folder / "html" / "meetings" / "index.html").read_text()
