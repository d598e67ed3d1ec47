"""A changed configuration is applied to the running bot as a whole, or refused as a whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest

from ptgbot.chat.adapter import AdapterKind
from ptgbot.config import Config, ConfigError, FeaturesConfig, OperatorsConfig, SiteConfig, StateConfig
from ptgbot.gathering.settings import GatheringSettings
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

    adopted: list[NetConfig] = attrs.field(factory=list)

    def adopt(self, config: Any) -> None:
        self.adopted.append(config)


def kind_of(net: Net) -> AdapterKind:
    return AdapterKind(NetConfig, lambda _config, _first: net, rooms=lambda one: one.rooms, live=frozenset({"rooms"}))


@asynccontextmanager
async def bot(folder: Path) -> AsyncIterator[tuple[Talk, Config]]:
    prepare(folder)
    async with running(folder, FakeAdapter(), site=True) as talk:
        yield talk, talk.service.config


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda c: attrs.evolve(c, state=StateConfig(Path("/elsewhere"))), "[state] path changes with a restart only."),
        (lambda c: attrs.evolve(c, site=None), "[site] begins or ends with a restart only."),
        (
            lambda c: attrs.evolve(c, site=attrs.evolve(c.site, streams=1)),
            "[site] streams changes with a restart only.",
        ),
        (
            lambda c: attrs.evolve(c, operators=OperatorsConfig(shadow=True)),
            "[operators] shadow changes with a restart only.",
        ),
        (
            lambda c: attrs.evolve(c, off=FeaturesConfig(off=("gathering",)).off),
            "features are switched on and off by a restart only.",
        ),
        (
            lambda c: attrs.evolve(c, adapters=()),
            "networks are added, removed and put into another order by a restart only.",
        ),
    ],
)
async def test_what_needs_a_restart_is_refused(
    tmp_path: Path, change: Callable[[Config], Config], sentence: str
) -> None:
    async with bot(tmp_path) as (talk, config):
        with pytest.raises(ConfigError) as caught:
            talk.service.change(change(config))
        assert str(caught.value) == sentence
        assert talk.service.config is config


async def test_settings_of_features_and_title_change(tmp_path: Path) -> None:
    async with bot(tmp_path) as (talk, config):
        assert isinstance(config.site, SiteConfig)
        before = attrs.evolve(config, features={"gathering": GatheringSettings()})
        after = attrs.evolve(
            before,
            site=attrs.evolve(config.site, title="Another title"),
            features={"gathering": GatheringSettings(account_required=True)},
        )
        talk.service.config = before
        assert [*talk.service.change(after)] == ["[site]", "[gathering]"]
        page = tmp_path / "html" / "index.html"
        await until(lambda: page.exists() and "Another title" in page.read_text(), 60)
        feature = talk.service.features[0]
        assert talk.service.core.router.settings_of(feature) == GatheringSettings(account_required=True)


async def test_network_takes_live_keys_and_refuses_others(tmp_path: Path) -> None:
    prepare(tmp_path)
    net = Net()
    kind = kind_of(net)
    async with running(tmp_path, net) as talk:

        def on(made: NetConfig) -> Config:
            return attrs.evolve(configured(tmp_path, net), adapters=((kind, made, True),))

        talk.service.config = on(NetConfig())
        with pytest.raises(ConfigError, match="server changes with a restart only"):
            talk.service.change(on(NetConfig(server="two")))
        assert [*talk.service.change(on(NetConfig(rooms=("#a", "#b"))))] == ["irc: rooms"]
        assert net.adopted == [NetConfig(rooms=("#a", "#b"))]
        assert talk.service.presence.rooms == {"irc": ("#a", "#b")}
