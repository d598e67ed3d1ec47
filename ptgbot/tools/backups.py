"""``ptgbot backup`` and ``ptgbot restore``."""

from __future__ import annotations

import argparse
from pathlib import Path

from ptgbot.chat.text import count
from ptgbot.config import ConfigError, load
from ptgbot.control import Denied, ask
from ptgbot.exits import Exit
from ptgbot.tools.archive import back_up, restore
from ptgbot.tools.output import print_lines
from ptgbot.tools.verb import Verb, takes_config


def _backup(options: argparse.Namespace) -> Exit:
    config, target = load(options.config, secrets=False), options.archive.absolute()
    if target.exists():
        raise ConfigError(f"{target} exists already; choose another name.")
    try:
        number = back_up(config, target)
    except PermissionError:
        if not config.control.exists():
            raise
        # The files are the bot's alone. Whoever may use its control socket may let the bot copy them.
        try:
            number = ask(config.control, "backup", patience=600.0, to=str(target))["files"]
        except Denied as refused:
            raise ConfigError(f"{refused}") from refused
    print_lines([f"{target}: {count(number, 'file')}. It holds what people typed in private, and keys: keep it safe."])
    return Exit.STOPPED


def _restore(options: argparse.Namespace) -> Exit:
    restored = restore(load(options.config, secrets=False), options.archive, replace=options.replace)
    if restored.aside:
        print_lines([f"The former state is in {restored.aside}."])
    print_lines([f"{count(restored.files, 'file')} put back. Start the bot."])
    return Exit.STOPPED


def _takes_archive(parser: argparse.ArgumentParser) -> None:
    takes_config(parser)
    parser.add_argument("archive", type=Path, help="the archive, such as ptgbot.tar.gz")


def _takes_both(parser: argparse.ArgumentParser) -> None:
    _takes_archive(parser)
    parser.add_argument("--replace", action="store_true", help="move a state that is there aside")


VERBS = (
    Verb(
        "backup",
        "copy state, documents, bulk storage and keys into one archive, also while the bot runs",
        _backup,
        ("/etc/ptgbot/ptgbot.toml /var/backups/ptgbot.tar.gz",),
        _takes_archive,
    ),
    Verb(
        "restore",
        "put an archive back, for the owner of the state's folder",
        _restore,
        (
            "/etc/ptgbot/ptgbot.toml /var/backups/ptgbot.tar.gz",
            "--replace /etc/ptgbot/ptgbot.toml /var/backups/ptgbot.tar.gz",
        ),
        _takes_both,
    ),
)
