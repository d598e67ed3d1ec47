"""Old addresses, answered by the layer of routes from a snapshot that the program made."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from ptgbot.cli import main
from ptgbot.contributions import FEATURE
from ptgbot.contributions.convert import as_toml
from ptgbot.contributions.old_answers import ANSWERS
from ptgbot.contributions.old_files import FILES
from ptgbot.contributions.old_names import METRICS
from ptgbot.contributions.people_files import load_people
from ptgbot.contributions.settings import StatsSettings
from ptgbot.exits import Exit
from ptgbot.web.routes import Routes
from ptgbot.web.server import WebServer
from ptgbot_site.build.state import State
from ptgbot_site.contributions.source import opened
from tests.contributions.histories import Made, history
from tests.contributions.program import Program
from tests.contributions.stackalytics import DATA
from tests.contributions.test_pages import rendered
from tests.web.serving import serve, well

ROOT = Path(__file__).parents[2]
ON = StatsSettings(repositories=("https://git.example.org/plants",))
BIRCH, ASH = 1_410_000_000, 1_400_000_000
DAY = 86_400
BOX = """From x Mon
From: "hidden@mail.example" <hidden@mail.example>
Date: Mon, 08 Sep 2014 10:00:00 +0000
Message-ID: <1@x>
Subject: [oak] hello

text
"""
GROUPS = {
    "module_groups": [{"module_group_name": "Trees", "modules": ["oak", "OLD-elm"]}],
    "project_types": [
        {"id": "woods", "title": "Woods", "modules": ["trees"]},
        {"id": "oaks", "title": "Oaks", "child": True, "modules": ["oak", "nothing"]},
        {"id": "official", "title": "Official", "modules": ["official"]},
    ],
    "project_sources": [{"organization": "plants", "module_group_id": "plants-all", "module_group_name": "Plants"}],
}
OFFICIAL = """
[[module_groups]]
id = "official"
name = "Official"
tag = "project_type"
releases = [{ name = "Ash", modules = ["oak"] }, { name = "birch", modules = ["elm", "herbs"] }]

[[releases]]
name = "Cedar"
until = 2010-01-01

[[repositories]]
uri = "https://git.example.org/plants/elm"
module = "elm"
aliases = ["OLD-elm"]
"""


@pytest.fixture(scope="module")
def bulk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("old")
    program = Program(folder)
    mira, ada, eve = b"Mira <mira@example.org>", b"Ada <ada@other.example>", b"eve@x.example <eve@x.example>"
    program.repositories = [
        history(folder / "oak", Made(b"a", mira, ASH, files={b"a": b"1\n"}), Made(b"b", ada, BIRCH)),
        history(folder / "elm", *(Made(b"c", eve, BIRCH + n) for n in range(3)), Made(b"d", mira, 1_430_000_000)),
    ]
    (folder / "list.mbox").write_text(BOX)
    program.configure("[[stats.mail]]\nname = 'list'\nmbox = 'list.mbox'\n")
    (folder / "default_data.json").write_text(json.dumps({**DATA, **GROUPS}))
    people = [*as_toml(load_people(folder / "default_data.json").register), OFFICIAL]
    (folder / "people.toml").write_text("\n".join(people))
    program.path.write_text(program.path.read_text().replace("default_data.json", "people.toml"))
    assert main(["stats", "refresh", str(program.path)]) == Exit.STOPPED
    return program.bulk.parent


@pytest.fixture(scope="module")
def routes(bulk: Path) -> Routes:
    made = Routes()
    made.mount(FEATURE, ON, pages=["index.html", "contributions/index.html"], bulk=bulk)
    return made


class Reader:
    """Asks the web server."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session, self._base = session, base

    async def __call__(self, path: str, **headers: str) -> tuple[int, Any, Any]:
        async with self._session.get(self._base + path, headers=headers, allow_redirects=False) as found:
            return found.status, await found.text(), found.headers

    async def json(self, path: str, status: int = 200) -> Any:
        found, text, headers = await self(f"/api/1.0/{path}")
        assert (found, headers["Content-Type"]) == (status, "application/json"), text
        return json.loads(text)


