"""One script of chats, with the same answers on the fake, on ngircd and on InspIRCd with services."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest

from ptgbot.chat.message import Role, Room
from ptgbot.testing import Chat
from ptgbot_irc.text import clean
from tests.servers.inspircd import InspIrcd
from tests.servers.irc_servers import IrcServer, Meet
from tests.servers.running import StartBot

CHANNEL = "#script"
SCRIPT = (
    ("mira", "#nova now quotas"),
    ("olga", "~add nova swift"),
    ("mira", "#nova now quotas"),
    ("mira", "#nova next cells and \x02placement\x02"),
    ("mira", "#nova"),
    ("mira", "\x01ACTION waves\x01"),
    ("mira", "~list"),
    ("olga", "~list"),
    ("mira", "+in #Nova"),
    ("mira", "+seen nobody"),
    ("olga", "~requirevoice"),
    ("mira", "#nova now without a voice"),
    ("mira", "#nvoa now a slip"),
    ("mira", "#hashtag in a sentence"),
    ("mira", "+1"),
    ("mira", " "),
    ("olga", "~undo"),
    ("mira", "#nova now with a voice again"),
    ("mira", "#nova"),
    ("mira", "#nova now wide 名前 🎉 café"),
    ("mira", "#NOVA"),
    ("mira", "+subscribe (a+)+$"),
    ("mira", "+out"),
    ("olga", "~emptydb"),
)

Type = Callable[[str, str], Awaitable[list[str]]]


async def play(type_: Type) -> list[tuple[str, list[str]]]:
    # The time of day is the one thing that differs.
    return [
        (text, [re.sub(r"\b\d\d:\d\d\b", "TIME", answer) for answer in await type_(who, text)]) for who, text in SCRIPT
    ]


async def on_the_fake(*, confirm: bool = True) -> list[tuple[str, list[str]]]:
    """Play the script without a network; ``confirm`` says whether a line tells that a command worked."""
    chat = Chat()

    async def type_(who: str, text: str) -> list[str]:
        if text.startswith("\x01"):
            return []  # an adapter hands such a line on to nobody
        role = Role.ADMIN if who == "olga" else Role.ATTENDEE
        room = Room("testnet", CHANNEL, CHANNEL)
        answers = chat(clean(text), by=who, role=role, room=room)
        noted = [f"noted, {' '.join(clean(text).split()[:2])}."] if chat.done and confirm else []
        return [f"{who}: {answer}" for answer in (*answers, *noted)]

    return await play(type_)


async def on_a_server(server: IrcServer, start_ptgbot: StartBot, meet: Meet) -> list[tuple[str, list[str]]]:
    people = {"olga": await meet(server, "olga", CHANNEL)}
    start_ptgbot(server, channels=(CHANNEL,))
    people["mira"] = await meet(server, "mira", CHANNEL)
    await people["mira"].see("ptgbot", CHANNEL)

    async def type_(who: str, text: str) -> list[str]:
        person = people[who]

        def answers() -> list[str]:
            return [line for line in person.said("ptgbot", CHANNEL) if line.startswith(f"{who}: ")]

        before = len(answers())
        person.say(CHANNEL, text)
        # A question that is always answered: what comes before its answer answers the line.
        person.say(CHANNEL, "+help advance")
        while not (said := answers()[before:]) or "advance" not in said[-1]:
            await person.wait(f"PRIVMSG {CHANNEL} :{who}: ")
        return said[:-1]

    return await play(type_)


async def test_fake_network_runs_most_of_script() -> None:
    answered = [text for text, answers in await on_the_fake() if answers]
    assert len(answered) > len(SCRIPT) // 2


@pytest.mark.servers
async def test_script_runs_on_ngircd(ngircd: IrcServer, start_ptgbot: StartBot, meet: Meet) -> None:
    assert await on_a_server(ngircd, start_ptgbot, meet) == await on_the_fake()


@pytest.mark.servers
async def test_script_runs_on_inspircd_with_services(services: InspIrcd, start_ptgbot: StartBot, meet: Meet) -> None:
    assert await on_a_server(services, start_ptgbot, meet) == await on_the_fake()
