"""Who has CI: projects and CIs, who is silent where, and the projects that only upstream tests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from attrs import asdict
from markupsafe import Markup

from ptgbot.ci.matrix import Matrix, Pair
from ptgbot_site.build.markup import EMPTY, joined, link, paragraph, section
from ptgbot_site.build.words import say
from ptgbot_site.ci import signs
from ptgbot_site.ci.desk import Desk
from ptgbot_site.ci.markup import facts, items, moment, page, table

FILE: Final = "matrix"
_MOST_PAIRS: Final = 4_000
_MOST_CELLS: Final = 40_000
_MOST_LISTED: Final = 200


def body(desk: Desk) -> str:
    """Return the body of the page."""
    found = desk.matrix
    rows = facts(
        [
            (say("Projects"), str(len(found.projects))),
            (say("CIs"), str(len(found.accounts))),
            (say("Silent"), str(len(found.silent))),
            (say("Projects without other CIs than upstream"), str(len(found.without_third_parties))),
            (say("As of"), moment(desk.at)),
        ]
    )
    bare = found.without_third_parties
    return page(
        say("Who has CI"),
        rows,
        section(say("Silent CIs"), _silent(desk, found)),
        section(
            say("Projects without other CIs than upstream"),
            items((desk.to_project(*one, "") for one in bare[:_MOST_LISTED]), "ci-row"),
            _more(len(bare) - _MOST_LISTED),
        ),
        section(say("Projects and CIs"), *_grid(desk, found)),
        Markup('<p class="ci-ways">{}</p>').format(
            joined([link(f"{FILE}.json", say("This page as JSON")), link("index.html", say("All projects"))], " · ")
        ),
    )


def _more(number: int) -> Markup:
    return paragraph(say("{number} more are not listed.").format(number=number)) if number > 0 else EMPTY


def _silent(desk: Desk, found: Matrix) -> Markup:
    heads = [say("CI"), say("Project"), say("State"), say("Last result")]
    rows: Iterator[Sequence[Markup | str]] = (
        [
            desk.to_account(one.account, ""),
            desk.to_project(one.server, one.project, ""),
            signs.of_pair(one),
            moment(one.last) if one.last else "–",
        ]
        for one in found.silent[:_MOST_LISTED]
    )
    return table(say("Silent CIs"), heads, rows) + _more(len(found.silent) - _MOST_LISTED)


def _grid(desk: Desk, found: Matrix) -> list[Markup]:
    if not found.accounts:
        return []
    pairs = {(one.server, one.project, one.account): one for one in found.pairs}
    shown: list[Markup] = []
    filled = 0
    for at, (server, project) in enumerate(found.projects):
        own = [pairs.get((server, project, account)) for account in found.accounts]
        filled += sum(one is not None for one in own)
        if filled > _MOST_PAIRS or (at + 1) * len(own) > _MOST_CELLS:
            break
        shown.append(
            Markup('<tr><th scope="row">{}</th>{}</tr>').format(
                desk.to_project(server, project, ""), joined(map(_cell, own))
            )
        )
    heads = joined(Markup('<th scope="col">{}</th>').format(desk.to_account(one, "")) for one in found.accounts)
    made = Markup(
        '<div class="ci-scroll ci-grid-region" tabindex="0" role="region" aria-label="{0}"><table class="ci-grid">'
        '<caption class="ptg-spoken">{0}</caption><thead><tr><th scope="col" class="ci-corner">{1}</th>{2}</tr></thead>'
        "<tbody>{3}</tbody></table></div>"
    ).format(say("Projects and CIs"), say("Project"), heads, joined(shown))
    left = len(found.projects) - len(shown)
    return [made, paragraph(say("{number} more projects are in the JSON.").format(number=left)) if left else EMPTY]


def _cell(one: Pair | None) -> Markup:
    if one is None:
        return Markup("<td></td>")
    of = "missed" if one.silent or one.last is None else "ok" if one.expected else "neutral"
    span = f"{_day(one.first)} – {_day(one.last)}" if one.first and one.last else ""
    return Markup('<td class="{}">{} <small>{}</small></td>').format(of, signs.of_pair(one), span)


def _day(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"


def as_json(desk: Desk) -> bytes:
    """Return the page for scripts, with all projects."""
    found = desk.matrix
    told = {
        "as_of": desk.at,
        "projects": [{"server": server, "project": project} for server, project in found.projects],
        "accounts": [*found.accounts],
        "pairs": [asdict(one) for one in found.pairs],
        "without_third_parties": [{"server": a, "project": b} for a, b in found.without_third_parties],
    }
    return f"{json.dumps(told, ensure_ascii=False)}\n".encode(errors="replace")
