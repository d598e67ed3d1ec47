"""``ptgbot convert``: reads the original's ``config.json`` as our configuration."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ptgbot.config import Config, ConfigError, from_tables
from ptgbot.exits import Exit
from ptgbot.tools.output import print_lines
from ptgbot.tools.verb import Verb

KEYS = ("irc_nick", "irc_pass", "irc_server", "irc_port", "irc_channel", "db_filename", "log_config")
PASSWORD = "irc-password"  # noqa: S105 - the name of a file

_OFTC = ("oftc.net",)
"""Networks whose NickServ wants the password first."""


def read_legacy(path: Path) -> dict[str, Any]:
    """Read the file.

    Raises:
        ConfigError: it cannot be read or is not the original's configuration.
    """
    try:
        raw = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}.") from error
    except ValueError as error:
        if path.suffix == ".toml":
            raise ConfigError(f"{path} is TOML already; convert reads the config.json of the original.") from error
        raise ConfigError(f"{path}: {error}.") from error
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: expected an object with keys such as irc_nick.")
    missing = [key for key in ("irc_nick", "irc_server", "irc_channel") if not isinstance(raw.get(key), str)]
    if missing:
        raise ConfigError(f"{path}: {', '.join(missing)} must be given.")
    return raw


def warnings(raw: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each key that has no meaning here."""
    odd = [f"{key} is not used." for key in raw if key not in KEYS]
    return [*odd, *(["log_config is not used: logs go to standard error."] if "log_config" in raw else [])]


def tables(raw: Mapping[str, Any], password_file: str | None) -> dict[str, Any]:
    """Return the tables of our configuration that mean the same."""
    port = raw.get("irc_port", 6667)
    channel = str(raw["irc_channel"])
    # An IPv6 address begins with a colon, which no name may.
    name = {} if ":" in str(raw["irc_server"]) else {"name": str(raw["irc_server"])}
    irc: dict[str, Any] = {
        **name,
        "server": raw["irc_server"],
        "port": port,
        "tls": port == 6697,
        "nick": raw["irc_nick"],
        "channels": [channel if channel.startswith("#") else f"#{channel}"],
        "login": "nickserv" if password_file else "none",
    }
    if password_file:
        irc |= {"account": raw["irc_nick"], "password_file": password_file}
        if str(raw["irc_server"]).lower().endswith(_OFTC):
            irc["identify_command"] = "IDENTIFY {password} {account}"
    return {"state": {"path": raw.get("db_filename", "ptg.json")}, "irc": [irc]}


def toml(raw: Mapping[str, Any]) -> str:
    """Return the same configuration as TOML. The password goes into a file of its own."""
    made = tables(raw, PASSWORD if raw.get("irc_pass") else None)
    irc = made["irc"][0]
    lines = ["[state]", f"path = {json.dumps(made['state']['path'])}", "", "[[irc]]"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in irc.items()]
    if raw.get("irc_pass"):
        lines.insert(0, f"# Put the password (irc_pass) into the file {PASSWORD}, readable by the bot alone.")
    return "\n".join(lines) + "\n"


def load_legacy(path: Path, folder: Path) -> tuple[Config, list[str]]:
    """Return the configuration and the warnings. The password is written into a file below ``folder``.

    Raises:
        ConfigError: the file cannot be read or is not the original's configuration.
    """
    raw = read_legacy(path)
    password_file = None
    if raw.get("irc_pass"):
        secret = folder / PASSWORD
        secret.touch(mode=0o600)
        secret.write_text(str(raw["irc_pass"]), "utf-8")
        password_file = str(secret)
    return from_tables(tables(raw, password_file), Path.cwd(), str(path)), warnings(raw)


def _convert(options: argparse.Namespace) -> Exit:
    raw = read_legacy(options.config)
    for sentence in warnings(raw):
        sys.stderr.write(f"{options.config}: {sentence}\n")
    print_lines([toml(raw).rstrip("\n")])
    return Exit.STOPPED


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("config", type=Path, help="config.json of the original")


STATUSES = (Exit.STOPPED, Exit.CONFIGURATION)
EXAMPLES = ("config.json > ptgbot.toml",)
VERB = Verb("convert", "print the original's config.json as TOML", _convert, EXAMPLES, _arguments, STATUSES)
