"""The running bot, ``ptgbot site`` and a plain ``sphinx-build`` show the same, to the byte."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest

from ptgbot.config import load
from ptgbot.following import features_of, follow
from ptgbot.service import Service, open_state
from ptgbot.site_facts import projection_of
from ptgbot.site_tool import build_site
from ptgbot.standalone import imported
from ptgbot.testing import START
from tests.gathering.sample import document
from tests.plain_bot import feed, message
from tests.plain_gathering import Line

CONFIG = """
[state]
path = "ptg.json"
[site]
output = "html"
url = "https://m.example.org/"
"""
TYPED = (
    "#nova now cells of the house",
    "#nova book Aspen-MonA2",
    "#swift next rings",
    "+in #nova",
    "~motd add info Soup at noon",
    "#nova now a typo",
    "~undo",
)
LATER = START.replace(hour=12)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration beside a store in which things happened."""
    (tmp_path / "ptgbot.toml").write_text(CONFIG)
    (tmp_path / "ptg.json").write_text(json.dumps({**document(), "timestamp": "2026-11-15 08:00:00"}))
    return tmp_path


def chatted(folder: Path) -> Service:
    """Return a bot to which people have talked."""
    config = load(folder / "ptgbot.toml")
    bot = Service(config, asyncio.run(open_state(config)))
    asyncio.run(feed(bot, [message(Line(text, "mira", "#one"), START) for text in TYPED], lambda *_: None))
    return bot


def stop(bot: Service) -> None:
    asyncio.run(bot.core.keeper.close())


def files(site: Path, *leave: str) -> Mapping[str, bytes]:
    """Return the files of a site by their names."""
    root = site.resolve()
    found = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    left_out, packed = (".", *leave), (".gz", ".br")
    return {name: raw for name, raw in found.items() if not name.startswith(left_out) and not name.endswith(packed)}


def sphinx(source: Path, output: Path, moment: datetime, *options: str) -> None:
    command = [sys.executable, "-P", "-m", "sphinx", "-q", "-W", "-b", "html", *options]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(int(moment.timestamp()))}
    made = subprocess.run(
        [*command, "-d", str(output.with_name("trees")), str(source), str(output)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert (made.returncode, made.stderr) == (0, "")


async def _publish(bot: Service) -> None:
    """Publish as the running bot does, as of :data:`LATER`."""
    assert bot.site.publisher
    bot.site.showing.clock = lambda: LATER
    await bot.site.showing.show()
    for publisher in (bot.site.publisher, *bot.site.projects):
        await publisher.build_once()


def test_bot_tool_and_sphinx_make_same_files(folder: Path) -> None:
    bot = chatted(folder)
    asyncio.run(_publish(bot))
    live = files(folder / "html")
    stop(bot)
    assert "cells of the house" in live["tracks/nova.html"].decode()
    assert "cells of the house" in live["topics.atom"].decode()
    assert "last changed on" in live["tracks/nova.html"].decode()

    config = load(folder / "ptgbot.toml")
    assert asyncio.run(build_site(config, LATER)).endswith("shows this state already.")
    (folder / "html").unlink()
    (folder / "html.d").rename(folder / "aside")
    asyncio.run(build_site(config, LATER))
    tool = files(folder / "html")
    assert differing(tool, live) == set()

    sphinx(folder / "html.d" / "src", folder / "out" / "html", LATER, "-D", f"ptg_config={folder / 'ptgbot.toml'}")
    plain = files(folder / "out" / "html")
    assert differing(plain, {name: raw for name, raw in live.items() if name != "build.json"}) == set()


def differing(some: Mapping[str, bytes], others: Mapping[str, bytes]) -> set[str]:
    """Return the names of files that differ, or that only one of two sites has."""
    return {name for name in some.keys() | others.keys() if some.get(name) != others.get(name)}


def test_file_shows_the_same_as_its_journal(folder: Path) -> None:
    """A file alone shows the same as a journal that was begun from it."""
    config = load(folder / "ptgbot.toml")
    raw = (folder / "ptg.json").read_bytes()
    features = features_of(config)
    alone = imported(features, config.features, raw, LATER)
    shown = projection_of(config, features).update(alone.state, alone.derived, LATER)
    stop(Service(config, asyncio.run(open_state(config))))
    begun = asyncio.run(follow(config, LATER))
    journaled = projection_of(config, features).update(begun.state, begun.derived, LATER)
    assert journaled.slices == shown.slices
    assert (journaled.touched, journaled.files) == (shown.touched, shown.files)
    assert set(shown.touched.values()) == {"2026-11-15T08:00:00+00:00"}


def test_track_removed_from_file_loses_its_page(folder: Path) -> None:
    """The bot is stopped, the track taken out of the file, and the bot started again."""
    bot = chatted(folder)
    asyncio.run(_publish(bot))
    assert (folder / "html" / "tracks" / "cinder.html").exists()
    asyncio.run(bot.core.keeper.export(LATER))
    stop(bot)
    edited = json.loads((folder / "ptg.json").read_bytes())
    edited["tracks"].remove("cinder")
    (folder / "ptg.json").write_text(json.dumps(edited))
    config = load(folder / "ptgbot.toml")
    again = Service(config, asyncio.run(open_state(config)))
    asyncio.run(_publish(again))
    stop(again)
    left = [name for name in files(folder / "html") if "cinder" in name]
    assert left == []
    assert "tracks/nova.html" in files(folder / "html")


def test_the_menu_marks_the_page_above_a_page(folder: Path) -> None:
    bot = chatted(folder)
    asyncio.run(_publish(bot))
    stop(bot)
    marked = {page: _marked(folder / "html" / page) for page in ("tracks.html", "tracks/nova.html", "index.html")}
    assert marked == {
        "tracks.html": [("page", "Tracks")],
        "tracks/nova.html": [("true", "Tracks")],
        "index.html": [("page", "Now")],
    }


def _marked(path: Path) -> list[tuple[str, str]]:
    """Return the entries of the menu that are marked, and how."""
    return re.findall(r'aria-current="(\w+)">([^<]+)<', path.read_text(encoding="utf-8"))
