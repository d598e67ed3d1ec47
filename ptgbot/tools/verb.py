"""A command of the program: its name, help, examples and arguments."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from ptgbot.exits import MEANINGS, Exit

Arguments = Callable[[argparse.ArgumentParser], None]
Call = Callable[[argparse.Namespace], Exit]


def takes_config(parser: argparse.ArgumentParser) -> None:
    """Add the argument that every command with a configuration has."""
    parser.add_argument("config", type=Path, help="configuration (TOML)")


@frozen
class Verb:
    """A command of the program."""

    name: str
    help: str
    """What it does, in a few words."""
    call: Call
    examples: Sequence[str]
    """Command lines without ``ptgbot`` and the name."""
    arguments: Arguments = takes_config
    statuses: Sequence[Exit] = (Exit.STOPPED, Exit.UNEXPECTED, Exit.CONFIGURATION, Exit.STATE)
    """The statuses with which it can end."""

    def add_to(self, commands: Any) -> None:
        """Add the command to the subparsers of the program."""
        made = commands.add_parser(
            self.name,
            help=self.help,
            description=f"{self.help[0].upper()}{self.help[1:]}.",
            epilog=self.epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        self.arguments(made)
        made.set_defaults(call=self.call)

    @property
    def epilog(self) -> str:
        """The examples and the exit statuses, as ``--help`` shows them."""
        examples = [f"  ptgbot {self.name} {one}".rstrip() for one in self.examples]
        return "\n".join(["examples:", *examples, "", told(self.statuses)])


def told(statuses: Sequence[Exit]) -> str:
    """Return the lines about exit statuses, as ``--help`` shows them."""
    return "\n".join(["exit statuses:", *(f"  {status.value}  {MEANINGS[status]}" for status in statuses)])
