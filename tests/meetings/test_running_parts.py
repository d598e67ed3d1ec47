"""The whole program on ngircd: queue, agenda, scribe, corrections, actions, issues, web hooks, calendars, drafts.

A log of the same meeting, replayed by the program, gives the same minutes.
"""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from attrs import define, field

from ptgbot.hooks import signature
from ptgbot.store.file import Paths
from tests.features.installed import stored
from tests.servers.irc_servers import IrcPerson, IrcServer, Meet
from tests.servers.programs import Program, free_port
from tests.servers.running import TOML, Running, begin

pytestmark = pytest.mark.servers

NOVA, SWIFT = "#nova", "#swift"
KEY = b"k" * 32
MORE = """
[meetings]
idle_minutes = 0.15
overtime_minutes = 0.05
calendar_minutes = 0.05

[meetings.chairs]
nova = ["jo"]

[[meetings.calendars]]
file = "team.ics"
rooms = {{"Nova" = "testnet/#nova"}}

[[meetings.hooks]]
name = "bus"
url = "http://{double}/hook"
secret_file = "hook.key"

[[meetings.forges]]
host = "{double}"
kind = "gitea"
token_file = "forge.token"
api = "http://{double}/api/v1"
"""


@define
class Receiver:
    """A server that takes web hooks and comments; each first try is refused, as if it was busy."""

    events: list[Any] = field(factory=list)
    comments: list[tuple[str, str, str]] = field(factory=list)
    refused: set[str] = field(factory=set)
    host: str = ""

    async def take(self, request: web.Request) -> web.Response:
        raw = await request.read()
        if request.path not in self.refused:
            self.refused.add(request.path)
            return web.Response(status=503)
        if request.path == "/hook":
            given = {name: request.headers[f"webhook-{name}"] for name in ("id", "timestamp", "signature")}
            assert given["signature"] == signature(KEY, given["id"], int(given["timestamp"]), raw)
            self.events.append(json.loads(raw))
        else:
            self.comments.append((request.path, request.headers["Authorization"], json.loads(raw)["body"]))
        return web.Response(status=201)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    app = web.Application()
    app.router.add_post("/{path:.*}", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.host = f"127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


def calendar(start: datetime) -> str:
    return (
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:t\nBEGIN:VEVENT\nUID:1\nSUMMARY:Nova\n"
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}\nRRULE:FREQ=WEEKLY\nDESCRIPTION:Agenda\\n- Budget [jo] [10m]\\n- Port\n"
        "END:VEVENT\nEND:VCALENDAR\n"
    ).replace("\n", "\r\n")


@pytest.fixture
async def mira(ngircd: IrcServer, meet: Meet) -> IrcPerson:
    return await meet(ngircd, "mira", NOVA, SWIFT)


@pytest.fixture
async def bot(
    tmp_path: Path, ngircd: IrcServer, mira: IrcPerson, receiver: Receiver, programs: list[Program]
) -> AsyncIterator[Running]:
    start = datetime.now(UTC) + timedelta(minutes=9)
    (tmp_path / "team.ics").write_text(calendar(start), newline="")
    (tmp_path / "hook.key").write_text(base64.b64encode(KEY).decode())
    (tmp_path / "forge.token").write_text("token-of-ours")
    channels = json.dumps([NOVA, SWIFT])
    text = TOML.format(web=free_port(), host=ngircd.host, port=ngircd.port, channels=channels)
    config = tmp_path / "ptgbot.toml"
    config.write_text(text + MORE.format(double=receiver.host))
    running = begin(config, programs)
    yield running
    running.stop()


async def until(condition: Any) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.05)


def heard(person: IrcPerson, *words: str) -> int:
    """Return how many lines of the bot have all these words."""
    return sum(line.startswith(":ptgbot!") and all(word in line for word in words) for line in person.lines)


def documents(bot: Running) -> dict[str, Any]:
    """Return the documents of meetings by their names."""
    found = [json.loads(path.read_bytes()) for path in Paths(bot.folder / "ptg.json").documents.glob("meeting*")]
    return {one["minutes"]["meeting_name"]: one for one in found}


def first_page(bot: Running) -> str:
    """Return the first page of the archive as it is on the disk."""
    page = bot.folder / "html" / "meetings" / "index.html"
    return page.read_text() if page.exists() else ""


