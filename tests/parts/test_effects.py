"""Effects of features reach who performs them; topics are written through the core's own state."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from attrs import frozen

from ptgbot.chat.inbox import Item, Kept
from ptgbot.config import Config, StateConfig
from ptgbot.feature import BulkDeliverer, BulkRow, Deliverer, Feature, Topic
from ptgbot.parts.effects import Effects
from ptgbot.service import Service, open_state
from ptgbot.store.delivery import Delivery
from ptgbot.store.edits import Tree
from ptgbot.testing import START
from tests.parts.network import Rooms


@frozen
class NoSettings:
    """A feature without a table."""


RUNG: list[tuple[str, str, object, str]] = []
"""Targets, bodies and transactions of the bells that were rung."""


async def ring(settings: NoSettings, network: str, target: str, body: object, transaction: str) -> None:
    assert settings == NoSettings()
    RUNG.append((network, target, body, transaction))


def engrave(settings: NoSettings, folder: Path, rows: Sequence[BulkRow]) -> None:
    folder.mkdir(parents=True)
    [row] = rows
    (folder / "plate").write_text(f"{row.network} {row.target} {row.body} {row.transaction}")


class Sign(Feature[NoSettings]):
    """Wants one topic, and delivers the sound of a bell and an inscription."""

    name = "sign"
    settings = NoSettings
    deliverers = (Deliverer("bell", ring), BulkDeliverer("plate", engrave))

    def topics(self, tree: Tree, settings: NoSettings) -> list[Topic]:
        return [Topic("irc", "#hall", 1, lambda beneath: f"Lunch | {beneath}")]


async def effects(folder: Path, network: Rooms, problem: str | None, taken: bool) -> tuple[Service, Effects]:
    """Return the effects of a bot whose inbox answers at once with a problem, or takes nothing in."""
    config = Config(StateConfig(folder / "ptg.json"))
    service = Service(config, await open_state(config, features=[Sign()]), features=[Sign()])

    def put(item: Item) -> bool:
        assert isinstance(item, Kept)
        if taken:
            item.taken(problem)
        return taken

    return service, Effects(service.core, {"irc": network}, put, lambda *_: None, lambda: START, folder / "ptg.bulk")


async def test_feature_delivers_its_own_kind(tmp_path: Path) -> None:
    RUNG.clear()
    service, made = await effects(tmp_path, Rooms(), None, taken=True)
    await made.dispatcher.performers["bell"](Delivery(7, "sign", "bell", "irc", "#hall", "ding"), "ptg-life-7")
    assert RUNG == [("irc", "#hall", "ding", "ptg-life-7")]
    assert made.dispatcher.performers.keys() == {"say", "bell"}
    await service.core.keeper.close()


async def test_row_is_written_to_bulk_storage(tmp_path: Path) -> None:
    service, made = await effects(tmp_path, Rooms(), None, taken=True)
    row = Delivery(7, "sign", "plate", "irc", "#hall", "Ada")
    await made.dispatcher.writers["plate"]([(row, "ptg-life-7")])
    assert (tmp_path / "ptg.bulk" / "sign" / "plate").read_text() == "irc #hall Ada ptg-life-7"
    await service.core.keeper.close()


async def test_topic_is_set_after_it_is_recorded(tmp_path: Path) -> None:
    network = Rooms({"#hall": "Welcome"})
    service, made = await effects(tmp_path, network, None, taken=True)
    assert not await made.topics.put_right()
    assert network.topics == {"#hall": "Lunch | Welcome"}
    await service.core.keeper.close()


@pytest.mark.parametrize(
    ("problem", "taken", "sentence"),
    [("the disk is full", True, "the disk is full"), (None, False, "too much waits to be written")],
)
async def test_unrecorded_topic_is_not_set(
    tmp_path: Path, problem: str | None, taken: bool, sentence: str
) -> None:
    network = Rooms({"#hall": "Welcome"})
    service, made = await effects(tmp_path, network, problem, taken)
    with pytest.raises(OSError, match=sentence):
        await made.topics.put_right()
    assert network.topics == {"#hall": "Welcome"}
    await service.core.keeper.close()
