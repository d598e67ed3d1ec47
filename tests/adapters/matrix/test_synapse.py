"""The adapter on a real Synapse."""

from __future__ import annotations

import pytest

from ptgbot.chat.adapter import Colour
from ptgbot.chat.message import Kind, Outgoing, Role
from tests.adapters.matrix.conftest import StartBot
from tests.servers.matrix_encrypted import BefriendSecretly
from tests.servers.matrix_servers import Befriend, Homeserver, text_of

pytestmark = pytest.mark.servers


async def test_lines_keep_order_and_reply_answers_message(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend
) -> None:
    ada = await befriend(synapse, "ada")
    room = await ada.create(f"order-{ada.name}")
    bot = await start_bot(synapse, f"#order-{ada.name}:localhost")
    for number in range(30):
        asked = await ada.say(room, f"line {number}")
    message = await bot.notes.heard("line 29")
    assert bot.notes.texts == [f"line {number}" for number in range(30)]
    assert (message.person.key, message.person.nick, message.person.account) == (ada.id, ada.name, ada.id)
    assert (message.room.id, message.room.name, message.private) == (room, f"#order-{ada.name}:localhost", False)
    assert (bot.adapter.room(message.room.name), bot.adapter.room("#other:localhost")) == (room, None)
    bot.reply(message, "a\nb\0c\x02<b>d</b>")
    answer = await ada.answer(asked)
    assert answer["content"] == {
        "msgtype": "m.notice",
        "body": "a b c <b>d</b>",
        "m.mentions": {"user_ids": [ada.id]},
        "m.relates_to": {"m.in_reply_to": {"event_id": asked}},
    }


async def test_rights_are_those_of_the_moment(synapse: Homeserver, start_bot: StartBot, befriend: Befriend) -> None:
    """A creator of a room of version 12 stands in no list; somebody taken off the list has nothing left."""
    ada, grace = await befriend(synapse, "ada"), await befriend(synapse, "grace")
    room = await ada.create(f"rights-{ada.name}")
    await grace.join(room)
    bot = await start_bot(synapse, room)
    await grace.say(room, "one")
    await ada.level(room, grace.id, 50)
    await grace.say(room, "two")
    await ada.level(room, grace.id, 100)
    await grace.say(room, "three")
    if synapse.version == "11":
        await ada.level(room, ada.id, 100)
    await grace.level(room, grace.id, 10)
    await grace.say(room, "four")
    await ada.level(room, grace.id, None)
    await grace.say(room, "five")
    await ada.say(room, "six")
    await bot.notes.heard("six")
    assert {message.text: message.role for message in bot.notes.messages} == {
        "one": Role.ATTENDEE,
        "two": Role.MODERATOR,
        "three": Role.ADMIN,
        "four": Role.ATTENDEE,
        "five": Role.ATTENDEE,
        "six": Role.ADMIN,
    }


async def test_joining_says_nothing_and_answers_no_history(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend
) -> None:
    ada = await befriend(synapse, "ada")
    room = await ada.create(f"quiet-{ada.name}")
    await ada.say(room, "before")
    bot = await start_bot(synapse, room)
    await ada.say(room, "after")
    await bot.notes.heard("after")
    assert bot.notes.texts == ["after"]
    assert ada.said(bot.id, room) == []


async def test_direct_chat_is_accepted_and_greeted_once(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend
) -> None:
    ada = await befriend(synapse, "ada")
    home = await ada.create(f"direct-{ada.name}")
    bot = await start_bot(synapse, home)
    room = await ada.direct(bot.id)
    asked = await ada.say(room, "help")  # clients open the chat with the first line, before we are in
    message = await bot.notes.heard("help")
    assert (message.private, message.role, message.room.id) == (True, Role.ATTENDEE, room)
    bot.reply(message, "here you are")
    await ada.answer(asked)
    greeting = await ada.wait(lambda e: "Hello!" in text_of(e))
    assert greeting["content"]["msgtype"] == "m.notice"
    await bot.stop()
    again = await start_bot(synapse, former=bot)
    await ada.say(room, "again")
    again.reply(await again.notes.heard("again"), "yes")
    await ada.wait(lambda e: text_of(e) == "yes")
    assert [text for text in ada.said(bot.id, room) if "Hello!" in text] == [greeting["content"]["body"]]


