"""What happens when the homeserver does what it should not."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

import attrs
import pytest

from ptgbot.chat.adapter import Colour, LoginRefused
from ptgbot.chat.message import Kind, Outgoing, Role
from ptgbot_matrix import MatrixAdapter
from ptgbot_matrix.config import RoomConfig
from tests.adapters.matrix.conftest import Bot, StartBot
from tests.servers.faulty_matrix import FAULTS, USER, FaultyHomeserver, hang

ADA = "@ada:localhost"


def said(text: Any, number: int, sender: str = ADA, msgtype: str = "m.text", relates: Any = None) -> dict[str, Any]:
    content = {"msgtype": msgtype, "body": text, **({"m.relates_to": relates} if relates else {})}
    return {"type": "m.room.message", "event_id": f"${number}", "sender": sender, "content": content}


def levels(event: str, **users: int) -> dict[str, Any]:
    content = {"users": {f"@{name}:localhost": level for name, level in users.items()}}
    return {
        "type": "m.room.power_levels", "event_id": event, "sender": ADA, "state_key": "", "content": content
    }  # fmt: skip


async def begun(faulty: FaultyHomeserver, start_bot: StartBot, **settings: Any) -> Bot:
    """Start a bot that is in the room ``!r``."""
    faulty.room(position="s0")
    return await start_bot(faulty, "!r", **settings)


async def a_second() -> None:
    """Let time pass in which requests are counted."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1):
            await asyncio.Event().wait()


async def until_sent(faulty: FaultyHomeserver, count: int) -> None:
    async with asyncio.timeout(10):
        while len(faulty.sent) < count:
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("fault", FAULTS)
async def test_errors_are_followed_by_pauses(faulty_matrix: FaultyHomeserver, start_bot: StartBot, fault: str) -> None:
    """At most ten requests in ten seconds; here scaled down by ten."""
    bot = await begun(faulty_matrix, start_bot, retry_first=0.15, retry_limit=0.24)
    faulty_matrix.fault = FAULTS[fault]
    faulty_matrix.tell({"next_batch": "s1"})
    await bot.until_health(Colour.YELLOW, "not connected")
    before = len(faulty_matrix.requests)
    await a_second()
    assert len(faulty_matrix.requests) - before <= 10
    faulty_matrix.fault = None
    faulty_matrix.room(said("hello", 1), position="s2")
    await bot.notes.heard("hello")
    await bot.until_health(Colour.GREEN)


async def test_pauses_stay_short_in_first_minutes(faulty_matrix: FaultyHomeserver, start_bot: StartBot) -> None:
    """After an outage of minutes nobody waits long; doubled waits would take a million years here."""
    bot = await begun(faulty_matrix, start_bot, retry_first=0.01, retry_limit=0.01, retry_limit_later=1e18)
    faulty_matrix.fault = FAULTS["502"]
    faulty_matrix.tell({"next_batch": "s1"})
    await bot.until_health(Colour.YELLOW, "not connected")
    wanted = len(faulty_matrix.requests) + 60
    async with asyncio.timeout(20):
        while len(faulty_matrix.requests) < wanted:
            await asyncio.sleep(0.005)
    faulty_matrix.fault = None
    faulty_matrix.room(said("hello", 1), position="s2")
    await bot.notes.heard("hello")


async def test_quiet_room_is_well_right_after_outage(faulty_matrix: FaultyHomeserver, start_bot: StartBot) -> None:
    bot = await begun(faulty_matrix, start_bot, retry_first=0.01, sync_timeout=3600)
    faulty_matrix.fault = FAULTS["502"]
    faulty_matrix.tell({"next_batch": "s1"})
    await bot.until_health(Colour.YELLOW, "not connected")
    faulty_matrix.fault = None
    faulty_matrix.news.clear()
    await bot.until_health(Colour.GREEN)


async def test_empty_instant_syncs_do_not_keep_it_busy(faulty_matrix: FaultyHomeserver, start_bot: StartBot) -> None:
    bot = await begun(faulty_matrix, start_bot)
    faulty_matrix.tell(*({"next_batch": f"s{number}"} for number in range(1, 1000)))
    await a_second()
    assert len(faulty_matrix.requests) < 15
    await bot.stop()


async def test_hanging_server_counts_as_lost(faulty_matrix: FaultyHomeserver, start_bot: StartBot) -> None:
    bot = await begun(faulty_matrix, start_bot, sync_timeout=0.1, request_timeout=0.2)
    faulty_matrix.fault = hang
    faulty_matrix.tell({"next_batch": "s1"})
    await bot.until_health(Colour.YELLOW, "did not answer in time")
    faulty_matrix.fault = None
    faulty_matrix.room(said("again", 1), position="s2")
    await bot.notes.heard("again")


