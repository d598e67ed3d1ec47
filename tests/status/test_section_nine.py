"""What a status bot must do, on ngircd, on InspIRCd with Atheme, and on Synapse, by one program at once.

A command during a broadcast to sixty channels is in ``test_broadcast``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import define

from tests.servers.inspircd import InspIrcd
from tests.servers.irc_servers import IrcPerson, IrcServer, Meet
from tests.servers.matrix_servers import Befriend, HttpError, MatrixPerson, StartSynapse, text_of
from tests.servers.programs import Program
from tests.servers.running import Running, begin, health_of
from tests.status.receivers import Receivers
from tests.status.stage import MATRIX, Topics, configure, head, irc, record_of, until

pytestmark = pytest.mark.servers

BOT: Final = "@ptgbot:localhost"
ODD: Final = "a | b }} <script>alert(1)</script> – ünïcödé ☂ " + "0123456789 " * 54 + "end"
PINNED: Final = "m.room.pinned_events"
IRC_ROOMS: Final = ("#insp", "#ng")


@define(eq=False)
class Rooms:
    """A channel on InspIRCd (``#insp``), one on ngircd (``#ng``), and two rooms on Synapse.

    In the room ``den`` the bot may neither set the topic nor pin a line.
    """

    ada: IrcPerson
    """Trusted, on InspIRCd."""
    bob: IrcPerson
    """Operator of the channel on ngircd."""
    kurt: MatrixPerson
    """Trusted."""
    hall: str
    den: str
    folder: Path

    def lines(self) -> dict[str, list[str]]:
        """Return what the bot has said in each room."""
        said = {"#insp": self.ada.said("ptgbot", "#insp"), "#ng": self.bob.said("ptgbot", "#ng")}
        return said | {room: self.kurt.said(BOT, room) for room in (self.hall, self.den)}

    async def all_have(self, line: str) -> None:
        """Wait until each room has a line, and make sure that none has it twice."""
        await until(lambda: all(line in said for said in self.lines().values()), self.lines)
        assert [said.count(line) for said in self.lines().values()] == [1, 1, 1, 1]

    async def say(self, text: str, answer: str) -> str:
        """Let Ada type a line, and return the answer that contains some words."""
        self.ada.say("#insp", text)
        return await self.ada.wait(answer, patience=60)

    async def topics(self, insp: str, ng: str, hall: str) -> None:
        """Wait until the rooms have these topics; that of the den never changes."""
        await Topics(self.ada).become({"#insp": insp})
        await Topics(self.bob).become({"#ng": ng})
        async with asyncio.timeout(60):
            while await self._topic(self.hall) != hall:
                await asyncio.sleep(0.1)
        assert await self._topic(self.den) == "Welcome"

    async def _topic(self, room: str) -> str:
        return str((await self.kurt.call("GET", f"/rooms/{room}/state/m.room.topic/"))["topic"])

    async def pinned(self, *texts: str) -> None:
        """Wait until these lines are pinned in the hall, in their order. In the den nothing ever is."""
        said = {event["event_id"]: text_of(event) for event in self.kurt.events if event["room"] == self.hall}
        pins = await self._pins()
        async with asyncio.timeout(60):
            while [said.get(event, event) for event in pins] != [*texts]:
                await asyncio.sleep(0.1)
                pins = await self._pins()
        assert not any(event["type"] == PINNED and event["room"] == self.den for event in self.kurt.events)

    async def pin(self, *, text: str = "", off: str = "") -> None:
        """Let Kurt say a line and pin it, or unpin the line with a text."""
        said = {event["event_id"]: text_of(event) for event in self.kurt.events}
        pins = [event for event in await self._pins() if said.get(event) != off]
        more = [await self.kurt.say(self.hall, text)] if text else []
        await self.kurt.state(self.hall, PINNED, {"pinned": [*pins, *more]})
        if text:
            await self.kurt.wait(lambda event: text_of(event) == text)

    async def _pins(self) -> list[str]:
        try:
            found = await self.kurt.call("GET", f"/rooms/{self.hall}/state/{PINNED}/")
        except HttpError:
            return []
        return [str(event) for event in found["pinned"]]

    async def record(self) -> list[tuple[str, str]]:
        """Return the kinds and texts on record."""
        months: Mapping[str, Any] = (await record_of(self.folder))["entries"]
        return [(row["kind"], row["text"]) for month in months.values() for row in month.values()]

    def alert(self) -> Any:
        """Return what alert.json says."""
        return json.loads((self.folder / "html" / "alert.json").read_bytes())


async def furnish(folder: Path, ada: IrcPerson, bob: IrcPerson, kurt: MatrixPerson) -> Rooms:
    """Make the rooms, each with the topic ``Welcome``."""
    ada.say("NickServ", "IDENTIFY ada ada-secret")
    await ada.wait(" 900 ")
    for person, channel in ((ada, "#insp"), (bob, "#ng")):
        person.send(f"MODE {channel} -t", f"TOPIC {channel} :Welcome")
        await person.settle()
    hall, den = [await kurt.create(name) for name in ("hall", "den")]
    for room in (hall, den):
        await kurt.state(room, "m.room.topic", {"topic": "Welcome"})
    return Rooms(ada, bob, kurt, hall, den, folder)


async def impostors(rooms: Rooms, meet: Meet, insp: IrcServer, ng: IrcServer, eve: MatrixPerson) -> None:
    """Let people with the nick of a trusted person try: without an account, on another network, and on Matrix."""
    for server, channel in ((insp, "#insp"), (ng, "#ng")):
        thief = await meet(server, "ada", channel)
        thief.say(channel, "#status alert all is lost")
        assert "trusted people" in await thief.wait(f"PRIVMSG {channel} :ada: ")
    await eve.call("PUT", f"/profile/{eve.id}/displayname", {"displayname": "kurt"})
    await eve.join(rooms.hall)
    refused = await eve.answer(await eve.say(rooms.hall, "#status alert all is lost"))
    assert "trusted people" in text_of(refused)


@pytest.mark.timeout(400)
async def test_twelve_behaviours_on_three_servers(
    tmp_path: Path,
    ngircd: IrcServer,
    services: InspIrcd,
    start_synapse: StartSynapse,
    meet: Meet,
    befriend: Befriend,
    programs: list[Program],
    subtests: pytest.Subtests,
) -> None:
    synapse = await asyncio.to_thread(start_synapse)
    kurt, eve = await befriend(synapse, "kurt"), await befriend(synapse, "eve")
    await asyncio.to_thread(synapse.register, "ptgbot", "pw")
    (tmp_path / "password").write_text("pw\n")
    ada, bob = await meet(services, "ada_", "#insp"), await meet(ngircd, "bob", "#ng")
    rooms = await furnish(tmp_path, ada, bob, kurt)
    hooks = Receivers(fail={"bad"})
    async with hooks.serve(tmp_path):
        more = f"publish_seconds = 0.5\npins = true\n{hooks.table('bad')}\n{hooks.table('good')}"
        networks = (irc("insp", services, ["#insp"], 0), irc("ng", ngircd, ["#ng"], 0))
        matrix = MATRIX.format(url=synapse.url, rooms=[rooms.hall, rooms.den])
        config = configure(tmp_path, head(["insp/ada", kurt.id], more), *networks, matrix)
        bot = await asyncio.to_thread(begin, config, programs)
        await kurt.level(rooms.hall, BOT, 50)
        await rooms.pin(text="house rules")
        with subtests.test("11. words that only begin alike are nothing"):
            for line in ("#successful day", "#statusfoo alert x"):
                ada.say("#insp", line)
                bob.say("#ng", line)
                await kurt.say(rooms.hall, line)
        with subtests.test("6. an account counts, and never a nick"):
            await impostors(rooms, meet, services, ngircd, eve)
        with subtests.test("5. an end without an alert sends nothing"):
            await rooms.say("#status ok", "There is no open alert. Nothing was sent.")
            answer = await kurt.answer(await kurt.say(rooms.hall, "#status ok"))
            assert "There is no open alert" in text_of(answer)
            assert await rooms.record() == []
        with subtests.test("2. a notice changes no topic; 7. the answer names a publisher that fails"):
            final = await rooms.say("#status notice lunch is served", "publishers reached")
            assert "4 of 4 rooms reached. 1 of 2 publishers reached; not yet bad (not in time: the server ans" in final
            await rooms.all_have("Notice: lunch is served")
            await rooms.topics("Welcome", "Welcome", "Welcome")
        with subtests.test("3. a log entry is only on record"):
            before = {room: len(said) for room, said in rooms.lines().items() if room != "#insp"}
            await rooms.say("#status log disks changed", "publishers reached")
            assert {room: len(said) for room, said in rooms.lines().items() if room != "#insp"} == before
            assert rooms.alert() == {"alert": None, "alerts": []}
            assert await rooms.record() == [("notice", "lunch is served"), ("log", "disks changed")]
        bot = await meeting_and_alert(rooms, subtests, bot, config, programs)
        await two_alerts(rooms, subtests, bot)
        assert hooks.taken.keys() == {"good"}
        assert hooks.types("good") == [*(f"status.{kind}" for kind, _ in await rooms.record()), "status.undo"]
    assert "can't be set" in bot.log
    assert f"lines can't be pinned in {rooms.den}: not allowed" in bot.log
    assert "our power level is 0, 50 is needed" in health_of(bot.web)["parts"]["pins"]["text"]
    assert bot.stop() == 0


async def meeting_and_alert(
    rooms: Rooms, subtests: pytest.Subtests, bot: Running, config: Path, programs: list[Program]
) -> Running:
    """An alert over a meeting, a topic of people and a kill; return the restarted program."""
    meeting = "{} (Meeting topic: infra)".format
    with subtests.test("1. an alert is told once everywhere, is the topic, in the file and on record"):
        rooms.bob.say("#ng", "#startmeeting infra")
        await rooms.bob.wait("PRIVMSG #ng")
        rooms.bob.say("#ng", "#topic first point")
        await rooms.topics("Welcome", meeting("first point"), "Welcome")
        assert "4 of 4 rooms reached" in await rooms.say("#status alert Gerrit is down", "publishers reached")
        line = "Alert 1: Gerrit is down"
        await rooms.all_have(line)
        await rooms.topics(line, line, line)
        await until(lambda: rooms.alert()["alert"] == "Gerrit is down")
        assert (await rooms.record())[2:] == [("alert", "Gerrit is down")]
        await rooms.pinned("house rules", line)
    with subtests.test("4. after the end topics are as before, over a restart and changes by people; 12. and meetings"):
        await Topics(rooms.ada).set("#insp", "Lunch at noon")
        await rooms.kurt.state(rooms.hall, "m.room.topic", {"topic": "Hello"})
        await rooms.pin(text="pizza")
        rooms.bob.say("#ng", "#topic second point")
        await rooms.topics(line, line, line)
        bot.program.kill()
        bot = await asyncio.to_thread(begin, config, programs)
        await rooms.kurt.say(rooms.hall, "#status ok all is well")
        await rooms.all_have("Alert 1 is over: all is well")
        await rooms.topics("Lunch at noon", meeting("second point"), "Hello")
        await rooms.pinned("house rules", "pizza")
        rooms.bob.say("#ng", "#endmeeting")
        await rooms.topics("Lunch at noon", "Welcome", "Hello")
        await until(lambda: rooms.alert() == {"alert": None, "alerts": []})
    return bot


async def two_alerts(rooms: Rooms, subtests: pytest.Subtests, bot: Running) -> None:
    """Two alerts, one of them with an odd and long text, and the end of that one."""
    with subtests.test("8. odd and long texts stay text"):
        await rooms.say("#status alert zuul waits", "publishers reached")
        assert "4 of 4 rooms reached" in await rooms.say(f"#status alert {ODD[:400]}", "publishers reached")
        await rooms.kurt.say(rooms.hall, f"#status notice {ODD}")
        await until(lambda: f"Notice: {ODD}" in rooms.lines()[rooms.den], rooms.lines)
        for channel in IRC_ROOMS:
            await until(lambda name=channel: rooms.lines()[name][-1].endswith("end"), rooms.lines)  # type: ignore[misc]
            assert rooms.lines()[channel][-2].startswith(f"Notice: {ODD[:200]}")
        await until(lambda: "&lt;script&gt;alert(1)&lt;/script&gt;" in bot.get("status.html"))
        assert "<script>alert(1)" not in bot.get("status.html")
    with subtests.test("9. of two alerts one ends, and the other stays"):
        both = ("house rules", "pizza", "Alert 2: zuul waits", f"Alert 3: {ODD[:400]}")
        await rooms.pinned(*both)
        await rooms.pin(off=both[2])
        await rooms.say("#status ok", "Which one?")
        await rooms.say("#status ok 3 nothing odd", "publishers reached")
        await until(lambda: [one["text"] for one in rooms.alert()["alerts"]] == ["zuul waits"])
        await rooms.topics(*["Alert 2: zuul waits"] * 3)
        await rooms.pinned(*both[:2])
    with subtests.test("a withdrawn end pins the alert again, and a line that somebody unpinned stays so"):
        await rooms.say("#status undo", "publishers reached")
        await rooms.pinned(*both[:2], both[3])
