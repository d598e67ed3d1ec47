"""Bookings: which slot a typed code means, and every answer to ``book`` and ``unbook``."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptgbot.gathering.document import from_document
from ptgbot.gathering.model import Gathering
from ptgbot.gathering.schedule import booking_code, read_code
from ptgbot.testing import Chat
from tests.gathering.sample import document, load, put


@pytest.mark.parametrize(
    ("typed", "room", "slot"),
    [
        ("Aspen-MonA2", "Aspen", "MonA2"),
        ("aspen-mona2", "Aspen", "MonA2"),
        ("ASPEN-MONA2", "Aspen", "MonA2"),
        ("Ballroom A-MonA1", "Ballroom A", "MonA1"),
        ("ballroom  a-mona1", "Ballroom A", "MonA1"),
        ("Ballroom A - MonA1", "Ballroom A", "MonA1"),
        ("Ballroom A- MonA1", "Ballroom A", "MonA1"),
        ("Ballroom A-North-MonA1", "Ballroom A-North", "MonA1"),
        ("Ballroom A-Mon-P1", "Ballroom A", "Mon-P1"),
        ("Birch-2-TueA2", "Birch-2", "TueA2"),
    ],
)
def test_a_free_slot_is_booked(event: Chat, typed: str, room: str, slot: str) -> None:
    assert event(f"#swift book {typed}") == [f"{room}-{slot} is booked for #swift."]
    assert event.edits == (put("schedule", room, slot, was="", now="swift"),)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("Aspen-MonA9", "There is no Aspen-MonA9. Did you mean Aspen-MonA2, Aspen-MonA1 or Aspen-Mon-P1?"),
        ("Qqq-MonA1x", "There is no Qqq-MonA1x. Type a room and a slot, such as Aspen-MonA1; +free lists them."),
        ("Aspen", "Which one? Free: Aspen-MonA2, Aspen-TueA1. Type #swift book Aspen-MonA2."),
        ("Aspen-", "Which one? Free: Aspen-MonA2, Aspen-TueA1. Type #swift book Aspen-MonA2."),
        (
            "Aspen by the sea",
            "There is no Aspen by the sea. Type a room and a slot, such as Aspen-MonA1; +free lists them.",
        ),
        ("-MonA1", "There is no -MonA1. Did you mean Aspen-MonA1?"),
        ("-", "There is no -. Type a room and a slot, such as Aspen-MonA1; +free lists them."),
    ],
)
def test_unknown_slot_is_answered_with_the_syntax(event: Chat, typed: str, answer: str) -> None:
    assert event(f"#swift book {typed}") == [answer]
    assert event.edits == ()


@pytest.mark.parametrize("key", ["desc", "url", "cap_icon", "cap_desc", "Desc"])
@pytest.mark.parametrize("word", ["book", "unbook"])
def test_remark_about_a_room_is_no_slot(event: Chat, word: str, key: str) -> None:
    [answer] = event(f"#swift {word} Aspen-{key}")
    assert answer.startswith(f"There is no Aspen-{key}.")
    assert event.edits == ()


def test_slot_named_like_remark_leaves_room_alone(chat: Chat) -> None:
    """A file may hold a slot of that name; what is said about the room stays."""
    load(chat, slots={"Monday": [{"name": "desc"}, {"name": "url"}]})
    [answer] = chat("#swift book Aspen-desc")
    assert answer.startswith("There is no Aspen-desc.")
    assert chat("+free Monday") == ["Nothing is free on Monday."]


def test_closed_room_lists_free_rooms_at_that_time(event: Chat) -> None:
    assert event("#swift book Birch-2-MonA1") == [
        "Birch-2 is closed in slot MonA1. Free then: Ballroom A-MonA1, Ballroom A-North-MonA1."
    ]
    assert event.edits == ()


def test_taken_slot_names_owner_and_free_rooms(event: Chat) -> None:
    assert event("#swift book Aspen-MonA1") == [
        "Aspen-MonA1 is taken by #nova. Free then: Ballroom A-MonA1, Ballroom A-North-MonA1."
    ]
    assert event.edits == ()


def test_taken_slot_without_alternative_says_so(event: Chat) -> None:
    event("#swift book Ballroom A-Mon-P1")
    assert event("#nova book Aspen-Mon-P1") == ["Aspen-Mon-P1 is taken by #cinder. Nothing is free then."]


def test_own_slot_is_not_booked_twice(event: Chat) -> None:
    assert event("#nova book aspen-mona1") == ["#nova has Aspen-MonA1 already."]
    assert event.edits == ()


def test_past_slot_is_booked_with_a_warning(event: Chat) -> None:
    event.at += timedelta(hours=2)
    assert event("#swift book Ballroom A-MonA1") == [
        "Ballroom A-MonA1 is booked for #swift. Note that it ended at 10:45."
    ]
    assert event.edits == (put("schedule", "Ballroom A", "MonA1", was="", now="swift"),)


def test_track_elsewhere_is_booked_with_a_warning(event: Chat) -> None:
    assert event("#nova book Ballroom A-North-MonA1") == [
        "Ballroom A-North-MonA1 is booked for #nova. Note that #nova has Aspen then as well."
    ]


def test_both_warnings_fit_into_one_answer(event: Chat) -> None:
    event.at += timedelta(days=2)
    assert event("#nova book Ballroom A-MonA1") == [
        (
            "Ballroom A-MonA1 is booked for #nova. Note that it ended at Mon 16 Nov 10:45. "
            "Note that #nova has Aspen then as well."
        )
    ]


def test_second_booker_of_a_slot_is_told(event: Chat) -> None:
    assert event("#swift book Birch-2-TueA2", by="mira") == ["Birch-2-TueA2 is booked for #swift."]
    assert event("#cinder book Birch-2-TueA2", by="tomas") == [
        "Birch-2-TueA2 is taken by #swift. Nothing is free then."
    ]


def test_book_alone_tells_what_is_free_today(event: Chat) -> None:
    assert event("#swift book") == [
        (
            "Free on Monday: Ballroom A-MonA1, Ballroom A-North-MonA1, Aspen-MonA2, Birch-2-MonA2, Ballroom A-Mon-P1. "
            "Type #swift book Ballroom A-MonA1."
        )
    ]
    assert event.edits == ()


def test_book_alone_omits_past_slots(event: Chat) -> None:
    event.at = datetime.fromisoformat("2026-11-16T13:00:00+01:00")
    assert event("#swift book") == ["Free on Monday: Ballroom A-Mon-P1. Type #swift book Ballroom A-Mon-P1."]


def test_book_alone_says_when_nothing_is_free(event: Chat) -> None:
    event.at += timedelta(hours=8)
    assert event("#swift book") == ["Nothing is free today. +free DAY tells about another day."]


def test_book_alone_without_days_says_so(chat: Chat) -> None:
    chat.op("~add swift")
    assert chat("#swift book") == ["Nothing is free today. +free DAY tells about another day."]
    assert chat("#swift book Aspen-MonA1") == [
        "There is no Aspen-MonA1. Type a room and a slot, such as Aspen-MonP1; +free lists them."
    ]


# unbook


@pytest.mark.parametrize("typed", ["Aspen-MonA1", "ASPEN-mona1"])
def test_a_slot_is_given_back(event: Chat, typed: str) -> None:
    assert event(f"#nova unbook {typed}") == ["Aspen-MonA1 is free again."]
    assert event.edits == (put("schedule", "Aspen", "MonA1", was="nova", now=""),)


def test_unbook_alone_tells_what_the_track_holds(event: Chat) -> None:
    assert event("#nova unbook") == [
        "Which slot does #nova give back? It holds Aspen-MonA1, Ballroom A-MonA2, Ballroom A-TueA1."
    ]
    assert event("#swift unbook") == ["Which slot does #swift give back? It holds none."]


def test_an_unknown_slot_is_not_given_back(event: Chat) -> None:
    assert event("#cinder unbook Qqqqq-Xxxxx") == [
        (
            "There is no Qqqqq-Xxxxx. Type a room and a slot, such as Aspen-MonA1; +free lists them. "
            "#cinder: It holds Aspen-Mon-P1, Ballroom A-North-MonA2."
        )
    ]


@pytest.mark.parametrize(
    ("typed", "whose"),
    [("Aspen-MonA1", "#nova holds it"), ("Aspen-MonA2", "nobody holds it"), ("Birch-2-MonA1", "nobody holds it")],
)
def test_only_own_slot_is_given_back(event: Chat, typed: str, whose: str) -> None:
    assert event(f"#swift unbook {typed}") == [f"#swift does not hold {typed}; {whose}. It holds none."]
    assert event.edits == ()


# names that only a file can bring


def rooms(schedule: dict[str, Any], *slots: str) -> Gathering:
    return from_document(document(schedule=schedule, slots={"Monday": [{"name": name} for name in slots]}))


@pytest.mark.parametrize(
    ("schedule", "slots", "typed", "meant"),
    [
        ({"A": {"B-C": ""}, "A-B": {"C": ""}}, ["C", "B-C"], "A-B-C", ("A-B", "C")),
        ({"A": {"B-C": ""}, "A-B": {"D": ""}}, ["B-C", "D"], "A-B-C", ("A", "B-C")),
        ({"Two  blanks": {"P1": ""}}, ["P1"], "two blanks-p1", ("Two  blanks", "P1")),
        ({" Edge ": {"P1": ""}}, ["P1"], "Edge-P1", (" Edge ", "P1")),
        ({"A": {"P1": "", "p1": ""}}, ["P1", "p1"], "A-p1", ("A", "p1")),
        ({"A": {"P1": "", "p1": ""}}, ["p1", "P1"], "a-P1", ("A", "P1")),
        ({"A": {"x": ""}, "a": {"x": ""}}, ["x"], "a-x", ("a", "x")),
        ({"A": {"x": ""}, "a": {"x": ""}}, ["x"], "A-X", ("A", "x")),
        ({"A": {"only here": ""}}, [], "A-Only Here", ("A", "only here")),
        ({"A": {"": ""}}, [""], "A-", ("A", "")),
        ({"": {"P1": ""}}, ["P1"], "-P1", ("", "P1")),
        ({"Straße": {"P1": ""}}, ["P1"], "STRAßE-P1", ("Straße", "P1")),
        ({"A": {"desc": "x"}}, ["desc"], "A-desc", None),
        ({"A": {"P1": ""}}, ["P1"], "A P1", ("A", "P1")),
        ({"A": {"P1": ""}}, ["P1"], "AP1", None),
        ({}, ["P1"], "A-P1", None),
    ],
)
def test_longest_matching_room_name_wins(
    schedule: dict[str, Any], slots: list[str], typed: str, meant: tuple[str, str] | None
) -> None:
    assert read_code(rooms(schedule, *slots), typed) == meant


NAMES = st.text("abC ", min_size=1, max_size=4).map(lambda name: " ".join(name.split())).filter(bool)
ODD_NAMES = st.text("ab -", max_size=4)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, st.dictionaries(NAMES, st.just(""), min_size=1, max_size=3), min_size=1, max_size=3))
def test_every_shown_code_means_its_slot(schedule: dict[str, dict[str, str]]) -> None:
    gathering = rooms(schedule, *(slot for cells in schedule.values() for slot in cells))
    for room, cells in schedule.items():
        for slot in cells:
            assert read_code(gathering, booking_code(room, slot)) == (room, slot)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(ODD_NAMES, st.dictionaries(ODD_NAMES, st.just(""), max_size=3), min_size=1, max_size=3))
def test_shown_codes_work_in_capitals_too(schedule: dict[str, dict[str, str]]) -> None:
    gathering = rooms(schedule)
    for room, cells in schedule.items():
        for slot in cells:
            assert read_code(gathering, booking_code(room, slot).upper()) is not None


# slots that are not typed as codes


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("Aspen MonA2", "Aspen-MonA2 is booked for #swift."),
        ("aspen  mona2", "Aspen-MonA2 is booked for #swift."),
        ("Aspen Monday 11:00", "Aspen-MonA2 is booked for #swift."),
        ("Aspen tue", "Aspen-TueA1 is booked for #swift."),
        ("aspen tomorrow 9:00", "Aspen-TueA1 is booked for #swift."),
        ("Aspen MonA1", "Aspen-MonA1 is taken by #nova."),
        ("tuea2", "Birch-2-TueA2 is booked for #swift."),
        ("TueA1", "Which one? Free: Aspen-TueA1, Ballroom A-North-TueA1. Type #swift book Aspen-TueA1."),
        ("tuesday 09:00", "Which one? Free: Aspen-TueA1, Ballroom A-North-TueA1. Type #swift book Aspen-TueA1."),
        ("Aspen today 23:59", "There is no Aspen today 23:59."),
    ],
)
def test_slot_is_found_by_room_day_and_time(event: Chat, typed: str, answer: str) -> None:
    assert event(f"#swift book {typed}")[0].startswith(answer)


def test_slots_that_are_over_are_not_meant(event: Chat) -> None:
    event.at += timedelta(hours=12)
    assert event("#swift book Aspen") == ["Aspen-TueA1 is booked for #swift."]


@pytest.mark.parametrize(("rooms", "more"), [(8, ""), (9, " … and 1 more")])
def test_eight_long_codes_fit_into_an_answer(chat: Chat, rooms: int, more: str) -> None:
    names = [f"Long Room {number}" for number in range(1, rooms + 1)]
    load(chat, schedule={"Aspen": {"MonA1": "nova"}, **{name: {"MonA1": ""} for name in names}})
    listed = ", ".join(f"{name}-MonA1" for name in names[:8])
    assert len(listed) == 150
    assert chat("#swift book Aspen-MonA1") == [f"Aspen-MonA1 is taken by #nova. Free then: {listed}{more}."]
