"""The documentation builds without a warning and leaves nothing out."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import attrs
import pytest
from docutils.nodes import make_id

from ptgbot import config
from ptgbot.chat.adapter import AdapterKind
from ptgbot.chat.commands import Command, Form
from ptgbot.feature import load_features
from ptgbot.gathering.model import empty
from ptgbot.gathering.shape import check
from ptgbot.router import Router
from ptgbot.service.changing import FIXED
from ptgbot.tables import key_of
from ptgbot_console.prompt import HELP
from ptgbot_irc.config import CONNECTING

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(page.stem for page in DOCS.glob("*.rst"))
KINDS: dict[str, AdapterKind] = {entry.name: entry.load() for entry in entry_points(group="ptgbot.adapters")}
COMMANDS = Router(load_features(), {}).commands


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the documentation where every warning is an error."""
    folder = tmp_path_factory.mktemp("docs")
    command = [sys.executable, "-P", "-m", "sphinx", "-n", "-W", "--keep-going", "-E", "-q"]
    made = subprocess.run(
        [*command, "-d", str(folder / "trees"), "-b", "html", str(DOCS), str(folder / "html")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return folder / "html"


def text_of(built: Path, page: str) -> str:
    """Return what a page says, without its marks."""
    body = (built / f"{page}.html").read_text(encoding="utf-8")
    return html.unescape(re.sub(r"<[^>]+>", "", body))


def classes(table: str, kind: type[Any]) -> list[tuple[str, str]]:
    """Return every key of a configuration class as its table and its name."""
    return [(table, key_of(one)) for one in attrs.fields(kind)]


TABLES: dict[str, type[Any]] = {
    **config.TABLES,
    **{feature.name: feature.settings for feature in load_features()},
    **{name: kind.config for name, kind in KINDS.items()},
}
KEYS = [key for name, kind in TABLES.items() for key in classes(name, kind)]


def test_every_page_is_built(built: Path) -> None:
    assert [page for page in PAGES if not (built / f"{page}.html").exists()] == []


def test_every_page_is_linked_from_readme_or_start() -> None:
    readme = (ROOT / "README.rst").read_text(encoding="utf-8")
    named = re.findall(r"``docs/(\w+)\.rst``", readme)
    assert set(named) <= set(PAGES)
    assert set(PAGES) - set(named) == {"index"}


@pytest.mark.parametrize(("table", "name"), KEYS)
def test_every_key_of_an_adapter_is_documented(built: Path, table: str, name: str) -> None:
    assert f'id="{make_id(f"key-{table}-{name}")}"' in (built / "configuration.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", TABLES.values(), ids=TABLES)
def test_every_key_says_what_it_is_for(kind: type[Any]) -> None:
    silent = [one.name for one in attrs.fields(kind) if not one.metadata.get("help", "").endswith(".")]
    assert silent == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: f"{command.form.value}{command.name}")
def test_every_command_is_documented(built: Path, command: Command[Any]) -> None:
    page = text_of(built, "commands")
    assert command.usage in page
    assert command.help in page
    assert command.example in page


def test_every_form_of_command_is_used() -> None:
    assert {command.form for command in COMMANDS} == set(Form)


def test_every_word_of_the_demos_prompt_is_documented() -> None:
    start = (DOCS / "start.rst").read_text(encoding="utf-8")
    words = re.findall(r"^  ?/(\w+)|(?<= )/(\w+)", HELP, re.MULTILINE)
    assert [word for pair in words for word in pair if word and f"``/{word}" not in start] == []


def test_every_key_of_the_state_is_documented() -> None:
    listed = re.findall(r"^``(\w+)``$", (DOCS / "state.rst").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(listed) == {*empty(), "timestamp"}


def test_example_of_a_state_has_valid_shape() -> None:
    source = (DOCS / "state.rst").read_text(encoding="utf-8")
    block = source.partition(".. code-block:: json\n\n")[2]
    example = json.loads(block)
    assert check(example)["eventid"] == "spring"


def test_the_example_of_a_configuration_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "irc-password").write_text("secret\n")
    example = (DOCS / "deploy/ptgbot.toml").read_text(encoding="utf-8")
    file = tmp_path / "ptgbot.toml"
    file.write_text(example)
    found = config.load(file)
    assert [settings.name for _, settings, _ in found.adapters] == ["example"]
    assert found.site
    assert found.site.url == "https://gathering.example.org/"


def test_every_file_of_a_deployment_is_shown() -> None:
    sources = "".join((DOCS / f"{page}.rst").read_text(encoding="utf-8") for page in PAGES)
    files = [file.relative_to(DOCS).as_posix() for file in (DOCS / "deploy").rglob("*") if file.is_file()]
    unseen = [name for name in files if f":: {name}" not in sources and "/roles/" not in name]
    # Grafana's file is for Grafana.
    assert unseen == ["deploy/prometheus/grafana.json"]


def test_every_key_that_needs_restart_is_documented() -> None:
    page = (DOCS / "operations.rst").read_text(encoding="utf-8")
    rows = re.findall(r"^   \* - (``\[.*)\n     - (.*)$", page, re.MULTILINE)
    told = {(key, why) for keys, why in rows for key in re.findall(r"``(\[\w+\] \w+)``", keys)}
    assert told == {(f"[{table}] {key}", why) for table, keys in FIXED.items() for key, why in keys.items()}


def test_every_key_that_reconnects_irc_is_documented() -> None:
    page = (DOCS / "operations.rst").read_text(encoding="utf-8")
    sentence = page.partition("when one of these keys of ``[[irc]]`` changes:")[2].partition(". On Matrix")[0]
    assert {*re.findall(r"``(\w+)``", sentence)} == CONNECTING
    assert KINDS["matrix"].live == {"rooms", "room"}
