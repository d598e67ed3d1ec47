from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import attrs
import pytest
from aiohttp import web
from attrs import define

from ptgbot.chat.adapter import Undeliverable
from ptgbot.ci import zuul_polling
from ptgbot.ci.builds import Broken, BuiltJob, LastBuild, Nodeset, broken_sets, built_jobs, nodesets
from ptgbot.ci.events import read_event
from ptgbot.ci.facts import looked_at
from ptgbot.ci.following import follow, look
from ptgbot.ci.keeping import Keeping
from ptgbot.ci.settings import ZuulConfig
from ptgbot.ci.spans import DAY, Span
from ptgbot.ci.spread import Spread
from ptgbot.ci.tools import settings_in
from ptgbot.ci.zuul_polling import ZuulPoll
from ptgbot.ci.zuul_shapes import NoBuilds, build_of, items_in
from ptgbot.feature import SourceHub
from ptgbot.requesting import TooBusy
from ptgbot_site.ci.desk import Desk, names_of
from ptgbot_site.ci.zuul_builds import zuul_sections
from tests.ci.happenings import HOUR, NOVA, SETTINGS
from tests.ci.test_answers import asked
from tests.ci.test_polling import Hub
from tests.ci.zuul_double import ZuulDouble, served, stamp

NOW = int(time.time()) // 60 * 60
ALL = Span(NOW - 40 * DAY, NOW + DAY)


@define
class Zuul:
    """A served double, and the storage of the one that asks it."""

    double: ZuulDouble
    keeping: Keeping
    poll: ZuulPoll

    async def look(self) -> int:
        return await self.poll.look(self.keeping)

    def jobs(self, *, changes: bool = False) -> list[BuiltJob]:
        with looked_at(self.keeping.path) as sql:
            return built_jobs(sql, ALL, changes=changes)


@pytest.fixture
async def zuul(tmp_path: Path) -> AsyncIterator[Zuul]:
    double = ZuulDouble()
    async with served(double) as address:
        keeping = Keeping(tmp_path / "ci", SETTINGS)
        yield Zuul(double, keeping, ZuulPoll("opendev", ZuulConfig(address, "open stack", begin_days=3)))


async def test_periodic_builds_become_facts(zuul: Zuul) -> None:
    start = NOW - 10 * HOUR
    zuul.double.build("a", start)
    zuul.double.build("b", start + HOUR, "RETRY", final=False, error_detail="Host unreachable")
    zuul.double.build("c", start + 2 * HOUR, "POST_FAILURE", error_detail="Disk full", nodeset="jammy")
    zuul.double.build("d", start + 3 * HOUR, "SKIPPED")
    zuul.double.build("e", start + 4 * HOUR, change=934100, patchset=2, pipeline="gate")
    zuul.double.build("f", start + 5 * HOUR, "", job_name="running")
    assert await zuul.look() == 5
    last = LastBuild(start + 2 * HOUR + 600, "POST_FAILURE", "https://log.example/c/", "Disk full")
    spread = Spread(2, 600, 600), Spread(2, 120, 120)
    assert zuul.jobs() == [BuiltJob("opendev", NOVA, "master", "periodic", "tempest", 2, 1, 1, 1, *spread, last)]
    assert [(one.pipeline, one.runs) for one in zuul.jobs(changes=True)] == [("gate", 1), ("periodic", 2)]
    with looked_at(zuul.keeping.path) as sql:
        waited = Spread(2, 120, 120)
        assert nodesets(sql, ALL) == [
            Nodeset("opendev", "jammy", 1, 1, 0, Spread(1, 120, 120)),
            Nodeset("opendev", "noble", 2, 0, 1, waited),
        ]


