"""The published schema of ``schedule.json`` (tests/data/frab/SOURCE.rst), with the formats it names asserted."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft6Validator, FormatChecker

_SCHEMA = Path(__file__).parents[1] / "data/frab/schema.json"


def _is_moment(value: object) -> bool:
    """RFC 3339: a time without an offset is none."""
    return not isinstance(value, str) or ("T" in value and datetime.fromisoformat(value).tzinfo is not None)


def _is_address(value: object) -> bool:
    """RFC 3986: absolute, in ASCII without blanks."""
    return not isinstance(value, str) or bool(urlsplit(value).scheme and re.fullmatch(r"[!#-;=?-Z_a-z~\[\]@]+", value))


def _is_colour(value: object) -> bool:
    return not isinstance(value, str) or bool(re.fullmatch(r"#[0-9a-fA-F]{6}", value))


def _validator() -> Draft6Validator:
    formats = FormatChecker(["date", "uuid"])
    formats.checks("date-time", ValueError)(_is_moment)
    formats.checks("uri", ValueError)(_is_address)
    formats.checks("color")(_is_colour)
    text = re.sub(r"^\s*//.*$", "", _SCHEMA.read_text(encoding="utf-8"), flags=re.MULTILINE)
    schema = json.loads(text)
    Draft6Validator.check_schema(schema)
    return Draft6Validator(schema, format_checker=formats)


_VALIDATOR = _validator()


def faults(document: Any) -> list[str]:
    """Return what the schema has against a document, with where it stands."""
    return [f"{error.json_path}: {error.message}" for error in _VALIDATOR.iter_errors(document)]
