"""The pages of a project: its grid in four windows, how each CI did, what is missing, flips and reruns."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from markupsafe import Markup

from ptgbot.ci.addresses import project_folder
from ptgbot.ci.board import Board
from ptgbot.ci.board_json import board_json
from ptgbot.ci.standing import State
from ptgbot_site.build.markup import EMPTY, cut, joined, link, name, paragraph, section
from ptgbot_site.build.words import say
from ptgbot_site.ci import badges, signs
from ptgbot_site.ci.desk import MOST_COLUMNS, WINDOWS, Desk
from ptgbot_site.ci.grid import Grid
from ptgbot_site.ci.markup import facts, items, moment, outside, page, percent, table

ROOT: Final = "../../../"
"""Relative address of the board from a page of a project."""
FILES: Final = {"24h": "index", "48h": "48h", "7d": "7d", "30d": "30d"}
"""Names of the pages by their windows."""
LARGEST: Final = 110_000
"""Most bytes of the compressed body of a page: with the frame, and its style sheets and scripts, 150,000 travel."""
_MOST_CELLS: Final = 4_000
_MOST_LISTED: Final = 60


def window_names() -> Mapping[str, str]:
    """Return the names of the windows in the language of the site."""
    return {"24h": say("24 hours"), "48h": say("48 hours"), "7d": say("7 days"), "30d": say("30 days")}


def is_known(desk: Desk, server: str, project: str) -> bool:
    """Say whether there is a project."""
    query = "SELECT 1 FROM changes WHERE server = ? AND project = ? AND NOT deleted LIMIT 1"
    return desk.sql.execute(query, (server, project)).fetchone() is not None


def bodies(desk: Desk, server: str, project: str) -> Iterator[tuple[str, str, bytes]]:
    """Yield for each window the name of its files, the body of its page, and its JSON."""
    widest = desk.board(server, project, max(WINDOWS.values()))
    for window, seconds in WINDOWS.items():
        board = widest.narrowed(seconds)
        total = desk.count(server, project, seconds)
        board, body = _fitting(desk, board, window, total)
        told = {**board_json(board), "server": server, "patch_sets": total, "shown": len(board.columns)}
        yield FILES[window], body, f"{json.dumps(told, ensure_ascii=False)}\n".encode(errors="replace")


def _fitting(desk: Desk, board: Board, window: str, total: int) -> tuple[Board, str]:
    """Return a board and the body of its page, with so many patch sets that the page is small enough."""
    most = _columns_for(board, min(len(board.columns), MOST_COLUMNS))
    while True:
        board = board.narrowed(board.wanted.window, most)
        body = _body(desk, board, window, total)
        if most <= 1 or len(gzip.compress(body.encode(), 5)) <= LARGEST:
            return board, body
        most //= 2


def _columns_for(board: Board, most: int) -> int:
    """Return how many patch sets have no more results together than fit, at least one."""
    cells = 0
    for at, column in enumerate(board.columns[:most]):
        cells += sum(len(run.jobs) for run in board.current(column).values())
        if cells > _MOST_CELLS:
            return max(at, 1)
    return most


def _body(desk: Desk, board: Board, window: str, total: int) -> str:
    wanted = board.wanted
    grid = Grid(desk, board, ROOT)
    shown = grid.html(say("Patch sets and results"))
    return page(
        name(wanted.project),
        _summary(desk, board, window, total),
        _windows(window),
        _filters(board),
        shown or paragraph(say("No patch set was created in this time."), "ptg-nothing"),
        paragraph(say("{number} more jobs are in none of the rows.").format(number=grid.left)) if grid.left else EMPTY,
        section(say("Missing results"), _missing(desk, board)),
        section(say("How each CI did"), _health(desk, board)),
        section(say("Jobs that flip"), _flips(desk, board)),
        section(say("Reruns that people asked for"), _rechecks(board)),
        _ways(window),
    )


def _summary(desk: Desk, board: Board, window: str, total: int) -> Markup:
    own = [one for (account, _), one in board.health().items() if account in board.trusted]
    runs, good = sum(one.runs for one in own), sum(one.success for one in own)
    states = [state for account, _, state in board.outstanding() if account not in board.trusted]
    upstream = percent(good / runs) if runs else "–"
    part = say("the newest {shown} of {total} patch sets").format(shown=len(board.columns), total=total)
    rows: list[tuple[str, Markup | str]] = [
        (say("Patch sets"), part if total > len(board.columns) else str(total)),
        (say("Upstream succeeded"), f"{upstream} ({good}/{runs})"),
        (say("Missed by other CIs"), str(states.count(State.MISSED))),
        (say("Still pending"), str(states.count(State.PENDING))),
        (say("Flips"), str(len(board.unstable()))),
        (say("As of"), moment(desk.at)),
    ]
    return facts(rows)


def _windows(window: str) -> Markup:
    made = (
        Markup('<a href="{}.html"{}>{}</a>').format(
            FILES[one], Markup(' aria-current="page"') if one == window else EMPTY, label
        )
        for one, label in window_names().items()
    )
    return Markup('<nav class="ci-windows" aria-label="{}">{}</nav>').format(say("Window"), joined(made))


def _filters(board: Board) -> Markup:
    """Return the form that the script of the page shows. It works on what the page has, and notes it in its address."""
    branches = sorted({cut(column.branch) for column in board.columns})
    cis = [account for account in board.accounts() if len(account) <= 200]
    return Markup(
        '<form class="ci-filters" hidden><label>{} <select name="branch"><option value="">{}</option>{}</select>'
        '</label><label>{} <select name="ci"><option value="">{}</option>{}</select></label>'
        '<label><input type="checkbox" name="voting" value="1"> {}</label>'
        '<label><input type="checkbox" name="failures" value="1"> {}</label>'
        '<p role="status" class="ci-filtered"></p></form>'
    ).format(
        say("Branch"),
        say("all"),
        joined(Markup('<option value="{0}">{0}</option>').format(one) for one in branches),
        say("CI"),
        say("all"),
        joined(Markup('<option value="{}">{}</option>').format(one, cut(one)) for one in cis),
        say("voting only"),
        say("failures only"),
    )


def _missing(desk: Desk, board: Board) -> Markup:
    rows = board.outstanding()
    order = {State.MISSED: 0, State.PENDING: 1, State.SUPERSEDED: 2}
    rows.sort(key=lambda one: order[one[2]])
    heads = [say("CI"), say("Patch set"), say("State"), say("Created")]
    made: Iterator[Sequence[Markup | str]] = (
        [
            desk.to_account(account, ROOT),
            outside(column.url, column.name),
            f"{signs.OF_STATE[state]} {signs.word_of(state)}",
            moment(column.created),
        ]
        for account, column, state in rows[:_MOST_LISTED]
    )
    return _cut_short(table(say("Missing results"), heads, made), len(rows))


def _cut_short(made: Markup, number: int) -> Markup:
    if number <= _MOST_LISTED:
        return made
    return made + paragraph(say("{number} more are not listed.").format(number=number - _MOST_LISTED))


def _health(desk: Desk, board: Board) -> Markup:
    heads = [say("CI"), say("Pipeline"), say("Runs"), say("Success"), say("Reruns"), say("Last result")]
    rows: Iterator[Sequence[Markup | str]] = (
        [
            desk.to_account(account, ROOT),
            name(pipeline, 30),
            str(one.runs),
            percent(one.rate),
            str(one.reruns),
            moment(board.last[account]) if account in board.last else "–",
        ]
        for (account, pipeline), one in board.health().items()
    )
    return table(say("How each CI did"), heads, rows)


def _flips(desk: Desk, board: Board) -> Markup:
    found = board.unstable()
    heads = [say("Job"), say("CI"), say("Patch set"), say("Results in their order")]
    rows: Iterator[Sequence[Markup | str]] = (
        [
            name(row.job),
            desk.to_account(row.account, ROOT),
            outside(column.url, column.name),
            ", ".join(one[:30] for one in results[:10]),
        ]
        for row, column, results in found[:_MOST_LISTED]
    )
    return _cut_short(table(say("Jobs that flip"), heads, rows), len(found))


def _rechecks(board: Board) -> Markup:
    rows = [
        Markup("{} <q>{}</q>").format(outside(column.url, column.name), cut(line, 100))
        for column, _, line in board.rechecks()
    ]
    return items(reversed(rows[-_MOST_LISTED:]))


def _ways(window: str) -> Markup:
    return Markup('<p class="ci-ways">{}</p>').format(
        joined(
            [
                link(f"{FILES[window]}.json", say("This page as JSON")),
                link(badges.FILE, say("Badge")),
                link(f"{ROOT}index.html", say("All projects")),
            ],
            " · ",
        )
    )


def folder_of(server: str, project: str) -> str:
    """Return the folder of the pages of a project."""
    return project_folder(server, project)
