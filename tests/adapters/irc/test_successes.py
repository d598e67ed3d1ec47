"""How a channel is told that commands worked: by a line, by a reaction or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from ptgbot.chat.message import Kind, Message, Outgoing, Person, Role, Room
from ptgbot_irc.config import ChannelConfig, IrcConfig
from ptgbot_irc.isupport import Features
from ptgbot_irc.successes import Successes, confirmed
from tests.adapters.irc.conftest import StartBot
from tests.servers.irc_servers import IrcServer, Meet
from tests.servers.running import StartBot as StartPtgbot


def message(text: str, nick: str = "ada") -> Message:
    return Message(
        datetime(2026, 11, 21, tzinfo=UTC), Room("net", "#c", "#c"), Person(nick, nick), Role.ATTENDEE, text
    )


def done(text: str, nick: str = "ada") -> Outgoing:
    return Outgoing(Kind.DONE, "#c", "", message(text, nick))


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["ada #nova now quotas"], "ada: noted, #nova now."),
        (["ada #nova next a", "ada #nova next b", "ada #nova color teal"], "ada: noted, #nova next ×2, #nova color."),
        (["ada #nova now a", "bob #cinder now b"], "Noted: ada #nova now · bob #cinder now."),
        (
            [f"ada #n{n} now x" for n in range(8)],
            "ada: noted, #n0 now, #n1 now, #n2 now, #n3 now, #n4 now, #n5 now and 2 more.",
        ),
        (
            [f"p{n} #t now x" for n in range(7)],
            "Noted, p0, p1, p2, p3, p4, p5, p6.",
        ),
        (["ada #" + "x" * 60 + " now"], "ada: noted, #" + "x" * 38 + "…."),
    ],
)
def test_one_line_names_all_commands(lines: Sequence[str], told: str) -> None:
    people = [line.partition(" ") for line in lines]
    assert confirmed([message(text, nick) for nick, _, text in people]) == told


async def test_first_success_is_told_without_delay() -> None:
    queued: list[Outgoing] = []
    successes = Successes(queued.append, 60)
    first = done("#nova now a")
    successes.add(first)
    assert queued == [first]


async def test_successes_within_the_pause_are_gathered() -> None:
    queued: list[Outgoing] = []
    successes = Successes(queued.append, 60)
    successes.add(done("#nova now a"))
    told = successes.told(queued.pop())
    assert (told.text, told.message) == ("ada: noted, #nova now.", message("#nova now a"))
    for text in ("#nova next b", "#nova color teal"):
        successes.add(done(text))
    assert queued == []
    successes.flush()
    [told] = [successes.told(one) for one in queued]
    assert (told.text, told.message) == ("ada: noted, #nova next, #nova color.", None)


async def test_pause_ends_by_itself_and_may_be_empty() -> None:
    queued: list[Outgoing] = []
    successes = Successes(queued.append, 0.01)
    successes.add(done("#nova now a"))
    successes.told(queued.pop())
    await _until(lambda: not successes._timers)
    assert queued == []
    successes.add(done("#nova now b"))
    successes.told(queued.pop())
    successes.add(done("#nova now c"))
    await _until(lambda: queued)
    assert successes.told(queued.pop()).text == "ada: noted, #nova now."


async def test_line_that_was_dropped_holds_back_no_other() -> None:
    queued: list[Outgoing] = []
    successes = Successes(queued.append, 0)
    successes.add(done("#nova now a"))
    successes.lost(queued.pop())
    successes.add(done("#nova now b"))
    assert len(queued) == 1


async def _until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


def test_channel_may_differ_from_its_network() -> None:
    config = IrcConfig(
        server="irc.example.org", confirm="tag", channels=("#c", ChannelConfig(name="#Quiet", confirm="none"))
    )
    assert [config.confirm_in(name) for name in ("#c", "#quiet", "ada")] == ["tag", "none", "tag"]


@pytest.mark.parametrize(
    ("denied", "relayed"),
    [("", True), ("typing", True), ("*", False), ("*,-draft/react", True), ("draft/react", False)],
)
def test_denied_tags_are_not_used(denied: str, relayed: bool) -> None:
    assert Features().with_tokens([f"CLIENTTAGDENY={denied}"]).relays("+draft/react") is relayed


@pytest.mark.servers
async def test_success_is_told_on_every_server(server: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    bot = await start_bot(server)
    ada = await meet(server, "ada", "#c")
    await ada.see("ptgbot", "#c")
    for text in ("#nova now a", "#nova next b", "#nova next c"):
        ada.say("#c", text)
        bot.adapter.send(Outgoing(Kind.DONE, "#c", "", await bot.notes.heard(text)))
    assert (await ada.wait("noted")).endswith(" PRIVMSG #c :ada: noted, #nova now.")
    await bot.adapter.drain()
    assert (await ada.wait("noted")).endswith(" PRIVMSG #c :ada: noted, #nova next ×2.")


@pytest.mark.servers
async def test_quiet_success_is_no_line(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    bot = await start_bot(ngircd)
    ada = await meet(ngircd, "ada", "#c")
    await ada.see("ptgbot", "#c")
    ada.say("#c", "#info quiet")
    bot.adapter.send(Outgoing(Kind.DONE, "#c", "", await bot.notes.heard("#info quiet"), quiet=True))
    ada.say("#c", "#nova now a")
    bot.adapter.send(Outgoing(Kind.DONE, "#c", "", await bot.notes.heard("#nova now a")))
    await ada.wait("noted")
    assert ada.said("ptgbot", "#c") == ["ada: noted, #nova now."]


@pytest.mark.servers
async def test_reaction_stands_at_the_message(inspircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    bot = await start_bot(inspircd, confirm="tag")
    ada = await meet(inspircd, "ada")
    ada.send("CAP REQ :message-tags")
    await ada.wait("ACK")
    await ada.join("#c")
    await ada.see("ptgbot", "#c")
    ada.say("#c", "#nova now a")
    bot.adapter.send(Outgoing(Kind.DONE, "#c", "", await bot.notes.heard("#nova now a")))
    line = await ada.wait("TAGMSG")
    assert "+draft/react=✅" in line
    assert "+draft/reply=" in line


@pytest.mark.servers
async def test_line_takes_place_of_a_reaction(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    bot = await start_bot(ngircd, confirm="tag")
    ada = await meet(ngircd, "ada", "#c")
    await ada.see("ptgbot", "#c")
    ada.say("#c", "#nova now a")
    bot.adapter.send(Outgoing(Kind.DONE, "#c", "", await bot.notes.heard("#nova now a")))
    await ada.wait(" PRIVMSG #c :ada: noted, #nova now.")


@pytest.mark.servers
async def test_quiet_channel_gets_no_confirmation(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    bot = await start_bot(ngircd, confirm="none")
    ada = await meet(ngircd, "ada", "#c")
    await ada.see("ptgbot", "#c")
    ada.say("#c", "#nova now a")
    message = await bot.notes.heard("#nova now a")
    bot.adapter.send(Outgoing(Kind.DONE, "#c", "", message))
    bot.reply(message, "last")
    await ada.wait("last")
    assert ada.said("ptgbot", "#c") == ["ada: last"]


@pytest.mark.servers
async def test_topic_set_in_chat_is_confirmed(ngircd: IrcServer, start_ptgbot: StartPtgbot, meet: Meet) -> None:
    olga = await meet(ngircd, "olga", "#events")
    start_ptgbot(ngircd)
    await olga.see("ptgbot", "#events")
    olga.say("#events", "~add nova")
    await olga.wait("ptgbot")
    olga.say("#events", "#nova now quotas")
    await olga.wait(" PRIVMSG #events :olga: noted, #nova now.")
