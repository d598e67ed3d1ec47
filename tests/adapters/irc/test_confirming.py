"""Which line of the server says that a command was taken, and which that it was refused."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from ptgbot.chat.adapter import Undeliverable
from ptgbot_irc.confirming import RETITLING, SPEAKING, Confirmations
from ptgbot_irc.identity import Identity
from ptgbot_irc.line import parse
from ptgbot_irc.session import Session

OWN_TOPIC = ":bot!b@h TOPIC #c :new"


async def fate(refusals: Mapping[str, str], *lines: str, asked: bool = True) -> str:
    """Return what becomes of a command to #c: ``open``, ``done`` or the sentence of its refusal."""
    confirmations = Confirmations(Session(Identity("bot")))
    with confirmations.question("#c", refusals) as question:
        if asked:
            assert question.ask() == [f"PING {question.token}\r\n".encode()]
        for line in lines:
            confirmations.take(parse(line.replace("TOKEN", question.token).encode()))
        waiting = asyncio.create_task(question.answer())
        await asyncio.sleep(0)
        if not waiting.done():
            waiting.cancel()
            return "open"
        try:
            await waiting
        except (Undeliverable, ConnectionError) as error:
            return str(error)
        return "done"


@pytest.mark.parametrize(
    ("refusals", "line", "expected"),
    [
        (SPEAKING, ":irc.test PONG irc.test :TOKEN", "done"),
        (SPEAKING, ":irc.test PONG irc.test :ptgbot", "open"),
        (SPEAKING, OWN_TOPIC, "open"),
        (RETITLING, OWN_TOPIC, "done"),
        (RETITLING, ":BOT!b@h TOPIC #C :new", "done"),
        (RETITLING, ":ada!a@h TOPIC #c :hers", "open"),
        (RETITLING, ":bot!b@h TOPIC #d :new", "open"),
        (RETITLING, ":irc.test 404 bot #c :no", "open"),
        (SPEAKING, ":irc.test 404 bot #d :no", "open"),
        (SPEAKING, ":bot!b@h PART #c", "not in #c any more"),
        (SPEAKING, ":ada!a@h KICK #c ada", "open"),
        (SPEAKING, ":irc.test 417 bot :Input line was too long", "the server takes no line of this length for #c"),
        (RETITLING, ":irc.test 417 bot :Input line was too long", "the server takes no line of this length for #c"),
    ],
)
async def test_reply_settles_its_command(refusals: Mapping[str, str], line: str, expected: str) -> None:
    assert await fate(refusals, line) == expected


@pytest.mark.parametrize(
    "line", [OWN_TOPIC, ":irc.test 482 bot #c :no", ":irc.test 403 bot #c :no", ":irc.test 417 bot :too long"]
)
async def test_reply_before_the_command_settles_nothing(line: str) -> None:
    assert await fate(RETITLING, line, asked=False) == "open"


async def test_missing_operator_status_fails_topic_first() -> None:
    confirmations = Confirmations(Session(Identity("bot")))
    with confirmations.question("#c", SPEAKING) as said, confirmations.question("#c", RETITLING) as topic:
        said.ask()
        topic.ask()
        confirmations.take(parse(b":irc.test 482 bot #c :no"))
        with pytest.raises(Undeliverable, match=r"^not an operator in #c \(\+t\)$"):
            await topic.answer()
        confirmations.take(parse(f":irc.test PONG irc.test :{said.token}".encode()))
        await said.answer()
