"""The busiest minute of a gathering: twenty commands a second typed on a real IRC server, and a page that is open."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser

from ptgbot.demo import sample, shifted
from tests.servers.irc_servers import IrcServer, Meet
from tests.servers.running import StartBot

pytestmark = pytest.mark.browser

CHANNEL = "#events"
TYPISTS, TRACKS, EACH_SECOND = 4, 20, 20
NOTE = """() => { window.seen = {};
  const main = document.querySelector("main");
  const look = () => {
    for (const [, number] of main.textContent.matchAll(/number (\\d+)/g)) seen[number] ??= Date.now() / 1000;
  };
  new MutationObserver(look).observe(main, {childList: true, characterData: true, subtree: true}); }"""


@pytest.mark.parametrize("commands", [100, pytest.param(1200, marks=pytest.mark.long)])
async def test_open_page_keeps_up_with_twenty_a_second(
    browser: Browser, ngircd: IrcServer, start_ptgbot: StartBot, meet: Meet, tmp_path: Path, *, commands: int
) -> None:
    document = shifted(json.loads(sample()), datetime.now(UTC))
    (tmp_path / "ptg.json").write_text(json.dumps(document))
    bot = start_ptgbot(ngircd, folder=tmp_path)
    typists = [await meet(ngircd, f"typist{number}", CHANNEL) for number in range(TYPISTS)]
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(bot.url)
    await page.wait_for_selector("#live.on")
    await page.evaluate(NOTE)
    sent: dict[int, float] = {}
    began = time.monotonic()
    for number in range(commands):
        track = document["tracks"][number % TRACKS]
        sent[number] = time.time()
        typists[number % TYPISTS].say(CHANNEL, f"#{track} now number {number}")
        await asyncio.sleep(began + (number + 1) / EACH_SECOND - time.monotonic())
    shows = "last => Array.from({length: 20}, (_, i) => last - i).every((number) => number in seen)"
    await page.wait_for_function(shows, arg=commands - 1, polling=50, timeout=10_000)
    seen = {int(number): at for number, at in (await page.evaluate("seen")).items()}
    await context.close()
    # A topic that was replaced before a build began is there when the next one of its track is.
    took = sorted(
        min(seen[later] for later in range(number, commands, TRACKS) if later in seen) - start
        for number, start in sent.items()
    )
    median, last = took[commands // 2], took[commands * 99 // 100]
    print(f"{commands} commands: median {median * 1000:.0f} ms, 99th percentile {last * 1000:.0f} ms")
    assert len([record for record in bot.records() if " now number " in record.text]) == commands
    assert bot.stop() == 0
