"""The commands ``ptgbot stats commits``, ``check`` and ``convert``, which need no configuration."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ptgbot.bars import progress, write_line
from ptgbot.contributions.convert import as_toml
from ptgbot.contributions.counting import count
from ptgbot.contributions.model import Register
from ptgbot.contributions.people_files import BadData, load_corrections, load_mailmap, load_people
from ptgbot.contributions.rules import Options, with_assistants
from ptgbot.feature import Tool

_SHOWN: Final = 10
"""People and organisations that are told where JSON is not wanted."""


def _tell(sentence: str) -> None:
    """Tell something beside the results."""
    write_line(sentence, sys.stderr)


def _register(path: Path | None, mailmap: Path | None) -> Register:
    if path is None:
        register = Register()
    else:
        loaded = load_people(path)
        register = loaded.register
        for doubt in loaded.doubts:
            _tell(doubt)
    if mailmap:
        register.mailmap = load_mailmap(mailmap)
    return register


# ptgbot stats commits


def _folder(text: str) -> Path:
    if "://" in text:
        raise argparse.ArgumentTypeError(f"{text} is an address. Clone it first: git clone --bare {text}")
    return Path(text)


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no pattern: {error}") from None
    return text


def _declare_commits(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("repositories", nargs="+", type=_folder, metavar="REPOSITORY", help="a repository of git")
    parser.add_argument("--people", type=Path, metavar="FILE", help="default_data.json of Stackalytics, or our TOML")
    parser.add_argument("--corrections", type=Path, metavar="FILE", help="corrections.json of Stackalytics")
    parser.add_argument("--mailmap", type=Path, metavar="FILE", help="names and addresses to replace before all else")
    parser.add_argument("--rev", default="HEAD", help="the commit up to which is counted, HEAD if left out")
    dates = ["author", "commit", "merge"]
    parser.add_argument("--date", choices=dates, default="author", help="which date of a commit counts")
    parser.add_argument(
        "--last-release-goes-on", action="store_true", help="later commits belong to the last release, not after it"
    )
    parser.add_argument("--split", action="store_true", help="divide a commit among its people")
    parser.add_argument(
        "--count-robots-as-co-authors", action="store_true", help="count robots beside people, as Stackalytics did"
    )
    parser.add_argument(
        "--assistants",
        action="append",
        default=[],
        type=_pattern,
        metavar="PATTERN",
        help="programs that are no people: searched in NAME <ADDRESS> of authors; may be given several times",
    )
    parser.add_argument("--json", action="store_true", help="print a line of JSON for each repository")


def _commits(options: argparse.Namespace) -> Iterator[str]:
    register = with_assistants(_register(options.people, options.mailmap), options.assistants)
    corrections = load_corrections(options.corrections) if options.corrections else ()
    switches = Options(
        options.rev,
        options.date,
        options.last_release_goes_on,
        options.split,
        options.count_robots_as_co_authors,
    )
    for path in progress(options.repositories, "counting"):
        found = count(path, register, corrections, switches, _tell)
        yield json.dumps(found) if options.json else "\n".join(_told(found))


def _told(found: dict[str, Any]) -> Iterator[str]:
    """Yield the numbers of a repository in a few lines of text."""
    totals = found["totals"]
    yield (
        f"{found['repository']}: {totals['counted']} of {totals['non_merge']} commits counted, by {totals['users']}"
        f" people of {totals['companies']} organisations, {totals['loc']} lines"
    )
    for title, key in (("People", "by_user"), ("Organisations", "by_company")):
        counts = [(name, sums["commits"]) for name, sums in found[key].items()]
        yield f"  {title}: {', '.join(f'{name} ({commits})' for name, commits in counts[:_SHOWN])}"


# ptgbot stats check


def _declare_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("people", type=Path, metavar="FILE", help="default_data.json of Stackalytics, or our TOML")
    parser.add_argument("--corrections", type=Path, metavar="FILE", help="corrections.json of Stackalytics")
    parser.add_argument("--mailmap", type=Path, metavar="FILE", help="a .mailmap")


def _check(options: argparse.Namespace) -> Iterator[str]:
    loaded = load_people(options.people)
    corrections = load_corrections(options.corrections) if options.corrections else ()
    mailmap = load_mailmap(options.mailmap) if options.mailmap else loaded.register.mailmap
    if loaded.doubts:
        raise BadData("\n".join(loaded.doubts))
    found = loaded.register
    yield (
        f"{options.people}: {len(found.people)} people, {len(found.organisations)} organisations,"
        f" {len(found.releases)} releases, {len(found.repositories)} repositories,"
        f" {len(found.groups.groups)} groups of modules, {len(found.groups.types)} types of projects,"
        f" {len(corrections)} corrections,"
        f" {len(mailmap.replaced)} replaced names or addresses. Nothing is wrong."
    )


# ptgbot stats convert


def _declare_convert(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", type=Path, metavar="FILE", help="default_data.json of Stackalytics")


def _convert(options: argparse.Namespace) -> Iterator[str]:
    loaded = load_people(options.data)
    for sentence in (*loaded.doubts, *loaded.left_out):
        _tell(sentence)
    yield from as_toml(loaded.register)


TOOLS: Final = (
    Tool(
        "commits", "count the commits of repositories by people, organisations and releases", _declare_commits, _commits
    ),
    Tool("check", "say what is wrong in the file about people, organisations and releases", _declare_check, _check),
    Tool("convert", "print default_data.json of Stackalytics as our TOML", _declare_convert, _convert),
)
