"""The same meeting on a real IRC server, a real homeserver and over both gives the same minutes, with kills in it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

import pytest

from ptgbot.meetings.minutes import minutes_of
from ptgbot.meetings.replay import Source, replay
from tests.features.installed import stored
from tests.servers.irc_servers import IrcServer, Meet
from tests.servers.matrix_servers import Befriend, StartSynapse
from tests.servers.mixed import StartMixed
from tests.servers.running import Running, health_of

pytestmark = pytest.mark.servers

BOT: Final = "@ptgbot:localhost"
PATIENCE: Final = 60.0
"""Seconds until a line is on record, on a busy machine."""
SCRIPT: Final = (
    ("alice", "#startmeeting NAME"),
    ("bob", "#info <b>tests</b> are green"),
    ("alice", "#topic Budget"),
    ("alice", "#chair bob, carol"),
    ("bob", "#action alice and dora count the money"),
    ("bob", "https://example.org/money. see there"),
    ("alice", "#startvote Tea? tea, coffee"),
    ("bob", "#vote tea"),
    ("alice", "#vote TEA"),
    ("alice", "#endvote"),
    ("bob", "#idea a cake"),
    ("bob", "#undo"),
    ("bob", "#topic Last words"),
    ("alice", "#agreed we go home"),
    ("bob", "#endmeeting"),
)
PLACES: Final = """
[[meetings.places]]
rooms = ["testnet/#both", "matrix/#both:localhost"]
"""

Say = Callable[[str, str], Awaitable[object]]


def same(minutes: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what differs by nature: network, room, times, and the name of the meeting."""
    timeless = json.loads(json.dumps(minutes).replace(minutes["meeting_topic"], "NAME"))
    for row in (*timeless["items"], *timeless["topics"]):
        del row["time"]
    left_out = ("network", "channel", "started", "ended", "meeting_name")
    return {key: timeless[key] for key in timeless if key not in left_out}


async def in_log(folder: Path, place: str) -> list[Any]:
    """Return the lines of people in the log of a running meeting; empty if none runs."""
    tree = cast("Mapping[str, Any]", (await stored(folder)).committed["meetings"])
    row = tree["running"].get(place)
    return [line for line in row["meeting"]["log"].values() if line["kind"] != "bot"] if row else []


async def hold(folder: Callable[[], Path], place: str, say: Say, before: Callable[[], Awaitable[None]]) -> None:
    """Hold the meeting of the script; ``before`` is awaited before each line."""
    for number, (who, text) in enumerate(SCRIPT):
        await before()
        await say(who, text.replace("NAME", place))
        async with asyncio.timeout(PATIENCE):
            while len(await in_log(folder(), place)) != (number + 1) % len(SCRIPT):
                await asyncio.sleep(0.02)


def documents(folder: Path) -> dict[str, list[Any]]:
    """Return the documents of meetings by their channels, the oldest first."""
    bodies = [json.loads(path.read_text("utf-8")) for path in (folder / "ptg.documents").iterdir()]
    found: dict[str, list[Any]] = {}
    for body in sorted((body for body in bodies if "minutes" in body), key=lambda body: body["minutes"]["started"]):
        found.setdefault(body["minutes"]["channel"], []).append(body)
    return found


def raw_log(body: Mapping[str, Any]) -> bytes:
    return "".join(f"{row['at'][11:19]} <{row['nick']}> {row['text']}\n" for row in body["log"]).encode()


@pytest.mark.parametrize("kills", [2, pytest.param(50, marks=[pytest.mark.long, pytest.mark.timeout(3600)])])
async def test_meeting_is_same_everywhere(
    ngircd: IrcServer,
    start_synapse: StartSynapse,
    start_mixed: StartMixed,
    meet: Meet,
    befriend: Befriend,
    kills: int,
) -> None:
    server = await asyncio.to_thread(start_synapse)
    people = {name: await befriend(server, name) for name in ("alice", "bob")}
    rooms = {name: await people["alice"].create(name) for name in ("one", "both")}
    for room in rooms.values():
        await people["bob"].join(room)
    channels = ["#one", "#both"]
    chatters = {name: await meet(ngircd, name, *channels) for name in ("alice", "bob")}
    aliases = ["#one:localhost", "#both:localhost"]
    settings: dict[str, Any] = {"channels": channels, "rooms": aliases, "matrix_more": PLACES}
    bot: Running = await asyncio.to_thread(
        start_mixed, ngircd, server, irc_more='confirm = "none"', encryption=False, **settings
    )

    async def ready() -> None:
        for channel in channels:
            await chatters["alice"].see("ptgbot", channel)
        for room in rooms.values():
            await people["alice"].see(BOT, room)

    async def killed() -> None:
        nonlocal bot
        await chatters["alice"].settle()
        bot.program.kill()
        bot = await asyncio.to_thread(start_mixed, folder=bot.folder)
        await returned()

    async def returned() -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                chatters["alice"].send("NAMES #both", "NAMES #one")
                await chatters["alice"].settle()
                if all(colour == "green" for colour in colours(bot)):
                    return
                await asyncio.sleep(0.1)

    await ready()
    rounds = -(-kills // 30)
    lines = 3 * rounds * len(SCRIPT)
    steps = {lines // (kills + 1) * (number + 1) for number in range(kills)}
    line = 0

    async def sometimes() -> None:
        nonlocal line
        line += 1
        if line in steps:
            await killed()

    async def on_irc(who: str, text: str) -> None:
        chatters[who].say("#one", text)

    async def on_matrix(who: str, text: str) -> None:
        await people[who].say(rooms["one"], text)

    async def on_both(who: str, text: str) -> None:
        if who == "alice":
            chatters[who].say("#both", text)
        else:
            await people[who].say(rooms["both"], text)

    for _ in range(rounds):
        await hold(lambda: bot.folder, "testnet/#one", on_irc, sometimes)
        await hold(lambda: bot.folder, "matrix/#one:localhost", on_matrix, sometimes)
        await hold(lambda: bot.folder, "testnet/#both", on_both, sometimes)
    assert await asyncio.to_thread(bot.stop) == 0
    found = documents(bot.folder)
    assert [len(found[channel]) for channel in ("#one", "#one:localhost", "#both")] == [rounds] * 3
    for irc, matrix, both in zip(found["#one"], found["#one:localhost"], found["#both"], strict=True):
        [again] = replay(raw_log(irc), Source(irc["slug"], network="testnet", channel="#one"))
        assert minutes_of(again) == irc["minutes"]
        assert same(matrix["minutes"]) == same(irc["minutes"])
        assert same(both["minutes"]) == same(irc["minutes"])
        check(irc["minutes"])


def colours(bot: Running) -> Sequence[str]:
    """Return the colours of the networks."""
    parts = health_of(bot.web)["parts"]
    return [parts[name]["colour"] for name in ("testnet", "matrix")]


def check(minutes: Mapping[str, Any]) -> None:
    """Check the minutes of the script."""
    assert [item["type"] for item in minutes["items"]] == ["info", "topic", "action", "link", "vote", "topic", "agreed"]
    assert minutes["people"] == {"bob": 8, "alice": 7, "carol": 0}
    assert minutes["chairs"] == ["alice", "bob", "carol"]
    assert minutes["actions_by_nick"] == {"alice": ["alice and dora count the money"]}
    above = "(Meeting topic: testnet/#one)"
    assert minutes["channel_topics"] == [f"Budget {above}", f"Last words {above}"]
    assert minutes["bot_nick"] == "ptgbot"
