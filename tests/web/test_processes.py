"""The web server in processes of its own: real processes, told and supervised by this one."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import threading
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog
from attrs import define

from ptgbot.chat.adapter import Colour
from ptgbot.feature import Answered, Asked, Route
from ptgbot.web import child
from ptgbot.web.processes import WebProcesses, WebSettings
from ptgbot.web.routes import Routes
from tests.parts.birds import Birds, BirdSettings

TOKEN = "canary-0123456789"


@define
class Site:
    """A site, and a reader."""

    web: WebProcesses
    base: str
    session: aiohttp.ClientSession

    async def get(self, path: str, **options: Any) -> tuple[int, str]:
        async with self.session.get(self.base + path, **options) as answer:
            return answer.status, await answer.text()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


def release(folder: Path) -> Path:
    made = folder / "html.d" / "releases" / "1"
    made.mkdir(parents=True)
    (made / "index.html").write_text("<p>now</p>")
    (made / "build.json").write_text(json.dumps({"build": 1, "since": 0, "pages": {}}))
    (folder / "html").symlink_to("html.d/releases/1")
    return folder / "html"


def birds(answer: Callable[[Asked, BirdSettings], Answered]) -> Routes:
    routes = Routes()
    routes.mount(Birds(routes=[Route("list", answer, ("/birds.php",), ("bird",), timeout=30.0)]), BirdSettings())
    return routes


@asynccontextmanager
async def serving(folder: Path, routes: Routes | None = None, **more: Any) -> AsyncIterator[Site]:
    settings = WebSettings(release(folder), "127.0.0.1:0", token=TOKEN, **more)
    web = WebProcesses(settings, lambda: (True, {"ok": True, "parts": {}}), routes or Routes())
    base = f"http://127.0.0.1:{await web.start()}"
    try:
        connector = aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(connector=connector) as session:
            yield Site(web, base, session)
    finally:
        await web.stop()


async def test_files_events_and_health_come_from_other_process(tmp_path: Path) -> None:
    async with serving(tmp_path) as site:
        assert await site.get("/") == (200, "<p>now</p>")
        assert await site.get("/healthz") == (200, '{"ok": true}')
        headers = {"Authorization": f"Bearer {TOKEN}"}
        assert json.loads((await site.get("/healthz", headers=headers))[1]) == {"ok": True, "parts": {}}
        assert site.web.pids != [os.getpid()]
        async with site.session.get(f"{site.base}/events") as stream:
            site.web.announce({"build": 2, "since": 1, "pages": {}})
            async with asyncio.timeout(10):
                while await stream.content.readline() != b"id: 2\n":
                    pass
        assert json.loads((await site.get("/build.json"))[1])["build"] == 2


async def test_token_is_in_no_argument_and_no_log(tmp_path: Path) -> None:
    with structlog.testing.capture_logs() as logs:
        async with serving(tmp_path) as site:
            await site.get("/healthz", headers={"Authorization": f"Bearer {TOKEN}"})
            for name in ("cmdline", "environ"):
                assert TOKEN.encode() not in Path(f"/proc/{site.web.pids[0]}/{name}").read_bytes()
            assert TOKEN not in repr(site.web.settings)
    assert TOKEN not in str(logs)


async def test_route_is_answered_by_the_bot(tmp_path: Path) -> None:
    def answer(asked: Asked, _: BirdSettings) -> Answered:
        told = {"path": asked.path, "query": dict(asked.query), "pid": os.getpid()}
        return Answered(json.dumps(told).encode(), status=203, headers={"X-Bird": "wren"})

    async with serving(tmp_path, birds(answer)) as site:
        status, text = await site.get("/birds/list/a/b?x=1")
        assert (status, json.loads(text)) == (203, {"path": "a/b", "query": {"x": "1"}, "pid": os.getpid()})
        assert (await site.get("/birds.php"))[0] == 203
        assert (await site.get("/birds/lists"))[0] == 404
        assert json.loads((await site.get("/?x=1&bird=wren"))[1])["query"] == {"x": "1", "bird": "wren"}
        assert await site.get("/?x=1") == (200, "<p>now</p>")


async def test_crowd_at_a_route_is_bounded(tmp_path: Path) -> None:
    go, begun = threading.Event(), list[int]()

    def answer(_asked: Asked, _: BirdSettings) -> Answered:
        begun.append(1)
        go.wait(20)
        return Answered(b"wren")

    async with serving(tmp_path, birds(answer)) as site:
        asking = [asyncio.create_task(site.get("/birds/list")) for _ in range(300)]
        await until(lambda: sum(task.done() for task in asking) >= 270)
        # Pages do not wait for routes.
        assert await site.get("/") == (200, "<p>now</p>")
        go.set()
        statuses = [(await task)[0] for task in asking]
    assert set(statuses) == {200, 503}
    assert len(begun) == statuses.count(200) <= 21


async def test_killed_process_comes_back_on_same_port(tmp_path: Path) -> None:
    with structlog.testing.capture_logs() as logs:
        async with serving(tmp_path) as site:
            assert (await site.get("/"))[0] == 200
            site.web.announce({"build": 5, "since": 4, "pages": {}})
            [first] = site.web.pids
            await until(lambda: site.web.health().colour is Colour.GREEN)
            os.kill(first, signal.SIGKILL)
            await until(lambda: site.web.health().colour is Colour.RED)
            # The connection waits until the next process has started.
            assert (await site.get("/"))[0] == 200
            assert json.loads((await site.get("/build.json"))[1])["build"] == 5
            await until(lambda: site.web.health().colour is Colour.GREEN)
            assert site.web.pids != [first]
            assert site.web.counts()["restarts"] == 1
    assert ["ended and is started anew" in entry["event"] for entry in logs] == [True]


async def test_stuck_process_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "SILENCE", 7.0)
    with structlog.testing.capture_logs():
        async with serving(tmp_path) as site:
            await until(lambda: site.web.health().colour is Colour.GREEN)
            [first] = site.web.pids
            os.kill(first, signal.SIGSTOP)
            assert (await site.get("/"))[0] == 200
            assert site.web.pids != [first]


async def test_several_processes_share_the_port(tmp_path: Path) -> None:
    async with serving(tmp_path, processes=3) as site:
        await until(lambda: site.web.health().colour is Colour.GREEN)
        assert len({*site.web.pids}) == 3
        site.web.announce({"build": 9, "since": 8, "pages": {}})
        os.kill(site.web.pids[0], signal.SIGSTOP)
        answers = await asyncio.gather(*(site.get("/build.json") for _ in range(20)), return_exceptions=True)
        os.kill(site.web.pids[0], signal.SIGCONT)
        assert {json.loads(answer[1])["build"] for answer in answers if isinstance(answer, tuple)} == {9}


async def test_unix_socket_serves_the_same(tmp_path: Path) -> None:
    path = tmp_path / "web.sock"
    web = WebProcesses(WebSettings(release(tmp_path), f"unix:{path}"), lambda: (True, {}))
    assert await web.start() is None
    connector = aiohttp.UnixConnector(str(path))
    async with aiohttp.ClientSession(connector=connector) as session, session.get("http://site/") as answer:
        assert await answer.text() == "<p>now</p>"
    await web.stop()
    assert not path.exists()


async def test_taken_operators_address_frees_the_other(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        operators = f"127.0.0.1:{taken.getsockname()[1]}"
        settings = WebSettings(release(tmp_path), "127.0.0.1:0", operators)
        web = WebProcesses(settings, lambda: (True, {}))
        with pytest.raises(OSError, match="address already in use"):
            await web.start()
    assert web.pids == []


PARENT = """
import asyncio, sys
from pathlib import Path
from ptgbot.web.processes import WebProcesses, WebSettings
async def main():
    web = WebProcesses(WebSettings(Path(sys.argv[1]), "127.0.0.1:0"), lambda: (True, {}))
    port = await web.start()
    while not web.counts() or web.health().colour.value != "green":
        await asyncio.sleep(0.01)
    print(port, *web.pids, flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


async def test_process_ends_with_killed_bot_and_frees_port(tmp_path: Path) -> None:
    bot = await asyncio.create_subprocess_exec(sys.executable, "-c", PARENT, str(release(tmp_path)), stdout=PIPE)
    assert bot.stdout
    port, pid = map(int, (await bot.stdout.readline()).split())
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/events"):
        bot.kill()
        await bot.wait()
        async with asyncio.timeout(10):
            while Path(f"/proc/{pid}").exists() and "State:\tZ" not in Path(f"/proc/{pid}/status").read_text():
                await asyncio.sleep(0.01)
    with socket.socket() as successor:
        successor.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        successor.bind(("127.0.0.1", port))
        successor.listen()