@pytest.fixture
async def ask(routes: Routes, tmp_path: Path) -> AsyncIterator[Reader]:
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "index.html").write_text("front")
    server = WebServer(tmp_path / "html", well, answer=routes.answer)
    port = await serve(server)
    try:
        async with aiohttp.ClientSession() as session:
            yield Reader(session, f"http://127.0.0.1:{port}")
    finally:
        await server.stop()


async def test_every_address_answers_without_mail_addresses(ask: Reader) -> None:
    for path in ANSWERS:
        found = json.dumps(await ask.json(f"{path}?release=all&metric={','.join(METRICS)}&callback=x"))
        assert not re.search(r"@|hidden.mail|x.example", found), path


async def test_organisations_are_ranked_without_the_independent(ask: Reader) -> None:
    assert await ask.json("stats/companies?release=all&metric=commits") == {
        "stats": [
            {"index": "", "id": "*independent", "name": "*independent", "metric": 3},
            {"index": 1, "id": "Other Works", "name": "Other Works", "metric": 2},
            {"index": 2, "id": "Example", "name": "Example", "metric": 1},
        ]
    }


@pytest.mark.parametrize(
    ("query", "modules"),
    [
        ("release=all&metric=commits", [("elm", 4), ("oak", 2)]),
        ("release=Ash&metric=commits", [("oak", 1)]),
        ("release=ash,birch&metric=commits", [("elm", 3), ("oak", 2)]),
        ("metric=commits", [("elm", 1)]),
        ("release=all&metric=commits&module=OAK", [("oak", 2)]),
        ("release=all&metric=commits&module=oak,elm", [("elm", 4), ("oak", 2)]),
        ("release=all&metric=commits&company=other%20works", [("elm", 1), ("oak", 1)]),
        ("release=all&metric=commits&user_id=mira", [("elm", 1), ("oak", 1)]),
        ("release=all&metric=loc&module=oak&release=none", [("oak", 1)]),
        ("release=all&metric=commits&start_date=2014-09-06&end_date=20140906", [("elm", 3), ("oak", 1)]),
        (f"release=all&metric=commits&end_date={ASH + 1}", [("oak", 1)]),
        ("release=all&metric=emails", [("oak", 1)]),
        ("release=all&metric=person-day", [("oak", 1)]),
        ("release=all&metric=person-day,emails,bpd&project_type=all", [("oak", 2)]),
        *((f"release=all&metric={name}", []) for name, (ours, _) in METRICS.items() if not ours),
        ("release=all", [("elm", 4), ("oak", 2)]),
        ("release=all&metric=commits&module=trees", [("elm", 4), ("oak", 2)]),
        ("release=all&metric=commits&module=tagged", []),
        ("release=Cedar&metric=commits", []),
        ("release=all&metric=commits&project_type=Woods", [("elm", 4), ("oak", 2)]),
        ("release=all&metric=commits&project_type=oaks", [("oak", 2)]),
        ("release=all&metric=commits&project_type=oaks,woods&module=elm", [("elm", 4)]),
        ("release=all&metric=commits&project_type=oaks&module=elm", []),
        ("release=all&metric=commits&project_type=oaks,all", [("elm", 4), ("oak", 2)]),
        ("release=all&metric=commits&module=official", [("elm", 3), ("oak", 1)]),
        ("release=ash&metric=commits&project_type=official", [("oak", 1)]),
        ("release=birch,ash&metric=commits&project_type=official&module=trees", [("elm", 3), ("oak", 1)]),
        ("metric=commits&project_type=official", []),
        ("release=all&metric=commits&start_date=2016-01-01&end_date=2014-01-01", []),
        ("release=all&metric=commits&start_date=-999999999999&end_date=999999999999", [("elm", 4), ("oak", 2)]),
    ],
)
async def test_parameters_choose(ask: Reader, query: str, modules: Sequence[tuple[str, int]]) -> None:
    found = await ask.json(f"stats/modules?{query}")
    assert [(one["id"], one["metric"]) for one in found["stats"]] == modules


