"""``ptgbot ci read`` and ``ptgbot ci show``: what the reader and the board make of files with events."""

from __future__ import annotations

import argparse
import difflib
import json
import re
import time
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import attrs

from ptgbot.chat.text import clean
from ptgbot.ci.board import Board, Wanted
from ptgbot.ci.board_json import board_json
from ptgbot.ci.events import LONGEST_LINE, read_line
from ptgbot.ci.facts import Facts, opened
from ptgbot.ci.settings import CiSettings, matches
from ptgbot.feature import Tool
from ptgbot.tables import ConfigError, Reader

_UNITS: Final = {"m": 60, "h": 3600, "d": 86_400}
_SPAN: Final = re.compile(r"(\d{1,6})\s*(m|h|d)[a-z]*")


def settings_in(path: Path | None) -> CiSettings:
    """Return the settings of the board in a configuration, or in a file that has nothing else.

    Raises:
        ValueError: the file is no TOML, or a setting is wrong.
        OSError: the file cannot be read.
    """
    if path is None:
        return CiSettings()
    text = path.read_text("utf-8")
    raw = tomllib.loads(text)
    names = {one.name for one in attrs.fields(CiSettings)}
    is_own = "ci" not in raw and bool(raw) and raw.keys() <= names
    reader, where = Reader(path.absolute().parent, path.name, text), "" if is_own else "ci"
    try:
        return reader.read(CiSettings, raw if is_own else raw.get("ci", {}), where)
    except ConfigError as error:
        raise ValueError(str(error)) from error


def lines_of(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file; a line that is too long comes cut, just long enough to be refused.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        while line := file.readline(LONGEST_LINE + 2):
            yield line
            while not line.endswith(b"\n") and (line := file.readline(LONGEST_LINE)):
                pass


def seconds_in(text: str) -> int:
    """Return the seconds of a span such as ``24h``, ``7d`` or ``48 hours``.

    Raises:
        ArgumentTypeError: it is no span.
    """
    found = _SPAN.fullmatch(text.strip().lower())
    if not found or not int(found[1]):
        raise argparse.ArgumentTypeError(f"{text!r} is no span of time such as 24h or 7d")
    return int(found[1]) * _UNITS[found[2]]


# Read


def _declare_read(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("events", type=Path, metavar="EVENTS", help="events of Gerrit, one JSON object a line")
    parser.add_argument("--config", type=Path, help="configuration (TOML); a table [ci] is enough")


def _read(options: argparse.Namespace) -> Iterator[str]:
    settings = settings_in(options.config)
    for number, line in enumerate(lines_of(options.events), 1):
        yield json.dumps(read_line(line, settings).to_json(number), ensure_ascii=False)


# Show


def _declare_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", metavar="PROJECT", help="name of a project, such as openstack/nova")
    parser.add_argument("config", type=Path, metavar="CONFIG", help="configuration (TOML); a table [ci] is enough")
    parser.add_argument("events", type=Path, nargs="+", metavar="EVENTS", help="events of Gerrit, JSON lines")
    parser.add_argument("--branch", help="only this branch")
    parser.add_argument("--window", type=seconds_in, default=86_400, metavar="SPAN", help="24h unless given")
    parser.add_argument("--at", type=int, metavar="SECONDS", help="the moment, in seconds since 1970; now unless given")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _show(options: argparse.Namespace) -> Iterator[str]:
    settings = settings_in(options.config)
    at = int(time.time()) if options.at is None else options.at
    with opened(":memory:") as facts:
        _put(facts, options.events, settings)
        _check_project(facts, options.project, settings)
        board = Board(facts.sql, Wanted(options.project, at, options.window, options.branch), settings)
        if options.json:
            yield json.dumps(board_json(board), ensure_ascii=False)
        else:
            yield from map(clean, told(board))


def _put(facts: Facts, paths: Sequence[Path], settings: CiSettings) -> None:
    for path in paths:
        for line in lines_of(path):
            facts.put(read_line(line, settings))


def _check_project(facts: Facts, project: str, settings: CiSettings) -> None:
    """Make sure that the board can have a project: it is configured, or an event is about it."""
    known = [row[0] for row in facts.sql.execute("SELECT DISTINCT project FROM changes")]
    if project not in known and not matches(project, settings.projects):
        near = difflib.get_close_matches(project, known, 3, 0.3)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise ValueError(f"no event is about a project {project}.{hint}")


def told(board: Board) -> Iterable[str]:
    """Yield a board for people: a line for each job, and what is missing."""
    yield f"{board.wanted.project}: {len(board.columns)} patch sets"
    for row in board.rows():
        cells = [
            cell.result if cell else str(board.state(row.account, column, row.pipeline))
            for column, cell in zip(board.columns, board.cells(row), strict=True)
        ]
        yield f"  {row.account} › {row.pipeline} › {row.job}: {', '.join(cells)}"
    for account, column, state in board.outstanding():
        yield f"  {account} on {column.name}: {state}"


TOOLS: Final[tuple[Tool, ...]] = (
    Tool("read", "print how each event of a file is understood, as JSON", _declare_read, _read),
    Tool("show", "print the board of a project, made of files with events", _declare_show, _show),
)
