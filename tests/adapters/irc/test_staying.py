"""The whole program on real servers: whatever happens it is back, answers, and has kept every change."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from attrs import define, evolve, field

from tests.servers.faulty_irc import BadWay, MakeWay
from tests.servers.inspircd import InspIrcd
from tests.servers.irc_servers import IrcPerson, IrcServer, Meet
from tests.servers.programs import free_port
from tests.servers.running import Running, StartBot, health_of

pytestmark = pytest.mark.servers

CHANNEL = "#events"
BASE = """\
[site]
listen = "127.0.0.1:{web}"

[[irc]]
name = "testnet"
server = "{host}"
port = {port}
tls = false
channels = ["#events"]
"""
QUICK = """\
messages_per_second = 0
retry_first = 0.05
retry_limit = 0.2
stable_after = 0
registration_timeout = 3
ping_interval = 0.2
ping_timeout = 0.5
rejoin_interval = 0.1
rejoin_banned_interval = 0.1
nick_interval = 0.2
join_pause = 0
"""
LOGIN = """\
nick = "bot"
login = "sasl"
password_file = "password"
"""


@define(eq=False)
class Scene:
    """A running bot, somebody who types, and what was changed so far."""

    server: IrcServer
    way: BadWay
    bot: Running
    meet: Meet
    olga: IrcPerson
    made: list[str] = field(factory=list)
    questions: int = 0

    async def change(self) -> None:
        """Change something and wait until that is acknowledged."""
        place = f"place {len(self.made) + 1}"
        self.olga.say(CHANNEL, f"+in {place}")
        await self.olga.wait(f"checked in at {place}.")
        self.made.append(place)

    async def answered(self, patience: float = 60) -> None:
        """Ask until there is an answer."""
        async with asyncio.timeout(patience):
            while True:
                self.questions += 1
                self.olga.say(CHANNEL, f"+seen nobody{self.questions}")
                try:
                    await self.olga.wait(f"nobody{self.questions} ", f"nobody{self.questions}.", patience=0.25)
                except AssertionError:
                    continue
                return

    async def health(self) -> str:
        """Return what the bot says of its connection."""
        part = (await asyncio.to_thread(health_of, self.bot.web))["parts"]["testnet"]
        return f"{part['colour']}: {part['text']}"

    async def until(self, words: str, patience: float = 30) -> None:
        """Wait until the bot says something of its connection."""
        async with asyncio.timeout(patience):
            while words not in (health := await self.health()):
                await asyncio.sleep(0.01)
        assert health

    async def newcomer(self, nick: str = "olga") -> None:
        """Let somebody new type."""
        self.olga = await self.meet(self.server, nick, CHANNEL)


SetScene = Callable[..., Awaitable[Scene]]


@pytest.fixture
async def set_scene(tmp_path: Path, start_ptgbot: StartBot, make_way: MakeWay, meet: Meet) -> SetScene:
    """Start the program with certain settings on a server, behind a way that can be cut."""

    async def make(server: IrcServer, settings: str) -> Scene:
        olga = await meet(server, "olga", CHANNEL)
        way = await make_way(server.host, server.port)
        text = BASE.format(web=free_port(), host=way.host, port=way.port) + settings
        (tmp_path / "ptgbot.toml").write_text(text)
        (tmp_path / "password").write_text("bot-secret\n")
        behind = evolve(server, host=way.host, port=way.port)
        bot = await asyncio.to_thread(start_ptgbot, behind, folder=tmp_path)
        return Scene(server, way, bot, meet, olga)

    return make


Fault = Callable[[Scene], Awaitable[None]]


async def a_reset(scene: Scene) -> None:
    scene.way.reset()


async def a_half_closed_connection(scene: Scene) -> None:
    scene.way.half_close()


async def a_line_of_70_kb(scene: Scene) -> None:
    scene.way.say(b"x" * 70_000 + b"\r\n")


async def a_line_without_a_command(scene: Scene) -> None:
    scene.way.say(b":foo\r\n")


async def a_server_that_is_killed(scene: Scene) -> None:
    scene.server.program.kill()
    await scene.until("not connected")
    scene.server.program.start()
    await scene.newcomer()


async def a_server_that_hangs(scene: Scene) -> None:
    scene.server.program.send_signal(signal.SIGSTOP)
    await scene.until("no answer to a ping")
    scene.server.program.send_signal(signal.SIGCONT)


async def a_nick_that_is_taken(scene: Scene) -> None:
    nick = "ptgbot"
    await scene.way.close()
    await scene.olga.wait(f":{nick}!")
    thief = await scene.meet(scene.server, nick)
    await scene.way.open()
    await scene.answered()
    assert "our nick is taken" in await scene.health()
    await thief.quit()
    await scene.until("green")


async def a_kick(scene: Scene) -> None:
    scene.olga.send(f"KICK {CHANNEL} ptgbot :out")
    await scene.olga.wait("KICK ")


async def a_ban(scene: Scene) -> None:
    await scene.olga.mode(CHANNEL, "+b", "ptgbot*!*@*")
    await a_kick(scene)
    await scene.until(f"not in {CHANNEL}")
    await scene.olga.mode(CHANNEL, "-b", "ptgbot*!*@*")


async def a_kill_by_an_operator(scene: Scene) -> None:
    scene.olga.send("OPER op oppw")
    await scene.olga.wait(" 381 ")
    scene.olga.send("KILL ptgbot :go")
    await scene.olga.wait(":ptgbot!")


FAULTS = (
    a_reset,
    a_half_closed_connection,
    a_line_of_70_kb,
    a_line_without_a_command,
    a_kick,
    a_ban,
    a_kill_by_an_operator,
    a_nick_that_is_taken,
    a_server_that_hangs,
    a_server_that_is_killed,
)


async def go_through(scene: Scene, faults: tuple[Fault, ...]) -> str:
    """Let it all happen; nothing that was acknowledged is lost, nothing is done twice."""
    figures = []
    await scene.change()
    for fault in faults:
        began = time.monotonic()
        await fault(scene)
        await scene.answered()
        await scene.until("green")
        await scene.change()
        figures.append(f"{fault.__name__} {time.monotonic() - began:.1f} s")
    records = [record.text for record in scene.bot.records() if record.key != "file"]
    assert records == [f"+in {place}" for place in scene.made]
    assert await asyncio.to_thread(scene.bot.stop) == 0
    assert scene.bot.state["last_check_in"]["olga"]["location"] == scene.made[-1]
    return "; ".join(figures)


async def test_bot_returns_with_every_change_after_faults(
    ngircd: IrcServer, set_scene: SetScene, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = await go_through(await set_scene(ngircd, QUICK), FAULTS)
    with capsys.disabled():
        print(shown)


async def a_ghost_command(scene: Scene) -> None:
    owner = await scene.meet(scene.server, "owner", CHANNEL)
    owner.say("NickServ", "IDENTIFY bot bot-secret")
    await owner.wait("You are now identified")
    owner.say("NickServ", "GHOST bot")
    await owner.wait(":bot!")


async def services_that_are_away(scene: Scene) -> None:
    assert isinstance(scene.server, InspIrcd)
    assert scene.server.services is not None
    await asyncio.to_thread(scene.server.services.stop)
    scene.way.reset()
    await scene.until("offers no login by password")
    scene.olga.send(f"NAMES {CHANNEL}")
    assert "bot" not in (await scene.olga.wait(" 353 ")).rpartition(":")[2].split()
    await asyncio.to_thread(scene.server.services.start)


async def test_bot_returns_with_services_and_every_change(
    services: InspIrcd, set_scene: SetScene, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = await set_scene(services, QUICK + LOGIN)
    shown = await go_through(scene, (a_ghost_command, services_that_are_away))
    with capsys.disabled():
        print(shown)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("how", "away"), [("killed", 2), ("killed", 150), ("stopped", 120)])
async def test_bot_answers_soon_after_real_outages(
    ngircd: IrcServer, set_scene: SetScene, capsys: pytest.CaptureFixture[str], how: str, away: float
) -> None:
    scene = await set_scene(ngircd, "")
    await scene.change()
    began = time.monotonic()
    if how == "killed":
        ngircd.program.kill()
        await asyncio.sleep(away)
        ngircd.program.start()
        back = time.monotonic()
        await scene.newcomer()
    else:
        ngircd.program.send_signal(signal.SIGSTOP)
        await scene.until("no answer to a ping", patience=95)
        noticed = time.monotonic() - began
        await asyncio.sleep(away - noticed)
        ngircd.program.send_signal(signal.SIGCONT)
        back = time.monotonic()
    await scene.answered()
    answered = time.monotonic() - back
    await scene.change()
    await scene.until("green", patience=90)
    green = time.monotonic() - back
    assert [record.text for record in scene.bot.records()] == [f"+in {place}" for place in scene.made]
    with capsys.disabled():
        print(f"{how} for {away:g} s: answers {answered:.1f} s after the server, all well after {green:.1f} s")
        if how == "stopped":
            print(f"noticed after {noticed:.1f} s")
    assert answered < 26
