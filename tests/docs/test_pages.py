"""Code blocks of the documentation are right: they parse, and they name only commands that exist."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ptgbot.chat.commands import Form
from ptgbot.cli import parser
from ptgbot.exits import Exit
from ptgbot.feature import known_features, load_features
from ptgbot.metrics import METRICS, PROCESS
from ptgbot.router import Router
from ptgbot.tools import VERBS
from tests.servers.programs import need

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {page.stem: page.read_text(encoding="utf-8") for page in sorted(DOCS.glob("*.rst"))}
READERS = ("attendees", "moderators", "admins", "runbooks")
"""Pages that name commands of the chat."""
COMMANDS = {
    (command.form, word)
    for command in Router(load_features(), {}).commands
    for word in (command.name, *command.aliases)
}


def blocks(language: str) -> list[tuple[str, str]]:
    """Return every block of a language with the name of its page."""
    marked = re.compile(rf"^( *)\.\. code-block:: {language}\n\n((?:\1   .*\n|\n)+)", re.MULTILINE)
    return [
        (name, re.sub(rf"^{found[1]}   ", "", found[2], flags=re.MULTILINE))
        for name, text in PAGES.items()
        for found in marked.finditer(text)
    ]


SHELL = blocks("sh")
CALLS = sorted({call for _, text in SHELL for call in re.findall(r"(?<=bin/ptgbot )[a-z][^|>\n]*", text)})


@pytest.mark.parametrize(("page", "text"), SHELL, ids=[name for name, _ in SHELL])
def test_shell_block_can_be_parsed(page: str, text: str) -> None:
    done = subprocess.run(["bash", "-n", "-c", text], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), page


@pytest.mark.parametrize("call", CALLS)
def test_call_of_the_program_is_possible(call: str) -> None:
    words = shlex.split(call)
    options = parser(words).parse_args(words)
    assert options.call


@pytest.mark.parametrize("name", sorted(PAGES))
def test_inline_call_of_the_program_exists(name: str) -> None:
    known = {verb.name for verb in VERBS} | {"completion"} | known_features().keys()
    called = re.findall(r"``ptgbot ([a-z]+)\b(?!\.)", PAGES[name])
    assert set(called) <= known | {"coffee"}


NOT_OURS = ("adapter", "people")
"""Pages whose blocks are no configuration of the bot: parts of a distribution and of a list of people."""
TOML = [one for one in blocks("toml") if one[0] not in NOT_OURS]
STATE = '[state]\npath = "ptg.json"\n'
IRC = """[[irc]]
name = "libera"
server = "irc.example.org"
nick = "ptgbot"
login = "none"
channels = ["#infra", "#nova", "#example-ops", "#example-social", "#example-infra", "#ops"]
"""
MATRIX = """[[matrix]]
homeserver = "https://matrix.example.org"
user = "@ptgbot:example.org"
password_file = "password"
rooms = ["#infra:example.org"]
store = "matrix-store"
"""


@pytest.mark.parametrize(("page", "text"), TOML, ids=[name for name, _ in TOML])
def test_configuration_block_can_be_used(page: str, text: str, tmp_path: Path) -> None:
    config = completed(text)
    for name in re.findall(r'_file = "([^"/]+)"', config):
        (tmp_path / name).write_text("secret")
        (tmp_path / name).chmod(0o600)
    (tmp_path / "ptgbot.toml").write_text(config)
    command = [sys.executable, "-m", "ptgbot", "check", "--offline", str(tmp_path / "ptgbot.toml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, f"{page}: {done.stdout}{done.stderr}"


@pytest.mark.parametrize(("page", "text"), [one for one in blocks("toml") if one not in TOML])
def test_other_table_can_be_parsed(page: str, text: str) -> None:
    assert tomllib.loads(text), page


def completed(text: str) -> str:
    """Return a block of configuration with what it leaves to others."""
    text = text.replace("/etc/ptgbot/", "").replace('"meadow/', '"libera/')
    for head, whole, key in (("[[irc]]", IRC, "server"), ("[[matrix]]", MATRIX, "homeserver")):
        first = text.partition(head)[2].partition("\n[")[0]
        if head in text and not re.search(rf"^{key} =", first, re.MULTILINE):
            text = text.replace(head, whole, 1)
    # Keys without a table, and tables of channels, belong to the network before.
    before = [STATE, *(MATRIX,) * ("[[matrix]]" not in text), *(IRC,) * ("[[irc]]" not in text)]
    return "\n".join([*before, text])


@pytest.mark.parametrize("page", READERS)
def test_page_names_commands_that_exist(page: str) -> None:
    named = re.findall(r"``([+~][a-z]+|#nova [a-z]+)", PAGES[page])
    assert named
    assert [line for line in named if not known(line)] == []


def known(line: str) -> bool:
    """Say whether a command of the chat exists."""
    if line.startswith("#"):
        return (Form.TRACK, line.split()[1]) in COMMANDS
    return ({"+": Form.USER, "~": Form.ADMIN}[line[0]], line[1:]) in COMMANDS or line[1:] == "help"


def test_every_metric_is_documented(text_pages: Path) -> None:
    page = " ".join((text_pages / "observability.txt").read_text(encoding="utf-8").split())
    assert [one.name for one in METRICS if f'"{one.name}"' not in page or one.help not in page] == []
    assert [name for name in PROCESS if f'"{name}"' not in page] == []


def test_every_exit_status_is_documented(text_pages: Path) -> None:
    page = (text_pages / "observability.txt").read_text(encoding="utf-8")
    assert [status for status in Exit if f'"{status.value}"' not in page] == []


def test_every_command_of_the_program_is_documented(text_pages: Path) -> None:
    page = (text_pages / "program.txt").read_text(encoding="utf-8")
    assert [verb.name for verb in VERBS if f"usage: ptgbot {verb.name}" not in page] == []


def test_text_pages_have_no_marks_left(text_pages: Path) -> None:
    left = re.compile(r"(?:^|\s):[a-z]+:`|``|^\.\. [a-z-]+::", re.MULTILINE)
    found = {page.stem: left.findall(page.read_text(encoding="utf-8")) for page in text_pages.glob("*.txt")}
    # Pages whose subject is source.
    shown = {"adapter", "commands", "contributing", "extension", "features", "hooks"}
    assert {name for name, marks in found.items() if marks} <= shown


def test_spelling_of_every_page(text_pages: Path) -> None:
    """Words that no dictionary has stand in ``docs/words.txt``, one on each line, sorted."""
    need("aspell", "apt-get install aspell aspell-en")
    known_words = (DOCS / "words.txt").read_text(encoding="utf-8").split()
    assert known_words == sorted(set(known_words))
    pages = {page.stem: page.read_text(encoding="utf-8") for page in text_pages.glob("*.txt")}
    wrong = {name: misspelt(text, set(known_words)) for name, text in pages.items()}
    assert {name: words for name, words in wrong.items() if words} == {}


def misspelt(text: str, known_words: set[str]) -> list[str]:
    """Return the words of a page, without code and names, that are in neither list."""
    plain = re.sub(r'"[^"\n]*(?:\n[^"\n]*)?"', " ", text)  # the text builder puts code into these
    plain = re.sub(r"^   .*$", lambda line: "" if CODE.search(line[0]) else line[0], plain, flags=re.MULTILINE)
    plain = re.sub(r"['’]s\b", "", plain)
    plain = re.sub(r"\S*[/@._=#~+<>$-]\S*\w|\S*\d\S*", " ", plain)
    command = ["aspell", "--lang=en_GB", "--ignore-case", "--ignore=2", "list"]
    found = subprocess.run(command, input=plain, capture_output=True, text=True, check=True).stdout.split()
    return sorted({word for word in found if word.lower() not in known_words})


CODE = re.compile(r"[={}\\$|]|^ +(?:usage|import|from|def|class|return|async|if|for|#|- |\w+:)")
