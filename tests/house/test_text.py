"""Committed text names no single machine, and names of tests stay short."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_WORDS = 8
# Put together here, so that this file is not found itself.
PLACES = re.compile("|".join(f"(?<![\\w.])/{name}/" for name in ("work", "root", "Users", "home")))
REGISTRIES = re.compile("|".join(name + r"\." + end for name, end in (("pypi", "org"), ("pythonhosted", "org"))))


def committed() -> list[Path]:
    """Return every file of text that git knows."""
    try:
        names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("git lists no files here: this is a source archive and no clone")
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


def files_of_tests() -> list[Path]:
    """Return the modules below ``tests``."""
    return [file for file in committed() if file.suffix == ".py" and file.is_relative_to(ROOT / "tests")]


def names_of_tests(file: Path) -> list[str]:
    """Return the names of the test functions in a file, those in a class with the name of the class before them."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    scopes: list[tuple[str, list[ast.stmt]]] = [("", tree.body)]
    scopes += [(f"{node.name}.", node.body) for node in tree.body if isinstance(node, ast.ClassDef)]
    return [
        scope + node.name
        for scope, body in scopes
        for node in body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]


def test_test_names_have_at_most_eight_words() -> None:
    """A name says subject, condition and result; the docstring holds the rest."""
    long = [
        f"{file.relative_to(ROOT)}: {name}"
        for file in files_of_tests()
        for name in names_of_tests(file)
        if len(name.partition("test_")[2].split("_")) > MOST_WORDS
    ]
    assert long == []


def test_test_names_differ_within_a_file() -> None:
    """Python keeps only the last of two functions of one name, so the first would never run."""
    twice = [
        f"{file.relative_to(ROOT)}: {name}"
        for file in files_of_tests()
        for name, count in Counter(names_of_tests(file)).items()
        if count > 1
    ]
    assert twice == []
