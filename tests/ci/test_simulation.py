"""The made-up Gerrit of the demo: always the same, with something to see on every page, alike over both servers."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import attrs
import pytest

from ptgbot.ci.events import read_event
from ptgbot.ci.facts import looked_at
from ptgbot.ci.following import catch_up
from ptgbot.ci.keeping import Keeping
from ptgbot.ci.polling import Poll
from ptgbot.ci.raw import Kept
from ptgbot.ci.settings import CiSettings, ServerConfig
from ptgbot.ci.simulation.cast import CIS, PROJECTS
from ptgbot.ci.simulation.living import SERVER, living, tables
from ptgbot.ci.simulation.rest import RestDouble, served
from ptgbot.ci.simulation.world import World
from ptgbot.ci.stream import stream_of
from ptgbot.tables import Reader
from tests.ci.contents import all_of, boards, contents

AT = 1_790_000_000


def settings_of(url: str = "http://127.0.0.1:1/") -> CiSettings:
    return Reader(Path("/"), "simulation", "").read(CiSettings, tables(url, {}), "ci")


def test_same_seed_makes_the_same_events() -> None:
    one, same, other = (World(seed, AT, "http://x/", history=5 * 86_400) for seed in (5, 5, 6))
    past = [*one.past()]
    assert past == [*same.past()]
    assert past != [*other.past()]
    assert [*one.live(300)] == [event for second in range(301) for event in same.live(second)]


def test_history_shows_every_fate_of_a_run() -> None:
    settings, world = settings_of(), World(1, AT, "http://x/")
    past = [*world.past()]
    times = [event["eventCreatedOn"] for event in past]
    assert times == sorted(times)
    assert (times[0] >= AT - 30 * 86_400, times[-1] <= AT) == (True, True)
    kinds = Counter(str(read_event(event, settings).kind) for event in past)
    wanted = ("patchset", "ci-result", "ci-start", "human", "recheck", "merged", "abandoned", "wip")
    assert min(kinds[kind] for kind in wanted) > 3
    _, shown = all_of(past, PROJECTS, AT, settings, SERVER)
    states = {one["state"] for board in shown for one in board["missed"]}
    assert states >= {"missed", "superseded"}
    assert sum(len(board["unstable_jobs"]) for board in shown) > 20
    rows = {(row["account"], result) for board in shown for row in board["rows"] for result in row["cells"] if result}
    assert {ci.username for ci in CIS} == {account for account, _ in rows}
    assert {result for _, result in rows} >= {"SUCCESS", "FAILURE", "SKIPPED", "NODE_FAILURE"}
    few = [*world.live(600)]
    assert 20 < len(few) < 300
    assert AT <= few[0]["eventCreatedOn"] <= few[-1]["eventCreatedOn"] <= AT + 600


async def test_both_servers_tell_the_same(tmp_path: Path) -> None:
    double = RestDouble()
    async with served(double) as url:
        settings = settings_of(url)
        past = [*World(3, AT, url, history=4 * 86_400).past()]
        for event in past:
            double.happen(event)
        asked = Keeping(tmp_path / "asked", settings)
        with_days = attrs.evolve(settings.servers[0], begin_days=100_000.0)
        await catch_up(asked, Poll(with_days), lambda _: None)
    told = Keeping(tmp_path / "told", settings)
    told.put([Kept(SERVER, "stream", event) for event in past])
    expected = all_of(past, PROJECTS, AT, settings, SERVER)
    for keeping in (asked, told):
        with looked_at(keeping.path) as sql:
            assert contents(sql) == expected[0]
            assert boards(sql, PROJECTS, AT, settings, SERVER) == expected[1]


async def test_present_comes_over_the_stream(tmp_path: Path) -> None:
    async with living(tmp_path, 1, AT) as one:
        server = Reader(Path("/"), "simulation", "").read(ServerConfig, one.tables["servers"][0], "ci.servers")
        one.world.lapse *= 100
        async with stream_of(server) as chunks, asyncio.timeout(30):
            lines = await anext(chunks)
        assert read_event({}, settings_of())
        assert b'"eventCreatedOn"' in lines[0]
        assert sum(len(change["messages"]) for change in one.rest.changes.values()) > 1000


@pytest.mark.parametrize("query", ["", "status:open", 'project:x after:"x" OR true'])
async def test_double_refuses_unknown_queries(query: str) -> None:
    from ptgbot.hooks import exchange

    async with served(RestDouble()) as url:
        response = await exchange("GET", f"{url}changes/?q={query}", b"", {}, within=10, limit=1000)
    assert response.status == 400
