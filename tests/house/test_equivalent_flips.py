"""The flips that count as changing nothing are those of the present sources, each with its reason."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
FLIPS = tomllib.loads((ROOT / "tests/mutation/equivalent.toml").read_text())["flip"]


def test_each_equivalent_flip_stands_in_its_file() -> None:
    gone = [
        (flip["file"], flip["was"])
        for flip in FLIPS
        if flip["was"] not in map(str.strip, (ROOT / flip["file"]).read_text().splitlines())
    ]
    assert gone == []


def test_each_equivalent_flip_has_a_reason() -> None:
    assert [flip for flip in FLIPS if not flip["why"].endswith(".") or flip["was"] == flip["now"]] == []
