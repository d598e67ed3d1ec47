"""What is said of odd values in the exported files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ptgbot.cli import main
from ptgbot.config import Config, StateConfig
from ptgbot.exits import Exit
from ptgbot.store.export import Unreadable
from ptgbot.testing import START
from ptgbot.tools.checking import odd_values
from tests.gathering.sample import document
from tests.test_cli import configuration, ran


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


def test_unusable_output_is_missing_and_nothing_usable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = configuration(tmp_path)
    (tmp_path / "html").mkdir()
    assert main(["check", "--offline", config]) == Exit.CONFIGURATION
    *found, last = capsys.readouterr().out.splitlines()
    assert any(line.startswith("MISSING: ") and "exists and is not ours" in line for line in found)
    assert last == "The bot can't work yet: 1 missing. Adapters: console."


def test_configuration_without_network_and_work_is_unusable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configuration(tmp_path, '[site]\noutput = "html"\n')
    assert main(["check", "--offline", config]) == main(["run", config]) == Exit.CONFIGURATION
    said = capsys.readouterr()
    assert "MISSING: no adapter. Write an [[irc]] table." in said.out
    assert said.err.endswith("no adapter. Write an [[irc]] table.\n")


def test_strict_check_fails_on_odd_values(tmp_path: Path) -> None:
    config = configuration(tmp_path)
    document = json.loads((tmp_path / "ptg.json").read_bytes())
    (tmp_path / "ptg.json").write_text(json.dumps({**document, "urls": {"nova": "javascript:x"}}))
    assert main(["check", "--offline", config]) == Exit.STOPPED
    assert main(["check", "--offline", "--strict", config]) == Exit.CONFIGURATION


def test_zone_that_does_not_count_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = configuration(tmp_path, '[gathering]\ntimezone = "Asia/Tokyo"\n[[console]]\n')
    document = json.loads((tmp_path / "ptg.json").read_bytes())
    (tmp_path / "ptg.json").write_text(json.dumps({**document, "timezone": "Europe/Berlin"}))
    assert main(["check", "--offline", config]) == Exit.STOPPED
    sentence = "[gathering] timezone = “Asia/Tokyo” does not count, because the state has “Europe/Berlin”."
    assert sentence in capsys.readouterr().out
    events = [json.loads(line)["event"] for line in ran(["run", config], "").stderr.splitlines()]
    assert any(sentence in event for event in events)


@pytest.mark.parametrize("command", ["status", "reload", "stop"])
def test_no_running_bot_ends_with_3(tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, configuration(tmp_path)]) == Exit.STATE
    assert "no bot runs at" in capsys.readouterr().err
