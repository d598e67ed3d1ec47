"""The program as operators see it, on a real server: supervision, reload, logs, loss of rooms and of the network."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ptgbot.control import Denied, ask
from tests.servers.irc_servers import IrcPerson, IrcServer, Meet
from tests.servers.running import TOKEN, Running, StartBot, health_of

pytestmark = pytest.mark.servers

PATIENCE = 60.0


async def until(condition: Callable[[], object], patience: float = PATIENCE) -> None:
    async with asyncio.timeout(patience):
        while not await asyncio.to_thread(condition):
            await asyncio.sleep(0.1)


def status(bot: Running, path: str, *, token: str = "") -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(f"{bot.url}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def tool(bot: Running, *arguments: str) -> subprocess.CompletedProcess[str]:
    command, *more = arguments
    line = [sys.executable, "-P", "-m", "ptgbot", command, str(bot.folder / "ptgbot.toml"), *more]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)


def logged(bot: Running) -> list[dict[str, Any]]:
    return [json.loads(line) for line in bot.log.splitlines() if line.startswith("{")]


def connected(bot: Running) -> list[str]:
    return [one["network"] for one in logged(bot) if one["event"] == "connected"]


def configure(bot: Running, before: str, after: str) -> None:
    path = bot.folder / "ptgbot.toml"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def hang_up(bot: Running) -> None:
    process = bot.program._process
    assert process is not None
    process.send_signal(signal.SIGHUP)


async def test_program_is_supervised_changed_and_stopped(
    ngircd: IrcServer, start_ptgbot: StartBot, meet: Meet
) -> None:
    olga = await meet(ngircd, "olga")
    for channel in ("#events", "#more"):
        await olga.join(channel)
    bot = await asyncio.to_thread(start_ptgbot, ngircd)
    await _supervised(bot)
    await _followed(bot, olga)
    await _changed(bot, olga)
    await _renamed(bot, olga)
    await _on_two_networks(bot, olga, ngircd)
    await _refused(bot)
    assert bot.stop() == 0
    records = [one for one in logged(bot) if one.get("network") != "second"]
    for event in ("starting", "started", "connected", "stopping", "stopped"):
        assert [one["event"] for one in records].count(event) == 1, event
    assert [one["room"] for one in records if one["event"] == "joined"] == ["#events", "#more"]


async def _supervised(bot: Running) -> None:
    for path in ("healthz", "healthz/live", "healthz/ready"):
        assert await asyncio.to_thread(status, bot, path) == (200, '{"ok": true}')
    assert (await asyncio.to_thread(status, bot, "metrics"))[0] == 403
    code, text = await asyncio.to_thread(status, bot, "metrics", token=TOKEN)
    assert code == 200
    assert 'ptgbot_rooms_joined{network="testnet"} 1.0' in text
    asked = await asyncio.to_thread(tool, bot, "status")
    assert (asked.returncode, asked.stderr) == (0, "")
    assert "in on testnet: #events" in asked.stdout
    control = bot.folder / "ptg.control"
    assert control.stat().st_mode & 0o777 == 0o660


async def _followed(bot: Running, olga: IrcPerson) -> None:
    """One id names a message in the record of the command and in that of the page."""
    olga.say("#events", "~add harbour")
    await until(lambda: any(one["event"] == "shown" for one in logged(bot)))
    [command] = [one for one in logged(bot) if one["event"] == "command"]
    [shown] = [one for one in logged(bot) if one["event"] == "shown"]
    assert command["result"] == "changed"
    assert shown["messages"] == [command["message"]]


async def _changed(bot: Running, olga: IrcPerson) -> None:
    configure(bot, '["#events"]', '["#events", "#more"]')
    hang_up(bot)
    await olga.see("ptgbot", "#more")
    await until(lambda: any(one.get("room") == "#more" for one in logged(bot)))
    configure(bot, '["#events", "#more"]', '["#more"]')
    assert (await asyncio.to_thread(tool, bot, "reload")).stdout == "Changed: testnet: channels.\n"
    await olga.wait(":ptgbot!")
    parts = [line for line in olga.lines if line.startswith(":ptgbot!") and " PART " in line]
    assert [line.split()[2].lstrip(":") for line in parts] == ["#events"]
    assert not [line for line in olga.lines if line.startswith(":ptgbot!") and " QUIT " in line]


async def reload(bot: Running) -> list[str]:
    answer = await asyncio.to_thread(ask, bot.folder / "ptg.control", "reload")
    changed: list[str] = answer["changed"]
    return changed


async def _renamed(bot: Running, olga: IrcPerson) -> None:
    configure(bot, "tls = false", 'tls = false\nnick = "daybot"')
    assert await reload(bot) == ["testnet: nick"]
    await olga.wait(" NICK :daybot")
    olga.say("#more", "daybot: help")
    await olga.wait("PRIVMSG #more :olga: ")


SECOND = """
[[irc]]
name = "second"
nick = "second"
server = "{host}"
port = {port}
tls = false
channels = ["#second"]
messages_per_second = 0
quit_message = "Elsewhere"
"""


async def _on_two_networks(bot: Running, olga: IrcPerson, ngircd: IrcServer) -> None:
    """A second network comes, connects anew and goes; people on the first one see nothing of it."""
    await olga.join("#second")
    table, before = SECOND.format(host=ngircd.host, port=ngircd.port), len(olga.lines)
    path = bot.folder / "ptgbot.toml"
    path.write_text(path.read_text() + table)
    assert await reload(bot) == ["second: new"]
    await olga.see("second", "#second")
    await until(lambda: connected(bot) == ["testnet", "second"])
    configure(bot, 'nick = "second"', 'nick = "second"\nrealname = "Another"')
    hang_up(bot)
    await olga.wait(":second!")
    await until(lambda: connected(bot) == ["testnet", "second", "second"])
    configure(bot, f"port = {ngircd.port}\ntls = false\nchannels", "port = 1\ntls = false\nchannels")
    with pytest.raises(Denied, match="the configuration was not changed: second: "):
        await reload(bot)
    path.write_text(path.read_text().partition("\n[[irc]]\nname = \"second\"")[0])
    assert await reload(bot) == ["second: left"]
    await until(lambda: sum(" QUIT " in line for line in olga.lines[before:]) == 2)
    seen = [line for line in olga.lines[before:] if line.split()[1] in ("JOIN", "PART", "QUIT", "NICK")]
    assert [line.partition("!")[0] for line in seen] == [":second"] * 4
    assert [line.split()[1] for line in seen] == ["JOIN", "QUIT", "JOIN", "QUIT"]
    assert all("Elsewhere" in line for line in seen if " QUIT " in line)


async def _refused(bot: Running) -> None:
    configure(bot, "[site]", "[site]\nnonsense = 1")
    asked = await asyncio.to_thread(tool, bot, "reload")
    assert asked.returncode == 2
    assert "unknown key site.nonsense" in asked.stderr
    configure(bot, "\nnonsense = 1", "\nprocesses = 2")
    asked = await asyncio.to_thread(tool, bot, "reload")
    assert "[site] processes changes with a restart only: the processes that answer readers" in asked.stderr
    assert (await asyncio.to_thread(status, bot, "healthz"))[0] == 200


def prepared(folder: Path, ngircd: IrcServer, start_ptgbot: StartBot) -> Running:
    """Start a bot with a room for operators, which notices soon that it is in no other room."""
    bot = start_ptgbot(ngircd, ("#events", "#ops"), folder)
    bot.stop()
    bot.program.kill()
    configure(bot, "[operators]\n", '[operators]\nrooms = ["#ops"]\nalone_after = 2\n')
    return start_ptgbot(ngircd, folder=folder)


async def test_kicked_bot_turns_red_and_tells_operators(
    ngircd: IrcServer, start_ptgbot: StartBot, meet: Meet, tmp_path: Path
) -> None:
    olga = await meet(ngircd, "olga")
    for channel in ("#events", "#ops"):
        await olga.join(channel)
    bot = await asyncio.to_thread(prepared, tmp_path, ngircd, start_ptgbot)
    olga.send("MODE #events +b ptgbot!*@*", "KICK #events ptgbot :out")
    await until(lambda: not health_of(bot.web)["ok"])
    text = health_of(bot.web)["parts"]["testnet"]["text"]
    assert text.startswith("in none of its rooms for more than 2 s: not in #events")
    await olga.wait("testnet needs somebody: in none of its rooms", patience=PATIENCE)
    told = [one for one in logged(bot) if "#events" in one["event"]]
    assert len(told) == len({one["event"] for one in told}), "each trouble once"


async def test_lost_network_is_red_within_half_a_minute(ngircd: IrcServer, start_ptgbot: StartBot) -> None:
    bot = await asyncio.to_thread(start_ptgbot, ngircd)
    began = time.monotonic()
    await asyncio.to_thread(ngircd.program.kill)
    await until(lambda: status(bot, "healthz")[0] == 503)
    assert time.monotonic() - began < 30
    assert (await asyncio.to_thread(status, bot, "healthz/live"))[0] == 200
    assert (await asyncio.to_thread(status, bot, "healthz/ready"))[0] == 503
