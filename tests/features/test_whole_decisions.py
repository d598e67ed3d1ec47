"""One feature that fails does not leave half of another's decision behind."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from ptgbot_coffee import FEATURE

from ptgbot.chat.commands import Context, Decision
from ptgbot.chat.heard import Heard, HeardKind
from ptgbot.chat.inbox import FAILED, NOBODY, Inbox, Kept, Verdict
from ptgbot.chat.message import Answer, Message, Reply, Role, Room
from ptgbot.config import Config, StateConfig
from ptgbot.feature import AnyFeature, Feature
from ptgbot.progress import CORE
from ptgbot.service import Service, open_state
from ptgbot.store.edits import ABSENT, Edit, Tree
from ptgbot.testing import CHANNEL, START, person
from tests.features.guests.ear import FEATURE as EAR


@frozen
class NoSettings:
    """A feature without a table."""


class Deaf(Feature[NoSettings]):
    """Fails on every line that it hears."""

    name = "deaf"
    settings = NoSettings
    rank = 900

    def listens(self, room: Room, settings: NoSettings) -> bool:
        return True

    def hear(self, tree: Tree, heard: Heard, context: Context[NoSettings]) -> Decision | None:
        raise RuntimeError("a mistake")


async def bot(folder: Path, *features: AnyFeature) -> Service:
    config = Config(StateConfig(folder / "ptg.json"))
    return Service(config, await open_state(config, features=features), features=features)


async def work(inbox: Inbox) -> None:
    task = asyncio.create_task(inbox.run())
    await inbox.idle()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_failing_listener_reverts_the_whole_command(tmp_path: Path) -> None:
    service = await bot(tmp_path, FEATURE, Deaf())
    answers: list[tuple[Message, Sequence[Answer]]] = []
    inbox = Inbox(service.core, lambda *said: answers.append(said), lambda *_: None)
    before = service.core.state.committed
    inbox.put(Message(START, CHANNEL, person("mira"), Role.ADMIN, "#brew blue lobby"))
    await work(inbox)
    assert [list(said) for _, said in answers] == [[Reply(FAILED)]]
    assert service.core.state.working == service.core.state.committed == before
    assert inbox.failures == 1
    await service.core.keeper.close()


@pytest.mark.parametrize("conflict", [False, True])
async def test_core_edits_are_recorded_before_sender_is_told(tmp_path: Path, conflict: bool) -> None:
    service = await bot(tmp_path, FEATURE)
    inbox = Inbox(service.core, lambda *_: None, lambda *_: None)
    told: list[tuple[str | None, Any]] = []
    was: Any = "another" if conflict else ABSENT
    inbox.put(
        Kept([Edit(("mark",), was, 1)], START, lambda problem: told.append((problem, service.core.state.committed)))
    )
    await work(inbox)
    ((problem, committed),) = told
    assert (problem is None) is not conflict
    assert ("mark" in committed[CORE]) is not conflict
    await service.core.keeper.close()


async def test_events_beyond_the_bound_are_dropped_and_counted(tmp_path: Path) -> None:
    service = await bot(tmp_path, EAR)
    inbox = Inbox(service.core, lambda *_: None, lambda *_: None, bound=3)
    taken = [inbox.put(Heard(START, HeardKind.JOIN, CHANNEL, person(f"n{n}"))) for n in range(5)]
    assert taken == [True, True, True, False, False]
    assert inbox.dropped == 2
    await service.core.keeper.close()


async def test_something_heard_twice_counts_once(tmp_path: Path) -> None:
    service = await bot(tmp_path, EAR)
    inbox = Inbox(service.core, lambda *_: None, lambda *_: None)
    join = Heard(START, HeardKind.JOIN, CHANNEL, person("runa"), id="$join")
    inbox.put(join)
    inbox.put(join)
    await work(inbox)
    inbox.put(join)
    await work(inbox)
    events: Any = service.core.state.committed["ear"]["events"]  # type: ignore[index,call-overload]
    assert events == {"1": ["join", "runa", ""]}
    await service.core.keeper.close()


async def test_an_upgrade_is_on_record_and_made_once(tmp_path: Path) -> None:
    service = await bot(tmp_path, FEATURE)
    inbox = Inbox(service.core, lambda *_: None, lambda *_: None)
    inbox.put(Message(START, CHANNEL, person("mira"), Role.ADMIN, "#brew blue lobby"))
    await work(inbox)
    old: Any = service.core.state.committed["coffee"]["pots"]["blue"]  # type: ignore[index,call-overload]
    await service.core.commit(
        [service.core.pending.put_in(Verdict(NOBODY, "coffee", Decision([Edit(("pots", "blue", "cups"), 0, ABSENT)])))],
        {},
        (),
    )
    number = service.core.state.number
    await service.core.upgrade(START)
    await service.core.upgrade(START)
    assert service.core.state.committed["coffee"]["pots"]["blue"] == old  # type: ignore[index,call-overload]
    assert service.core.state.number == number + 1
    await service.core.keeper.close()
