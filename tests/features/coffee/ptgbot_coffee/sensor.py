"""A source: a scale under the pots appends one line a cup to a file."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from ptgbot.feature import Fact, SourceHub
from ptgbot_coffee.settings import CoffeeSettings

PAUSE = 1.0
"""Seconds between two looks at the file."""


async def follow(settings: CoffeeSettings, hub: SourceHub) -> None:
    """Hand each line of the file to the feature, once: its number in the file is the key of the fact."""
    assert settings.sensor is not None
    while True:
        lines = await asyncio.to_thread(_new_lines, settings.sensor, hub.folder / "lines.txt")
        if lines:
            await hub.learn([Fact(str(number), line) for number, line in lines])
            hub.count("cups", len(lines))
        await asyncio.sleep(PAUSE)


def _new_lines(sensor: Path, kept: Path) -> list[tuple[int, str]]:
    """Copy what is new into our own storage, and return it with the numbers of the lines.

    Bulk storage is on the disk before the journal says that its facts count.
    """
    known = kept.read_text("utf-8").splitlines() if kept.exists() else []
    found = sensor.read_text("utf-8").splitlines() if sensor.exists() else []
    with kept.open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in found[len(known) :])
        file.flush()
        os.fsync(file.fileno())
    # Lines that were copied before a crash and not yet handed in are handed in again: their keys count once.
    return list(enumerate(found, 1))
