"""The calendar of chosen tracks, over real HTTP."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from icalendar import Calendar

from ptgbot.demo import sample
from ptgbot.feature import Asked
from ptgbot.gathering.feature import GatheringFeature
from ptgbot.gathering.mine import MOST, answer
from ptgbot.gathering.settings import GatheringSettings
from ptgbot.web.routes import Routes
from ptgbot.web.server import WebServer
from tests.projected import slices_of
from tests.web.serving import serve, well

MORNING = datetime(2026, 11, 23, 7, 41, tzinfo=UTC)
SLICES = slices_of(sample(), MORNING)


def asked(slices: Any = SLICES, path: str = "", **query: str) -> list[Any]:
    answered = answer(Asked(path, query, slices), GatheringSettings())
    return Calendar.from_ical(answered.body).walk("VEVENT")


def test_calendar_has_only_the_chosen_tracks() -> None:
    found = asked(stars="Storage,nobody", maybe="gpu,storage")
    assert {str(event["SUMMARY"]) for event in found} == {"storage", "gpu"}
    assert {str(event["SUMMARY"]) for event in found if event.get("STATUS") == "TENTATIVE"} == {"gpu"}


def test_odd_lists_are_answered_in_bounds() -> None:
    many = ",".join(f"t{number}" for number in range(MOST + 5))
    row = {
        "day": "d",
        "slot": "s",
        "room": "r",
        "start": "2026-11-23T09:00:00+02:00",
        "end": "2026-11-23T10:00:00+02:00",
    }
    held = {"gathering.meets": {name: [row] for name in many.split(",")}, "gathering.event": "odd"}
    assert len(asked(held, stars=many)) == MOST
    assert asked(stars="", maybe=",,\r\n") == []
    assert asked({}, stars="storage") == []
    assert answer(Asked("more", {}, SLICES), GatheringSettings()).status == 404


async def test_list_in_address_reaches_no_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    routes = Routes()
    routes.mount(GatheringFeature(), GatheringSettings(), lambda: SLICES)
    server = WebServer(tmp_path / "html", well, answer=routes.answer)
    port = await serve(server)
    try:
        async with aiohttp.ClientSession() as http:
            address = f"http://127.0.0.1:{port}/gathering/mine.ics?stars=storage"
            async with http.head(address) as reply:
                assert reply.headers["Content-Type"] == "text/calendar; charset=utf-8"
            async with http.get(address) as reply:
                assert (await reply.text()).count("BEGIN:VEVENT") > 10
    finally:
        await server.stop()
    assert "storage" not in caplog.text
