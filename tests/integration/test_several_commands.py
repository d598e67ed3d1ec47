"""Several commands in one Matrix message: the installed program on a real Synapse, with encryption on, and killed."""

from __future__ import annotations

import asyncio

import pytest

from tests.servers.matrix_encrypted import ENCRYPTED, BefriendSecretly
from tests.servers.matrix_servers import StartSynapse, answers, text_of
from tests.servers.mixed import StartMixed

pytestmark = pytest.mark.servers

BOT = "@ptgbot:localhost"


async def test_each_pasted_line_is_one_command(
    start_synapse: StartSynapse, start_mixed: StartMixed, befriend_secretly: BefriendSecretly
) -> None:
    server = await asyncio.to_thread(start_synapse)
    ada = await befriend_secretly(server, "ada")
    room = await ada.create("", [BOT], **ENCRYPTED)
    bot = await asyncio.to_thread(start_mixed, None, server, rooms=[room])
    await ada.see(BOT, room)

    async def ask(text: str, **more: object) -> str:
        return text_of(await ada.answer(await ada.say(room, text, **more)))

    await ask("~add t")
    pasted = await ask("#t now two\n#t next lines\n+in #t\n#t nonsense")
    assert [line.split()[0] for line in pasted.split("\n")] == ["You", "“nonsense”"]
    assert await ask("+now t") == "#t: now two, next lines."
    assert "+in #t" in await ask("~undo")
    assert "next lines" in await ask("#t undo")
    assert "now two" in await ask("~undo", format="org.matrix.custom.html", formatted_body="<b>~undo</b>")
    log = await ada.answer(await ada.say(room, "#t log"))
    assert [line.rpartition(": ")[2] for line in text_of(log).split("\n")] == [
        "~undo", "#t undo", "#t next lines", "#t now two"
    ]
    pill = f'<a href="https://matrix.to/#/{ada.id}">{ada.name}</a>'
    assert log["content"]["formatted_body"].count(f"<li>{pill}, ") == 4
    sent = []
    for number in range(24):
        if number % 6 == 3:
            await asyncio.to_thread(bot.program.kill)
            restart = asyncio.create_task(asyncio.to_thread(start_mixed, None, server, folder=bot.folder))
        sent.append(await ada.say(room, f"#t now n{number}\n#t next m{number}\n+in place {number}"))
        if number % 6 == 5:
            bot = await restart
    await ada.answer(sent[-1])
    for event in sent:
        await ada.answer(event)
    assert await asyncio.to_thread(bot.stop) == 0
    given = [answers(event) for event in ada.events if event["sender"] == BOT and event["type"] == "m.room.message"]
    assert [given.count(event) for event in sent] == [1] * len(sent)
    typed = [line for n in range(24) for line in (f"#t now n{n}", f"#t next m{n}", f"+in place {n}")]
    assert [record.text for record in bot.records() if record.kind == "command"][-len(typed) :] == typed
