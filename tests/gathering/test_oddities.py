from __future__ import annotations

from typing import Any

import pytest

from ptgbot.gathering.document import from_document
from ptgbot.gathering.oddities import oddities
from ptgbot.testing import START
from tests.gathering.sample import document


def told(**changes: Any) -> list[str]:
    return [*oddities(from_document(document(**changes)), START, "UTC")]


def test_valid_document_has_no_oddities() -> None:
    assert (
        told(
            motd=[{"level": "info", "message": "x"}],
            colors={"nova": "teal"},
            urls={"nova": "https://a.example"},
            subscriptions={"mira": "nova", "uwe": None},
        )
        == []
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"tracks": ["cinder", "nova", "swift", "né"]}, "tracks: nobody can type the name “né”."),
        (
            {"tracks": ["cinder", "nova", "swift", "topic"]},
            "tracks: “topic” is a word of meetings; while one runs in a room, #topic belongs to it there.",
        ),
        ({"tracks": ["cinder", "swift"]}, "schedule.Aspen.MonA1: there is no track nova."),
        ({"colors": {"nova": "blurple"}}, "colors.nova: “blurple” is no CSS colour; pages show the one of its name."),
        ({"etherpads": {"nova": "x"}}, "etherpads.nova: “x” can't be linked to."),
        ({"urls": {"nova": "javascript:x"}}, "urls.nova: “javascript:x” can't be linked to."),
        ({"links": {"Map": "data:x"}}, "links.Map: “data:x” can't be linked to."),
        ({"schedule": {"Aspen": {"url": "x"}}}, "schedule.Aspen.url: “x” can't be linked to."),
        ({"motd": [{"level": "odd", "message": "x"}]}, "motd 1: “odd” is no level; it is shown as info."),
        ({"subscriptions": {"mira": "("}}, "subscriptions: a pattern never matches: missing ): (."),
        (
            {"slots": {"Monday": [{"name": "A", "desc": "morning"}]}},
            "slots.Monday.A: its time is not known; it is left out of feeds.",
        ),
        (
            {"slots": {"Monday": [{"name": "A", "desc": "09:00", "realtime": "2026-11-16T09:00:00+00:00"}]}},
            "slots.Monday.A: “09:00” but its realtime is 10:00 in Europe/Berlin.",
        ),
    ],
)
def test_oddity_is_named_with_its_place(changes: dict[str, Any], said: str) -> None:
    assert said in told(**changes)


def test_an_inferred_date_is_told() -> None:
    assert told(dates={"Monday": "2026-11-16"}) == [
        "slots.Tuesday: no date is stated; the days beside it make it 2026-11-17."
    ]
