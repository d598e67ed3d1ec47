"""A password in the environment of the program that needs it reaches the server and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.servers.irc_servers import Meet, StartIrc
from tests.servers.programs import free_port
from tests.servers.running import TOML, StartBot, health_of

pytestmark = pytest.mark.servers

CHANNEL, CANARY = "#events", "canary-7151"


async def test_password_from_environment_leaks_nowhere(
    start_ngircd: StartIrc, start_ptgbot: StartBot, meet: Meet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password is in no file, on no page, in no log and in no other process."""
    server = start_ngircd(password=CANARY)
    monkeypatch.setenv("HARBOUR_PASSWORD", CANARY)
    made = TOML.format(web=free_port(), host=server.host, port=server.port, channels=json.dumps([CHANNEL]))
    (tmp_path / "ptgbot.toml").write_text(made + 'server_password_env = "HARBOUR_PASSWORD"\n')
    bot = start_ptgbot(server, folder=tmp_path)
    mira = await meet(server, "mira", CHANNEL, password=CANARY)
    mira.say(CHANNEL, "+in Barn")
    await mira.wait("You are checked in")
    process = bot.program._process
    assert process
    assert CANARY.encode() in Path(f"/proc/{process.pid}/environ").read_bytes()
    # The web server, and the builders of the pages and of the archive of meetings, which ends when it is idle.
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert len(children) in {2, 3}
    for child in children:
        assert CANARY.encode() not in Path(f"/proc/{child}/environ").read_bytes()
        assert CANARY.encode() not in Path(f"/proc/{child}/cmdline").read_bytes()
    assert CANARY not in str(health_of(bot.web))
    assert bot.stop() == 0
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert tmp_path / "output.log" in files
    assert [path for path in files if CANARY.encode() in path.read_bytes()] == []
