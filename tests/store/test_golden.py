"""Files that version 1 wrote: a later version reads the same from them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ptgbot.config import Config, from_tables
from ptgbot.exports import main_file
from ptgbot.following import features_of
from ptgbot.gathering.document import SPARSE, dump
from ptgbot.service import open_state
from ptgbot.site_facts import projection_of
from ptgbot.store.opening import Opened
from tests.store.conftest import files, run

GOLDEN = Path(__file__).parents[1] / "data" / "golden" / "v1"
NEXT = datetime(2026, 11, 16, 8, 11, 20, tzinfo=UTC)
"""When ``next.json`` would have been exported."""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    for name in ("ptg.json", "ptg.journal.jsonl", "ptg.journal.001.jsonl"):
        shutil.copy(GOLDEN / name, tmp_path)
    tables = {"state": {"path": "ptg.json"}, "site": {"output": "html", "url": "https://ptg.example.org/"}}
    return from_tables(tables, tmp_path, "golden")


@pytest.fixture
def opened(config: Config) -> Iterator[Opened]:
    found = run(open_state(config))
    yield found
    files(found).abandon()


@pytest.fixture
def expected() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GOLDEN / "expected.json").read_bytes())
    return found


def test_golden_journal_replays_to_same_state(opened: Opened, expected: dict[str, Any]) -> None:
    state = opened.state
    # The core and other features had no state then, and the gathering lacked these keys.
    found: dict[str, Any] = {name: tree for name, tree in state.committed.items() if name in expected["state"]}
    found["gathering"] = {key: value for key, value in found["gathering"].items() if value or key not in SPARSE}
    assert json.dumps(found) == json.dumps(expected["state"])
    assert state.working == state.committed
    assert (state.seq, state.number) == (expected["seq"], expected["number"])
    assert opened.notes == []


def test_golden_positions_and_handled_messages_survive(opened: Opened, expected: dict[str, Any]) -> None:
    state = opened.state
    assert (state.cursors, state.handled) == (expected["cursors"], expected["handled"])
    assert [export.to_json() for export in state.exports] == expected["exports"]


def test_golden_records_are_read_from_all_files(opened: Opened, expected: dict[str, Any]) -> None:
    records = list(opened.state.log.records)
    assert [record.to_json() for record in records] == expected["records"]
    assert [r.number for r in records if opened.state.log.undone(r.number)] == expected["undone"]


def test_golden_state_exports_same_bytes(opened: Opened, config: Config) -> None:
    state, changed = opened.state, opened.state.changed
    assert changed is not None
    rendered = main_file(config, features_of(config)).format.render(state.committed["gathering"], NEXT, changed)  # type: ignore[arg-type]
    assert rendered == (GOLDEN / "next.json").read_bytes()


def test_golden_state_shows_same_public_file(opened: Opened, config: Config) -> None:
    shown = projection_of(config, features_of(config)).update(opened.state.committed, opened.state.derived, NEXT)
    public = json.loads((GOLDEN / "site" / "ptg.json").read_bytes())
    # Version 1 showed where people had been.
    here = {key: where for key, where in public["last_check_in"].items() if not where["out"]}
    assert here != public["last_check_in"]
    assert shown.files["ptg.json"] == dump({**public, "last_check_in": here})
