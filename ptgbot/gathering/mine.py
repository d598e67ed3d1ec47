"""The calendar of the tracks that a person has chosen, for programs that subscribe to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve

from ptgbot.feature import Answered, Asked, Route
from ptgbot.gathering import feeds
from ptgbot.gathering.settings import GatheringSettings
from ptgbot.store.edits import Json

MOST = 500
"""Most tracks of one calendar; further ones are left out."""
_MEETS = "gathering.meets"


def answer(asked: Asked, _settings: GatheringSettings) -> Answered:
    """Return the calendar (RFC 5545) of the tracks in the address: ``?stars=nova,swift&maybe=glance``.

    Slots of the tracks in ``maybe`` are tentative.
    """
    if asked.path:
        return Answered(b"There is no such file.\n", "text/plain; charset=utf-8", 404)
    event = asked.slices.get("gathering.event")
    title = feeds.clean(event.get("title") if isinstance(event, dict) else "") or "Gathering"
    made, _ = feeds.calendar(f"{title}: my programme", _entries(asked))
    return Answered(made, "text/calendar; charset=utf-8", headers={"Cache-Control": "private, no-cache"})


def _entries(asked: Asked) -> Iterator[feeds.Entry]:
    stars, maybe = (asked.query.get(name, "").lower().split(",") for name in ("stars", "maybe"))
    wanted = dict.fromkeys([*stars, *maybe][:MOST])
    found, _ = feeds.entries(_only(asked.slices, wanted))
    for entry in found:
        yield entry if entry.track in stars else evolve(entry, tentative=True)


def _only(slices: Mapping[str, Json], wanted: Mapping[str, None]) -> Mapping[str, Json]:
    """Return slices with the bookings of these tracks only, so that the cost does not grow with the gathering."""
    held = slices.get(_MEETS)
    booked = held if isinstance(held, dict) else {}
    return {**slices, _MEETS: {track: booked[track] for track in wanted if track in booked}}


ROUTE = Route("mine.ics", answer)
"""The route ``/gathering/mine.ics``."""
