"""An alert in sixty rooms of a homeserver that limits the rate of messages, and commands meanwhile."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Final

import pytest

from tests.servers.matrix_servers import FAST, Befriend, StartSynapse, text_of
from tests.servers.programs import Program
from tests.servers.running import begin
from tests.status.stage import MATRIX, configure, head, until

pytestmark = [pytest.mark.servers, pytest.mark.long]

BOT: Final = "@ptgbot:localhost"
ROOMS: Final = 60
ASKED: Final = 5
LINE: Final = "Alert 1: Gerrit is down"


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
    begun = time.monotonic()
    await kurt.answer(await kurt.say(rooms[0], "#status alert Gerrit is down"))
    took = []
    for _ in range(ASKED):
        asked = time.monotonic()
        await kurt.answer(await kurt.say(rooms[0], "#status list"))
        took.append(time.monotonic() - asked)
        await asyncio.sleep(0.5)
    reached = sum(LINE in kurt.said(BOT, room) for room in rooms)
    await until(lambda: all(LINE in kurt.said(BOT, room) for room in rooms))
    told = time.monotonic() - begun
    kinds = ("m.room.topic", "m.room.pinned_events")
    await until(lambda: all(sum(e["type"] == kind and e["sender"] == BOT for e in kurt.events) == ROOMS for kind in kinds))
    with capsys.disabled():
        shown = ", ".join(f"{each * 1000:.0f}" for each in took)
        print(f"\n{rate}: answered after {shown} ms, then {reached} of {ROOMS} rooms told; all after {told:.0f} s,")
        print(f"topics and pins set after {time.monotonic() - begun:.0f} s")
