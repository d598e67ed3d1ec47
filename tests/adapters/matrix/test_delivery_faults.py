"""Announcements while the homeserver does what it should not."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from ptgbot.chat.adapter import Colour, Undeliverable
from ptgbot.chat.message import Kind, Outgoing
from ptgbot.chat.outbox import TryLater
from tests.adapters.matrix.conftest import Bot, StartBot
from tests.servers.faulty_matrix import FaultyHomeserver, error, junk, refusal

ROW = Outgoing(Kind.ANNOUNCE, "!r", "closed at noon", None, "row-1")


async def begun(faulty: FaultyHomeserver, start_bot: StartBot) -> Bot:
    """Start a bot that is in the rooms ``!r`` and ``!s``."""
    faulty.tell({"next_batch": "s0", "rooms": {"join": {"!r": {}, "!s": {}}}})
    return await start_bot(faulty, "!r", "!s")


async def test_line_whose_confirmation_is_lost_is_shown_once(
    faulty_matrix: FaultyHomeserver, start_bot: StartBot
) -> None:
    """The bot is killed after the homeserver has taken the line; the next one has the same store."""
    bot = await begun(faulty_matrix, start_bot)
    taken = asyncio.Event()

    async def take_and_hang(request: web.Request) -> web.StreamResponse:
        if "/send/" in request.path:
            await faulty_matrix._take(request, request.path.removeprefix("/_matrix/client/v3"))
            taken.set()
        await asyncio.Event().wait()
        return web.Response()

    faulty_matrix.fault = take_and_hang
    first = asyncio.create_task(bot.adapter.deliver(ROW))
    await asyncio.wait_for(taken.wait(), 10)
    first.cancel()
    await bot.stop()
    faulty_matrix.fault = None
    faulty_matrix.tell({"next_batch": "s1", "rooms": {"join": {"!r": {}, "!s": {}}}})
    again = await start_bot(faulty_matrix, former=bot)
    await again.adapter.deliver(ROW)
    assert [content["body"] for _room, content in faulty_matrix.sent] == ["closed at noon"]
    assert len([path for _, _, path in faulty_matrix.requests if path.endswith("/row-1")]) == 2
    assert len(faulty_matrix.logins) == 1


@pytest.mark.parametrize("answer", [error, junk], ids=["500", "no event id"])
async def test_line_that_is_not_confirmed_raises_an_oserror(
    faulty_matrix: FaultyHomeserver, start_bot: StartBot, answer: object
) -> None:
    bot = await begun(faulty_matrix, start_bot)
    faulty_matrix.fault = answer  # type: ignore[assignment]
    with pytest.raises(OSError, match="homeserver"):
        await bot.adapter.deliver(ROW)
    assert bot.adapter.counts()["unsent"] == 0


async def test_pause_is_told_and_delays_no_other_room(faulty_matrix: FaultyHomeserver, start_bot: StartBot) -> None:
    bot = await begun(faulty_matrix, start_bot)
    faulty_matrix.paused = {"!r": 1800.0}
    with pytest.raises(TryLater) as raised:
        await bot.adapter.deliver(ROW)
    assert raised.value.seconds == 1800
    await bot.adapter.deliver(Outgoing(Kind.ANNOUNCE, "!s", "open", None, "row-2"))
    await bot.adapter.deliver(ROW)
    assert [room for room, _ in faulty_matrix.sent] == ["!s", "!r"]


async def test_line_ignores_answers_waiting_for_other_rooms(
    faulty_matrix: FaultyHomeserver, start_bot: StartBot
) -> None:
    bot = await begun(faulty_matrix, start_bot)
    faulty_matrix.paused = {"!s": 1800.0}
    for number in range(200):
        bot.adapter.send(Outgoing(Kind.ANNOUNCE, "!s", f"{number}", None, f"t{number}"))
    await bot.adapter.deliver(ROW)
    assert [room for room, _ in faulty_matrix.sent] == ["!r"]


@pytest.mark.parametrize(("status", "code"), [(403, "M_FORBIDDEN"), (404, "M_NOT_FOUND"), (413, "M_TOO_LARGE")])
async def test_refused_line_is_undeliverable(
    faulty_matrix: FaultyHomeserver, start_bot: StartBot, status: int, code: str
) -> None:
    bot = await begun(faulty_matrix, start_bot)

    async def refuse(_request: web.Request) -> web.StreamResponse:
        return refusal(status, code)

    faulty_matrix.fault = refuse
    with pytest.raises(Undeliverable, match=code):
        await bot.adapter.deliver(ROW)


async def test_lost_token_means_not_now(faulty_matrix: FaultyHomeserver, start_bot: StartBot) -> None:
    bot = await begun(faulty_matrix, start_bot)
    faulty_matrix.token = "token-2"
    for attempt in (bot.adapter.deliver(ROW), bot.adapter.set_topic("!r", "quotas")):
        with pytest.raises(OSError, match=r"M_UNKNOWN_TOKEN|not connected"):
            await attempt


async def test_room_still_to_be_joined_means_not_now(faulty_matrix: FaultyHomeserver, start_bot: StartBot) -> None:
    """A join that failed with an error may succeed later; one that was refused will not."""
    faulty_matrix.tell({"next_batch": "s0"})
    bot = await start_bot(faulty_matrix, "!r", wait=False)
    await bot.until_health(Colour.YELLOW, "not in !r")
    with pytest.raises(OSError, match="not in !r yet"):
        await bot.adapter.deliver(ROW)
