"""``kill -9`` at random moments: no acknowledged change lost, none doubled, always a readable ``ptg.json``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

KILLER = Path(__file__).with_name("killer.py")


def run(folder: Path, rounds: int, seed: int) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(KILLER), str(folder), str(rounds), str(seed)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_sixty_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    assert "60 kills" in run(tmp_path, 60, 1)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_thousand_kills_lose_and_double_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = run(tmp_path, 1000, 7)
    with capsys.disabled():
        print(shown)
    assert "1000 kills" in shown
