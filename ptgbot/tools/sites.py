"""``ptgbot site``: builds the site once."""

from __future__ import annotations

import argparse
import asyncio

from ptgbot.config import ConfigError, load
from ptgbot.exits import Exit
from ptgbot.moments import moment_shown
from ptgbot.site_tool import build_site
from ptgbot.tools.output import print_lines
from ptgbot.tools.verb import Verb


def _site(options: argparse.Namespace) -> Exit:
    config = load(options.config, secrets=False)
    if config.site is None:
        raise ConfigError(f'{options.config}: there is no [site] table; write one with output = "html".')
    try:
        at = moment_shown()
    except ValueError as error:
        raise ConfigError(f"{error}.") from error
    print_lines([asyncio.run(build_site(config, at))])
    return Exit.STOPPED


VERB = Verb("site", "build the site once, from the state as it is", _site, ("/etc/ptgbot/ptgbot.toml",))
