"""A changed configuration is applied to the running bot as a whole, or refused as a whole."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest

from ptgbot.chat.adapter import AdapterKind, Finding, Hub
from ptgbot.config import Config, ConfigError, OperatorsConfig, SiteConfig, StateConfig
from ptgbot.feature import load_features
from ptgbot.gathering.settings import GatheringSettings
from ptgbot.parts.shadow import Silent
from ptgbot.service import Service, open_state
from ptgbot.service.changing import FIXED
from ptgbot.testing import FakeAdapter
from tests.plain_bot import prepare
from tests.test_service import Talk, configured, running, until


@attrs.frozen
class NetConfig:
    name: str = "irc"
    rooms: tuple[str, ...] = ("#a",)
    server: str = "one"


@attrs.define(eq=False)
class Net(FakeAdapter):
    """A network that takes other rooms while it runs."""

    config: NetConfig = attrs.field(factory=NetConfig, kw_only=True)
    adopted: list[NetConfig] = attrs.field(factory=list)
    events: list[str] = attrs.field(factory=list)

    async def run(self, hub: Hub) -> None:
        self.events.append(f"{self.name} {self.config.server} begins")
        try:
            await super().run(hub)
        finally:
            self.events.append(f"{self.name} {self.config.server} ends")

    async def drain(self) -> None:
        self.events.append(f"{self.name} {self.config.server} has sent everything")

    def adopt(self, config: Any) -> None:
        self.adopted.append(config)


@attrs.define(eq=False)
class World:
    """Networks in memory, and what happened on them."""

    folder: Path
    events: list[str] = attrs.field(factory=list)
    made: dict[str, Net] = attrs.field(factory=dict)
    kind: AdapterKind = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        live = frozenset({"rooms"})
        self.kind = AdapterKind(NetConfig, self._make, rooms=lambda one: one.rooms, live=live, look=self._look)

    def _make(self, config: NetConfig, _first: bool) -> Net:
        self.made[config.name] = Net(config.name, config=config, events=self.events)
        return self.made[config.name]

    async def _look(self, config: NetConfig) -> Sequence[Finding]:
        self.events.append(f"{config.name} {config.server} is looked at")
        return [Finding("nobody answers", good=config.server != "nowhere")]

    def of(self, *networks: NetConfig) -> Config:
        """Return a configuration with these networks."""
        return attrs.evolve(
            configured(self.folder),
            adapters=tuple((self.kind, one, index == 0) for index, one in enumerate(networks)),
        )

    @asynccontextmanager
    async def bot(self, *networks: NetConfig) -> AsyncIterator[Service]:
        """Run a bot on these networks."""
        config, features = self.of(*networks), load_features()
        service = Service(config, await open_state(config, features=features), features=features)
        task = asyncio.create_task(service.run())
        await service.started.wait()
        await until(lambda: len(self.events) == len(networks))
        self.events.clear()
        try:
            yield service
        finally:
            service.stop()
            await task


@pytest.fixture
def world(tmp_path: Path) -> World:
    prepare(tmp_path)
    return World(tmp_path)


@asynccontextmanager
async def bot(folder: Path) -> AsyncIterator[tuple[Talk, Config]]:
    prepare(folder)
    async with running(folder, FakeAdapter(), site=True) as talk:
        yield talk, talk.service.config


def other(value: Any) -> Any:
    """Return another value for a key."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case Path() | None:
            return Path("/elsewhere")
        case tuple():
            return ("192.0.2.1",)
    return "192.0.2.1:9" if "." in value or not value else "de"


def changed(config: Config, table: str, key: str) -> Config:
    """Return a configuration in which one key has another value. Validators of values do not matter here."""
    if table == "features":
        return attrs.evolve(config, off=("gathering",))
    part = copy.copy(getattr(config, table))
    object.__setattr__(part, key, other(getattr(part, key)))
    return attrs.evolve(config, **{table: part})


async def test_fixed_keys_are_refused_with_reason(tmp_path: Path) -> None:
    async with bot(tmp_path) as (talk, config):
        for table, keys in FIXED.items():
            for key, why in keys.items():
                with pytest.raises(ConfigError) as caught:
                    await talk.service.change(changed(config, table, key))
                assert str(caught.value) == f"[{table}] {key} changes with a restart only: {why}."
        with pytest.raises(ConfigError, match=r"\[site\] begins or ends with a restart only"):
            await talk.service.change(attrs.evolve(config, site=None))
        with pytest.raises(ConfigError, match="a bot without a network would end"):
            await talk.service.change(attrs.evolve(config, adapters=()))
        assert talk.service.config is config


