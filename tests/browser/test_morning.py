"""The whole way: a line typed on a real IRC server becomes a change on an open page."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser

from ptgbot.demo import sample, shifted
from tests.servers.irc_servers import IrcServer, Meet
from tests.servers.running import StartBot

pytestmark = pytest.mark.browser

CHANNEL = "#events"
SHOWS = "text => document.body.innerText.includes(text)"


@pytest.mark.parametrize(("name", "width", "height"), [("phone", 360, 800), ("desk", 1280, 800)])
@pytest.mark.parametrize("script", [True, False])
async def test_line_typed_on_irc_shows_on_page(
    browser: Browser,
    ngircd: IrcServer,
    start_ptgbot: StartBot,
    meet: Meet,
    tmp_path: Path,
    artefacts: Path,
    *,
    script: bool,
    name: str,
    width: int,
    height: int,
) -> None:
    document = shifted(json.loads(sample()), datetime.now(UTC))
    (tmp_path / "ptg.json").write_text(json.dumps(document))
    olga = await meet(ngircd, "olga", CHANNEL)
    bot = start_ptgbot(ngircd, folder=tmp_path)
    mira = await meet(ngircd, "mira", CHANNEL)
    await mira.see("ptgbot", CHANNEL)

    context = await browser.new_context(viewport={"width": width, "height": height}, java_script_enabled=script)
    page = await context.new_page()
    await page.goto(bot.url)
    if script:
        await page.wait_for_selector("#live.on")
        await page.evaluate("window.mark = 1")
    mira.say(CHANNEL, "#storage now <b>recovery</b> after power loss, with #networking")
    olga.say(CHANNEL, "~motd add danger the fire alarm at 11 is a test")
    await olga.wait(f"PRIVMSG {CHANNEL} :olga: Message")
    mira.say(CHANNEL, "+in storage")
    await mira.wait("You are checked in at #storage.")

    if script:
        for words in ("<b>recovery</b> after power loss, with", "the fire alarm at 11"):
            await page.wait_for_function(SHOWS, arg=words, polling=20, timeout=5_000)
        assert await page.evaluate("window.mark") == 1
    else:
        text = ""
        while not all(words in text for words in ("<b>recovery</b> after", "the fire alarm at 11")):
            await page.reload()
            text = await page.locator("body").inner_text()
    assert await page.evaluate("document.documentElement.scrollWidth") <= width if script else True
    picture = artefacts / f"morning-{name}-{'live' if script else 'plain'}.png"
    await page.screenshot(path=picture, full_page=True)
    await page.goto(bot.url + "people.html")
    text = ""
    while "mira" not in text:
        await page.reload()
        text = await page.locator("main").inner_text()
    await context.close()
    assert bot.stop() == 0
