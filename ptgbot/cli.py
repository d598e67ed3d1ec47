"""The program: its command line, and its exit statuses."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

from ptgbot import __version__, logs
from ptgbot.bulk import bulk_folder
from ptgbot.config import Config, ConfigError, load
from ptgbot.exits import Exit, explained
from ptgbot.feature import AnyFeature, BulkCommand, Missing, Subcommand, known_features, load_features
from ptgbot.following import follow
from ptgbot.publish import PublishError
from ptgbot.service import clock
from ptgbot.store.edits import Tree
from ptgbot.store.export import Unreadable
from ptgbot.store.store import Damaged, Locked, Newer, NotWritten
from ptgbot.taking import take
from ptgbot.tools import VERBS, completion
from ptgbot.tools.output import print_lines
from ptgbot.tools.verb import told

_STATUSES: Final = (Exit.STOPPED, Exit.UNEXPECTED, Exit.CONFIGURATION, Exit.STATE, Exit.INTERRUPTED)
"""The statuses with which the command of a feature can end."""


def parser(words: Sequence[str] = ()) -> argparse.ArgumentParser:
    """Return the parser of the program's command line.

    Args:
        words: names of features with an extra that are imported, too.

    Raises:
        Missing: a feature cannot be imported.
    """
    top = argparse.ArgumentParser(
        prog="ptgbot",
        description="What is discussed where, now and next.",
        epilog="`ptgbot COMMAND --help` has examples and the exit statuses of a command.",
    )
    top.add_argument("--version", action="version", version=f"ptgbot {__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for verb in VERBS:
        verb.add_to(commands)
    completion.verb(_whole_parser).add_to(commands)
    loaded = load_features(words)
    for feature in loaded:
        _add_subcommands(commands, feature)
    for name in sorted(known_features().keys() - {feature.name for feature in loaded}):
        commands.add_parser(name, help=f"commands of the feature {name}")
    return top


def _whole_parser() -> argparse.ArgumentParser:
    """Return the parser with the subcommands of every feature that can be imported."""
    importable = []
    for name in known_features():
        with contextlib.suppress(Missing):
            load_features([name])
            importable.append(name)
    return parser(importable)


def _add_subcommands(commands: Any, feature: AnyFeature) -> None:
    """Add the subcommands of a feature: ``ptgbot FEATURE NAME CONFIG [ARGUMENT…]``, and its tools."""
    if not feature.subcommands and not feature.tools and not feature.bulk_commands:
        return
    own = commands.add_parser(feature.verb or feature.name, help=f"commands of the feature {feature.name}")
    names = own.add_subparsers(required=True, metavar="NAME")
    found: list[Subcommand[Any] | BulkCommand[Any]] = [*feature.subcommands, *feature.bulk_commands]
    groups = {"": names}
    for one in found:
        group, _, last = one.name.rpartition(" ")
        if group not in groups:
            within = _add_command(names, group, f"commands about {group}")
            groups[group] = within.add_subparsers(required=True, metavar="NAME")
        made = _add_command(groups[group], last, one.help)
        made.add_argument("config", type=Path, help="configuration (TOML)")
        made.add_argument("arguments", nargs="*", help="what the command wants to know")
        made.set_defaults(call=partial(_of_feature, feature, one))
    for tool in feature.tools:
        made = _add_command(names, tool.name, tool.help)
        tool.declare(made)
        made.set_defaults(call=lambda options, tool=tool: _printed(tool.run(options)))


def _add_command(names: Any, name: str, purpose: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = names.add_parser(
        name,
        help=purpose,
        description=f"{purpose[:1].upper()}{purpose[1:]}.",
        epilog=told(_STATUSES),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return made


def _of_feature(
    feature: AnyFeature, command: Subcommand[Any] | BulkCommand[Any], options: argparse.Namespace
) -> Exit:
    config = load(options.config, secrets=False)
    if isinstance(command, BulkCommand):
        bulk = bulk_folder(config.state.path) / feature.name
        return _printed(command.run(feature.settings_in(config.features), bulk, options.arguments))
    if command.take is not None:
        return _taken(config, feature, command, options.arguments)
    standing = asyncio.run(follow(config, clock()))
    tree = cast("Tree", standing.state.get(feature.name, feature.empty()))
    return _printed(command.run(feature.settings_in(config.features), tree, options.arguments))


def _printed(lines: Iterable[str]) -> Exit:
    """Print the lines of a feature's command."""
    try:
        print_lines(lines)
    except ValueError as error:
        return _failed(str(error), Exit.CONFIGURATION)
    except KeyboardInterrupt:
        pass  # a bar ends its line when nothing refers to its work any more, which is after this block
    else:
        return Exit.STOPPED
    return _failed("interrupted.", Exit.INTERRUPTED)


def _taken(config: Config, feature: AnyFeature, command: Subcommand[Any], names: Sequence[str]) -> Exit:
    """Take over files of another program into the state."""
    try:
        print_lines(asyncio.run(take(config, feature, command, [Path(name) for name in names], clock())))
    except ValueError as error:
        return _failed(str(error), Exit.CONFIGURATION)
    return Exit.STOPPED


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    options = parser(words[:1]).parse_args(words)
    logs.configure()
    call: Callable[[argparse.Namespace], Exit] = options.call
    try:
        return call(options)
    except (ConfigError, PublishError) as error:
        return _failed(str(error), Exit.CONFIGURATION)
    except (Damaged, Newer, Unreadable, Locked, NotWritten) as error:
        return _failed(str(error), Exit.STATE)
    except KeyboardInterrupt:
        return Exit.STOPPED
    except BrokenPipeError:
        # Whoever reads our output, such as head(1), has seen enough. Nothing may be flushed into it at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.STOPPED
    except OSError as error:
        return _failed(explained(error), Exit.STATE)


def _failed(sentence: str, status: Exit) -> Exit:
    sys.stderr.write(f"ptgbot: {sentence}\n")
    return status
