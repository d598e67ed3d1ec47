"""The program on several networks: each is on its own, whether it is away, refuses the login or works."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers.faulty_irc import MakeWay
from tests.servers.inspircd import InspIrcd
from tests.servers.irc_servers import IrcServer, Meet, StartIrc
from tests.servers.programs import Program, free_port
from tests.servers.running import StartBot, health_of, with_token

pytestmark = pytest.mark.servers

SITE = """\
[site]
listen = "127.0.0.1:{web}"
"""
IRC = """
[[irc]]
name = "{name}"
server = "{host}"
port = {port}
tls = false
channels = ["#events"]
messages_per_second = 0
retry_first = 0.05
retry_limit = 0.2
join_pause = 0
"""
LOGIN = """\
login = "sasl"
account = "bot"
password_file = "password"
"""


def colours(web: int) -> dict[str, str]:
    return {name: part["colour"] for name, part in health_of(web)["parts"].items()}


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not await asyncio.to_thread(condition):
            await asyncio.sleep(0.01)


async def test_unreachable_network_does_not_delay_another(
    start_ngircd: StartIrc, start_ptgbot: StartBot, meet: Meet, tmp_path: Path
) -> None:
    servers = {"first": start_ngircd(), "second": start_ngircd()}
    tables = (IRC.format(name=name, host=server.host, port=server.port) for name, server in servers.items())
    (tmp_path / "ptgbot.toml").write_text(SITE.format(web=free_port()) + "".join(tables))
    bot = start_ptgbot(servers["first"], folder=tmp_path)
    people = {name: await meet(server, "Ada", "#events") for name, server in servers.items()}
    for name, person in people.items():
        person.say("#events", f"+in {name}")
        await person.wait(f"checked in at {name}.")
    servers["first"].program.kill()
    await until(lambda: colours(bot.web)["first"] != "green")
    people["second"].say("#events", "+in meanwhile")
    await people["second"].wait("checked in at meanwhile.")
    servers["first"].program.start()
    back = await meet(servers["first"], "Ada", "#events")
    await back.see("ptgbot", "#events")
    back.say("#events", "+seen ada")
    answer = await back.wait("PRIVMSG #events :Ada: ")
    assert "first" in answer
    assert "meanwhile" in answer
    assert bot.stop() == 0
    places = {key: entry["location"] for key, entry in bot.state["last_check_in"].items()}
    assert places == {"ada": "first", "ada@second": "meanwhile"}


async def test_wrong_password_is_reported_once_without_retries(
    services: InspIrcd, ngircd: IrcServer, make_way: MakeWay, meet: Meet, tmp_path: Path
) -> None:
    way = await make_way(services.host, services.port)
    web, config, log = free_port(), tmp_path / "ptgbot.toml", tmp_path / "output.log"
    refusing = IRC.format(name="refusing", host=way.host, port=way.port) + LOGIN
    config.write_text(SITE.format(web=web) + IRC.format(name="open", host=ngircd.host, port=ngircd.port) + refusing)
    with_token(config)
    (tmp_path / "password").write_text("guess\n")
    there, elsewhere = await meet(services, "joan", "#events"), await meet(ngircd, "joan", "#events")
    command = [sys.executable, "-P", "-m", "ptgbot", "run", str(config)]
    program = Program(command, tmp_path, lambda: colours(web) | {"open": "green", "refusing": "red"} == colours(web))
    try:
        await asyncio.to_thread(program.start)
        # Two seconds are time enough for ten tries at this back-off; the other network answers questions meanwhile.
        end, number = time.monotonic() + 2, 0
        while time.monotonic() < end:
            number += 1
            elsewhere.say("#events", f"+seen nobody{number}")
            await elsewhere.wait(f"nobody{number} ", f"nobody{number}.")
        await there.settle()
    finally:
        program.stop()
    assert way.visits == 1
    assert not [line for line in there.lines if "ptgbot" in line]
    lines = [line for line in log.read_text().splitlines() if "refused" in line]
    assert len(lines) == 1, lines
    assert "refusing: the server refused bot: the name, password or certificate is wrong" in lines[0]
    assert "tried again in an hour" in lines[0]
    assert "guess" not in log.read_text()
