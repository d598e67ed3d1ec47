"""What is said of odd values in the exported files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ptgbot.config import Config, StateConfig
from ptgbot.store.export import Unreadable
from ptgbot.testing import START
from ptgbot.tools.checking import odd_values
from tests.gathering.sample import document


def said(path: Path) -> list[str]:
    return list(odd_values(Config(StateConfig(path)), START))


def test_odd_values_are_told_with_their_file(tmp_path: Path) -> None:
    path = tmp_path / "ptg.json"
    path.write_text(json.dumps(document()))
    assert said(path) == []
    path.write_text(json.dumps(document(urls={"nova": "javascript:x"})))
    [sentence] = said(path)
    assert sentence.startswith("ptg.json: ")


def test_a_missing_file_has_no_odd_values(tmp_path: Path) -> None:
    assert said(tmp_path / "ptg.json") == []


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ptg.json"
    path.write_text("[]")
    with pytest.raises(Unreadable) as caught:
        said(path)
    assert str(caught.value).startswith(f"{path}: ")
