"""A meeting with the default configuration: half of the people are split off, and the bot is killed in the middle."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from ptgbot.meetings.minutes import minutes_of
from ptgbot.meetings.replay import Source, replay
from tests.servers.irc_servers import IrcPerson, Meet, StartIrc
from tests.servers.programs import Program, free_port
from tests.servers.running import Running, begin

pytestmark = pytest.mark.servers

HALL = "#infra"
NAMES = """
[state]
path = "ptg.json"

[site]
output = "html"
listen = "127.0.0.1:{web}"

[[irc]]
name = "testnet"
server = "{host}"
port = {port}
tls = false
channels = ["#infra"]
"""
"""What must be said of a server and a room; everything else is left as it is by default."""


async def topic_becomes(person: IrcPerson, text: str) -> None:
    """Wait until the channel has a topic."""
    async with asyncio.timeout(60):
        while True:
            person.send(f"TOPIC {HALL}")
            # 331: no topic is set. 332: this is the topic.
            if (await person.wait(" 33", f" {HALL} :")).partition(f" {HALL} :")[2] == text:
                return
            await asyncio.sleep(0.2)


def document(bot: Running) -> Any:
    """Return the document of the meeting, None before its end."""
    folder = bot.folder / "ptg.documents"
    bodies = [json.loads(path.read_text("utf-8")) for path in folder.iterdir()] if folder.exists() else []
    return next((body for body in bodies if "minutes" in body), None)


async def test_split_and_kill_leave_minutes_whole(
    tmp_path: Path, start_ngircd: StartIrc, meet: Meet, programs: list[Program]
) -> None:
    far_port = free_port()
    near = await asyncio.to_thread(start_ngircd, other=("irc.far", far_port))
    far = await asyncio.to_thread(start_ngircd, name="irc.far", port=far_port, other=("irc.test", near.port))
    alice = await meet(near, "alice", HALL)
    alice.send("OPER op oppw")
    await alice.wait(" 381 ")
    alice.send(f"TOPIC {HALL} :Welcome", "CONNECT irc.far")
    bob, carol = await meet(far, "bob", HALL), await meet(far, "carol[m]", HALL)
    await alice.see("carol[m]", HALL)
    config = tmp_path / "ptgbot.toml"
    config.write_text(NAMES.format(web=free_port(), host=near.host, port=near.port))
    bot = await asyncio.to_thread(begin, config, programs)
    await alice.see("ptgbot", HALL)

    alice.say(HALL, "#startmeeting Infra weekly")
    await alice.wait(":ptgbot!", "Useful commands")
    alice.say(HALL, "#chair bob")
    await bob.wait(":ptgbot!", "Current chairs: alice bob")
    bob.say(HALL, "#topic Budget")
    await topic_becomes(alice, "Budget (Meeting topic: Infra weekly)")
    carol.say(HALL, "#info <b>tests</b> are green")
    await alice.wait(":carol[m]!", "are green")

    # The servers part: bob and carol seem to have left, and what they say meanwhile is lost on IRC.
    alice.send("SQUIT irc.far :split")
    await alice.wait(":carol[m]!", " QUIT ")
    alice.say(HALL, "#idea a cake")
    carol.say(HALL, "#info nobody here hears this")
    await carol.settle()
    alice.send("CONNECT irc.far")
    await alice.see("carol[m]", HALL)
    await bob.see("ptgbot", HALL)
    bob.say(HALL, "#action carol[m] counts the money")
    bob.say(HALL, "#topic Last words")
    await topic_becomes(alice, "Last words (Meeting topic: Infra weekly)")

    # The bot dies, and somebody changes the topic by hand meanwhile.
    bot.program.kill()
    await alice.wait(":ptgbot!", " QUIT ")
    alice.send(f"TOPIC {HALL} :Lunch is at noon")
    await topic_becomes(alice, "Lunch is at noon")
    bot = await asyncio.to_thread(begin, config, programs)
    await topic_becomes(alice, "Last words (Meeting topic: Infra weekly)")
    carol.say(HALL, "#link see https://example.org/money. there")
    await alice.wait(":carol[m]!", "money. there")
    bob.say(HALL, "#agreed we go home")
    bob.say(HALL, "#endmeeting")
    await alice.wait(":ptgbot!", "Meeting ended")
    await topic_becomes(alice, "Lunch is at noon")

    found = document(bot)
    minutes, page = found["minutes"], bot.folder / "html" / "meetings" / f"{found['slug']}.html"
    rows = [(item["type"], item["nick"], item["under_topic"]) for item in minutes["items"]]
    assert rows == [
        ("topic", "bob", None),
        ("info", "carol[m]", "Budget"),
        ("idea", "alice", "Budget"),
        ("action", "bob", "Budget"),
        ("topic", "bob", None),
        ("link", "carol[m]", "Last words"),
        ("agreed", "bob", "Last words"),
    ]
    assert minutes["people"] == {"bob": 5, "alice": 3, "carol[m]": 2}
    assert minutes["chairs"] == ["alice", "bob"]
    assert minutes["actions_by_nick"] == {"carol[m]": ["carol[m] counts the money"]}
    log = "".join(f"{row['at'][11:19]} <{row['nick']}> {row['text']}\n" for row in found["log"]).encode()
    [again] = replay(log, Source(found["slug"], network="testnet", channel=HALL))
    assert minutes_of(again) == minutes
    async with asyncio.timeout(60):
        while not page.exists():
            await asyncio.sleep(0.1)
    shown = page.read_text("utf-8")
    assert "&lt;b&gt;tests" in shown
    assert 'href="https://example.org/money"' in shown
    assert "counts the money" in bot.get(f"meetings/{found['slug']}.html")
    assert await asyncio.to_thread(bot.stop) == 0
