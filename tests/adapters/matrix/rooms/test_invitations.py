"""Invitations on a real Synapse: every version of rooms, plain and encrypted, with encryption on and off."""

from __future__ import annotations

from typing import Any

import pytest

from ptgbot.chat.adapter import Colour
from ptgbot.chat.message import Role
from tests.adapters.matrix.conftest import StartBot
from tests.servers.matrix_encrypted import ENCRYPTED, BefriendSecretly
from tests.servers.matrix_servers import Befriend, Homeserver, text_of

pytestmark = [
    pytest.mark.servers,
    pytest.mark.parametrize("synapse", ["12"], indirect=True),  # the version of rooms is given with each room
    pytest.mark.parametrize("version", ["10", "11", "12"]),
]

both_ways = pytest.mark.parametrize("encryption", [False, True], ids=["plain bot", "encrypting bot"])
each_kind = pytest.mark.parametrize("room_kind", [{}, ENCRYPTED], ids=["plain room", "encrypted room"])


@pytest.fixture(autouse=True)
def encryption_installed(request: pytest.FixtureRequest) -> None:
    """Skip the tests of an encrypting bot where the extra is not installed."""
    if request.node.callspec.params.get("encryption", True):
        pytest.importorskip("vodozemac")


@both_ways
@each_kind
async def test_private_room_invites_bot_and_it_joins(
    synapse: Homeserver,
    start_bot: StartBot,
    befriend: Befriend,
    version: str,
    encryption: bool,
    room_kind: dict[str, Any],
) -> None:
    ada = await befriend(synapse, "ada")
    room = await ada.create(room_version=version, **room_kind)
    bot = await start_bot(synapse, room, wait=False, rejoin_interval=3600.0, encryption=encryption)
    await bot.until_health(Colour.YELLOW, "by invitation only")
    await ada.call("POST", f"/rooms/{room}/invite", {"user_id": bot.id})
    await ada.see(bot.id, room)
    await bot.until_health(Colour.GREEN)


@both_ways
async def test_plain_direct_chat_invites_bot_and_it_answers(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend, version: str, encryption: bool
) -> None:
    ada = await befriend(synapse, "ada")
    bot = await start_bot(synapse, await ada.create(f"plain-{ada.name}"), encryption=encryption)
    chat = await ada.direct(bot.id, room_version=version)
    asked = await ada.say(chat, "help")
    message = await bot.notes.heard("help")
    assert (message.private, message.role, message.room.id) == (True, Role.ATTENDEE, chat)
    bot.reply(message, "here")
    assert text_of(await ada.answer(asked)) == "here"
    await ada.wait(lambda e: e["room"] == chat and "Hello!" in text_of(e), "the greeting")


async def test_encrypted_direct_chat_invites_bot_and_it_answers(
    synapse: Homeserver, start_bot: StartBot, befriend_secretly: BefriendSecretly, version: str
) -> None:
    ada = await befriend_secretly(synapse, "ada")
    bot = await start_bot(synapse, await ada.create(f"secret-{ada.name}"), encryption=True)
    chat = await ada.direct(bot.id, room_version=version, **ENCRYPTED)
    await ada.see(bot.id, chat)
    asked = await ada.say(chat, "help")
    bot.reply(await bot.notes.heard("help"), "here")
    assert text_of(await ada.answer(asked)) == "here"
    await ada.wait(lambda e: e["room"] == chat and "Hello!" in text_of(e), "the greeting")
    assert ada.undecrypted == []


@both_ways
@each_kind
@pytest.mark.parametrize("preset", ["public_chat", "private_chat"])
async def test_room_outside_the_configuration_is_declined(
    synapse: Homeserver,
    start_bot: StartBot,
    befriend: Befriend,
    version: str,
    encryption: bool,
    room_kind: dict[str, Any],
    preset: str,
) -> None:
    ada = await befriend(synapse, "ada")
    bot = await start_bot(synapse, await ada.create(f"home-{ada.name}"), encryption=encryption)
    room = await ada.create(invite=[bot.id], preset=preset, room_version=version, **room_kind)
    await ada.see(bot.id, room, "leave")


@both_ways
async def test_direct_room_with_third_person_is_left_silently(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend, version: str, encryption: bool
) -> None:
    """Whoever invites says that it is a direct chat."""
    ada, grace = await befriend(synapse, "ada"), await befriend(synapse, "grace")
    bot = await start_bot(synapse, await ada.create(f"three-{ada.name}"), encryption=encryption)
    room = await ada.create("", [grace.id, bot.id], is_direct=True, room_version=version)
    await ada.see(bot.id, room)
    await ada.see(bot.id, room, "leave")
    assert ada.said(bot.id, room) == []


async def test_public_room_called_direct_is_declined(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend, version: str
) -> None:
    ada = await befriend(synapse, "ada")
    bot = await start_bot(synapse, await ada.create(f"public-{ada.name}"))
    room = await ada.create("", [bot.id], is_direct=True, preset="public_chat", room_version=version)
    await ada.see(bot.id, room, "leave")
    joins = [e for e in ada.events if e["room"] == room and e.get("state_key") == bot.id]
    assert [event["content"]["membership"] for event in joins] == ["invite", "leave"]


async def test_direct_chat_is_left_when_it_grows(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend, version: str
) -> None:
    ada, grace = await befriend(synapse, "ada"), await befriend(synapse, "grace")
    bot = await start_bot(synapse, await ada.create(f"grows-{ada.name}"))
    chat = await ada.direct(bot.id, room_version=version)
    await ada.wait(lambda e: e["room"] == chat and "Hello!" in text_of(e), "the greeting")
    await ada.call("POST", f"/rooms/{chat}/invite", {"user_id": grace.id})
    await ada.see(bot.id, chat, "leave")


async def test_configured_room_called_direct_is_joined(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend, version: str
) -> None:
    ada, grace = await befriend(synapse, "ada"), await befriend(synapse, "grace")
    room = await ada.create("", [grace.id], is_direct=True, room_version=version)
    bot = await start_bot(synapse, room, wait=False)
    await bot.until_health(Colour.YELLOW, "by invitation only")
    await ada.call("POST", f"/rooms/{room}/invite", {"user_id": bot.id, "is_direct": True})
    await bot.until_health(Colour.GREEN)
    await ada.say(room, "line")
    assert not (await bot.notes.heard("line")).private
    assert ada.said(bot.id, room) == []
