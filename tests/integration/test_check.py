"""``ptgbot check`` on real servers: it logs in, says what it sees, joins nothing and says nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ptgbot.cli import main
from ptgbot.exits import Exit
from tests.servers.irc_servers import IrcServer, Meet
from tests.servers.matrix_encrypted import ENCRYPTED
from tests.servers.matrix_servers import Befriend, Homeserver

pytestmark = pytest.mark.servers


async def check(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    status = await asyncio.to_thread(main, ["check", str(path)])
    return status, capsys.readouterr().out.splitlines()[:-1]


async def test_check_reports_findings_on_irc(
    ngircd: IrcServer, meet: Meet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ada = await meet(ngircd, "ada", "#here")
    path = tmp_path / "ptgbot.toml"
    path.write_text(
        f'[[irc]]\nname = "net"\nserver = "{ngircd.host}"\nport = {ngircd.port}\ntls = false\n'
        'channels = ["#here", "#gone"]\n'
    )
    assert await check(path, capsys) == (
        Exit.STOPPED,
        [
            f"net: logged in on {ngircd.host} without an account; the connection is not encrypted",
            "net: #here is there",
            "net: #gone does not exist, or is hidden; whoever joins first makes it",
        ],
    )
    await ada.settle()
    assert not [line for line in ada.lines if line.startswith(":ptgbot")]
    ngircd.program.kill()
    status, (line,) = await check(path, capsys)
    assert status == Exit.CONFIGURATION
    assert line.startswith("net: MISSING: ")


async def test_check_reports_findings_on_matrix(
    synapse: Homeserver, befriend: Befriend, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ada = await befriend(synapse, "ada")
    name = synapse.unused("checked")
    await asyncio.to_thread(synapse.register, name, "pw")
    public, sealed = await ada.create(f"check-{ada.name}"), await ada.create(f"sealed-{ada.name}", **ENCRYPTED)
    (tmp_path / "password").write_text("pw")
    path = tmp_path / "ptgbot.toml"
    rooms = f'["{public}", "#sealed-{ada.name}:localhost", "#none-{ada.name}:localhost"]'
    path.write_text(
        f'[[matrix]]\nhomeserver = "{synapse.url}"\nuser = "@{name}:localhost"\npassword_file = "password"\n'
        f"rooms = {rooms}\nencryption = false\n"
    )
    outside = f"not in it yet; if it is not public somebody has to invite @{name}:localhost"
    status, lines = await check(path, capsys)
    assert status == Exit.CONFIGURATION
    assert lines[0].startswith(f"matrix: logged in on {synapse.url} as @{name}:localhost, device ")
    assert lines[1:] == [
        "matrix: encryption is switched off",
        f"matrix: {public}: {outside}",
        f"matrix: #sealed-{ada.name}:localhost: {outside}",
        f"matrix: MISSING: #none-{ada.name}:localhost: there is no such room (M_NOT_FOUND)",
    ]
    bot = (await ada.call("POST", "/login", {
        "type": "m.login.password", "identifier": {"type": "m.id.user", "user": name}, "password": "pw"
    }))["access_token"]  # fmt: skip
    mine, ada.token = ada.token, bot
    await ada.join(public)
    await ada.join(sealed)
    devices = (await ada.call("GET", "/devices"))["devices"]
    ada.token = mine
    assert len(devices) == 2  # of registering and of the line above: the check has logged out again
    await ada.level(public, f"@{name}:localhost", 50)
    _, lines = await check(path, capsys)
    assert lines[2:4] == [
        f"matrix: {public}: in it, power level 50, not encrypted",
        f"matrix: MISSING: #sealed-{ada.name}:localhost: in it, power level 0, encrypted, which we can not read",
    ]
    (tmp_path / "password").write_text("wrong")
    status, (line,) = await check(path, capsys)
    assert status == Exit.CONFIGURATION
    assert "MISSING: the homeserver refused the password" in line
