"""Rooms that are added to the configuration and removed from it while the bot runs, on a real Synapse."""

from __future__ import annotations

import attrs
import pytest

from ptgbot.chat.adapter import Colour
from tests.adapters.matrix.conftest import StartBot
from tests.servers.matrix_servers import Befriend, Homeserver


@pytest.mark.servers
async def test_new_rooms_are_joined_and_old_left(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend
) -> None:
    ada = await befriend(synapse, "ada")
    kept, old, new = [await ada.create(f"{name}-{ada.name}") for name in ("kept", "old", "new")]
    bot = await start_bot(synapse, kept, old)
    bot.adapter.adopt(attrs.evolve(bot.config, rooms=(kept, new)))
    await ada.see(bot.id, new)
    await bot.notes.until(lambda _: bot.adapter.room(old) is None and bot.adapter.room(new) == new)
    await bot.until_health(Colour.GREEN)
    assert bot.adapter.room(kept) == kept
    left = [e for e in ada.events if e["type"] == "m.room.member" and e.get("state_key") == bot.id]
    assert {e["room"] for e in left if e["content"]["membership"] == "leave"} == {old}
