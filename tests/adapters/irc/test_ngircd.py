"""The adapter on a real ngircd."""

from __future__ import annotations

import asyncio
import signal
import time

import pytest

from ptgbot.chat.adapter import Colour
from ptgbot.chat.addressing import MOST
from ptgbot.chat.message import Kind, Message, Outgoing, Role
from tests.adapters.irc.conftest import StartBot
from tests.servers.irc_servers import IrcServer, Meet, StartIrc

pytestmark = pytest.mark.servers


async def test_lines_arrive_in_order(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    bot = await start_bot(ngircd)
    ada = await meet(ngircd, "ada", "#c")
    for number in range(200):
        ada.say("#c", f"line {number}")
    await bot.notes.heard("line 199")
    assert bot.notes.texts == [f"line {number}" for number in range(200)]


async def test_rights_are_those_of_the_moment(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    ada = await meet(ngircd, "ada", "#c")
    bot = await start_bot(ngircd)
    grace = await meet(ngircd, "grace", "#c")
    grace.say("#c", "one")
    await grace.settle()
    await ada.voice("#c", "grace")
    grace.say("#c", "two")
    await grace.settle()
    await ada.op("#c", "grace")
    grace.say("#c", "three")
    await grace.settle()
    await ada.mode("#c", "-o", "grace")
    await ada.mode("#c", "-v", "grace")
    grace.say("#c", "four")
    ada.say("#c", "five")
    await bot.notes.until(lambda notes: len(notes.messages) == 5)
    roles = {message.text: message.role for message in bot.notes.messages}
    assert roles == {
        "one": Role.ATTENDEE,
        "two": Role.MODERATOR,
        "three": Role.ADMIN,
        "four": Role.ATTENDEE,
        "five": Role.ADMIN,
    }


async def test_former_operator_loses_rights_after_names(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    ada = await meet(ngircd, "ada", "#c")
    bot = await start_bot(ngircd)
    connection = bot.adapter._connection
    assert connection is not None
    for _ in range(2):
        await connection._client.rawmsg("NAMES", "#c")
    grace = await meet(ngircd, "grace", "#c")
    await ada.op("#c", "grace")
    grace.send("MODE #c -o ada")
    await ada.wait("MODE #c -o ada")
    ada.say("#c", "am I still?")
    assert (await bot.notes.heard("am I still?")).role is Role.ATTENDEE


async def test_a_private_message_is_private(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    bot = await start_bot(ngircd)
    ada = await meet(ngircd, "Ada[x]")
    ada.say("ptgbot", "help")
    message = await bot.notes.heard("help")
    assert (message.private, message.room.id, message.role) == (True, "Ada[x]", Role.ATTENDEE)
    assert (message.person.key, message.person.nick, message.person.casemapping) == (
        "ada[x]",
        "Ada[x]",
        "ascii",
    )
    bot.reply(message, "here you are")
    assert (await ada.wait("here you are")).endswith(" PRIVMSG Ada[x] :here you are")


async def test_keys_of_second_network_carry_its_name(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    bot = await start_bot(ngircd, first=False)
    ada = await meet(ngircd, "Ada", "#c")
    ada.say("#c", "hello")
    message = await bot.notes.heard("hello")
    assert message.person.key == "ada@test"
    assert bot.adapter.address("ada@test") == "ada"
    assert bot.adapter.address("ada") is None


async def test_other_lines_are_no_messages(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    bot = await start_bot(ngircd, ignore=("bridge", "*[M]"))
    ada = await meet(ngircd, "ada", "#c")
    bridge = await meet(ngircd, "Bridge", "#c")
    bridge.say("#c", "<ada> +in here")
    await bridge.settle()
    puppet = await meet(ngircd, "grace[m]", "#c")
    puppet.say("#c", "+in here")
    await puppet.settle()
    ada.send("NOTICE #c :notice", "NOTICE ptgbot :notice")
    ada.say("#c", "\x01ACTION waves\x01")
    ada.say("ptgbot", "\x01VERSION\x01")
    ada.say("#c", "end")
    await bot.notes.heard("end")
    assert bot.notes.texts == ["end"]


async def test_formatting_and_control_bytes_are_removed(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    bot = await start_bot(ngircd)
    ada = await meet(ngircd, "ada", "#c")
    ada.say("#c", "\x02bold\x02 \x0304red\x03 café")
    ada.say("#c", "caf\udce9")
    ada.say("#c", "end")
    await bot.notes.heard("end")
    assert bot.notes.texts == ["bold red café", "café", "end"]


async def test_answer_names_the_asker_and_injects_nothing(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    bot = await start_bot(ngircd)
    ada = await meet(ngircd, "ada", "#c")
    ada.say("#c", "hello")
    message = await bot.notes.heard("hello")
    bot.reply(message, "a\r\nQUIT :b\0c\x02d")
    bot.adapter.send(Outgoing(Kind.ANNOUNCE, "#c,ada", "to two"))
    bot.adapter.send(Outgoing(Kind.ANNOUNCE, "#c :x", "to a trick"))
    bot.adapter.send(Outgoing(Kind.DONE, "#c", "", message))
    bot.adapter.send(Outgoing(Kind.ANNOUNCE, "#c", "last"))
    await ada.wait(":last")
    assert ada.said("ptgbot", "#c") == ["ada: a QUIT :bcd", "ada: noted, hello.", "last"]


@pytest.mark.parametrize("char", ["x", "é", "🎉", "한"])
async def test_multibyte_text_arrives_complete(ngircd: IrcServer, start_bot: StartBot, meet: Meet, char: str) -> None:
    bot = await start_bot(ngircd)
    ada = await meet(ngircd, "ada", "#c")
    text = char * 250
    bot.adapter.send(Outgoing(Kind.ANNOUNCE, "#c", text))
    bot.adapter.send(Outgoing(Kind.ANNOUNCE, "#c", "last"))
    await ada.wait(":last")
    pieces = ada.said("ptgbot", "#c")
    assert "".join(pieces[:-1]) == text
    assert all(len(f"{line}\r\n".encode()) <= 512 for line in ada.lines)


async def test_tell_arrives_as_private_message(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    bot = await start_bot(ngircd)
    ada = await meet(ngircd, "Ada")
    target = bot.adapter.address("ada")
    assert target is not None
    bot.adapter.send(Outgoing(Kind.TELL, target, "nova is now on quotas"))
    assert (await ada.wait("quotas")).endswith(":nova is now on quotas")


async def test_a_topic_is_set(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    bot = await start_bot(ngircd)
    ada = await meet(ngircd, "ada", "#c")
    bot.adapter.send(Outgoing(Kind.TOPIC, "#c", "now: quotas"))
    assert (await ada.wait("TOPIC #c")).endswith(" TOPIC #c :now: quotas")


async def test_two_hundred_answers_keep_the_pace(start_ngircd: StartIrc, start_bot: StartBot, meet: Meet) -> None:
    """A neighbour in the same channel is not delayed."""
    server = start_ngircd()
    bot = await start_bot(server, messages_per_second=100, burst=4)
    ada = await meet(server, "ada", "#c")
    grace = await meet(server, "grace", "#c")

    def answer(message: Message) -> None:
        for number in range(200 if message.text == "much" else 1):
            bot.reply(message, f"answer {number}")

    bot.notes.answer = answer
    began = time.monotonic()
    ada.say("#c", "much")
    await ada.wait("ada: answer 0")
    grace.say("#c", "little")
    await ada.wait("grace: answer 0")
    at = len(ada.said("ptgbot", "#c"))
    await ada.wait("ada: answer 199")
    assert time.monotonic() - began > 1.9
    assert at < 20


@pytest.mark.long
async def test_two_hundred_answers_with_the_limits_as_distributed(
    start_ngircd: StartIrc, start_bot: StartBot, meet: Meet
) -> None:
    server = start_ngircd(penalty=True)
    bot = await start_bot(server, messages_per_second=1.0, burst=4)
    ada = await meet(server, "ada", "#c")
    grace = await meet(server, "grace", "#c")

    def answer(message: Message) -> None:
        for number in range(200 if message.text == "much" else 1):
            bot.reply(message, f"answer {number}")

    bot.notes.answer = answer
    ada.say("#c", "much")
    await ada.wait("ada: answer 10", patience=60)
    typed = time.monotonic()
    grace.say("#c", "little")
    await grace.wait("grace: answer 0")
    # Within the pace: the line that is on its way, and its own.
    assert time.monotonic() - typed < 3
    await ada.wait("ada: answer 199", patience=250)
    assert bot.adapter.health().colour is Colour.GREEN


async def test_bot_returns_after_server_outage(start_ngircd: StartIrc, start_bot: StartBot, meet: Meet) -> None:
    server = start_ngircd()
    bot = await start_bot(server, "#c", "#d")
    ada = await meet(server, "ada", "#c")
    ada.say("#c", "before")
    message = await bot.notes.heard("before")
    server.program.kill()
    await bot.until_health(Colour.YELLOW)
    bot.reply(message, "kept while away")
    server.program.start()
    ada = await meet(server, "ada", "#c", "#d")
    await bot.until_health(Colour.GREEN)
    ada.say("#d", "after")
    assert (await bot.notes.heard("after")).room.name == "#d"
    await ada.wait("kept while away")


async def test_hanging_server_counts_as_lost(start_ngircd: StartIrc, start_bot: StartBot, meet: Meet) -> None:
    server = start_ngircd()
    bot = await start_bot(server, ping_interval=0.1, ping_timeout=0.3, registration_timeout=0.5)
    server.program.send_signal(signal.SIGSTOP)
    await bot.until_health(Colour.YELLOW, "no answer to a ping within 0.3 s")
    await bot.until_health(Colour.YELLOW, "no welcome within 0.5 s")
    server.program.send_signal(signal.SIGCONT)
    await bot.until_health(Colour.GREEN)
    ada = await meet(server, "ada", "#c")
    ada.say("#c", "again")
    await bot.notes.heard("again")


async def test_taken_nick_is_regained(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    holder = await meet(ngircd, "ptgbot", "#c")
    bot = await start_bot(ngircd, wait=False, nick_interval=0.3)
    await bot.until_health(Colour.YELLOW, "as ptgbot_: our nick is taken")
    holder.say("#c", "that is me")
    assert (await bot.notes.heard("that is me")).person.nick == "ptgbot"
    await holder.quit()
    await bot.until_health(Colour.GREEN, "as ptgbot")
    ada = await meet(ngircd, "ada", "#c")
    ada.say("ptgbot", "hello")
    assert (await bot.notes.heard("hello")).private


async def test_nick_that_server_finds_too_long_is_told(ngircd: IrcServer, start_bot: StartBot) -> None:
    bot = await start_bot(ngircd, wait=False, nick="ptgbot" + "-" * 30)
    await bot.until_health(Colour.YELLOW, "nicks of this server have at most 31 characters")


async def test_bot_returns_after_kick(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    ada = await meet(ngircd, "ada", "#c")
    bot = await start_bot(ngircd)
    await ada.see("ptgbot", "#c")
    ada.send("KICK #c ptgbot :out")
    await ada.wait("KICK #c ptgbot")
    await ada.wait(":ptgbot!")
    ada.say("#c", "back?")
    await bot.notes.heard("back?")
    assert bot.notes.reports == ["#c: ada kicked us out"]


async def test_banned_bot_reports_once_and_waits(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    ada = await meet(ngircd, "ada", "#c")
    await ada.mode("#c", "+b", "ptgbot!*@*")
    bot = await start_bot(ngircd, "#c", "#d", wait=False, rejoin_banned_interval=0.3)
    await bot.until_health(Colour.YELLOW, "not in #c")
    await bot.notes.until(lambda notes: notes.reports)
    await ada.mode("#c", "-b", "ptgbot!*@*")
    await bot.until_health(Colour.GREEN)
    assert bot.notes.reports == ["#c: we are banned"]


async def test_keyed_and_invite_only_channels_are_joined(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    ada = await meet(ngircd, "ada", "#keyed", "#closed")
    await ada.mode("#keyed", "+k", "sesame")
    await ada.mode("#closed", "+i")
    from ptgbot_irc.config import ChannelConfig

    bot = await start_bot(
        ngircd, "#open", "#closed", ChannelConfig(name="#keyed", key="sesame"), wait=False, rejoin_interval=60
    )
    await bot.until_health(Colour.YELLOW, "not in #closed")
    await bot.notes.until(lambda notes: notes.reports)
    ada.send("INVITE ptgbot #closed")
    await bot.until_health(Colour.GREEN)
    assert bot.notes.reports == ["#closed: it is by invitation only"]


async def test_bot_joins_150_channels(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    names = [f"#channel-with-a-long-name-{number}" for number in range(150)]
    bot = await start_bot(ngircd, *names)
    ada = await meet(ngircd, "ada", names[-1])
    ada.say(names[-1], "hello")
    await bot.notes.heard("hello")


async def test_forced_channel_is_left(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    bot = await start_bot(ngircd)
    ada = await meet(ngircd, "ada", "#other")
    connection = bot.adapter._connection
    assert connection is not None
    await connection._client.rawmsg("JOIN", "#other")
    await ada.wait(":ptgbot!")
    ada.say("#other", "what is this")
    await ada.wait("PART #other")
    assert bot.notes.texts == []


async def test_server_password_is_sent(
    start_ngircd: StartIrc, start_bot: StartBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start_ngircd(password="let me in")
    monkeypatch.setenv("SERVER_PASSWORD", "let me in")
    await start_bot(server, server_password_env="SERVER_PASSWORD")


async def test_stopping_sends_quit_message(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    ada = await meet(ngircd, "ada", "#c")
    bot = await start_bot(ngircd, quit_message="Gone fishing")
    await bot.stop()
    assert "Gone fishing" in await ada.wait(" QUIT ")
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("irc ")]


async def test_line_by_name_is_told_apart(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    bot = await start_bot(ngircd, nick="PTG[bot]")
    ada = await meet(ngircd, "ada", "#c")
    for text in ("ptg[BOT]: now", "PTG[bot]", "ptgbot: now", "PTG[bot] is away"):
        ada.say("#c", text)
    ada.send("NOTICE #c :PTG[bot]: now")
    ada.say("PTG[bot]", "PTG[bot]: now")
    await bot.notes.until(lambda notes: len(notes.messages) == 5)
    assert [message.said for message in bot.notes.messages] == ["now", "", None, None, "now"]


async def test_talking_bot_is_no_longer_answered(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    """Another bot that answers each of our lines by our name is heard so many times at most."""
    bot = await start_bot(ngircd)
    other = await meet(ngircd, "other", "#c")
    bot.notes.answer = lambda message: bot.reply(message, "Type +help") if message.said is not None else None
    await other.see("ptgbot", "#c")
    other.say("#c", "ptgbot: what?")
    for _ in range(MOST):
        await other.wait("other: Type +help")
        other.say("#c", "ptgbot: what?")
    other.say("#c", "end")
    assert (await bot.notes.heard("end")).said is None
    assert len([message for message in bot.notes.messages if message.said is not None]) == MOST
