"""Takes over files of other programs into the state, while no bot runs on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from ptgbot.config import Config
from ptgbot.feature import AnyFeature, Subcommand
from ptgbot.following import features_of, opening_of
from ptgbot.store.edits import Tree
from ptgbot.store.record import Batch, Cause, Record


async def take(
    config: Config, feature: AnyFeature, command: Subcommand[Any], files: Sequence[Path], at: datetime
) -> list[str]:
    """Let a subcommand take over files, and write its edits as one record. Return the lines to print.

    Raises:
        ValueError: no file is named, or the subcommand refuses them.
        Locked: a bot runs on the state.
        Damaged, Newer, Unreadable, NotWritten, OSError: as :meth:`ptgbot.store.opening.Opening.open`.
    """
    assert command.take is not None
    if not files:
        raise ValueError(f"name the files that {command.name} shall take over.")
    found = {path.name: path.read_bytes() for path in files}
    config.state.path.parent.mkdir(parents=True, exist_ok=True)
    opened = await opening_of(config, features_of(config), at).open()
    try:
        state = opened.state
        taken = command.take(feature.settings_in(config.features), cast("Tree", state.working[feature.name]), found)
        if taken.edits:
            typed = f"{command.name} {', '.join(found)}"
            record = Record(
                state.number + 1, feature.name, at, "file", "file", "", "", "", typed, taken.edits, kind=Cause.FILE
            )
            batch = Batch(state.seq + 1, [record])
            state.attempt(batch.edits)
            await opened.store.append(batch.to_json())
            state.commit(batch)
    finally:
        await opened.store.close()
    return [*opened.notes, *taken.lines]
