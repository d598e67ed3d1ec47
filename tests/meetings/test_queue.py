"""The queue of speakers: Zakim's signs, one line after another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptgbot.meetings.queue import MOST_WAITING, Queue, Waiting, is_about_queue, time_is_over, turned

PEOPLE = ("mira", "jo", "jo-anne", "mhu[m]")


def after(*lines: str, by: str = "mira", chairs: bool = False) -> tuple[Queue, list[str]]:
    """Return the queue after lines (``jo: q+`` is said by jo), and what the bot said."""
    queue, says = Queue(), []
    for line in lines:
        nick, _, text = line.rpartition(": ") if ": " in line else (by, "", line)
        turn = turned(queue, nick, text, PEOPLE, chairs=chairs)
        assert turn is not None, line
        queue = turn.queue
        says.append(turn.says)
    return queue, says


def nicks(queue: Queue) -> list[str]:
    return [one.nick for one in queue.waiting]


def test_people_wait_in_order_with_reasons() -> None:
    queue, says = after("mira: q+", "jo: Q+ to ask about the budget", "mhu[m]: q+ dates")
    assert queue.waiting == (Waiting("mira"), Waiting("jo", "ask about the budget"), Waiting("mhu[m]", "dates"))
    assert says[-1] == "Queue: mira, jo (ask about the budget), mhu[m] (dates)."


def test_direct_reply_stands_first() -> None:
    assert nicks(after("mira: q+", "jo: qq+", "jo-anne: qq+ no")[0]) == ["jo", "jo-anne", "mira"]


def test_second_sign_keeps_place_and_changes_reason() -> None:
    queue, _ = after("mira: q+ to a", "jo: q+", "mira: q+ to b", "mira: q+")
    assert queue.waiting == (Waiting("mira", "b"), Waiting("jo"))


def test_somebody_else_can_be_put_on_it() -> None:
    assert nicks(after("mira: q+ JO")[0]) == ["jo"]


def test_leaving_and_moving_to_the_end() -> None:
    assert nicks(after("mira: q+", "jo: q+", "mira: q- later")[0]) == ["jo", "mira"]
    assert nicks(after("mira: q+", "jo: q+", "mira: q-")[0]) == ["jo"]
    assert nicks(after("mira: q+", "jo: q+", "mira: q- jo")[0]) == ["mira"]


def test_who_does_not_wait_is_told() -> None:
    assert after("jo: q-", "jo: q- later", "jo: q- zoe")[1] == [
        "jo: jo is not on the queue.",
        "jo: you are not on the queue.",
        "jo: zoe is not on the queue.",
    ]


def test_question_shows_the_queue() -> None:
    assert after("q?", "jo: q+", "q?")[1] == ["The queue is empty.", "Queue: jo.", "Queue: jo."]


def test_acknowledged_speaker_leaves_the_queue() -> None:
    queue, says = after("jo: q+ to ask", "mira: q+", "ack next")
    assert (nicks(queue), queue.speaking) == (["mira"], "jo")
    assert says[-1] == "jo, you have the floor. Ask. Then: mira."
    assert after("jo: q+", "mira: q+", "ack MIRA")[0].speaking == "mira"
    assert after("ack next")[1] == ["The queue is empty."]


@pytest.mark.parametrize(
    "line",
    ["ack", "ack thanks", "ack that", "q", "quick", "q+1", "question?", "time", "time 10", "time flies", "q? no"],
)
def test_conversation_is_left_alone(line: str) -> None:
    assert turned(Queue(), "mira", line, PEOPLE, chairs=True) is None


def test_unknown_name_is_conversation_with_people_waiting() -> None:
    queue = Queue((Waiting("jo"),))
    assert turned(queue, "mira", "ack nobody", PEOPLE, chairs=True) is None
    turn = turned(queue, "mira", "ack mira", PEOPLE, chairs=True)
    assert turn is not None
    assert turn.says == "mira is not on the queue."


def test_closed_queue_takes_nobody_but_direct_replies() -> None:
    queue, says = after("close queue", "jo: q+", "jo: qq+", "jo: q-", "open the queue", "jo: q+", chairs=True)
    assert says[:3] == ["The queue is closed.", "jo: the queue is closed.", "Queue: jo. It is closed."]
    assert (nicks(queue), queue.is_open) == (["jo"], True)


def test_only_chairs_close_and_time() -> None:
    queue, says = after("close queue", "time 2m")
    assert queue == Queue()
    assert says == ["Only a chair may open or close the queue.", "Only a chair may set the time of speakers."]


def test_time_of_speakers_is_set_and_ended() -> None:
    queue, says = after("time 2m", "jo: q+", "ack jo", chairs=True)
    assert (queue.seconds, says[0]) == (120, "Each speaker has 2 minutes.")
    assert time_is_over(queue) == "jo: 2 minutes are over."
    assert after("time 90s", "time off", chairs=True)[0].seconds == 0


def test_full_queue_takes_nobody_more() -> None:
    queue = Queue(tuple(Waiting(f"p{number}") for number in range(MOST_WAITING)))
    turn = turned(queue, "late", "q+", PEOPLE, chairs=False)
    assert turn is not None
    assert (turn.queue, turn.says) == (queue, "late: the queue is full.")


def test_long_reason_is_cut() -> None:
    assert len(after("jo: q+ to " + "x" * 10_000)[0].waiting[0].reason) <= 120


SIGNS = st.sampled_from(["q+", "qq+", "q-", "q- later", "ack next", "q+ jo"])


@given(st.lists(st.tuples(st.sampled_from(PEOPLE), SIGNS)))
def test_nobody_waits_twice(lines: list[tuple[str, str]]) -> None:
    queue = Queue()
    for nick, text in lines:
        turn = turned(queue, nick, text, PEOPLE, chairs=False)
        assert turn is not None
        queue = turn.queue
        assert len(set(nicks(queue))) == len(queue.waiting)


@given(st.text(max_size=200))
def test_any_line_is_answered_or_left(text: str) -> None:
    turn = turned(Queue(), "mira", text, PEOPLE, chairs=True)
    assert turn is None or is_about_queue(text.strip())
