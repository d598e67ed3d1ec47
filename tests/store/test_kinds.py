"""Kinds of records: how the journal writes them and reads those of version 1."""

from __future__ import annotations

import pytest

from ptgbot.store.record import Cause, Record
from tests.store.conftest import NOON


def record(kind: Cause, key: str = "mira", network: str = "irc") -> Record:
    return Record(1, "part", NOON, key, key, network, "#c", "#c", "x", kind=kind)


@pytest.mark.parametrize("kind", Cause)
def test_kind_survives_the_journal(kind: Cause) -> None:
    made = record(kind, "file", "") if kind is Cause.FILE else record(kind)
    assert Record.from_json(made.to_json()) == made


@pytest.mark.parametrize(("kind", "key", "network"), [(Cause.COMMAND, "mira", "irc"), (Cause.FILE, "file", "")])
def test_kinds_of_version_one_are_not_written(kind: Cause, key: str, network: str) -> None:
    tree = record(kind, key, network).to_json()
    assert "kind" not in tree
    assert Record.from_json(tree).kind is kind


def test_somebody_named_file_types_commands() -> None:
    assert Record.from_json(record(Cause.COMMAND, "file", "irc").to_json()).kind is Cause.COMMAND


def test_forgetting_somebody_named_file_leaves_files_recognised() -> None:
    imported = record(Cause.FILE, "file", "")
    assert Record.from_json(imported.without("file", []).to_json()).kind is Cause.FILE


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="rumour"):
        Record.from_json({**record(Cause.TICK).to_json(), "kind": "rumour"})
