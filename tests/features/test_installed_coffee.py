"""The example feature installed with pip beside ptgbot: the program as it runs then, and after it is removed."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest
from attrs import define

import ptgbot
from tests.features.installed import environment, install_coffee
from tests.servers.programs import free_port
from tests.servers.running import TOKEN, health_of

TOML = """\
[state]
path = "ptg.json"

[site]
output = "html"
listen = "127.0.0.1:{web}"

[operators]
token_file = "operators.token"

[[console]]
name = "console"
channel = "#demo"
"""
COFFEE = """
[coffee]
tell = ["console #demo"]
sensor = "scale.txt"
"""


@define(eq=False)
class Bot:
    """The program in a folder, typed at through its terminal."""

    process: subprocess.Popen[str]
    output: Path
    web: int

    def type(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def says(self, words: str) -> None:
        until(lambda: words in self.output.read_text("utf-8"), f"{words!r} in the terminal")

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.web}/{path}", timeout=10) as answer:
            text: str = answer.read().decode()
            return text

    def shows(self, path: str, words: str) -> None:
        def seen() -> bool:
            try:
                return words in self.get(path)
            except urllib.error.HTTPError:
                return False

        until(seen, f"{words!r} in {path}")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0


def until(condition: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < ends, f"never: {what}"
        time.sleep(0.1)


Start = Callable[..., Bot]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return install_coffee(tmp_path_factory.mktemp("coffee"))


@pytest.fixture
def start(tmp_path: Path, found: dict[str, str]) -> Iterator[Start]:
    running: list[tuple[subprocess.Popen[str], IO[str]]] = []

    def begin(*, installed: bool = True) -> Bot:
        web, config, output = free_port(), tmp_path / "ptgbot.toml", tmp_path / f"terminal-{len(running)}.txt"
        (config.parent / "operators.token").write_text(TOKEN)
        config.write_text(TOML.format(web=web) + (COFFEE if installed else ""), "utf-8")
        written = output.open("w", encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "ptgbot", "run", str(config)],
            env=environment(found if installed else {}),
            stdin=subprocess.PIPE,
            stdout=written,
            stderr=subprocess.STDOUT,
            text=True,
        )
        running.append((process, written))
        bot = Bot(process, output, web)
        until(lambda: _answers(bot), f"an answer of the web server; it said {output.read_text('utf-8')}")
        return bot

    yield begin
    for process, written in running:
        process.kill()
        process.communicate()
        written.close()


def _answers(bot: Bot) -> bool:
    try:
        return bool(bot.get("index.html"))
    except OSError:
        return False


def _is_gone(bot: Bot, path: str) -> bool:
    try:
        bot.get(path)
    except urllib.error.HTTPError as error:
        return error.code == 404
    return False


def digest_of_ptgbot() -> str:
    """Return a digest of every file of the installed program."""
    digest = hashlib.sha256()
    for path in sorted(Path(ptgbot.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def test_installed_example_works_in_every_part(start: Start, tmp_path: Path, found: dict[str, str]) -> None:
    before = digest_of_ptgbot()
    bot = start()
    bot.type("#brew blue lobby <b>")
    bot.says("Fresh coffee: blue in lobby <b>.")
    bot.type("+coffee")
    bot.shows("coffee.html", "lobby &lt;b&gt;")
    bot.shows("pots/blue.html", "blue")
    bot.shows("index.html", "coffee.html")
    assert json.loads(bot.get("coffee/next.json")) == {"fresh": ["blue"]}
    assert json.loads(bot.get("coffee.php")) == {"fresh": ["blue"]}
    assert json.loads(bot.get("coffee.json"))["pots"][0]["name"] == "blue"
    (tmp_path / "scale.txt").write_text("blue 2\nblue 1\n", "utf-8")
    until(lambda: json.loads(bot.get("coffee.json"))["pots"][0]["cups"] == 3, "three cups")
    health = health_of(bot.web)
    assert health["parts"]["coffee/sensor"]["colour"] == "green"
    assert health["metrics"]["coffee.fresh_pots"] == 1
    until(lambda: (tmp_path / "coffee.json").exists(), "the exported file")
    command = [sys.executable, "-P", "-m", "ptgbot", "coffee", "pots", str(tmp_path / "ptgbot.toml")]
    told = subprocess.run(command, env=environment(found), capture_output=True, text=True, check=False, timeout=60)
    assert (told.returncode, told.stdout) == (0, "blue: 3 cups, in lobby <b>\n")
    bot.stop()
    assert digest_of_ptgbot() == before


def test_the_state_loads_after_the_example_is_removed(start: Start) -> None:
    bot = start()
    bot.type("/op")
    bot.type("~add nova")
    bot.type("#brew blue lobby")
    bot.shows("coffee.html", "lobby")
    bot.stop()
    without = start(installed=False)
    without.type("+coffee")
    without.says("There is no command +coffee.")
    without.type("+tracks")
    without.says("1 track: nova")
    until(lambda: _is_gone(without, "coffee.html"), "the page of the example goes away")
    without.stop()
    again = start()
    again.shows("coffee.html", "lobby")
    again.stop()


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ('[features]\noff = ["cofee"]\n', "there is no feature cofee. Did you mean coffee?"),
        ("[coffee]\nminutes = 0\n", "coffee.minutes"),
        (
            '[[irc]]\nname = "i"\nserver = "localhost"\nchannels = [{ name = "#a", features = ["gatherin"] }]\n',
            "there is no feature gatherin. Did you mean gathering?",
        ),
    ],
)
def test_a_wrong_configuration_is_refused_with_a_sentence(
    tmp_path: Path, found: dict[str, str], table: str, sentence: str
) -> None:
    config = tmp_path / "ptgbot.toml"
    config.write_text(table, "utf-8")
    command = [sys.executable, "-P", "-m", "ptgbot", "run", str(config)]
    done = subprocess.run(command, env=environment(found), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert sentence in done.stderr
