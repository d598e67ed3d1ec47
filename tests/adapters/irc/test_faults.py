"""What servers should not do and some do: each is survived, and the next command is answered."""

from __future__ import annotations

import asyncio
import base64
import logging
import socket
import struct
from collections.abc import Awaitable, Callable

import pytest

from ptgbot.chat.adapter import Colour, LoginRefused
from ptgbot.chat.message import Kind, Outgoing
from ptgbot_irc.client import Complaint
from tests.adapters.irc.conftest import Bot, StartBot
from tests.servers.faulty_irc import Guest, ServeFaulty

HELLO = ":ada!a@h PRIVMSG #c :hello"


async def settle(guest: Guest, *tokens: str) -> None:
    await guest.welcome(*tokens)
    await guest.admit("#c")


async def answers(bot: Bot, guest: Guest, text: str = "hello") -> None:
    """Make sure that the bot still hears and is still heard."""
    message = await bot.notes.heard(text)
    bot.reply(message, "yes")
    await guest.hear("PRIVMSG #c :ada: yes")


async def test_unreadable_lines_are_counted_over_all_connections(
    serve_faulty: ServeFaulty, start_bot: StartBot
) -> None:
    async def script(guest: Guest) -> None:
        await settle(guest)
        guest.tell(b"x" * 70_000, b":foo", HELLO)

    server = await serve_faulty(script)
    bot = await start_bot(server)
    await bot.notes.heard("hello")
    assert bot.adapter.counts() == {"unsent": 0, "unreadable": 2}
    server.guests[0].writer.transport.abort()
    await bot.notes.until(lambda notes: notes.texts == ["hello", "hello"])
    assert bot.adapter.counts() == {"unsent": 0, "unreadable": 4}


@pytest.mark.parametrize(
    "bad",
    [
        b":foo",
        b"@a=b",
        b"@",
        b":",
        b" ",
        b"\0\0\0",
        b"\xff\xfe\xfd",
        b"x" * 5000,
        b"x" * 70_000,
        b"PRIVMSG #c :from nobody",
        b":irc.faulty PRIVMSG #c :from a server",
        b":ada!a@h PRIVMSG #c",
        b":ada!a@h PRIVMSG",
        b":irc.faulty 353 ptgbot",
        b":irc.faulty 433 * ptgbot :in use",
        b":irc.faulty 437 ptgbot #c",
        b":irc.faulty 005",
        b":irc.faulty 005 ptgbot PREFIX=(x CHANLIMIT=: TARGMAX=JOIN:x :x",
        b":irc.faulty 999 ptgbot :what",
        b"CAP",
        b"CAP * LS",
        b"CAP * ACK",
        b":irc.faulty CAP * NEW",
        b"AUTHENTICATE",
        b":irc.faulty 001",
        b"PING",
        b"MODE #c +ooo ada",
        b":ptgbot!u@h NICK",
        b"JOIN",
    ],
)
async def test_malformed_line_changes_nothing(serve_faulty: ServeFaulty, start_bot: StartBot, bad: bytes) -> None:
    async def script(guest: Guest) -> None:
        await settle(guest)
        guest.tell(bad, HELLO)

    server = await serve_faulty(script)
    bot = await start_bot(server)
    await answers(bot, server.guests[0])
    assert bot.notes.texts == ["hello"]
    assert len(server.guests) == 1


async def test_unreadable_lines_are_logged_once_without_traceback(
    serve_faulty: ServeFaulty, start_bot: StartBot, caplog: pytest.LogCaptureFixture
) -> None:
    async def script(guest: Guest) -> None:
        await settle(guest)
        for bad in (b"CAP", b":", b"CAP * LS", b"x" * 70_000, b"AUTHENTICATE", b"410", b":irc.faulty CAP * ACK"):
            guest.tell(*[bad] * 10)
        guest.tell(HELLO)

    server = await serve_faulty(script)
    bot = await start_bot(server)
    await answers(bot, server.guests[0])
    loud = [record for record in caplog.records if record.levelno >= logging.WARNING]
    [told] = [record.getMessage() for record in loud]
    assert told == "test sent 1 line that can't be read: parameters missing in b'CAP'"
    assert bot.adapter.counts()["unreadable"] >= 40


