"""The operator's command after each switch, and what the site shows of the configuration."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ptgbot.chat.adapter import Colour, Place
from ptgbot.config import Config, ConfigError, from_tables
from ptgbot.own import COMMANDS
from ptgbot.projection import command_slice
from ptgbot.publish import AfterBuild
from ptgbot.site_facts import after_build_of, site_files, site_slices
from ptgbot_irc.config import ChannelConfig, IrcConfig
from ptgbot_irc.places import places
from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.links import room_links


def command(script: str) -> str:
    return f"{sys.executable} -c '{script}'"


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def test_command_runs_in_folder_after_switch(tmp_path: Path) -> None:
    after = AfterBuild(command('open("ran", "a").write("x")'), tmp_path, 20)
    task = asyncio.create_task(after.run())
    after.switched()
    await until(lambda: after.health().text == "done")
    after.stop()
    await task
    assert (tmp_path / "ran").read_text() == "x"


async def test_switches_during_a_run_cause_one_more(tmp_path: Path) -> None:
    script = 'import os, time; open("ran", "a").write("x")\nwhile not os.path.exists("go"): time.sleep(0.01)'
    after = AfterBuild(command(script), tmp_path, 20)
    task = asyncio.create_task(after.run())
    after.switched()
    await until(lambda: (tmp_path / "ran").exists())
    for _ in range(10):
        after.switched()
    (tmp_path / "go").touch()
    after.stop()
    await task
    assert (tmp_path / "ran").read_text() == "xx"


async def test_without_a_switch_a_stop_runs_nothing(tmp_path: Path) -> None:
    after = AfterBuild(command('open("ran", "a")'), tmp_path, 20)
    after.stop()
    await after.run()
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("line", "patience", "said"),
    [
        (command('import sys; print("no such bucket"); sys.exit(3)'), 20, "after_build failed with 3: no such bucket"),
        ("there-is-no-such-program --at all", 20, "after_build could not be started"),
        ("'unbalanced", 20, "after_build could not be started"),
        (command("import time; time.sleep(1000)"), 0.2, "after_build was ended after 0.2 s"),
    ],
)
async def test_a_failure_is_red_until_it_works_again(tmp_path: Path, line: str, patience: float, said: str) -> None:
    after = AfterBuild(line, tmp_path, patience)
    assert not await after.once()
    assert after.health().colour is Colour.RED
    assert said in after.health().text
    after.command = command("pass")
    after.timeout = 20
    assert await after.once()
    assert after.health().colour is Colour.GREEN


async def test_descendants_end_with_the_command(tmp_path: Path) -> None:
    script = 'import subprocess, sys; p = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"]);'
    script += 'open("pid", "w").write(str(p.pid)); p.wait()'
    after = AfterBuild(command(script), tmp_path, 2.0)
    await after.once()
    child = Path("/proc", (tmp_path / "pid").read_text())
    await until(lambda: not child.exists() or "Z" in (child / "stat").read_text())


def configured(tmp_path: Path, **site: object) -> Config:
    irc = [{"server": "irc.example.org", "channels": ["#meadow"]}]
    return from_tables({"site": {"output": "html", **site}, "irc": irc}, tmp_path)


def test_site_knows_address_title_menu_and_places(tmp_path: Path) -> None:
    config = configured(
        tmp_path, url="https://m.example.org", title="Meadow", menu=["schedule", "Plan <https://p.example.org/>"]
    )
    assert site_slices(config, ()) == {
        "core.site": {
            "url": "https://m.example.org",
            "title": "Meadow",
            "logo": None,
            "menu": [{"page": "schedule"}, {"title": "Plan", "url": "https://p.example.org/"}],
        },
        "core.commands": command_slice(COMMANDS),
        "core.places": [
            {"network": "irc.example.org", "room": "#meadow", "url": "ircs://irc.example.org/%23meadow", "web": ""}
        ],
    }
    assert after_build_of(config) is None


def test_a_logo_stands_under_its_digest(tmp_path: Path) -> None:
    (tmp_path / "tree.svg").write_text("<svg/>")
    config = configured(tmp_path, logo="tree.svg", after_build="true")
    (name, content), (icon, square) = site_files(config).items()
    assert (icon.startswith("_static/icon-"), b"data:image/svg+xml;base64,PHN2Zy8+" in square) == (True, True)
    assert site_slices(config, ())["core.site"]["icon"] == icon  # type: ignore[index, call-overload]
    assert (name.startswith("_static/logo-"), name.endswith(".svg"), content) == (True, True, b"<svg/>")
    after = after_build_of(config)
    assert after
    assert (after.command, after.folder, after.timeout) == ("true", tmp_path, 300.0)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("logo", "missing.svg", "is not there"),
        ("logo", "logo.exe", "must be one of"),
        ("menu", ["javascript:alert(1)"], "neither a page nor a link"),
        ("menu", ["X <javascript:alert(1)>"], "neither a page nor a link"),
        ("menu", ["../x"], "neither a page nor a link"),
        ("templates", "missing", "is no folder"),
    ],
)
def test_impossible_command_is_reported(tmp_path: Path, key: str, value: object, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        configured(tmp_path, **{key: value})


def test_channels_are_addresses_unless_keyed_or_featureless() -> None:
    """A channel with a key, or without a feature, has no address on the site."""
    config = IrcConfig(
        server="irc.example.org",
        port=6667,
        tls=False,
        channels=("#m", ChannelConfig(name="#secret", key="k"), ChannelConfig(name="#none", features=())),
        webchat="https://chat.example.org/?c={channel}",
    )
    assert places(config) == [Place("#m", "irc://irc.example.org/%23m", "https://chat.example.org/?c=%23m")]
    with pytest.raises(ValueError, match="must begin with https"):
        IrcConfig(server="x", webchat="javascript:{channel}")


def test_matrix_rooms_with_alias_are_addresses() -> None:
    config = MatrixConfig(
        homeserver="https://m.example.org", user="@bot:example.org", rooms=("#m:example.org", "!id:example.org")
    )
    [place] = room_links(config)
    assert place == Place("#m:example.org", "https://matrix.to/#/%23m%3Aexample.org")
