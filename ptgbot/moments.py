"""The moment that a build shows."""

from __future__ import annotations

import os
from datetime import UTC, datetime


def moment_shown() -> datetime:
    """Return the moment that ``SOURCE_DATE_EPOCH`` names, else the time now (UTC, aware).

    The variable is that of https://reproducible-builds.org/specs/source-date-epoch/. Raises ValueError with a sentence
    where it holds no number of seconds.
    """
    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not text:
        return datetime.now(UTC)
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"SOURCE_DATE_EPOCH is {text!r}; it must be a number of seconds since 1970") from error