async def test_page_shows_builds_nodes_and_broken_sets(zuul: Zuul) -> None:
    start, evil = NOW - 10 * HOUR, "<script>alert(1)</script>"
    zuul.double.build("a", start)
    zuul.double.build("b", start + HOUR, "POST_FAILURE", error_detail=evil, nodeset="jammy", log_url="javascript:x")
    ref = {"project": NOVA, "branch": "master", "change": 7, "patchset": 1}
    broken = {"result": "CONFIG_ERROR", "message": evil, "last_build_end_time": stamp(NOW - HOUR), "pipeline": "check"}
    zuul.double.buildsets = [{"uuid": "s", **broken, "refs": [ref]}]
    await zuul.look()
    with looked_at(zuul.keeping.path) as sql:
        jobs, nodes, sets = map(str, zuul_sections(Desk(sql, SETTINGS, NOW, "", names_of(sql))))
    for words in ("tempest", "periodic", NOVA, "50 %", "10 min", "2 min", "POST_FAILURE"):
        assert words in jobs
    assert "jammy" in nodes
    assert "noble" in nodes
    assert "CONFIG_ERROR" in sets
    assert "&lt;script&gt;" in sets
    assert not re.search("<script|javascript:", jobs + nodes + sets)


async def test_replay_makes_the_same_builds(zuul: Zuul) -> None:
    for number in range(5):
        zuul.double.build(str(number), NOW - number * HOUR - HOUR)
    await zuul.look()
    before = zuul.jobs()
    zuul.keeping.path.unlink()
    assert zuul.keeping.replay() == 5
    assert zuul.jobs() == before
    assert [kept.source for kept, _ in zuul.keeping.raw.read()] == ["zuul"] * 5
    assert "artifacts" not in next(zuul.keeping.raw.read())[0].event
    assert await zuul.look() == 0


async def test_pages_are_read_until_the_mark(zuul: Zuul, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zuul_polling, "PAGE", 4)
    for number in range(40, 0, -1):
        zuul.double.build(str(number), NOW - number * HOUR)
    assert await zuul.look() == 40
    assert len(zuul.double.asked) == 12
    zuul.double.build("new", NOW - 60)
    zuul.double.asked.clear()
    assert await zuul.look() == 1
    # Back over the four hours for which builds run at most, and the buildsets.
    assert len(zuul.double.asked) == 4


async def test_long_build_is_found_when_it_ends(zuul: Zuul) -> None:
    zuul.double.build("long", NOW - 3 * HOUR, "", end_time=None)
    zuul.double.build("short", NOW - 2 * HOUR)
    assert await zuul.look() == 1
    zuul.double.builds[0] |= {"result": "FAILURE", "end_time": stamp(NOW)}
    assert await zuul.look() == 1
    assert zuul.jobs()[0].runs == 2


async def test_buildset_without_builds_tells_why(zuul: Zuul) -> None:
    zuul.double.build("a", NOW - HOUR, "FAILURE", buildset={"uuid": "s1"})
    ref = {"project": NOVA, "branch": "master", "change": 7, "patchset": 1}
    ended = {"last_build_end_time": stamp(NOW - HOUR), "pipeline": "check", "refs": [ref]}
    zuul.double.buildsets = [
        {"uuid": "s1", "result": "FAILURE", **ended},
        {"uuid": "s2", "result": "SUCCESS", **ended},
        {"uuid": "s3", "result": "CONFIG_ERROR", "message": "no such job", **ended},
        {"uuid": "s4", "result": "DEQUEUED", **ended},
    ]
    assert await zuul.look() == 5
    with looked_at(zuul.keeping.path) as sql:
        [found] = broken_sets(sql, ALL)
    assert found == Broken("opendev", NOVA, "master", "check", 7, "CONFIG_ERROR", "no such job", NOW - HOUR)


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (web.Response(status=502), OSError),
        (web.Response(status=400), Undeliverable),
        (web.Response(status=503, headers={"Retry-After": "7"}), TooBusy),
        (b"<!doctype html><title>Zuul</title>", NoBuilds),
        (b'[{"uuid": "a", "job_na', NoBuilds),
        (b'{"error": 1}', NoBuilds),
        (b"[" * 100_000, NoBuilds),
    ],
)
async def test_failed_look_stores_nothing(zuul: Zuul, response: Any, error: type[Exception]) -> None:
    zuul.double.build("a", NOW - HOUR)
    zuul.double.failing = [b"[]", response]
    with pytest.raises(error):
        await zuul.look()
    assert zuul.keeping.newest_build("opendev") == 0
    assert await zuul.look() == 1


