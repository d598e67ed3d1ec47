"""``ptgbot status``, ``reload`` and ``stop``: what the running bot is asked at its control socket."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ptgbot.chat.text import clean
from ptgbot.config import control_of
from ptgbot.control import Denied, NoBot, ask
from ptgbot.exits import Exit
from ptgbot.tools.output import print_lines
from ptgbot.tools.verb import Verb, takes_config

_COLOURS: Final = {"green": "\x1b[32m", "yellow": "\x1b[33m", "red": "\x1b[31m"}
_PLAIN: Final = "\x1b[0m"


def described(answer: Mapping[str, Any], *, coloured: bool) -> Iterator[str]:
    """Yield the state of a bot for people: one line for each part, with its colour as a word."""
    said = answer["status"]
    yield f"ptgbot {answer['version']}, process {answer['pid']}: {'works' if said['ok'] else 'needs somebody'}" + (
        "" if said["ready"] else ", not ready yet"
    )
    width = max(map(len, said["parts"]), default=0)
    for name, part in said["parts"].items():
        colour = part["colour"]
        word = f"{_COLOURS[colour]}{colour:<6}{_PLAIN}" if coloured else f"{colour:<6}"
        counts = ", ".join(f"{key} {value}" for key, value in part.get("counts", {}).items() if value)
        yield f"  {name:<{width}}  {word}  {clean(part['text'])}{f' ({counts})' if counts else ''}"
    for network, rooms in answer["rooms"].items():
        yield f"  in on {network}: {' '.join(rooms) or 'no room'}"
    counts = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in said["counts"].items())
    yield f"  since the start: {counts}"


def _asked(options: argparse.Namespace, do: str) -> dict[str, Any] | Exit:
    """Ask the bot of a configuration. Return its answer, or the status after a sentence about why there is none."""
    try:
        return ask(control_of(options.config), do)
    except NoBot as error:
        sys.stderr.write(f"ptgbot: {error}\n")
        return Exit.STATE
    except Denied as error:
        sys.stderr.write(f"ptgbot: {error}\n")
        return Exit.CONFIGURATION


def _status(options: argparse.Namespace) -> Exit:
    answer = _asked(options, "status")
    if isinstance(answer, Exit):
        return answer
    if options.metrics:
        print_lines([answer["metrics"].rstrip("\n")])
    else:
        print_lines(described(answer, coloured=sys.stdout.isatty()))
    return Exit.STOPPED if answer["status"]["ok"] else Exit.UNEXPECTED


def _reload(options: argparse.Namespace) -> Exit:
    answer = _asked(options, "reload")
    if isinstance(answer, Exit):
        return answer
    changed = "; ".join(answer["changed"])
    print_lines([f"Changed: {changed}." if changed else "The configuration is the same as before."])
    return Exit.STOPPED


def _stop(options: argparse.Namespace) -> Exit:
    answer = _asked(options, "stop")
    return answer if isinstance(answer, Exit) else Exit.STOPPED


def _takes_metrics(parser: argparse.ArgumentParser) -> None:
    takes_config(parser)
    parser.add_argument("--metrics", action="store_true", help="print the metrics, as /metrics has them")


EXAMPLES = ("/etc/ptgbot/ptgbot.toml",)
VERBS = (
    Verb(
        "status",
        "say how the running bot is doing; the exit status is 1 while a part is red",
        _status,
        (*EXAMPLES, "--metrics /etc/ptgbot/ptgbot.toml"),
        _takes_metrics,
    ),
    Verb("reload", "let the running bot read its configuration again", _reload, EXAMPLES),
    Verb("stop", "let the running bot end in order", _stop, EXAMPLES),
)
