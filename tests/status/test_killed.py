"""Broadcasts of the installed program, killed at any moment: every room gets every line."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tests.servers.irc_servers import IrcPerson, IrcServer, Meet
from tests.servers.matrix_servers import Befriend, Homeserver, MatrixPerson, StartSynapse, text_of
from tests.servers.programs import Program
from tests.servers.running import begin
from tests.status.stage import MATRIX, configure, head, irc, record_of, until

pytestmark = pytest.mark.servers

BOT: Final = "@ptgbot:localhost"
CHANNELS: Final = [f"#c{n}" for n in range(12)]
ROOMS: Final = 4


async def said_on_matrix(person: MatrixPerson, room: str) -> list[str]:
    """Return the lines of the bot that the homeserver has."""
    events = await person.history(room)
    return [text_of(one) for one in events if one["sender"] == BOT and one["type"] == "m.room.message"]


async def settled(folder: Path, most: int) -> dict[str, str]:
    """Wait until every notice is on record and delivered. Returns their texts by number."""
    while True:
        record = await record_of(folder)
        entries = {number: row["text"] for month in record["entries"].values() for number, row in month.items()}
        if len(entries) == most and not record["sent"]:
            return entries
        await asyncio.sleep(0.2)


def repeated(person: IrcPerson, texts: list[str]) -> Counter[str]:
    """Return how many channels of IRC got each line twice. Every channel must have it, and none thrice."""
    again: Counter[str] = Counter()
    for text in texts:
        times = [person.said("ptgbot", channel).count(f"Notice: {text}") for channel in CHANNELS]
        assert set(times) <= {1, 2}, (text, times)
        again[text] = times.count(2)
    return again


async def kill(
    kills: int, folder: Path, server: IrcServer, synapse: Homeserver, ada: IrcPerson, kurt: MatrixPerson
) -> str:
    programs: list[Program] = []
    rooms = [await kurt.create(f"status-{number}") for number in range(ROOMS)]
    await asyncio.to_thread(synapse.register, "ptgbot", "pw")
    (folder / "password").write_text("pw\n")
    matrix = MATRIX.format(url=synapse.url, rooms=rooms)
    config = configure(folder, head([kurt.id]), irc("irc", server, CHANNELS, 40), matrix)
    rng = random.Random(13)
    unsettled = 0
    try:
        for number in range(1, kills + 1):
            bot = await asyncio.to_thread(begin, config, programs)
            await kurt.say(rooms[0], f"#status notice alarm {number}")
            if number % 5:
                await ada.wait(f"Notice: alarm {number}", patience=60)
            await asyncio.sleep(rng.uniform(0.0, 0.25))  # the moment of the kill
            bot.program.kill()
            await ada.settle()
            unsettled += bool((await record_of(folder))["sent"])
        last = await asyncio.to_thread(begin, config, programs)
        async with asyncio.timeout(60):
            entries = await settled(folder, kills)
        texts = [f"alarm {number}" for number in range(1, kills + 1)]
        assert [*entries.values()] == texts
        finals = [f"{kurt.name}: Notice {number}: 16 of 16 rooms reached." for number in entries]
        await until(lambda: len([e for e in kurt.events if text_of(e) == finals[-1]]) == 1)
        again = repeated(ada, texts)
        assert again.total() <= kills
        assert max(again.values()) <= 1
        for room in rooms:
            said = await said_on_matrix(kurt, room)
            assert [line for line in said if line.startswith("Notice: ")] == [f"Notice: {text}" for text in texts]
        said = await said_on_matrix(kurt, rooms[0])
        assert [line for line in said if "16 of 16" in line] == finals
        assert last.stop() == 0
    finally:
        for program in programs:
            program.kill()
    lines = kills * (len(CHANNELS) + ROOMS)
    return f"{kills} kills, {unsettled} during a broadcast: {lines} lines in rooms, {again.total()} twice on IRC"


async def test_broadcasts_survive_a_few_kills(
    tmp_path: Path, ngircd: IrcServer, start_synapse: StartSynapse, meet: Meet, befriend: Befriend
) -> None:
    ada = await meet(ngircd, "ada", *CHANNELS)
    server = await asyncio.to_thread(start_synapse)
    await kill(2, tmp_path, ngircd, server, ada, await befriend(server, "kurt"))


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_broadcasts_survive_thirty_kills(
    tmp_path: Path,
    ngircd: IrcServer,
    start_synapse: StartSynapse,
    meet: Meet,
    befriend: Befriend,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ada = await meet(ngircd, "ada", *CHANNELS)
    server = await asyncio.to_thread(start_synapse)
    shown = await kill(30, tmp_path, ngircd, server, ada, await befriend(server, "kurt"))
    with capsys.disabled():
        print(shown)
