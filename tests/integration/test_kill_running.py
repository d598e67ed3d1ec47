"""``kill -9`` of the running bot on a real IRC server, at random moments, while people type."""

from __future__ import annotations

import asyncio
import json
import random
import re

import pytest

from ptgbot.gathering.document import PtgJson
from tests.servers.irc_servers import IrcPerson, IrcServer, Meet
from tests.servers.running import Running, StartBot

pytestmark = pytest.mark.servers

CHANNEL = "#events"


async def one_round(bot: Running, ada: IrcPerson, first: int, rng: random.Random) -> tuple[list[str], int]:
    """Type until the bot is killed. Returns the places whose check-in was answered, and the next number."""
    number, seen = first, len(ada.lines)
    loop = asyncio.get_running_loop()
    end = loop.time() + rng.uniform(0.0, 0.6)
    while loop.time() < end:
        ada.say(CHANNEL, f"+in place {number}")
        number += 1
        await asyncio.sleep(rng.choice((0.0, 0.0, 0.002, 0.02)))
    bot.program.kill()
    await ada.settle()
    answered = [re.search(r"checked in at (place \d+)\.", line) for line in ada.lines[seen:]]
    return [found[1] for found in answered if found], number


async def kill(rounds: int, seed: int, server: IrcServer, start: StartBot, meet: Meet) -> str:
    ada = await meet(server, "ada", CHANNEL)
    rng, number, folder = random.Random(seed), 1, None
    acknowledged: list[str] = []
    for _ in range(rounds):
        bot = start(server, folder=folder)
        folder = bot.folder
        await ada.see("ptgbot", CHANNEL)
        answered, number = await one_round(bot, ada, number, rng)
        acknowledged += answered
        PtgJson().parse((folder / "ptg.json").read_bytes())
    last = start(server, folder=folder)
    made = [record.text.removeprefix("+in ") for record in last.records() if record.key != "file"]
    assert len(made) == len(set(made))
    assert made == sorted(made, key=lambda place: int(place.split()[1]))
    assert set(acknowledged) <= set(made)
    assert acknowledged
    assert last.stop() == 0
    assert json.loads((last.folder / "ptg.json").read_bytes())["last_check_in"]["ada"]["location"] == made[-1]
    return f"{rounds} kills of the running bot: {number - 1} typed, {len(made)} on record, {len(acknowledged)} answered"


async def test_few_kills_lose_nothing(ngircd: IrcServer, start_ptgbot: StartBot, meet: Meet) -> None:
    await kill(4, 3, ngircd, start_ptgbot, meet)


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_thirty_kills_lose_nothing(
    ngircd: IrcServer, start_ptgbot: StartBot, meet: Meet, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = await kill(30, 5, ngircd, start_ptgbot, meet)
    with capsys.disabled():
        print(shown)
