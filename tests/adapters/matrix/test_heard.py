"""What is heard in rooms on a real Synapse, plain and encrypted."""

from __future__ import annotations

from typing import Any

import pytest

from ptgbot.chat.heard import Heard, HeardKind
from ptgbot.chat.message import Message, Role
from tests.adapters.matrix.conftest import Bot, StartBot
from tests.servers.matrix_encrypted import ENCRYPTED, BefriendSecretly
from tests.servers.matrix_servers import Befriend, Homeserver, MatrixPerson

pytestmark = pytest.mark.servers


def heard(bot: Bot) -> list[Heard]:
    return [item for item in bot.notes.items if isinstance(item, Heard)]


def kinds(bot: Bot) -> list[tuple[str, str]]:
    """Return what was heard, lines included, and what was said with it."""
    return [("line" if isinstance(item, Message) else item.kind.value, item.text) for item in bot.notes.items]


async def until(bot: Bot, kind: HeardKind, text: str = "") -> Heard:
    """Wait until something is heard, and return it."""

    def found() -> list[Heard]:
        return [one for one in heard(bot) if one.kind is kind and one.text == text]

    await bot.notes.until(lambda _notes: found())
    return found()[-1]


async def listening(server: Homeserver, start_bot: StartBot, room: str, **settings: Any) -> Bot:
    bot = await start_bot(server, room, wait=False, **settings)
    bot.notes.listening = True
    await until(bot, HeardKind.RECONNECT)
    bot.notes.items.clear()
    return bot


def replacing(original: str, text: str) -> dict[str, Any]:
    relation = {"rel_type": "m.replace", "event_id": original}
    content = {"msgtype": "m.text", "body": f"* {text}", "m.new_content": {"msgtype": "m.text", "body": text}}
    return {**content, "m.relates_to": relation}


async def react(person: MatrixPerson, room: str, about: str, sign: str) -> str:
    relation = {"rel_type": "m.annotation", "event_id": about, "key": sign}
    return await person.send(room, {"m.relates_to": relation}, "m.reaction")


async def test_every_kind_of_event_is_heard(synapse: Homeserver, start_bot: StartBot, befriend: Befriend) -> None:
    ada, grace = await befriend(synapse, "ada"), await befriend(synapse, "grace")
    room = await ada.create(f"heard-{ada.name}")
    bot = await listening(synapse, start_bot, room)
    assert [person.key for person in bot.adapter.members(room)] == [ada.id]
    await grace.join(room)
    line = await ada.say(room, "quotas")
    emote = await ada.send(room, {"msgtype": "m.emote", "body": "waves"})
    edit = await ada.send(room, replacing(line, "Quotas"))
    await grace.send(room, replacing(line, "not mine to change"))
    reaction = await react(grace, room, line, "👍")
    redaction = (await ada.call("PUT", f"/rooms/{room}/redact/{emote}/t1", {}))["event_id"]
    await ada.state(room, "m.room.topic", {"topic": "cells\nnow"})
    member = {"membership": "join", "displayname": "Grace H."}
    await grace.state(room, "m.room.member", member, grace.id)
    await grace.state(room, "m.room.member", {**member, "avatar_url": "mxc://x/y"}, grace.id)
    await ada.call("POST", f"/rooms/{room}/kick", {"user_id": grace.id})
    await ada.say(room, "end")
    await bot.notes.heard("end")
    assert kinds(bot) == [
        ("join", ""),
        ("line", "quotas"),
        ("action", "waves"),
        ("edit", "Quotas"),
        ("reaction", "👍"),
        ("redaction", ""),
        ("topic", "cells now"),
        ("nick", "Grace H."),
        ("leave", ""),
        ("line", "end"),
    ]
    by = {one.kind: one for one in heard(bot)}
    assert (by[HeardKind.EDIT].id, by[HeardKind.EDIT].about) == (edit, line)
    assert (by[HeardKind.REACTION].id, by[HeardKind.REACTION].about) == (reaction, line)
    assert (by[HeardKind.REDACTION].id, by[HeardKind.REDACTION].about) == (redaction, emote)
    assert (by[HeardKind.ACTION].id, by[HeardKind.ACTION].role) == (emote, Role.ADMIN)
    for kind in (HeardKind.JOIN, HeardKind.NICK, HeardKind.LEAVE):
        assert (by[kind].person.key, by[kind].role) == (grace.id, Role.ATTENDEE)  # type: ignore[union-attr]
    assert [person.key for person in bot.adapter.members(room)] == [ada.id]
    assert bot.adapter.topic(room) == "cells now"