def test_every_other_key_is_live() -> None:
    live = {
        table: {one.name for one in attrs.fields(kind)} - {*FIXED[table]}
        for table, kind in (("state", StateConfig), ("site", SiteConfig), ("operators", OperatorsConfig))
    }
    assert live == {
        "state": {"rotate_bytes"},
        "site": {"url", "title", "logo", "menu"},
        "operators": {"rooms", "contact", "alone_after", "away_after"},
    }


async def test_settings_of_features_and_title_change(tmp_path: Path) -> None:
    async with bot(tmp_path) as (talk, config):
        assert isinstance(config.site, SiteConfig)
        before = attrs.evolve(config, features={"gathering": GatheringSettings()})
        after = attrs.evolve(
            before,
            state=attrs.evolve(config.state, rotate_bytes=5),
            site=attrs.evolve(config.site, title="Another title"),
            features={"gathering": GatheringSettings(account_required=True)},
        )
        talk.service.config = before
        assert [*await talk.service.change(after)] == ["[state]", "[site]", "[gathering]"]
        page = tmp_path / "html" / "index.html"
        await until(lambda: page.exists() and "Another title" in page.read_text(), 60)
        feature = talk.service.features[0]
        assert talk.service.core.router.settings_of(feature) == GatheringSettings(account_required=True)
        assert talk.service.core.keeper.rotate_at == 5


async def test_network_takes_live_keys_without_new_connection(world: World) -> None:
    async with world.bot(NetConfig()) as service:
        more = NetConfig(rooms=("#a", "#b"))
        assert [*await service.change(world.of(more))] == ["irc: rooms"]
        assert world.made["irc"].adopted == [more]
        assert service.presence.rooms == {"irc": ("#a", "#b")}
        assert world.events == []


async def test_networks_come_go_and_reconnect_alone(world: World) -> None:
    async with world.bot(NetConfig("irc"), NetConfig("old")) as service:
        kept = world.made["irc"]
        new = world.of(NetConfig("irc"), NetConfig("new"))
        assert [*await service.change(new)] == ["old: left", "new: new"]
        await until(lambda: world.made["new"].hub is not None)
        assert world.events == ["new one is looked at", "old one has sent everything", "old one ends", "new one begins"]
        assert [*service.adapters] == [*service.presence.rooms] == ["irc", "new"]
        assert "old" not in service.board.look()
        world.events.clear()
        assert [*await service.change(world.of(NetConfig("irc"), NetConfig("new", server="two")))] == [
            "new: connected anew for server"
        ]
        await until(lambda: world.made["new"].hub is not None)
        assert world.events == ["new two is looked at", "new one has sent everything", "new one ends", "new two begins"]
        assert service.adapters["irc"] is kept
        assert service.presence.is_connected("new")


@pytest.mark.parametrize("wrong", [NetConfig("irc", server="nowhere"), NetConfig("other", server="nowhere")])
async def test_network_that_refuses_us_changes_nothing(world: World, wrong: NetConfig) -> None:
    async with world.bot(NetConfig("irc")) as service:
        before = service.config
        with pytest.raises(ConfigError, match=f"{wrong.name}: nobody answers"):
            await service.change(world.of(wrong))
        assert service.config is before
        assert world.events == [f"{wrong.name} nowhere is looked at"]


async def test_another_first_network_needs_a_restart(world: World) -> None:
    async with world.bot(NetConfig("irc"), NetConfig("second")) as service:
        with pytest.raises(ConfigError, match="second would become the first network of its kind"):
            await service.change(world.of(NetConfig("second")))
        assert world.events == []


async def test_last_old_network_may_go(world: World) -> None:
    """The bot goes on with the new network, although every adapter of its start has ended."""
    async with world.bot(NetConfig("irc")) as service:
        await service.change(world.of(NetConfig("other")))
        await until(lambda: world.made["other"].hub is not None)
        assert world.events[-1] == "other one begins"
        assert not service.networks._over.is_set()


async def test_shadow_stays_silent_through_a_change(world: World) -> None:
    def shadowed(*networks: NetConfig) -> Config:
        return attrs.evolve(world.of(*networks), operators=OperatorsConfig(shadow=True))

    async with world.bot(NetConfig("irc")) as service:
        service.config = shadowed(NetConfig("irc"))
        await service.change(shadowed(NetConfig("irc"), NetConfig("new")))
        assert isinstance(service.adapters["new"], Silent)
        await service.change(shadowed(NetConfig("irc"), NetConfig("new", rooms=())))
        assert world.made["new"].adopted == [NetConfig("new", rooms=())]
