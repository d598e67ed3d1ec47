"""The agenda: points from lines and from descriptions, their order, and the next one."""

from __future__ import annotations

import pytest

from ptgbot.meetings.agenda import MOST_POINTS, Agenda, Point, point, point_is_over, points_of, points_said, stepped

PEOPLE = ("mira", "jo")


def after(*lines: str, chairs: bool = True, waiting: tuple[str, ...] = ()) -> tuple[Agenda, list[str], list[str]]:
    """Return the agenda after lines, what the bot said, and the topics."""
    agenda, says, topics = Agenda(), [], []
    for line in lines:
        step = stepped(agenda, line, PEOPLE, chairs=chairs, waiting=waiting)
        assert step is not None, line
        agenda = step.agenda
        says.append(step.says)
        topics += [step.topic] if step.topic else []
    return agenda, says, topics


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Budget", Point("Budget")),
        ("Budget [mira] [10m]", Point("Budget", "mira", 10)),
        ("Budget mira 10m", Point("Budget", "mira", 10)),
        ("Budget 10 min", Point("Budget", "", 10)),
        ("Budget [zoe|x]", Point("Budget", "zoe|x")),
        ("Review of mira", Point("Review of", "mira")),
        ("mira", Point("mira")),
        ("The 10mile run", Point("The 10mile run")),
    ],
)
def test_person_and_time_are_found(text: str, wanted: Point) -> None:
    assert point(text, PEOPLE) == wanted


def test_points_are_added_and_shown() -> None:
    agenda, says, _ = after("agenda+ Budget [mira] [10m]", "Agenda+: Dates", "agenda?", "agenda+ ")
    assert agenda.points == (Point("Budget", "mira", 10), Point("Dates"))
    assert says == [
        "Point 1 of the agenda: Budget [mira] [10m].",
        "Point 2 of the agenda: Dates.",
        "Agenda: 1. Budget [mira] [10m]; 2. Dates.",
        "Usage: agenda+ TEXT [who] [10m].",
    ]


def test_order_puts_named_points_first() -> None:
    agenda, _, _ = after("agenda+ a", "agenda+ b", "agenda+ c", "agenda order 3, 1")
    assert [one.text for one in agenda.points] == ["c", "a", "b"]
    assert after("agenda order 2")[1] == ["The agenda has no point 2."]


def test_skipped_and_removed_points_are_gone() -> None:
    agenda, says, _ = after("agenda+ a", "agenda+ b", "agenda+ c", "skip", "agenda- 2", "agenda skip 9")
    assert [one.text for one in agenda.points] == ["b"]
    assert says[3:] == ["Skipped: a.", "Skipped: c.", "The agenda has no point 9."]


def test_next_point_becomes_the_topic() -> None:
    agenda, says, topics = after("agenda+ Budget [mira] [10m]", "agenda+ Dates", "next", "agenda next", "next")
    assert topics == ["Budget", "Dates"]
    assert says[2:] == ["mira: your point. 10 minutes.", "", "The agenda has no more points."]
    assert agenda.present == Point("Dates")


def test_next_asks_once_while_people_wait() -> None:
    _, says, topics = after("agenda+ a", "next", "next", waiting=("jo", "zoe"))
    assert says[1] == "jo, zoe are on the queue. Say “next” again to go on."
    assert topics == ["a"]


def test_next_is_conversation_without_agenda_or_rights() -> None:
    assert stepped(Agenda(), "next", PEOPLE, chairs=True) is None
    assert stepped(Agenda((Point("a"),)), "next", PEOPLE, chairs=False) is None
    assert stepped(Agenda((Point("a"),)), "next week", PEOPLE, chairs=True) is None
    assert stepped(Agenda(), "skip", PEOPLE, chairs=True) is None


def test_only_chairs_change_the_order() -> None:
    assert after("agenda+ a", "agenda order 1", "agenda- 1", chairs=False)[1][1:] == [
        "Only a chair may change the agenda."
    ] * 2


def test_end_of_time_is_told() -> None:
    assert point_is_over(Agenda((), Point("Budget", "", 10))) == "The 10 minutes for “Budget” are over."


def test_full_agenda_takes_no_more() -> None:
    agenda, says, _ = after(*[f"agenda+ p{number}" for number in range(MOST_POINTS + 1)])
    assert (len(agenda.points), says[-1]) == (MOST_POINTS, "The agenda is full.")


def test_description_lists_points_below_its_heading() -> None:
    text = "Weekly.\n- bring tea\n\nAgenda:\n1. Budget [mira] [10m]\n* Dates\n\n2) Rest\nSee you\n- not this"
    assert points_of(text) == (Point("Budget", "mira", 10), Point("Dates"), Point("Rest"))
    assert points_of("- a\nprose\n- b") == (Point("a"), Point("b"))
    assert points_of("no list here") == ()


def test_odd_description_is_bounded() -> None:
    assert len(points_of("- x\n" * 5000)) == MOST_POINTS
    assert len(points_of("- " + "y" * 100_000)[0].text) <= 200


def test_listed_points_are_found_again() -> None:
    agenda, _, _ = after("agenda+ Budget [mira] [10m]", "agenda+ Dates.", "agenda+ Rest [jo]")
    assert points_said(str(agenda)) == agenda.points
    assert points_said("Agenda of mine: 1. x.") == ()