async def test_unconfigured_room_is_declined(synapse: Homeserver, start_bot: StartBot, befriend: Befriend) -> None:
    ada = await befriend(synapse, "ada")
    home = await ada.create(f"allow-{ada.name}")
    bot = await start_bot(synapse, home)
    room = await ada.create(invite=[bot.id])
    await ada.see(bot.id, room, "leave")
    assert not bot.adapter._connection.is_in(room)  # type: ignore[union-attr]


async def test_tell_opens_direct_chat_and_notifies(
    synapse: Homeserver, start_bot: StartBot, befriend_secretly: BefriendSecretly
) -> None:
    ada = await befriend_secretly(synapse, "ada")
    home = await ada.create(f"tell-{ada.name}")
    bot = await start_bot(synapse, home)
    target = bot.adapter.address(ada.id)
    assert target == ada.id
    bot.adapter.send(Outgoing(Kind.TELL, target, "nova is now on quotas"))
    room = await ada.invited(bot.id)
    await ada.join(room)
    bot.adapter.send(Outgoing(Kind.TELL, target, "nova is next on names"))
    told = await ada.wait(lambda e: text_of(e) == "nova is next on names")
    assert told["content"]["msgtype"] == "m.text"
    assert told["content"]["m.mentions"] == {"user_ids": [ada.id]}
    assert [room] == [*ada.invites]


async def test_done_is_reaction_and_topic_is_topic(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend
) -> None:
    ada = await befriend(synapse, "ada")
    room = await ada.create(f"done-{ada.name}")
    bot = await start_bot(synapse, room)
    asked = await ada.say(room, "#nova now x")
    message = await bot.notes.heard("#nova now x")
    bot.adapter.send(Outgoing(Kind.DONE, room, "", message, "t1"))
    done = await ada.answer(asked)
    assert (done["type"], text_of(done)) == ("m.reaction", "✅")
    await ada.level(room, bot.id, 50)
    bot.adapter.send(Outgoing(Kind.TOPIC, room, "now: quotas"))
    await ada.wait(lambda e: e["type"] == "m.room.topic" and e["content"]["topic"] == "now: quotas")


async def test_bot_returns_after_server_outage(start_synapse: object, start_bot: StartBot, befriend: Befriend) -> None:
    server: Homeserver = start_synapse()  # type: ignore[operator]
    ada = await befriend(server, "ada")
    room = await ada.create("away")
    bot = await start_bot(server, "#away:localhost")
    await ada.say(room, "before")
    message = await bot.notes.heard("before")
    server.program.kill()
    await bot.until_health(Colour.YELLOW, "not connected")
    bot.reply(message, "kept while away")
    server.program.start()
    await ada.wait(lambda e: text_of(e) == "kept while away")
    await ada.say(room, "after")
    await bot.notes.heard("after")


async def test_an_answer_in_a_thread_stays_there(synapse: Homeserver, start_bot: StartBot, befriend: Befriend) -> None:
    ada = await befriend(synapse, "ada")
    room = await ada.create(f"thread-{ada.name}")
    bot = await start_bot(synapse, room)
    root = await ada.say(room, "let us talk")
    asked = await ada.say(room, "+tracks", **{"m.relates_to": {"rel_type": "m.thread", "event_id": root}})
    bot.reply(await bot.notes.heard("+tracks"), "two")
    relation = (await ada.answer(asked))["content"]["m.relates_to"]
    assert (relation["rel_type"], relation["event_id"]) == ("m.thread", root)


async def test_it_returns_after_a_kick_and_says_so(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend
) -> None:
    ada = await befriend(synapse, "ada")
    room = await ada.create(f"kick-{ada.name}")
    bot = await start_bot(synapse, f"#kick-{ada.name}:localhost")
    await ada.call("POST", f"/rooms/{room}/kick", {"user_id": bot.id})
    await bot.notes.until(lambda notes: notes.reports)
    await bot.until_health(Colour.GREEN)
    await ada.say(room, "back?")
    message = await bot.notes.heard("back?")
    assert message.room.exclamation
    assert bot.notes.reports == [f"#kick-{ada.name}:localhost: {ada.id} removed us"]


