"""The sample gathering in several sizes, and a bot for one of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attrs import frozen

from ptgbot.chat.adapter import Adapter, AdapterKind
from ptgbot.chat.message import Message, Outgoing, Role, Room
from ptgbot.config import Config, SiteConfig, StateConfig
from ptgbot.demo import sample, shifted
from ptgbot.gathering.document import dump
from ptgbot.gathering.model import ROOM_INFO
from ptgbot.gathering.shape import decode
from ptgbot.service import Service, clock, open_state
from ptgbot.testing import FakeAdapter, person

MORNING = datetime(2026, 11, 23, 7, 41, tzinfo=UTC)
"""A moment of the sample's first day, in its first slot."""
CHANNEL = Room("irc", "#harbour", "#harbour")


def this_week() -> dict[str, Any]:
    """Return the sample with its days moved to this week."""
    return shifted(decode(sample()), clock())


def scaled(times: int) -> dict[str, Any]:
    """Return the sample with its tracks, rooms and people multiplied; days and slots stay the same."""
    document = decode(sample())
    copies = range(1, times + 1)
    others = ("now", "next", "etherpads", "urls", "colors", "last_check_in", "subscriptions")
    # Rooms as they are booked, so that they stay worked out instead of becoming typed.
    located = {_copy(track, n): _copy(room, n) for n in copies for track, room in document["location"].items()}
    return {
        **document,
        "tracks": [_copy(track, n) for n in copies for track in document["tracks"]],
        "schedule": {_copy(room, n): _cells(cells, n) for n in copies for room, cells in document["schedule"].items()},
        "location": located,
        **{key: {_copy(name, n): value for n in copies for name, value in document[key].items()} for key in others},
    }


def _copy(name: str, number: int) -> str:
    return name if number == 1 else f"{name}-{number}"


def _cells(cells: dict[str, str], number: int) -> dict[str, str]:
    return {key: text if key in ROOM_INFO or not text else _copy(text, number) for key, text in cells.items()}


def line(text: str, by: str = "mira", at: datetime | None = None) -> Message:
    """Return a line as it arrives from the channel, now or at a given moment."""
    return Message(at or clock(), CHANNEL, person(by), Role.ATTENDEE, text)


@frozen
class Nowhere:
    """Configuration of a network in memory."""

    name: str = "irc"


class _Forgetful(FakeAdapter):
    """Keeps no answers, so that the memory that is measured is the bot's own."""

    def send(self, outgoing: Outgoing) -> None:
        """Send nothing."""


def _in_memory(config: Any, _first: bool) -> Adapter:
    return _Forgetful(config.name)


def _lay_down(path: Path, document: dict[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(dump(document))


async def bot(folder: Path, document: dict[str, Any], site: SiteConfig | None = None) -> Service:
    """Return a bot with this gathering, whose only network is in memory."""
    path = folder / "ptg.json"
    _lay_down(path, document)
    network = (AdapterKind(Nowhere, _in_memory), Nowhere(), True)
    config = Config(StateConfig(path), site, adapters=[network])
    return Service(config, await open_state(config))
