"""One person on IRC with services and on encrypted Matrix: links, in the installed program on real servers."""

from __future__ import annotations

import asyncio
import re

import pytest

from tests.servers.inspircd import InspIrcd
from tests.servers.irc_servers import IrcPerson, Meet
from tests.servers.matrix_encrypted import ENCRYPTED, BefriendSecretly, SecretPerson
from tests.servers.matrix_servers import StartSynapse, text_of
from tests.servers.mixed import StartMixed

pytestmark = pytest.mark.servers

BOT = "@ptgbot:localhost"


async def whisper(person: IrcPerson, text: str) -> str:
    """Type a line in private and return the answer."""
    person.say("ptgbot", text)
    return (await person.wait(f"PRIVMSG {person.lines[0].split()[2]} :")).partition(" :")[2]


async def ask(person: SecretPerson, room: str, text: str) -> str:
    """Type a line on Matrix and return the answer."""
    return text_of(await person.answer(await person.say(room, text)))


async def test_linked_accounts_are_one_person(
    services: InspIrcd,
    start_synapse: StartSynapse,
    start_mixed: StartMixed,
    meet: Meet,
    befriend_secretly: BefriendSecretly,
) -> None:
    server = await asyncio.to_thread(start_synapse)
    grace = await befriend_secretly(server, "grace")
    room = await grace.create("", [BOT], **ENCRYPTED)
    bot = await asyncio.to_thread(start_mixed, services, server, channels=["#link"], rooms=[room])
    chat = await grace.direct(BOT, **ENCRYPTED)
    await grace.see(BOT, chat)
    ada = await meet(services, "ada", "#link")
    assert "tells me no account" in await whisper(ada, "+link")
    ada.say("NickServ", "IDENTIFY ada ada-secret")
    await ada.wait("You are now identified")
    assert "checked in at hall" in await whisper(ada, "in hall")
    told = re.search(r"Your code is (\S+)\. ", await ask(grace, chat, "+link"))
    assert told
    code = told[1]
    assert f"ada on testnet and {grace.id} on matrix" not in bot.log
    assert f"{grace.id} on matrix and ada on testnet" in await whisper(ada, f"+link {code}")
    assert "checked out of hall" in await ask(grace, room, "+out")
    assert "checked in at lobby" in await whisper(ada, "in lobby")
    assert await asyncio.to_thread(bot.stop) == 0
    bot = await asyncio.to_thread(start_mixed, services, server, folder=bot.folder)
    assert grace.id in bot.state["last_check_in"]
    assert "ada" not in bot.state["last_check_in"]
    assert "checked out of lobby" in await ask(grace, room, "+out")
    assert "quotas" in await ask(grace, chat, "+subscribe quotas")
    await ada.wait("JOIN", "#link")
    assert "quotas" in await whisper(ada, "subscribe")
    await ask(grace, room, "~add nova")
    ada.say("#link", "#nova now quotas and more")
    assert "#nova now quotas and more" in (await ada.wait("PRIVMSG ada :#nova now"))
    written = "".join(path.read_text(errors="replace") for path in bot.folder.iterdir() if path.is_file())
    assert code not in written
    answer = await ask(grace, chat, "+forget me")
    assert answer == "Everything about you is removed, with the link to ada."
    assert "linked no account" in await whisper(ada, "+unlink")
    assert await asyncio.to_thread(bot.stop) == 0
    journal = (bot.folder / "ptg.journal.jsonl").read_text()
    assert "testnet ada" not in journal
    assert bot.state["last_check_in"] == {}
