"""Why contributions count for an organisation, on the pages of people and organisations."""

from __future__ import annotations

from markupsafe import Markup

from ptgbot.store.edits import Json
from ptgbot_site.build.charts import number
from ptgbot_site.build.markup import EMPTY, joined, link, name, paragraph, section
from ptgbot_site.build.words import say
from ptgbot_site.contributions.markup import Cells, Facts, date_of, numbers, rows_of


def why(kind: str, facts: Facts) -> Markup:
    """Return the rules with the lines of the file about people, and what to do if they are wrong."""
    rows = rows_of(facts, "why")
    if not rows:
        return EMPTY
    title = say("Why counted here") if kind == "person" else say("Why contributions count here")
    said = say("Whoever runs this site mends the list of people; the next count shows it.")
    items = joined(Markup("<li>{}</li>").format(_item(row, str(facts.get("why_file") or ""))) for row in rows)
    return section(title, Markup('<ul class="stats-why">{}</ul>').format(items), paragraph(said))


def _item(row: Cells, file: str) -> Markup:
    return joined([one for one in (_organisation(row), _time(row), _rule(row), _place(row, file)) if one], " · ")


def _organisation(row: Cells) -> Markup:
    """Return the name; without a link, for an organisation without contributions has no page."""
    written = str(row[1] or "")
    if not written:
        return EMPTY
    shown = say("independent") if written == "*independent" else written.removeprefix("*")
    return Markup("<strong>{}</strong>").format(name(shown))


def _time(row: Cells) -> Markup:
    begin, end = row[2], row[3]
    if begin is None:
        return EMPTY if end is None else _day(say("until {day}"), end)
    return _day(say("since {day}"), begin) if end is None else Markup("{} – {}").format(date_of(begin), date_of(end))


def _day(said: str, moment: Json) -> Markup:
    before, _, after = said.partition("{day}")
    return Markup("{}{}{}").format(before, date_of(moment), after)


def _rule(row: Cells) -> Markup:
    said = {
        "entry": say("the entry of the person"),
        "ended": say("the last employer of the entry has ended"),
        "nobody": say("the entry has no employer"),
        "domain": say("no entry; the organisation has the domain of the address"),
        "unknown": say("no entry; no organisation has the domain of the address"),
        "merged": say("the organisation before belongs to this one"),
        "successor": say("belongs to this organisation"),
        "absorbed": say("belongs to the organisation of this page"),
        "mailmap": say("names or addresses are replaced by .mailmap"),
        "correction": say("corrected in {number} commits").format(number=number(numbers([row[4]])[0])),
        "listed": say("the entry of the organisation"),
        "unlisted": say("people name it; the list of organisations does not have it"),
    }
    return Markup("{}").format(said.get(str(row[0]), ""))


def _place(row: Cells, file: str) -> Markup:
    line = int(numbers([row[5]])[0])
    if not line:
        return EMPTY
    words = say("{file}, line {line}").format(file=".mailmap" if row[0] == "mailmap" else file, line=line)
    return link(str(row[6]), name(words)) if row[6] else name(words)
