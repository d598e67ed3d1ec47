"""Channels are joined in batches, and asked again where they refuse."""

from __future__ import annotations

import pytest

from ptgbot_irc.channels import BANNED, REFUSALS
from tests.adapters.irc.conftest import StartBot
from tests.servers.faulty_irc import Guest, ServeFaulty


async def test_joining_150_channels_takes_few_lines(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    """No channel is asked about."""
    names = [f"#channel-{number:03}" for number in range(150)]

    async def script(guest: Guest) -> None:
        await guest.welcome()
        await guest.admit(*names)

    server = await serve_faulty(script)
    await start_bot(server, *names)
    heard = [line for line in server.guests[0].heard if not line.startswith(("CAP", "NICK", "USER"))]
    assert len(heard) == 8
    assert [name for line in heard for name in line.removeprefix("JOIN ").split(",")] == names


async def test_few_channels_per_join_if_server_says_so(serve_faulty: ServeFaulty, start_bot: StartBot) -> None:
    names = [f"#channel-{number:03}" for number in range(10)]

    async def script(guest: Guest) -> None:
        await guest.welcome("TARGMAX=JOIN:4")
        await guest.admit(*names)

    server = await serve_faulty(script)
    await start_bot(server, *names)
    joins = [line.removeprefix("JOIN ") for line in server.guests[0].heard if line.startswith("JOIN ")]
    assert joins == [",".join(names[at : at + 4]) for at in (0, 4, 8)]


@pytest.mark.parametrize("numeric", sorted(REFUSALS))
async def test_refusing_channel_is_reported_once_and_retried(
    serve_faulty: ServeFaulty, start_bot: StartBot, numeric: str
) -> None:
    async def script(guest: Guest) -> None:
        await guest.welcome()
        for _ in range(3):
            await guest.hear("JOIN #c")
            guest.heard.clear()
            guest.tell(f":irc.faulty {numeric} ptgbot #C :Cannot join channel")
        await guest.admit("#c")

    server = await serve_faulty(script)
    # A ban is asked about more slowly: here, so slowly that the other pace would show.
    slow = {"rejoin_interval": 600} if numeric == BANNED else {"rejoin_banned_interval": 600}
    quick = {"rejoin_banned_interval": 0.05} if numeric == BANNED else {"rejoin_interval": 0.05}
    bot = await start_bot(server, **slow, **quick)
    assert bot.notes.reports == [f"#c: {REFUSALS[numeric]}"]
