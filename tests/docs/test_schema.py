"""The JSON Schema of ``ptg.json`` accepts the documents that the program accepts, and refuses the others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptgbot.gathering.model import empty
from ptgbot.gathering.shape import CHECKS, check
from ptgbot.store.export import Unreadable

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs/ptg.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
SIMPLE = st.none() | st.booleans() | st.integers(-1, 3) | st.sampled_from(["", "a", "b"])
NAMES = st.sampled_from(["a", "b", "name", "level", "message", "state", "until", "shared", "nick", "in", "moderators"])
VALUES = st.recursive(SIMPLE, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3))


def accepts(document: dict[str, Any]) -> bool:
    try:
        check(document)
    except Unreadable as error:
        # No schema can say that names must differ after folding.
        return "are the same track" in str(error) or "stands there twice" in str(error)
    return True


def test_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_schema_describes_every_key() -> None:
    assert set(SCHEMA["properties"]) == {*empty(), "timestamp"} == set(CHECKS)
    assert all(one["description"].endswith(".") for one in SCHEMA["properties"].values())


@pytest.mark.parametrize("name", ["base.json", "docs/example.json"])
def test_our_documents_are_valid(name: str) -> None:
    VALIDATOR.validate(json.loads((ROOT / name).read_text(encoding="utf-8")))


@given(st.sampled_from(sorted(CHECKS)), VALUES)
def test_schema_agrees_with_the_program(key: str, value: Any) -> None:
    document = {key: value}
    assert VALIDATOR.is_valid(document) == accepts(document), document