async def test_a_lost_token_is_renewed_with_the_password(faulty_matrix: FaultyHomeserver, start_bot: StartBot) -> None:
    bot = await begun(faulty_matrix, start_bot, retry_first=0.05)
    faulty_matrix.token = "token-2"
    faulty_matrix.room(position="s1")
    faulty_matrix.room(said("hello", 1), position="s2")
    await bot.notes.heard("hello")
    logins = [path for _, method, path in faulty_matrix.requests if path.endswith("/login")]
    assert len(logins) == 2


async def test_missing_login_ends_the_adapter_in_red(faulty_matrix: FaultyHomeserver, start_bot: StartBot) -> None:
    bot = await begun(faulty_matrix, start_bot, retry_first=0.05)
    faulty_matrix.token, faulty_matrix.password = "token-2", "changed"
    faulty_matrix.room(position="s1")
    with pytest.raises(LoginRefused, match="refused the password of @ptgbot:localhost"):
        await bot.task
    assert bot.adapter.health().colour is Colour.RED


async def test_token_of_another_account_is_refused(
    faulty_matrix: FaultyHomeserver, start_bot: StartBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "token-1")
    chosen = {"access_token_env": "TOKEN", "device_id": "OTHER", "password_env": None}
    bot = await start_bot(faulty_matrix, "!r", wait=False, **chosen)
    with pytest.raises(LoginRefused, match="belongs to the device DEVICE"):
        await bot.task
    mine = attrs.evolve(bot.config, user="@other:localhost", device_id="DEVICE")
    with pytest.raises(LoginRefused, match="is not that of @other:localhost"):
        await MatrixAdapter(mine, True).run(bot.notes)


async def test_first_sync_answers_nothing_later_ones_everything(
    faulty_matrix: FaultyHomeserver, start_bot: StartBot
) -> None:
    faulty_matrix.room(said("old", 1), position="s0", limited=True, prev_batch="p")
    bot = await start_bot(faulty_matrix, "!r")
    faulty_matrix.room(said("new", 2), position="s1")
    await bot.notes.heard("new")
    assert bot.notes.texts == ["new"]


async def test_gap_is_filled_in_order_with_past_rights(faulty_matrix: FaultyHomeserver, start_bot: StartBot) -> None:
    bot = await begun(faulty_matrix, start_bot)
    faulty_matrix.room(levels("$p0", ada=50), said("zero", 0), position="s1")
    await bot.notes.heard("zero")
    faulty_matrix.pages = {
        "p4": {"chunk": [said("three", 3), levels("$p1", ada=100)], "end": "p2"},
        "p2": {"chunk": [said("two", 2), said("one", 1)], "end": "p0"},
    }
    faulty_matrix.room(
        said("four", 4), levels("$p2", ada=0), said("five", 5), position="s2", limited=True, prev_batch="p4"
    )
    await bot.notes.heard("five")
    assert [(message.text, message.role) for message in bot.notes.messages[1:]] == [
        ("one", Role.MODERATOR),
        ("two", Role.MODERATOR),
        ("three", Role.ADMIN),
        ("four", Role.ADMIN),
        ("five", Role.ATTENDEE),
    ]


async def test_flood_of_a_thousand_events_is_taken(faulty_matrix: FaultyHomeserver, start_bot: StartBot) -> None:
    bot = await begun(faulty_matrix, start_bot)
    faulty_matrix.room(*(said(f"line {n}", n) for n in range(1000)), position="s1")
    await bot.notes.heard("line 999")
    assert len(bot.notes.messages) == 1000


