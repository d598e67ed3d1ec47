"""An alert in sixty channels of two networks, with a restart, a topic of people and a meeting in between."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.features.installed import install_guests
from tests.servers.inspircd import InspIrcd
from tests.servers.irc_servers import IrcPerson, IrcServer, Meet
from tests.servers.programs import Program
from tests.servers.running import begin
from tests.status.stage import Topics, configure, head, irc, record_of

pytestmark = pytest.mark.servers

ONE, TWO = [f"#one{n}" for n in range(30)], [f"#two{n}" for n in range(30)]
MUTE = ("one #one7", "one #one29", "two #two3")
"""Channels that take no line of the bot."""
MORE = """
[crier]
rooms = ["one #one4"]
"""


async def furnish(person: IrcPerson, channels: list[str], mute: list[str]) -> dict[str, str]:
    """Join channels, let everybody set topics, set them, and return them."""
    await person.join(*channels)
    for channel in channels:
        person.send(f"MODE {channel} -t", f"TOPIC {channel} :Topic of {channel}")
    person.send(*(f"MODE {channel} +m" for channel in mute))
    await person.settle()
    topics = await Topics(person).ask(channels)
    assert topics == {channel: f"Topic of {channel}" for channel in channels}
    return topics


async def heard(person: IrcPerson, channels: list[str], text: str) -> list[str]:
    """Return the channels where the bot said a line, each as often as it did."""
    return [channel for channel in channels for said in person.said("ptgbot", channel) if said == text]


@pytest.mark.timeout(300)
async def test_alert_in_sixty_channels(
    tmp_path: Path,
    ngircd: IrcServer,
    services: InspIrcd,
    meet: Meet,
    programs: list[Program],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PYTHONPATH", install_guests(tmp_path)["PYTHONPATH"])
    ada, kurt = await meet(services, "ada_"), await meet(ngircd, "kurt")
    ada.say("NickServ", "IDENTIFY ada ada-secret")
    await ada.wait(" 900 ")
    one = await furnish(ada, ONE, ["#one7", "#one29"])
    two = await furnish(kurt, TWO, ["#two3"])
    tables = (irc("one", services, ONE, 20), irc("two", ngircd, TWO, 20), MORE)
    config = configure(tmp_path, head(["one/ada"], "give_up_minutes = 5"), *tables)
    bot = await asyncio.to_thread(begin, config, programs)
    # An untrusted account changes nothing.
    kurt.say("#two0", "#status alert all is lost")
    assert "trusted people" in await kurt.wait("trusted")
    # A meeting runs, and an alert begins.
    ada.say("#one4", "~sign meeting")
    ada.say("#one6", "#startmeeting infra")
    await ada.wait("PRIVMSG #one6")
    ada.say("#one6", "#topic first point")
    await Topics(ada).become({"#one4": "meeting | Topic of #one4", "#one6": "first point (Meeting topic: infra)"})
    ada.say("#one0", "#status alert Gerrit is down")
    await ada.wait("Alert 1 goes to 60 rooms")
    asked = time.monotonic()
    ada.say("#one0", "#status list")
    await ada.wait("open since")
    took = time.monotonic() - asked
    line = "Alert 1: Gerrit is down"
    reached = len(await heard(ada, ONE, line)) + len(await heard(kurt, TWO, line))
    assert reached < 57, "the answer came during the broadcast"
    final = await ada.wait("rooms reached")
    assert "57 of 60 rooms reached" in final
    assert [channel for channel in MUTE if channel in final] == [*MUTE]
    await kurt.settle()
    assert await heard(ada, ONE, line) == [channel for channel in ONE if f"one {channel}" not in MUTE]
    assert await heard(kurt, TWO, line) == [channel for channel in TWO if f"two {channel}" not in MUTE]
    await Topics(ada).become(dict.fromkeys(ONE, line))
    await Topics(kurt).become(dict.fromkeys(TWO, line))
    # The meeting goes on, somebody sets a topic, and the bot is killed and comes back.
    ada.say("#one4", "~sign second point")
    ada.say("#one6", "#topic second point")
    await Topics(ada).set("#one5", "Lunch at noon")
    await ada.wait(f"TOPIC #one5 :{line}")
    bot.program.kill()
    kurt.send("TOPIC #two5 :Said while the bot was away")
    await kurt.settle()
    bot = await asyncio.to_thread(begin, config, programs)
    await Topics(kurt).become(dict.fromkeys(TWO, line))
    ada.say("#one0", "#status ok 1 all is well")
    assert "57 of 60 rooms reached" in await ada.wait("rooms reached")
    meeting = {"#one4": "second point | Topic of #one4", "#one6": "second point (Meeting topic: infra)"}
    await Topics(ada).become({**one, **meeting, "#one5": "Lunch at noon"})
    await Topics(kurt).become({**two, "#two5": "Said while the bot was away"})
    ada.say("#one4", "~sign")
    ada.say("#one6", "#endmeeting")
    await Topics(ada).become({"#one4": "Topic of #one4", "#one6": "Topic of #one6"})
    assert len(await heard(kurt, TWO, "Alert 1 is over: all is well")) == 29
    ada.say("#one0", "#status ok")
    await ada.wait("There is no open alert")
    record = await record_of(bot.folder)
    kinds = [entry["kind"] for month in record["entries"].values() for entry in month.values()]
    assert (kinds, record["sent"]) == (["alert", "ok"], {})
    assert bot.stop() == 0
    with capsys.disabled():
        print(f"\na command during the broadcast: answered after {took * 1000:.0f} ms, {reached} of 57 channels told")


async def test_program_as_it_comes_knows_successes(
    ngircd: IrcServer, meet: Meet, tmp_path: Path, programs: list[Program]
) -> None:
    config = configure(tmp_path, head([]).partition("[status]")[0], irc("testnet", ngircd, ["#events"], 0))
    ada = await meet(ngircd, "ada", "#events")
    bot = await asyncio.to_thread(begin, config, programs)
    await ada.see("ptgbot", "#events")
    ada.say("#events", "#successful day")
    ada.say("#events", "#statusfoo alert x")
    ada.say("#events", "#success it works <script>| }}")
    assert "Success 1 is on record" in await ada.wait("PRIVMSG #events :ada: ")
    ada.say("#events", "#thanks mira, kurt for the help")
    await ada.wait("Your thanks 2 is on record")
    ada.say("#events", "#status alert x")
    await ada.wait("trusted people")
    record = await record_of(bot.folder)
    (month,) = record["entries"].values()
    assert [entry["text"] for entry in month.values()] == ["it works <script>| }}", "mira, kurt for the help"]
    assert bot.stop() == 0