async def test_no_event_is_heard_without_listener(synapse: Homeserver, start_bot: StartBot, befriend: Befriend) -> None:
    ada = await befriend(synapse, "ada")
    room = await ada.create(f"deaf-{ada.name}")
    bot = await start_bot(synapse, room)
    await ada.send(room, {"msgtype": "m.emote", "body": "waves"})
    await ada.say(room, "end")
    await bot.notes.heard("end")
    assert (heard(bot), [*bot.adapter.members(room)]) == ([], [])


async def test_missed_events_come_before_the_reconnect(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend
) -> None:
    """More than one sync's worth is missed, so that part of it is a gap."""
    ada, grace = await befriend(synapse, "ada"), await befriend(synapse, "grace")
    room = await ada.create(f"missed-{ada.name}")
    bot = await listening(synapse, start_bot, room)
    line = await ada.say(room, "quotas")
    await bot.notes.heard("quotas")
    await bot.notes.until(lambda notes: any(line in (cursor.passed or ()) for cursor in notes.cursors))
    await bot.stop()
    bot.notes.items.clear()
    await grace.join(room)
    await ada.send(room, replacing(line, "Quotas"))
    await grace.send(room, replacing(line, "not mine to change"))
    for number in range(110):
        await ada.say(room, f"line {number}")
    again = await start_bot(synapse, former=bot)
    back = await until(again, HeardKind.RECONNECT)
    assert kinds(again) == [
        ("join", ""),
        ("edit", "Quotas"),
        *(("line", f"line {number}") for number in range(110)),
        ("reconnect", ""),
    ]
    assert {person.key for person in back.members} == {ada.id, grace.id}


async def test_token_passes_heard_events(synapse: Homeserver, start_bot: StartBot, befriend: Befriend) -> None:
    ada = await befriend(synapse, "ada")
    room = await ada.create(f"passed-{ada.name}")
    bot = await listening(synapse, start_bot, room)
    emote = await ada.send(room, {"msgtype": "m.emote", "body": "waves"})
    await until(bot, HeardKind.ACTION, "waves")
    await bot.notes.until(lambda notes: any(emote in (cursor.passed or ()) for cursor in notes.cursors))
    await bot.stop()
    bot.notes.items.clear()
    again = await start_bot(synapse, former=bot)
    await until(again, HeardKind.RECONNECT)
    assert kinds(again) == [("reconnect", "")]


async def test_encrypted_emotes_and_edits_are_heard(
    synapse: Homeserver, start_bot: StartBot, befriend_secretly: BefriendSecretly
) -> None:
    ada = await befriend_secretly(synapse, "ada")
    room = await ada.create(f"sealed-{ada.name}", **ENCRYPTED)
    bot = await listening(synapse, start_bot, room, encryption=True)
    await ada.see(bot.id, room)
    line = await ada.say(room, "quotas")
    emote = await ada.send(room, {"msgtype": "m.emote", "body": "waves"})
    edit = await ada.send(room, replacing(line, "Quotas"))
    found = await until(bot, HeardKind.EDIT, "Quotas")
    assert (found.id, found.about) == (edit, line)
    assert (await until(bot, HeardKind.ACTION, "waves")).id == emote
