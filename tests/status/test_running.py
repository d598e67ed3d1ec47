"""The whole program with publishers, one of which fails and one hangs, killed while an alert is open."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import web

from tests.servers.inspircd import InspIrcd
from tests.servers.irc_servers import IrcServer, Meet
from tests.servers.programs import Program
from tests.servers.running import Running, begin
from tests.status.mastodon import TOKEN, Mastodon
from tests.status.receivers import Receivers
from tests.status.stage import Topics, configure, head, irc, until

pytestmark = pytest.mark.servers

FILES: Final = ("summary", "status", "components", "incidents", "incidents/unresolved")
TOOT: Final = """
[[status.publishers]]
kind = "mastodon"
name = "toot"
url = "{url}"
secret_file = "toot.token"
timeout = 30
"""
BANNER: Final = "Alert (gerrit):"


def alerts(folder: Path) -> list[dict[str, Any]]:
    """Return the open alerts as alert.json lists them; a half-written file raises ValueError."""
    told = json.loads((folder / "html" / "alert.json").read_bytes())
    assert told["alert"] == (told["alerts"][0]["text"] if told["alerts"] else None)
    return [*told["alerts"]]


@asynccontextmanager
async def reader(folder: Path) -> AsyncIterator[list[list[dict[str, Any]]]]:
    """Read alert.json without end, and collect each content that differs from the one before."""
    seen: list[list[dict[str, Any]]] = [alerts(folder)]

    async def read() -> None:
        while True:
            if (now := alerts(folder)) != seen[-1]:
                seen.append(now)
            await asyncio.sleep(0.001)

    task = asyncio.create_task(read())
    yield seen
    assert not task.done(), task.exception()
    task.cancel()


def outside(bot: Running) -> dict[str, str]:
    """Return everything about open alerts that other programs and readers see."""
    files = {name: bot.get(f"api/v2/{name}.json") for name in FILES}
    page = bot.get("index.html")
    banner = page[page.index('id="banner"') :].partition("</div>")[0]
    return {"alert.json": bot.get("alert.json"), "banner": banner, **files}


@pytest.mark.timeout(300)
async def test_publishers_and_files_outlive_a_kill(
    tmp_path: Path, ngircd: IrcServer, services: InspIrcd, meet: Meet, programs: list[Program]
) -> None:
    ada, kurt = await meet(services, "ada_", "#one"), await meet(ngircd, "kurt", "#two")
    ada.say("NickServ", "IDENTIFY ada ada-secret")
    await ada.wait(" 900 ")
    for person, channel in ((ada, "#one"), (kurt, "#two")):
        person.send(f"MODE {channel} -t", f"TOPIC {channel} :Welcome to {channel}")
        await person.settle()
    hooks, held = Receivers(fail={"bad"}, hang={"slow"}), asyncio.Event()
    mastodon = Mastodon(forgets_keys=True, at=datetime.now(UTC))

    async def lose_the_answer(request: web.Request) -> web.StreamResponse | None:
        if request.method != "POST" or held.is_set():
            return None
        await mastodon.post(request)
        held.set()
        await asyncio.Event().wait()
        return None

    await mastodon.server.start_server(shutdown_timeout=0.1)
    (tmp_path / "toot.token").write_text(TOKEN)
    async with hooks.serve(tmp_path):
        tables = [hooks.table(name) for name in ("slow", "bad", "good")] + [TOOT.format(url=mastodon.url)]
        more = 'services = ["gerrit"]\npublish_seconds = 4.0\n' + "\n".join(tables)
        networks = (irc("one", services, ["#one"], 0), irc("two", ngircd, ["#two"], 0))
        config = configure(tmp_path, head(["one/ada"], more), *networks)
        bot = await asyncio.to_thread(begin, config, programs)
        async with reader(tmp_path) as seen:
            # A publisher that fails and one that hangs delay no other, and the answer names them.
            ada.say("#one", "#status alert gerrit: Gerrit is down")
            await ada.wait("Alert 1 goes to 2 rooms and 4 publishers")
            await until(lambda: hooks.types("good") == ["status.alert"] and len(mastodon.said) == 1)
            assert not any("publishers reached" in line for line in ada.lines)
            final = await ada.wait("publishers reached")
            assert "2 of 2 rooms reached. 2 of 4 publishers reached; not yet " in final
            assert "bad (not in time: the server answered 500)" in final
            assert "slow (not in time: slow did not answer within 1 seconds)" in final
            assert final.endswith(", tried further for a week.")
            # The server has a post, and its answer is lost because the bot is killed.
            mastodon.before = lose_the_answer
            ada.say("#one", "#status update 1 identified a disk is full")
            await until(held.is_set)
            await until(lambda: alerts(tmp_path)[0]["update"] == "a disk is full")
            await until(lambda: hooks.types("good") == ["status.alert", "status.update"])
            topics = {"#one": "Alert 1: Gerrit is down", "#two": "Alert 1: Gerrit is down"}
            await Topics(ada).become({"#one": topics["#one"]})
            await Topics(kurt).become({"#two": topics["#two"]})
            before = await asyncio.to_thread(outside, bot)
            assert BANNER in before["banner"]
            bot.program.kill()
            await ada.settle()
            hooks.fail.clear()
            bot = await asyncio.to_thread(begin, config, programs)
            # The same alert is open everywhere, and what was left behind is told, in order and once.
            await Topics(ada).become({"#one": topics["#one"]})
            await Topics(kurt).become({"#two": topics["#two"]})
            assert await asyncio.to_thread(outside, bot) == before
            await until(lambda: hooks.types("bad") == ["status.alert", "status.update"], lambda: hooks.taken)
            assert hooks.types("slow") == []
            hooks.hang.clear()
            await until(lambda: hooks.types("slow") == ["status.alert", "status.update"], lambda: hooks.taken)
            assert "Alert 1: now published by bad and slow, too." in await ada.wait("now published", patience=60)
            ada.say("#one", "#status ok 1 it works again")
            final = await ada.wait("The end of alert 1: ", patience=60)
            assert "2 of 2 rooms reached. 4 of 4 publishers reached." in final
            await until(lambda: alerts(tmp_path) == [])
        await Topics(ada).become({"#one": "Welcome to #one"})
        await Topics(kurt).become({"#two": "Welcome to #two"})
        assert [[one["state"] for one in found] for found in seen] == [[], ["open"], ["identified"], []]
        for name in ("slow", "bad", "good"):
            assert hooks.types(name) == ["status.alert", "status.update", "status.ok"]
        assert mastodon.said == [
            "Alert (gerrit): Gerrit is down [1]",
            "Cause found: a disk is full [2]",
            "Resolved: it works again [3]",
        ]
        assert [post["in_reply_to_id"] for post in mastodon.posts] == ["100", "100", None]
        assert BANNER not in (await asyncio.to_thread(outside, bot))["banner"]
        assert bot.stop() == 0
    await mastodon.server.close()
