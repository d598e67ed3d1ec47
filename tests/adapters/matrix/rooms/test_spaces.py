"""Spaces on a real Synapse: the bot is in every room of them."""

from __future__ import annotations

from typing import Any

import pytest

from ptgbot.chat.adapter import Colour, Place
from ptgbot_matrix import MatrixConfig, check_config
from ptgbot_matrix.links import room_links
from ptgbot_matrix.rooms.spaces import SpaceRoom, rooms_in
from tests.adapters.matrix.conftest import StartBot
from tests.servers.matrix_encrypted import ENCRYPTED, BefriendSecretly
from tests.servers.matrix_servers import Homeserver, MatrixPerson

SPACE: dict[str, Any] = {"creation_content": {"type": "m.space"}}


async def put_in(person: MatrixPerson, space: str, room: str) -> None:
    """Add a room to a space."""
    await person.state(space, "m.space.child", {"via": ["localhost"]}, room)


def restricted(space: str) -> dict[str, Any]:
    """Return what makes a room that members of a space may join."""
    rule = {"join_rule": "restricted", "allow": [{"type": "m.room_membership", "room_id": space}]}
    return {"initial_state": [{"type": "m.room.join_rules", "state_key": "", "content": rule}]}


@pytest.mark.servers
async def test_bot_joins_every_room_of_a_space(
    synapse: Homeserver, start_bot: StartBot, befriend_secretly: BefriendSecretly
) -> None:
    ada = await befriend_secretly(synapse, "ada")
    space = await ada.create(f"space-{ada.name}", **SPACE)
    inner = await ada.create(f"inner-{ada.name}", **SPACE)
    hall, deep = await ada.create(f"hall-{ada.name}"), await ada.create(f"deep-{ada.name}", **ENCRYPTED)
    members = await ada.create("", **restricted(space))
    for room, parent in ((hall, space), (inner, space), (members, space), (deep, inner)):
        await put_in(ada, parent, room)
    bot = await start_bot(synapse, spaces=(f"#space-{ada.name}:localhost",))
    for room in (space, hall, deep, members):
        await ada.see(bot.id, room)
    await bot.until_health(Colour.GREEN)
    await ada.say(deep, "+in deep")
    message = await bot.notes.heard("+in deep")
    assert (message.private, message.room.name, message.room.features) == (False, f"#deep-{ada.name}:localhost", None)
    await ada.say(space, "+in space")
    assert (await bot.notes.heard("+in space")).room.features == frozenset()
    # A room that is added while the bot runs, and one while it does not.
    later = await ada.create(f"later-{ada.name}")
    await put_in(ada, space, later)
    await ada.see(bot.id, later)
    await bot.notes.until(lambda notes: notes.cursors)
    await bot.stop()
    away = await ada.create(f"away-{ada.name}")
    await put_in(ada, space, away)
    await ada.say(later, "while you were away")
    again = await start_bot(synapse, former=bot)
    await ada.see(bot.id, away)
    assert not (await again.notes.heard("while you were away")).private


@pytest.mark.servers
async def test_private_space_waits_for_its_invitation(
    synapse: Homeserver, start_bot: StartBot, befriend_secretly: BefriendSecretly
) -> None:
    ada = await befriend_secretly(synapse, "ada")
    space = await ada.create("", **SPACE)
    members = await ada.create("", **restricted(space))
    await put_in(ada, space, members)
    bot = await start_bot(synapse, spaces=(space,), wait=False, rejoin_interval=3600.0)
    await bot.until_health(Colour.YELLOW, "by invitation only")
    await ada.call("POST", f"/rooms/{space}/invite", {"user_id": bot.id})
    await ada.see(bot.id, members)
    await bot.until_health(Colour.GREEN)


def test_space_may_be_all_that_is_configured() -> None:
    config = MatrixConfig(homeserver="http://x", user="@a:x", spaces=("#s:x",), password_env="X")
    assert room_links(config) == [Place("#s:x", "https://matrix.to/#/%23s%3Ax")]
    assert not any("no room is named" in problem for problem in check_config(config))
    with pytest.raises(ValueError, match="is no room"):
        MatrixConfig(homeserver="http://x", user="@a:x", spaces=("s",))


@pytest.mark.parametrize("odd", [{}, {"rooms": 1}, {"rooms": [1, {}, {"room_id": 5}, {"room_id": "x"}]}])
def test_odd_hierarchy_has_no_rooms(odd: dict[str, Any]) -> None:
    assert [*rooms_in(odd)] == []


def test_hierarchy_tells_servers_of_each_room() -> None:
    child = {"type": "m.space.child", "state_key": "!r", "content": {"via": ["a", 1, "b", "c", "d"]}}
    odd = {"type": "m.space.child", "state_key": "!q", "content": {"via": "a"}}
    space = {"room_id": "!s", "room_type": "m.space", "children_state": [child, odd, 1]}
    rooms = [space, {"room_id": "!r", "canonical_alias": "#r:x"}, {"room_id": "!q", "children_state": 1}]
    assert [*rooms_in({"rooms": rooms})] == [SpaceRoom("!r", "#r:x", ["a", "b", "c"]), SpaceRoom("!q", "", [])]
