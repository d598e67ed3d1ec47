"""A small store without a gathering: a feature whose part of the state is exported as plain JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from attrs import frozen

from ptgbot.store.edits import Edit, Tree, difference
from ptgbot.store.export import ExportFile, Unreadable
from ptgbot.store.history import HISTORY
from ptgbot.store.opening import Opened, Opening

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)


@frozen
class Plain:
    """The part named ``part`` as it is."""

    feature: str = "part"

    def render(self, tree: Tree, at: datetime, changed: datetime) -> bytes:
        return json.dumps(tree, sort_keys=True).encode()

    def parse(self, raw: bytes) -> Tree:
        try:
            tree = json.loads(raw)
        except ValueError as error:
            raise Unreadable(str(error)) from error
        if not isinstance(tree, dict):
            raise Unreadable("expected an object.")
        return tree

    def changes(self, before: Tree, after: Tree) -> list[Edit]:
        was, now = before.get("days"), after.get("days")
        if isinstance(was, dict) and isinstance(now, dict) and [*was] != [*now]:
            return [Edit(["days"], was, now)]
        return difference(before, after)


Open = Callable[..., Opened]


@pytest.fixture
def open_store(tmp_path: Path) -> Open:
    """Open the store in the test's folder."""

    def opening(*, discard_edits: bool = False, history: int = HISTORY) -> Opened:
        empty: Tree = {"part": {"box": {}}}
        file = ExportFile(tmp_path / "ptg.json", Plain())
        return Opening(file, empty, lambda _state: None, NOON, discard_edits, history).open()

    return opening
