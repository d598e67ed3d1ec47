"""The texts by which comments of CI systems are read, as patterns of RE2 that operators may change.

Every text of Zuul can be configured for each of its pipelines, so these are only the defaults. RE2 needs linear time.
"""

from __future__ import annotations

import functools
from typing import Any, Final

import re2
from attrs import Attribute, field, frozen

_MEMORY: Final = 8 << 20
"""Most bytes that a pattern may need."""
_SUMMARY_OK: Final = r"(?i)^\s*Build (?:succeeded|successful)\b(?: \(([^()\n]*?) pipeline\))?"
_SUMMARY_FAILED: Final = r"(?i)^\s*Build failed\b(?: \(([^()\n]*?) pipeline\))?"


def is_pattern(_instance: object, _attribute: Attribute[Any], value: str) -> None:
    """Validate a setting that is a pattern.

    Raises:
        ValueError: RE2 refuses it.
    """
    try:
        compiled(value)
    except re2.error as error:
        raise ValueError(f"{value!r} is no pattern of RE2: {error}") from error


def _setting(default: str, text: str) -> str:
    """Return an attrs field for a setting that is a pattern."""
    made: str = field(default=default, validator=is_pattern, metadata={"help": text})
    return made


@functools.lru_cache(maxsize=1000)
def compiled(written: str) -> Any:
    """Return a compiled pattern.

    Raises:
        re2.error: it is invalid or needs too much memory.
    """
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    return re2.compile(f"(?m){written}", options)


def find(written: str, text: str) -> Any:
    """Return the first match of a pattern in a text, None if there is none."""
    return compiled(written).search(text)


@frozen
class Patterns:
    """The ``[ci.patterns]`` table: the texts by which comments are read. A group is the name of the pipeline."""

    started: str = _setting(r"(?i)^\s*(?:Starting (\S+) jobs\b|Build Started\b)", "A CI has begun.")
    succeeded: str = _setting(_SUMMARY_OK, "The summary of a success.")
    failed: str = _setting(_SUMMARY_FAILED, "The summary of a failure.")
    merge_failure: str = _setting(
        r"(?i)^\s*Merge Failed\.|unable\s+to\s+be\s+automatically\s+merged",
        "The patch set cannot be merged, told without a summary.",
    )
    config_error: str = _setting(
        r"(?i)Zuul encountered an? (?:[^.\n]{0,200} )?error|dependency\s+cycle\s+that\s+failed",
        "The configuration of the CI is at fault, told without a summary.",
    )
    unmergeable: str = _setting(
        r"(?i)depends\s+on\s+a\s+change\s+that\s+failed\s+to\s+merge|missing\s+merge\s+requirement"
        r"|not\s+merged\s+by\s+the\s+code\s+review\b",
        "Something that the change needs cannot be merged, told without a summary.",
    )
    canceled: str = _setting(r"(?i)^\s*Build canceled\.", "The run was canceled.")
    recheck: str = _setting(r"(?i)\A(?:recheck)\b", "A person asks for a rerun, at the beginning of the text.")
