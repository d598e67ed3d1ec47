"""People behind bridges type to the installed program, on ngircd and on Synapse with encryption on."""

from __future__ import annotations

import asyncio

import pytest

from tests.servers.irc_servers import IrcPerson, IrcServer, Meet
from tests.servers.matrix_encrypted import ENCRYPTED, BefriendSecretly, SecretPerson
from tests.servers.matrix_servers import StartSynapse, answers, text_of
from tests.servers.mixed import StartMixed

pytestmark = pytest.mark.servers

BOT = "@ptgbot:localhost"


async def type_on_irc(person: IrcPerson, text: str, answer: str) -> None:
    """Type a line in the channel and wait for an answer with these words."""
    person.say("#bridged", text)
    assert ":ptgbot!" in await person.wait(answer)


async def test_puppets_and_relays_on_irc(ngircd: IrcServer, start_mixed: StartMixed, meet: Meet) -> None:
    olga = await meet(ngircd, "olga", "#bridged")
    more = 'relays = ["relay!*@*", "nobody"]'
    bot = await asyncio.to_thread(start_mixed, ngircd, channels=["#bridged"], irc_more=more)
    await olga.see("ptgbot", "#bridged")
    puppet, relay = await meet(ngircd, "ada[m]", "#bridged"), await meet(ngircd, "relay", "#bridged")
    await olga.mode("#bridged", "+o", "ada[m]")
    await olga.mode("#bridged", "+o", "relay")
    await type_on_irc(puppet, "~add nova", "ada[m]: ~add is for the operators of #bridged")
    await type_on_irc(puppet, "+in hall", "ada[m]: You are checked in")
    await type_on_irc(relay, "<Ola> ~add nova", "Ola: ~add is for the operators of #bridged")
    await type_on_irc(relay, "[discord] <Ola> +in bar", "Ola: You are checked in at bar")
    relay.say("#bridged", "+in the relay itself")
    await type_on_irc(relay, "<Kim> +seen ola", "Kim: Ola checked in at bar")
    assert await asyncio.to_thread(bot.stop) == 0
    assert bot.state["last_check_in"].keys() == {"ada[m]", "<ola>relay"}
    assert [record.nick for record in bot.records() if record.kind == "command"] == ["ada[m]", "Ola"]


async def test_puppets_and_relays_on_matrix(
    start_synapse: StartSynapse, start_mixed: StartMixed, befriend_secretly: BefriendSecretly
) -> None:
    server = await asyncio.to_thread(start_synapse)
    olga, puppet, relay = [await befriend_secretly(server, name) for name in ("olga", "irc_ada", "bridge")]
    room = await olga.create("", [BOT, puppet.id, relay.id], **ENCRYPTED)
    for one in (puppet, relay):
        await one.join(room)
        await olga.level(room, one.id, 100)
    more = f'relays = ["{relay.id}"]'
    bot = await asyncio.to_thread(start_mixed, None, server, rooms=[room], matrix_more=more)
    await relay.see(BOT, room)

    async def ask(who: SecretPerson, text: str) -> str:
        return text_of(await who.answer(await who.say(room, text)))

    assert "for the operators of" in await ask(puppet, "~add nova")
    assert "checked in at hall" in await ask(puppet, "+in hall")
    assert "for the operators of" in await ask(relay, "<Ola> ~add nova")
    assert "checked in at bar" in await ask(relay, "<Ola> +in bar\n")
    own = await relay.say(room, "+in the relay itself")
    assert "No private message reaches you" in await ask(relay, "<Ola> +subscribe nova")
    assert "Ola checked in at bar" in await ask(relay, "<Kim> +seen ola")
    assert own not in [answers(event) for event in relay.events]
    assert BOT not in relay.invites.values()
    chat = await puppet.direct(BOT, **ENCRYPTED)
    await puppet.see(BOT, chat)
    told = await puppet.answer(await puppet.say(chat, "+link"))
    assert "tells me no account" in text_of(told)
    assert await asyncio.to_thread(bot.stop) == 0
    assert bot.state["last_check_in"].keys() == {puppet.id, f"<ola>{relay.id}"}
