"""Sources, with a real inbox and a real store."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import attrs
import pytest

from ptgbot.chat.adapter import Colour, Health
from ptgbot.chat.backoff import Backoff
from ptgbot.chat.commands import Decision
from ptgbot.chat.inbox import NotSaved, Verdict
from ptgbot.chat.message import Message, Person, Role, Room
from ptgbot.config import Config, ConfigError, StateConfig
from ptgbot.feature import Fact, Job, PersonalData, Source, SourceHub
from ptgbot.parts.sources import SourceRun
from ptgbot.service import Service, open_state
from ptgbot.store.edits import Tree
from ptgbot.store.record import Batch
from tests.parts.birds import Birds, BirdSettings, keeping, seen, until, working
from tests.plain_bot import files

Run = Callable[[BirdSettings, SourceHub], Awaitable[None]]
NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
WREN = Fact("1", "wren")


def birds(*runs: Run) -> Birds:
    return Birds([Source(f"source{number}", run) for number, run in enumerate(runs, 1)])


def source(service: Service, number: int = 0) -> SourceRun:
    found = cast("SourceRun", service.guests[number])
    found.backoff = Backoff(0.001, 0.002)
    return found


async def idle(_settings: BirdSettings, _hub: SourceHub) -> None:
    await asyncio.Event().wait()


async def test_facts_are_on_record_when_learn_returns(tmp_path: Path) -> None:
    at_return: list[object] = []

    async def run(settings: BirdSettings, hub: SourceHub) -> None:
        await hub.learn([WREN])
        at_return.append(dict(seen(service)))
        at_return.append(b"wren" in (tmp_path / "ptg.journal.jsonl").read_bytes())
        await idle(settings, hub)

    async with keeping(tmp_path, birds(run)) as service, working(source(service).run):
        await until(lambda: len(at_return) == 2)
        assert at_return == [{"1": "wren"}, True]
        assert source(service).counts() == {"failures": 0, "facts": 1}
        assert source(service).health().text.startswith("runs, last facts 20")


async def test_learn_raises_while_the_disk_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(settings: BirdSettings, hub: SourceHub) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(files(service).journal, "sync", _full)
            with pytest.raises(NotSaved):
                await hub.learn([WREN])
        hub.count("refused")
        await hub.learn([WREN])
        await idle(settings, hub)

    async with keeping(tmp_path, birds(run)) as service, working(source(service).run):
        await until(lambda: seen(service) == {"1": "wren"})
        await until(lambda: source(service).counts()["facts"])
        assert source(service).counts() == {"failures": 0, "facts": 1, "unsaved_facts": 1, "refused": 1}


def _full(_handle: int) -> None:
    raise OSError(28, "No space left on device")


async def test_learn_raises_when_the_feature_fails(tmp_path: Path) -> None:
    problems: list[str] = []

    async def run(settings: BirdSettings, hub: SourceHub) -> None:
        try:
            await hub.learn([Fact("2", "dragon")])
        except NotSaved as error:
            problems.append(str(error))
        await idle(settings, hub)

    async with keeping(tmp_path, birds(run)) as service, working(source(service).run):
        await until(lambda: problems)
    assert problems == ["the feature failed on these facts; the operators see what happened"]


async def test_learn_raises_when_the_whole_batch_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problems: list[str] = []

    async def run(settings: BirdSettings, hub: SourceHub) -> None:
        try:
            await hub.learn([WREN])
        except NotSaved as error:
            problems.append(str(error))
        await idle(settings, hub)

    async with keeping(tmp_path, birds(run)) as service:
        monkeypatch.setattr(type(service.core), "commit", lambda *_: 1 / 0)
        async with working(source(service).run):
            await until(lambda: problems)
        assert seen(service) == {}


@pytest.mark.parametrize("point", ["before the bulk", "after the bulk", "after the journal"])
async def test_a_crash_at_any_point_loses_nothing(tmp_path: Path, point: str) -> None:
    """The bulk storage is written first; what the journal lacks is handed in again, and counts once."""
    crashes = [point] * 3

    def maybe_crash(here: str) -> None:
        if crashes and here == point:
            raise RuntimeError(crashes.pop())

    async def run(settings: BirdSettings, hub: SourceHub) -> None:
        path = hub.folder / "seen.txt"
        for key in "123":
            lines = path.read_text().split() if path.exists() else []
            if key not in lines:
                maybe_crash("before the bulk")
                with path.open("a") as file:
                    file.write(f"{key}\n")
                maybe_crash("after the bulk")
            await hub.learn([Fact(key, "wren")])
            maybe_crash("after the journal")
        await idle(settings, hub)

    async with keeping(tmp_path, birds(run)) as service, working(source(service).run):
        await until(lambda: len(seen(service)) == 3 and not crashes)
        assert (tmp_path / "ptg.bulk" / "birds" / "source1" / "seen.txt").read_text().split() == ["1", "2", "3"]
        assert seen(service) == {"1": "wren", "2": "wren", "3": "wren"}
        assert service.core.state.number == 3


async def _raises(_settings: BirdSettings, _hub: SourceHub) -> None:
    raise RuntimeError("a mistake")


async def _exits(_settings: BirdSettings, _hub: SourceHub) -> None:
    sys.exit("enough")


async def _cancels_itself(_settings: BirdSettings, _hub: SourceHub) -> None:
    raise asyncio.CancelledError


async def _returns(_settings: BirdSettings, _hub: SourceHub) -> None:
    return


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (_raises, "RuntimeError: a mistake"),
        (_exits, "SystemExit: enough"),
        (_cancels_itself, "it cancelled itself"),
        (_returns, "it ended by itself"),
    ],
)
async def test_a_source_that_ends_begins_again_red(tmp_path: Path, run: Run, why: str) -> None:
    async with keeping(tmp_path, birds(run, idle)) as service:
        failing, other = source(service), source(service, 1)
        assert failing.health().colour is Colour.GREEN
        async with working(failing.run, other.run):
            await until(lambda: failing.counts()["failures"] >= 4)
            assert failing.health().colour is Colour.RED
            assert failing.health().text == f"begun again after {why}; no facts yet"
            assert other.health().colour is Colour.GREEN
            assert other.counts()["failures"] == 0


async def test_colours_follow_failures_in_a_row(tmp_path: Path) -> None:
    async with keeping(tmp_path, birds(idle)) as service:
        watched = source(service)
        colours = [watched.health().colour]
        for _ in range(4):
            watched.backoff.next()
            colours.append(watched.health().colour)
    assert colours == [Colour.GREEN, Colour.YELLOW, Colour.YELLOW, Colour.RED, Colour.RED]


async def test_a_source_that_holds_is_green_again(tmp_path: Path) -> None:
    failures = [RuntimeError("a mistake")] * 3

    async def run(settings: BirdSettings, hub: SourceHub) -> None:
        if failures:
            raise failures.pop()
        await idle(settings, hub)

    async with keeping(tmp_path, birds(run)) as service:
        watched = source(service)
        watched.steady = 0.2
        async with working(watched.run):
            await until(lambda: watched.health().colour is Colour.RED)
            await until(lambda: watched.health().colour is Colour.GREEN)
            assert watched.counts()["failures"] == 3


async def test_source_tells_its_health_and_gauges(tmp_path: Path) -> None:
    """The worst subject counts; a run that begins anew forgets what the former one told."""
    fail = asyncio.Event()

    async def run(settings: BirdSettings, hub: SourceHub) -> None:
        if fail.is_set():
            await idle(settings, hub)
        for name, colour in (("wood", Colour.GREEN), ("lake", Colour.RED), ("sea", Colour.RED)):
            hub.describe(name, Health(colour, f"the {name}"))
        hub.measure("nests", 3)
        hub.measure("nests", 2)
        await fail.wait()

    async with keeping(tmp_path, birds(run)) as service, working(source(service).run):
        await until(lambda: source(service).health().text == "the lake; the sea")
        good, said = service.health()
        assert (good, said["parts"]["birds/source1"]["colour"]) == (False, "red")
        assert said["metrics"]["birds.nests"] == 2
        fail.set()
        source(service).steady = 0.0
        await until(lambda: source(service).health().text == "runs, no facts yet")


async def test_a_cancelled_source_is_not_begun_again(tmp_path: Path) -> None:
    begun: list[int] = []

    async def run(settings: BirdSettings, hub: SourceHub) -> None:
        begun.append(1)
        await idle(settings, hub)

    async with keeping(tmp_path, birds(run)) as service:
        async with working(source(service).run) as tasks:
            await until(lambda: begun)
        assert tasks[0].cancelled()
    assert begun == [1]


async def test_a_report_reaches_the_operators_under_its_name(tmp_path: Path) -> None:
    told: list[tuple[str, str]] = []

    async def run(settings: BirdSettings, hub: SourceHub) -> None:
        hub.report("the wren is gone")
        await idle(settings, hub)

    async with keeping(tmp_path, birds(run)) as service:
        watched = source(service)
        watched.tell = lambda *words: told.append(words)
        async with working(watched.run):
            await until(lambda: told)
    assert told == [("birds/source1", "the wren is gone")]


async def test_a_folder_is_for_the_bot_alone(tmp_path: Path) -> None:
    async with keeping(tmp_path, birds(idle)) as service, working(source(service).run):
        await until(lambda: source(service).folder.exists())
        for folder in (source(service).folder, *source(service).folder.parents[:2]):
            assert folder.stat().st_mode & 0o777 == 0o700


async def test_an_unwanted_source_is_left_alone(tmp_path: Path) -> None:
    feature = Birds([Source("off", idle, wanted=lambda settings: not settings.on), Source("on", idle)])
    async with keeping(tmp_path, feature) as service:
        assert [guest.name for guest in service.guests] == ["birds/on"]


async def test_two_parts_of_one_name_are_refused(tmp_path: Path) -> None:
    feature = Birds([Source("twin", idle)], [Job("twin", lambda _, _source: ["true"], lambda _: 60.0)])
    config = Config(StateConfig(tmp_path / "ptg.json"))
    opened = await open_state(config, features=[feature])
    with pytest.raises(ConfigError, match="2 sources or jobs are named birds/twin"):
        Service(config, opened, features=[feature])
    await opened.store.close()


async def test_failing_source_pauses_five_minutes_at_most(tmp_path: Path) -> None:
    async with keeping(tmp_path, birds(idle)) as service:
        made = cast("SourceRun", service.guests[0])
    backoff = attrs.evolve(made.backoff, chance=lambda: 1.0)
    assert [backoff.next() for _ in range(12)] == [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


async def test_source_sees_documents_and_is_woken(tmp_path: Path) -> None:
    found: list[object] = []

    async def run(_settings: BirdSettings, hub: SourceHub) -> None:
        while True:
            await hub.documented()
            found.extend([await hub.document(one) for one in hub.documents("nest.")])

    async with keeping(tmp_path, birds(run)) as service, working(source(service).run):
        await service.core.keeper.commit(Batch(0), {"nest.1": {"eggs": 3}, "other": {}})
        await until(lambda: found == [{"eggs": 3}])


async def test_forgotten_person_leaves_bulk_storage_and_documents(tmp_path: Path) -> None:
    asked: list[object] = []

    class Nests(Birds):
        def forget(self, tree: Tree, chronicle: Tree, person: Person) -> PersonalData:
            return PersonalData(rewrites={"nest.": lambda _body: {"by": "somebody"}})

    feature = Nests([Source("one", idle, forget=lambda _settings, folder, person: asked.append((folder, person.key)))])
    async with keeping(tmp_path, feature) as service:
        keeper = service.core.keeper
        await keeper.commit(Batch(0), {"nest.1": {"by": "ada"}, "other": {"by": "ada"}})
        here = Room("irc", "#x", "#x")
        message = Message(NOW, here, Person("ada", "ada"), Role.ATTENDEE, "+forget me")
        await service.core.forget(Verdict(message, "core", Decision(forget=True)))
        assert asked == [(tmp_path / "ptg.bulk" / "birds" / "one", "ada")]
        assert await keeper.document("nest.1") == {"by": "somebody"}
        assert await keeper.document("other") == {"by": "ada"}
