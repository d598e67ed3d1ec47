"""An alert in sixty rooms of a homeserver that limits the rate of messages, and commands meanwhile."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Final

import pytest

from tests.servers.matrix_servers import FAST, Befriend, MatrixPerson, StartSynapse
from tests.servers.programs import Program
from tests.servers.running import begin
from tests.status.stage import MATRIX, configure, head, until

pytestmark = [pytest.mark.servers, pytest.mark.long]

BOT: Final = "@ptgbot:localhost"
ROOMS: Final = 60
ASKED: Final = 5
LINE: Final = "Alert 1: Gerrit is down"


async def answered(person: MatrixPerson, room: str) -> list[float]:
    """Ask for open alerts a few times. Return the seconds until each answer."""
    took = []
    for _ in range(ASKED):
        asked = time.monotonic()
        await person.answer(await person.say(room, "#status list"))
        took.append(time.monotonic() - asked)
        await asyncio.sleep(0.5)
    return took


def shown(seconds: list[float]) -> str:
    """Return times in milliseconds as text."""
    return ", ".join(f"{each * 1000:.0f}" for each in seconds)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("rate", [FAST, "{per_second: 5, burst_count: 10}"])
async def test_commands_are_answered_during_the_broadcast(
    rate: str,
    tmp_path: Path,
    start_synapse: StartSynapse,
    befriend: Befriend,
    programs: list[Program],
    capsys: pytest.CaptureFixture[str],
) -> None:
    synapse = await asyncio.to_thread(start_synapse, rate=rate)
    kurt = await befriend(synapse, "kurt")
    await asyncio.to_thread(synapse.register, "ptgbot", "pw")
    (tmp_path / "password").write_text("pw\n")
    levels = {"users": {kurt.id: 100, BOT: 50}}
    rooms = [await kurt.create(f"r{n}", power_level_content_override=levels, room_version="11") for n in range(ROOMS)]
    tables = head([kurt.id], "pins = true\ngive_up_minutes = 10"), MATRIX.format(url=synapse.url, rooms=rooms)
    await asyncio.to_thread(begin, configure(tmp_path, *tables), programs)
    await until(lambda: len({e["room"] for e in kurt.events if e.get("state_key") == BOT}) == ROOMS)
    idle = await answered(kurt, rooms[0])
    begun = time.monotonic()
    await kurt.answer(await kurt.say(rooms[0], "#status alert Gerrit is down"))
    took = await answered(kurt, rooms[0])
    reached = sum(LINE in kurt.said(BOT, room) for room in rooms)
    await until(lambda: all(LINE in kurt.said(BOT, room) for room in rooms))
    told = time.monotonic() - begun

    def changes(kind: str) -> int:
        return sum(event["type"] == kind and event["sender"] == BOT for event in kurt.events)

    await until(lambda: {changes("m.room.topic"), changes("m.room.pinned_events")} == {ROOMS})
    done = time.monotonic() - begun
    assert reached < ROOMS, "the answers came during the broadcast"
    with capsys.disabled():
        print(f"\n{rate}: answered after {shown(idle)} ms, and during a broadcast after {shown(took)} ms")
        print(f"then {reached} of {ROOMS} rooms were told, all after {told:.0f} s; topics and pins after {done:.0f} s")
