"""What happens in a room besides messages is heard, in the order of arrival, where somebody listens."""

from __future__ import annotations

import pytest

from ptgbot.chat.heard import Heard, HeardKind
from ptgbot.chat.message import Message, Role
from tests.adapters.irc.conftest import Bot, StartBot
from tests.servers.faulty_irc import Guest, ServeFaulty
from tests.servers.irc_servers import IrcServer, Meet

Event = tuple[HeardKind | str, str, Role, str]


def events(bot: Bot) -> list[Event]:
    """Return what was noted: the kind, the nick, the role and the text."""
    return [_event(item) for item in bot.notes.items]


def _event(item: Message | Heard) -> Event:
    nick = item.person.nick if item.person else ""
    return ("message" if isinstance(item, Message) else item.kind), nick, item.role, item.text


async def until(bot: Bot, kind: HeardKind) -> Heard:
    await bot.notes.until(lambda notes: any(isinstance(one, Heard) and one.kind is kind for one in notes.items))
    return next(one for one in bot.notes.items if isinstance(one, Heard) and one.kind is kind)


@pytest.mark.servers
async def test_events_are_heard_in_order(server: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    ada = await meet(server, "ada", "#h")
    bot = await start_bot(server, "#h", listening=True)
    await until(bot, HeardKind.RECONNECT)
    grace = await meet(server, "Grace", "#h")
    grace.say("#h", "\x01ACTION waves \x02boldly\x02\x01")
    await ada.wait("ACTION")
    await ada.voice("#h", "Grace")
    grace.say("#h", "hello")
    await ada.wait(":hello")
    grace.send("NICK joan")
    await ada.wait("NICK")
    grace.send("PART #h :lunch")
    await ada.wait("PART #h")
    for farewell in ("KICK #h joan :out", "TOPIC #h :cells \x0304now\x03"):
        grace.send("JOIN #h")
        await ada.wait("JOIN")
        ada.send(farewell)
        await ada.wait(farewell.split()[0])
    grace.send("QUIT")
    await ada.wait("QUIT")
    ada.say("#h", "end")
    await bot.notes.heard("end")
    found = events(bot)
    quit_text = found[-2][3]
    member, voiced, op = Role.ATTENDEE, Role.MODERATOR, Role.ADMIN
    assert found == [
        (HeardKind.RECONNECT, "", member, ""),
        (HeardKind.JOIN, "Grace", member, ""),
        (HeardKind.ACTION, "Grace", member, "waves boldly"),
        ("message", "Grace", voiced, "hello"),
        (HeardKind.NICK, "Grace", voiced, "joan"),
        (HeardKind.LEAVE, "joan", voiced, "lunch"),
        (HeardKind.JOIN, "joan", member, ""),
        (HeardKind.LEAVE, "joan", member, "out"),
        (HeardKind.JOIN, "joan", member, ""),
        (HeardKind.TOPIC, "ada", op, "cells now"),
        (HeardKind.LEAVE, "joan", member, quit_text),
        ("message", "ada", op, "end"),
    ]
    assert {item.room.name for item in bot.notes.items} == {"#h"}


@pytest.mark.servers
async def test_members_are_listed_when_the_bot_returns(server: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    ada = await meet(server, "Ada", "#h")
    await meet(server, "grace", "#h")
    bot = await start_bot(server, "#h", listening=True)
    back = await until(bot, HeardKind.RECONNECT)
    bot.notes.items.clear()
    ada.send("KICK #h ptgbot")
    again = await until(bot, HeardKind.RECONNECT)
    members = sorted(bot.adapter.members("#h"), key=lambda person: person.key)
    assert [(one.key, one.nick) for one in members] == [("ada", "Ada"), ("grace", "grace")]
    assert {*back.members} == {*again.members} == {*members}
    assert len(bot.notes.items) == 1


@pytest.mark.servers
async def test_no_event_is_made_without_listener(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    bot = await start_bot(ngircd, "#h")
    ada = await meet(ngircd, "ada", "#h")
    ada.say("#h", "\x01ACTION waves\x01")
    ada.say("#h", "end")
    await bot.notes.heard("end")
    assert events(bot) == [("message", "ada", Role.ATTENDEE, "end")]


@pytest.mark.servers
async def test_own_events_are_not_heard(server: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    bot = await start_bot(server, "#h", "#i", listening=True)
    await until(bot, HeardKind.RECONNECT)
    await bot.adapter.set_topic("#h", "ours")
    ada = await meet(server, "ada", "#h")
    ada.say("#h", "end")
    await bot.notes.heard("end")
    kinds = [event[0] for event in events(bot)]
    assert kinds == [HeardKind.RECONNECT, HeardKind.RECONNECT, HeardKind.JOIN, "message"]


async def hearing(serve_faulty: ServeFaulty, start_bot: StartBot, *lines: str, **settings: object) -> list[Event]:
    """Let a server say lines to a bot in #c and #d; return what is heard after it has joined."""

    async def script(guest: Guest) -> None:
        await guest.welcome("STATUSMSG=@+", "CASEMAPPING=rfc1459")
        await guest.admit("#c", "#d")
        guest.tell(":ada!a@h JOIN #d", *lines, ":ada!a@h PRIVMSG #c :end")

    bot = await start_bot(await serve_faulty(script), "#c", "#d", listening=True, **settings)
    await bot.notes.heard("end")
    return events(bot)[3:-1]


async def test_members_are_unknown_before_the_names_end(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await guest.welcome()
        await guest.hear("JOIN #c")
        guest.tell(f":{guest.nick}!u@h JOIN #c", ":ada!a@h JOIN #c", ":ada!a@h PRIVMSG #c :end")

    bot = await start_bot(await serve_faulty(script), "#c", listening=True)
    await bot.notes.heard("end")
    assert bot.adapter.members("#c") == ()


async def test_a_quit_is_heard_in_every_shared_room(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    server_lines = (":ada!a@h QUIT :*.net *.split", ":ada!a@h JOIN #c")
    heard = await hearing(serve_faulty, start_bot, *server_lines)
    assert [event[0] for event in heard] == [HeardKind.LEAVE, HeardKind.LEAVE, HeardKind.JOIN]


async def test_a_topic_of_the_server_has_no_person(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    heard = await hearing(serve_faulty, start_bot, ":services.test TOPIC #c :by the server")
    assert heard == [(HeardKind.TOPIC, "", Role.ATTENDEE, "by the server")]


async def test_a_kick_by_a_server_is_heard(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    heard = await hearing(serve_faulty, start_bot, "@account=boss :irc.faulty KICK #d ADA :flood", ":x!x@h JOIN #d")
    assert heard == [
        (HeardKind.LEAVE, "ada", Role.ATTENDEE, "flood"),
        (HeardKind.JOIN, "x", Role.ATTENDEE, ""),
    ]


@pytest.mark.parametrize(
    "line",
    [
        ":guard!g@h JOIN #c",
        ":guard!g@h PRIVMSG #c :\x01ACTION waves\x01",
        "@bot :ada!a@h PRIVMSG #c :\x01ACTION waves\x01",
        "@batch=7 :ada!a@h PRIVMSG #c :\x01ACTION waved\x01",
        ":ada!a@h PRIVMSG #c :\x01VERSION\x01",
        ":ada!a@h PRIVMSG ptgbot :\x01ACTION waves\x01",
        ":ada!a@h PRIVMSG #elsewhere :\x01ACTION waves\x01",
        ":ada!a@h JOIN #elsewhere",
        ":ada!a@h NOTICE #c :psst",
        ":irc.faulty 366 ptgbot #c :End",
        ":irc.faulty KICK #c nobody :who",
        ":nobody!n@h QUIT :bye",
    ],
)
async def test_irrelevant_lines_are_not_heard(serve_faulty: ServeFaulty, start_bot: StartBot, line: str) -> None:
    assert await hearing(serve_faulty, start_bot, line, ignore=("guard",)) == []


async def test_an_action_to_those_with_voice_is_heard(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    heard = await hearing(serve_faulty, start_bot, ":ada!a@h PRIVMSG +#c :\x01ACTION waves\x01")
    assert heard == [(HeardKind.ACTION, "ada", Role.ADMIN, "waves")]


async def test_account_comes_from_the_tag_alone(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await guest.welcome()
        await guest.admit("#c")
        guest.tell("@account=lovelace :ada!a@h TOPIC #c :one", ":ada!a@h TOPIC #c :two")

    bot = await start_bot(await serve_faulty(script), "#c", listening=True)
    await bot.notes.until(lambda notes: len(notes.items) == 3)
    assert [item.person and item.person.account for item in bot.notes.items] == [None, "lovelace", None]
