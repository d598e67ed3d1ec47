"""What is installed beside us may be passed on together with us."""

from __future__ import annotations

import re
from importlib.metadata import metadata
from pathlib import Path

import pytest
from packaging.markers import Marker

LOCK = Path(__file__).parents[2] / ".ci/lock/run.txt"
LOCKED = re.findall(r"^([\w.-]+?)(?:\[.*?\])?==[^;\n\\]*(;[^\n\\]*)?", LOCK.read_text(), re.MULTILINE)
NAMES = sorted({name for name, marker in LOCKED if not marker or Marker(marker.strip("; ")).evaluate()})
GOOD = re.compile(
    r"\b(MIT|BSD|Apache|ISC|ISCL|Internet Systems Consortium|"
    r"PSF|Python Software Foundation|Python-2\.0|MPL|Mozilla Public|0BSD|Zlib|"
    r"Unlicense|Public Domain|CC0|MIT-CMU)\b",
    re.IGNORECASE,
)


def licence(name: str) -> str:
    """Return what a distribution says of its licence: expression, free text, classifiers."""
    about = metadata(name)
    fields = ("License-Expression", "License", "Classifier")
    texts = [text for name in fields for text in about.get_all(name) or []]
    return " | ".join(text[:200] for text in texts if "::" not in text or text.startswith("License"))


@pytest.mark.parametrize("name", NAMES)
def test_a_dependency_has_a_permissive_licence(name: str) -> None:
    found = licence(name)
    assert GOOD.search(found), found or "says nothing"


def test_own_licence_is_complete() -> None:
    text = (Path(__file__).parents[2] / "LICENSE").read_text()
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
