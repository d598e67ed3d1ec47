"""The pages of the bot with every builder, warnings as errors; the state by hand."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "site" / "ptgbot_site" / "project"


def build(builder: str, output: Path, *options: str) -> subprocess.CompletedProcess[str]:
    source = output / "src"
    shutil.copytree(PROJECT, source, dirs_exist_ok=True)
    command = [sys.executable, "-P", "-m", "sphinx", "-q", "-W", "-n", "--keep-going", "-b", builder]
    return subprocess.run(
        [*command, *options, str(source), str(output / builder), "-d", str(output / "doctrees")],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


STATE = ("-D", f"ptg_state={ROOT / 'base.json'}", "-D", "ptg_timezone=Europe/Helsinki")


@pytest.mark.parametrize(
    ("builder", "page"),
    [
        ("html", "schedule.html"),
        ("dirhtml", "schedule/index.html"),
        ("singlehtml", "index.html"),
        ("text", "schedule.txt"),
        ("latex", "site.tex"),
        ("man", "gathering.1"),
        ("epub", "schedule.xhtml"),
        ("xml", "schedule.xml"),
    ],
)
def test_every_builder_shows_the_state_without_a_warning(tmp_path: Path, builder: str, page: str) -> None:
    done = build(builder, tmp_path, *STATE)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Lighthouse" in (tmp_path / builder / page).read_text()


def test_gettext_holds_no_state(tmp_path: Path) -> None:
    done = build("gettext", tmp_path, *STATE)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Lighthouse" not in "".join(path.read_text() for path in (tmp_path / "gettext").glob("*.pot"))


def test_two_processes_write_the_same_pages_as_one(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    assert build("html", one, *STATE).returncode == 0
    assert build("html", two, *STATE, "-j", "2").returncode == 0
    for page in (one / "html").glob("*.html"):
        without_date = [
            [line for line in (folder / "html" / page.name).read_text().splitlines() if "last changed" not in line]
            for folder in (one, two)
        ]
        assert without_date[0] == without_date[1]


def test_pages_without_state_say_so(tmp_path: Path) -> None:
    assert build("text", tmp_path).returncode == 0
    assert "set ptg_state" in (tmp_path / "text" / "links.txt").read_text()


@pytest.mark.parametrize("content", [None, "{", "[]", '{"tracks": 1}'])
def test_unreadable_state_stops_build_with_a_sentence(tmp_path: Path, content: str | None) -> None:
    state = tmp_path / "odd.json"
    if content is not None:
        state.write_text(content)
    done = build("html", tmp_path, "-D", f"ptg_state={state}")
    assert done.returncode != 0
    assert "odd.json can't be shown" in done.stderr
