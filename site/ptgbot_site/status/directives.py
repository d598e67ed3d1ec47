"""The directives of the status: what is open, services, entries by month, people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives

from ptgbot_site.build.directive import StateDirective, items, jump, line, note, title
from ptgbot_site.build.nodes import ptg_header, ptg_item
from ptgbot_site.build.state import text_of
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.status import look
from ptgbot_site.status.names import (
    ABOUT,
    FOLDERS,
    MONTH,
    NAMES,
    NOW,
    PEOPLE,
    PERSON,
    RECORDS,
    Row,
    entries,
    matters,
    months,
    number,
    person_slugs,
    texts,
)

if TYPE_CHECKING:
    from sphinx.util.typing import OptionSpec

PAGED = 400
"""Most entries of a month that are shown; the feeds and the record have all of them."""


class Status(StateDirective):
    """Shows open alerts, plans, and what is over since a few days; a sentence where nothing is open."""

    kind = "status"
    needs = (NOW,)
    also = (NAMES, ABOUT)
    mentions = True

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a list of each."""
        alerts, plans, over = (matters(view.state, name) for name in ("alerts", "plans", "over"))
        shown: list[nodes.Node] = [_overall(len(alerts))]
        if alerts:
            shown += [title(say("Open alerts"), 2), items([look.alert_card(view, row) for row in alerts], "ptg-alerts")]
        if plans:
            shown += [title(say("Planned work"), 2), items([look.plan_card(view, row) for row in plans], "ptg-alerts")]
        ended = [look.plan_card(view, row) if row.get("kind") == "plan" else look.alert_card(view, row) for row in over]
        return [*shown, title(say("Over recently"), 2), items(ended, "ptg-alerts")] if ended else shown


def _overall(number_open: int) -> nodes.paragraph:
    text = say("Open alerts: %d") % number_open if number_open else say("No alert is open.")
    return nodes.paragraph("", text, classes=["ptg-overall", "ptg-overall-bad" if number_open else "ptg-overall-good"])


class Services(StateDirective):
    """Shows the state of each service, as open alerts and running plans say."""

    kind = "services"
    needs = (NOW,)
    vanishes = True

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a table."""
        services = view.state.table(NOW).get("services")
        rows = (
            [look.service_row(name, str(state)) for name, state in services.items()]
            if isinstance(services, dict)
            else []
        )
        return [title(say("Services"), 2), table([say("Service"), say("State")], rows)] if rows else []


def table(heads: list[str], rows: list[list[nodes.Node]]) -> nodes.table:
    """Return a table with a heading for each column; the first cell of a row is its heading."""
    columns = [nodes.colspec(colwidth=1) for _ in heads]
    columns[0]["stub"] = 1
    group = nodes.tgroup("", *columns, cols=len(heads))
    row = nodes.row("", *[ptg_header("", nodes.paragraph("", head), scope="col") for head in heads])
    body = nodes.tbody()
    for first, *others in rows:
        cells: list[nodes.Node] = [ptg_header("", nodes.paragraph("", "", first), scope="row")]
        cells += [nodes.entry("", nodes.paragraph("", "", cell)) for cell in others]
        body += nodes.row("", *cells)
    group += [nodes.thead("", row), body]
    return nodes.table("", group, classes=["ptg-facts"])


class Entries(StateDirective):
    """Shows the entries of a month: of ``history``, ``successes`` or ``thanks``; the newest month without a month."""

    kind = "entries"
    needs = (NOW,)
    also = (NAMES, ABOUT)
    shared = (NAMES, ABOUT)
    mentions = True
    required_arguments = 1
    optional_arguments = 1
    option_spec: ClassVar[OptionSpec] = {"title": directives.flag}

    def uses(self) -> set[str]:
        """Return the slices of the month; without a month those of all, because it lists the months."""
        record = self.arguments[0]
        month = f"{MONTH}:{record}/{self.arguments[1]}" if len(self.arguments) > 1 else f"{RECORDS[record]}:*"
        return super().uses() | {month}

    def given(self) -> dict[str, str]:
        """Return the record, its month, and whether the month is the title of the page."""
        titled = {"title": "yes"} if "title" in self.options else {}
        return {"record": self.arguments[0], "month": "".join(self.arguments[1:]), **titled}

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return the entries, the newest first, under a heading for each day."""
        record, month = given["record"], given["month"]
        known = months(view.state, record)
        if not known:
            return [note(say("There is no entry yet."))]
        shown = month or known[0]
        rows = entries(view.state, record, shown)
        head = title(look.month_name(shown), 1 if "title" in given else 2)
        left = [note(say("Earlier entries of the month that are not listed: %d.") % (len(rows) - PAGED))]
        more = left if len(rows) > PAGED else []
        return [
            head,
            *_days(view, rows[:PAGED], 2 if "title" in given else 3),
            *more,
            *_jumps(view, record, month, known),
        ]


