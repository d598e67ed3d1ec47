"""Topics: what the server told last, and a new one that the server confirms or refuses."""

from __future__ import annotations

import asyncio

import pytest

from ptgbot.chat.adapter import Colour, Undeliverable
from ptgbot.chat.outbox import TryLater
from ptgbot.chat.text import cut
from tests.adapters.irc.conftest import Bot, StartBot
from tests.servers.faulty_irc import Guest, ServeFaulty, reset
from tests.servers.inspircd import InspIrcd
from tests.servers.irc_servers import IrcServer, Meet


async def known(bot: Bot, channel: str) -> str:
    """Wait until the topic of a channel is known, and return it."""
    async with asyncio.timeout(bot.notes.patience):
        while (topic := bot.adapter.topic(channel)) is None:
            await asyncio.sleep(0.005)
    return topic


@pytest.mark.servers
async def test_topic_of_server_is_observed(server: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    ada = await meet(server, "ada", "#t", "#bare")
    ada.send("TOPIC #t :cells \x02now\x02")
    await ada.settle()
    bot = await start_bot(server, "#t", "#bare")
    assert await known(bot, "#t") == "cells now"
    assert await known(bot, "#bare") == ""
    assert bot.adapter.topic("#elsewhere") is None
    ada.send("TOPIC #t :quotas", "PRIVMSG #t :after")
    await bot.notes.heard("after")
    assert bot.adapter.topic("#T") == "quotas"
    ada.send("TOPIC #t :", "PRIVMSG #t :cleared")
    await bot.notes.heard("cleared")
    assert bot.adapter.topic("#t") == ""


@pytest.mark.servers
async def test_a_topic_is_set_and_confirmed(server: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    bot = await start_bot(server, "#t")
    ada = await meet(server, "ada", "#t")
    for _again in range(2):  # a server may say nothing about a topic that stays the same
        await bot.adapter.set_topic("#t", "now: quotas")
        assert bot.adapter.topic("#t") == "now: quotas"
    await ada.settle()
    assert [shown for shown in ada.lines if " TOPIC #t :now: quotas" in shown]
    await bot.adapter.set_topic("#t", "")
    assert bot.adapter.topic("#t") == ""


@pytest.mark.servers
async def test_a_topic_is_cut_to_the_servers_limit(server: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    bot = await start_bot(server, "#t")
    limit = bot.adapter.topic_limit("#t")
    assert 100 < limit < 400
    await bot.adapter.set_topic("#t", "é" * 400)
    shown = bot.adapter.topic("#t")
    assert shown == "é" * ((limit - 3) // 2) + "…"
    ada = await meet(server, "ada", "#t")
    assert next(told for told in ada.lines if " 332 ada #t " in told).endswith(shown)


@pytest.mark.servers
async def test_a_protected_topic_is_refused(server: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    ada = await meet(server, "ada", "#t")
    ada.send("MODE #t +t", "TOPIC #t :stays")
    await ada.settle()
    bot = await start_bot(server, "#t")
    with pytest.raises(Undeliverable) as raised:
        await bot.adapter.set_topic("#t", "ours")
    assert str(raised.value) == "not an operator in #t (+t)"
    assert bot.adapter.topic("#t") == "stays"


async def test_topic_is_unknown_after_reconnect(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await guest.welcome()
        await guest.hear("JOIN #t")
        guest.tell(f":{guest.nick}!u@h JOIN #t")
        if guest.number == 1:
            guest.tell(f":irc.faulty 332 {guest.nick} #t :from before")

    server = await serve_faulty(script)
    bot = await start_bot(server, "#t")
    assert await known(bot, "#t") == "from before"
    reset(server.guests[0].writer)
    await bot.until_health(Colour.YELLOW)
    await bot.until_health(Colour.GREEN)
    assert bot.adapter.topic("#t") is None
    server.guests[1].tell(f":irc.faulty 332 {server.guests[1].nick} #t :from now")
    assert await known(bot, "#t") == "from now"


async def test_ineffective_topic_is_undeliverable(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await guest.welcome("TOPICLEN=20")
        await guest.admit("#t")
        token = (await guest.hear("PING ptgbot-")).split()[1]
        guest.tell(":ada!a@h TOPIC #t :hers", f":irc.faulty PONG irc.faulty :{token}")

    bot = await start_bot(await serve_faulty(script), "#t")
    assert bot.adapter.topic_limit("#t") == 20
    with pytest.raises(Undeliverable, match=r"^the server left the topic of #t as it was$"):
        await bot.adapter.set_topic("#t", "ours")
    assert bot.adapter.topic("#t") == "hers"


@pytest.mark.servers
async def test_topic_set_twice_within_a_second(services: InspIrcd, start_bot: StartBot, meet: Meet) -> None:
    ada = await meet(services, "ada_", "#quick")
    bot = await start_bot(services, "#quick")
    ada.send("MODE #quick -t")
    await ada.settle()
    later = []
    for number in range(3):
        ada.send(f"TOPIC #quick :hers {number}")
        await ada.settle()
        try:
            await bot.adapter.set_topic("#quick", f"ours {number}")
        except TryLater as error:
            later.append(error.seconds)
    assert set(later) == {1.5}


@pytest.mark.servers
async def test_services_set_a_protected_topic(
    services: InspIrcd, start_bot: StartBot, meet: Meet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RIGHT", "bot-secret")
    ada = await meet(services, "ada_", "#kept", "#lost")
    ada.say("NickServ", "IDENTIFY ada ada-secret")
    await ada.wait(" 900 ")
    ada.say("ChanServ", "REGISTER #kept")
    await ada.wait("is now registered")
    ada.say("ChanServ", "FLAGS #kept bot +t")
    await ada.wait("#kept", " NOTICE ")
    ada.send("MODE #kept +t", "MODE #lost +t")
    await ada.settle()
    login = {"login": "sasl", "account": "bot", "password_env": "RIGHT"}
    bot = await start_bot(services, "#kept", "#lost", topic_services="ChanServ", ping_timeout=5.0, **login)
    long = "ours " * 100
    await bot.adapter.set_topic("#kept", long)
    assert bot.adapter.topic("#kept") == cut(long.strip(), bot.adapter.topic_limit("#kept"))
    with pytest.raises(Undeliverable, match="neither we nor ChanServ may set the topic of #lost"):
        await bot.adapter.set_topic("#lost", "ours")
