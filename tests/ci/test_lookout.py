from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import attrs
import pytest
from attrs import define, field

from ptgbot.chat.inbox import NotSaved
from ptgbot.ci import lookout
from ptgbot.ci.facts import looked_at
from ptgbot.ci.keeping import Keeping
from ptgbot.ci.lookout import Lookout
from ptgbot.ci.raw import Kept
from ptgbot.ci.settings import CiSettings, ServerConfig
from ptgbot.feature import Fact, SourceHub
from tests.ci.happenings import ACME, HOUR, NOVA, OK, SETTINGS, ZUUL, Event, comment, created

SERVERS = tuple(ServerConfig(name, f"https://{name}.example/", (NOVA,)) for name in ("review", "other"))
ONE = attrs.evolve(SETTINGS, servers=SERVERS[:1])
TWO = attrs.evolve(SETTINGS, servers=SERVERS)


@define(eq=False)
class Core:
    """Takes facts, as the core does."""

    fails: bool = False
    learned: list[Any] = field(factory=list)

    async def learn(self, facts: Sequence[Fact]) -> None:
        if self.fails:
            raise NotSaved("the disk is full")
        self.learned += [fact.value for fact in facts]

    def count(self, _name: str, _number: int = 1) -> None:
        pass

    @property
    def bad(self) -> list[list[str]]:
        """The names of the CIs that are in trouble, for each fact."""
        return [[sign["name"] for sign in value["bad"]] for value in self.learned]


def change(number: int, hours_ago: float, *authors: dict[str, str]) -> list[Event]:
    at = int(time.time() - hours_ago * HOUR)
    return [created(number, at=at), *(comment(OK, one, number=number, at=at + 60, born=at) for one in authors)]


SILENCE = [*change(1, 30, ACME, ZUUL), *(event for n in range(2, 7) for event in change(n, 26 - n, ZUUL))]


def watching(folder: Path, core: Core, settings: CiSettings = ONE) -> Lookout:
    keeping = Keeping(folder, settings)
    keeping.put([Kept("review", "rest", event) for event in SILENCE])
    return Lookout(keeping, settings, cast("SourceHub", core))


async def test_trouble_is_handed_over_once(tmp_path: Path) -> None:
    core = Core()
    one = watching(tmp_path, core)
    await one.once()
    assert core.bad == []
    one.read("review")
    await one.once()
    await one.once()
    assert core.bad == [["acme"]]
    one.keeping.put([Kept("review", "rest", event) for event in [*change(8, 2, ACME), *change(9, 1, ACME)]])
    await one.once()
    assert core.bad == [["acme"], []]
    assert "silent acme" in core.learned[1]["fine"]


async def test_unsaved_trouble_is_handed_over_again(tmp_path: Path) -> None:
    core = Core(fails=True)
    one = watching(tmp_path, core)
    one.read("review")
    await one.once()
    core.fails = False
    await one.once()
    assert core.bad == [["acme"]]


async def test_lost_server_is_not_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    core = Core()
    one = watching(tmp_path, core)
    one.read("review")
    one.lost("review")
    await one.once()
    assert core.learned == []
    monkeypatch.setattr(lookout, "UNREAD", 0)
    await one.once()
    assert (core.bad, core.learned[0]["is_whole"], [*core.learned[0]["unread"]]) == ([[]], False, ["review"])
    one.read("review")
    await one.once()
    assert (core.bad[1], core.learned[1]["is_whole"], core.learned[1]["unread"]) == (["acme"], True, {})


async def test_other_servers_are_judged_meanwhile(tmp_path: Path) -> None:
    core = Core()
    one = watching(tmp_path, core, TWO)
    one.lost("other")
    one.read("review")
    await one.once()
    assert (core.bad, core.learned[0]["is_whole"]) == ([["acme"]], False)


async def test_polled_server_is_judged_until_its_poll(tmp_path: Path) -> None:
    """Of five patch sets the last two were still pending when the server was asked."""
    core = Core()
    one = watching(tmp_path, core)
    one.read("review", int(time.time() - 15.5 * HOUR))
    await one.once()
    assert core.bad == [[]]


async def test_broken_facts_can_wait(tmp_path: Path) -> None:
    core = Core()
    one = watching(tmp_path, core)
    one.read("review")
    one.keeping.path.unlink()
    await one.once()
    assert core.learned == []
    one.keeping.replay()
    await one.once()
    assert core.bad == [["acme"]]


async def test_replay_is_no_news(tmp_path: Path) -> None:
    core = Core()
    one = watching(tmp_path, core)
    one.read("review")
    await one.once()
    one.keeping.replay()
    await one.once()
    assert len(core.learned) == 1
    with looked_at(one.keeping.path) as sql:
        assert sql.execute("SELECT COUNT(*) FROM changes").fetchone() == (6,)
