"""What became of a delivered effect is told to the feature that wanted it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from ptgbot.chat.inbox import Inbox, Settled
from ptgbot.chat.message import Message, Role, Room
from ptgbot.config import Config, StateConfig
from ptgbot.progress import CORE
from ptgbot.service import Service, open_state
from ptgbot.testing import START, person
from tests.features.guests.crier import FEATURE as CRIER
from tests.features.guests.crier import CrierSettings


async def bot(folder: Path) -> Service:
    settings = CrierSettings(("irc #hall", "irc #door"), pinned=True)
    config = Config(StateConfig(folder / "ptg.json"), features={"crier": settings})
    return Service(config, await open_state(config, features=[CRIER]), features=[CRIER])


async def test_an_outcome_is_told_once_and_whole(tmp_path: Path) -> None:
    service = await bot(tmp_path)
    inbox = Inbox(service.core, lambda *_: None, lambda *_: None)
    running = asyncio.create_task(inbox.run())
    hall = Room("irc", "#hall", "#hall")
    inbox.put(Message(START, hall, person("olga"), Role.ADMIN, "#cry fire"))
    await inbox.idle()
    state = service.core.state
    first, second = sorted(state.deliveries)
    outcomes: list[Any] = []
    for row, why in ((second, "nobody is there"), (second, "again"), (first, ""), (first, "")):
        inbox.put(Settled(row, START, why, line="" if why else f"$line-{len(outcomes)}"))
        await inbox.idle()
        tree: Any = state.committed["crier"]
        outcomes.append(tree["outcomes"])
    told = {"1": [1, {"irc #door": "nobody is there"}]}
    assert outcomes == [{}, {}, told, told]
    assert state.deliveries == {}
    own: Any = state.committed[CORE]
    assert own["pins"] == {"irc": {"#hall": {"crier:1": {"id": "$line-2", "is": "said"}}}}
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await service.core.keeper.close()
