"""A feature whose sources, jobs and routes each test brings, in a bot without a network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from attrs import frozen

from ptgbot.chat.commands import Context, Decision
from ptgbot.config import Config, StateConfig
from ptgbot.feature import Fact, Feature, Job, Route, Source
from ptgbot.service import Service, open_state
from ptgbot.store.edits import ABSENT, Edit, Tree


@frozen
class BirdSettings:
    """What a test chooses."""

    on: bool = True


class Birds(Feature[BirdSettings]):
    """Keeps the birds that were seen. It fails on a dragon."""

    name = "birds"
    settings = BirdSettings

    def __init__(
        self,
        sources: Sequence[Source[BirdSettings]] = (),
        jobs: Sequence[Job[BirdSettings]] = (),
        routes: Sequence[Route[BirdSettings]] = (),
    ) -> None:
        self.sources, self.jobs, self.routes = sources, jobs, routes

    def empty(self) -> Tree:
        return {"seen": {}}

    def learn(self, tree: Tree, facts: Sequence[Fact], context: Context[BirdSettings]) -> Decision | None:
        if any(fact.value == "dragon" for fact in facts):
            raise ValueError("there are no dragons")
        seen = cast("dict[str, Any]", tree["seen"])
        new = [fact for fact in facts if fact.key not in seen]
        return Decision([Edit(("seen", fact.key), ABSENT, fact.value) for fact in new]) if new else None


def seen(service: Service) -> Any:
    """Return what is on record."""
    return cast("Any", service.core.state.committed["birds"])["seen"]


@asynccontextmanager
async def keeping(folder: Path, feature: Birds) -> AsyncIterator[Service]:
    """Open a bot of which only the inbox works."""
    config = Config(StateConfig(folder / "ptg.json"))
    service = Service(config, await open_state(config, features=[feature]), features=[feature])
    inbox = asyncio.create_task(service.inbox.run())
    try:
        yield service
    finally:
        inbox.cancel()
        await asyncio.gather(inbox, return_exceptions=True)
        await service.core.keeper.close()


@asynccontextmanager
async def working(*parts: Callable[[], Any]) -> AsyncIterator[list[asyncio.Task[Any]]]:
    """Run parts until the end of the block."""
    tasks = [asyncio.ensure_future(part()) for part in parts]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(condition: Callable[[], object], patience: float = 20.0) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(patience):
        while not condition():
            await asyncio.sleep(0.005)
