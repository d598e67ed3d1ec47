"""The adapter on a real InspIRCd with Atheme's services."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve

from ptgbot.chat.adapter import Colour, LoginRefused
from ptgbot.chat.message import Kind, Message, Outgoing, Role
from ptgbot_irc.line import parse
from tests.adapters.irc.conftest import Bot, StartBot
from tests.servers.inspircd import InspIrcd, fingerprint, make_own_certificate
from tests.servers.irc_servers import IrcPerson, Meet

pytestmark = pytest.mark.servers


@pytest.fixture(autouse=True)
def _passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIGHT", "bot-secret")
    monkeypatch.setenv("WRONG", "guess")


async def identify(person: IrcPerson, account: str = "ada") -> None:
    person.say("NickServ", f"IDENTIFY {account} {account}-secret")
    await person.wait("You are now identified")


async def account_of(bot: Bot, person: IrcPerson, text: str, channel: str = "#c") -> str | None:
    person.say(channel, text)
    return (await bot.notes.heard(text)).person.account


class TestTls:
    async def test_certificate_of_private_authority_is_accepted(self, inspircd: InspIrcd, start_bot: StartBot) -> None:
        await start_bot(inspircd, port=inspircd.tls, tls=True, ca_file=inspircd.authority)

    async def test_certificate_of_system_authority_is_accepted(
        self, inspircd: InspIrcd, start_bot: StartBot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(inspircd.authority))
        await start_bot(inspircd, port=inspircd.tls, tls=True)

    async def test_certificate_of_unknown_authority_is_refused(self, inspircd: InspIrcd, start_bot: StartBot) -> None:
        bot = await start_bot(inspircd, wait=False, port=inspircd.tls, tls=True)
        await bot.until_health(Colour.YELLOW, "CERTIFICATE_VERIFY_FAILED")

    async def test_a_certificate_for_another_name_is_refused(self, inspircd: InspIrcd, start_bot: StartBot) -> None:
        settings = {"port": inspircd.tls, "tls": True, "ca_file": inspircd.authority}
        bot = await start_bot(evolve(inspircd, host="127.1"), wait=False, **settings)
        await bot.until_health(Colour.YELLOW, "Hostname mismatch")

    async def test_plain_port_fails_tls_handshake(self, inspircd: InspIrcd, start_bot: StartBot) -> None:
        bot = await start_bot(inspircd, wait=False, tls=True, ca_file=inspircd.authority, connect_timeout=0.5)
        await bot.until_health(Colour.YELLOW, "not connected: ")


class TestLogin:
    @pytest.mark.parametrize("login", ["sasl", "nickserv"])
    async def test_correct_password_logs_in(
        self, services: InspIrcd, start_bot: StartBot, meet: Meet, login: str
    ) -> None:
        await start_bot(services, login=login, account="bot", password_env="RIGHT")
        ada = await meet(services, "joan")
        ada.send("WHOIS ptgbot")
        assert " bot :is logged in as" in await ada.wait(" 330 ")

    @pytest.mark.parametrize("login", ["sasl", "nickserv"])
    async def test_wrong_password_refuses_login(
        self, services: InspIrcd, start_bot: StartBot, meet: Meet, login: str
    ) -> None:
        ada = await meet(services, "joan", "#c")
        bot = await start_bot(services, wait=False, login=login, account="bot", password_env="WRONG")
        with pytest.raises(LoginRefused, match="refused bot: "):
            await bot.task
        assert bot.adapter.health().colour is Colour.RED
        await ada.settle()
        assert not [line for line in ada.lines if "ptgbot" in line]

    async def test_client_certificate_logs_in(
        self, services: InspIrcd, start_bot: StartBot, meet: Meet, tmp_path: Path
    ) -> None:
        own = make_own_certificate(tmp_path)
        owner = await meet(services, "bot")
        owner.say("NickServ", "IDENTIFY bot bot-secret")
        await owner.wait("You are now identified")
        owner.say("NickServ", f"CERT ADD {fingerprint(own)}")
        await owner.wait("Added fingerprint")
        settings = {"port": services.tls, "tls": True, "ca_file": services.authority, "cert_file": own}
        await start_bot(services, login="certfp", account="bot", **settings)
        owner.send("WHOIS ptgbot")
        assert " bot :is logged in as" in await owner.wait(" 330 ")

    @pytest.mark.parametrize("login", ["sasl", "nickserv"])
    async def test_absent_services_keep_bot_out_of_channels(
        self, services: InspIrcd, start_bot: StartBot, meet: Meet, login: str
    ) -> None:
        assert services.services is not None
        services.services.stop()
        ada = await meet(services, "joan", "#c")
        bot = await start_bot(
            services, wait=False, login=login, account="bot", password_env="RIGHT", nickserv_timeout=0.3
        )
        if login == "sasl":
            await bot.until_health(Colour.YELLOW, "offers no login by password")
        else:
            await bot.notes.until(lambda notes: "NickServ does not answer" in str(notes.reports))
        await ada.settle()
        assert not [line for line in ada.lines if "ptgbot" in line]
        await asyncio.to_thread(services.services.start)
        await bot.until_health(Colour.GREEN)

    async def test_refusal_after_a_successful_login_is_retried(
        self, services: InspIrcd, start_bot: StartBot, monkeypatch: pytest.MonkeyPatch, meet: Meet
    ) -> None:
        bot = await start_bot(services, login="sasl", account="bot", password_env="RIGHT", login_retry=0.1)
        monkeypatch.setenv("RIGHT", "changed")
        oper = await meet(services, "oper")
        oper.send("OPER op oppw")
        await oper.wait(" 381 ")
        oper.send("KILL ptgbot :go")
        with pytest.raises(LoginRefused):
            await bot.task


class TestIdentity:
    async def test_new_owner_of_nick_inherits_no_account(
        self, services: InspIrcd, start_bot: StartBot, meet: Meet
    ) -> None:
        bot = await start_bot(services)
        ada = await meet(services, "ada", "#c")
        assert await account_of(bot, ada, "before") is None
        await identify(ada)
        assert await account_of(bot, ada, "logged in") == "ada"
        ada.say("NickServ", "LOGOUT")
        await ada.wait("logged out")
        assert await account_of(bot, ada, "logged out") is None
        await identify(ada)
        assert await account_of(bot, ada, "again") == "ada"
        await ada.quit()
        impostor = await meet(services, "ada", "#c")
        assert await account_of(bot, impostor, "it is me") is None
        impostor.send("@account=ada;+account=ada PRIVMSG #c :believe me")
        assert (await bot.notes.heard("believe me")).person.account is None
        impostor.say("ptgbot", "in private")
        assert (await bot.notes.heard("in private")).person.account is None

    async def test_roles_follow_servers_prefix_order(self, inspircd: InspIrcd, start_bot: StartBot, meet: Meet) -> None:
        ada = await meet(inspircd, "ada", "#c")
        bot = await start_bot(inspircd)
        grace = await meet(inspircd, "grace", "#c")
        ada.send("OPER op oppw")
        await ada.wait(" 381 ")
        expected = {"q": Role.ADMIN, "a": Role.ADMIN, "o": Role.ADMIN, "h": Role.MODERATOR, "v": Role.MODERATOR}
        for mode, role in expected.items():
            ada.send(f"SAMODE #c +{mode} grace")
            await grace.wait(f"MODE #c +{mode}")
            grace.say("#c", f"with {mode}")
            assert (await bot.notes.heard(f"with {mode}")).role is role
            ada.send(f"SAMODE #c -{mode} grace")
            await grace.wait(f"MODE #c -{mode}")
        grace.say("#c", "without")
        assert (await bot.notes.heard("without")).role is Role.ATTENDEE

    async def test_names_compare_by_servers_casemapping(
        self, inspircd: InspIrcd, start_bot: StartBot, meet: Meet
    ) -> None:
        ada = await meet(inspircd, "Ada[x]", "#C{")
        bot = await start_bot(inspircd, "#c[")
        ada.say("#C{", "hello")
        message = await bot.notes.heard("hello")
        assert (message.role, message.room.name, message.person.casemapping) == (Role.ADMIN, "#c[", "rfc1459")
        bot.reply(message, "heard")
        await ada.wait("Ada[x]: heard")

    async def test_message_to_voiced_members_reaches_the_channel(
        self, inspircd: InspIrcd, start_bot: StartBot, meet: Meet
    ) -> None:
        ada = await meet(inspircd, "ada", "#c")
        bot = await start_bot(inspircd)
        await ada.voice("#c", "ptgbot")
        ada.say("+#c", "to some")
        message = await bot.notes.heard("to some")
        assert (message.private, message.room.id, message.role) == (False, "#c", Role.ADMIN)


class TestReading:
    async def test_played_back_history_is_ignored(self, inspircd: InspIrcd, start_bot: StartBot, meet: Meet) -> None:
        ada = await meet(inspircd, "ada", "#c")
        await ada.mode("#c", "+H", "50:1h")
        for number in range(5):
            ada.say("#c", f"old {number}")
        await ada.settle()
        bot = await start_bot(inspircd)
        ada.say("#c", "new")
        await bot.notes.heard("new")
        assert bot.notes.texts == ["new"]

    async def test_messages_of_bots_are_ignored(self, inspircd: InspIrcd, start_bot: StartBot, meet: Meet) -> None:
        bot = await start_bot(inspircd)
        robot = await meet(inspircd, "robot", "#c")
        robot.send("MODE robot +B")
        await robot.wait("MODE robot")
        robot.say("#c", "beep")
        await robot.settle()
        ada = await meet(inspircd, "ada", "#c")
        ada.say("#c", "end")
        await bot.notes.heard("end")
        assert bot.notes.texts == ["end"]
        ada.send("WHOIS ptgbot")
        await ada.wait(" 335 ")


class TestSpeaking:
    @pytest.mark.parametrize("char", ["x", "é", "🎉"])
    async def test_multibyte_text_arrives_complete(
        self, inspircd: InspIrcd, start_bot: StartBot, meet: Meet, char: str
    ) -> None:
        bot = await start_bot(inspircd)
        ada = await meet(inspircd, "ada", "#c")
        text = char * 300
        bot.adapter.send(Outgoing(Kind.ANNOUNCE, "#c", text))
        bot.adapter.send(Outgoing(Kind.ANNOUNCE, "#c", "last"))
        await ada.wait(":last")
        assert "".join(ada.said("ptgbot", "#c")[:-1]) == text

    async def test_answer_carries_reply_tag(self, inspircd: InspIrcd, start_bot: StartBot, meet: Meet) -> None:
        bot = await start_bot(inspircd)
        ada = await meet(inspircd, "ada", "#c")
        ada.send("CAP REQ :message-tags echo-message")
        await ada.wait(" ACK ")
        ada.say("#c", "hello")
        said = await ada.wait("PRIVMSG #c :hello")
        bot.reply(await bot.notes.heard("hello"), "yes")
        answer = await ada.wait("PRIVMSG #c :ada: yes")
        assert parse(answer.encode()).tags["+draft/reply"] == parse(said.encode()).tags["msgid"]

    @pytest.mark.long
    async def test_two_hundred_answers_with_the_limits_as_distributed(
        self, start_inspircd: Callable[..., InspIrcd], start_bot: StartBot, meet: Meet
    ) -> None:
        server = start_inspircd(flood=True)
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


class TestStaying:
    async def test_ghosted_nick_is_regained_through_services(
        self, services: InspIrcd, start_bot: StartBot, meet: Meet
    ) -> None:
        ghost = await meet(services, "bot")
        bot = await start_bot(services, nick="bot", login="sasl", password_env="RIGHT")
        assert bot.adapter.health().text == "as bot"
        await ghost.wait("ERROR :")

    async def test_bot_returns_after_operator_kill(self, inspircd: InspIrcd, start_bot: StartBot, meet: Meet) -> None:
        bot = await start_bot(inspircd)
        oper = await meet(inspircd, "oper", "#c")
        oper.send("OPER op oppw")
        await oper.wait(" 381 ")
        oper.send("KILL ptgbot :go")
        await oper.wait(":ptgbot!")
        await oper.wait(":ptgbot!")
        oper.say("#c", "back?")
        await bot.notes.heard("back?")

    async def test_forced_channel_is_left(self, inspircd: InspIrcd, start_bot: StartBot, meet: Meet) -> None:
        await start_bot(inspircd)
        oper = await meet(inspircd, "oper", "#other")
        oper.send("OPER op oppw")
        await oper.wait(" 381 ")
        oper.send("SAJOIN ptgbot #other")
        await oper.wait(" PART ")

    async def test_joins_150_channels_with_limits_as_distributed(
        self, start_inspircd: Callable[..., InspIrcd], start_bot: StartBot
    ) -> None:
        server = start_inspircd(flood=True)
        names = [f"#channel-with-a-long-name-{number}" for number in range(150)]
        await start_bot(server, *names, join_pause=0.2)

    async def test_bot_joins_as_many_channels_as_allowed(
        self, start_inspircd: Callable[..., InspIrcd], start_bot: StartBot
    ) -> None:
        server = start_inspircd(channels=2)
        bot = await start_bot(server, "#a", "#b", "#d", wait=False)
        await bot.until_health(Colour.YELLOW, "not in #d")
        assert bot.notes.reports == ["the server lets us into 2 channels only: not into 1: #d"]
