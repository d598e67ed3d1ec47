"""The program on IRC, on Matrix, or on both, in a folder of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.servers.irc_servers import IrcServer
from tests.servers.matrix_servers import Homeserver
from tests.servers.programs import Program, free_port
from tests.servers.running import Running, begin

BASE = """\
[state]
path = "ptg.json"

[site]
output = "html"
listen = "127.0.0.1:{web}"
"""
IRC = """
[[irc]]
name = "testnet"
server = "{host}"
port = {port}
tls = false
channels = {channels}
messages_per_second = 0
confirm_pause = 0
retry_first = 0.1
{more}
"""
MATRIX = """
[[matrix]]
homeserver = "{url}"
user = "{user}"
password_file = "password"
rooms = {rooms}
invite_pause = 0
rejoin_interval = 1.0
{more}
"""

StartMixed = Callable[..., Running]


@pytest.fixture
def start_mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartMixed]:
    """Start the program; a folder given again is a restart."""
    programs: list[Program] = []

    def start(
        irc: IrcServer | None = None,
        matrix: Homeserver | None = None,
        *,
        channels: Sequence[str] = ("#events",),
        rooms: Sequence[str] = (),
        irc_more: str = "",
        matrix_more: str = "",
        folder: Path | None = None,
        bot: str = "ptgbot",
        encryption: bool = True,
    ) -> Running:
        here = folder or tmp_path_factory.mktemp("ptgbot")
        config = here / "ptgbot.toml"
        if not config.exists():
            parts = [BASE.format(web=free_port())]
            if irc:
                parts.append(IRC.format(host=irc.host, port=irc.port, channels=json.dumps(channels), more=irc_more))
            if matrix:
                matrix.register(bot, "pw")
                (here / "password").write_text("pw\n")
                user = f"@{bot}:localhost"
                # With encryption on, the file says nothing of it, as those of operators do.
                more = matrix_more if encryption else f"encryption = false\n{matrix_more}"
                parts.append(MATRIX.format(url=matrix.url, user=user, rooms=json.dumps(rooms), more=more))
            config.write_text("".join(parts))
        return begin(config, programs)

    yield start
    for program in programs:
        program.kill()
