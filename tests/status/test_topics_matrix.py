"""Alerts in rooms of Matrix: topics where the bot may set them, and trust by Matrix id."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.servers.matrix_servers import Befriend, MatrixPerson, StartSynapse, text_of
from tests.servers.programs import Program
from tests.servers.running import begin
from tests.status.stage import MATRIX, configure, head, until

pytestmark = pytest.mark.servers

BOT = "@ptgbot:localhost"
LINE = "Alert 1: Gerrit is down <b>now</b>"


async def topic(person: MatrixPerson, room: str) -> str:
    found = await person.call("GET", f"/rooms/{room}/state/m.room.topic/")
    return str(found["topic"])


async def test_alert_on_matrix(
    tmp_path: Path, start_synapse: StartSynapse, befriend: Befriend, programs: list[Program]
) -> None:
    server = await asyncio.to_thread(start_synapse)
    kurt, eve = await befriend(server, "kurt"), await befriend(server, "eve")
    rooms = [await kurt.create(f"topics-{n}") for n in range(2)]
    await asyncio.to_thread(server.register, "ptgbot", "pw")
    (tmp_path / "password").write_text("pw\n")
    for room in rooms:
        await eve.join(room)
        await kurt.state(room, "m.room.topic", {"topic": "Welcome"})
    config = configure(tmp_path, head([kurt.id]), MATRIX.format(url=server.url, rooms=rooms))
    bot = await asyncio.to_thread(begin, config, programs)
    await kurt.level(rooms[0], BOT, 50)
    refused = await eve.answer(await eve.say(rooms[0], "#status alert all is lost"))
    assert "trusted people" in text_of(refused)
    await kurt.say(rooms[0], "#status alert Gerrit\nis down <b>now</b>")
    final = "kurt: Alert 1: 2 of 2 rooms reached."
    await kurt.wait(lambda e: text_of(e) == final, final)
    for room in rooms:
        lines = [text_of(e) for e in await kurt.history(room) if e["sender"] == BOT and "Alert 1: Gerrit" in text_of(e)]
        assert lines == [LINE]
    shown = [""]

    async def look() -> None:
        shown[0] = await topic(kurt, rooms[0])

    async def become(wanted: str) -> None:
        async with asyncio.timeout(60):
            while shown[0] != wanted:
                await look()
                await asyncio.sleep(0.1)

    await become(LINE)
    assert await topic(kurt, rooms[1]) == "Welcome"
    await kurt.state(rooms[0], "m.room.topic", {"topic": "Hello"})
    await become(LINE)
    await kurt.say(rooms[1], "#status ok")
    await become("Hello")
    await until(lambda: "can't be set" in bot.log)
    assert bot.stop() == 0
