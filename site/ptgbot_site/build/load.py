"""The state for ``sphinx-build`` by hand: a ``ptg.json`` file becomes slices."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.errors import ConfigError

from ptgbot.feature import load_features
from ptgbot.gathering import shape
from ptgbot.gathering.document import from_document
from ptgbot.gathering.settings import GatheringSettings
from ptgbot.gathering.slices import slices
from ptgbot.router import Router
from ptgbot.store.export import Unreadable
from ptgbot_site.build.remote import Remote
from ptgbot_site.build.state import State, zone_of
from ptgbot_site.gathering.directives.commands import command_slice

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def load_commands(state: State) -> None:
    """Put the commands of the registry into the state."""
    commands = Router(load_features(), {}).commands
    state.replace({"commands": command_slice(commands)})


def load_state(app: Sphinx, state: State) -> None:
    """Fill the state from ``ptg_state``, if it is set. Raises ConfigError with a sentence."""
    if not app.config.ptg_state:
        return
    name = app.config.ptg_state
    state.now = datetime.now(UTC)
    try:
        gathering = from_document(shape.decode(_read(app, name)))
        settings = GatheringSettings(timezone=app.config.ptg_timezone or "UTC")
        # Where the talk happens stands in the bot's configuration, not in the state.
        state.replace({"places": [], **slices(gathering, state.now, settings)})
        state.zone = zone_of(str(state.table("event").get("timezone") or "UTC"))
    except (OSError, ValueError, Unreadable) as error:
        raise ConfigError(f"ptg_state: {name} can't be shown: {error}") from error


def _read(app: Sphinx, name: str) -> bytes:
    if not name.startswith(("http://", "https://")):
        return _find(app, name).read_bytes()
    config = app.config
    remote = Remote(name, Path(app.doctreedir), config.ptg_timeout, config.ptg_max_bytes, config.ptg_max_age)
    return remote.read(_find(app, config.ptg_fallback) if config.ptg_fallback else None)


def _find(app: Sphinx, name: str) -> Path:
    # A path counts from the configuration, as Sphinx has it; with -D people mean where they are.
    beside = Path(app.confdir or ".", name)
    return beside if beside.exists() else Path(name)