@pytest.mark.parametrize(
    ("results", "answer"),
    [
        ([], "No Zuul has told of a periodic job in the last 8 days."),
        (["FAILURE", "SUCCESS"], "The last runs of all 1 periodic job succeeded."),
        (
            ["SUCCESS", "POST_FAILURE", "SKIPPED"],
            f"1 of 1 periodic job failed: tempest of {NOVA} on master POST_FAILURE (Disk full).",
        ),
    ],
)
async def test_question_for_periodic_jobs_is_answered(zuul: Zuul, results: list[str], answer: str) -> None:
    for number, result in enumerate(results):
        zuul.double.build(str(number), NOW - (9 - number) * HOUR, result, error_detail="Disk full")
    zuul.double.build("change", NOW - HOUR, "FAILURE", change=7)
    await zuul.look()
    folder = zuul.keeping.folder.parent
    zuul.keeping.folder.rename(folder / "gerrit")
    assert asked(folder, "+ci periodic", NOW) == answer


@pytest.mark.parametrize("broken", ["uuid", "result", "job_name", "ref", "start_time", "final", "log_url", "nodeset"])
@pytest.mark.parametrize("value", [None, 7, "javascript:x", [], {}, [7], {"change": "x"}, True])
def test_odd_build_raises_nothing(broken: str, value: object) -> None:
    double = ZuulDouble()
    double.build("a", NOW)
    event = {"type": "zuul-build", **double.builds[0], broken: value}
    read_event(event, SETTINGS).to_json(1)
    build = build_of(event)
    assert build is None or not build.url.startswith("javascript")


def test_old_zuul_has_the_change_beside_the_rest() -> None:
    [one] = items_in(
        b'[{"uuid": "a", "job_name": "j", "result": "LOST", "project": "p", "ref": "refs/heads/stable", '
        b'"change": 7, "patchset": "2", "voting": false}]',
        "zuul-build",
    )
    build = build_of(one)
    assert build
    assert (build.project, build.branch, build.change, build.patchset) == ("p", "stable", 7, 2)
    assert (build.voting, build.is_final, build.time) == (False, True, None)


async def test_source_asks_zuul_again(zuul: Zuul) -> None:
    zuul.double.build("a", NOW - HOUR)
    zuul.double.failing = [b"<html>", web.Response(status=503, headers={"Retry-After": "0"})]
    settings = attrs.evolve(SETTINGS, zuul={"opendev": attrs.evolve(zuul.poll.config, poll_minutes=0.0001)})
    hub = Hub(zuul.keeping.folder)
    task = asyncio.create_task(follow(settings, cast("SourceHub", hub)))
    async with asyncio.timeout(60):
        while not hub.counts["builds"]:
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    assert hub.told[0] == "The Zuul opendev cannot be read: the answer is no JSON"


async def test_check_asks_each_zuul(zuul: Zuul) -> None:
    settings = attrs.evolve(SETTINGS, zuul={"a": zuul.poll.config})
    zuul.double.failing = [b"[]", b"<html>"]
    assert [(one.text, one.good) for one in await look(settings)] == [("the Zuul a can be read.", True)]
    [found] = await look(settings)
    assert (found.text, found.good) == ("the Zuul a cannot be read: the answer is no JSON", False)


def test_table_of_a_zuul_is_read(tmp_path: Path) -> None:
    config = tmp_path / "ci.toml"
    config.write_text('[ci.zuul.opendev]\nurl = "https://zuul.example/"\ntenant = "openstack"\n', "utf-8")
    assert settings_in(config).zuul == {"opendev": ZuulConfig("https://zuul.example/", "openstack")}
    config.write_text('[ci.zuul.opendev]\nurl = "http://zuul.example/"\ntenant = "openstack"\n', "utf-8")
    with pytest.raises(ValueError, match="http:// is for this machine only"):
        settings_in(config)
