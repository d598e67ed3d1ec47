"""How all projects and all CIs are today."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Sequence
from typing import Final

from attrs import asdict, frozen
from markupsafe import Markup

from ptgbot.ci import changed
from ptgbot.ci.incidents import incident_at
from ptgbot.ci.spans import DAY
from ptgbot.ci.standing import State
from ptgbot_site.build.markup import EMPTY, joined, link, paragraph, section
from ptgbot_site.build.words import say
from ptgbot_site.ci.desk import Desk
from ptgbot_site.ci.incident import banner
from ptgbot_site.ci.markup import moment, percent, table

MOST: Final = 400
"""Most projects, and most CIs, of the first page."""
_COLUMNS: Final = 200
"""Most patch sets of a project that are looked at; a project has seldom more in a day."""
_known: dict[tuple[str, str, str], tuple[object, Today]] = {}
"""What was found out last about each project, with the number of its change and the settings."""
_MOST_KNOWN: Final = 5_000


@frozen
class Today:
    """How a project is today."""

    server: str
    project: str
    of: str
    """Class of the style sheet."""
    sign: str
    words: str
    patch_sets: int
    runs: int
    """Results of upstream."""
    success: int
    missed: int
    pending: int
    flips: int
    last: int | None
    """When the last result came (seconds since 1970)."""


def today(desk: Desk, server: str, project: str) -> Today:
    """Return how a project was in the last day."""
    number = desk.sql.execute("SELECT number FROM changed WHERE key = ?", (changed.key_of(server, project),)).fetchone()
    place = (str(desk.sql.execute("PRAGMA database_list").fetchone()[2]), server, project)
    stamp = (number, desk.settings, desk.at // DAY, changed.WINDOWS["24h"])
    former = _known.get(place)
    if former and number and former[0] == stamp:
        return former[1]
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known[place] = (stamp, found := _today(desk, server, project))
    return found


def _today(desk: Desk, server: str, project: str) -> Today:
    board = desk.board(server, project, DAY, _COLUMNS)
    own = [one for (account, _), one in board.health().items() if account in board.trusted]
    runs, success = sum(one.runs for one in own), sum(one.success for one in own)
    states = [state for _, _, state in board.outstanding()]
    missed = states.count(State.MISSED)
    of, sign, words = _state(runs, success, missed)
    return Today(
        server,
        project,
        of,
        sign,
        words,
        desk.count(server, project, DAY),
        runs,
        success,
        missed,
        states.count(State.PENDING),
        len(board.unstable()),
        max(board.last.values(), default=None),
    )


def _state(runs: int, success: int, missed: int) -> tuple[str, str, str]:
    """Return the state of a project: class, sign and words. No data is never good."""
    if not runs:
        return ("missed", "○", say("results missing")) if missed else ("neutral", "?", say("no results today"))
    if success * 2 < runs:
        return "fail", "✘", say("mostly failing")
    if missed:
        return "missed", "○", say("results missing")
    return "ok", "✔", say("well")


def body(desk: Desk) -> Markup:
    """Return the contents of the first page, without its title."""
    projects = desk.projects()
    rows = [today(desk, server, project) for server, project in projects[:MOST]]
    ways = [
        link("matrix.html", say("Who has CI")),
        link("upstream.html", say("Upstream")),
        link("index.json", say("This page as JSON")),
    ]
    waiting = _waiting(desk, {name for _, name in projects})
    if not rows:
        return paragraph(say("No event of a server was read yet."), "ptg-nothing") + waiting
    more = len(projects) - len(rows)
    return joined(
        [
            banner(incident_at(desk.sql, desk.at)),
            Markup('<p class="ci-ways">{}</p>').format(joined(ways, " · ")),
            section(say("Projects today"), _projects(desk, rows)),
            paragraph(say("{number} more projects are in the JSON.").format(number=more)) if more > 0 else EMPTY,
            waiting,
            section(say("CIs"), _accounts(desk)),
            paragraph(Markup("{} {}").format(say("As of"), moment(desk.at))),
        ]
    )


def _waiting(desk: Desk, known: Container[str]) -> Markup:
    """Return the names of configured projects of which nothing is known: no data is never good."""
    names = [name for name in desk.settings.projects if "*" not in name and name not in known]
    if not names:
        return EMPTY
    shown = ", ".join(names[:MOST])
    return paragraph(say("Configured, and without any event so far: {names}.").format(names=shown))


def _projects(desk: Desk, rows: Sequence[Today]) -> Markup:
    heads = [
        say("Project"),
        say("State"),
        say("Upstream succeeded"),
        say("Patch sets"),
        say("Missed"),
        say("Pending"),
        say("Flips"),
        say("Last result"),
    ]
    made: Iterator[Sequence[Markup | str]] = (
        [
            desk.to_project(one.server, one.project, ""),
            Markup('<span class="ci-state {}">{} {}</span>').format(one.of, one.sign, one.words),
            f"{percent(one.success / one.runs)} ({one.success}/{one.runs})" if one.runs else "–",
            str(one.patch_sets),
            str(one.missed),
            str(one.pending),
            str(one.flips),
            moment(one.last) if one.last else "–",
        ]
        for one in rows
    )
    return table(say("Projects today"), heads, made, "ci-today")


def _accounts(desk: Desk) -> Markup:
    heads = [say("CI"), say("State"), say("Projects"), say("Silent on"), say("Last result")]
    of: dict[str, list[tuple[bool, int]]] = {}
    for pair in desk.matrix.pairs:
        of.setdefault(pair.account, []).append((pair.silent, pair.last or 0))
    rows: list[Sequence[Markup | str]] = []
    for account in desk.matrix.accounts[:MOST]:
        silent, last = sum(one for one, _ in of[account]), max(at for _, at in of[account])
        kind, words = ("missed", f"○ {say('silent')}") if silent else ("ok", f"✔ {say('reports')}")
        if not silent and not last:
            kind, words = "neutral", f"? {say('unknown')}"
        rows.append(
            [
                desk.to_account(account, ""),
                Markup('<span class="ci-state {}">{}</span>').format(kind, words),
                str(len(of[account])),
                str(silent),
                moment(last) if last else "–",
            ]
        )
    return table(say("CIs"), heads, rows)


def as_json(desk: Desk) -> bytes:
    """Return the first page for scripts, with all projects."""
    incident = incident_at(desk.sql, desk.at)
    told = {
        "as_of": desk.at,
        "incident": {**asdict(incident), "jobs": [job[:200] for job in incident.jobs]} if incident else None,
        "projects": [_row(today(desk, *one)) for one in desk.projects()],
        "accounts": [*desk.matrix.accounts],
    }
    return f"{json.dumps(told, ensure_ascii=False)}\n".encode(errors="replace")


def _row(one: Today) -> dict[str, object]:
    shown = asdict(one, filter=lambda attribute, _: attribute.name not in ("of", "sign", "words"))
    return {**shown, "state": one.of}
