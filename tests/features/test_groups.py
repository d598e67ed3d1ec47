"""Lines for groups of rooms: the installed program with a guest that delivers, on two networks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.features.installed import install_guests
from tests.servers.irc_servers import IrcPerson, IrcServer, Meet
from tests.servers.programs import Program, free_port
from tests.servers.running import Running, begin

pytestmark = pytest.mark.servers

EVENTS, HALL, ANNEX = "#events", "#hall", "#annex"
TOML = """\
[state]
path = "ptg.json"

[site]
output = "html"
listen = "127.0.0.1:{web}"

[groups.infra]
rooms = ["#hall", "second/#annex"]
"""
NETWORK = """
[[irc]]
name = "{name}"
nick = "{nick}"
server = "{host}"
port = {port}
tls = false
channels = {channels}
messages_per_second = 0
confirm = "none"
retry_first = 0.1
"""


@pytest.fixture
async def olga(ngircd: IrcServer, meet: Meet) -> IrcPerson:
    return await meet(ngircd, "olga", EVENTS, HALL, ANNEX)


@pytest.fixture
async def bot(
    tmp_path: Path, ngircd: IrcServer, olga: IrcPerson, programs: list[Program], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Running]:
    monkeypatch.setenv("PYTHONPATH", install_guests(tmp_path)["PYTHONPATH"])
    at = {"host": ngircd.host, "port": ngircd.port}
    networks = NETWORK.format(name="first", nick="ptgbot", channels=[EVENTS, HALL], **at)
    networks += NETWORK.format(name="second", nick="ptgbot2", channels=[ANNEX], **at)
    config = tmp_path / "ptgbot.toml"
    config.write_text(TOML.format(web=free_port()) + networks, "utf-8")
    running = begin(config, programs)
    for nick, channel in (("ptgbot", EVENTS), ("ptgbot", HALL), ("ptgbot2", ANNEX)):
        await olga.see(nick, channel)
    yield running
    running.stop()


async def said(olga: IrcPerson, nick: str, channel: str) -> list[str]:
    """Wait until a bot said something in a channel; return its lines."""
    while not (lines := olga.said(nick, channel)):
        await olga.wait("PRIVMSG")
    return lines


async def test_group_reaches_only_its_rooms_on_both_networks(bot: Running, olga: IrcPerson) -> None:
    olga.say(EVENTS, "#cry @Infra power is back")
    assert await said(olga, "ptgbot", HALL) == ["power is back (1)"]
    assert await said(olga, "ptgbot2", ANNEX) == ["power is back (1)"]
    async with asyncio.timeout(20):
        line = ""
        while "1 cries, {'1': [2, {}]}" not in line:
            olga.say(EVENTS, "+cries")
            line = await olga.wait(f"PRIVMSG {EVENTS} :olga: 1 cries")
    assert "power is back" not in " ".join(olga.said("ptgbot", EVENTS))


async def test_all_reaches_every_room_of_every_network(bot: Running, olga: IrcPerson) -> None:
    olga.say(EVENTS, "#cry @all lunch")
    for nick, channel in (("ptgbot", EVENTS), ("ptgbot", HALL), ("ptgbot2", ANNEX)):
        assert await said(olga, nick, channel) == ["lunch (1)"]


async def test_a_mistyped_group_is_answered_with_the_nearest(bot: Running, olga: IrcPerson) -> None:
    olga.say(EVENTS, "#cry @infar power is back")
    await olga.wait("There is no group @infar. Did you mean @infra?")
