"""The script of chats that IRC plays, on Matrix: plain, encrypted, and with people on both networks."""

from __future__ import annotations

import asyncio

import pytest

from ptgbot_matrix.delivery import OPENED
from tests.adapters.irc.test_same_script import SCRIPT, on_the_fake, play
from tests.servers.irc_servers import IrcServer, Meet
from tests.servers.matrix_encrypted import ENCRYPTED, BefriendSecretly
from tests.servers.matrix_servers import Befriend, MatrixPerson, StartSynapse, answers, text_of
from tests.servers.mixed import StartMixed

pytestmark = pytest.mark.servers

BOT = "@ptgbot:localhost"
ALIAS = "#script:localhost"
QUIET = 'confirm = "none"'
Played = list[tuple[str, list[str]]]


def same(played: Played) -> Played:
    """Leave out what differs by nature: the name of the room, and that a direct chat has to be opened."""
    return [(text, [one.replace(ALIAS, "#script") for one in said if OPENED not in one]) for text, said in played]


async def typed(person: MatrixPerson, name: str, room: str, text: str) -> list[str]:
    """Type a line and return what answers it, as IRC would show it."""
    if text.startswith("\x01ACTION"):
        event = await person.send(room, {"msgtype": "m.emote", "body": "waves"})
    else:
        event = await person.say(room, text)
    # A question that is always answered: what answers the line has come before its answer.
    await person.answer(await person.say(room, "+help advance"))
    found = [e for e in person.events if e["room"] == room and answers(e) == event]
    return [f"{name}: {text_of(e)}" for e in found if e["type"] == "m.room.message"]


async def stage(olga: MatrixPerson, mira: MatrixPerson) -> str:
    room = await olga.create("script")
    await mira.join(room)
    return room


@pytest.mark.parametrize("version", ["12", "11"])
async def test_script_runs_on_synapse(
    start_synapse: StartSynapse, start_mixed: StartMixed, befriend: Befriend, version: str
) -> None:
    server = await asyncio.to_thread(start_synapse, version)
    olga, mira = await befriend(server, "olga"), await befriend(server, "mira")
    room = await stage(olga, mira)
    await asyncio.to_thread(start_mixed, None, server, rooms=[ALIAS])
    people = {"olga": olga, "mira": mira}
    await mira.see(BOT, room)
    played = await play(lambda who, text: typed(people[who], who, room, text))
    assert same(played) == await on_the_fake(confirm=False)


async def test_script_runs_on_synapse_encrypted(
    start_synapse: StartSynapse, start_mixed: StartMixed, befriend_secretly: BefriendSecretly
) -> None:
    """The room is private, so that the bot must be invited."""
    server = await asyncio.to_thread(start_synapse)
    olga, mira = await befriend_secretly(server, "olga"), await befriend_secretly(server, "mira")
    room = await olga.create("script", ["@mira:localhost", BOT], preset="private_chat", **ENCRYPTED)
    await mira.join(room)
    await asyncio.to_thread(start_mixed, None, server, rooms=[ALIAS])
    people: dict[str, MatrixPerson] = {"olga": olga, "mira": mira}
    await mira.see(BOT, room)
    played = await play(lambda who, text: typed(people[who], who, room, text))
    assert same(played) == await on_the_fake(confirm=False)


async def test_script_runs_with_people_on_both_networks(
    ngircd: IrcServer, start_synapse: StartSynapse, start_mixed: StartMixed, meet: Meet, befriend: Befriend
) -> None:
    """Olga runs the gathering on Matrix, Mira types on IRC: neither notices."""
    server = await asyncio.to_thread(start_synapse)
    olga, _founder = await befriend(server, "olga"), await meet(ngircd, "founder", "#script")
    mira = await meet(ngircd, "mira", "#script")
    room = await olga.create("script")
    await asyncio.to_thread(start_mixed, ngircd, server, channels=["#script"], rooms=[ALIAS], irc_more=QUIET)
    await mira.see("ptgbot", "#script")
    await olga.see(BOT, room)

    async def type_(who: str, text: str) -> list[str]:
        if who == "olga":
            return await typed(olga, who, room, text)
        before = len(mira.said("ptgbot", "#script"))
        mira.say("#script", text)
        mira.say("#script", "+help advance")
        while not (said := mira.said("ptgbot", "#script")[before:]) or "advance" not in said[-1]:
            await mira.wait("PRIVMSG #script :mira: ")
        return said[:-1]

    assert same(await play(type_)) == await on_the_fake(confirm=False)
    assert len(SCRIPT) > 20
