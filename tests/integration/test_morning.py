"""A morning of a gathering: three people on a real IRC server, the program, its file and its page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ptgbot.demo import sample, shifted
from ptgbot.gathering.document import ORDER, SPARSE
from tests.servers.irc_servers import IrcPerson, IrcServer, Meet
from tests.servers.running import Running, StartBot

pytestmark = pytest.mark.servers

CHANNEL = "#events"


@pytest.fixture
def document() -> dict[str, Any]:
    """A gathering as large as a real one, in this week."""
    return shifted(json.loads(sample()), datetime.now(UTC))


@pytest.fixture
async def paste(document: dict[str, Any]) -> AsyncIterator[str]:
    """A server on loopback that has the document."""

    async def answer(_request: web.Request) -> web.Response:
        return web.json_response(document)

    app = web.Application()
    app.router.add_get("/ptg.json", answer)
    server = TestServer(app)
    await server.start_server()
    yield str(server.make_url("/ptg.json"))
    await server.close()


class Talk:
    """One of the people; a line, and what the bot answers to it."""

    def __init__(self, person: IrcPerson) -> None:
        self.person = person

    async def ask(self, text: str, answer: str) -> str:
        """Type a line in the channel and wait for an answer that holds certain words."""
        self.person.say(CHANNEL, text)
        while "noted, " in (line := await self.person.wait(f"PRIVMSG {CHANNEL} :{self.person.nick}: ")):
            pass  # the sign that an earlier line worked
        assert answer in line, f"{text!r} was answered {line!r}"
        return line

    def tell(self, text: str) -> None:
        """Type a line that has no answer but a sign that it worked."""
        self.person.say(CHANNEL, text)


def free_slots(document: dict[str, Any]) -> list[str]:
    """Return booking codes of free slots on the last day, so that none is in the past."""
    names = [slot["name"] for slot in list(document["slots"].values())[-1]]
    return [
        f"{room}-{slot}"
        for room, cells in document["schedule"].items()
        for slot in names
        if cells.get(slot) == "" and slot not in ("url", "desc", "cap_icon", "cap_desc")
    ]


async def until_exported(bot: Running, person: Talk, topic: str) -> Any:
    """Wait until the file has caught up with a topic: it is at most a second behind."""
    async with asyncio.timeout(30):
        while bot.state["now"].get("storage") != topic:
            await asyncio.sleep(0.02)
    return bot.state


async def until_shown(bot: Running, words: str) -> str:
    """Wait until the page shows something: it does within two seconds of the change."""
    async with asyncio.timeout(30):
        while words not in (page := await asyncio.to_thread(bot.get)):
            await asyncio.sleep(0.02)
    return page


async def test_morning_of_a_gathering_works(
    ngircd: IrcServer, start_ptgbot: StartBot, meet: Meet, paste: str, document: dict[str, Any]
) -> None:
    olga = Talk(await meet(ngircd, "olga", CHANNEL))
    bot = start_ptgbot(ngircd)
    mira, zoltan = Talk(await meet(ngircd, "mira", CHANNEL)), Talk(await meet(ngircd, "Zoltan", CHANNEL))
    for one in (olga, mira, zoltan):
        await one.person.see("ptgbot", CHANNEL)

    await mira.ask(f"~fetchdb {paste}", "is for the operators of #events")
    await olga.ask(f"~fetchdb {paste}", "Loaded")
    assert "52 tracks" in await zoltan.ask("+tracks", "52 tracks")

    zoltan.person.say("ptgbot", "subscribe #storage.*erasure")
    await zoltan.person.wait("PRIVMSG Zoltan :", "You will get a private message")
    mira.tell("#storage now placement groups")
    mira.tell("#Storage next erasure coding with #networking")
    told = await zoltan.person.wait("PRIVMSG Zoltan :#storage next erasure coding")
    assert "PRIVMSG Zoltan" in told
    mira.tell("#storage next a second topic")
    await mira.ask("#storage", "now placement groups, next erasure coding with #networking · a second topic")
    await mira.ask("#storage advance", "now discusses erasure coding with #networking. Next: a second topic.")

    first, second = free_slots(document)[:2]
    await mira.ask(f"#storage book {first}", f"{first} is booked for #storage.")
    await zoltan.ask(f"#networking book {first}", f"{first} is taken by #storage.")
    await zoltan.ask(f"#networking book {second}", f"{second} is booked for #networking.")
    await zoltan.ask(f"#networking unbook {second}", f"{second} is free again.")

    # A document that knows nothing of what was typed since it was written is not loaded over it.
    await olga.ask(f"~fetchdb {paste} check", f"1 booking ({first} of #storage)")
    await olga.ask(f"~fetchdb {paste}", f"1 booking ({first} of #storage)")
    await mira.ask("#storage", "now erasure coding with #networking")

    await zoltan.ask("+in storage", "You are checked in at #storage.")
    await mira.ask("+in the coffee bar", "You are checked in at the coffee bar.")
    await mira.ask("+seen ZOLTAN", "Zoltan checked in at #storage at ")
    await mira.ask("+out", "You are checked out of the coffee bar.")

    await olga.ask("~motd clean", "All messages of the day are removed.")
    await olga.ask("~motd add warning lunch is late, see https://example.org/lunch", "Message 1 is on the page.")
    await olga.ask("~requirevoice", "need +v or moderator rights")
    await mira.ask("#storage now without a voice", "needs +v or moderator rights in #events")
    await olga.person.voice(CHANNEL, "mira")
    await mira.person.wait("MODE #events +v mira")
    mira.tell("#storage now recovery after power loss")
    # Two people's lines have an order once one has seen the other's.
    await olga.person.wait(f"PRIVMSG {CHANNEL} :#storage now recovery after power loss")
    await olga.ask("~log #storage 2", "#storage now recovery after power loss")
    await olga.ask("~newday", "A new day")
    await olga.ask("~undo", "Taken back: “~newday”")
    await olga.ask(f"~emptydb {document['eventid']}", "The gathering is empty.")
    await olga.ask("~undo", f"Taken back: “~emptydb {document['eventid']}”")

    state = await until_exported(bot, olga, "recovery after power loss")
    check_state(state, document, first)
    page = await until_shown(bot, "recovery after power loss")
    assert "recovery after power loss" in page
    assert "lunch is late" in page
    assert "Zoltan" in bot.get("people.html")
    public = json.loads(bot.get("ptg.json"))
    assert "subscriptions" not in public
    assert public["now"]["storage"] == "recovery after power loss"

    assert bot.stop() == 0
    assert "PTGbot" not in bot.log
    path = bot.folder / "ptg.json"
    edited = json.loads(path.read_bytes())
    edited["now"]["storage"] = "edited by hand"
    path.write_text(json.dumps(edited))
    again = start_ptgbot(ngircd, folder=bot.folder)
    await olga.person.see("ptgbot", CHANNEL)
    await olga.ask("+now storage", "now edited by hand")
    await olga.ask("~undo", "Nothing was changed")
    await until_shown(again, "edited by hand")
    assert again.state["now"]["storage"] == "edited by hand"
    assert again.stop() == 0


def check_state(state: Any, document: dict[str, Any], booked: str) -> None:
    """The file is as the specification says."""
    known = [key for key in ORDER if key in state or key not in SPARSE]
    assert list(state) == [*known, *(key for key in state if key not in ORDER)]
    assert state["tracks"] == sorted(document["tracks"])
    assert state["now"]["storage"] == "recovery after power loss"
    assert "storage" not in state["next"]
    assert state["voice"] == 1
    assert state["motd"] == [{"level": "warning", "message": "lunch is late, see https://example.org/lunch"}]
    assert state["subscriptions"]["zoltan"] == "#storage.*erasure"
    room, _, slot = booked.rpartition("-")
    assert state["schedule"][room][slot] == "storage"
    zoltan, mira = state["last_check_in"]["zoltan"], state["last_check_in"]["mira"]
    assert (zoltan["nick"], zoltan["location"], zoltan["out"]) == ("Zoltan", "#storage", None)
    assert (mira["nick"], mira["location"]) == ("mira", "the coffee bar")
    assert mira["in"] <= mira["out"] <= state["timestamp"]
    assert state["slots"] == document["slots"]
    assert state["location"]["storage"]
