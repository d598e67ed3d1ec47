"""``kill -9`` of the running bot and of the homeserver, at random moments, while somebody types on Matrix.

Every command has exactly one effect and one answer, also those typed while the bot was down. The answers leave in the
order of the commands.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter

import pytest

from tests.servers.matrix_encrypted import ENCRYPTED, BefriendSecretly
from tests.servers.matrix_servers import PATIENCE, Befriend, Homeserver, MatrixPerson, StartSynapse, answers, text_of
from tests.servers.mixed import StartMixed
from tests.servers.running import Running

pytestmark = pytest.mark.servers

BOT = "@ptgbot:localhost"


async def say(person: MatrixPerson, room: str, text: str, mark: int) -> str:
    """Say something, again and again under the same transaction id while the server is away."""
    person._number = mark
    async with asyncio.timeout(60):
        while True:
            try:
                return await person.say(room, text)
            except Exception:
                person._number = mark
                await asyncio.sleep(0.05)


async def type_until_killed(
    person: MatrixPerson, room: str, sent: dict[str, str], rng: random.Random, victim: Running | Homeserver
) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + rng.uniform(0.05, 0.8)

    async def kill() -> None:
        await asyncio.sleep(max(0.0, end - loop.time()))
        await asyncio.to_thread(victim.program.kill)
        if isinstance(victim, Homeserver):
            await asyncio.to_thread(victim.program.start)

    killing = asyncio.create_task(kill())
    while loop.time() < end:
        await one(person, room, sent)
        await asyncio.sleep(rng.choice((0.0, 0.0, 0.01, 0.05)))
    await killing
    for _ in range(rng.randrange(4)):  # while the bot is down
        await one(person, room, sent)


async def one(person: MatrixPerson, room: str, sent: dict[str, str]) -> None:
    number = len(sent) + 1
    place = f"place {number}"
    sent[await say(person, room, f"+in {place}", number)] = place


async def kill(
    rounds: int, seed: int, server: Homeserver, person: MatrixPerson, room: str, start: StartMixed, *, encrypted: bool
) -> str:
    rng, sent = random.Random(seed), dict[str, str]()
    bot = await asyncio.to_thread(
        start, None, server, rooms=[room], encryption=encrypted, matrix_more="retry_first = 0.1"
    )
    await person.see(BOT, room)
    kills: Counter[str] = Counter()
    for _ in range(rounds):
        victim: Running | Homeserver = rng.choice((bot, bot, server))
        kills["homeserver" if victim is server else "bot"] += 1
        await type_until_killed(person, room, sent, rng, victim)
        if victim is bot:
            bot = await asyncio.to_thread(start, None, server, folder=bot.folder)
    last = list(sent)[-1]
    began = time.monotonic()
    await person.answer(last)
    async with asyncio.timeout(PATIENCE):
        while missing(person, sent):
            await asyncio.sleep(0.05)
    assert await asyncio.to_thread(bot.stop) == 0
    answered = Counter(answers(e) for e in person.events if e["sender"] == BOT and answers(e))
    assert {event: answered[event] for event in sent} == dict.fromkeys(sent, 1)
    assert [event for e in person.events if e["sender"] == BOT and (event := answers(e)) in sent] == [*sent]
    said = {answers(e): text_of(e) for e in person.events if e["sender"] == BOT}
    assert all(f"checked in at {place}." in said[event] for event, place in sent.items())
    assert [record.text for record in bot.records()] == [f"+in {place}" for place in sent.values()]
    kind = "encrypted" if encrypted else "plain"
    waited = time.monotonic() - began
    return (
        f"{kind}: killed the bot {kills['bot']} and the homeserver {kills['homeserver']} times; {len(sent)} commands, "
        f"each with one effect and one answer, the last ones within {waited:.1f} s"
    )


def missing(person: MatrixPerson, sent: dict[str, str]) -> set[str]:
    return set(sent) - {answers(e) for e in person.events if e["sender"] == BOT}


async def plain(rounds: int, seed: int, start_synapse: StartSynapse, start: StartMixed, befriend: Befriend) -> str:
    server = await asyncio.to_thread(start_synapse)
    ada = await befriend(server, "ada")
    return await kill(rounds, seed, server, ada, await ada.create("kill"), start, encrypted=False)


async def secret(
    rounds: int, seed: int, start_synapse: StartSynapse, start: StartMixed, befriend: BefriendSecretly
) -> str:
    server = await asyncio.to_thread(start_synapse)
    ada = await befriend(server, "ada")
    return await kill(rounds, seed, server, ada, await ada.create("kill", **ENCRYPTED), start, encrypted=True)


async def test_few_kills_lose_nothing(start_synapse: StartSynapse, start_mixed: StartMixed, befriend: Befriend) -> None:
    await plain(10, 3, start_synapse, start_mixed, befriend)


async def test_few_kills_lose_nothing_encrypted(
    start_synapse: StartSynapse, start_mixed: StartMixed, befriend_secretly: BefriendSecretly
) -> None:
    await secret(10, 4, start_synapse, start_mixed, befriend_secretly)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_fifty_kills_lose_nothing(
    start_synapse: StartSynapse, start_mixed: StartMixed, befriend: Befriend, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = await plain(50, 5, start_synapse, start_mixed, befriend)
    with capsys.disabled():
        print(shown)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_fifty_kills_lose_nothing_encrypted(
    start_synapse: StartSynapse,
    start_mixed: StartMixed,
    befriend_secretly: BefriendSecretly,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = await secret(50, 6, start_synapse, start_mixed, befriend_secretly)
    with capsys.disabled():
        print(shown)
