"""What people's clients learn about the bot: its version, its delay, its real name."""

from __future__ import annotations

import pytest

from ptgbot_irc.ctcp import LONGEST, MOST
from tests.adapters.irc.conftest import StartBot
from tests.servers.irc_servers import IrcServer, Meet
from tests.servers.running import StartBot as StartPtgbot

pytestmark = pytest.mark.servers


async def test_client_is_told_version_and_delay(server: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    await start_bot(server)
    ada = await meet(server, "ada", "#c")
    await ada.see("ptgbot", "#c")
    ada.say("ptgbot", "\x01VERSION\x01")
    line = await ada.wait("NOTICE ada :\x01VERSION ptgbot ")
    assert line.endswith(", Harbour Gathering, olga@example.org\x01")
    ada.say("ptgbot", f"\x01PING 12 {'x' * 200}\x01")
    assert (await ada.wait("NOTICE ada :\x01PING 12 x")).endswith(f"{'x' * (LONGEST - 3)}\x01")


async def test_requests_that_come_too_often_get_no_answer(ngircd: IrcServer, start_bot: StartBot, meet: Meet) -> None:
    bot = await start_bot(ngircd)
    ada = await meet(ngircd, "ada", "#c")
    await ada.see("ptgbot", "#c")
    for number in range(20):
        ada.say("ptgbot", f"\x01PING {number}\x01")
    ada.send("NOTICE ptgbot :\x01VERSION\x01", "PRIVMSG #c :\x01VERSION\x01", "PRIVMSG ptgbot :\x01FINGER\x01")
    ada.say("#c", "hello")
    bot.reply(await bot.notes.heard("hello"), "yes")
    await ada.wait("ada: yes")
    assert len([one for one in ada.lines if "NOTICE ada" in one]) == MOST
    assert bot.notes.texts == ["hello"]


async def test_whois_names_gathering_contact_and_site(
    ngircd: IrcServer, start_ptgbot: StartPtgbot, meet: Meet, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("named")
    bot = start_ptgbot(ngircd, folder=folder)
    assert bot.stop() == 0
    config = (folder / "ptgbot.toml").read_text()
    config = config.replace("[site]\n", '[site]\nurl = "https://ptg.example.org/"\ntitle = "Harbour Gathering"\n')
    # The program was started with a table for operators already.
    (folder / "ptgbot.toml").write_text(config.replace("[operators]\n", '[operators]\ncontact = "olga@example.org"\n'))
    start_ptgbot(ngircd, folder=folder)
    ada = await meet(ngircd, "ada", "#events")
    await ada.see("ptgbot", "#events")
    ada.send("WHOIS ptgbot")
    line = await ada.wait(" 311 ")
    assert line.endswith(":Harbour Gathering, olga@example.org, https://ptg.example.org/")
