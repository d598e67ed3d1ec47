"""Kinds of records: how the journal writes them and reads those of version 1."""

from __future__ import annotations

import pytest

from ptgbot.store.record import Kind, Record
from tests.store.conftest import NOON


def record(kind: Kind, key: str = "mira", network: str = "irc") -> Record:
    return Record(1, "part", NOON, key, key, network, "#c", "#c", "x", kind=kind)


@pytest.mark.parametrize("kind", Kind)
def test_kind_survives_the_journal(kind: Kind) -> None:
    made = record(kind, "file", "") if kind is Kind.FILE else record(kind)
    assert Record.from_json(made.to_json()) == made


@pytest.mark.parametrize(("kind", "key", "network"), [(Kind.COMMAND, "mira", "irc"), (Kind.FILE, "file", "")])
def test_kinds_of_version_one_are_not_written(kind: Kind, key: str, network: str) -> None:
    tree = record(kind, key, network).to_json()
    assert "kind" not in tree
    assert Record.from_json(tree).kind is kind


def test_somebody_named_file_types_commands() -> None:
    assert Record.from_json(record(Kind.COMMAND, "file", "irc").to_json()).kind is Kind.COMMAND


def test_forgetting_somebody_named_file_leaves_files_recognised() -> None:
    imported = record(Kind.FILE, "file", "")
    assert Record.from_json(imported.without("file", []).to_json()).kind is Kind.FILE


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="rumour"):
        Record.from_json({**record(Kind.TICK).to_json(), "kind": "rumour"})
