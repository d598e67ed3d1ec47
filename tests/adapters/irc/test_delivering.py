"""A delivered line is confirmed by the server, refused for good, or worth another try."""

from __future__ import annotations

import asyncio
import signal

import pytest

from ptgbot.chat.adapter import Colour, Undeliverable
from ptgbot.chat.message import Kind, Outgoing
from tests.adapters.irc.conftest import StartBot
from tests.servers.faulty_irc import Guest, ServeFaulty, reset
from tests.servers.irc_servers import IrcServer, Meet


def line(text: str = "lunch is served", target: str = "#d") -> Outgoing:
    return Outgoing(Kind.ANNOUNCE, target, text)


@pytest.mark.servers
async def test_delivered_line_arrives_in_room(server: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    ada = await meet(server, "ada", "#d")
    bot = await start_bot(server, "#d")
    text = " ".join(f"word{number}" for number in range(150))
    await bot.adapter.deliver(line(text))
    await ada.settle()
    pieces = ada.said("ptgbot", "#d")
    assert len(pieces) > 1
    assert " ".join(pieces).split() == text.split()  # ngircd drops a blank at the end of a line


@pytest.mark.servers
@pytest.mark.parametrize("change", ["+m", "+b ptgbot!*@*"])
async def test_a_silenced_bot_is_undeliverable(server: IrcServer, start_bot: StartBot, meet: Meet, change: str) -> None:
    ada = await meet(server, "ada", "#d")
    bot = await start_bot(server, "#d")
    ada.send(f"MODE #d {change}")
    await ada.settle()
    with pytest.raises(Undeliverable, match=r"^#d takes no lines from us$"):
        await bot.adapter.deliver(line())
    ada.send(f"MODE #d {change.replace('+', '-')}")
    await ada.settle()
    await bot.adapter.deliver(line("again"))
    await ada.settle()
    assert ada.said("ptgbot", "#d") == ["again"]


@pytest.mark.servers
async def test_a_room_that_banned_us_is_undeliverable(server: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    ada = await meet(server, "ada", "#d")
    bot = await start_bot(server, "#d")
    ada.send("MODE #d +b ptgbot!*@*", "KICK #d ptgbot")
    await bot.notes.until(lambda notes: "#d: we are banned" in notes.reports)
    with pytest.raises(Undeliverable, match=r"^#d: we are banned$"):
        await bot.adapter.deliver(line())


async def test_unconfigured_room_is_undeliverable(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await guest.welcome()
        await guest.admit("#d")

    bot = await start_bot(await serve_faulty(script), "#d")
    with pytest.raises(Undeliverable, match=r"^#elsewhere is not in the configuration$"):
        await bot.adapter.deliver(line(target="#elsewhere"))


async def test_full_room_is_tried_again(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await guest.welcome()
        await guest.hear("JOIN #d")
        guest.tell(f":irc.faulty 471 {guest.nick} #d :full")

    bot = await start_bot(await serve_faulty(script), "#d", wait=False)
    await bot.until_health(Colour.YELLOW, "not in #d")
    with pytest.raises(ConnectionError, match=r"^not in #d at the moment$"):
        await bot.adapter.deliver(line())


async def test_without_a_connection_a_line_must_wait(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        reset(guest.writer)

    bot = await start_bot(await serve_faulty(script), "#d", wait=False)
    with pytest.raises(ConnectionError, match=r"^not connected"):
        await bot.adapter.deliver(line())


@pytest.mark.servers
@pytest.mark.parametrize("kind", ["ngircd", "inspircd"])
async def test_a_server_that_dies_before_the_pong_raises(
    request: pytest.FixtureRequest, start_bot: StartBot, meet: Meet, kind: str
) -> None:
    server: IrcServer = request.getfixturevalue(f"start_{kind}")()
    bot = await start_bot(server, "#d")
    server.program.send_signal(signal.SIGSTOP)
    sent = bot.adapter.outbox.sent
    delivery = asyncio.create_task(bot.adapter.deliver(line("once")))
    while bot.adapter.outbox.sent < sent + 2:  # the line and its PING
        await asyncio.sleep(0.005)
    server.program.send_signal(signal.SIGKILL)
    with pytest.raises(ConnectionError):
        await delivery
    server.program.kill()
    await asyncio.to_thread(server.program.start)
    ada = await meet(server, "ada", "#d")
    await bot.until_health(Colour.GREEN)
    await bot.adapter.deliver(line("once"))
    await ada.settle()
    assert ada.said("ptgbot", "#d") == ["once"]


async def test_a_connection_lost_before_the_pong_raises(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await guest.welcome()
        await guest.admit("#d")
        if guest.number == 1:
            await guest.hear("PING ptgbot-")
            reset(guest.writer)
        else:
            ping = await guest.hear("PING ptgbot-")
            guest.tell(f":irc.faulty PONG irc.faulty :{ping.split()[1]}")

    server = await serve_faulty(script)
    bot = await start_bot(server, "#d")
    with pytest.raises(ConnectionError):
        await bot.adapter.deliver(line("once"))
    await bot.until_health(Colour.GREEN)
    assert len(bot.adapter.outbox) == 0
    await bot.adapter.deliver(line("twice"))
    said = [[heard for heard in guest.heard if heard.startswith("PRIVMSG")] for guest in server.guests]
    assert said == [["PRIVMSG #d :once"], ["PRIVMSG #d :twice"]]


@pytest.mark.parametrize(
    ("numeric", "sentence"),
    [
        ("403", "there is no channel #d"),
        ("404", "#d takes no lines from us"),
        ("442", "not in #d"),
        ("477", "#d wants a services account"),
        ("482", "not an operator in #d"),
    ],
)
async def test_a_refusal_between_line_and_pong_is_final(
    serve_faulty: ServeFaulty, start_bot: StartBot, numeric: str, sentence: str
) -> None:
    async def script(guest: Guest) -> None:
        await guest.welcome()
        await guest.admit("#d", "#e")
        guest.tell(f":irc.faulty {numeric} {guest.nick} #d :about a line before")
        token = (await guest.hear("PING ptgbot-")).split()[1]
        guest.tell(f":irc.faulty {numeric} {guest.nick} #e :about another room", f":irc.faulty PONG x :{token}")
        token = (await guest.hear("PING ptgbot-1")).split()[1]
        guest.tell(f":irc.faulty {numeric} {guest.nick} #D :No", f":irc.faulty PONG irc.faulty :{token}")

    bot = await start_bot(await serve_faulty(script), "#d", "#e")
    await bot.adapter.deliver(line())
    with pytest.raises(Undeliverable) as raised:
        await bot.adapter.deliver(line())
    assert str(raised.value) == sentence


async def test_a_kick_before_the_pong_is_no_confirmation(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await guest.welcome()
        await guest.admit("#d")
        token = (await guest.hear("PING ptgbot-")).split()[1]
        guest.tell(f":ada!a@h KICK #d {guest.nick} :out", f":irc.faulty PONG irc.faulty :{token}")

    bot = await start_bot(await serve_faulty(script), "#d")
    with pytest.raises(ConnectionError, match=r"^not in #d any more$"):
        await bot.adapter.deliver(line())


async def test_missing_pong_ends_the_wait(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await guest.welcome()
        await guest.admit("#d")

    bot = await start_bot(await serve_faulty(script), "#d", ping_timeout=0.05)
    with pytest.raises(TimeoutError, match=r"^#d was not confirmed within 0\.05 s$"):
        await bot.adapter.deliver(line())


async def test_a_cancelled_delivery_does_not_leave_later(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await guest.welcome()
        await guest.admit("#d")

    server = await serve_faulty(script)
    bot = await start_bot(server, "#d", messages_per_second=20, burst=1)
    bot.adapter.send(line("before"))
    delivery = asyncio.create_task(bot.adapter.deliver(line("cancelled")))
    await server.guests[0].hear("before")
    delivery.cancel()
    await asyncio.gather(delivery, return_exceptions=True)
    bot.adapter.send(line("behind"))
    await server.guests[0].hear("behind")
    assert not [heard for heard in server.guests[0].heard if "cancelled" in heard]
