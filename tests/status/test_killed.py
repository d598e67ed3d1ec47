"""Broadcasts of the installed program, killed at any moment: every room gets every line, and pins are put right."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest
from attrs import frozen

from tests.servers.irc_servers import IrcPerson, IrcServer, Meet
from tests.servers.matrix_servers import Befriend, Homeserver, MatrixPerson, StartSynapse, text_of
from tests.servers.programs import Program
from tests.servers.running import begin
from tests.status.stage import MATRIX, configure, head, irc, record_of, until

pytestmark = pytest.mark.servers

BOT: Final = "@ptgbot:localhost"
CHANNELS: Final = [f"#c{n}" for n in range(12)]
ROOMS: Final = 4
PINNED: Final = "m.room.pinned_events"


async def said_on_matrix(person: MatrixPerson, room: str) -> list[str]:
    """Return the lines of the bot that the homeserver has."""
    events = await person.history(room)
    return [text_of(one) for one in events if one["sender"] == BOT and one["type"] == "m.room.message"]


@frozen
class Step:
    """What is typed at a kill: two alerts, then the end of the first of them, and so on."""

    number: int

    @property
    def alert(self) -> int:
        """Number of the alert."""
        at, step = divmod(self.number - 1, 3)
        return 2 * at + (2 if step == 1 else 1)

    @property
    def is_end(self) -> bool:
        """Whether the alert ends."""
        return self.number % 3 == 0

    @property
    def typed(self) -> str:
        """The command."""
        return f"#status ok {self.alert} alarm {self.number}" if self.is_end else f"#status alert alarm {self.number}"

    @property
    def line(self) -> str:
        """The line in every room."""
        return f"Alert {self.alert}{' is over' if self.is_end else ''}: alarm {self.number}"

    @property
    def final(self) -> str:
        """The last answer."""
        return f"{'The end of alert' if self.is_end else 'Alert'} {self.alert}: 16 of 16 rooms reached."


async def pinned_by_hand(person: MatrixPerson, rooms: Sequence[str]) -> str:
    """Let somebody pin a line in each room, and return the line."""
    for room in rooms:
        event = await person.say(room, "house rules")
        await person.state(room, PINNED, {"pinned": [event]})
    return "house rules"


async def pinned(person: MatrixPerson, room: str, lines: set[str]) -> None:
    """Wait until these lines are pinned in a room, each once."""
    said = {event["event_id"]: text_of(event) for event in await person.history(room)}
    found: list[str] = []
    async with asyncio.timeout(60):
        while len(found) != len(lines) or {said[event] for event in found} != lines:
            await asyncio.sleep(0.1)
            found = (await person.call("GET", f"/rooms/{room}/state/{PINNED}/"))["pinned"]


async def settled(folder: Path, most: int) -> dict[str, str]:
    """Wait until every notice is on record and delivered. Returns their texts by number."""
    while True:
        record = await record_of(folder)
        entries = {number: row["text"] for month in record["entries"].values() for number, row in month.items()}
        if len(entries) == most and not record["sent"]:
            return entries
        await asyncio.sleep(0.2)


def repeated(person: IrcPerson, lines: list[str]) -> Counter[str]:
    """Return how many channels of IRC got each line twice. Every channel must have it, and none thrice."""
    again: Counter[str] = Counter()
    for line in lines:
        times = [person.said("ptgbot", channel).count(line) for channel in CHANNELS]
        assert set(times) <= {1, 2}, (line, times)
        again[line] = times.count(2)
    return again


async def kill(
    kills: int, folder: Path, server: IrcServer, synapse: Homeserver, ada: IrcPerson, kurt: MatrixPerson
) -> str:
    programs: list[Program] = []
    rooms = [await kurt.create(f"status-{number}") for number in range(ROOMS)]
    await asyncio.to_thread(synapse.register, "ptgbot", "pw")
    (folder / "password").write_text("pw\n")
    matrix = MATRIX.format(url=synapse.url, rooms=rooms)
    config = configure(folder, head([kurt.id], "pins = true\ntopics = false"), irc("irc", server, CHANNELS, 40), matrix)
    steps = [Step(number) for number in range(1, kills + 1)]
    by_hand = await pinned_by_hand(kurt, rooms)
    rng = random.Random(13)
    unsettled = 0
    try:
        for step in steps:
            bot = await asyncio.to_thread(begin, config, programs)
            if step.number == 1:
                for room in rooms:
                    await kurt.level(room, BOT, 50)
            await kurt.say(rooms[0], step.typed)
            if step.number % 5:
                await ada.wait(step.line, patience=60)
            await asyncio.sleep(rng.uniform(0.0, 0.25))  # the moment of the kill
            bot.program.kill()
            await ada.settle()
            unsettled += bool((await record_of(folder))["sent"])
        last = await asyncio.to_thread(begin, config, programs)
        async with asyncio.timeout(60):
            entries = await settled(folder, kills)
        assert [*entries.values()] == [f"alarm {step.number}" for step in steps]
        finals = [f"{kurt.name}: {step.final}" for step in steps]
        await until(lambda: len([e for e in kurt.events if text_of(e) == finals[-1]]) == 1)
        lines = [step.line for step in steps]
        again = repeated(ada, lines)
        assert again.total() <= kills
        assert max(again.values()) <= 1
        for room in rooms:
            said = await said_on_matrix(kurt, room)
            assert [line for line in said if "alarm" in line and "rooms" not in line] == lines
        said = await said_on_matrix(kurt, rooms[0])
        assert [line for line in said if "16 of 16" in line] == finals
        over = {step.alert for step in steps if step.is_end}
        shown = {by_hand, *(step.line for step in steps if step.alert not in over)}
        for room in rooms:
            await pinned(kurt, room, shown)
        assert last.stop() == 0
    finally:
        for program in programs:
            program.kill()
    told = kills * (len(CHANNELS) + ROOMS)
    return f"{kills} kills, {unsettled} during a broadcast: {told} lines in rooms, {again.total()} twice on IRC"


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
