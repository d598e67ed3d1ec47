"""Entries of the state as the program reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ptgbot.gathering.model import check_in

IN, OUT = "2026-11-16 09:00:00", "2026-11-16 10:00:00"


@pytest.mark.parametrize(
    ("out", "left"),
    [
        (None, None),
        ("", None),
        (OUT, datetime(2026, 11, 16, 10, tzinfo=UTC)),
        ("yesterday", datetime.min.replace(tzinfo=UTC)),
    ],
)
def test_who_left_at_an_unknown_time_has_left(out: str | None, left: datetime | None) -> None:
    found = check_in("mira", {"nick": "Mira", "location": "#nova", "in": IN, "out": out})
    assert (found.nick, found.location, found.until) == ("Mira", "#nova", left)


@pytest.mark.parametrize("raw", [{}, {"nick": "", "location": None}, {"nick": 1, "location": 2}])
def test_an_odd_check_in_counts_as_unset(raw: dict[str, Any]) -> None:
    found = check_in("mira", raw)
    assert (found.nick, found.location, found.until) == ("mira", "", None)
