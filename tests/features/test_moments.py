"""Moments at which features decide in nobody's name."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from ptgbot.chat.commands import Context, Decision
from ptgbot.chat.inbox import Tick
from ptgbot.config import Config, StateConfig
from ptgbot.feature import AnyFeature, Feature
from ptgbot.service import Service, open_state
from ptgbot.store.edits import Tree
from ptgbot.testing import START
from tests.features.guests.clerk import FEATURE as CLERK
from tests.features.guests.clerk import ClerkSettings


@frozen
class NoSettings:
    """A feature without a table."""


class Sleeper(Feature[NoSettings]):
    """Names a moment that has passed, and does nothing when it is woken."""

    name = "sleeper"
    settings = NoSettings

    def __init__(self, decision: Decision | None) -> None:
        self.decision = decision
        self.woken = 0

    def due(self, tree: Tree, settings: NoSettings) -> datetime:
        return START

    def tick(self, tree: Tree, at: datetime, context: Context[NoSettings]) -> Decision | None:
        self.woken += 1
        return self.decision


async def bot(folder: Path, *features: AnyFeature, most: int = 5) -> Service:
    config = Config(
        StateConfig(folder / "ptg.json"),
        features={"clerk": ClerkSettings(first=START.isoformat(), step=60.0, most=most)},
    )
    return Service(config, await open_state(config, features=features), features=features)


async def ticks(service: Service) -> Any:
    tree: Any = service.core.state.working
    await service.core.keeper.close()
    return tree["clerk"]["ticks"]


@pytest.mark.parametrize(("minutes", "number"), [(-1, 0), (0, 1), (2.5, 3), (60, 5)])
async def test_all_moments_that_came_are_worked_at_once(tmp_path: Path, minutes: float, number: int) -> None:
    service = await bot(tmp_path, CLERK)
    verdicts = service.core.caused(Tick(START + timedelta(minutes=minutes)))
    assert [verdict.feature for verdict in verdicts] == ["clerk"] * number
    assert await ticks(service) == number


async def test_one_tick_works_a_bounded_number_of_moments(tmp_path: Path) -> None:
    service = await bot(tmp_path, CLERK, most=150)
    service.core.caused(Tick(START + timedelta(days=1)))
    assert await ticks(service) == 100


@pytest.mark.parametrize("decision", [None, Decision()])
async def test_a_feature_that_changes_nothing_is_asked_once(tmp_path: Path, decision: Decision | None) -> None:
    sleeper = Sleeper(decision)
    service = await bot(tmp_path, sleeper, CLERK)
    service.core.caused(Tick(START))
    assert sleeper.woken == 1
    assert await ticks(service) == 1
