"""The fewest people, and the fewest organisations, who make half of the work."""

from __future__ import annotations

import pytest

from ptgbot.contributions.duck import Duck
from ptgbot.contributions.gerrit import read_changes
from ptgbot.contributions.insight_facts import Insights
from ptgbot.contributions.rules import Options
from tests.contributions.facts import DAY, load_all, load_commits, numbers
from tests.contributions.reviews import Server, change, voted

URL = "https://review.example.org/"
COMMITS, LINES, REVIEWS = 0, 1, 4
ORGANISATIONS = 6


def factors(engine: Duck, *key: str) -> list[object]:
    return numbers(engine.rows("absence"), *key)


def commits(module: str, **numbers: int) -> list[tuple[str, str, int, int]]:
    return [(module, who, DAY, 10) for who, number in numbers.items() for _ in range(number)]


@pytest.mark.parametrize(
    ("made", "people", "organisations"),
    [
        ({"ann": 1}, 1, 1),
        ({"ann": 5, "bob": 3, "cid": 2}, 1, 1),
        ({"ann": 4, "bob": 3, "cid": 3}, 2, 1),
        ({"ann": 1, "bob": 1, "cid": 1, "dot": 1}, 2, 1),
        ({"ann": 1, "cid": 1, "dot": 1, "eve": 1}, 2, 2),
        ({"ann": 3, "dot": 4, "eve": 4}, 2, 2),
        ({"cid": 2, "dot": 1, "eve": 1}, 1, 1),
    ],
)
def test_half_of_commits_is_made_by(engine: Duck, made: dict[str, int], people: int, organisations: int) -> None:
    load_commits(engine, commits("oak", **made))
    load_all(engine)
    found = factors(engine, "module", "oak", "Ash")
    assert (found[COMMITS], found[ORGANISATIONS + COMMITS]) == (people, organisations)


def test_independent_people_are_no_organisation_together(engine: Duck) -> None:
    load_commits(engine, commits("oak", ann=3, bob=2, dot=3, eve=3))
    load_all(engine)
    assert factors(engine, "module", "oak", "Ash")[ORGANISATIONS] == 2


def test_metrics_releases_and_modules_are_apart(engine: Duck) -> None:
    made = [("oak", "ann", DAY, 1), ("oak", "ann", DAY, 1), ("oak", "bob", DAY, 5), ("oak", "cid", 150 * DAY, 0)]
    load_commits(engine, [*made, ("elm", "cid", DAY, 9), ("elm", "dot", DAY, 9)])
    load_all(engine)
    assert factors(engine, "module", "oak", "Ash")[:2] == [1, 1]
    assert factors(engine, "module", "oak", "Birch")[:2] == [1, None]
    assert factors(engine, "module", "elm", "Ash")[:2] == [1, 1]
    assert factors(engine, "all", "", "Ash")[:2] == [2, 2]
    assert factors(engine, "all", "", "Ash")[ORGANISATIONS : ORGANISATIONS + 2] == [1, 2]


def test_robots_carry_no_work(engine: Duck) -> None:
    beside = [("oak", "ann ci", DAY, 1)] * 2
    load_commits(engine, [*commits("oak", ci=9, cid=1), *beside, ("elm", "ci", DAY, 1)])
    load_all(engine, options=Options(co_robots=True))
    found = engine.rows("absence")
    # Of three commits Ann has two.
    assert numbers(found, "module", "oak", "Ash")[COMMITS] == 1
    assert [row for row in found if row[1] == "elm"] == []


def test_divided_commits_reach_exactly_half(engine: Duck) -> None:
    divided = [("oak", "ann cid dot", DAY, 1)] * 3
    load_commits(engine, [*divided, ("oak", "ann", DAY, 1), ("oak", "bob", DAY, 1), ("oak", "eve", DAY, 1)])
    load_all(engine, options=Options(split=True))
    # Of six commits, Ann has 1 + 3 thirds, the others one each.
    assert factors(engine, "module", "oak", "Ash")[COMMITS] == 2


def test_nothing_counted_means_no_factor(engine: Duck) -> None:
    load_all(engine)
    assert engine.rows("absence") == []


def test_reviews_have_factors_of_their_own(engine: Duck) -> None:
    ann, bob, cid = ({"_account_id": n, "email": f"{n}@x.example", "username": n} for n in ("ann", "bob", "cid"))
    votes = [voted(who, "Code-Review+1", DAY) for who in (bob, bob, cid)]
    read_changes(engine, URL, "oak", Server(change(1, *votes, at=DAY, owner=ann)).ask)
    load_all(engine, [f"{URL}oak"])
    found = factors(engine, "module", "oak", "Ash")
    assert (found[2], found[REVIEWS], found[ORGANISATIONS + REVIEWS]) == (1, 1, 1)


def test_help_is_wanted_in_the_last_cycle(engine: Duck) -> None:
    old = [*commits("oak", ann=1), *commits("elm", ann=1), *commits("ash", ann=1, bob=1, cid=1)]
    later = [("oak", who, 150 * DAY, 1) for who in ("ann", "bob", "cid")]
    load_commits(engine, [*old, *later])
    load_all(engine)
    insights = Insights.read(engine, 300 * DAY, sorted)
    assert [row[:3] for row in insights.carried_by_one(["Birch", "Ash"])] == [("elm", "Ash", 1)]
    assert insights.carried_by_one(["Cedar"]) == []
