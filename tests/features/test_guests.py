"""The probe guests in the installed program on a real IRC server: what they hear, deliver and want."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from tests.features.installed import install_guests
from tests.features.test_guests_killed import EVENTS, HALL, configure, state_of
from tests.servers.irc_servers import IrcPerson, IrcServer, Meet
from tests.servers.programs import Program
from tests.servers.running import Running, begin

pytestmark = pytest.mark.servers


@pytest.fixture
def config(tmp_path: Path, ngircd: IrcServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTHONPATH", install_guests(tmp_path)["PYTHONPATH"])
    return configure(tmp_path, ngircd)


@pytest.fixture
async def olga(ngircd: IrcServer, meet: Meet) -> IrcPerson:
    """An operator of both channels, because she came first."""
    return await meet(ngircd, "olga", EVENTS, HALL)


@pytest.fixture
async def bot(config: Path, olga: IrcPerson, programs: list[Program]) -> AsyncIterator[Running]:
    running = begin(config, programs)
    for channel in (EVENTS, HALL):
        await olga.see("ptgbot", channel)
        await olga.op(channel, "ptgbot")
    yield running
    running.stop()


async def topic(olga: IrcPerson, channel: str, wanted: str) -> None:
    """Wait until a channel has a topic."""
    async with asyncio.timeout(20):
        while True:
            olga.send(f"TOPIC {channel}")
            line = await olga.wait(channel, " 33")
            if line.endswith(f":{wanted}") or (not wanted and " 331 " in line):
                return
            await asyncio.sleep(0.2)


async def test_topic_overlays_the_former_and_restores_it(bot: Running, olga: IrcPerson) -> None:
    olga.send(f"TOPIC {EVENTS} :Welcome", f"TOPIC {HALL} :Hall")
    olga.say(EVENTS, "~sign Fire drill")
    await topic(olga, EVENTS, "Fire drill | Welcome")
    await topic(olga, HALL, "Fire drill | Hall")
    olga.send(f"TOPIC {EVENTS} :Welcome back")
    await topic(olga, EVENTS, "Fire drill | Welcome back")
    olga.say(EVENTS, "~undo")
    await topic(olga, EVENTS, "Welcome back")
    await topic(olga, HALL, "Hall")


async def test_a_topic_is_given_back_after_a_restart(
    bot: Running, olga: IrcPerson, config: Path, programs: list[Program]
) -> None:
    olga.send(f"TOPIC {EVENTS} :Welcome")
    olga.say(EVENTS, "~sign Fire drill")
    await topic(olga, EVENTS, "Fire drill | Welcome")
    bot.program.kill()
    again = begin(config, programs)
    await olga.see("ptgbot", EVENTS)
    await olga.op(EVENTS, "ptgbot")
    olga.say(EVENTS, "~undo")
    await topic(olga, EVENTS, "Welcome")
    assert again.stop() == 0


async def test_effect_reaches_every_room_and_cannot_be_undone(bot: Running, olga: IrcPerson) -> None:
    olga.say(EVENTS, "#cry lunch")
    for channel in (EVENTS, HALL):
        await olga.wait(f"PRIVMSG {channel}", "lunch (1)")
    olga.say(EVENTS, "+cries")
    await olga.wait("1 cries, {'1': [2, {}]}")
    olga.say(EVENTS, "~undo")
    await olga.wait("“#cry lunch” can't be taken back: a cry that was heard can't be taken back.")


async def test_line_to_moderated_room_counts_as_failed(bot: Running, olga: IrcPerson) -> None:
    olga.send(f"MODE {HALL} -o ptgbot", f"MODE {HALL} +m")
    await olga.settle()
    olga.say(EVENTS, "#cry lunch")
    async with asyncio.timeout(20):
        while not (outcomes := cast("Any", (await state_of(bot.folder))["crier"]["outcomes"])):
            await asyncio.sleep(0.05)
    assert outcomes == {"1": [1, {f"testnet {HALL}": f"{HALL} takes no lines from us"}]}
    await olga.settle()
    assert (olga.said("ptgbot", EVENTS), olga.said("ptgbot", HALL)) == (["lunch (1)"], [])


async def test_joins_and_leaves_are_heard_in_order(
    bot: Running, olga: IrcPerson, ngircd: IrcServer, meet: Meet
) -> None:
    runa = await meet(ngircd, "runa", EVENTS)
    runa.send("NICK runa2")
    runa.say(EVENTS, "\x01ACTION waves\x01")
    await runa.settle()
    olga.send(f"TOPIC {EVENTS} :Quiet please")
    await olga.settle()
    runa.send(f"PART {EVENTS}")
    await olga.wait("PART")
    ends = asyncio.get_running_loop().time() + 20
    heard: list[Any] = []
    while not (heard and heard[-1][0] == "leave") and asyncio.get_running_loop().time() < ends:
        await asyncio.sleep(0.1)
        events = cast("dict[str, Any]", (await state_of(bot.folder))["ear"]["events"])
        heard = [row for row in events.values() if row[0] != "reconnect"]
    assert heard == [
        ["join", "runa", ""],
        ["nick", "runa", "runa2"],
        ["action", "runa2", "waves"],
        ["topic", "olga", "Quiet please"],
        ["leave", "runa2", ""],
    ]
