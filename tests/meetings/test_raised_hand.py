"""A raised hand on Synapse: the reaction ✋ puts people on the queue of a meeting."""

from __future__ import annotations

import asyncio

import pytest

from tests.servers.matrix_servers import Befriend, Homeserver, text_of
from tests.servers.mixed import StartMixed

pytestmark = pytest.mark.servers

BOT = "@ptgbot:localhost"


async def test_reaction_equals_sign_on_matrix(
    synapse: Homeserver, befriend: Befriend, start_mixed: StartMixed
) -> None:
    ada, ben = await befriend(synapse, "hilda"), await befriend(synapse, "hanno")
    room = await ada.create(synapse.unused("hands"), preset="public_chat")
    await ben.join(room)
    await asyncio.to_thread(start_mixed, None, synapse, rooms=[room], encryption=False)
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
