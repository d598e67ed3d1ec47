"""The README's commands are one line each, and what it tells people to type exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ptgbot.chat.commands import Form
from ptgbot.feature import load_features
from ptgbot.router import Router

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.rst").read_text(encoding="utf-8")
LINES = [line.strip() for line in README.splitlines() if line.startswith("   ")]
COMMANDS = {
    (command.form, word)
    for command in Router(load_features(), {}).commands
    for word in (command.name, *command.aliases)
}


def test_the_demo_is_one_line() -> None:
    assert "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/ptgbot demo" in LINES


def test_the_tests_are_one_line() -> None:
    assert "python3 -m venv .venv && .venv/bin/pip install tox && .venv/bin/tox -e tests" in LINES


def test_readme_begins_with_purpose_and_picture() -> None:
    what, picture, _ = README.partition(".. image:: docs/picture.png")
    assert picture
    assert len(what) < 1000


@pytest.mark.parametrize("page", ["README.rst", "docs/start.rst"])
def test_a_tour_uses_commands_that_exist(page: str) -> None:
    lines = re.findall(r"^   ([+~#][a-z].*)$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert lines
    for line in lines:
        assert _known(line), line


def _known(line: str) -> bool:
    word, _, rest = line[1:].partition(" ")
    if line[0] == "#":
        return (Form.TRACK, rest.partition(" ")[0]) in COMMANDS or not rest
    return ({"+": Form.USER, "~": Form.ADMIN}[line[0]], word) in COMMANDS or word == "help"


def test_start_page_has_the_command_of_readme() -> None:
    start = (ROOT / "docs/start.rst").read_text(encoding="utf-8")
    assert "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/ptgbot demo" in start
