"""The pages of a module, an organisation, a person, and a release."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from ptgbot.contributions.page_facts import TOTALS
from ptgbot_site.build.charts import number
from ptgbot_site.build.markup import EMPTY, joined, name, paragraph, section
from ptgbot_site.build.words import say
from ptgbot_site.contributions import insights
from ptgbot_site.contributions.markup import (
    ROOT,
    Facts,
    date_of,
    fold,
    listed,
    numbers,
    numbers_table,
    page,
    release_name,
    rows_of,
    table,
    to_page,
    weeks,
)
from ptgbot_site.contributions.why import why

_OTHERS = {
    "module": ("person", "organisation"),
    "organisation": ("module", "person"),
    "person": ("module", "organisation"),
}
_OWN = {"module": "modules", "organisation": "organisations", "person": "people"}


def title_of(kind: str, facts: Facts) -> str:
    """Return the title of a page as plain text."""
    written = str(facts.get("name") or "")
    if kind == "release":
        return release_name(written)
    return say("independent") if kind == "organisation" and written == "*independent" else written


def body(kind: str, facts: Facts) -> str:
    """Return the body of the page of a module, an organisation or a person."""
    lists = [
        part
        for of in _OTHERS[kind]
        for part in (_newest(facts, of), fold(_title(of, facts.get("last")), _before(facts, of)))
    ]
    return page(
        name(title_of(kind, facts)),
        _first(facts),
        _releases(kind, facts),
        weeks(facts),
        insights.of_module(facts),
        *lists,
        _reviews(facts),
        _hours(facts),
        _assisted(facts),
        _referred(facts),
        why(kind, facts),
    )


def release(facts: Facts) -> str:
    """Return the body of the page of a release."""
    own = facts.get("name")
    total = [(release_name(own), numbers(row)) for row in rows_of(facts, "total")]
    new = say("Newcomers: {number}").format(number=number(numbers([facts.get("newcomers")])[0]))
    lists = [section(_title(of, own), listed(facts, of, own, ROOT)) for of in ("module", "organisation", "person")]
    filters = Markup('<div class="stats-explore" data-keep data-release="{}"></div>').format(str(own))
    return page(
        name(title_of("release", facts)),
        numbers_table(say("Together"), say("Release"), TOTALS, total),
        paragraph(new),
        filters,
        weeks(facts),
        insights.of_release(facts),
        *lists,
    )


def _title(of: str, release: object) -> str:
    said = {
        "module": say("Modules in {release}"),
        "organisation": say("Organisations in {release}"),
        "person": say("People in {release}"),
    }
    return said[of].format(release=release_name(str(release or "")))


def _newest(facts: Facts, of: str) -> Markup:
    return section(_title(of, facts.get("this")), listed(facts, of, facts.get("this"), ROOT))


def _before(facts: Facts, of: str) -> Markup:
    return EMPTY if facts.get("last") == facts.get("this") else listed(facts, of, facts.get("last"), ROOT)


def _first(facts: Facts) -> Markup:
    rows = rows_of(facts, "first")
    return paragraph(Markup("{} {}").format(say("First contribution:"), date_of(rows[0][0]))) if rows else EMPTY


def _releases(kind: str, facts: Facts) -> Markup:
    rows = [(to_page("release", str(row[0]), str(row[0]), ROOT), numbers(row[1:])) for row in rows_of(facts, "totals")]
    kept = [place for place, one in enumerate(TOTALS) if one != _OWN[kind]]
    made = [(label, [cells[place] for place in kept]) for label, cells in rows]
    caption = say("By release")
    return section(caption, numbers_table(caption, say("Release"), [TOTALS[place] for place in kept], made))


def _reviews(facts: Facts) -> Markup:
    """Return the votes that a person has given and received, each kind apart."""
    given, received = rows_of(facts, "given"), rows_of(facts, "received")
    heads = [say("Votes"), "−2", "−1", "+1", "+2", say("Approvals"), say("Positive")]
    rows: list[Sequence[Markup | str]] = []
    for row in given:
        minus_2, minus_1, plus_1, plus_2, approvals, *_ = numbers(row)
        rows.append(_votes(say("given"), [minus_2, minus_1, plus_1, plus_2], number(approvals)))
    for row in received:
        rows.append(_votes(say("received"), numbers(row)[:4], "–"))
    return section(say("Reviews"), table(say("Reviews"), heads, rows))


def _votes(label: str, votes: Sequence[float], approvals: str) -> Sequence[str]:
    share = f"{100 * sum(votes[2:]) / sum(votes):.0f} %" if sum(votes) else "–"
    return [label, *map(number, votes), approvals, share]


def _hours(facts: Facts) -> Markup:
    """Return the punch card: a fold, for it is shown on request only."""
    found = {(int(str(row[0])), int(str(row[1]))): number(numbers(row)[2]) for row in rows_of(facts, "hours")}
    if not found:
        return EMPTY
    days = [say("Mon"), say("Tue"), say("Wed"), say("Thu"), say("Fri"), say("Sat"), say("Sun")]
    heads = ["UTC", *(f"{hour:02}" for hour in range(24))]
    rows = [[day, *(found.get((place, hour), "·") for hour in range(24))] for place, day in enumerate(days)]
    title = say("Days of the week and hours")
    return fold(title, table(title, heads, rows))


def _assisted(facts: Facts) -> Markup:
    rows = [numbers(row) for row in rows_of(facts, "assisted")]
    if not rows or not rows[0][1]:
        return EMPTY
    whole, part = rows[0][:2]
    said = say("Assistants had a part in {part} of {whole} commits.")
    return paragraph(said.format(part=number(part), whole=number(whole)))


def _referred(facts: Facts) -> Markup:
    """Return how many bugs and blueprints the commits of a module refer to. Nobody knows here what became of them."""
    said = (say("Bugs to which commits refer: {number}"), say("Blueprints to which commits refer: {number}"))
    found = [
        paragraph(sentence.format(number=number(amount)))
        for row in rows_of(facts, "referred")
        for sentence, amount in zip(said, numbers(row), strict=False)
        if amount
    ]
    return joined(found)
