"""The transcripts in the documentation are what the bot says on a real IRC server and a real homeserver."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.docs.hour import PEOPLE, SCRIPT, Said, Turn, as_html, as_text, compare, write_state
from tests.servers.irc_servers import IrcServer, Meet
from tests.servers.matrix_servers import Befriend, MatrixPerson, StartSynapse, answers
from tests.servers.mixed import StartMixed
from tests.servers.running import StartBot

pytestmark = pytest.mark.servers

CHANNEL, ALIAS, BOT = "#hour", "#hour:localhost", "@ptgbot:localhost"
SETTLED = "#TRACK advance"
"""Beginning of the answer to a question that ends every turn and is left out."""


async def test_hour_on_irc_is_as_documented(
    ngircd: IrcServer, start_ptgbot: StartBot, meet: Meet, tmp_path: Path
) -> None:
    people = {name: await meet(ngircd, name, CHANNEL) for name in sorted(PEOPLE, key="olga".__ne__)}
    start_ptgbot(ngircd, channels=(CHANNEL,), folder=write_state(tmp_path))
    olga = people["olga"]
    await olga.see("ptgbot", CHANNEL)

    async def turn(said: Said) -> Turn:
        person = people[said.who]
        witness, target = (person, said.who) if said.private else (olga, CHANNEL)
        before = len(witness.said("ptgbot", target))
        to = "ptgbot" if said.private else CHANNEL
        person.say(to, said.text)
        person.say(to, "+help advance")
        while SETTLED not in "".join(found := witness.said("ptgbot", target)[before:]):
            await witness.wait(f"PRIVMSG {target} :")
        return Turn(said, [{"body": one} for one in found if SETTLED not in one])

    compare("irc.txt", as_text([await turn(said) for said in SCRIPT]))


async def test_hour_on_matrix_is_as_documented(
    start_synapse: StartSynapse, start_mixed: StartMixed, befriend: Befriend, tmp_path: Path
) -> None:
    server = await asyncio.to_thread(start_synapse)
    people: dict[str, MatrixPerson] = {name: await befriend(server, name) for name in PEOPLE}
    room = await people["olga"].create("hour")
    for name in PEOPLE:
        await people[name].join(room)
    await asyncio.to_thread(
        start_mixed, None, server, rooms=[ALIAS], folder=write_state(tmp_path), encryption=False
    )
    await people["olga"].see(BOT, room)
    chat = await people["zoltan"].direct(BOT)
    await people["zoltan"].see(BOT, chat)

    async def turn(said: Said) -> Turn:
        person, where = people[said.who], chat if said.private else room
        event = await person.say(where, said.text)
        await person.answer(await person.say(where, "+help advance"))
        return Turn(said, [e["content"] for e in person.events if e["room"] == where and answers(e) == event])

    compare("matrix.html", as_html([await turn(said) for said in SCRIPT]))
