"""An hour with a dozen people: pastes, odd nicks, chairs who leave, refused commands, and midnight."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ptgbot.meetings.minutes import minutes_of
from ptgbot.meetings.replay import Source, replay


@pytest.fixture(scope="module")
def minutes() -> dict[str, Any]:
    raw = (Path(__file__).parent / "messy.log").read_bytes()
    [meeting] = replay(raw, Source("#infra.log"))
    return minutes_of(meeting)


def test_head_of_messy_meeting(minutes: dict[str, Any]) -> None:
    head = ("owner", "chairs", "meeting_topic", "meeting_name", "started", "ended", "is_over", "bot_nick", "log_lines")
    assert {key: minutes[key] for key in head} == {
        "owner": "alice",
        "chairs": ["alice", "bob"],
        "meeting_topic": "Infra & Friends",
        "meeting_name": "infra___friends",
        "started": "2024-11-19T23:00:00Z",
        "ended": "2024-11-20T00:00:05Z",
        "is_over": True,
        "bot_nick": "minutebot",
        "log_lines": 56,
    }


def test_items_of_messy_meeting(minutes: dict[str, Any]) -> None:
    roll, builders = "Roll call & agenda", "Builders"
    vote = 'Voted on "Upgrade now?" Results are, +1: 2, 0: 1, -1: 0'
    assert [(i["type"], i["nick"], i["text"], i["line"], i["under_topic"]) for i in minutes["items"]] == [
        ("topic", "alice", roll, 13, None),
        ("info", "mhu[m]", "away next week", 14, roll),
        ("info", "^bar", "Same here", 15, roll),
        ("link", "erin", "https://etherpad.example.org/p/infra.", 18, roll),
        ("link", "bob", "notes (https://example.org/a_(b)) are here.", 20, roll),
        ("topic", "bob", builders, 22, None),
        ("action", "bob", "jo-anne and MHU[M] restart the builders", 29, builders),
        ("action", "bob", "^bar: read https://example.org/jo first", 30, builders),
        ("action", "jo", "Üñï orders coffee", 31, builders),
        ("action", "jo", "joanne is not here", 32, builders),
        ("action", "grace", "heidi writes to minutebot", 36, builders),
        ("vote", "bob", vote, 45, builders),
        ("idea", "frank", "a faster builder", 46, builders),
        ("help", "frank", "with the builder", 47, builders),
        ("agreed", "carol", "we upgrade on Friday", 50, builders),
        ("accepted", "bob", "the minutes of last week", 55, builders),
    ]
    links = [(i["prefix"], i["url"], i["suffix"]) for i in minutes["items"] if i["type"] == "link"]
    assert links == [
        ("", "https://etherpad.example.org/p/infra", "."),
        ("notes (", "https://example.org/a_(b", ")) are here."),
    ]


def test_people_and_actions_of_messy_meeting(minutes: dict[str, Any]) -> None:
    assert minutes["people"] == {
        "alice": 4, "bob": 9, "carol": 6, "mhu[m]": 3, "^bar": 5, "üñï": 1, "jo": 7, "jo-anne": 1,
        "erin": 3, "frank": 10, "grace": 2, "heidi": 0, "ivan": 0,
    }
    assert minutes["actions_by_nick"] == {
        "^bar": ["^bar: read https://example.org/jo first"],
        "heidi": ["heidi writes to minutebot"],
        "jo-anne": ["jo-anne and MHU[M] restart the builders"],
        "mhu[m]": ["jo-anne and MHU[M] restart the builders"],
        "üñï": ["Üñï orders coffee"],
    }
    assert minutes["actions_unassigned"] == ["joanne is not here"]


def test_topics_of_messy_meeting(minutes: dict[str, Any]) -> None:
    given = ["Roll call & agenda", "Builders", "Wrong one", "Builders"]
    assert minutes["channel_topics"] == [f"{topic} (Meeting topic: Infra & Friends)" for topic in given]
    assert [topic["text"] for topic in minutes["topics"]] == ["Roll call & agenda", "Builders"]
