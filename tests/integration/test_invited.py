"""People invite the installed program, with the configuration that the documentation gives, on a real Synapse.

All versions of rooms, public and private ones, plain and encrypted, before the program runs and while it runs.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import frozen

from ptgbot_matrix.rooms.greeting import CANNOT_READ
from tests.servers.matrix_encrypted import ENCRYPTED, BefriendSecretly
from tests.servers.matrix_servers import PATIENCE, Befriend, MatrixPerson, StartSynapse, text_of
from tests.servers.mixed import StartMixed

pytestmark = pytest.mark.servers

BOT = "@ptgbot:localhost"
VERSIONS: Final = ("10", "11", "12")
KINDS: Final[dict[str, dict[str, Any]]] = {"plain": {}, "encrypted": ENCRYPTED}


@frozen
class Made:
    """A room that the program is to be in."""

    room: str
    encrypted: bool
    preset: str


async def rooms_of(ada: MatrixPerson) -> list[Made]:
    """Make a room of each version and kind."""
    return [
        Made(await ada.create(preset=preset, room_version=version, **more), bool(more), preset)
        for version in VERSIONS
        for more in KINDS.values()
        for preset in ("public_chat", "private_chat")
    ]


async def until_refused(folder: Path, rooms: list[Made]) -> None:
    """Wait until the program has tried to enter all private rooms."""
    log = folder / "output.log"
    async with asyncio.timeout(2 * PATIENCE):
        while not log.exists() or not all(f"{made.room}: the room is by inv" in log.read_text() for made in rooms):
            await asyncio.sleep(0.05)


async def said_in(ada: MatrixPerson, room: str, words: str) -> None:
    """Wait for words in a room."""
    await ada.wait(lambda event: event["room"] == room and words in text_of(event), words)


async def answers_in(ada: MatrixPerson, room: str) -> str:
    """Ask for help and return the answer."""
    return text_of(await ada.answer(await ada.say(room, "+help in")))


async def test_invited_program_answers_in_every_room(
    start_synapse: StartSynapse, start_mixed: StartMixed, befriend_secretly: BefriendSecretly, tmp_path: Path
) -> None:
    server = await asyncio.to_thread(start_synapse)
    ada = await befriend_secretly(server, "ada")
    made = await rooms_of(ada)
    private = [one for one in made if one.preset == "private_chat"]
    names = [one.room for one in made]
    starting = asyncio.create_task(asyncio.to_thread(start_mixed, None, server, rooms=names, folder=tmp_path))
    await until_refused(tmp_path, private)
    for one in private:
        await ada.call("POST", f"/rooms/{one.room}/invite", {"user_id": BOT})
    await starting
    for one in made:
        await ada.see(BOT, one.room)
        assert "+in LOCATION" in await answers_in(ada, one.room), one
    for version in VERSIONS:
        for kind, more in KINDS.items():
            chat = await ada.direct(BOT, room_version=version, **more)
            await ada.see(BOT, chat)
            assert "+in LOCATION" in await answers_in(ada, chat), (version, kind)
            await said_in(ada, chat, "Hello!")
    assert ada.undecrypted == []


async def test_invited_program_without_encryption_comes_too(
    start_synapse: StartSynapse, start_mixed: StartMixed, befriend: Befriend, tmp_path: Path
) -> None:
    """In encrypted rooms it says where to type instead. The invitations are there before it starts."""
    server = await asyncio.to_thread(start_synapse)
    ada = await befriend(server, "ada")
    made = await rooms_of(ada)
    for one in made:
        await ada.call("POST", f"/rooms/{one.room}/invite", {"user_id": BOT})
    names = [one.room for one in made]
    await asyncio.to_thread(start_mixed, None, server, rooms=names, folder=tmp_path, encryption=False)
    for one in made:
        await ada.see(BOT, one.room)
        if one.encrypted:
            await said_in(ada, one.room, CANNOT_READ.partition("{")[0])
        else:
            assert "+in LOCATION" in await answers_in(ada, one.room), one