async def test_malformed_events_stop_nothing(faulty_matrix: FaultyHomeserver, start_bot: StartBot) -> None:
    bot = await begun(faulty_matrix, start_bot)
    odd: list[Any] = [
        None, 5, [], "event", {}, {"type": 5}, {"type": "m.room.message", "sender": {}},
        said({"a": 1}, 1), said(None, 2), said("x" * 60_000, 3),
        {"type": "m.room.message", "event_id": "$4", "sender": ADA},
        {"type": "m.room.message", "event_id": "$5", "sender": ADA, "content": "text"},
        {"type": "m.room.power_levels", "event_id": "$6", "sender": ADA, "state_key": "", "content": {"users": 5}},
        {"type": "m.room.create", "event_id": "$7", "sender": ADA, "state_key": "", "content": {"room_version": []}},
        {"type": "m.room.tombstone", "event_id": "$8", "sender": ADA, "state_key": "", "content": {"body": 1}},
        said("spoofed", 9, relates="text"), said("spoofed too", 10, relates={"rel_type": []}),
        said("spoofed three", 11, relates={"m.in_reply_to": {"event_id": 5}, "rel_type": "m.thread"}),
    ]  # fmt: skip
    faulty_matrix.room(*odd, position="s1")
    faulty_matrix.tell(
        {"next_batch": "s2", "rooms": 5},
        {"next_batch": "s3", "rooms": {"join": [], "invite": {"!i": 5}, "leave": {"!l": 1}}},
    )
    faulty_matrix.tell({"next_batch": "s4", "rooms": {"join": {"!r": {"timeline": 7, "state": {"events": 5}}}}})
    faulty_matrix.room(said("end", 12), position="s5")
    await bot.notes.heard("end")
    texts = [text[:20] for text in bot.notes.texts]
    assert texts == ["x" * 20, "spoofed", "spoofed too", "spoofed three", "end"]


async def test_pause_for_one_room_delays_no_other(faulty_matrix: FaultyHomeserver, start_bot: StartBot) -> None:
    bot = await begun(faulty_matrix, start_bot)
    faulty_matrix.room(position="s1", room="!other")
    faulty_matrix.room(said("hello", 1), position="s2")
    message = await bot.notes.heard("hello")
    faulty_matrix.paused["!r"] = 0.3
    began = time.monotonic()
    for number in range(3):
        bot.adapter.send(Outgoing(Kind.REPLY, "!r", f"slow {number}", message, f"a{number}"))
    bot.adapter.send(Outgoing(Kind.ANNOUNCE, "!other", "fast", message, "b"))
    await until_sent(faulty_matrix, 4)
    assert [content["body"] for _, content in faulty_matrix.sent] == ["fast", "slow 0", "slow 1", "slow 2"]
    assert time.monotonic() - began >= 0.3


async def test_token_waits_for_the_answer(faulty_matrix: FaultyHomeserver, start_bot: StartBot) -> None:
    """Else a crash in between would lose the answer: the core forgets it with the position."""
    bot = await begun(faulty_matrix, start_bot)
    faulty_matrix.paused["!r"] = 0.2
    bot.notes.answer = lambda message: bot.reply(message, "yes")
    faulty_matrix.room(said("+in x", 1), position="s1")
    await bot.notes.heard("+in x")
    assert "s1" not in [cursor.position for cursor in bot.notes.cursors]
    await until_sent(faulty_matrix, 1)
    await bot.notes.until(lambda notes: notes.cursors[-1].position == "s1")
    assert bot.notes.cursors[-1].passed == frozenset({"$1"})


async def test_answer_of_former_connection_commits_no_token(
    faulty_matrix: FaultyHomeserver, start_bot: StartBot
) -> None:
    """It leaves through the next connection, whose position is a later one already."""
    bot = await begun(faulty_matrix, start_bot)
    faulty_matrix.paused["!r"] = 0.3
    bot.notes.answer = lambda message: bot.reply(message, "yes")
    faulty_matrix.room(said("+in x", 1), position="s1")
    await bot.notes.heard("+in x")
    await bot.stop()
    faulty_matrix.room(position="s5")
    bot.task = asyncio.create_task(bot.adapter.run(bot.notes), name="bot")
    await bot.notes.until(lambda notes: notes.cursors[-1].position == "s5")
    assert faulty_matrix.sent == []
    await until_sent(faulty_matrix, 1)
    await bot.adapter.drain()
    assert [cursor.position for cursor in bot.notes.cursors] == ["s0", "s5"]


async def test_repeated_answer_is_sent_once(faulty_matrix: FaultyHomeserver, start_bot: StartBot) -> None:
    bot = await begun(faulty_matrix, start_bot)
    faulty_matrix.room(said("+in x", 1), position="s1")
    message = await bot.notes.heard("+in x")
    for _ in range(2):
        bot.reply(message, "yes")
    await bot.adapter.drain()
    puts = [path for _, _, path in faulty_matrix.requests if "/send/" in path]
    assert (len(puts), len(faulty_matrix.sent)) == (2, 1)
    assert puts[0] == puts[1]


