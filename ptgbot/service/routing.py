"""Commands and addresses of all features put together; two features that want the same one are found here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from ptgbot.config import Config, ConfigError
from ptgbot.feature import AnyFeature
from ptgbot.router import Router, WordTaken
from ptgbot.store.edits import Json
from ptgbot.web import Routes, RouteTaken


def router_of(config: Config, features: Sequence[AnyFeature]) -> Router:
    """Return what finds the feature of a command. Raises ConfigError if two have the same word."""
    try:
        return Router(features, config.features, config.site_url, groups=config.groups)
    except WordTaken as error:
        raise ConfigError(str(error)) from error


def routes_of(router: Router, slices: Callable[[], Mapping[str, Json]], pages: Collection[str]) -> Routes:
    """Return what features answer beyond files. Raises ConfigError if two routes have the same address.

    :param slices: returns what the site shows.
    :param pages: names of files of the site, which no route may have.
    """
    routes = Routes()
    try:
        for feature in router.features:
            routes.mount(feature, router.settings_of(feature), slices, pages)
    except RouteTaken as error:
        raise ConfigError(str(error)) from error
    return routes
