"""Fixtures: the documentation as plain text."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="session")
def text_pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every page as text, built where every warning is an error."""
    folder = tmp_path_factory.mktemp("docs-text")
    command = [sys.executable, "-P", "-m", "sphinx", "-n", "-W", "--keep-going", "-E", "-q", "-b", "text"]
    done = subprocess.run(
        [*command, "-d", str(folder / "trees"), str(DOCS), str(folder / "text")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "text"