async def test_closed_room_is_joined_on_invitation(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend
) -> None:
    ada = await befriend(synapse, "ada")
    room = await ada.create()
    bot = await start_bot(synapse, room, wait=False, rejoin_interval=60.0)
    await bot.until_health(Colour.YELLOW, "by invitation only")
    await ada.call("POST", f"/rooms/{room}/invite", {"user_id": bot.id})
    await bot.until_health(Colour.GREEN)
    assert ada.said(bot.id, room) == []


async def test_an_upgraded_room_is_followed(synapse: Homeserver, start_bot: StartBot, befriend: Befriend) -> None:
    ada = await befriend(synapse, "ada")
    room = await ada.create(f"upgrade-{ada.name}")
    bot = await start_bot(synapse, room)
    made = await ada.call("POST", f"/rooms/{room}/upgrade", {"new_version": "12"})
    new = made["replacement_room"]
    await ada.see(bot.id, new)
    await ada.say(new, "here now")
    message = await bot.notes.heard("here now")
    assert (message.private, message.room.name, message.role) == (False, room, Role.ADMIN)
    await bot.until_health(Colour.GREEN)
    again = await start_bot(synapse, former=bot)
    await bot.stop()
    await ada.say(new, "still here")
    assert not (await again.notes.heard("still here")).private


async def test_upgrade_without_power_is_not_followed(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend
) -> None:
    """Here a server lets anybody send a tombstone, as one that is broken might; the room's levels say otherwise."""
    ada, eve = await befriend(synapse, "ada"), await befriend(synapse, "eve")
    room, trap = await ada.create(f"trap-{ada.name}"), await eve.create(f"trap2-{eve.name}")
    await eve.join(room)
    bot = await start_bot(synapse, room)
    from ptgbot_matrix.event import Event

    connection = bot.adapter._connection
    assert connection
    state = connection.timelines.rooms[room]
    connection.configured.upgraded(state, Event("$t", "m.room.tombstone", eve.id, {"replacement_room": trap}, ""))
    assert "may not do that" in bot.notes.reports[0]
    assert connection.configured.of(trap) is None


async def test_future_recipient_gets_a_direct_chat(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend
) -> None:
    ada = await befriend(synapse, "ada")
    room = await ada.create(f"reach-{ada.name}")
    bot = await start_bot(synapse, room)
    asked = await ada.say(room, "+subscribe nova")
    message = await bot.notes.heard("+subscribe nova")
    bot.adapter.send(Outgoing(Kind.REACH, room, "", message, "r1"))
    told = await ada.answer(asked)
    assert "I opened a direct chat" in text_of(told)
    chat = await ada.invited(bot.id)
    bot.adapter.send(Outgoing(Kind.REACH, room, "", message, "r2"))
    await ada.wait(lambda e: "please accept my invitation to it" in text_of(e))
    await ada.join(chat)
    await ada.see(bot.id, chat)
    assert ada.said(bot.id, chat) == []


async def test_lines_missed_while_away_are_read_later(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend
) -> None:
    """More than one sync's worth, with a change of rights in the middle."""
    ada, ola = await befriend(synapse, "ada"), await befriend(synapse, "ola")
    room = await ada.create(f"while-{ada.name}")
    await ola.join(room)
    await ada.level(room, ola.id, 50)
    bot = await start_bot(synapse, room)
    await ada.say(room, "here")
    await bot.notes.heard("here")
    await bot.notes.until(lambda notes: notes.cursors)
    await bot.stop()
    already = len(bot.notes.messages)
    for number in range(130):
        await ola.say(room, f"line {number}")
        if number == 9:
            await ada.level(room, ola.id, None)
    bot = await start_bot(synapse, former=bot)
    await bot.notes.heard("line 129")
    lines = [m for m in bot.notes.messages[already:] if m.text.startswith("line")]
    assert [m.text for m in lines] == [f"line {number}" for number in range(130)]
    assert [m.role for m in lines] == [Role.MODERATOR] * 10 + [Role.ATTENDEE] * 120
