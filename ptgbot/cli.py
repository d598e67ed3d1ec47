"""The program: ``ptgbot run``, ``demo``, ``site``, ``check``, ``journal``, ``convert``."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

import structlog

from ptgbot import __version__, demo, legacy, logs
from ptgbot.checking import odd_values
from ptgbot.config import Config, ConfigError, load
from ptgbot.feature import AnyFeature, Subcommand, load_features
from ptgbot.following import follow
from ptgbot.journal_tool import downgrade, repair, show
from ptgbot.looking import look
from ptgbot.moments import moment_shown
from ptgbot.publish import PublishError
from ptgbot.service import Service, check_features, clock, open_state
from ptgbot.site_tool import build_site
from ptgbot.store.edits import Tree
from ptgbot.store.export import Unreadable
from ptgbot.store.store import Damaged, Locked, Newer, NotWritten
from ptgbot.taking import take

log = structlog.get_logger()

STOPPED, UNEXPECTED, CONFIGURATION, STATE, NO_ADAPTER = range(5)
"""Exit statuses."""
JOURNAL = {"show": show, "repair": repair, "downgrade": downgrade}
"""What can be done with a journal."""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the program's command line.

    Raises:
        Missing: a feature cannot be imported.
    """
    top = argparse.ArgumentParser(prog="ptgbot", description="What is discussed where, now and next.")
    top.add_argument("--version", action="version", version=f"ptgbot {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="run the bot in the foreground")
    run.add_argument("config", type=Path, help="configuration: TOML, or the config.json of the original")
    run.add_argument("--discard-edits", action="store_true", help="put a hand-edited state file aside")
    run.set_defaults(call=_run)

    show_off = commands.add_parser("demo", help="try it here: a sample gathering, a terminal, a page")
    show_off.add_argument("file", type=Path, nargs="?", help="a ptg.json to show instead of the sample")
    show_off.set_defaults(call=_demo)

    site = commands.add_parser("site", help="build the site once, from the state as it is")
    site.add_argument("config", type=Path, help="configuration (TOML)")
    site.set_defaults(call=_site)

    check = commands.add_parser("check", help="check configuration and state, log in everywhere and look around")
    check.add_argument("config", type=Path, help="configuration (TOML)")
    check.add_argument("--offline", action="store_true", help="connect to nothing")
    check.set_defaults(call=_check)

    journal = commands.add_parser("journal", help="look at the journal, or mend it")
    helped = "show: print it; repair: keep what is whole; downgrade: convert it for an earlier version"
    journal.add_argument("action", choices=(*JOURNAL,), help=helped)
    journal.add_argument("config", type=Path, help="configuration (TOML)")
    journal.set_defaults(call=_journal)

    convert = commands.add_parser("convert", help="print the original's config.json as TOML")
    convert.add_argument("config", type=Path, help="config.json of the original")
    convert.set_defaults(call=_convert)
    for feature in load_features():
        _add_subcommands(commands, feature)
    return top


def _add_subcommands(commands: Any, feature: AnyFeature) -> None:
    """Add the subcommands of a feature: ``ptgbot FEATURE NAME CONFIG [ARGUMENT…]``."""
    if not feature.subcommands:
        return
    own = commands.add_parser(feature.name, help=f"commands of the feature {feature.name}")
    names = own.add_subparsers(required=True, metavar="NAME")
    for one in feature.subcommands:
        made = names.add_parser(one.name, help=one.help)
        made.add_argument("config", type=Path, help="configuration (TOML)")
        made.add_argument("arguments", nargs="*", help="what the command wants to know")
        made.set_defaults(call=partial(_of_feature, feature, one))


def _of_feature(feature: AnyFeature, command: Subcommand[Any], options: argparse.Namespace) -> int:
    config = load(options.config)
    if command.take is not None:
        return _taken(config, feature, command, options.arguments)
    standing = asyncio.run(follow(config, clock()))
    tree = cast("Tree", standing.state.get(feature.name, feature.empty()))
    settings = feature.settings_in(config.features)
    try:
        for line in command.run(settings, tree, options.arguments):
            sys.stdout.write(f"{line}\n")
    except ValueError as error:
        return _failed(error, CONFIGURATION)
    return STOPPED


def _taken(config: Config, feature: AnyFeature, command: Subcommand[Any], names: Sequence[str]) -> int:
    try:
        lines = asyncio.run(take(config, feature, command, [Path(name) for name in names], clock()))
    except ValueError as error:
        return _failed(error, CONFIGURATION)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return STOPPED


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    options = parser().parse_args(arguments)
    logs.configure()
    call: Callable[[argparse.Namespace], int] = options.call
    try:
        return call(options)
    except (ConfigError, PublishError) as error:
        return _failed(error, CONFIGURATION)
    except (Damaged, Newer, Unreadable, Locked, NotWritten) as error:
        return _failed(error, STATE)
    except KeyboardInterrupt:
        return STOPPED
    except OSError as error:
        return _failed(error, UNEXPECTED)


def _failed(error: Exception, status: int) -> int:
    sys.stderr.write(f"ptgbot: {error}\n")
    return status


@contextlib.contextmanager
def _configured(path: Path) -> Iterator[Config]:
    if path.suffix != ".json":
        yield load(path)
        return
    with tempfile.TemporaryDirectory(prefix="ptgbot-") as folder:
        config, odd = legacy.load_legacy(path, Path(folder))
        for sentence in odd:
            log.warning(f"{path}: {sentence}")
        yield config


def _run(options: argparse.Namespace) -> int:
    with _configured(options.config) as config:
        if not config.adapters:
            raise ConfigError(f"{options.config}: no adapter. Write an [[irc]] table.")
        opened = asyncio.run(open_state(config, discard_edits=options.discard_edits))
        told = asyncio.run(_serve(Service(config, opened)))
    return STOPPED if told else NO_ADAPTER


async def _serve(service: Service, ready: Callable[[Service], None] = lambda _: None) -> bool:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, service.stop)
    task = asyncio.create_task(service.run(), name="service")
    started = asyncio.create_task(service.started.wait(), name="started")
    await asyncio.wait({task, started}, return_when=asyncio.FIRST_COMPLETED)
    if started.done():
        ready(service)
    started.cancel()
    return await task


