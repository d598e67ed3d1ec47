"""The tours of README and documentation do in the demo what they say, typed line by line."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ptgbot_console.prompt import HELP

ROOT = Path(__file__).parents[2]
REFUSALS = re.compile(r"there is no|did you mean|isn't|is not|can't|only|unknown|already|type \+help|prompt has", re.I)


def typed(page: str) -> list[str]:
    """Return the lines of a page that are to be typed."""
    return re.findall(r"^   ([+~#/][a-z].*)$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)


def helped() -> list[str]:
    """Return the lines that the prompt's own help suggests."""
    examples = HELP.partition("Try these:\n")[2].splitlines()
    found = [line.strip().partition("   ")[0] for line in examples]
    return [part for line in found for part in line.split(", then ")]


def demo(lines: list[str]) -> list[str]:
    """Return what the demo answers."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "ptgbot", "demo"],
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [line for line in done.stdout.splitlines() if line.startswith("[")]


@pytest.mark.parametrize("page", ["README.rst", "docs/start.rst"])
def test_every_line_of_a_tour_is_accepted(page: str) -> None:
    answers = demo(typed(page))
    assert len(answers) > 8
    assert [answer for answer in answers if REFUSALS.search(answer)] == []


def test_every_suggested_line_is_accepted() -> None:
    answers = demo(helped())
    assert len(answers) >= len(helped()) - 1
    assert [answer for answer in answers if REFUSALS.search(answer)] == []


def test_the_readme_tells_runa_in_private() -> None:
    answers = demo(typed("README.rst"))
    assert "[private] runa: #networking now Ports, prefixes and quotas (Ballroom B)" in answers


def test_the_demo_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert demo(["#storage"])
    assert list(tmp_path.iterdir()) == []
