"""A bot in a folder without a network: inbox, core and store, fed with the lines of the plain model."""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from ptgbot.chat.inbox import Inbox
from ptgbot.chat.message import Answer, Message, Role, Room
from ptgbot.config import Config, StateConfig
from ptgbot.service import Service, open_state
from ptgbot.store.file import FileStore
from ptgbot.testing import person
from tests.plain_gathering import Line, sample

Answered = Callable[[Message, Sequence[Answer]], None]


def prepare(folder: Path) -> None:
    """Lay down what the bot starts from."""
    (folder / "ptg.json").write_text(json.dumps(sample()))


def service(folder: Path, rotate_bytes: int = 4_000_000) -> Service:
    """Open the state in a folder; no adapter, no site."""
    config = Config(StateConfig(folder / "ptg.json", rotate_bytes))
    # In a thread of its own, so that it works inside and outside a running loop.
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        return Service(config, thread.submit(asyncio.run, open_state(config)).result())


def message(line: Line, at: datetime, identifier: str = "") -> Message:
    """Return a line of the model as it arrives, typed by an operator."""
    room = Room("irc", line.channel, line.channel)
    return Message(at, room, person(line.by), Role.ADMIN, line.text, False, identifier)


async def feed(bot: Service, messages: Sequence[Message], answered: Answered) -> None:
    """Type messages at once and wait until all are worked."""
    inbox = Inbox(bot.core, answered, lambda *_: None, per_person=100_000)
    for one in messages:
        assert inbox.put(one)
    work = asyncio.create_task(inbox.run())
    await inbox.idle()
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


def files(bot: Service) -> FileStore:
    """Return the store of a bot."""
    store = bot.core.keeper.store
    assert isinstance(store, FileStore)
    return store


def close(bot: Service) -> None:
    """Let go of the folder as a kill does: nothing is written, the system frees the lock."""
    files(bot).abandon()
