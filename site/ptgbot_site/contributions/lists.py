"""The pages with one list: releases, newcomers, open reviews by age, and the quality of the data."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from ptgbot.contributions.page_facts import TOTALS
from ptgbot.contributions.page_names import FEWEST
from ptgbot_site.build.charts import number
from ptgbot_site.build.markup import EMPTY, cut, joined, link, name, paragraph, section
from ptgbot_site.build.words import say
from ptgbot_site.contributions.markup import (
    Cells,
    Facts,
    date_of,
    numbers,
    numbers_table,
    page,
    people,
    release_name,
    rows_of,
    table,
    to_page,
)

_DAY = 86_400
_MOST = 300
"""Most open reviews of each kind that are listed; the oldest are."""


def titles() -> dict[str, str]:
    """Return the titles of the pages by their names."""
    return {
        "releases": say("Releases"),
        "newcomers": say("Newcomers"),
        "reviews": say("Open reviews"),
        "quality": say("Quality of the data"),
        "about": say("About these numbers"),
    }


def releases(facts: Facts) -> str:
    """Return the body of the list of releases, the newest first."""
    rows = [(to_page("release", str(row[0]), str(row[0]), ""), numbers(row[1:])) for row in rows_of(facts, "releases")]
    return page(titles()["releases"], numbers_table(say("Releases"), say("Release"), TOTALS, rows))


def newcomers(facts: Facts) -> str:
    """Return the body of the list of people whose first contribution is in this release."""
    title = say("People whose first contribution is in {release}").format(release=release_name(facts.get("this")))
    heads = [say("Person"), say("Since"), say("Module"), say("Organisation")]
    rows = [
        [
            to_page("person", str(part), str(who), ""),
            date_of(moment),
            to_page("module", str(module), str(module), "") if module else "–",
            to_page("organisation", str(company), str(company), ""),
        ]
        for part, who, moment, module, company in rows_of(facts, "people")
    ]
    none = paragraph(say("Nobody is new."), "ptg-nothing")
    return page(titles()["newcomers"], paragraph(title), table(title, heads, rows) or none)


def reviews(facts: Facts) -> str:
    """Return the body of the list of open reviews: by whom they wait for, the oldest first."""
    rows = rows_of(facts, "open")
    now = numbers([facts.get("at_day")])[0]
    waiting: dict[str, list[Cells]] = {"reviewer": [], "author": [], "ci": []}
    # A project in which nobody ever voted Verified has no CI to wait for.
    tested = {row[0] for row in rows if row[9] is not None}
    for row in rows:
        waiting[_waits_for(row, row[0] in tested)].append(row)
    heads = {
        "reviewer": say("Waiting for a reviewer"),
        "author": say("Waiting for the author"),
        "ci": say("Waiting for the CI"),
    }
    ages = [say("Waiting for"), say("up to a week"), say("up to a month"), say("up to a quarter"), say("longer")]
    counts = [[heads[key], *_by_age(of, now)] for key, of in waiting.items()]
    lists = [section(heads[key], _listed(heads[key], of[:_MOST], now)) for key, of in waiting.items()]
    none = paragraph(say("No review is open."), "ptg-nothing")
    content = joined([table(say("Open reviews by age"), ages, counts), *lists]) if rows else none
    return page(titles()["reviews"], content)


def _waits_for(row: Cells, is_tested: bool) -> str:
    """Return for whom a change waits: the author has to answer a vote below 0; then come the CI and the reviewers."""
    worst = [one for one in (row[7], row[8], row[10]) if isinstance(one, int | float)]
    if any(one < 0 for one in worst):
        return "author"
    return "ci" if is_tested and not row[9] else "reviewer"


def _by_age(rows: Sequence[Cells], now: float) -> list[str]:
    ages = [(now - numbers([row[4]])[0]) / _DAY for row in rows]
    ends = (7.0, 31.0, 92.0, float("inf"))
    begins = (float("-inf"), *ends)
    return [str(sum(least < age <= most for age in ages)) for least, most in zip(begins, ends, strict=False)]


def _listed(caption: str, rows: Sequence[Cells], now: float) -> Markup:
    heads = [say("Change"), say("Module"), say("Branch"), say("Opened"), say("Days"), say("Last touched")]
    made = [
        [
            change_link(row),
            name(str(row[6])),
            name(str(row[2])),
            date_of(row[4]),
            number(max((now - numbers([row[4]])[0]) // _DAY, 0)),
            date_of(row[5]),
        ]
        for row in rows
    ]
    return table(caption, heads, made)


def change_link(row: Cells) -> Markup:
    """Return a change with a link to the server of its project, as long as that is an address of the web.

    Args:
        row: the change, as the question ``open_reviews`` answers.
    """
    project, change, subject = str(row[0]), str(row[1]), str(row[3])
    words = Markup("{} {}").format(change, name(subject))
    scheme, _, rest = project.partition("://")
    host = rest.partition("/")[0]
    if scheme not in ("http", "https") or not host.isascii() or not change.isdigit():
        return words
    return link(f"{scheme}://{host}/{change}", words)


def quality(facts: Facts) -> str:
    """Return the body of the page about the quality of the data: numbers and names, never an address."""
    unknown, commits = numbers([facts.get("unknown"), facts.get("unknown_commits")])
    said = say("{people} addresses with {commits} commits are not in the list of people.")
    few = say("{people} addresses are not in the list of people.")
    # Commits of a few people would tell who they are.
    sentence = few if 0 < unknown < FEWEST else said
    heads = [say("Commits of an address"), say("Addresses")]
    rows = [[_range(row), people(numbers(row)[2])] for row in rows_of(facts, "unknown_ranges") if row[2]]
    overlapping = [
        to_page("person", str(part), str(who), "") if part else name(str(who))
        for part, who in rows_of(facts, "overlapping")
    ]
    return page(
        titles()["quality"],
        section(
            say("Unknown addresses"),
            paragraph(sentence.format(people=people(unknown), commits=number(commits))),
            table(say("Unknown addresses"), heads, rows),
        ),
        section(say("People whose employers overlap"), _items(overlapping) or _none()),
        section(say("Organisations without a domain"), _names(facts, "domainless")),
        section(say("Repositories without tags of releases"), _by_date(facts), _names(facts, "untagged")),
    )


def _range(row: Cells) -> str:
    least, most = row[0], row[1]
    return str(least) if least == most else f"{least}–{most}" if most else f"≥ {least}"


def _by_date(facts: Facts) -> Markup:
    said = say("Their commits belong to releases by their dates.")
    return paragraph(said) if facts.get("untagged_number") else EMPTY


def _names(facts: Facts, key: str) -> Markup:
    found = facts.get(key)
    names = [str(one) for one in found] if isinstance(found, list) else []
    more = int(numbers([facts.get(f"{key}_number")])[0]) - len(names)
    rest = paragraph(say("{number} more are not listed.").format(number=more)) if more > 0 else EMPTY
    return (_items([name(cut(one)) for one in names]) or _none()) + rest


def _items(rows: Sequence[Markup]) -> Markup:
    made = joined(Markup("<li>{}</li>").format(row) for row in rows)
    return Markup('<ul class="stats-items">{}</ul>').format(made) if made else EMPTY


def _none() -> Markup:
    return paragraph(say("None."))
