"""Reads the calendars of regular meetings again and again, from files and addresses."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from ptgbot.chat.adapter import Undeliverable
from ptgbot.chat.urls import address_problem
from ptgbot.feature import Fact, SourceHub
from ptgbot.hooks import accepted, exchange
from ptgbot.meetings.schedule import Planned, planned
from ptgbot.store.edits import Json
from ptgbot.store.export import Unreadable

LARGEST: Final = 2_000_000
"""Most bytes of a calendar."""
_TIMEOUT = 30.0


@frozen
class CalendarConfig:
    """An entry of ``[[meetings.calendars]]``: an address or a file, and the rooms of its meetings."""

    address: str = field(default="")
    file: Path | None = None
    rooms: Mapping[str, str] = field(factory=dict)
    """The room of each meeting by its name; others name theirs as the place (``LOCATION``)."""

    @address.validator
    def _one_of_both(self, _attribute: object, value: str) -> None:
        if value and (problem := address_problem(value)):
            raise ValueError(problem)

    def __attrs_post_init__(self) -> None:
        if bool(self.address) == bool(self.file):
            raise ValueError("a calendar needs an address or a file, not both")

    @property
    def title(self) -> str:
        """What tells it from other calendars, for operators."""
        return self.file.name if self.file else self.address.partition("?")[0]


async def raw_calendar(calendar: CalendarConfig) -> bytes:
    """Return the contents of a calendar.

    Raises:
        OSError: it cannot be read now.
        Undeliverable: the server refuses it.
        Unreadable: it is too large.
    """
    if calendar.file:
        path = calendar.file
        raw = await asyncio.to_thread(_head, path)
    else:
        response = await exchange("GET", calendar.address, b"", {}, within=_TIMEOUT, limit=LARGEST + 1)
        raw = accepted(response).body
    if len(raw) > LARGEST:
        raise Unreadable(f"it has more than {LARGEST} bytes.")
    return raw


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


async def follow_calendars(calendars: Sequence[CalendarConfig], every: float, hub: SourceHub) -> None:
    """Hand the coming meetings of all calendars to the feature, at the start and after each pause, without end.

    Args:
        calendars: the calendars.
        every: seconds between two looks.
        hub: the core.

    Raises:
        NotSaved: the facts are not in the journal.
    """
    told: dict[int, str] = {}
    while True:
        for number, calendar in enumerate(calendars):
            why = await _learned(calendar, number, hub)
            if why and why != told.get(number):
                hub.report(f"The calendar {calendar.title} can't be used: {why}")
            told[number] = why
        await asyncio.sleep(every)


async def _learned(calendar: CalendarConfig, number: int, hub: SourceHub) -> str:
    """Hand in the meetings of one calendar. Return a sentence if it cannot be read, so that the former ones stay."""
    try:
        raw = await raw_calendar(calendar)
        found = await asyncio.to_thread(planned, raw, calendar.rooms, datetime.now(UTC))
    except (OSError, Undeliverable, Unreadable) as error:
        return str(error)
    await hub.learn([fact_of(str(number), found)])
    return ""


def fact_of(calendar: str, meetings: Sequence[Planned]) -> Fact:
    """Return the fact that a calendar has these meetings."""
    rows: Json = [one.to_json() for one in meetings]
    digest = hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]
    value: dict[str, Any] = {"calendar": calendar, "digest": digest, "meetings": rows}
    return Fact(f"calendar {calendar} {digest}", value)
