"""Many people ask at once, with the limits that ngircd is distributed with and our default pace."""

from __future__ import annotations

import asyncio
import time

import pytest

from ptgbot.chat.message import Kind, Message, Outgoing, Person, Role, Room
from ptgbot.testing import START
from ptgbot_irc.identity import Identity
from ptgbot_irc.session import Session
from ptgbot_irc.speaking import together
from tests.adapters.irc.conftest import Bot, StartBot
from tests.servers.irc_servers import IrcPerson, Meet, StartIrc

CROWD = 50
PACE = {"messages_per_second": 1.0, "burst": 4}
"""Our defaults."""


def reply(nick: str, text: str, *, private: bool = False, target: str = "#c") -> Outgoing:
    message = Message(START, Room("net", target, target), Person(nick, nick), Role.ATTENDEE, "+now", private)
    return Outgoing(Kind.REPLY, target, text, message)


@pytest.mark.parametrize(
    ("replies", "line"),
    [
        ([reply("ada", "yes"), reply("bob", "no")], (2, b"PRIVMSG #c :ada: yes // bob: no\r\n")),
        ([reply("ada", "x"), reply("bob", "y"), reply("eve", "x")], (3, b"PRIVMSG #c :ada, eve: x // bob: y\r\n")),
        ([reply("ada", "yes"), reply("bob", "x" * 500)], (0, None)),
        ([reply("ada", "y"), reply("bob", "n"), reply("eve", "x" * 500)], (2, b"PRIVMSG #c :ada: y // bob: n\r\n")),
        ([reply("ada", "yes", private=True, target="ada"), reply("ada", "no", private=True, target="ada")], (0, None)),
    ],
)
def test_answers_to_several_people_share_a_line(replies: list[Outgoing], line: tuple[int, bytes | None]) -> None:
    number, lines = together(replies, Session(Identity("ptgbot", "~ptgbot", "h" * 63)))
    assert (number, lines[0] if lines else None) == line


@pytest.mark.servers
async def test_crowd_is_answered_in_few_lines(
    start_ngircd: StartIrc, start_bot: StartBot, meet: Meet, capsys: pytest.CaptureFixture[str]
) -> None:
    server = start_ngircd(penalty=True)
    bot = await start_bot(server, **PACE)
    people = [await meet(server, f"guest{number:02}", "#c") for number in range(CROWD)]
    bot.notes.answer = lambda m: bot.reply(m, f"{m.person.nick} checked in at #track{m.person.nick[-2:]} at 10:05")

    async def ask(person: IrcPerson) -> float:
        began = time.monotonic()
        person.say("#c", "+seen me")
        await person.wait(f"{person.nick} checked in", patience=60)
        return time.monotonic() - began

    waits = sorted(await asyncio.gather(*map(ask, people)))
    lines = people[0].said("ptgbot", "#c")
    with capsys.disabled():
        print(f"\n{CROWD} people at once: {len(lines)} lines, all within {waits[-1]:.1f} s, half {waits[25]:.1f} s")
    assert len(lines) <= 12


@pytest.mark.servers
async def test_flood_delays_neighbour_by_few_lines(
    start_ngircd: StartIrc, start_bot: StartBot, meet: Meet, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each answer to the flood is as long as answers may be."""
    server = start_ngircd(penalty=True)
    bot = await start_bot(server, **PACE)
    flooder, neighbour = await meet(server, "flooder", "#c"), await meet(server, "neighbour", "#c")
    sent: list[int] = []

    def answer(message: Message) -> None:
        if message.person.nick == "neighbour":
            sent.append(bot.adapter.outbox.sent)
        bot.reply(message, "here you are" if sent else "word " * 600)

    bot.notes.answer = answer
    for number in range(8):
        flooder.say("#c", f"+now {number}")
    await bot.notes.until(lambda notes: len(notes.messages) > 4)
    await neighbour.wait("flooder: word")
    await _burst_is_spent(bot)
    began = time.monotonic()
    neighbour.say("#c", "+now")
    await neighbour.wait("neighbour: here you are", patience=60)
    waited, between = time.monotonic() - began, len(neighbour.said("ptgbot", "#c")) - 1 - sent[0]
    with capsys.disabled():
        print(f"\nbehind a flood: answered after {between} lines, {waited:.1f} s")
    assert between <= 2


async def _burst_is_spent(bot: Bot) -> None:
    async with asyncio.timeout(20):
        while not bot.adapter.outbox.pace.delay():
            await asyncio.sleep(0.01)


@pytest.mark.servers
async def test_bot_is_away_while_it_shuts_down(start_ngircd: StartIrc, start_bot: StartBot, meet: Meet) -> None:
    server = start_ngircd()
    bot = await start_bot(server, quit_message="Back soon", messages_per_second=2, burst=1)
    ada = await meet(server, "ada", "#c")
    await ada.see("ptgbot", "#c")
    for text in ("one", "two", "three"):
        ada.say("#c", text)
        bot.reply(await bot.notes.heard(text), text)
    draining = asyncio.create_task(bot.adapter.drain())
    await ada.wait("ada: two")
    ada.say("ptgbot", "are you there?")
    assert (await ada.wait(" 301 ")).endswith("ada ptgbot :Back soon")
    await draining
    await ada.wait("ada: three")
    assert ada.said("ptgbot", "#c") == ["ada: one", "ada: two", "ada: three"]
