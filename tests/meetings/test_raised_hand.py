"""Meetings on Synapse: the reaction ✋ puts people on the queue; the log of the room follows edits and removals."""

from __future__ import annotations

import asyncio

import pytest

from ptgbot.meetings.days import Days, key_of
from tests.servers.matrix_servers import Befriend, StartSynapse, text_of
from tests.servers.mixed import StartMixed

pytestmark = pytest.mark.servers

BOT = "@ptgbot:localhost"


async def test_reaction_equals_sign_on_matrix(
    start_synapse: StartSynapse, befriend: Befriend, start_mixed: StartMixed
) -> None:
    synapse = await asyncio.to_thread(start_synapse)
    ada, ben = await befriend(synapse, "hilda"), await befriend(synapse, "hanno")
    name = synapse.unused("hands")
    room, alias = await ada.create(name, preset="public_chat"), f"#{name}:localhost"
    await ben.join(room)
    more = f'\n[meetings]\nlog_rooms = ["matrix/{alias}"]\n'
    bot = await asyncio.to_thread(
        start_mixed, None, synapse, rooms=[alias], matrix_more=more, encryption=False
    )
    await ada.see(BOT, room)

    async def says(words: str) -> None:
        await ada.wait(lambda event: event["sender"] == BOT and words in text_of(event), words)

    start = await ada.say(room, "#startmeeting hands")
    await says("Useful commands")
    hand = {"m.relates_to": {"rel_type": "m.annotation", "event_id": start, "key": "✋"}}
    await ben.send(room, hand, "m.reaction")
    await says("Queue: hanno")
    await ada.say(room, "```\nq+\n```\nack next")
    await says("hanno, you have the floor.")
    await ben.say(room, "q+ to ask\nq?")
    await says("Queue: hanno (ask).")

    # The log of the room.
    hasty = await ben.say(room, "too hasty\nand more")
    wrong = await ben.say(room, "never mind")
    edit = {"m.relates_to": {"rel_type": "m.replace", "event_id": hasty}}
    now = {"msgtype": "m.text", "body": "well said\nand done"}
    await ben.send(room, {**edit, **now, "m.new_content": now})
    await ben.call("PUT", f"/rooms/{room}/redact/{wrong}/t1", {})
    expected = [("line", "well said"), ("line", "and done"), ("removed", "")]
    days = Days(bot.folder / "ptg.bulk" / "meetings" / "archive")
    async with asyncio.timeout(60):
        while (found := logged(days, key_of("matrix", alias)))[-3:] != expected:
            await asyncio.sleep(0.05)
    assert ("line", "#startmeeting hands") in found


def logged(days: Days, room: str) -> list[tuple[str, str]]:
    """Return kinds and texts of the lines of a room, over midnight as well."""
    logs = [days.day(room, day) for day in days.days(room)]
    return [(line.kind, line.text) for log in logs if log for line in log.lines if line.kind != "bot"]
