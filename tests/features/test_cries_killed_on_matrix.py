"""Delivered lines on a real homeserver, from a program that is killed between their sending and its confirmation.

On Matrix a delivered effect happens exactly once, for one device and as long as the homeserver remembers transactions.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, cast

import pytest
from attrs import define, field

from tests.features.installed import install_guests, stored
from tests.servers.holding_matrix import HoldBack, HoldingProxy, Moment
from tests.servers.matrix_encrypted import ENCRYPTED, BefriendSecretly
from tests.servers.matrix_servers import PATIENCE, Befriend, Homeserver, MatrixPerson, StartSynapse, text_of
from tests.servers.mixed import StartMixed
from tests.servers.running import Running

pytestmark = pytest.mark.servers

BOT = "@ptgbot:localhost"
ROOMS, AT_ONCE = 3, 4
"""Rooms in which every cry is heard, and cries between two kills."""
MOMENTS: Final[Sequence[Moment | None]] = (Moment.ANSWER, Moment.REQUEST, Moment.ANSWER, None)
"""What is kept back while the bot is killed, by turns; nothing for a kill at any time."""
MORE = """\
retry_first = 0.1

[crier]
rooms = {rooms}
"""


@define(eq=False)
class Scene:
    """Somebody in a few rooms of a homeserver, and a bot that cries there and is killed."""

    proxy: HoldingProxy
    ada: MatrixPerson
    rooms: Sequence[str]
    start: StartMixed
    encrypted: bool
    rng: random.Random
    cried: int = field(default=0, init=False)
    between: Counter[str] = field(factory=Counter, init=False)
    """Kills that left a line which the bot had sent, and one which the homeserver had, but which was not confirmed."""

    async def enter(self) -> Running:
        """Start the bot for the first time."""
        more = MORE.format(rooms=json.dumps([f"matrix {room}" for room in self.rooms]))
        settings = {"rooms": self.rooms, "encryption": self.encrypted, "matrix_more": more}
        bot = await asyncio.to_thread(self.start, None, self.proxy.front, **settings)
        for room in self.rooms:
            await self.ada.see(BOT, room)
        return bot

    async def kill(self, bot: Running, moment: Moment | None) -> None:
        """Kill the bot while it delivers."""
        name = f"ptg-{(await stored(bot.folder)).incarnation}-"
        if moment:
            row = re.compile(rf"{name}\d+")
            self.proxy.catch(moment, lambda id_: bool(row.fullmatch(id_)), self.rng.randrange(AT_ONCE * ROOMS - 1))
        await self.cry()
        if moment:
            async with asyncio.timeout(PATIENCE):
                await self.proxy.caught.wait()
        else:
            await asyncio.sleep(self.rng.uniform(0.0, 0.3))
        bot.program.kill()
        unsettled = {f"{name}{number}" for number in (await stored(bot.folder)).deliveries}
        self.between["sent"] += not unsettled.isdisjoint(self.proxy.asked)
        self.between["taken"] += not unsettled.isdisjoint(self.proxy.taken)
        self.proxy.release()

    async def cry(self) -> None:
        """Have a few lines said in every room."""
        for _ in range(AT_ONCE):
            self.cried += 1
            await self.ada.say(self.rooms[0], f"#cry alarm {self.cried}")

    async def settle(self, folder: Path) -> list[str]:
        """Wait until nothing is left to deliver. Returns the lines that belong in each room, in order."""
        async with asyncio.timeout(60):
            while True:
                state = await stored(folder)
                crier = cast("Any", state.committed["crier"])
                if not state.deliveries and len(crier["cries"]) == len(crier["outcomes"]) == self.cried:
                    break
                await asyncio.sleep(0.1)
        await self.proxy.settle()
        assert [*crier["outcomes"].values()] == [[ROOMS, {}]] * self.cried
        return [f"{text} ({key})" for key, text in sorted(crier["cries"].items(), key=lambda cry: int(cry[0]))]

    async def said(self, room: str) -> list[str]:
        """Return the lines of the bot that the homeserver has, in order."""
        kind = "m.room.encrypted" if self.encrypted else "m.room.message"
        own = [event for event in await self.ada.history(room) if event["sender"] == BOT]
        assert {event["type"] for event in own} <= {kind, "m.room.member", "m.reaction"}
        lines = [event for event in own if event["type"] == kind]
        return [text_of(await self.read(event)) if self.encrypted else text_of(event) for event in lines]

    async def read(self, sealed: dict[str, Any]) -> dict[str, Any]:
        """Return what an encrypted event says to Ada."""
        return await self.ada.wait(lambda e: e.get("event_id") == sealed["event_id"], "an event decrypted")


async def kill(scene: Scene, kills: int) -> str:
    bot = await scene.enter()
    for number in range(kills):
        await scene.kill(bot, MOMENTS[number % len(MOMENTS)])
        bot = await asyncio.to_thread(scene.start, None, folder=bot.folder)
    expected = await scene.settle(bot.folder)
    assert await asyncio.to_thread(bot.stop) == 0
    assert len(expected) == scene.cried == kills * AT_ONCE
    found = [await scene.said(room) for room in scene.rooms]
    assert found == [expected] * ROOMS
    provoked = [MOMENTS[number % len(MOMENTS)] for number in range(kills)]
    assert scene.between["taken"] >= provoked.count(Moment.ANSWER)
    assert scene.between["sent"] >= kills - provoked.count(None)
    again = sum(count - 1 for count in scene.proxy.asked.values())
    twice = sum(len(said) - len(set(said)) for said in found)
    missing = sum(len({*expected} - {*said}) for said in found)
    kind, sent, taken = "encrypted" if scene.encrypted else "plain", scene.between["sent"], scene.between["taken"]
    return (
        f"{kind}: {kills} kills, {sent} of them between the sending of a line and its confirmation, {taken} with that "
        f"line at the homeserver; {scene.cried} cries in {ROOMS} rooms are {sum(map(len, found))} lines, "
        f"{again} requests were made again, {twice} lines stand there twice, {missing} are missing"
    )


async def plain(server: Homeserver, hold_back: HoldBack, start: StartMixed, befriend: Befriend) -> Scene:
    ada = await befriend(server, "ada")
    rooms = [await ada.create(f"cries-{number}") for number in range(ROOMS)]
    return Scene(await hold_back(server), ada, rooms, start, False, random.Random(11))


async def secret(server: Homeserver, hold_back: HoldBack, start: StartMixed, befriend: BefriendSecretly) -> Scene:
    ada = await befriend(server, "ada")
    rooms = [await ada.create(f"cries-{number}", **ENCRYPTED) for number in range(ROOMS)]
    return Scene(await hold_back(server), ada, rooms, start, True, random.Random(12))


@pytest.fixture(autouse=True)
def guests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", install_guests(tmp_path)["PYTHONPATH"])


async def test_cries_over_four_kills(
    start_synapse: StartSynapse, hold_back: HoldBack, start_mixed: StartMixed, befriend: Befriend
) -> None:
    server = await asyncio.to_thread(start_synapse)
    await kill(await plain(server, hold_back, start_mixed, befriend), 4)


async def test_encrypted_cries_over_four_kills(
    start_synapse: StartSynapse, hold_back: HoldBack, start_mixed: StartMixed, befriend_secretly: BefriendSecretly
) -> None:
    server = await asyncio.to_thread(start_synapse)
    await kill(await secret(server, hold_back, start_mixed, befriend_secretly), 4)


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_cries_over_thirty_kills(
    start_synapse: StartSynapse,
    hold_back: HoldBack,
    start_mixed: StartMixed,
    befriend: Befriend,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server = await asyncio.to_thread(start_synapse)
    shown = await kill(await plain(server, hold_back, start_mixed, befriend), 30)
    with capsys.disabled():
        print(shown)


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_encrypted_cries_over_thirty_kills(
    start_synapse: StartSynapse,
    hold_back: HoldBack,
    start_mixed: StartMixed,
    befriend_secretly: BefriendSecretly,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server = await asyncio.to_thread(start_synapse)
    shown = await kill(await secret(server, hold_back, start_mixed, befriend_secretly), 30)
    with capsys.disabled():
        print(shown)
