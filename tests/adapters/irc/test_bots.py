"""Bots are known by their mode where the server does not tag what they say: who asks whom, and what is remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from ptgbot_irc.bots import Bots
from ptgbot_irc.identity import Identity
from ptgbot_irc.isupport import Features
from ptgbot_irc.line import parse
from ptgbot_irc.session import Session
from tests.adapters.irc.conftest import StartBot
from tests.servers.faulty_irc import Guest, ServeFaulty
from tests.servers.inspircd import InspIrcd
from tests.servers.irc_servers import Meet

HELLO = (
    ":ptgbot!u@h JOIN #c",
    ":irc.test 352 ptgbot #C u h irc.test Robot HB@ :0 A robot",
    ":irc.test 352 ptgbot #c u h irc.test ada G :0 B",
    ":irc.test 315 ptgbot #c :End",
)


def after(*lines: str, token: str = "BOT=B", tagged: bool = False) -> Bots:
    async def send(*_words: str) -> None:
        """Nobody is there."""

    bots = Bots(Session(Identity("ptgbot"), Features().with_tokens([token])), lambda: tagged, send, 300)
    for line in (*HELLO, *lines):
        bots.take(parse(line.encode()))
    return bots


def test_bot_letter_in_who_flags_marks_bot() -> None:
    assert [nick in after() for nick in ("robot", "ROBOT", "ada", "B", "nobody")] == [True, True, False, False, False]


def test_here_and_gone_flags_mark_no_bot() -> None:
    assert "ada" not in after(token="BOT=G")
    assert "robot" not in after(token="BOT=H")


@pytest.mark.parametrize(("token", "tagged"), [("SAFELIST", False), ("BOT=", False), ("BOT=B", True)])
def test_bots_stay_unrecorded_without_mode_or_with_tags(token: str, tagged: bool) -> None:
    """Nothing is recorded if the server has no bot mode, or if it tags the messages of bots."""
    assert "robot" not in after(token=token, tagged=tagged)


def test_bot_stays_bot_after_nick_change() -> None:
    bots = after(":Robot!u@h NICK android")
    assert ("android" in bots, "robot" in bots) == (True, False)


@pytest.mark.parametrize(
    "line",
    [
        ":robot!u@h QUIT :a.test b.test",
        ":robot!u@h PART #c :bye",
        ":ada!a@h KICK #c robot :out",
        ":ptgbot!u@h PART #c",
        ":ada!a@h KICK #c ptgbot :out",
        ":robot!u@h JOIN #c",
        ":irc.test 352 ptgbot #c u h irc.test robot H :0 mode taken off",
    ],
)
def test_new_owner_of_a_bots_nick_is_human(line: str) -> None:
    assert "robot" not in after(line)


def test_bot_leaving_one_channel_stays_in_another() -> None:
    other = (":ptgbot!u@h JOIN #d", ":irc.test 352 ptgbot #d u h irc.test robot HB :0 x", ":robot!u@h PART #c")
    assert "robot" in after(*other)


def test_malformed_lines_change_nothing() -> None:
    odd = ("352", ":s 352 ptgbot #c u h s robot", ":s 352 ptgbot #other u h s ada HB :0 x", "JOIN", "NICK", "KICK #c")
    bots = after(*odd)
    assert ("robot" in bots, "ada" in bots) == (True, False)


async def test_each_channel_is_asked_once_by_who(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    """No user is asked about by nick."""
    async def script(guest: Guest) -> None:
        await guest.welcome("BOT=B")
        await guest.admit("#c")
        guest.tell(*(f":user{number}!u@h JOIN #c" for number in range(40)))
        await guest.hear("WHO #c")
        guest.tell(
            ":irc.faulty 352 ptgbot #c r h irc.faulty robot HB :0 x",
            ":irc.faulty 352 ptgbot #c a h irc.faulty ada H@ :0 x",
            ":irc.faulty 315 ptgbot #c :End",
            ":robot!r@h PRIVMSG #c :beep",
            ":robot!r@h PRIVMSG ptgbot :beep",
            ":robot!r@h NICK android",
            ":android!r@h PRIVMSG #c :beep",
            ":ada!a@h PRIVMSG #c :end",
        )

    server = await serve_faulty(script)
    bot = await start_bot(server)
    await bot.notes.heard("end")
    assert bot.notes.texts == ["end"]
    assert [line for line in server.guests[0].heard if line.startswith("WHO")] == ["WHO #c"]


async def test_channel_with_newcomers_is_asked_again(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await guest.welcome("BOT=B")
        await guest.admit("#c")
        await guest.hear("WHO #c")
        guest.heard.clear()
        guest.tell(":irc.faulty 263 ptgbot WHO :Please wait a while", ":robot!r@h JOIN #c")
        await guest.hear("WHO #c")
        guest.tell(
            ":irc.faulty 352 ptgbot #c r h irc.faulty robot HB :0 x",
            ":irc.faulty 315 ptgbot #c :End",
            ":robot!r@h PRIVMSG #c :beep",
            ":ada!a@h PRIVMSG #c :end",
        )

    server = await serve_faulty(script)
    bot = await start_bot(server, bots_interval=0.05)
    await bot.notes.heard("end")
    assert bot.notes.texts == ["end"]


@pytest.mark.servers
async def test_server_with_bot_mode_but_no_tags(
    start_inspircd: Callable[..., InspIrcd], start_bot: StartBot, meet: Meet
) -> None:
    server = start_inspircd(without=("ircv3_ctctags",))
    robot = await meet(server, "robot", "#c")
    robot.send("MODE robot +B")
    await robot.wait("MODE robot")
    bot = await start_bot(server, bots_interval=0.1)
    connection = bot.adapter._connection
    assert connection is not None
    async with asyncio.timeout(15):
        while "robot" not in connection._bots:
            await asyncio.sleep(0.01)
    robot.say("#c", "beep")
    await robot.settle()
    late = await meet(server, "late")
    late.send("MODE late +B")
    await late.join("#c")
    async with asyncio.timeout(15):
        while "late" not in connection._bots:
            await asyncio.sleep(0.01)
    late.say("#c", "beep too")
    await late.settle()
    ada = await meet(server, "ada", "#c")
    ada.say("#c", "end")
    await bot.notes.heard("end")
    assert bot.notes.texts == ["end"]