@pytest.mark.parametrize("name", ["release", "project_type", "module", "company", "user_id", "metric"])
@pytest.mark.parametrize(
    "value",
    [
        *("nobody", "x%27%3B%20DROP%20TABLE%20records%3B--", "%1F", "%1E", "%00", "%F0%9F%8C%B3" * 9),
        *("eve@x.example", "y" * 4_000),
    ],
)
async def test_unknown_values_are_refused(ask: Reader, name: str, value: str) -> None:
    assert await ask.json(f"stats/engineers?{name}={value}", 404) == {"error": f"unknown {name}"}


@pytest.mark.parametrize(
    "query",
    ["start_date=soon", "end_date=20179999", "start_date=2017-1", "end_date=9999-12-31", f"start_date={'9' * 99}"],
)
async def test_odd_dates_are_refused(ask: Reader, query: str) -> None:
    assert "no date" in (await ask.json(f"new_companies?{query}", 404))["error"]


async def test_ten_kilobytes_of_parameter_are_refused(ask: Reader) -> None:
    status, _text, _headers = await ask(f"/api/1.0/stats/modules?module={'x' * 10_000}")
    assert 400 <= status < 500


async def test_addresses_below_that_are_unknown(ask: Reader) -> None:
    for path in ("", "nothing", "stats", "stats/companies/x"):
        assert await ask.json(path, 404) == {"error": "no such address"}


async def test_people_with_their_votes_and_numbers(ask: Reader) -> None:
    [first, *_more] = (await ask.json("stats/engineers_extended?release=all&metric=commits"))["stats"]
    assert first["name"] == "eve"
    assert (first["index"], first["metric"], first["commit"], first["2"], first["email"]) == (1, 3, 3, 0, 0)
    found = (await ask.json("stats/distinct_engineers?release=all&metric=emails"))["stats"]
    assert [*found.values()] == [{"author_name": "hidden"}]
    [person] = found
    assert (await ask.json(f"stats/engineers?release=all&metric=emails&user_id={person}"))["stats"][0]["metric"] == 1


async def test_weeks_contribution_and_activity(ask: Reader) -> None:
    everything, chosen, lines = (await ask.json("stats/timeline?release=birch&metric=commits"))["timeline"]
    assert everything == [["2014-05-12", 1], ["2014-09-01", 4], ["2015-04-20", 1]]
    assert [number for _, number in chosen] == [0, 4, 0]
    assert len(lines) == 3
    counts = (await ask.json("contribution?release=all"))["contribution"]
    assert (counts["commit_count"], counts["email_count"], counts["marks"]["2"]) == (6, 1, 0)
    [one] = (await ask.json("activity?release=all&metric=commits&page_size=1&start_record=1"))["activity"]
    assert (one["date"], one["author_name"], one["module"]) == (BIRCH + 2, "eve", "elm")
    assert await ask.json("activity?page_size=-1", 404) == {"error": "page_size is no number"}


async def test_lists_have_the_names_of_the_choice(ask: Reader) -> None:
    async def listed(path: str) -> list[str]:
        return [one["text"] for one in (await ask.json(path))["data"]]

    every, everybody = "release=all&metric=all", ["*independent", "Example", "Other Works"]
    assert await listed(f"companies?{every}") == everybody
    assert await listed(f"companies?{every}&project_type=oaks&company=Example") == everybody
    assert await listed("companies?release=ash") == ["Example"]
    assert await listed(f"users?{every}") == ["Ada", "eve", "hidden", "Mira Lind"]
    assert await listed(f"users?{every}&module=oak&user_id=mira") == ["Ada", "hidden", "Mira Lind"]
    assert await listed("users?release=all") == ["Ada", "eve", "Mira Lind"]
    assert await listed("users?company=example") == []
    assert await listed("metrics?release=nothing") == [title for _, title in METRICS.values()]


async def test_modules_are_listed_with_their_groups(ask: Reader) -> None:
    found = (await ask.json("modules?release=all&module=oak"))["data"]
    assert [(one["id"], one["text"], one["tag"]) for one in found] == [
        ("elm", "elm", "module"),
        ("oak", "oak", "module"),
        ("official", "Official", "project_type"),
        ("Trees", "Trees", "group"),
    ]
    found = (await ask.json("modules?release=all&project_type=oaks&tags=group,organization"))["data"]
    assert [one["id"] for one in found] == ["Trees"]


