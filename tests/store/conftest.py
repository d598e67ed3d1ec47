"""A small store without a gathering: a feature whose part of the state is exported as plain JSON."""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from attrs import frozen

from ptgbot.store.edits import Edit, Tree, difference
from ptgbot.store.export import ExportFile, Unreadable
from ptgbot.store.file import FileStore
from ptgbot.store.history import HISTORY
from ptgbot.store.opening import Opened, Opening
from ptgbot.store.state import Derivation

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

    def stamped(self, raw: bytes) -> None:
        return None

    def changes(self, before: Tree, after: Tree) -> list[Edit]:
        was, now = before.get("days"), after.get("days")
        if isinstance(was, dict) and isinstance(now, dict) and [*was] != [*now]:
            return [Edit(["days"], was, now)]
        return difference(before, after)


Open = Callable[..., Opened]
T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Wait for something asynchronous, inside and outside a running loop."""
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def files(opened: Opened) -> FileStore:
    """Return the store of an opened state."""
    assert isinstance(opened.store, FileStore)
    return opened.store


@pytest.fixture
def open_store(tmp_path: Path) -> Open:
    """Open the store in the test's folder."""

    def opening(*, discard_edits: bool = False, history: int = HISTORY, derivation: Derivation | None = None) -> Opened:
        empty: Tree = {"part": {"box": {}}}
        file = ExportFile(tmp_path / "ptg.json", Plain())
        store = FileStore.beside(file.path)
        derive = derivation or Derivation()
        return run(Opening(store, file, empty, lambda _state: None, NOON, discard_edits, history, derive).open())

    return opening
