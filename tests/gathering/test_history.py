"""Undo and log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ptgbot.chat.message import Role, Room
from ptgbot.store.edits import Edit
from ptgbot.testing import Chat
from tests.gathering.sample import fetched, load, snapshot

OTHER = Room("irc", "#hallway", "#hallway")
URL = "https://paste.example.org/raw/1"


@pytest.mark.parametrize(
    "line",
    [
        *("#nova now x", "#nova next x", "#nova clean", "#nova location bar", "#nova color red"),
        *("#nova etherpad https://e.example/", "#nova url https://u.example/"),
        *("#nova book Aspen-MonA2", "#nova unbook Aspen-MonA1", "#swift now x", "#nova advance", "#nova drop 1"),
    ],
)
def test_undo_of_a_track_reverts_its_last_change(event: Chat, line: str) -> None:
    event("#nova now before")
    event("#nova next after")
    before = snapshot(event)
    event(line, by="tomas")
    assert event.edits
    track = line.split()[0]
    changed = event.edits
    assert event(f"{track} undo") == [f"Taken back: “{line}” (tomas, 10:08, #gathering)."]
    assert event.edits == tuple(Edit(edit.at, edit.now, edit.was) for edit in reversed(changed))
    assert event.tree == before


@pytest.mark.parametrize(
    "line",
    [
        *("~add glance", "~del nova", "~clean nova", "~newday", "~motd add info x", "~emptydb", "~requirevoice"),
        *("~moderator add mira", "#nova now x", "+in bar", "+subscribe x"),
    ],
)
def test_undo_reverts_last_change_of_the_room(chat: Chat, line: str) -> None:
    load(chat, unknown=[1])
    chat("#nova now cells")
    chat("#nova location bar")
    chat("+in lobby", by="vera")
    before = snapshot(chat)
    chat.op(line)
    assert chat.edits
    clock = "09:09" if line == "~emptydb" else "10:09"  # an empty gathering knows no zone of its own
    assert chat.op("~undo") == [f"Taken back: “{line}” (olga, {clock}, #gathering)."]
    assert chat.tree == before


def test_undo_brings_a_fetched_document_back(event: Chat) -> None:
    before = snapshot(event)
    event.op(f"~fetchdb {URL}", fetched=fetched({"tracks": ["a"], "schedule": {}, "slots": {}, "new": 1}))
    assert event.tree != before
    assert event.op("~undo") == [f"Taken back: “~fetchdb {URL}” (olga, 10:06, #gathering)."]
    assert event.tree == before


def test_undo_needs_rights_of_the_track_command(event: Chat) -> None:
    event("!nova now one", room=Room("irc", "#gathering", "#gathering", exclamation=True))
    assert event("#nova undo", by="tomas") == ["Taken back: “!nova now one” (mira, 10:06, #gathering)."]


def test_undo_skips_what_is_undone_and_undos(event: Chat) -> None:
    event("#nova now one")
    event("#nova now two")
    assert event("#nova undo") == ["Taken back: “#nova now two” (mira, 10:07, #gathering)."]
    assert event("#nova undo") == ["Taken back: “#nova now one” (mira, 10:06, #gathering)."]
    assert event("#nova undo") == ["There is nothing left to undo for #nova."]
    assert event.edits == ()


def test_undo_of_one_track_leaves_others_alone(event: Chat) -> None:
    event("#nova now one")
    event("#swift next two")
    assert event("#nova undo") == ["Taken back: “#nova now one” (mira, 10:06, #gathering)."]
    assert event.tree["next"] == {"swift": ["two"]}


def test_undo_of_a_room_leaves_other_rooms_alone(event: Chat) -> None:
    event("#nova now one")
    event("#swift now two", room=OTHER)
    assert event.op("~undo", room=Room("matrix", "#gathering", "#gathering")) == [
        "There is nothing left to undo in #gathering."
    ]
    assert event.op("~undo") == ["Taken back: “#nova now one” (mira, 10:06, #gathering)."]
    assert event.op("~undo", room=OTHER) == ["Taken back: “#swift now two” (mira, 10:07, #hallway)."]


def test_a_track_is_undone_from_whatever_room(event: Chat) -> None:
    event("#nova now one")
    assert event("#nova undo", room=OTHER) == ["Taken back: “#nova now one” (mira, 10:06, #gathering)."]


def test_undo_refusal_names_later_change_and_author(event: Chat) -> None:
    event("#nova now one")
    event("~clean nova", by="olga", role=Role.ADMIN)
    assert event("#nova undo") == [
        (
            "“#nova now one” can't be taken back: it was changed since, by “~clean nova” (olga, 10:07, #gathering). "
            "Nothing was changed; undo that first, or set it anew."
        )
    ]
    assert event.edits == ()


def test_a_newday_in_between_is_told(event: Chat) -> None:
    event("#nova now one")
    event.op("~newday", room=OTHER)
    assert event("#nova undo") == [
        (
            "“#nova now one” can't be taken back: it was changed since, by “~newday” (olga, 10:07, #hallway). "
            "Nothing was changed; undo that first, or set it anew."
        )
    ]
    event("#nova now two")
    assert event.op("~undo", room=OTHER) == [
        (
            "“~newday” can't be taken back: it was changed since, by “#nova now two” (mira, 10:09, #gathering). "
            "Nothing was changed; undo that first, or set it anew."
        )
    ]


def test_long_commands_are_cut_in_what_undo_says(event: Chat) -> None:
    line = f"#nova now {'x' * 200}"
    event(line)
    event("~clean nova", by="olga", role=Role.ADMIN)
    [answer] = event("#nova undo")
    assert answer.startswith(f"“{line[:79]}…” can't be taken back: it was changed since, by “~clean nova”")
    event("#nova undo", by="olga", role=Role.ADMIN)
    event(line)
    assert event("#nova undo") == [f"Taken back: “{line[:119]}…” (mira, 10:10, #gathering)."]


def test_undo_answer_hides_private_commands(event: Chat) -> None:
    event("+in lobby")
    event("+out", private=True)
    assert event.op("~undo") == [
        "“+in lobby” can't be taken back: it was changed since. Nothing was changed; undo that first, or set it anew."
    ]


def test_private_commands_are_not_undone(event: Chat) -> None:
    event("+subscribe nova", private=True)
    assert event.op("~undo") == ["There is nothing left to undo in #gathering."]


def test_undo_reverts_everything_or_nothing(event: Chat) -> None:
    event.op("~add glance heat")
    event("#heat color red")
    before = snapshot(event)
    [answer] = event.op("~undo", room=OTHER)
    assert answer == "There is nothing left to undo in #hallway."
    event("#heat undo")
    event.op("~del heat", room=OTHER)
    before = snapshot(event)
    [answer] = event.op("~undo")
    assert answer.startswith("“~add glance heat” can't be taken back")
    assert event.tree == before


def test_undo_notifies_nobody(event: Chat) -> None:
    event("+subscribe .", by="tomas", private=True)
    event("#nova now one")
    event("#nova now two")
    assert event.tells
    event("#nova undo")
    assert event.tells == {}


def test_undo_takes_no_argument(event: Chat) -> None:
    event("#nova now one")
    assert event.op("~undo nova") == [
        "~undo takes nothing behind it; it takes back the last change made through this channel."
    ]
    assert event.edits == ()


LINES = st.sampled_from(
    [
        *("+in #nova", "+in bar", "+out", "+subscribe nova", "+unsubscribe"),
        *("#nova now a", "#nova now b", "#nova next c", "#nova next d", "#nova advance", "#nova drop 1", "#nova clean"),
        *("#swift now a", "#nova location bar", "#nova location", "#nova color red", "#nova url https://u.example/"),
        *("#nova url none", "#nova book Aspen-MonA2", "#swift book Aspen-MonA2", "#nova unbook Aspen-MonA1"),
        *("#nova undo", "~undo", "~add glance", "~add nova", "~del nova", "~clean nova swift", "~newday", "~emptydb"),
        *("~motd add info x", "~motd add danger y", "~motd reorder 2 1", "~motd del 1", "~motd clean"),
        *("~requirevoice", "~alloweveryone", "~moderator add mira", "~moderator del mira", f"~fetchdb {URL}"),
    ]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(LINES, max_size=15))
def test_undoing_everything_in_reverse_gives_the_first_state(lines: list[str]) -> None:
    chat = load(Chat(), unknown={"a": 1})
    first = snapshot(chat)
    document: dict[str, Any] = {"tracks": ["x"], "schedule": {"R": {"S": "y"}}, "other": 2}
    for line in lines:
        chat.op(line, fetched=fetched(document) if line.startswith("~fetch") else None)
    for _ in lines:
        [answer] = chat.op("~undo")
        assert answer.startswith(("Taken back", "There is nothing left"))
    assert chat.tree == first
    assert chat.op("~undo") == ["There is nothing left to undo in #gathering."]


# log


@pytest.fixture
def busy(event: Chat) -> Chat:
    event("#nova now cells")
    event("#swift book Birch-2-TueA2", by="Tomas")
    event("+in lobby", by="vera")
    event("+in bar", by="uwe", private=True)
    event.op("~del cinder", room=OTHER)
    return event


NOVA = "mira, 10:06, #gathering: #nova now cells"
SWIFT = "Tomas, 10:07, #gathering: #swift book Birch-2-TueA2"
VERA = "vera, 10:08, #gathering: +in lobby"
CINDER = "olga, 10:10, #hallway: ~del cinder"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("~log", f"{CINDER} | {VERA} | {SWIFT} | {NOVA}"),
        ("~log 2", f"{CINDER} | {VERA} | 2 older changes not shown"),
        ("~log 0", f"{CINDER} | 3 older changes not shown"),
        ("~log 999999999999", f"{CINDER} | {VERA} | {SWIFT} | {NOVA}"),
        ("~log #nova", NOVA),
        ("~log NOVA 5", NOVA),
        ("~log birch-2", SWIFT),
        ("~log TueA2", SWIFT),
        ("~log tomas", SWIFT),
        ("~log vera 1", VERA),
        ("~log cinder", CINDER),
        ("~log uwe", "No change of uwe is on record."),
        ("~log Ballroom A", "No change of Ballroom A is on record."),
        ("#nova log", NOVA),
        ("#nova log 1", NOVA),
        ("#swift log", SWIFT),
    ],
)
def test_log_tells_who_when_and_where(busy: Chat, line: str, answer: str) -> None:
    assert busy.op(line) == [answer]
    assert busy.edits == ()


def test_log_of_a_room_with_a_blank(event: Chat) -> None:
    event("#swift book Ballroom A-MonA1")
    assert event.op("~log ballroom a 3") == ["mira, 10:06, #gathering: #swift book Ballroom A-MonA1"]


def test_log_without_changes_says_so(chat: Chat) -> None:
    assert chat.op("~log") == ["No change at all is on record."]


@pytest.mark.parametrize("term", ["nova", "vera", "lobby"])
def test_log_shows_what_removed_its_subject(event: Chat, term: str) -> None:
    event("#nova now cells")
    event("+in lobby", by="vera")
    event.op("~newday")
    event.op(f"~log {term} 1")
    assert event.op(f"~log {term} 1")[0].startswith("olga, 10:08, #gathering: ~newday")


def test_log_of_a_track_counts_omitted_entries(event: Chat) -> None:
    for number in range(7):
        event(f"#nova now {number}")
    [answer] = event("#nova log")
    assert answer.startswith("mira, 10:12, #gathering: #nova now 6 | ")
    assert answer.endswith("#nova now 2 | 2 older changes not shown")


@pytest.mark.parametrize(("number", "listed"), [("0", 1), ("1", 1), ("20", 20), ("21", 20), ("99999999999", 20)])
def test_log_lists_between_one_and_twenty_changes(event: Chat, number: str, listed: int) -> None:
    for text in range(25):
        event(f"#nova now {text}")
    [answer] = event(f"#nova log {number}")
    assert answer.count(" | ") == listed
    assert answer.endswith(f" | {25 - listed} older changes not shown")


def test_log_shows_undos_too(event: Chat) -> None:
    event("#nova now one")
    event("#nova undo", by="tomas")
    assert event("#nova log") == ["tomas, 10:07, #gathering: #nova undo | mira, 10:06, #gathering: #nova now one"]


def test_log_names_the_day_unless_today(event: Chat) -> None:
    event("#nova now one")
    event.at += timedelta(days=2)
    assert event("#nova log") == ["mira, Mon 16 Nov 10:06, #gathering: #nova now one"]


def test_restored_value_is_undoable_and_blocks_earlier_changes(chat: Chat) -> None:
    """The rule asks for the value, not for who set it: then the changes between are told to be in the way."""
    other = Room("irc", "#other", "#other")
    chat.op("~requirevoice")
    chat.op("~alloweveryone", room=other)
    chat.op("~requirevoice", room=other)
    assert chat.op("~undo")[0].startswith("Taken back: “~requirevoice”")
    assert "can't be taken back" in chat.op("~undo", room=other)[0]
    assert chat.tree["voice"] == 0
