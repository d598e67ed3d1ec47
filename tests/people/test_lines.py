"""The table of lines on the fake, over ngircd and over Synapse."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ptgbot.chat.message import Role
from ptgbot.testing import Chat
from tests.gathering.sample import begin
from tests.people.lines import LINES, Kind, Line, document, kind_of
from tests.servers.irc_servers import IrcServer, Meet
from tests.servers.matrix_servers import Befriend, StartSynapse, answers, text_of
from tests.servers.mixed import StartMixed
from tests.servers.running import StartBot

BOT = "@ptgbot:localhost"
Said = tuple[Sequence[str], bool]
"""The replies to a line, and whether a sign said that it worked."""
Type = Callable[[Line], Awaitable[Said]]


def noon() -> tuple[datetime, str]:
    """Return the present time and the zone in which it is about noon, so that no run of the table passes midnight."""
    now = datetime.now(UTC)
    ahead = 12 - now.hour
    return now, f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def gathering(folder: Path) -> Path:
    """Write the state with which a bot begins, and return its folder."""
    now, zone = noon()
    (folder / "ptg.json").write_text(json.dumps(document(now.date(), zone)))
    return folder


async def wrong(type_: Type) -> list[str]:
    """Type all lines and return those whose answer is not as the table has it."""
    found = []
    for line in LINES:
        replies, done = await type_(line)
        kind = kind_of(replies, done=done)
        if kind is not line.kind or line.words not in " ".join(replies):
            found.append(f"{line.text}: {kind.value} {replies}, not {line.kind.value} {line.words}")
    return found


def test_table_has_many_lines_of_every_kind() -> None:
    assert len({(line.text, line.private) for line in LINES}) >= 150
    assert {line.kind for line in LINES} == set(Kind)


async def test_lines_get_their_answers_on_the_fake(chat: Chat) -> None:
    chat.at, zone = noon()
    begin(chat, document(chat.at.date(), zone))

    async def type_(line: Line) -> Said:
        role = Role.ADMIN if line.who == "olga" and not line.private else Role.ATTENDEE
        return chat(line.text, by=line.who, role=role, private=line.private), chat.done

    assert await wrong(type_) == []


@pytest.mark.servers
async def test_lines_get_their_answers_on_ngircd(
    ngircd: IrcServer, start_ptgbot: StartBot, meet: Meet, tmp_path: Path
) -> None:
    people = {"olga": await meet(ngircd, "olga", "#events")}
    start_ptgbot(ngircd, folder=gathering(tmp_path))
    people["mira"] = await meet(ngircd, "mira", "#events")
    await people["mira"].see("ptgbot", "#events")

    async def type_(line: Line) -> Said:
        person = people[line.who]
        # In the channel one of them sees the answers to both, in their order.
        witness, target, mark = (
            (person, line.who, "") if line.private else (people["olga"], "#events", f"{line.who}: ")
        )

        def said() -> list[str]:
            return [one.removeprefix(mark) for one in witness.said("ptgbot", target)]

        before = len(said())
        person.say("ptgbot" if line.private else "#events", line.text)
        # A question that is always answered: what comes before its answer answers the line.
        person.say("ptgbot" if line.private else "#events", "+help advance")
        while not (found := said()[before:]) or not found[-1].startswith("#TRACK advance"):
            await witness.wait(f"PRIVMSG {target} :{mark}#TRACK advance")
        signs = [one for one in found if one.startswith("noted, ")]
        return [one for one in found[:-1] if one not in signs], bool(signs)

    assert await wrong(type_) == []


@pytest.mark.servers
async def test_lines_get_their_answers_on_synapse(
    start_synapse: StartSynapse, start_mixed: StartMixed, befriend: Befriend, tmp_path: Path
) -> None:
    server = await asyncio.to_thread(start_synapse)
    people = {"olga": await befriend(server, "olga"), "mira": await befriend(server, "mira")}
    room = await people["olga"].create("events")
    await people["mira"].join(room)
    await asyncio.to_thread(start_mixed, None, server, rooms=["#events:localhost"], folder=gathering(tmp_path))
    await people["mira"].see(BOT, room)
    chat = await people["mira"].direct(BOT)
    await people["mira"].see(BOT, chat)

    async def type_(line: Line) -> Said:
        person, where = people[line.who], chat if line.private else room
        event = await person.say(where, line.text)
        await person.answer(await person.say(where, "+help advance"))
        found = [one for one in person.events if one["room"] == where and answers(one) == event]
        replies = [text_of(one) for one in found if one["type"] == "m.room.message"]
        return replies, any(one["type"] == "m.reaction" for one in found)

    assert await wrong(type_) == []
