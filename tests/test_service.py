"""The whole program in one process, with a network in memory."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import attrs
import pytest
import structlog
from aiohttp import ClientSession

from ptgbot.chat.adapter import AdapterKind, Hub, LoginRefused
from ptgbot.chat.commands import Command, Decision, Form
from ptgbot.chat.message import Kind, Message, Role
from ptgbot.config import Config, ConfigError, FetchConfig, SiteConfig, StateConfig
from ptgbot.feature import Answered, AnyFeature, Fact, Job, Route, Source, SourceHub, load_features
from ptgbot.publish import PublishError
from ptgbot.service import Service, open_state
from ptgbot.store.edits import Tree
from ptgbot.store.file.lock import Lock
from ptgbot.store.store import Fenced, Locked
from ptgbot.testing import CHANNEL, FakeAdapter, person
from tests import plain_bot
from tests.parts.birds import Birds, BirdSettings
from tests.plain_bot import files, prepare


@attrs.frozen
class FakeConfig:
    name: str = "irc"


class Refused(FakeAdapter):
    """A server that refuses the login."""

    tries = 0

    async def run(self, hub: Hub) -> None:
        self.tries += 1
        raise LoginRefused("The server refuses our password.")


class Broken(FakeAdapter):
    """An adapter with a mistake in it."""

    async def run(self, hub: Hub) -> None:
        raise RuntimeError("a mistake")


class Leaving(FakeAdapter):
    """A terminal that is closed."""

    async def run(self, hub: Hub) -> None:
        return


def kind(made: FakeAdapter) -> AdapterKind:
    return AdapterKind(FakeConfig, lambda _config, _first: made)


class Talk:
    """A running service and what people say to it."""

    def __init__(self, service: Service, adapter: FakeAdapter) -> None:
        self.service, self.adapter = service, adapter

    def type(self, text: str, by: str = "mira", role: Role = Role.ADMIN) -> None:
        message = Message(datetime.now(UTC), CHANNEL, person(by), role, text)
        assert self.service.hub.receive(message)

    async def answer(self, words: str) -> str:
        """Wait for an answer that holds certain words."""
        await until(lambda: any(words in one.text for one in self.adapter.sent))
        return next(one.text for one in self.adapter.sent if words in one.text)


async def until(condition: Callable[[], bool], patience: float = 10.0) -> None:
    async with asyncio.timeout(patience):
        while not condition():
            await asyncio.sleep(0.01)


def configured(folder: Path, *adapters: FakeAdapter, site: bool = False) -> Config:
    return Config(
        StateConfig(folder / "ptg.json"),
        SiteConfig(folder / "html", "127.0.0.1:0") if site else None,
        FetchConfig(allow=("127.0.0.1",)),
        adapters=tuple((kind(one), FakeConfig(one.name), index == 0) for index, one in enumerate(adapters)),
    )


@asynccontextmanager
async def running(
    folder: Path, *adapters: FakeAdapter, site: bool = False, guest: AnyFeature | None = None
) -> AsyncIterator[Talk]:
    config = configured(folder, *adapters, site=site)
    features = [*load_features(), *([guest] if guest else [])]
    service = Service(config, await open_state(config, features=features), hour=0.05, features=features)
    task = asyncio.create_task(service.run())
    await service.started.wait()
    try:
        yield Talk(service, adapters[0])
    finally:
        service.stop()
        await task


@pytest.fixture
def quiet() -> Iterator[None]:
    """Keep tracebacks, with every local variable, out of the terminal: they take seconds."""
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    prepare(tmp_path)
    return tmp_path


async def test_the_file_follows_within_a_second(folder: Path) -> None:
    async with running(folder, FakeAdapter()) as talk:
        talk.type("#nova now scheduling")
        await until(lambda: json.loads((folder / "ptg.json").read_bytes()).get("now") == {"nova": "scheduling"}, 1.5)


async def test_page_follows_and_public_document_is_public(folder: Path) -> None:
    async with running(folder, FakeAdapter(), site=True) as talk, ClientSession() as session:
        talk.type("+subscribe nova")
        talk.type("#nova now <script>alert(1)</script> scheduling")
        await until(lambda: talk.service.health()[1]["parts"]["site"]["colour"] == "green")
        base = f"http://127.0.0.1:{talk.service.port}/"

        async def page(path: str) -> str:
            async with session.get(base + path) as answer:
                assert answer.status == 200
                return await answer.text()

        async with asyncio.timeout(10):
            while "scheduling" not in (shown := await page("")):
                await asyncio.sleep(0.02)
        assert "<script>alert" not in shown
        public = json.loads(await page("ptg.json"))
        assert public["now"] == {"nova": "<script>alert(1)</script> scheduling"}
        assert "subscriptions" not in public
        assert "ptgbot" not in public
        assert json.loads(await page("healthz")) == {"ok": True}
        assert set(talk.service.health()[1]["parts"]) == {
            *("irc", "state", "deliveries", "pins", "site", "web"),
            *("meetings/archive", "site/meetings"),
        }


async def test_forgotten_person_is_in_no_former_release(folder: Path) -> None:
    async with running(folder, FakeAdapter(), site=True) as talk:
        releases = folder / "html.d" / "releases"

        def said(words: bytes) -> bool:
            try:
                return any(words in path.read_bytes() for path in releases.rglob("*") if path.is_file())
            except FileNotFoundError:  # a former release is being removed: look again
                return said(words)

        await until(lambda: releases.exists())
        talk.type("+in the lobby", "Zoltan")
        await until(lambda: said(b"Zoltan"))
        for number in range(2):
            talk.type(f"#nova now topic {number}")
            await until(lambda number=number: said(b"topic %d" % number))  # type: ignore[misc]
        talk.type("+forget me", "Zoltan")
        await talk.answer("Everything about you is removed.")
        await until(lambda: not said(b"oltan"))
    for path in folder.rglob("*"):
        if path.is_file():
            assert b"oltan" not in path.read_bytes(), path


async def test_a_private_message_finds_its_network(folder: Path) -> None:
    other = FakeAdapter("oftc")
    other.address = lambda key: key.partition("@")[0] if key.endswith("@oftc") else None  # type: ignore[method-assign]
    async with running(folder, FakeAdapter(), other) as talk:
        talk.type("+subscribe scheduling", "Zoltan")
        message = Message(
            datetime.now(UTC),
            attrs.evolve(CHANNEL, network="oftc"),
            attrs.evolve(person("Rosa"), key="rosa@oftc"),
            Role.ATTENDEE,
            "+subscribe nova",
        )
        talk.service.hub.receive(message)
        talk.type("#nova now scheduling")
        await until(lambda: any(one.kind is Kind.TELL for one in other.sent))
        assert [(one.target, one.text) for one in other.sent if one.kind is Kind.TELL] == [
            ("rosa", "#nova now scheduling")
        ]
        assert [one.target for one in talk.adapter.sent if one.kind is Kind.TELL] == ["zoltan"]


async def test_refused_login_is_red_and_retried(folder: Path) -> None:
    refused = Refused("other")
    with structlog.testing.capture_logs() as logs:
        async with running(folder, FakeAdapter(), refused) as talk:
            await until(lambda: refused.tries > 1)
            await until(lambda: not talk.service.health()[0])
            parts = talk.service.health()[1]["parts"]
            assert parts["other"] == {"colour": "red", "text": "The server refuses our password.", "counts": {}}
            talk.type("+now nova")
            await talk.answer("#nova: nothing now.")
    assert any("The server refuses our password." in entry["event"] for entry in logs)


async def test_a_mistake_in_an_adapter_stops_nobody_else(folder: Path) -> None:
    async with running(folder, FakeAdapter(), Broken("other")) as talk:
        talk.type("+now nova")
        await talk.answer("#nova: nothing now.")


async def test_service_ends_with_its_last_adapter(folder: Path) -> None:
    config = configured(folder, Leaving())
    assert await Service(config, await open_state(config)).run() is False


async def test_service_with_work_of_its_own_outlives_adapters(folder: Path) -> None:
    """Such as a board that a source fills: it ends when it is told to."""
    config = attrs.evolve(configured(folder, Leaving()), works_alone=True)
    service = Service(config, await open_state(config))
    task = asyncio.create_task(service.run())
    await service.started.wait()
    await until(lambda: all(one.done() for one in service.networks.tasks))
    await asyncio.wait([task], timeout=0.1)
    assert not task.done()
    service.stop()
    assert await task is True


async def test_the_pages_have_the_language_of_the_configuration(folder: Path) -> None:
    config = configured(folder, FakeAdapter(), site=True)
    assert config.site
    config = attrs.evolve(config, site=attrs.evolve(config.site, language="de"))
    service = Service(config, await open_state(config))
    task = asyncio.create_task(service.run())
    await service.started.wait()
    try:
        await until(lambda: service.health()[1]["parts"]["site"]["colour"] == "green", 60.0)
        async with ClientSession() as session, session.get(f"http://127.0.0.1:{service.port}/schedule.html") as page:
            shown = await page.text()
    finally:
        service.stop()
        await task
    assert '<html lang="de"' in shown
    assert "<h1>Zeitplan" in shown


async def test_stop_finishes_typed_commands(folder: Path) -> None:
    async with running(folder, FakeAdapter(), site=True) as talk:
        for number in range(50):
            talk.type(f"+in place {number}", f"guest{number}")
    written = json.loads((folder / "ptg.json").read_bytes())["last_check_in"]
    assert len(written) == 50
    assert "place 49" in (folder / "html" / "people.html").read_text()
    await (await open_state(configured(folder, FakeAdapter()))).store.close()


async def test_a_site_that_nobody_needs_is_not_finished(folder: Path) -> None:
    config = configured(folder, FakeAdapter(), site=True)
    service = Service(config, await open_state(config), finishes_site=False)
    publisher = service.site.publisher
    assert publisher
    task = asyncio.create_task(service.run())
    await until(lambda: publisher.builder_pid is not None)
    service.stop()
    with structlog.testing.capture_logs() as logs:
        assert await task is True
    assert publisher.builder_pid is None
    assert not (folder / "html" / "index.html").exists()
    assert logs == []


async def test_while_it_runs_the_state_is_locked(folder: Path) -> None:
    async with running(folder, FakeAdapter()):
        with pytest.raises(Locked):
            await open_state(configured(folder, FakeAdapter()))


async def test_foreign_folder_is_refused_and_left_unchanged(folder: Path) -> None:
    (folder / "html").mkdir()
    (folder / "html" / "index.html").write_text("somebody else's")
    adapter = FakeAdapter()
    config = configured(folder, adapter, site=True)
    service = Service(config, await open_state(config))
    with pytest.raises(PublishError):
        await service.run()
    assert (folder / "html" / "index.html").read_text() == "somebody else's"
    assert adapter.hub is None, "nobody may have seen a bot that can't go on"
    assert service.port is None
    assert not service.started.is_set()
    await (await open_state(config)).store.close()


async def test_a_probe_commits_nothing_that_is_pending(folder: Path) -> None:
    service = plain_bot.service(folder)
    message = Message(datetime.now(UTC), CHANNEL, person("mira"), Role.ADMIN, "#nova now x")
    service.core.decide(message, None)
    seq = service.core.state.seq
    await service.probing.probe()
    assert service.core.state.seq == seq + 1
    assert cast("Tree", service.core.state.committed["gathering"])["now"] == {}
    service.core.discard()
    assert service.core.state.working == service.core.state.committed
    await service.core.keeper.close()


def _fresh(tree: Tree) -> Any:
    return cast("Any", tree)["birds"]["seen"]


async def _watch_birds(_settings: BirdSettings, hub: SourceHub) -> None:
    await hub.learn([Fact("1", "wren")])
    await asyncio.Event().wait()


async def _broken_source(_settings: BirdSettings, _hub: SourceHub) -> None:
    raise RuntimeError("a mistake")


async def test_parts_of_a_feature_run_beside_the_bot(folder: Path, quiet: None) -> None:
    script = "open('ran', 'w').close(); raise SystemExit(3)"
    birds = Birds(
        [Source("watch", _watch_birds), Source("broken", _broken_source)],
        [Job("count", lambda _, _source: [sys.executable, "-c", script], lambda _: 5.0)],
        [Route("list", lambda asked, _: Answered(json.dumps(sorted(asked.slices)).encode(), "text/plain"))],
    )
    async with running(folder, FakeAdapter(), site=True, guest=birds) as talk, ClientSession() as session:
        base = f"http://127.0.0.1:{talk.service.port}"
        await until(lambda: _fresh(talk.service.core.state.committed) == {"1": "wren"})
        await until(lambda: talk.service.health()[1]["parts"]["birds/count"]["colour"] == "red", 20)
        async with session.get(f"{base}/healthz") as answer:
            assert (answer.status, await answer.json()) == (503, {"ok": False})
        parts = talk.service.health()[1]["parts"]
        assert parts["birds/watch"]["counts"] == {"failures": 0, "facts": 1}
        assert parts["birds/count"]["text"] == "failed with 3: it said nothing"
        assert parts["birds/count"]["counts"]["failures"] >= 1
        assert parts["birds/broken"]["counts"]["failures"] >= 1
        async with session.get(f"{base}/birds/list") as answer:
            assert "gathering.event" in await answer.json(content_type="text/plain")
        talk.type("+now nova")
        await talk.answer("#nova: nothing now.")
    assert (folder / "ptg.bulk" / "birds" / "count" / "ran").exists()


async def test_a_stubborn_source_does_not_delay_the_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ptgbot.parts.life.STOP", 0.4)
    go, begun = asyncio.Event(), asyncio.Event()

    async def stubborn(_settings: BirdSettings, _hub: SourceHub) -> None:
        begun.set()
        while not go.is_set():
            try:
                await go.wait()
            except asyncio.CancelledError:
                continue

    with structlog.testing.capture_logs() as logs:
        async with running(folder, FakeAdapter(), guest=Birds([Source("stubborn", stubborn)])) as talk:
            talk.type("#nova now x")
            await begun.wait()
    go.set()
    assert "birds/stubborn" in [entry.get("part") for entry in logs]
    assert json.loads((folder / "ptg.json").read_bytes())["now"] == {"nova": "x"}


async def test_a_clash_of_words_stops_the_start(folder: Path) -> None:
    class Twin(Birds):
        name = "twins"
        commands = (Command("now", Form.USER, Role.ATTENDEE, "+now", "Now.", "+now", lambda *_: Decision()),)

    config, features = configured(folder, FakeAdapter()), [*load_features(), Twin()]
    opened = await open_state(config, features=features)
    with pytest.raises(ConfigError, match="gathering and twins both have the command"):
        Service(config, opened, features=features)
    await opened.store.close()


async def test_a_clash_of_addresses_stops_the_start(folder: Path) -> None:
    birds = Birds(routes=[Route("", lambda *_: Answered(b""), ("/index.html",))])
    config, features = configured(folder, FakeAdapter(), site=True), [*load_features(), birds]
    opened = await open_state(config, features=features)
    with pytest.raises(ConfigError, match=r"the route /birds/ and the page index\.html both have the address"):
        Service(config, opened, features=features)
    await opened.store.close()


async def test_taken_address_is_reported_and_state_released(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        site = SiteConfig(folder / "html", f"127.0.0.1:{taken.getsockname()[1]}")
        config = attrs.evolve(configured(folder, FakeAdapter()), site=site)
        with pytest.raises(OSError, match="address already in use"):
            await Service(config, await open_state(config)).run()
        await (await open_state(config)).store.close()


async def test_edit_while_running_is_put_aside(folder: Path) -> None:
    with structlog.testing.capture_logs() as logs:
        async with running(folder, FakeAdapter()) as talk:
            talk.type("#nova now before")
            await until(lambda: b"before" in (folder / "ptg.json").read_bytes())
            (folder / "ptg.json").write_text("{}")
            talk.type("#nova now after")
            await until(lambda: any("edited while the bot runs" in entry["event"] for entry in logs))
    assert b"after" in (folder / "ptg.json").read_bytes()
    assert [path.read_text() for path in folder.glob("ptg.json.edited-*")] == ["{}"]


async def test_refusing_disk_turns_red_then_silently_green(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    async with running(folder, FakeAdapter()) as talk:
        journal = files(talk.service).journal
        with monkeypatch.context() as patch:
            patch.setattr(journal, "sync", full)
            talk.type("#nova now x")
            await talk.answer("Nothing was saved")
            assert talk.service.health()[1]["parts"]["state"]["colour"] == "red"
            await talk.service.probing.probe()
            assert not talk.service.health()[0]
        await talk.service.probing.probe()
        assert talk.service.health()[0]


async def test_end_of_slot_moves_track_silently(tmp_path: Path) -> None:
    change = datetime.now(UTC) + timedelta(seconds=1.5)
    start = change - timedelta(hours=1)
    slots = [
        {"name": "A", "realtime": start.isoformat(), "duration": 60, "desc": ""},
        {"name": "B", "realtime": change.isoformat(), "duration": 60, "desc": ""},
    ]
    document = {
        "tracks": ["nova"],
        "now": {"nova": "x"},
        "slots": {"Today": slots},
        "dates": {"Today": datetime.now(UTC).date().isoformat()},
        "schedule": {"Aspen": {"A": "nova", "B": ""}, "Birch": {"A": "", "B": "nova"}},
    }
    (tmp_path / "ptg.json").write_text(json.dumps(document))

    def place() -> object:
        return json.loads((tmp_path / "ptg.json").read_bytes()).get("location", {}).get("nova")

    async with running(tmp_path, FakeAdapter()):
        await until(lambda: place() == "Aspen")
        await until(lambda: place() == "Birch", 4.0)


@pytest.mark.parametrize("text", ["+in lobby", "+forget me"])
async def test_deposed_bot_ends_silently(folder: Path, text: str) -> None:
    adapter = FakeAdapter()
    config = configured(folder, adapter)
    service = Service(config, await open_state(config))
    task = asyncio.create_task(service.run())
    await service.started.wait()
    (folder / "ptg.lock").unlink()
    successor = Lock(folder / "ptg.lock")
    successor.acquire()
    try:
        message = Message(datetime.now(UTC), CHANNEL, person("mira"), Role.ADMIN, text)
        assert service.hub.receive(message)
        with pytest.raises(Fenced, match="another process works on this state"):
            async with asyncio.timeout(30):
                await task
        assert adapter.sent == []
    finally:
        successor.release()
