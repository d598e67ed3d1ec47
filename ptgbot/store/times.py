"""The form of moments in the journal."""

from __future__ import annotations

from datetime import UTC, datetime


def stamp(at: datetime) -> str:
    """Return a moment in ISO 8601, in UTC with microseconds. ``at`` must be aware."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str) -> datetime:
    """Parse the form that :func:`stamp` returns.

    Raises:
        ValueError: the text is not a moment.
    """
    return datetime.fromisoformat(text)
