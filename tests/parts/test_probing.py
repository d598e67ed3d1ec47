"""A disk that refuses is tried again without somebody who types."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ptgbot.chat.inbox import Inbox
from ptgbot.parts import probing
from ptgbot.parts.probing import Probing
from tests.plain_bot import close, files, service


@pytest.mark.parametrize("failures", [0, 3])
async def test_an_unwritable_state_is_probed_until_it_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    bot = service(tmp_path)
    inbox = Inbox(bot.core, lambda *_: None, lambda *_: None, saved=False)
    refused = 0

    def sync(_handle: int) -> None:
        nonlocal refused
        if refused < failures:
            refused += 1
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(files(bot).journal, "sync", sync)
    monkeypatch.setattr(probing, "RETRY", 0.01)
    seq = bot.core.state.seq
    with capture_logs() as logged:
        running = asyncio.create_task(Probing(inbox, bot.core.keeper).run())
        async with asyncio.timeout(20):
            while not inbox.saved:
                await asyncio.sleep(0.01)
    assert not running.done()
    assert (refused >= failures, bot.core.state.seq) == (True, seq + 1)
    assert [one["log_level"] for one in logged] == ["error"] * min(failures, 1) + ["warning"]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    close(bot)
