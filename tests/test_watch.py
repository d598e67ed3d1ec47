"""What the operators are told in their room: in the whole program with a network in memory."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from attrs import define, evolve, field

from ptgbot.chat.adapter import Colour, Health
from ptgbot.chat.message import Kind
from ptgbot.config import ConfigError, OperatorsConfig, from_tables
from ptgbot.service import Service, open_state
from ptgbot.testing import CHANNEL, FakeAdapter
from ptgbot.watch import Watch
from tests.plain_bot import prepare
from tests.test_service import configured, until


@define
class Parts:
    """Parts of a bot, a clock, and a room that may be out of reach."""

    reachable: bool = True
    time: float = 1000.0
    said: list[str] = field(factory=list)
    colours: dict[str, Colour] = field(factory=dict)

    def say(self, text: str) -> bool:
        if self.reachable:
            self.said.append(text)
        return self.reachable

    def health(self) -> Mapping[str, Health]:
        return {name: Health(colour, f"it is {colour.value}") for name, colour in self.colours.items()}


@pytest.fixture
def parts() -> Parts:
    return Parts(colours={"site": Colour.GREEN, "irc": Colour.GREEN})


@pytest.fixture
def look(parts: Parts) -> Callable[..., list[str]]:
    """Return a function: what is said when a part has a colour, some seconds later."""
    watch = Watch(parts.health, parts.say, clock=lambda: parts.time)

    def turn(seconds: float = 100, **colours: Colour) -> list[str]:
        parts.time += seconds
        parts.colours |= colours
        parts.said.clear()
        watch.look()
        return list(parts.said)

    return turn


def test_red_and_green_are_reported_once(look: Callable[..., list[str]]) -> None:
    assert look() == []
    assert look(site=Colour.RED) == ["site needs somebody: it is red"]
    assert look() == []
    # On its way is neither.
    assert look(site=Colour.YELLOW) == []
    assert look(site=Colour.GREEN) == ["site works again."]
    assert look() == []
    assert look(irc=Colour.YELLOW) == []
    assert look(irc=Colour.GREEN) == []


def test_flapping_part_does_not_fill_the_room(look: Callable[..., list[str]]) -> None:
    said = [text for number in range(100) for text in look(5, site=(Colour.RED, Colour.GREEN)[number % 2])]
    assert len(said) <= 500 / 60 + 1
    assert len(look(site=Colour.RED) + look(site=Colour.GREEN)) in (1, 2)


def test_unsaid_report_is_said_later(look: Callable[..., list[str]], parts: Parts) -> None:
    parts.reachable = False
    assert look(site=Colour.RED) == []
    parts.reachable = True
    assert look(1) == ["site needs somebody: it is red"]
    parts.reachable = False
    assert look(site=Colour.GREEN) == []
    parts.reachable = True
    assert look(1) == ["site works again."]


async def test_failed_upload_and_edited_file_reach_operators(tmp_path: Path) -> None:
    prepare(tmp_path)
    adapter = FakeAdapter()
    config = configured(tmp_path, adapter, site=True)
    assert config.site
    site = evolve(config.site, after_build="sh -c 'echo no such bucket; exit 1'")
    config = evolve(config, site=site, operators=OperatorsConfig((CHANNEL.name, "#nowhere")))
    service = Service(config, await open_state(config))
    service.watch.interval = 0.01

    task = asyncio.create_task(service.run())
    try:
        await until(lambda: bool(adapter.sent))
        told = adapter.sent[0]
        assert (told.kind, told.target) == (Kind.ANNOUNCE, CHANNEL.id)
        assert told.text == "after_build needs somebody: after_build failed with 1: no such bucket"
        assert adapter.hub
        adapter.hub.report("irc", "#meadow: we are banned")
        assert adapter.sent[-1].text == "irc: #meadow: we are banned"
        path = tmp_path / "ptg.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "now": {"fox": "by hand"}}))
        service.events.changed()
        await until(lambda: "was edited while the bot runs" in adapter.sent[-1].text)
    finally:
        service.stop()
        await task


def test_no_rooms_tells_nobody_wrong_key_refused(tmp_path: Path) -> None:
    """Without rooms of operators nobody is told; a wrong key in the configuration is refused."""
    assert from_tables({}, tmp_path).operators == OperatorsConfig()
    with pytest.raises(ConfigError, match="rooms"):
        from_tables({"operators": {"room": ["#x"]}}, tmp_path)


def test_a_room_that_no_network_has_is_refused(tmp_path: Path) -> None:
    irc = [{"server": "irc.example.org", "channels": ["#Meadow"], "channel": [{"name": "#ops", "features": []}]}]
    matrix = [
        {
            "homeserver": "https://m.example.org",
            "user": "@bot:example.org",
            "rooms": ["#ops:example.org"],
            "password_env": "PATH",
        }
    ]
    tables = {"irc": irc, "matrix": matrix, "console": [{}]}
    known = ["#meadow", "#ops", "#ops:example.org", "#demo"]
    assert from_tables({**tables, "operators": {"rooms": known}}, tmp_path).operators.rooms == tuple(known)
    with pytest.raises(ConfigError, match=r"no network has #opps\. Did you mean #ops\?"):
        from_tables({**tables, "operators": {"rooms": ["#opps"]}}, tmp_path)