async def test_edit_of_own_command_is_answered_once(faulty_matrix: FaultyHomeserver, start_bot: StartBot) -> None:
    bot = await begun(faulty_matrix, start_bot)
    bot.notes.answer = lambda message: bot.reply(message, "yes")
    faulty_matrix.room(said("+in x", 1), position="s1")
    await until_sent(faulty_matrix, 1)
    edit = {"rel_type": "m.replace", "event_id": "$1"}
    faulty_matrix.room(
        said("* +in y", 2, "@ola:localhost", relates=edit),
        said("* +in y", 3, relates=edit),
        said("* +in z", 4, relates=edit),
        position="s2",
    )
    faulty_matrix.room(said("+in end", 5), position="s3")
    await until_sent(faulty_matrix, 3)
    assert bot.notes.texts == ["+in x", "+in end"]
    assert [content["body"][:22] for _, content in faulty_matrix.sent] == ["yes", "I don't read edits: wh", "yes"]
    assert faulty_matrix.sent[1][1]["m.relates_to"]["m.in_reply_to"] == {"event_id": "$3"}


async def test_notices_ghosts_and_own_events_are_ignored(faulty_matrix: FaultyHomeserver, start_bot: StartBot) -> None:
    bot = await begun(faulty_matrix, start_bot, ignore=("@irc_*:localhost", "@relay:localhost"))
    faulty_matrix.room(
        said("+in a", 1, msgtype="m.notice"),
        said("+in b", 2, "@irc_mira:localhost"),
        said("+in c", 3, "@relay:localhost"),
        said("+in d", 4, USER),
        said("end", 5),
        position="s1",
    )
    await bot.notes.heard("end")
    assert bot.notes.texts == ["end"]


async def test_unknown_sync_token_is_given_up_eventually(faulty_matrix: FaultyHomeserver, start_bot: StartBot) -> None:
    bot = await begun(faulty_matrix, start_bot, retry_first=0.02, retry_limit=0.02)
    from tests.servers.faulty_matrix import refusal

    faulty_matrix.tell(*(refusal(400, "M_UNKNOWN") for _ in range(5)))
    faulty_matrix.room(said("answered long ago", 1), position="n0")
    faulty_matrix.room(said("hello", 2), position="n1")
    await bot.notes.heard("hello")
    assert "does not know our position" in bot.notes.reports[0]
    assert bot.notes.texts == ["hello"]


async def test_many_invitations_delay_no_commands(faulty_matrix: FaultyHomeserver, start_bot: StartBot) -> None:
    bot = await begun(faulty_matrix, start_bot, invite_pause=0.001)
    invites = {
        f"!i{number}": {
            "invite_state": {
                "events": [
                    {
                        "type": "m.room.member",
                        "sender": "@eve:x",
                        "state_key": USER,
                        "content": {"membership": "invite"},
                    }
                ]
            }
        }
        for number in range(500)
    }
    faulty_matrix.tell({"next_batch": "s1", "rooms": {"invite": invites}})
    faulty_matrix.room(said("hello", 1), position="s2")
    began = time.monotonic()
    await bot.notes.heard("hello")
    assert time.monotonic() - began < 2
    assert "s1" not in [cursor.position for cursor in bot.notes.cursors]
    async with asyncio.timeout(20):
        while len([path for _, _, path in faulty_matrix.requests if path.endswith("/leave")]) < 500:
            await asyncio.sleep(0.01)


async def test_features_are_those_of_the_room(faulty_matrix: FaultyHomeserver, start_bot: StartBot) -> None:
    faulty_matrix.room(position="s0")
    bot = await start_bot(faulty_matrix, RoomConfig(id="#r:localhost", features=("meetings",)))
    faulty_matrix.room(said("hello", 1), position="s1")
    room = (await bot.notes.heard("hello")).room
    assert (room.id, room.name, room.features) == ("!r", "#r:localhost", frozenset({"meetings"}))


async def test_display_name_gives_no_rights(faulty_matrix: FaultyHomeserver, start_bot: StartBot) -> None:
    """Whoever calls themselves as an operator does has the rights and the key of their own id."""
    bot = await begun(faulty_matrix, start_bot)
    eve = {"type": "m.room.member", "event_id": "$m", "sender": "@eve:localhost", "state_key": "@eve:localhost"}
    faulty_matrix.room(
        levels("$p", ada=100),
        {**eve, "content": {"membership": "join", "displayname": ADA}},
        said("~emptydb", 1, "@eve:localhost"),
        position="s1",
    )
    message = await bot.notes.heard("~emptydb")
    assert (message.person.key, message.role) == ("@eve:localhost", Role.ATTENDEE)
