"""The pages that list meetings: by month, name and person; open actions; decisions."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Final

from markupsafe import Markup, escape

from ptgbot.meetings.archive_index import Entry, Register, Row
from ptgbot_site.build.words import say
from ptgbot_site.meetings.markup import EMPTY, items, link, moment, name, page, section, typed

MOST_ACTIONS: Final = 50
"""Newest open actions on the page of one person. All are on the pages of the years."""


# The same rows are in many lists, and a builder makes the lists again after each meeting: hence the caches of rows.


def listing(rows: Iterable[Row], root: str) -> Markup:
    """Return a list of meetings. ``root`` is the relative address of the project."""
    return items((_meeting(row, root) for row in rows), "ptg-held")


@functools.lru_cache(10_000)
def _meeting(row: Row, root: str) -> Markup:
    draft = Markup(" <em>({})</em>").format(say("draft")) if row.draft else EMPTY
    return Markup("{} {}{} <span class=\"ptg-room\">{}</span>").format(
        moment(row.started), link(f"{root}{row.slug}.html", typed(row.title)), draft, typed(row.room)
    )


def month(index: Register, key: str) -> str:
    """Return the page of the meetings of a month."""
    rows = index.rows("started >= ? AND started < ?", (key, f"{key}~"))
    return page(Markup("{} {}").format(say("Meetings in"), key), listing(rows, "../"))


def name_year(index: Register, key: str, year: str) -> str:
    """Return the page of the meetings of a name in a year."""
    rows = index.rows("name = ? AND started >= ? AND started < ?", (key, year, f"{int(year) + 1:04}"))
    return page(Markup("{} {}").format(key, year), _up(say("All years")), listing(rows, "../../"))


def name_index(index: Register, key: str) -> str:
    """Return the page of a name: its years, and its newest meetings."""
    years = index.years_of("meetings", key)
    newest = index.rows("name = ?", (key,), 20)
    return page(key, _years(years), section(say("Newest meetings"), listing(newest, "../../")))


def person_year(index: Register, key: str, year: str) -> str:
    """Return the page of the meetings of a person in a year."""
    title = Markup("{} {}").format(name(index.nick(key)), year)
    actions = section(say("Open actions"), _actions(index.actions(key, year=year), "../../"))
    held = listing(index.of_person(key, year), "../../")
    back = _up(say("Open actions, and all years"))
    return page(title, back, actions, section(say("Meetings"), held) if actions else held)


def person_index(index: Register, key: str) -> str:
    """Return the page of a person: their open actions, and their years."""
    rows = _actions(index.actions(key, MOST_ACTIONS), "../../")
    actions = section(say("Open actions"), rows + _more(index, key, "") if rows else rows)
    none = Markup("<p>{}</p>").format(say("No open action names this person."))
    return page(name(index.nick(key)), actions or none, _years(index.years_of("people", key)))


def _more(index: Register, key: str, folder: str) -> Markup:
    """Return links to all open actions by year, empty where a list of the newest has them all."""
    years = index.years_of_actions(key)
    if sum(number for _, number in years) <= MOST_ACTIONS:
        return EMPTY
    rows = (Markup("{} ({})").format(link(f"{folder}{year}.html", year), number) for year, number in years)
    head = Markup("<p>{}</p>").format(say("The newest {most} are shown. All, by year:").format(most=MOST_ACTIONS))
    return head + items(rows, "ptg-row")


def _up(label: str) -> Markup:
    return Markup("<p>{}</p>").format(link("index.html", label))


def _years(years: Sequence[str]) -> Markup:
    return section(say("Meetings by year"), items((link(f"{year}.html", year) for year in years), "ptg-row"))


def _actions(found: Iterable[Entry], root: str) -> Markup:
    return items((_entry(one, root) for one in found), "ptg-items")


@functools.lru_cache(10_000)
def _entry(one: Entry, root: str) -> Markup:
    source = link(f"{root}{one.slug}.log.html#l-{one.line}", moment(one.started))
    return Markup('{} <span class="ptg-from">({})</span>').format(typed(one.text), source)


def names(index: Register) -> str:
    """Return the page of all names."""
    rows = (link(f"name/{key}/index.html", key) for key, _ in index.counted("name"))
    return page(say("Meetings by name"), items(rows, "ptg-row"))


def months(index: Register) -> str:
    """Return the page of all months."""
    rows = (link(f"month/{key}.html", key) for key, _ in reversed(index.counted("month")))
    return page(say("Meetings by month"), items(rows, "ptg-row"))


def people(index: Register) -> str:
    """Return the page of all people."""
    rows = (link(f"person/{key}/index.html", name(nick)) for key, nick in index.people())
    return page(say("Meetings by person"), items(rows, "ptg-row"))


def actions(index: Register) -> str:
    """Return the page of open actions by person."""
    found = index.open_actions()
    rows = [
        Markup("{} ({})").format(link(f"person/{key}/index.html", name(index.nick(key))), number)
        for key, number in found
        if key
    ]
    unnamed = _actions(index.actions("", MOST_ACTIONS), "")
    nobody = section(say("Nobody named"), unnamed + _more(index, "", "actions/") if unnamed else unnamed)
    return page(say("Open actions"), items(rows, "ptg-row"), nobody)


def actions_year(index: Register, year: str) -> str:
    """Return the page of the open actions of a year that name nobody."""
    title = Markup("{} {}").format(say("Open actions"), year)
    rows = _actions(index.actions("", year=year), "../")
    back = Markup("<p>{}</p>").format(link("../actions.html", say("All open actions")))
    return page(title, back, section(say("Nobody named"), rows))


def decisions(index: Register, key: str) -> str:
    """Return the page of the decisions of a month."""
    found = index.decisions(key)
    rows = (
        Markup('<strong class="ptg-kind">{}</strong> {}').format(escape(one.type.upper()), _entry(one, "../"))
        for one in found
    )
    return page(Markup("{} {}").format(say("Decisions in"), key), _up(say("All months")), items(rows, "ptg-items"))


def decision_months(index: Register) -> str:
    """Return the page of the months with decisions."""
    rows = (link(f"{key}.html", key) for key in index.months_with_decisions())
    return page(say("Decisions"), items(rows, "ptg-row"))


