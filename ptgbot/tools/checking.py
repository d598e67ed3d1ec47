"""``ptgbot check``: everything that would refuse a start or surprise somebody, before the start."""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from ptgbot.config import Config
from ptgbot.exits import Exit, explained
from ptgbot.exports import exported_files
from ptgbot.feature import load_features
from ptgbot.following import follow
from ptgbot.publish import PublishError, check_output
from ptgbot.service import check_features, clock
from ptgbot.store.export import Unreadable
from ptgbot.store.file import Paths
from ptgbot.tools.exposure import exposures
from ptgbot.tools.looking import look
from ptgbot.tools.output import print_lines
from ptgbot.tools.running import NO_ADAPTER, configured
from ptgbot.tools.verb import Verb

MISSING: Final = "MISSING: "
"""Begins a sentence about something without which the bot does not work."""


def odd_values(config: Config, at: datetime) -> Iterator[str]:
    """Yield a sentence for each odd value in the exported files.

    Raises:
        Unreadable: a file has not the right shape.
        OSError: a file cannot be read.
    """
    for file in exported_files(config, load_features(config.features, config.off)):
        raw = file.path.read_bytes() if file.path.exists() else None
        if raw is None:
            continue
        try:
            tree = file.format.parse(raw)
        except Unreadable as error:
            raise Unreadable(f"{file.path}: {error}") from error
        for sentence in file.feature.check(tree, at, file.feature.settings_in(config.features)):
            yield f"{file.path.name}: {sentence}"


def unusable(config: Config) -> Iterator[str]:
    """Yield a sentence for each folder and file that this user could not write."""
    paths = Paths(config.state.path)
    wanted = [_nearest(config.state.path.parent)]
    wanted += [path for path in (paths.journal, paths.lock) if path.exists()]
    if config.site:
        wanted.append(_nearest(config.site.output.parent))
    for path in dict.fromkeys(wanted):
        if not os.access(path, os.W_OK):
            code = errno.EROFS if os.statvfs(path).f_flag & os.ST_RDONLY else errno.EACCES
            yield explained(OSError(code, os.strerror(code), str(path)))


def _nearest(folder: Path) -> Path:
    return next(one for one in (folder, *folder.parents) if one.exists())


def _output(config: Config) -> Iterator[str]:
    try:
        if config.site:
            check_output(config.site.output)
    except PublishError as error:
        yield f"{error}."


def _check(options: argparse.Namespace) -> Exit:
    with configured(options.config) as config:
        check_features(config)
        odd = [*odd_values(config, clock()), *exposures(config)]
        print_lines(odd)
        # A damaged journal ends the check here, with its own exit status and sentence.
        asyncio.run(follow(config, clock()))
        missing = [*_output(config), *unusable(config)]
        if not config.adapters and not config.works_alone:
            missing.append(NO_ADAPTER)
        print_lines(f"{MISSING}{sentence}" for sentence in missing)
        found = [] if options.offline else asyncio.run(look(config))
        print_lines(f"{name}: {'' if finding.good else MISSING}{finding.text}" for name, finding in found)
        bad = len(missing) + sum(not finding.good for _, finding in found)
        names = ", ".join(c.name for _, c, _ in config.adapters) or "none"
        if bad:
            print_lines([f"The bot can't work yet: {bad} missing. Adapters: {names}."])
        else:
            print_lines([f"The configuration can be used. Adapters: {names}."])
    return Exit.CONFIGURATION if bad or (options.strict and odd) else Exit.STOPPED


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("config", type=Path, help="configuration (TOML)")
    parser.add_argument("--offline", action="store_true", help="connect to nothing")
    parser.add_argument("--strict", action="store_true", help="end with status 2 also if only odd values were found")


EXAMPLES = ("/etc/ptgbot/ptgbot.toml", "--offline --strict ptgbot.toml")
VERB = Verb("check", "check configuration and state, log in everywhere and look around", _check, EXAMPLES, _arguments)
