"""The state for ``sphinx-build`` by hand: makes slices of the bot's own store, or of an exported file."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
from sphinx.errors import ConfigError

from ptgbot.config import Config, load
from ptgbot.config import ConfigError as BadConfig
from ptgbot.feature import AnyFeature, Missing, known_features, load_features
from ptgbot.following import features_of, follow
from ptgbot.moments import moment_shown
from ptgbot.projection import COMMANDS, PLACES, Projection, Shown, command_slice
from ptgbot.router import Router
from ptgbot.site_facts import projection_of, projects_of, site_extensions
from ptgbot.standalone import imported
from ptgbot.store.export import Unreadable
from ptgbot.store.store import Damaged
from ptgbot_site.build.remote import Remote
from ptgbot_site.build.state import State, zone_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def extensions(app: Sphinx) -> list[str]:
    """Return the Sphinx extensions of the features that a project shows.

    Raises:
        ConfigError: a feature is unknown, or the bot's configuration is wrong.
    """
    features, project = _features(app), app.config.ptg_project
    if not project:
        return site_extensions(features)
    found = [one.extension for feature in features for one in feature.projects if one.path == project]
    if not found and app.config.ptg_features != []:
        raise ConfigError(f"ptg_project: no feature has a project {project}")
    return found


def _features(app: Sphinx) -> Sequence[AnyFeature]:
    wanted = app.config.ptg_features
    try:
        if wanted is not None:
            return load_features(wanted, known_features().keys() - set(wanted))
        return features_of(_config(app)) if app.config.ptg_config else load_features()
    except Missing as error:
        raise ConfigError(str(error)) from error


def _config(app: Sphinx) -> Config:
    name = app.config.ptg_config
    try:
        return load(_find(app, name))
    except BadConfig as error:
        raise ConfigError(f"ptg_config: {error}") from error


def load_state(app: Sphinx, state: State) -> Mapping[str, bytes] | None:
    """Fill the state from ``ptg_config`` or ``ptg_state``, if one of them is set.

    Return the files beside the pages, None if neither is set.

    Raises:
        ConfigError: the state cannot be read or shown; the message is a sentence for the author of ``conf.py``.
    """
    if app.config.ptg_config:
        shown = _stored(app)
    elif app.config.ptg_state:
        shown = _exported(app)
    else:
        state.replace({COMMANDS: command_slice(Router(_features(app), {}).commands)})
        return None
    state.now, state.zone = shown.at, zone_of(shown.zone)
    state.replace(shown.slices)
    state.touch(shown.touched)
    return shown.files


def _stored(app: Sphinx) -> Shown:
    config = _config(app)
    for one in projects_of(config, features_of(config)):
        if one.path == app.config.ptg_project:
            app.config.ptg_bulk = app.config.ptg_bulk or str(one.bulk)
    try:
        at = moment_shown()
        standing = asyncio.run(follow(config, at))
        return projection_of(config, features_of(config)).update(standing.state, standing.derived, at)
    except (OSError, ValueError, Unreadable, Damaged) as error:
        raise ConfigError(f"ptg_config: {app.config.ptg_config} can't be shown: {error}") from error


def _exported(app: Sphinx) -> Shown:
    name, features = app.config.ptg_state, _features(app)
    settings = {feature.name: _settings(feature, app.config.ptg_timezone) for feature in features}
    # Where the talk happens stands in the bot's configuration, not in the state.
    facts = {PLACES: [], COMMANDS: command_slice(Router(features, settings).commands)}
    try:
        at = moment_shown()
        standing = imported(features, settings, _read(app, name), at)
        return Projection(features, settings, facts).update(standing.state, standing.derived, at)
    except (OSError, ValueError, Unreadable) as error:
        raise ConfigError(f"ptg_state: {name} can't be shown: {error}") from error


def _settings(feature: AnyFeature, zone: str) -> Any:
    """Return a feature's settings, with a time zone if it has such a setting."""
    known = attrs.has(feature.settings) and "timezone" in attrs.fields_dict(feature.settings)
    return feature.settings(timezone=zone) if known and zone else feature.settings()


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
