"""Who comes back: cohorts of people by the release of their first change."""

from __future__ import annotations

from ptgbot.contributions.duck import Duck
from ptgbot.contributions.gerrit import read_changes
from ptgbot.contributions.insight_facts import stayed
from tests.contributions.facts import DAY, load_all, load_commits
from tests.contributions.reviews import Server, change

URL = "https://review.example.org/"
SIX = ("a", "b", "c", "d", "e", "f")


def cohorts(engine: Duck, now: int, releases: tuple[str, ...] = ("Cedar", "Birch", "Ash")) -> object:
    return stayed(engine, now, releases)["cohorts"]


def test_second_change_within_ninety_days_counts(engine: Duck) -> None:
    first = [("oak", one, DAY, 1) for one in SIX]
    second = [("oak", "a", DAY, 1), ("elm", "b", 91 * DAY, 1)]
    second += [("oak", "c", 91 * DAY + 1, 1), ("oak", "d", 250 * DAY, 1)]
    load_commits(engine, [*first, *second])
    load_all(engine)
    # Of six people two came back in time; one was active in Birch and one in Cedar.
    assert cohorts(engine, 260 * DAY) == [("Ash", 6, 6, 2, 0, 1)]
    assert cohorts(engine, 249 * DAY, ("Birch", "Ash")) == [("Ash", 6, 6, 2, 0)]


def test_people_of_the_last_days_do_not_count(engine: Duck) -> None:
    made = [("oak", one, DAY * place, 1) for place, one in enumerate(SIX, 1)]
    load_commits(engine, [*made, ("oak", "f", 7 * DAY, 1), ("oak", "a", 8 * DAY, 1)])
    load_all(engine)
    assert cohorts(engine, 96 * DAY, ("Ash",)) == [("Ash", 6, 6, 2)]
    assert cohorts(engine, 96 * DAY - 1, ("Ash",)) == [("Ash", 6, 5, 1)]
    assert cohorts(engine, 95 * DAY - 1, ("Ash",)) == [("Ash", 6, None, None)]


def test_cohorts_below_five_people_stay_hidden(engine: Duck) -> None:
    load_commits(engine, [("oak", one, DAY, 1) for one in SIX[:4]])
    load_all(engine)
    assert cohorts(engine, 99 * DAY) == []


def test_robots_and_the_future_do_not_count(engine: Duck) -> None:
    began = [("oak", one, DAY, 1) for one in ("ci", *SIX[:5])]
    load_commits(engine, [*began, ("oak", "f", 95 * DAY, 1), ("oak", "a", 150 * DAY, 1)])
    load_all(engine)
    assert cohorts(engine, 95 * DAY - 1, ("Ash",)) == [("Ash", 5, 5, 0)]
    assert cohorts(engine, 95 * DAY, ("Ash",)) == [("Ash", 6, 5, 0)]
    assert cohorts(engine, 149 * DAY, ("Birch", "Ash")) == [("Ash", 6, 5, 0, 0)]


def test_changes_replace_commits_once_reviews_began(engine: Duck) -> None:
    accounts = {one: {"_account_id": one, "username": one, "email": f"{one}@x.example"} for one in SIX}
    server = Server(*(change(number, at=10 * DAY, owner=accounts[one]) for number, one in enumerate(SIX)))
    read_changes(engine, URL, "oak", server.ask)
    before = [("oak", one, 5 * DAY, 1) for one in SIX[:2]]
    after = [("oak", one, 11 * DAY, 1) for one in SIX]
    load_commits(engine, [*before, *after])
    load_all(engine, [f"{URL}oak", "oak"])
    # The merged commits of a change are no second change.
    assert cohorts(engine, 200 * DAY - 1, ("Birch", "Ash")) == [("Ash", 6, 6, 2, 0)]