def _days(view: View, rows: list[Row], level: int) -> list[nodes.Node]:
    """Return lists of entries, each after the heading of its day."""
    begun = {number(row, "about"): row for row in rows if text_of(row, "kind") == "alert"}
    days: dict[str, list[nodes.Node]] = {}
    for row in rows:
        at = view.moment(row.get("at"))
        made = look.entry_item(view, row, begun.get(number(row, "about")))
        days.setdefault(look.day_heading(at) if at else "", []).append(made)
    shown: list[nodes.Node] = []
    for day, made_of_day in days.items():
        shown += [title(day, level), items(made_of_day, "ptg-entries")]
    return shown


def _jumps(view: View, record: str, month: str, known: list[str]) -> list[nodes.Node]:
    """Return links to the months, or from a month back to the page of the record."""
    if month:
        address = view.page(FOLDERS[record])
        return [line(jump(address, [nodes.Text(say("All months"))]))] if address else []
    found = [(one, view.page(f"{FOLDERS[record]}/{one}")) for one in known]
    links = [jump(address, [nodes.Text(look.month_name(one))]) for one, address in found if address]
    return [title(say("By month"), 2), items([line(one) for one in links], "ptg-months")] if links else []


class Credits(StateDirective):
    """Shows how often each person was thanked, gave thanks, and told a success."""

    kind = "credits"
    needs = (PEOPLE,)
    also = (NAMES,)
    vanishes = True

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a table of people."""
        keys = ("thanked", "gave", "successes")
        rows = [
            [look.person(view, text_of(row, "name")), *(nodes.Text(str(number(row, key))) for key in keys)]
            for row in view.state.rows(PEOPLE)
        ]
        heads = [say("Person"), say("Thanked"), say("Gave thanks"), say("Successes")]
        return [title(say("By person"), 2), table(heads, rows)] if rows else []


class Person(StateDirective):
    """Shows the thanks to and of a person, and their successes, as a page of its own."""

    kind = "person"
    needs = (NAMES,)
    also = (ABOUT,)
    mentions = True
    required_arguments = 1

    def uses(self) -> set[str]:
        """Return the slice of this person as well."""
        return super().uses() | {f"{PERSON}.of:{self.arguments[0]}"}

    def given(self) -> dict[str, str]:
        """Return the slug of the person."""
        return {"slug": self.arguments[0]}

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return a heading and the entries, the newest first."""
        name = next((one for one, slug in person_slugs(view.state).items() if slug == given["slug"]), "")
        rows = [*reversed(view.state.rows(f"{PERSON}:{name}"))]
        groups = {
            say("Thanks to %s"): [row for row in rows if text_of(row, "kind") == "thanks" and _thanked(row, name)],
            say("Thanks by %s"): [row for row in rows if text_of(row, "kind") == "thanks" and _by(row, name)],
            say("Successes told by %s"): [row for row in rows if text_of(row, "kind") == "success"],
        }
        shown: list[nodes.Node] = [title(name)]
        for words, found in groups.items():
            if found:
                shown += [title(words % name, 2), items([_dated(view, row) for row in found], "ptg-entries")]
        return shown


def _thanked(row: Row, name: str) -> bool:
    return name in texts(row, "to")


def _by(row: Row, name: str) -> bool:
    return text_of(row, "who") == name


def _dated(view: View, row: Row) -> ptg_item:
    """Return an entry with its full date, because there is no heading of its day."""
    item = look.entry_item(view, row)
    at = view.moment(row.get("at"))
    if at is not None:
        first = item[0]
        assert isinstance(first, nodes.Element)
        first[0] = nodes.inline("", "", look.when(at), classes=["ptg-since"])
    item["ids"] = []
    return item


DIRECTIVES = (Status, Services, Entries, Credits, Person)
