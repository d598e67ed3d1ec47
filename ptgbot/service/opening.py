"""Opens the state of a bot, and finishes what a former run has left unfinished."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import structlog

from ptgbot.chat.inbox import NotSaved
from ptgbot.config import Config
from ptgbot.core import Core
from ptgbot.feature import AnyFeature
from ptgbot.following import features_of, opening_of
from ptgbot.service.events import tell_left_over
from ptgbot.store.opening import Opened
from ptgbot.store.store import NotWritten

log = structlog.get_logger()


def clock() -> datetime:
    """Return the present time (UTC, aware)."""
    return datetime.now(UTC)


async def open_state(
    config: Config, *, discard_edits: bool = False, features: Sequence[AnyFeature] | None = None
) -> Opened:
    """Lock and read the state.

    ``features`` are the features with a part of it; None means those that the configuration switches on.

    Raises:
        Exception: as :meth:`Opening.open`.
    """
    wanted = features_of(config) if features is None else features
    config.state.path.parent.mkdir(parents=True, exist_ok=True)
    return await opening_of(config, wanted, clock(), discard_edits=discard_edits).open()


async def finish_former(core: Core) -> None:
    """Finish the work of a former run: forgetting of people, and upgrades of the state."""
    await _finish_forgetting(core)
    await _upgrade(core)


async def _finish_forgetting(core: Core) -> None:
    try:
        tell_left_over(await core.keeper.finish_forgetting(clock()))
    except (NotWritten, OSError) as error:
        log.error(f"somebody asked to be forgotten; their records could not be rewritten: {error}")


async def _upgrade(core: Core) -> None:
    """Write the edits that upgrade the state of an earlier version."""
    try:
        await core.upgrade(clock())
    except NotSaved as error:
        log.error(f"the state could not be brought up to date, which is tried at the next start: {error}")