def replayed(document: Any, folder: Path) -> Any:
    """Return the minutes that the program makes of the log of a meeting."""
    rows = [f"{row['at'][11:19]} {'* ' if row['kind'] == 'action' else '<'}{row['nick'] or 'ptgbot'}"
            f"{' ' if row['kind'] == 'action' else '> '}{row['text']}" for row in document["log"]]  # fmt: skip
    log = folder / "raw.log.txt"
    log.write_text("\n".join(rows) + "\n")
    day = document["log"][0]["at"][:10]
    command = [sys.executable, "-P", "-m", "ptgbot", "meetings", "replay", str(log), "--json", "--date", day]
    done = subprocess.run([*command, "--bot-nick", "ptgbot"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[0])


async def test_parts_of_meetings_work_on_irc(
    bot: Running, mira: IrcPerson, ngircd: IrcServer, meet: Meet, receiver: Receiver
) -> None:
    jo, zoe = await meet(ngircd, "jo", NOVA), await meet(ngircd, "zoe", NOVA)

    expected: Counter[tuple[str, ...]] = Counter()

    async def said(*words: str, room: str = NOVA) -> None:
        """Wait for a line of the bot with all these words; for a further one each time."""
        expected[room, *words] += 1
        try:
            await until(lambda: heard(mira, f"PRIVMSG {room} ", *words) >= expected[room, *words])
        except TimeoutError:
            raise AssertionError(f"mira never saw {words}; last: {mira.lines[-15:]}") from None

    async def all_heard() -> None:
        for person in (mira, jo, zoe):
            await person.settle()

    # The calendar.
    await said("Nova begins in", "Chairs: jo.", "#startmeeting Nova")
    mira.say(SWIFT, "#startmeeting swift")
    await said("Useful commands", room=SWIFT)
    mira.say(NOVA, "#startmeeting Nova")
    await said("Agenda: 1. Budget [jo] [10m]; 2. Port.")
    # The queue, also behind /me; odd lines.
    zoe.say(NOVA, "q+ to ask about teh budget")
    await said("Queue: zoe (ask about teh budget).")
    zoe.say(NOVA, "\x01ACTION q- later\x01")
    await said("Queue: zoe (ask about teh budget).")
    jo.say(NOVA, "next")
    await said("zoe is on the queue.")
    jo.say(NOVA, "ack nobody-knows")
    jo.say(NOVA, "ack next")
    await said("zoe, you have the floor.")
    jo.say(NOVA, "next")
    await said("jo: your point. 10 minutes.")
    # Present, scribe, corrections, escapes.
    mira.say(NOVA, "#chair zoe, nobody-here")
    await said("Not in the channel: nobody-here")
    mira.say(NOVA, "#present ann, max")
    mira.say(NOVA, "#regrets üñï")
    mira.say(NOVA, "#scribe+ zoe")
    await said("Scribes: zoe.")
    zoe.say(NOVA, "mhu[m]: we have teh money")
    zoe.say(NOVA, "… and time")
    zoe.say(NOVA, "s/teh/the/g")
    zoe.say(NOVA, "s/(x+x+)+y/[/")
    zoe.say(NOVA, "\\#info not an item")
    await all_heard()
    # Actions by number, and an issue.
    mira.say(NOVA, "#action zoe writes it - due Friday")
    mira.say(NOVA, "#action 1 = zoe draws it - due Friday")
    mira.say(NOVA, "#done 7")
    await said("There is no action 7")
    mira.say(NOVA, "next")
    await mira.settle()
    mira.say(NOVA, f"#issue http://{receiver.host}/team/nova/issues/3")
    mira.say(NOVA, "#agreed port *it* with @everyone")
    mira.say(NOVA, "#info not for the issue")
    await mira.settle()
    mira.say(NOVA, "#endmeeting")
    await said("Meeting ended")
    await said("Nobody here is called nobody-here and mhu[m].")
    await said("Corrections that matched nothing: “s/(x+x+)+y/[/”.")
    # The forgotten meeting.
    await said("mira: is the meeting over?", room=SWIFT)
    await said("written as a draft", room=SWIFT)
    await until(lambda: len(documents(bot)) == 2)
    swift, nova = documents(bot)["swift"], documents(bot)["nova"]
    assert (swift["minutes"]["draft"], "draft" in nova["minutes"]) == (True, False)
    found = nova["minutes"]
    assert [(row["type"], row["text"], row["under_topic"]) for row in found["items"]] == [
        ("topic", "Budget", None),
        ("action", "zoe draws it - due Friday", "Budget"),
        ("topic", "Port", None),
        ("agreed", "port *it* with @everyone", "Port"),
        ("info", "not for the issue", "Port"),
    ]
    assert [(row["nick"], row["text"], row["scribe"]) for row in found["scribed"]] == [
        ("mhu[m]", "we have the money", "zoe"),
        ("mhu[m]", "and time", "zoe"),
    ]
    assert found["numbered_actions"][0]["due"] == "Friday"
    assert found["regrets"] == ["üñï"]
    assert {"ann", "max", "zoe", "mira", "jo"} <= set(found["present"])
    await until(lambda: "Next meetings" in first_page(bot))
    listed = first_page(bot)
    assert listed.index("Next meetings") < listed.index("Budget [jo] [10m]; Port")
    page = (bot.folder / "html" / "meetings" / f"{nova['slug']}.html").read_text()
    assert "<bdi>mhu[m]</bdi></a>: we have the money (<bdi>zoe</bdi>)" in page
    assert "1.</a> zoe draws it - due Friday" in page
    # What other systems were told, after a first try that failed.
    await until(lambda: receiver.comments and len(receiver.events) == 4)
    path, login, text = receiver.comments[0]
    assert (path, login) == ("/api/v1/repos/team/nova/issues/3/comments", "token token-of-ours")
    assert "AGREED: port \\*it\\* with @\u200beveryone (mira)" in text
    assert "not for the issue" not in text
    names = [(one["type"], one["data"]["name"]) for one in receiver.events]
    assert sorted(names) == [
        ("meeting.ended", "nova"), ("meeting.started", "nova"), ("meeting.started", "swift"),
        ("meeting.topic_ended", "nova"),
    ]  # fmt: skip
    # The replay, and the next meeting of that name.
    again = replayed(nova, bot.folder)
    kept = {"network", "channel", "bot_nick"}
    assert {key: again[key] for key in again.keys() - kept} == {key: found[key] for key in found.keys() - kept}
    mira.say(NOVA, "#startmeeting nova")
    await said("Open actions: 1. zoe draws it - due Friday New actions begin at 2.")
    mira.say(NOVA, "#done 1")
    await said("Action 1 is done: zoe draws it")
    state: Any = (await stored(bot.folder)).committed
    assert [row["name"] for row in state["meetings"]["planned"]["0"]["meetings"]][:1] == ["Nova"]
