"""The commands and addresses of all features together, and clashes among them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

import structlog

from ptgbot.bulk import bulk_folder, check_names
from ptgbot.chat.message import Person, Target
from ptgbot.child import environment
from ptgbot.config import Config, ConfigError
from ptgbot.feature import AnyFeature
from ptgbot.following import features_of
from ptgbot.parts.effects import check_kinds
from ptgbot.router import Router, WordTaken
from ptgbot.site_facts import publisher_of, site_extensions
from ptgbot.store.edits import Json
from ptgbot.web.routes import Routes, RouteTaken

log = structlog.get_logger()

_OF_SPHINX = ("_downloads/", "_images/", "_sources/", "_static/")
_PATIENCE = 60.0
"""Seconds in which the extensions of the site must have said what they bring."""


def _nobody(_room: Target) -> Sequence[Person]:
    return ()


def router_of(
    config: Config, features: Sequence[AnyFeature], members: Callable[[Target], Sequence[Person]] = _nobody
) -> Router:
    """Return the router of a configuration.

    Args:
        config: the configuration.
        features: the enabled features.
        members: returns who is in a room.

    Raises:
        ConfigError: two features have the same word.
    """
    try:
        return Router(features, config.features, config.site_url, groups=config.groups, members=members)
    except WordTaken as error:
        raise ConfigError(str(error)) from error


def routes_of(config: Config, router: Router, slices: Callable[[], Mapping[str, Json]] = dict) -> Routes:
    """Return the routes of all features. ``slices`` returns the slices that the site shows.

    Raises:
        ConfigError: two routes, or a route and a page, have the same address.
    """
    routes = Routes()
    has_routes = any(one.wanted(router.settings_of(feature)) for feature in router.features for one in feature.routes)
    pages = _pages(config, router.features) if has_routes else ()
    try:
        for feature in router.features:
            routes.mount(feature, router.settings_of(feature), slices, pages, bulk_folder(config.state.path))
    except RouteTaken as error:
        raise ConfigError(str(error)) from error
    return routes


def check_features(config: Config) -> None:
    """Look for all clashes among features that would refuse a start.

    Raises:
        ConfigError: two features clash.
    """
    features = features_of(config)
    router = router_of(config, features)
    check_names(features)
    check_kinds(features)
    if config.site and config.site.listen:
        routes_of(config, router)


def _pages(config: Config, features: Sequence[AnyFeature]) -> set[str]:
    """Return the names of the site's files, and of folders of pages."""
    own = {"ptg.json", "build.json", *_OF_SPHINX}
    return {*own, *publisher_of(config, features).page_names(), *_brought(site_extensions(features))}


def _brought(extensions: Sequence[str]) -> list[str]:
    """Return the files and folders of extensions.

    An extension that cannot be loaded is reported; its build will fail.
    """
    command = [sys.executable, "-P", "-m", "ptgbot_site.build.addresses", *extensions]
    try:
        said = subprocess.run(
            command, capture_output=True, text=True, timeout=_PATIENCE, check=True, env=environment()
        ).stdout
    except subprocess.SubprocessError as error:
        log.warning(f"the extensions of the site can't be asked for their addresses: {error}")
        return []
    found: list[str] = json.loads(said.splitlines()[-1])
    return found
