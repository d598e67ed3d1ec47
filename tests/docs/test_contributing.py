"""The page for contributors says what the steps of CI do: the same locks, environments and commands."""

from __future__ import annotations

import configparser
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.test_pages import PAGES, blocks
from tests.site.test_catalogue import MAKER

ROOT = Path(__file__).parents[2]
PAGE = PAGES["contributing"]
SET_UP, WORDS, RELEASE = (text.strip().splitlines() for page, text in blocks("sh") if page == "contributing")


@pytest.fixture(scope="module")
def tox() -> configparser.ConfigParser:
    found = configparser.ConfigParser(interpolation=None)
    found.read(ROOT / "tox.ini", encoding="utf-8")
    return found


def test_set_up_installs_what_ci_installs(tox: configparser.ConfigParser) -> None:
    make, install_tox, locks, program = SET_UP
    readme = (ROOT / "README.rst").read_text("utf-8")
    (typed,) = re.findall(r"^ +(python3 -m venv .*tox -e tests)$", readme, re.MULTILINE)
    assert [make, install_tox] == typed.split(" && ")[:2]
    for name in re.findall(r"-r \.ci/lock/(\w+)\.txt", locks):
        assert tox[f"testenv:{name}"]["deps"] == f"-r {{tox_root}}{{/}}.ci{{/}}lock{{/}}{name}.txt"
    assert program == ".venv/bin/pip install --no-deps -e ."
    assert tox["testenv:types"]["package"] == "editable"


def test_every_environment_of_tox_is_named(tox: configparser.ConfigParser) -> None:
    known = {"tests", *(name.partition(":")[2] for name in tox.sections() if name.startswith("testenv:"))}
    section = PAGE.partition("``tox`` runs the checks")[2].partition("``.ci/run`` runs everything")[0]
    named = {*re.findall(r"``(\w+)``", section), *re.findall(r"``tox -e (\w+)``", section)} - {"PTGBOT_DEPLOY_CACHE"}
    assert named == known


def test_command_for_single_test_finds_tests() -> None:
    (command,) = re.findall(r"``\.venv/bin/pytest ([^`]+)``", PAGE)
    line = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", *shlex.split(command)]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "::" in done.stdout


def test_command_for_words_is_that_of_the_tests() -> None:
    (command,) = WORDS
    assert ROOT / shlex.split(command)[1] == MAKER


def test_release_is_made_by_a_step_of_ci() -> None:
    tag, make = RELEASE
    assert tag.startswith("git tag ")
    assert make == ".venv/bin/tox -e release"
    assert re.search(
        r"^step .* environment release$|^ *environment release\b", (ROOT / ".ci/run").read_text(), re.MULTILINE
    )
