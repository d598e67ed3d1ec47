"""What is committed belongs to no single machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Put together here, so that this file is not found itself.
PLACES = re.compile("|".join(f"(?<![\\w.])/{name}/" for name in ("work", "root", "Users", "home")))
REGISTRIES = re.compile("|".join(name + r"\." + end for name, end in (("pypi", "org"), ("pythonhosted", "org"))))


def committed() -> list[Path]:
    """Return every file of text that git knows."""
    try:
        names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no clone")
    files = [ROOT / name for name in names.split("\0") if name]
    return [file for file in files if file.is_file() and file.suffix not in {".png", ".ico"}]


@pytest.mark.parametrize("unwanted", [PLACES, REGISTRIES], ids=["machine", "registry"])
def test_no_file_names_what_only_one_machine_has(unwanted: re.Pattern[str]) -> None:
    found = [
        f"{file.relative_to(ROOT)}: {match[0]}"
        for file in committed()
        if (match := unwanted.search(file.read_text(encoding="utf-8", errors="replace")))
    ]
    assert found == []


def test_there_is_no_init_in_tests() -> None:
    # The example feature is a distribution of its own.
    found = [file for file in (ROOT / "tests").rglob("__init__.py") if "coffee" not in file.parts]
    assert [str(file) for file in found if "node_modules" not in file.parts] == []
