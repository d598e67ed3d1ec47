"""Announcements that are confirmed, and topics, on a real Synapse."""

from __future__ import annotations

import asyncio

import pytest

from ptgbot.chat.adapter import Undeliverable
from ptgbot.chat.message import Kind, Outgoing
from ptgbot_matrix.rooms.topics import TOPIC_LIMIT
from tests.adapters.matrix.conftest import Bot, StartBot
from tests.servers.matrix_encrypted import ENCRYPTED, BefriendSecretly
from tests.servers.matrix_servers import Befriend, Homeserver, MatrixPerson, text_of

pytestmark = pytest.mark.servers


def line(room: str, text: str, transaction: str) -> Outgoing:
    return Outgoing(Kind.ANNOUNCE, room, text, None, transaction)


async def test_second_try_after_a_restart_shows_it_once(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend
) -> None:
    ada = await befriend(synapse, "ada")
    room = await ada.create(f"once-{ada.name}")
    bot = await start_bot(synapse, room)
    await bot.adapter.deliver(line(room, "closed at noon", "row-1"))
    await bot.adapter.deliver(line(room, "closed at noon", "row-1"))
    await bot.stop()
    again = await start_bot(synapse, former=bot)
    await again.adapter.deliver(line(room, "closed at noon", "row-1"))
    await again.adapter.deliver(line(room, "open again", "row-2"))
    shown = await ada.wait(lambda event: text_of(event) == "open again")
    assert shown["content"]["msgtype"] == "m.notice"
    assert ada.said(bot.id, room) == ["closed at noon", "open again"]


async def test_second_try_of_encrypted_line_shows_once(
    synapse: Homeserver, start_bot: StartBot, befriend_secretly: BefriendSecretly
) -> None:
    """The second try is another ciphertext under the same transaction id."""
    ada = await befriend_secretly(synapse, "ada")
    room = await ada.create(f"once-sealed-{ada.name}", **ENCRYPTED)
    bot = await start_bot(synapse, room, encryption=True)
    await ada.see(bot.id, room)
    first = await bot.adapter.deliver(line(room, "closed at noon", "row-1"))
    await bot.stop()
    again = await start_bot(synapse, former=bot)
    assert await again.adapter.deliver(line(room, "closed at noon", "row-1")) == first
    second = await again.adapter.deliver(line(room, "open again", "row-2"))
    shown = await ada.wait(lambda event: text_of(event) == "open again")
    assert shown["event_id"] == second
    assert ada.said(bot.id, room) == ["closed at noon", "open again"]
    assert ada.undecrypted == []
    await pin_with_power_only(again, ada, room, [str(first), str(second)])


async def pin_with_power_only(bot: Bot, ada: MatrixPerson, room: str, lines: list[str]) -> None:
    """Pin a line in a room in which the bot may not do it, then may, and in which Ada pins another."""
    assert bot.adapter.pinned(room) == ()
    assert await bot.adapter.ask_pinned(room) == ()
    with pytest.raises(Undeliverable, match=r"not allowed to pin lines in .*: our power level is 0, 50 is needed"):
        await bot.adapter.set_pinned(room, lines)
    await ada.level(room, bot.id, 50)
    await bot.adapter.set_pinned(room, lines)
    assert bot.adapter.pinned(room) == tuple(lines)
    shown = await ada.wait(lambda event: event["type"] == "m.room.pinned_events")
    assert shown["content"] == {"pinned": lines}
    await ada.state(room, "m.room.pinned_events", {"pinned": lines[1:]})
    assert await bot.adapter.ask_pinned(room) == tuple(lines[1:])


async def test_room_that_removed_us_gets_nothing(synapse: Homeserver, start_bot: StartBot, befriend: Befriend) -> None:
    ada = await befriend(synapse, "ada")
    room = await ada.create(f"removed-{ada.name}")
    bot = await start_bot(synapse, room, rejoin_interval=600.0)
    await ada.call("POST", f"/rooms/{room}/kick", {"user_id": bot.id})
    await bot.notes.until(lambda notes: notes.reports)
    with pytest.raises(Undeliverable, match=f"not in {room}: {ada.id} removed us"):
        await bot.adapter.deliver(line(room, "hello?", "row-1"))
    with pytest.raises(Undeliverable, match="not in !nowhere"):
        await bot.adapter.deliver(line("!nowhere:localhost", "hello?", "row-2"))
    assert bot.adapter.topic(room) is None


async def test_room_where_we_may_not_speak_refuses(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend
) -> None:
    ada = await befriend(synapse, "ada")
    room = await ada.create(f"mute-{ada.name}")
    bot = await start_bot(synapse, room)
    await ada.level(room, bot.id, -1)
    await ada.say(room, "quiet now")
    await bot.notes.heard("quiet now")
    with pytest.raises(Undeliverable, match="refused a line"):
        await bot.adapter.deliver(line(room, "hello?", "row-1"))


async def test_topic_is_observed_and_set_with_power_only(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend
) -> None:
    ada = await befriend(synapse, "ada")
    room = await ada.create(f"topic-{ada.name}", topic="welcome")
    bare = await ada.create(f"bare-{ada.name}")
    bot = await start_bot(synapse, room, bare)
    assert (bot.adapter.topic(room), bot.adapter.topic(bare), bot.adapter.topic("!x")) == ("welcome", "", None)
    with pytest.raises(Undeliverable, match=r"our power level is 0, \d+ is needed"):
        await bot.adapter.set_topic(room, "quotas")
    assert bot.adapter.topic(room) == "welcome"
    await ada.level(room, bot.id, 100)
    await bot.adapter.set_topic(room, "q" * (TOPIC_LIMIT + 1))
    expected = "q" * (bot.adapter.topic_limit(room) - 3) + "…"
    assert bot.adapter.topic(room) == expected
    await ada.wait(lambda event: event["type"] == "m.room.topic" and event["content"]["topic"] == expected)
    await ada.state(room, "m.room.topic", {"topic": "cells"})
    await ada.say(room, "changed")
    await bot.notes.heard("changed")
    assert bot.adapter.topic(room) == "cells"


async def test_nothing_is_delivered_without_connection(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend
) -> None:
    ada = await befriend(synapse, "ada")
    room = await ada.create(f"apart-{ada.name}")
    bot = await start_bot(synapse, room)
    await bot.stop()
    for attempt in (bot.adapter.deliver(line(room, "hello?", "row-1")), bot.adapter.set_topic(room, "quotas")):
        with pytest.raises(OSError, match="not connected"):
            await asyncio.wait_for(attempt, 5)
    assert (bot.adapter.topic(room), bot.adapter.pinned(room), bot.adapter.members(room)) == (None, None, ())
