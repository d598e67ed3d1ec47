"""Questions about time and places, with signs and in plain English."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ptgbot.gathering.asking import LONGEST, question
from ptgbot.testing import Chat
from tests.gathering.sample import load

TUESDAY = datetime(2026, 11, 17, 7, 0, tzinfo=UTC)
"""Before the first slot of the second day."""


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("+when nova", "#nova meets now: 09:00-10:45 in Aspen, and 2 more times."),
        ("+when #CINDER", "#cinder meets next: 11:00-12:30 in Ballroom A-North, and 1 more time."),
        ("+when swift", "#swift has no slot booked."),
        ("+when qqqqq", "There is no track qqqqq; +tracks lists them."),
        ("+when", "Next, 11:00-12:30: #nova in Ballroom A, #cinder in Ballroom A-North."),
        ("+next", "Next, 11:00-12:30: #nova in Ballroom A, #cinder in Ballroom A-North."),
        ("+next nova", "Nothing is announced. #nova meets now: 09:00-10:45 in Aspen, and 2 more times."),
        ("+next qqqqq", "There is no track qqqqq; +tracks lists them."),
        ("+where nova", "#nova is in Aspen."),
        ("+where #cinder", "#cinder meets in Ballroom A-North today."),
        ("+where swift", "#swift has no room today."),
        ("+where #qqqqq", "There is no track qqqqq; +tracks lists them."),
        ("+where nvoa", "There is no track nvoa. Did you mean #nova?"),
        ("+where mira", "mira has not checked in so far."),
        ("+where", "Which track? Type +where and its name, such as +where #nova; +seen NAME finds a person."),
        ("+seen nova", "#nova is in Aspen."),
        (
            "+today",
            (
                "Monday: 09:00-10:45 #nova in Aspen, 11:00-12:30 #nova in Ballroom A, "
                "11:00-12:30 #cinder in Ballroom A-North, 13:30-15:00 #cinder in Aspen."
            ),
        ),
        ("+schedule tomorrow", "Tuesday: 09:00-10:45 #nova in Ballroom A."),
        ("+schedule on tue", "Tuesday: 09:00-10:45 #nova in Ballroom A."),
        ("+schedule Friday", "There is no day Friday. The days are Monday and Tuesday."),
        ("+rooms", "4 rooms: Aspen (#nova now), Ballroom A, Ballroom A-North, Birch-2."),
    ],
)
def test_question_gets_one_line(event: Chat, line: str, answer: str) -> None:
    assert event(line) == [answer]


def test_another_day_is_told_with_its_date(event: Chat) -> None:
    event.at += timedelta(hours=9)
    assert event("+when nova") == ["#nova meets next: Tue 17 Nov 09:00-10:45 in Ballroom A."]
    assert event("+when cinder") == ["#cinder has no slot left; the last one was 13:30-15:00 in Aspen."]
    assert event("+next") == ["Next, Tue 17 Nov 09:00-10:45: #nova in Ballroom A."]
    assert event("+today") == ["Nothing more is booked on Monday."]
    assert event("+rooms") == ["4 rooms: Aspen, Ballroom A, Ballroom A-North, Birch-2."]


def test_after_the_last_slot_nothing_comes(event: Chat) -> None:
    event.at = TUESDAY + timedelta(days=1)
    assert event("+next") == ["Nothing else is booked."]


def test_slot_without_a_time_is_told_by_day(chat: Chat) -> None:
    slots = {"Monday": [{"name": "MonA1", "desc": "morning"}], "Tuesday": [{"name": "TueA1", "desc": ""}]}
    load(chat, slots=slots, dates={}, schedule={"Aspen": {"MonA1": "nova", "TueA1": "swift"}})
    assert chat("+when nova") == ["#nova meets next: Monday morning in Aspen."]
    assert chat("+when swift") == ["#swift meets next: Tuesday TueA1 in Aspen."]


def test_empty_gathering_answers_every_question(chat: Chat) -> None:
    assert chat("+rooms") == ["There are no rooms yet."]
    assert chat("+today") == ["The schedule has no days yet."]
    assert chat("+next") == ["Nothing else is booked."]


def test_announced_topics_are_told_as_next(event: Chat) -> None:
    event("#nova next cells")
    event("#nova next quotas")
    assert event("+next nova") == [
        "#nova next: cells · quotas. #nova meets now: 09:00-10:45 in Aspen, and 2 more times."
    ]


def test_place_that_somebody_typed_counts_now(event: Chat) -> None:
    event("#swift location lobby")
    assert event("+where swift") == ["#swift is in lobby."]


def test_where_finds_a_person_too(event: Chat) -> None:
    event("+in lobby", by="novak")
    assert event("+where novak")[0].startswith("novak checked in at lobby at 10:06")
    assert event("where is novak?", private=True)[0].startswith("novak checked in at lobby")


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("where is nova?", "where nova"),
        ("Where's #nova", "where #nova"),
        ("where does the nova team meet?", "where nova"),
        ("where can I find mira?", "where mira"),
        ("which room is nova in?", "where nova"),
        ("who is in #nova?", "who #nova"),
        ("who's with nova", "who nova"),
        ("what's next?", "next"),
        ("what is next in nova?", "next nova"),
        ("what comes next for nova?", "next nova"),
        ("when is the next session?", "next"),
        ("what's on?", "now"),
        ("what is going on in nova right now?", "now nova"),
        ("what is nova discussing?", "now nova"),
        ("what's on today?", "schedule today"),
        ("what is happening tomorrow", "schedule tomorrow"),
        ("what is the schedule for Tuesday?", "schedule Tuesday"),
        ("where is the schedule?", "schedule"),
        ("when is nova?", "when nova"),
        ("when does #nova meet again?", "when #nova"),
        ("which rooms are free?", "free"),
        ("is anything free tomorrow?", "free tomorrow"),
        ("which rooms are there?", "rooms"),
        ("what tracks do we have?", "tracks"),
        ("hey, can you tell me when nova meets?", "when nova"),
        ("now nova?", "now nova"),
        ("seen mira??", "seen mira"),
    ],
)
def test_question_in_english_becomes_a_command(text: str, command: str) -> None:
    assert question(text) == command


@pytest.mark.parametrize(
    "text",
    ["now nova", "in lobby?", "subscribe nov?", "thanks", "is it lunch?", "", "why?", "where is " + "x" * LONGEST],
)
def test_other_lines_stay_as_they_are(text: str) -> None:
    assert question(text) is None


def test_question_to_nobody_is_conversation(event: Chat) -> None:
    assert event("where is nova?") == []
    assert event("what's next?") == []
