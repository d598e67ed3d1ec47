"""What the configuration says of the site, in the program as an operator runs it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ptgbot.demo import sample, shifted
from tests.servers.irc_servers import IrcServer, Meet
from tests.servers.programs import free_port
from tests.servers.running import TOML, Running, StartBot, health_of

pytestmark = pytest.mark.servers

CHANNEL, OPERATORS = "#events", "#Harbour-ops"
SITE = """
url = "https://harbour.example.org/"
title = "Harbour & friends"
logo = "tree.svg"
menu = ["schedule", "Plan <https://plan.example.org/>"]
templates = "templates"
after_build = '''{python} upload.py'''
"""
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'
TEMPLATE = '{% extends "!layout.html" %}\n{% block footer %}{{ super() }}<p>Meals at noon</p>{% endblock %}\n'
UPLOAD = """\
import os, pathlib
pathlib.Path("uploaded").open("a").write(os.path.basename(os.readlink("html")) + "\\n")
if os.path.exists("refuse"):
    raise SystemExit("no such bucket")
"""


@pytest.fixture
def folder(tmp_path: Path, ngircd: IrcServer) -> Path:
    """A configuration with every key of the site's looks, and what the keys name."""
    (tmp_path / "ptg.json").write_text(json.dumps(shifted(json.loads(sample()), datetime.now(UTC))))
    (tmp_path / "tree.svg").write_text(LOGO)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/layout.html").write_text(TEMPLATE)
    (tmp_path / "upload.py").write_text(UPLOAD)
    made = TOML.format(web=free_port(), host=ngircd.host, port=ngircd.port, channels=json.dumps([CHANNEL, OPERATORS]))
    site = SITE.format(python=sys.executable)
    config = made.replace('output = "html"', f'output = "html"{site}').replace("tls = false", "tls = false\n" + WEBCHAT)
    (tmp_path / "ptgbot.toml").write_text(f"{config}\n[operators]\nrooms = ['{OPERATORS}']\n")
    return tmp_path


WEBCHAT = 'webchat = "https://chat.example.org/?join={channel}"'


def health(bot: Running) -> dict[str, str]:
    """Return what the part that uploads says of itself."""
    part: dict[str, str] = health_of(bot.web)["parts"]["after_build"]
    return part


async def until(condition: Callable[[], object]) -> None:
    """Wait for something on the disk or the page."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.05)


async def test_configured_title_logo_menu_and_places_show(
    ngircd: IrcServer, start_ptgbot: StartBot, folder: Path
) -> None:
    bot = start_ptgbot(ngircd, folder=folder)
    page = bot.get()
    assert "<bdi>Harbour &amp; friends</bdi>" in page
    assert "<p>Meals at noon</p>" in page
    assert '<a href="schedule.html">Schedule</a>' in page
    assert '<a href="https://plan.example.org/">Plan</a>' in page
    assert "rooms.html" not in page.partition("</nav>")[0]
    logo = page.partition('<img class="logo" src="')[2].partition('"')[0]
    assert bot.get(logo) == LOGO
    part = bot.get("take-part.html")
    assert f'href="irc://127.0.0.1:{ngircd.port}/%23events"' in part
    assert 'href="https://chat.example.org/?join=%23events"' in part
    assert "harbour.example.org" in bot.get("screen/")
    assert "https://harbour.example.org/" in bot.get("topics.atom")
    for path in (folder / "html").rglob("*.html"):
        assert "needs the state of a gathering" not in path.read_text(), path
    assert bot.stop() == 0


async def test_failed_upload_is_red_until_one_succeeds(
    ngircd: IrcServer, start_ptgbot: StartBot, meet: Meet, folder: Path
) -> None:
    """The site is uploaded after each switch."""
    bot = start_ptgbot(ngircd, folder=folder)
    await until(lambda: (folder / "uploaded").exists() and health(bot)["text"] == "done")
    mira, pat = await meet(ngircd, "mira", CHANNEL), await meet(ngircd, "pat", OPERATORS)
    (folder / "refuse").touch()
    mira.say(CHANNEL, "#storage now recovery")
    await until(lambda: health(bot)["colour"] == "red")
    assert "no such bucket" in health(bot)["text"]
    assert "after_build failed with 1: no such bucket" in bot.log
    await pat.wait(f"PRIVMSG {OPERATORS} :after_build needs somebody: after_build failed with 1: no such bucket")
    (folder / "refuse").unlink()
    mira.say(CHANNEL, "#storage now rebuild")
    await until(lambda: health(bot)["colour"] == "green")
    mira.say(CHANNEL, "#storage now the last words")
    mira.say(CHANNEL, "+in storage")
    await mira.wait("You are checked in")
    assert bot.stop() == 0
    # What was typed just before the end is built and uploaded too.
    newest = (folder / "html").readlink().name
    assert (folder / "uploaded").read_text().split()[-1] == newest
    assert "the last words" in (folder / "html/index.html").read_text()