def test_later_unreadable_lines_are_counted_together(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    complaint = Complaint("net", lambda: now[0])
    for moment in (0, 1, 59, 60, 61):
        now[0] = moment
        complaint.note("odd")
    assert [record.getMessage() for record in caplog.records] == [
        "net sent 1 line that can't be read: odd",
        "net sent 3 lines that can't be read: odd",
    ]


async def test_split_lines_are_joined(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await settle(guest)
        for byte in HELLO.encode() + b"\n":
            guest.writer.write(bytes([byte]))
            await guest.writer.drain()

    server = await serve_faulty(script)
    bot = await start_bot(server)
    await answers(bot, server.guests[0])


async def test_silence_while_registering_ends_connection(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        if guest.number > 2:
            await settle(guest)
            guest.tell(HELLO)

    server = await serve_faulty(script)
    bot = await start_bot(server, registration_timeout=0.1)
    await answers(bot, server.guests[2])


@pytest.mark.parametrize("how", ["close", "half", "reset", "error", "kill"])
async def test_every_kind_of_disconnect_is_noticed(serve_faulty: ServeFaulty, start_bot: StartBot, how: str) -> None:
    async def script(guest: Guest) -> None:
        await settle(guest)
        if guest.number > 1:
            guest.tell(HELLO)
            return
        match how:
            case "close":
                guest.writer.close()
            case "half":
                guest.writer.write_eof()
            case "reset":
                raw = guest.writer.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                guest.writer.transport.abort()
            case "error":
                guest.tell("ERROR :Closing Link: maintenance")
                guest.writer.close()
            case "kill":
                guest.tell(":oper!o@h KILL ptgbot :go", "ERROR :Closing Link: killed")
                guest.writer.close()

    server = await serve_faulty(script)
    bot = await start_bot(server, wait=False)
    await bot.notes.heard("hello")
    await answers(bot, server.guests[1])


async def test_silent_server_counts_as_lost(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await settle(guest)
        if guest.number == 1:
            while not guest.reader.at_eof():
                guest.tell(":ada!a@h PRIVMSG #c :chatter")
                await asyncio.sleep(0.01)
        guest.tell(HELLO)

    server = await serve_faulty(script)
    bot = await start_bot(server, wait=False, ping_interval=0.05, ping_timeout=0.1)
    await bot.notes.heard("hello")


async def test_unreachable_server_is_tried_with_pauses(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await guest.hear("USER ")
        guest.tell("ERROR :Closing Link: (Throttled: reconnecting too fast)")
        guest.writer.close()

    server = await serve_faulty(script)
    bot = await start_bot(server, wait=False, retry_first=60, retry_limit=60)
    await bot.until_health(Colour.YELLOW, "not connected: the server closed the connection: Closing Link: (Throttled")
    assert len(server.guests) == 1


async def test_long_outage_is_reported(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await guest.hear("USER ")
        if guest.number < 8:
            guest.tell("ERROR :Closing Link: (Banned)")
            guest.writer.close()
        else:
            await settle(guest)

    server = await serve_faulty(script)
    bot = await start_bot(server, wait=False, retry_first=0.01, retry_limit=0.05)
    await bot.until_health(Colour.RED, "not connected: ")
    await bot.until_health(Colour.GREEN)
    assert bot.notes.reports == [
        "not connected after 6 tries: the server closed the connection: Closing Link: (Banned)"
    ]


@pytest.mark.parametrize("nick", ["NickServ", "*status", "irc.example.org"])
async def test_services_and_machines_are_not_answered(
    serve_faulty: ServeFaulty, start_bot: StartBot, nick: str
) -> None:
    async def script(guest: Guest) -> None:
        await settle(guest)
        guest.tell(f":{nick}!s@services PRIVMSG ptgbot :Do you know about HELP?", HELLO)

    server = await serve_faulty(script)
    bot = await start_bot(server)
    await answers(bot, server.guests[0])
    assert bot.notes.texts == ["hello"]


async def test_no_whois_is_ever_sent(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await settle(guest, "WHOX")
        guest.tell(*(f":user{number}!u@h JOIN #c" for number in range(40)), HELLO)

    server = await serve_faulty(script)
    bot = await start_bot(server)
    await answers(bot, server.guests[0])
    assert not [line for line in server.guests[0].heard if line.startswith(("WHO", "MODE", "NAMES"))]


async def test_capabilities_in_several_lines_are_all_read(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await guest.hear("CAP LS 302")
        guest.tell("CAP * LS * :away-notify echo-message server-time", "CAP * LS :batch sasl=PLAIN message-tags")
        request = await guest.hear("CAP REQ")
        names = request.partition(" :")[2].split() or request.split()[2:]
        assert sorted(names) == ["batch", "message-tags", "server-time"]
        guest.tell(f"CAP * ACK :{' '.join(names)}")
        await guest.hear("CAP END")
        await settle(guest)
        guest.tell(
            "@batch=1;time=2020-01-01T00:00:00.000Z :ada!a@h PRIVMSG #c :old",
            "@bot :robot!r@h PRIVMSG #c :beep",
            f"@account=ada {HELLO}",
        )

    server = await serve_faulty(script)
    bot = await start_bot(server)
    await answers(bot, server.guests[0])
    assert [(message.text, message.person.account) for message in bot.notes.messages] == [("hello", "ada")]
    assert server.guests[0].heard.count("CAP END") == 1


async def test_history_by_server_time_is_not_new(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await guest.welcome()
        await guest.hear("JOIN #c")
        guest.tell(
            "@time=2026-11-21T10:00:00.000Z :ptgbot!u@h JOIN #c",
            "@time=2026-11-21T09:59:59.999Z :ada!a@h PRIVMSG #c :old",
            f"@time=2026-11-21T10:00:00.001Z {HELLO}",
        )

    server = await serve_faulty(script)
    bot = await start_bot(server)
    await answers(bot, server.guests[0])
    assert bot.notes.texts == ["hello"]


async def test_own_lines_are_not_commands(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await settle(guest)
        guest.tell(
            ":ptgbot!u@h PRIVMSG #c :echo",
            ":PTGBOT!u@h PRIVMSG ptgbot :echo in private",
            ":ptgbot!u@h NICK ptgbot2",
            ":ptgbot2!u@h PRIVMSG #c :echo",
            HELLO,
        )

    server = await serve_faulty(script)
    bot = await start_bot(server, wait=False)
    await bot.notes.heard("hello")
    assert bot.notes.texts == ["hello"]


async def test_account_tag_of_the_line_alone_counts(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await settle(guest)
        guest.tell(
            "@account=ada :ada!a@h PRIVMSG #c :one",
            ":ada!evil@x PRIVMSG #c :two",
            ":ada!a@h ACCOUNT ada",
            ":ada!evil@x PRIVMSG #c :three",
            rb"@account=a\\da :ada!evil@x PRIVMSG #c :four",
            "@+account=ada :ada!evil@x PRIVMSG #c :five",
            HELLO,
        )

    server = await serve_faulty(script)
    bot = await start_bot(server)
    await bot.notes.heard("hello")
    assert [message.person.account for message in bot.notes.messages] == ["ada", None, None, r"a\da", None, None]


async def test_channel_limit_of_server_is_respected(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await guest.welcome("CHANLIMIT=#:2", "TARGMAX=JOIN:1")
        await guest.admit("#a", "#b")

    server = await serve_faulty(script)
    bot = await start_bot(server, "#a", "#b", "#d", wait=False)
    await bot.until_health(Colour.YELLOW, "not in #d")
    assert bot.notes.reports == ["the server lets us into 2 channels only: not into 1: #d"]
    assert [line for line in server.guests[0].heard if line.startswith("JOIN")] == ["JOIN #a", "JOIN #b"]


async def test_forward_to_another_channel_is_not_followed(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await guest.welcome()
        await guest.hear("JOIN #c")
        guest.tell(
            ":irc.faulty 470 ptgbot #c ##overflow :Forwarding to another channel",
            ":ptgbot!u@h JOIN ##overflow",
            ":ada!a@h PRIVMSG ##overflow :what is this",
        )
        await guest.hear("PART ##overflow")
        guest.heard.clear()
        await guest.admit("#c")
        guest.tell(HELLO)

    server = await serve_faulty(script)
    bot = await start_bot(server)
    await answers(bot, server.guests[0])
    assert bot.notes.texts == ["hello"]
    assert bot.notes.reports == ["#c: it sends us on to another channel"]


async def test_unanswered_join_is_sent_again(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await guest.welcome()
        await guest.hear("JOIN #c")
        guest.heard.clear()
        await guest.admit("#c")

    server = await serve_faulty(script)
    await start_bot(server, join_timeout=0.1)


async def test_stalled_server_ends_connection(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await settle(guest)
        if guest.number == 1:
            guest.writer.transport.get_extra_info("socket")
            guest.reader._transport.pause_reading()  # type: ignore[attr-defined]
            guest.tell(HELLO)
            await asyncio.Event().wait()

    server = await serve_faulty(script)
    bot = await start_bot(server, send_timeout=0.2)
    message = await bot.notes.heard("hello")
    for _ in range(300):
        bot.adapter.outbox.pace.take()
        bot.adapter.send(Outgoing(Kind.ANNOUNCE, message.room.id, "x" * 2500, message))
    while len(server.guests) < 2:
        for _ in range(100):
            bot.adapter.send(Outgoing(Kind.ANNOUNCE, message.room.id, "x" * 2500, message))
        await asyncio.sleep(0.01)


async def test_bot_mode_is_set_where_server_has_it(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    async def script(guest: Guest) -> None:
        await settle(guest, "BOT=B")

    server = await serve_faulty(script)
    await start_bot(server)
    assert "MODE ptgbot +B" in server.guests[0].heard


class TestSasl:
    """SASL as a server sees it: https://ircv3.net/specs/extensions/sasl-3.1."""

    @staticmethod
    async def start(
        serve_faulty: ServeFaulty,
        start_bot: StartBot,
        talk: Callable[[Guest], Awaitable[None]],
        offer: str = "sasl=PLAIN,EXTERNAL",
        **settings: object,
    ) -> tuple[Bot, list[Guest]]:
        async def script(guest: Guest) -> None:
            await guest.hear("CAP LS 302")
            guest.tell(f"CAP * LS :{offer}")
            if "sasl" in offer:
                await guest.hear("CAP REQ sasl")
                guest.tell("CAP * ACK :sasl")
                await talk(guest)
            await guest.hear("CAP END")
            await settle(guest)

        server = await serve_faulty(script)
        bot = await start_bot(server, wait=False, **{"login": "sasl", "password_env": "IRC_PASSWORD", **settings})
        return bot, server.guests

    @pytest.mark.parametrize(("length", "pieces"), [(10, 1), (286, 2), (300, 2), (600, 3)])
    async def test_password_of_any_length_is_sent(
        self,
        serve_faulty: ServeFaulty,
        start_bot: StartBot,
        monkeypatch: pytest.MonkeyPatch,
        length: int,
        pieces: int,
    ) -> None:
        monkeypatch.setenv("IRC_PASSWORD", "p" * length)
        proofs: list[str] = []

        async def talk(guest: Guest) -> None:
            await guest.hear("AUTHENTICATE PLAIN")
            guest.tell("AUTHENTICATE +", "AUTHENTICATE +")
            while len(proofs) < pieces:
                await guest.more()
                proofs[:] = [line.split()[1] for line in guest.heard if line.startswith("AUTHENTICATE")][1:]
            guest.tell(":irc.faulty 900 * * ptgbot :You are now logged in", ":irc.faulty 903 * :done")

        bot, _guests = await self.start(serve_faulty, start_bot, talk)
        await bot.until_health(Colour.GREEN)
        assert all(len(proof) == 400 for proof in proofs[:-1])
        assert len(proofs[-1]) < 400
        proof = base64.b64decode("".join(proofs).removesuffix("+"))
        assert proof == b"ptgbot\0ptgbot\0" + b"p" * length

    async def test_repeated_login_refusal_is_final(
        self, serve_faulty: ServeFaulty, start_bot: StartBot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("IRC_PASSWORD", "guess")

        async def talk(guest: Guest) -> None:
            await guest.hear("AUTHENTICATE PLAIN")
            guest.tell("AUTHENTICATE +", *[":irc.faulty 904 * :SASL authentication failed"] * 50)

        bot, guests = await self.start(serve_faulty, start_bot, talk)
        with pytest.raises(LoginRefused, match="the server refused ptgbot: the name, password or certificate is wrong"):
            await bot.task
        assert len(guests) == 1
        assert len([line for line in guests[0].heard if line.startswith("AUTHENTICATE")]) <= 2
        assert not [line for line in guests[0].heard if line.startswith("JOIN")]

    @pytest.mark.parametrize(
        ("offer", "words"),
        [
            ("server-time", "offers no login by password"),
            ("sasl=EXTERNAL", "offers no login by password"),
            ("sasl=PLAIN", "broke off the login"),
        ],
    )
    async def test_missing_login_keeps_bot_out_of_channels(
        self,
        serve_faulty: ServeFaulty,
        start_bot: StartBot,
        monkeypatch: pytest.MonkeyPatch,
        offer: str,
        words: str,
    ) -> None:
        monkeypatch.setenv("IRC_PASSWORD", "right")

        async def script(guest: Guest) -> None:
            await guest.hear("CAP LS 302")
            guest.tell(f"CAP * LS :{offer}")
            if "PLAIN" in offer:
                await guest.hear("CAP REQ sasl")
                guest.tell("CAP * ACK :sasl")
                await guest.hear("AUTHENTICATE PLAIN")
                guest.tell(":irc.faulty 906 * :aborted")
            if "server-time" in offer:
                await guest.hear("CAP REQ")
                guest.tell("CAP * NAK :server-time")
            await guest.hear("CAP END")
            await guest.welcome()

        server = await serve_faulty(script)
        bot = await start_bot(server, wait=False, login="sasl", password_env="IRC_PASSWORD")
        await bot.until_health(Colour.YELLOW, words)
        assert not [line for guest in server.guests for line in guest.heard if line.startswith("JOIN")]

    async def test_silence_during_login_ends_connection(
        self, serve_faulty: ServeFaulty, start_bot: StartBot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("IRC_PASSWORD", "right")

        async def talk(guest: Guest) -> None:
            await guest.hear("AUTHENTICATE PLAIN")
            await asyncio.Event().wait()

        bot, _guests = await self.start(serve_faulty, start_bot, talk, registration_timeout=0.2)
        await bot.until_health(Colour.YELLOW, "no welcome within 0.2 s")

    async def test_certificate_login_names_the_account(self, serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
        async def talk(guest: Guest) -> None:
            await guest.hear("AUTHENTICATE EXTERNAL")
            guest.tell("AUTHENTICATE +")
            await guest.hear(f"AUTHENTICATE {base64.b64encode(b'ptgbot').decode()}")
            guest.tell(":irc.faulty 903 * :done")

        bot, _guests = await self.start(serve_faulty, start_bot, talk, login="certfp")
        await bot.until_health(Colour.GREEN)

    async def test_refused_certificate_is_final_if_services_keep_silent(
        self, serve_faulty: ServeFaulty, start_bot: StartBot
    ) -> None:
        async def talk(guest: Guest) -> None:
            await guest.hear("AUTHENTICATE EXTERNAL")
            guest.tell(":irc.faulty 904 * :no")

        bot, _guests = await self.start(serve_faulty, start_bot, talk, login="certfp", nickserv_timeout=0.1)
        with pytest.raises(LoginRefused, match="certificate is wrong"):
            await bot.task


class TestNickServ:
    @staticmethod
    async def start(
        serve_faulty: ServeFaulty,
        start_bot: StartBot,
        monkeypatch: pytest.MonkeyPatch,
        *replies: str,
        **settings: object,
    ) -> tuple[Bot, list[Guest]]:
        monkeypatch.setenv("IRC_PASSWORD", "secret {word}")

        async def script(guest: Guest) -> None:
            await guest.welcome()
            for reply in replies:
                await guest.hear("PRIVMSG NickServ :IDENTIFY bot secret {word}")
                guest.heard.clear()
                guest.tell(reply)
            await guest.admit("#c")

        server = await serve_faulty(script)
        settings = {"login": "nickserv", "account": "bot", "password_env": "IRC_PASSWORD", **settings}
        bot = await start_bot(server, wait=False, **settings)
        return bot, server.guests

    @pytest.mark.parametrize(
        "reply",
        [
            ":NickServ!s@services NOTICE ptgbot :You are now identified for \x02bot\x02.",
            ":nickserv!s@services NOTICE ptgbot :Password accepted - you are now recognized.",
            ":NickServ!s@services NOTICE ptgbot :You are successfully identified as bot.",
            ":NickServ!s@services NOTICE ptgbot :You are already logged in as bot.",
            ":irc.faulty 900 ptgbot ptgbot!u@h bot :You are now logged in as bot",
        ],
    )
    async def test_channels_are_joined_after_the_confirmation(
        self, serve_faulty: ServeFaulty, start_bot: StartBot, monkeypatch: pytest.MonkeyPatch, reply: str
    ) -> None:
        bot, _guests = await self.start(serve_faulty, start_bot, monkeypatch, reply)
        await bot.until_health(Colour.GREEN)

    @pytest.mark.parametrize(
        "reply",
        [
            ":NickServ!s@services NOTICE ptgbot :Invalid password for \x02bot\x02.",
            ":NickServ!s@services NOTICE ptgbot :Password incorrect.",
            ":NickServ!s@services NOTICE ptgbot :\x02bot\x02 is not registered.",
        ],
    )
    async def test_a_refusal_ends_the_adapter_with_nothing_joined(
        self, serve_faulty: ServeFaulty, start_bot: StartBot, monkeypatch: pytest.MonkeyPatch, reply: str
    ) -> None:
        bot, guests = await self.start(serve_faulty, start_bot, monkeypatch, reply)
        with pytest.raises(LoginRefused, match="NickServ refused bot: "):
            await bot.task
        assert bot.adapter.health().colour is Colour.RED
        assert "QUIT :See you" in guests[0].heard
        assert not any("JOIN" in line for guest in guests for line in guest.heard)
        assert len(guests) == 1

    async def test_strangers_notice_is_ignored_and_silence_asked_again(
        self, serve_faulty: ServeFaulty, start_bot: StartBot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A notice of a stranger confirms no login; if services keep silent, the bot identifies again."""
        bot, guests = await self.start(
            serve_faulty,
            start_bot,
            monkeypatch,
            ":NickServe!s@services NOTICE ptgbot :You are now identified for bot.",
            ":NickServ!s@services PRIVMSG ptgbot :You are now identified for bot.",
            ":NickServ!s@services NOTICE ptgbot :This nickname is registered. Please identify.",
            ":irc.faulty 401 ptgbot NickServ :No such nick",
            ":NickServ!s@services NOTICE ptgbot :You are now identified for bot.",
            nickserv_timeout=0.05,
        )
        await bot.until_health(Colour.GREEN)
        assert bot.notes.reports == ["NickServ does not answer; no channel is joined before it does"]
        assert len(guests) == 1
