"""No line in plain text ever enters a room that is known to be encrypted, whatever nio has missed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from nio import SyncResponse

from ptgbot.chat.message import Kind, Outgoing
from ptgbot_matrix.connection import MatrixConnection
from tests.adapters.matrix.conftest import Bot, StartBot
from tests.servers.matrix_encrypted import ENCRYPTED, BefriendSecretly
from tests.servers.matrix_servers import PATIENCE, Homeserver, MatrixPerson, text_of

pytestmark = [pytest.mark.servers, pytest.mark.parametrize("synapse", ["12"], indirect=True)]


@pytest.fixture(autouse=True)
def encryption_installed() -> None:
    pytest.importorskip("vodozemac")


def line(room: str, text: str = "closed at noon") -> Outgoing:
    return Outgoing(Kind.ANNOUNCE, room, text, None, f"row-{text}")


def connection_of(bot: Bot) -> MatrixConnection:
    assert bot.adapter._connection
    return bot.adapter._connection


def deafen(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nio fail to follow the syncs from now on, as it does for an event that it does not expect."""
    client = connection_of(bot).wire.client
    receive = client.receive_response

    async def fail(response: Any) -> None:
        if isinstance(response, SyncResponse):
            raise ValueError("an event that nio does not expect")
        await receive(response)

    monkeypatch.setattr(client, "receive_response", fail)


def delay(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Have nio, and the bot behind it, take no sync until the event that is returned has been set."""
    client, go_on = connection_of(bot).wire.client, asyncio.Event()
    receive = client.receive_response

    async def wait(response: Any) -> None:
        if isinstance(response, SyncResponse):
            await go_on.wait()
        await receive(response)

    monkeypatch.setattr(client, "receive_response", wait)
    return go_on


async def types_of(person: MatrixPerson, bot: Bot, room: str) -> list[str]:
    """Return the types of the lines that the bot has said in a room."""
    lines = {"m.room.message", "m.room.encrypted"}
    found = [event for event in await person.history(room) if event["sender"] == bot.id]
    return [event["type"] for event in found if event["type"] in lines]


async def test_first_line_of_an_opened_chat_is_encrypted(
    synapse: Homeserver, start_bot: StartBot, befriend_secretly: BefriendSecretly, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await befriend_secretly(synapse, "ada")
    bot = await start_bot(synapse, await ada.create(f"home-{ada.name}"), encryption=True)
    go_on = delay(bot, monkeypatch)
    bot.adapter.send(Outgoing(Kind.TELL, ada.id, "nova is now on quotas"))
    bot.adapter.send(Outgoing(Kind.TELL, ada.id, "nova is next on cells"))
    room = await ada.invited(bot.id)
    await bot.adapter.drain()
    go_on.set()
    await ada.join(room)
    await ada.wait(lambda event: text_of(event) == "nova is next on cells")
    assert ada.said(bot.id, room) == ["nova is now on quotas", "nova is next on cells"]
    assert await types_of(ada, bot, room) == ["m.room.encrypted"] * 2
    assert [*ada.invites] == [room]


async def test_room_with_missed_encryption_gets_no_plain_line(
    synapse: Homeserver, start_bot: StartBot, befriend_secretly: BefriendSecretly, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await befriend_secretly(synapse, "ada")
    room = await ada.create(f"missed-{ada.name}")
    bot = await start_bot(synapse, room, encryption=True)
    deafen(bot, monkeypatch)
    await ada.state(room, "m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"})
    async with asyncio.timeout(PATIENCE):
        while not connection_of(bot).timelines.is_encrypted(room):
            await asyncio.sleep(0.01)
    await bot.adapter.deliver(line(room))
    await ada.wait(lambda event: text_of(event) == "closed at noon")
    assert await types_of(ada, bot, room) == ["m.room.encrypted"]


async def test_somebody_whose_leaving_nio_missed_gets_no_key(
    synapse: Homeserver, start_bot: StartBot, befriend_secretly: BefriendSecretly
) -> None:
    ada = await befriend_secretly(synapse, "ada")
    ben = await befriend_secretly(synapse, "ben")
    room = await ada.create(f"leaving-{ada.name}", [ben.id], **ENCRYPTED)
    await ben.join(room)
    bot = await start_bot(synapse, room, encryption=True)
    await bot.adapter.deliver(line(room))
    await ben.wait(lambda event: text_of(event) == "closed at noon")
    connection = connection_of(bot)
    with pytest.MonkeyPatch.context() as for_a_while:
        deafen(bot, for_a_while)
        await ben.call("POST", f"/rooms/{room}/leave", {})
        async with asyncio.timeout(PATIENCE):
            while ben.id in connection.timelines.rooms[room].members:
                await asyncio.sleep(0.01)
    await bot.adapter.deliver(line(room, "open again"))
    await ada.wait(lambda event: text_of(event) == "open again")
    assert connection.wire.client.olm
    session = connection.wire.client.olm.outbound_group_sessions[room]
    assert {user for user, _device in session.users_shared_with} == {ada.id}
