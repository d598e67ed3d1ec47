"""Watching, notices and acknowledgements of the installed program with its defaults, killed in between."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import define, field

from ptgbot.ci.simulation.rest import RestDouble, served
from tests.ci.happenings import ACME, OK, ZUUL, Event, comment, created
from tests.servers.irc_servers import IrcPerson, IrcServer, Meet
from tests.servers.matrix_servers import Befriend, MatrixPerson, StartSynapse, text_of
from tests.servers.programs import Program, free_port
from tests.servers.running import Running, begin, health_of

pytestmark = pytest.mark.servers

HOUR: Final = 3600
BOT: Final = "@ptgbot:localhost"
TOML: Final = """\
[state]
path = "ptg.json"

[site]
url = "https://board.example/"
output = "html"
listen = "127.0.0.1:{web}"

[ci]
trusted = ["zuul"]

[[ci.servers]]
name = "review"
url = "{gerrit}"
projects = ["openstack/nova"]
poll_minutes = 0.01

[ci.notices]
rooms = ["testnet/#infra", "mx/{room}"]
silent = true
back = true

[[irc]]
name = "testnet"
server = "{host}"
port = {port}
tls = false
channels = ["#infra"]
messages_per_second = 0
confirm_pause = 0
retry_first = 0.1

[[matrix]]
name = "mx"
homeserver = "{synapse}"
user = "@ptgbot:localhost"
password_file = "password"
encryption = false
rooms = ["{room}"]
invite_pause = 0
rejoin_interval = 1.0
retry_first = 0.1
"""


def change(number: int, hours_ago: float, *authors: dict[str, str]) -> list[Event]:
    """Return the events of a change and of the CIs that reported on it after a minute."""
    at = int(time.time() - hours_ago * HOUR)
    return [created(number, at=at), *(comment(OK, one, number=number, at=at + 60, born=at) for one in authors)]


@define(eq=False)
class Scene:
    """A bot on both networks, the people there, and the Gerrit that it reads."""

    gerrit: RestDouble
    ada: IrcPerson
    """Operator of the channel."""
    kurt: MatrixPerson
    """Creator of the room."""
    room: str
    config: Path
    programs: list[Program] = field(factory=list)
    bot: Running = field(init=False)

    async def start(self) -> None:
        self.bot = await asyncio.to_thread(begin, self.config, self.programs)

    def happen(self, *events: Event) -> None:
        for event in events:
            self.gerrit.happen(event)

    async def counted(self, part: str, name: str, number: int) -> None:
        """Wait until a part of the bot has done something so often."""
        await self.until(lambda: health_of(self.bot.web)["parts"][part]["counts"].get(name, 0) >= number)

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(90):
            while not await asyncio.to_thread(condition):
                await asyncio.sleep(0.1)

    async def said(self, words: str) -> tuple[int, int]:
        """Return how often some words were said in the channel, and in the room."""
        history = await self.kurt.history(self.room)
        lines = [text_of(one) for one in history if one["sender"] == BOT and one["type"] == "m.room.message"]
        return sum(words in line for line in self.ada.said("ptgbot", "#infra")), sum(words in one for one in lines)

    def told(self, words: str) -> int:
        """Return how often Ada was told some words in private."""
        return sum(words in line for line in self.ada.said("ptgbot", "ada"))


async def play(scene: Scene) -> None:
    ada, kurt = scene.ada, scene.kurt
    scene.happen(*change(1, 30, ACME, ZUUL), *(one for n in range(2, 7) for one in change(n, 26 - n, ZUUL)))
    await scene.start()
    line = await ada.wait("CI board, silent: acme has missed 5 patch sets in a row", patience=60)
    assert line.endswith("(openstack/nova). https://board.example/ci/account/acme/index.html")
    await scene.counted("deliveries", "delivered", 2)
    ada.say("#infra", "+ci watch acme")
    assert "I tell you in private when acme is silent" in await ada.wait("I tell you", patience=60)
    asked = await kurt.say(scene.room, "+ci watch Acme CI")
    assert "when acme is silent" in text_of(await kurt.answer(asked))
    direct = await kurt.join(await kurt.invited(BOT))
    asked = await kurt.say(scene.room, "+ci ack acme until 2h new racks")
    assert "acme is acknowledged until " in text_of(await kurt.answer(asked))
    scene.bot.program.kill()
    await scene.start()
    await scene.counted("ci/gerrit", "looks", 1)
    ada.say("#infra", "+ci alerts")
    assert "(acknowledged by kurt until " in await ada.wait("acme: has missed", patience=60)
    assert await scene.said("silent:") == (1, 1)
    scene.happen(*change(7, 1, ACME), *change(8, 0.5, ACME))
    await ada.wait("CI board, back: acme reports again", patience=60)
    await ada.settle()
    await scene.counted("deliveries", "delivered", 2)
    await scene.until(lambda: scene.told("back: acme") == 1)
    await kurt.wait(lambda event: event["room"] == direct and "back: acme" in text_of(event))
    scene.bot.program.kill()
    tool = [sys.executable, "-P", "-m", "ptgbot", "ci", "replay", str(scene.config)]
    done = await asyncio.to_thread(subprocess.run, tool, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.endswith("events were read again.\n")) == (0, True), done.stderr
    await scene.start()
    await scene.counted("ci/gerrit", "looks", 1)
    ada.say("#infra", "+ci alerts")
    await ada.wait("No alert is open.", patience=60)
    assert (await scene.said("silent:"), await scene.said("back:"), scene.told("back:")) == ((1, 1), (1, 1), 1)
    assert sum("back:" in line for line in kurt.said(BOT, direct)) == 1
    assert scene.bot.stop() == 0
    assert "Traceback" not in scene.bot.log


async def test_kill_neither_loses_nor_repeats_a_notice(
    tmp_path: Path, ngircd: IrcServer, start_synapse: StartSynapse, meet: Meet, befriend: Befriend
) -> None:
    ada = await meet(ngircd, "ada", "#infra")
    synapse = await asyncio.to_thread(start_synapse)
    kurt = await befriend(synapse, "kurt")
    await asyncio.to_thread(synapse.register, "ptgbot", "pw")
    (tmp_path / "password").write_text("pw\n")
    room, gerrit = await kurt.create("infra"), RestDouble()
    async with served(gerrit) as url:
        config = tmp_path / "ptgbot.toml"
        values = {"web": free_port(), "gerrit": url, "room": room, "host": ngircd.host, "port": ngircd.port}
        config.write_text(TOML.format(**values, synapse=synapse.url))
        scene = Scene(gerrit, ada, kurt, room, config)
        try:
            await play(scene)
        finally:
            for program in scene.programs:
                program.kill()
