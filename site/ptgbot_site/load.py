"""The state for ``sphinx-build`` by hand: a ``ptg.json`` file becomes slices."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.errors import ConfigError

from ptgbot.chat.feature import load_features
from ptgbot_site.directives.commands import command_slice
from ptgbot_site.state import State, zone_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def load_commands(state: State) -> None:
    """Put the commands of the registry into the state."""
    commands = [command for feature in load_features() for command in feature.commands]
    state.replace({"commands": command_slice(commands)})


def load_state(app: Sphinx, state: State) -> None:
    """Fill the state from ``ptg_state``, if it is set. Raises ConfigError with a sentence for the operator."""
    if not app.config.ptg_state:
        return
    from ptgbot.gathering.model import from_document
    from ptgbot.gathering.slices import Settings, slices

    path = Path(app.confdir, app.config.ptg_state) if app.confdir else Path(app.config.ptg_state)
    state.now = datetime.now(UTC)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        gathering = from_document(document)
        state.replace(slices(gathering, state.now, Settings(timezone=app.config.ptg_timezone or "UTC")))
        state.zone = zone_of(str(state.table("event").get("timezone") or "UTC"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"ptg_state: {path} can't be shown: {error}") from error
