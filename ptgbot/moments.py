"""The moment that a build shows."""

from __future__ import annotations

import os
from datetime import UTC, datetime


def moment_shown() -> datetime:
    """Return the moment in the variable ``SOURCE_DATE_EPOCH``, else the present time (UTC, aware).

    Source: https://reproducible-builds.org/specs/source-date-epoch/.

    Raises:
        ValueError: the variable is not a number of seconds; the message is a sentence for people.
    """
    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not text:
        return datetime.now(UTC)
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"SOURCE_DATE_EPOCH is {text!r}; it must be a number of seconds since 1970") from error
