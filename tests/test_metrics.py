"""The metrics of a running bot are those of the table, no more and no fewer."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from attrs import evolve
from prometheus_client.parser import text_string_to_metric_families

from ptgbot.config import OperatorsConfig
from ptgbot.metrics import METRICS, PROCESS, Described, Metrics
from ptgbot.service import Service, open_state
from ptgbot.testing import FakeAdapter
from tests.plain_bot import prepare
from tests.test_service import Talk, configured, running


def families(text: bytes) -> dict[str, tuple[str, set[str], list[float]]]:
    """Return kind, labels and values of each metric in a text."""
    return {
        (f"{one.name}_total" if one.type == "counter" else one.name): (
            one.type,
            {label for sample in one.samples for label in sample.labels if label != "le"},
            [sample.value for sample in one.samples],
        )
        for one in text_string_to_metric_families(text.decode())
    }


async def shown(talk: Talk) -> dict[str, tuple[str, set[str], list[float]]]:
    return families(talk.service.metrics.text())


async def test_running_bot_shows_exactly_the_table(tmp_path: Path) -> None:
    prepare(tmp_path)
    async with running(tmp_path, FakeAdapter(), site=True) as talk:
        talk.type("#nova now a")
        talk.type("+now nova")
        await talk.answer("a")
        found = await shown(talk)
    feature = {name for name in found if name == "ptgbot_feature"}
    expected = {one.name for one in METRICS} - ({"ptgbot_feature"} - feature)
    assert {name for name in found if not name.startswith("process_")} == expected
    assert {name for name in found if name.startswith("process_")} <= set(PROCESS)
    for one in METRICS:
        if one.name in found:
            kind, labels, _ = found[one.name]
            assert (kind, labels) == (one.kind, set(one.labels) if found[one.name][2] else set()), one.name


async def test_commands_are_counted_by_kind_and_result(tmp_path: Path) -> None:
    prepare(tmp_path)
    async with running(tmp_path, FakeAdapter()) as talk:
        talk.type("#nova now a")
        talk.type("+now nova")
        await talk.answer("#nova: now a")
        text = talk.service.metrics.text().decode()
    assert 'ptgbot_commands_total{kind="track",result="changed"} 1.0' in text
    assert 'ptgbot_commands_total{kind="user",result="answered"} 1.0' in text
    assert "ptgbot_command_seconds_count 2.0" in text


@pytest.mark.parametrize("one", METRICS, ids=lambda one: one.name)
def test_names_follow_the_rules_of_prometheus(one: Described) -> None:
    assert one.name.startswith("ptgbot_")
    assert one.help.endswith(".")
    assert (one.kind == "counter") == one.name.endswith("_total")
    assert one.kind in ("counter", "gauge", "histogram")


async def test_shadow_says_nothing_and_still_follows(tmp_path: Path) -> None:
    prepare(tmp_path)
    adapter = FakeAdapter()
    config = evolve(configured(tmp_path, adapter), operators=OperatorsConfig(shadow=True))
    service = Service(config, await open_state(config))
    task = asyncio.create_task(service.run())
    await service.started.wait()
    talk = Talk(service, adapter)
    talk.type("#nova now a")
    await service.inbox.idle()
    service.stop()
    await task
    assert adapter.sent == adapter.delivered == []
    assert service.core.state.committed["gathering"]["now"] == {"nova": "a"}  # type: ignore[index,call-overload]


def test_text_of_nothing_is_empty_of_looked_at() -> None:
    assert b"ptgbot_healthy" not in Metrics().text()
