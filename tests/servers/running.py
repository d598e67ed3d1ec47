"""The program itself, as an operator runs it: ``ptgbot run`` in a folder of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from ptgbot.store.file import Paths
from ptgbot.store.file import journal as journals
from ptgbot.store.opening import records
from ptgbot.store.record import Record
from tests.servers.irc_servers import IrcServer
from tests.servers.programs import Program, free_port

TOML = """\
[state]
path = "ptg.json"

[gathering]
timezone = "Europe/Berlin"

[site]
output = "html"
listen = "127.0.0.1:{web}"

[fetch]
allow = ["127.0.0.1"]

[[irc]]
name = "testnet"
server = "{host}"
port = {port}
tls = false
channels = {channels}
messages_per_second = 0
confirm_pause = 0
retry_first = 0.1
"""


TOKEN = "canary-0123456789"
"""The secret of the operators of every bot that :func:`begin` starts."""


def health_of(web: int) -> Any:
    """Return all that ``/healthz`` tells operators."""
    request = urllib.request.Request(f"http://127.0.0.1:{web}/healthz", headers={"Authorization": f"Bearer {TOKEN}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)


def with_token(config: Path) -> None:
    """Let a configuration have the secret of the operators."""
    text, key = config.read_text(), "token_file = 'operators.token'\n"
    if key not in text:
        (config.parent / "operators.token").write_text(TOKEN)
        table = "[operators]\n"
        config.write_text(text.replace(table, table + key) if table in text else f"{text}\n{table}{key}")


@define(eq=False)
class Running:
    """A bot that runs, and what it left in its folder."""

    program: Program
    folder: Path
    web: int
    errors: list[str] = field(factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web}/"

    @property
    def state(self) -> Any:
        """What ``ptg.json`` holds."""
        return json.loads((self.folder / "ptg.json").read_bytes())

    @property
    def log(self) -> str:
        return (self.folder / "output.log").read_text(errors="replace")

    def get(self, path: str = "") -> str:
        """Return what the web server answers."""
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            text: str = answer.read().decode()
            return text

    def records(self) -> list[Record]:
        """Return every change on record, the oldest first."""
        path = Paths(self.folder / "ptg.json").journal
        found = {r.number: r for file in (*journals.archives(path), path) for r in records(journals.read(file))}
        return [found[number] for number in sorted(found)]

    def stop(self) -> int:
        """End it in order and return its exit status."""
        process = self.program._process
        assert process is not None
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(20)
        except subprocess.TimeoutExpired:
            self.program.kill()
            raise


StartBot = Callable[..., Running]


@pytest.fixture
def start_ptgbot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartBot]:
    """Start the program on a server; a folder given again is a restart."""
    programs: list[Program] = []

    def start(server: IrcServer, channels: Sequence[str] = ("#events",), folder: Path | None = None) -> Running:
        here = folder or tmp_path_factory.mktemp("ptgbot")
        config = here / "ptgbot.toml"
        if not config.exists():
            made = TOML.format(web=free_port(), host=server.host, port=server.port, channels=json.dumps(list(channels)))
            config.write_text(made)
        return begin(config, programs)

    yield start
    for program in programs:
        program.kill()


def begin(config: Path, programs: list[Program]) -> Running:
    """Start the program with a configuration that has a site, and wait until every part of it is well."""
    with_token(config)
    web = int(config.read_text().partition('listen = "127.0.0.1:')[2].partition('"')[0])
    program = Program([sys.executable, "-P", "-m", "ptgbot", "run", str(config)], config.parent, lambda: _well(web))
    programs.append(program)
    program.start()
    return Running(program, config.parent, web)


def _well(web: int) -> bool:
    """Say whether every part of the bot is green, the channels joined and the page built."""
    parts = health_of(web)["parts"]
    return all(part["colour"] == "green" for part in parts.values())