def _demo(options: argparse.Namespace) -> int:
    logs.configure("ERROR")
    document = demo.document_from(options.file)
    with tempfile.TemporaryDirectory(prefix="ptgbot-demo-") as folder:
        config = demo.prepare(Path(folder), document, clock())
        opened = asyncio.run(open_state(config))
        # The folder is removed at the end: nobody will read what a build makes then.
        asyncio.run(_serve(Service(config, opened, finishes_site=False), _invite))
    return STOPPED


def _invite(service: Service) -> None:
    sys.stdout.write(demo.invitation(service.core.state.committed, service.port, clock()))
    sys.stdout.flush()


def _site(options: argparse.Namespace) -> int:
    config = load(options.config)
    if config.site is None:
        raise ConfigError(f'{options.config}: there is no [site] table; write one with output = "html".')
    try:
        at = moment_shown()
    except ValueError as error:
        raise ConfigError(f"{error}.") from error
    sys.stdout.write(asyncio.run(build_site(config, at)) + "\n")
    return STOPPED


def _check(options: argparse.Namespace) -> int:
    with _configured(options.config) as config:
        for sentence in odd_values(config, clock()):
            sys.stdout.write(f"{sentence}\n")
        check_features(config)
        names = ", ".join(c.name for _, c, _ in config.adapters) or "none"
        sys.stdout.write(f"The configuration can be used. Adapters: {names}.\n")
        found = [] if options.offline else asyncio.run(look(config))
    for name, finding in found:
        sys.stdout.write(f"{name}: {'' if finding.good else 'MISSING: '}{finding.text}\n")
    return STOPPED if all(finding.good for _, finding in found) else CONFIGURATION


def _journal(options: argparse.Namespace) -> int:
    config = load(options.config)
    for line in JOURNAL[options.action](config.state.path):
        sys.stdout.write(line + "\n")
    return STOPPED


def _convert(options: argparse.Namespace) -> int:
    raw = legacy.read_legacy(options.config)
    for sentence in legacy.warnings(raw):
        sys.stderr.write(f"{options.config}: {sentence}\n")
    sys.stdout.write(legacy.toml(raw))
    return STOPPED
