"""Many messages in twenty rooms at once: all handled, in the order of each room."""

from __future__ import annotations

import asyncio
import statistics
import time

import pytest

from tests.servers.matrix_servers import Befriend, StartSynapse, answers
from tests.servers.mixed import StartMixed

pytestmark = pytest.mark.servers

BOT = "@ptgbot:localhost"
ROOMS = 20


@pytest.mark.timeout(600)
@pytest.mark.parametrize("each", [4, pytest.param(50, marks=pytest.mark.long)])
async def test_twenty_rooms_are_served_at_once(
    start_synapse: StartSynapse,
    start_mixed: StartMixed,
    befriend: Befriend,
    capsys: pytest.CaptureFixture[str],
    each: int,
) -> None:
    server = await asyncio.to_thread(start_synapse)
    people = [await befriend(server, f"person{number}-") for number in range(5)]
    rooms = [await people[number % 5].create(f"room{number}") for number in range(ROOMS)]
    bot = await asyncio.to_thread(start_mixed, None, server, rooms=rooms)
    began = time.monotonic()
    typed: dict[str, float] = {}

    async def talk(number: int) -> list[str]:
        person, events = people[number % 5], []
        for line in range(each):
            event = await person.say(rooms[number], f"+in place {number} {line}")
            typed[event] = time.monotonic()
            events.append(event)
        return events

    sent = await asyncio.gather(*(talk(number) for number in range(ROOMS)))
    said = time.monotonic() - began
    await asyncio.gather(*(people[n % 5].answer(event) for n, events in enumerate(sent) for event in events))
    took = time.monotonic() - began
    for number, events in enumerate(sent):
        heard = [answers(e) for e in people[number % 5].events if e["sender"] == BOT and e["room"] == rooms[number]]
        assert [event for event in heard if event in typed] == events
    alone = []
    for line in range(20):
        at = time.monotonic()
        await people[0].answer(await people[0].say(rooms[0], f"+in alone {line}"))
        alone.append(time.monotonic() - at)
    assert bot.stop() == 0
    if each < 50:
        return
    with capsys.disabled():
        print(
            f"\n{ROOMS * each} commands in {ROOMS} rooms: said in {said:.1f} s, answered in {took:.1f} s "
            f"({ROOMS * each / took:.0f} a second); one alone: {statistics.median(alone) * 1000:.0f} ms"
        )
