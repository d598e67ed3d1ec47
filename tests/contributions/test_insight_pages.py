"""The sections and pages about shared work, answers, those who stay, and help that is wanted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ptgbot.contributions.duck import Duck
from ptgbot.contributions.gerrit import read_changes
from ptgbot.contributions.page_facts import Given, counted
from ptgbot.contributions.page_names import Faces, public
from ptgbot.store.edits import Json
from ptgbot_site.contributions import insights
from ptgbot_site.contributions.insight_pages import retention, wanted
from tests.contributions.facts import DAY, REGISTER, load_all, load_commits
from tests.contributions.reviews import Server, change, voted

URL, EVIL = "https://review.example.org/", "<img src=x onerror=alert(1)>"
ANN = {"_account_id": 1, "email": "ann@x.example", "username": "ann"}
BOB = {"_account_id": 2, "email": "bob@x.example", "username": "bob"}


def rows(body: str) -> list[list[str]]:
    """Return the cells of all rows of a page, without those of heads and drawings."""
    found = re.findall(r"<tr>(<th scope=\"row\">.*?)</tr>", body)
    cells = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in found)
    return [[re.sub(r"<[^>]+>", "", cell) for cell in row] for row in cells]


def test_absence_factors_stand_beside_each_other() -> None:
    # Two people of one organisation make half of the commits, nobody reviews.
    row: list[Json] = ["Ash", 2, 3, None, None, None, None, 1, 2, None, None, None, None]
    facts: dict[str, Json] = {"factors": [row], "factors_of_modules": [["oak", *row[1:]]], "name": "Ash"}
    module, release, overview = (
        make(facts) for make in (insights.of_module, insights.of_release, insights.of_overview)
    )
    metrics = [["Commits", "2", "1"], ["Lines", "3", "2"]]
    assert rows(overview) == metrics
    assert rows(module) == [*metrics, ["Ash", "2", "3"], ["Ash", "1", "2"]]
    assert rows(release) == [*metrics, ["oak", "2", "3"], ["oak", "1", "2"]]
    assert insights.of_module({}) == insights.of_release({}) == insights.of_overview({}) == ""


def test_line_is_drawn_from_three_releases_on() -> None:
    factors: list[Json] = [[name, 1, *[None] * 11] for name in ("Cedar", "Birch", "Ash")]
    drawn = insights.of_module({"factors": factors})
    assert "<svg" in drawn
    assert ["Ash", "1"] in rows(drawn)
    assert "<svg" not in insights.of_module({"factors": factors[:2]})


def test_answers_are_told_in_readable_times() -> None:
    answers: list[Json] = [["Ash", 10, 7, 119 * 60, 47 * 3600, 1, 2, 6, 3 * DAY + 43_200, 10 * DAY, 2]]
    told = rows(insights.of_overview({"answers": answers}))
    assert [cell for _, cell in told] == ["10", "7", "119 min", "47 h", "1", "2", "6", "3.5 d", "10 d", "80 %"]
    (row,) = rows(insights.of_module({"answers": [["Ash", 1, 0, None, None, 0, 1, 0, None, None, 0]]}))
    assert row == ["Ash", "1", "0", "–", "–", "0", "1", "0", "–", "–", "0 %"]


def test_cohorts_have_a_share_for_each_release() -> None:
    cohorts: list[Json] = [["Birch", 6, None, None], ["Ash", 20, 10, 4, 5]]
    body = retention({"cohorts": cohorts, "fewest": 5})
    assert rows(body) == [["Birch", "6", "–", "–", "–", ""], ["Ash", "20", "10", "4", "40 %", "25 %"]]
    assert "Too few people" in retention({"cohorts": [], "fewest": 5})


def test_unanswered_reviews_are_listed_as_text() -> None:
    row: list[Json] = [f"{URL}oak", "7", "main", EVIL, 2 * DAY, 0, "oak", None, -1, 1, None]
    facts: dict[str, Json] = {"unanswered": [row] * 101, "at_day": 9 * DAY}
    body = wanted(facts)
    assert rows(body)[0][1:] == ["oak", "main", "1970-01-03", "7", "−1"]
    assert f'href="{URL}7"' in body
    assert EVIL not in body
    assert "1 more are not listed." in body
    assert wanted({}).count("None.") == 2


def pages(engine: Duck, now: int, waiting: Sequence[Sequence[str | int | float | None]] = ()) -> Mapping[str, object]:
    """Count from tables, as a snapshot has them, which takes a fraction of the time."""
    periods = [(begin, name) for begin, _, name in REGISTER.release_periods()]
    reader = Duck()
    reader.take_derived(engine)
    reader.prepare_questions()
    found = dict(counted(reader, Given(now, periods, Faces({}, b"k"), waiting=waiting)))
    reader.close()
    return found


def test_pages_have_their_numbers(engine: Duck) -> None:
    open_one = change(1, at=150 * DAY, owner=ANN)
    answered = change(2, voted(BOB, "Code-Review+1", 150 * DAY + 60), at=150 * DAY, owner=ANN)
    read_changes(engine, URL, "oak", Server(open_one, answered).ask)
    load_commits(engine, [("oak", "ann", DAY, 1), ("oak", "ann", 149 * DAY, 1), ("elm", "bob", 150 * DAY, 1)])
    load_all(engine, [f"{URL}oak", "oak", "elm"])
    found = pages(engine, 199 * DAY, engine.rows("open_reviews"))
    module, release, help_wanted = (found[key] for key in ("module:oak", "release:Birch", "wanted"))
    assert isinstance(module, dict)
    assert isinstance(release, dict)
    assert isinstance(help_wanted, dict)
    assert [row[0] for row in module["factors"]] == ["Birch", "Ash"]
    assert module["answers"] == [["Birch", 2, 1, 60, 60, 0, 1, 0, None, None, 0]]
    assert [row[:2] for row in release["factors_of_modules"]] == [("elm", 1), ("oak", 1)]
    assert [row[1] for row in help_wanted["unanswered"]] == ["1"]
    assert [row[:2] for row in help_wanted["modules"]] == [("elm", "Birch"), ("oak", "Birch")]


def test_projects_named_like_addresses_are_listed(engine: Duck) -> None:
    read_changes(engine, URL, "ann@x.example", Server(change(1, at=150 * DAY, owner=ANN)).ask)
    load_all(engine, [f"{URL}ann@x.example"])
    row = [*engine.rows("open_reviews")[0]]
    row[0] = public(str(row[0]), b"k")
    found = pages(engine, 199 * DAY, [row])["wanted"]
    assert isinstance(found, dict)
    assert found["unanswered"] == [row]


def test_pages_of_nothing_and_of_the_future(engine: Duck) -> None:
    load_all(engine)
    assert pages(engine, DAY)["wanted"] == {"modules": [], "unanswered": [], "at_day": DAY}
    load_commits(engine, [("oak", "ann", 400 * DAY, 1)])
    found = pages(engine, 150 * DAY)
    assert found["retention"] == {"cohorts": [], "fewest": 5}
    overview = found["overview"]
    assert isinstance(overview, dict)
    assert overview["this"] == ""
    assert overview["gone"] == 0
