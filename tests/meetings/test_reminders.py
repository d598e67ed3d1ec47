"""What the bot says by itself: before regular meetings, and about forgotten ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ptgbot.meetings.reminders import (
    Forgotten,
    draft_due,
    next_word,
    question,
    question_due,
    to_tell,
    word_before,
)
from ptgbot.meetings.schedule import Planned

START = datetime(2026, 10, 12, 14, tzinfo=UTC)
MEETING = Planned(START, "Nova", "#nova")


def ago(minutes: int) -> datetime:
    return START - timedelta(minutes=minutes)


def test_room_is_told_ten_minutes_before() -> None:
    assert next_word([MEETING], ago(60)) == ago(10)
    assert to_tell([MEETING], ago(60), ago(11)) == []
    assert to_tell([MEETING], ago(60), ago(10)) == [MEETING]


def test_room_is_told_once_and_never_late() -> None:
    assert next_word([MEETING], ago(10)) is None
    assert to_tell([MEETING], ago(10), ago(9)) == []
    assert to_tell([MEETING], ago(60), START) == []


def test_word_names_time_and_chairs() -> None:
    assert word_before(MEETING, ago(10), ["mira", "jo"]) == (
        "Nova begins in 10 minutes, at 14:00 UTC. Chairs: mira and jo. Start it with “#startmeeting Nova”."
    )
    assert word_before(MEETING, ago(1)).startswith("Nova begins in 1 minute, at")


def test_silent_meeting_is_asked_about() -> None:
    assert question_due(Forgotten(START, START + timedelta(hours=1))) == START + timedelta(minutes=30)


def test_late_meeting_is_asked_about() -> None:
    assert question_due(Forgotten(ago(0), ago(10))) == START + timedelta(minutes=5)


def test_chairs_are_not_asked_twice_in_silence() -> None:
    asked = Forgotten(ago(60), START + timedelta(hours=1), asked=ago(30))
    assert question_due(asked) == START + timedelta(hours=1, minutes=15)
    assert question_due(Forgotten(ago(60), ago(60), asked=ago(30))) is None


def test_talk_after_the_question_starts_again() -> None:
    assert question_due(Forgotten(ago(5), START, asked=ago(30))) == START + timedelta(minutes=15)
    assert question_due(Forgotten(ago(0), ago(60), asked=ago(30))) == START + timedelta(minutes=30)


def test_draft_is_written_without_an_answer() -> None:
    forgotten = Forgotten(ago(60), ago(60), asked=ago(30))
    assert draft_due(forgotten) == ago(15)
    assert draft_due(Forgotten(ago(20), ago(60), asked=ago(30))) is None
    assert draft_due(Forgotten(ago(60), ago(60), asked=ago(30), drafted=True)) is None
    assert draft_due(Forgotten(ago(60), ago(60))) is None


def test_question_names_the_chairs() -> None:
    assert question(["mira", "jo"]) == "mira, jo: is the meeting over? Then end it with #endmeeting."