async def test_releases_and_types_are_listed(ask: Reader) -> None:
    releases = await ask.json("releases")
    assert [one["id"] for one in releases["data"]] == ["all", "after birch", "birch", "ash", "cedar"]
    assert releases["default"] == "after birch"
    assert (await ask.json("metrics"))["default"] == "commits"
    assert await ask.json("project_types") == {
        "data": [
            {"id": "all", "text": "All", "child": False},
            {"id": "woods", "text": "Woods", "child": False},
            {"id": "oaks", "text": "Oaks", "child": True},
            {"id": "official", "text": "Official", "child": False},
        ],
        "default": "all",
    }


async def test_all_metrics_are_for_lists_only(ask: Reader) -> None:
    assert await ask.json("stats/companies?metric=all", 404) == {"error": "unknown metric"}
    found = (await ask.json("activity?release=ash&metric=all"))["activity"]
    assert [one["metric"] for one in found] == ["commits"]


async def test_commonest_answers_are_files(ask: Reader, bulk: Path) -> None:
    with opened(bulk / "stats", State()) as pages:
        for name, (address, query) in FILES.items():
            [(file, content)] = pages.files(f"api:{name}", rendered).items()
            assert (file, content) == (f"api/1.0/{name}.json", content)
            assert json.loads(content or b"") == await ask.json(f"{address}?{urlencode(query)}"), name


async def test_organisations_that_are_new_or_left(ask: Reader) -> None:
    new = (await ask.json("new_companies?start_date=2014-09-01&end_date=2015-01-01"))["stats"]
    assert [one["id"] for one in new] == ["*independent", "Other Works"]
    [moved] = (await ask.json("affiliation_changes"))["affiliation_changes"]
    assert (await ask.json("affiliation_changes?end_days=2015-04-24"))["affiliation_changes"] == []
    assert (await ask.json("affiliation_changes?start_days=20150425"))["affiliation_changes"] == [moved]
    assert {key: value for key, value in moved.items() if key != "date"} == {
        "user_id": "mira",
        "user_name": "Mira Lind",
        "old_company_name": "Example",
        "new_company_name": "Other Works",
        "date_str": "2015-04-25",
    }


async def test_answer_is_sent_once(ask: Reader) -> None:
    _status, _text, headers = await ask("/api/1.0/metrics")
    assert headers["Cache-Control"] == "public, max-age=60"
    status, text, _ = await ask("/api/1.0/metrics", **{"If-None-Match": headers["ETag"]})
    assert (status, text) == (304, "")


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("release=birch&module=oak&metric=commits", "module/oak.html"),
        ("module=unknown&release=Ash", "release/ash~~"),
        ("release=all&metric=loc", "index.html"),
        ("metric=%27%0D%0Ax", "index.html"),
    ],
)
async def test_old_front_page_leads_on(ask: Reader, query: str, page: str) -> None:
    status, _text, headers = await ask(f"/?{query}")
    assert status == 302
    assert headers["Location"].startswith(f"./contributions/{page}")


@pytest.mark.parametrize("path", ["/", "/?track=oak"])
async def test_front_page_itself_stays(ask: Reader, path: str) -> None:
    assert (await ask(path))[:2] == (200, "front")


async def test_without_snapshot_nothing_is_counted(tmp_path: Path) -> None:
    made = Routes()
    made.mount(FEATURE, ON, bulk=tmp_path)
    found = await made.answer("/api/1.0/metrics", {})
    assert found is not None
    assert (found.status, json.loads(found.body)) == (503, {"error": "nothing has been counted yet"})


def test_old_addresses_are_there_only_with_sources() -> None:
    made = Routes()
    made.mount(FEATURE, StatsSettings())
    assert made.addresses == []


def test_documentation_has_every_address() -> None:
    text = (ROOT / "docs" / "statistics.rst").read_text("utf-8")
    told = text.partition("\nOld addresses\n")[2].partition("\nFor operators\n")[0]
    assert set(ANSWERS) | set(METRICS) <= set(re.findall(r"``([a-z_/-]+)``", told))
