"""One ``#TRACK now`` in a gathering with thousands of subscribers, beside the sample: decide and apply, no disk."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.figures import Figure, Line, Side, alternate
from bench.gatherings import CHANNEL, this_week
from ptgbot.chat.message import Role
from ptgbot.gathering.document import from_document
from ptgbot.gathering.model import Gathering
from ptgbot.gathering.subscriptions import prepare
from ptgbot.store.state import StoredState
from ptgbot.testing import Chat

TRACKS, PEOPLE = 2000, 10_000
BARE = "the same in base.json"


async def run(folder: Path, short: bool) -> Sequence[Line]:
    """Compare the processor time of commands in a crowd with that of the same commands in the sample."""
    rounds, times = (2, 3) if short else (20, 40)
    crowd, sample = chat(crowded()), chat(this_week())
    track = sorted(tracks_of(sample))[0]
    commands = {
        "now, 2,000 tracks, 10,000 subscribers": ("#{track} now Topic number {number}", "mira"),
        "in, 10,000 people": ("+in #{track}", "guest{number}"),
        "seen, 10,000 people": ("+seen guest7", "mira"),
    }
    lines: list[Line] = []
    for what, (text, by) in commands.items():
        here, there = typing(crowd, text, by, "t0001", times), typing(sample, text, by, track, times)
        ours, beside = await alternate(rounds, here, there)
        lines.append(Figure(what, ours, BARE, beside))
    return lines


def typing(where: Chat, text: str, by: str, track: str, times: int) -> Side:
    """Return a side that types lines, each a little different, and returns the processor time of one line."""
    numbers = itertools.count()

    def say() -> None:
        number = next(numbers)
        where(text.format(track=track, number=number), by.format(number=number), Role.ADMIN, room=CHANNEL)

    async def once() -> float:
        # A bot has one gathering; here two take turns, and what is remembered is that of the other.
        prepare(Gathering(where.tree).subscriptions)
        say()
        began = time.process_time()
        for _ in range(times):
            say()
        return (time.process_time() - began) / times

    return once


def tracks_of(where: Chat) -> Sequence[str]:
    """Return the tracks of a chat's gathering."""
    return Gathering(where.tree).tracks


def chat(document: dict[str, Any]) -> Chat:
    """Return a chat that begins with a document, in the state of a bot after its start."""
    one = Chat()
    tree = from_document(document).tree
    one.document = StoredState({**one.document.committed, "gathering": tree})
    return one


def crowded() -> dict[str, Any]:
    """Return the sample with many tracks, and many people who are checked in and have different subscriptions."""
    document = this_week()
    tracks = [f"t{number:04d}" for number in range(TRACKS)]
    since = {"in": "2026-11-16 09:00:00", "out": None}
    return {
        **document,
        "tracks": [*document["tracks"], *tracks],
        "now": {**document["now"], **{track: f"Topic of {track}" for track in tracks}},
        "last_check_in": {
            f"guest{n}": {"nick": f"guest{n}", "location": f"#{tracks[n % TRACKS]}", **since} for n in range(PEOPLE)
        },
        "subscriptions": {f"guest{n}": _pattern(n) for n in range(PEOPLE)},
    }


def _pattern(number: int) -> str:
    """Return a unique pattern of one of the kinds that people type."""
    kinds = ("subject{n}", "#t{n:04d} now", r"\bpart{n}\b.*plan", "^#t{n}x|review {n}", "(spec|docs)-{n}+")
    return kinds[number % len(kinds)].format(n=number)
