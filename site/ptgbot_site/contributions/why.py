"""Why contributions count for an organisation, on the pages of people and organisations."""

from __future__ import annotations

from markupsafe import Markup

from ptgbot_site.build.charts import number
from ptgbot_site.build.markup import EMPTY, link, name, paragraph, section
from ptgbot_site.build.words import say
from ptgbot_site.contributions.markup import Cells, Facts, date_of, numbers, rows_of, table


def why(kind: str, facts: Facts) -> Markup:
    """Return the rules with the lines of the file about people, and what to do if they are wrong."""
    rows = rows_of(facts, "why")
    if not rows:
        return EMPTY
    file = str(facts.get("why_file") or "")
    title = say("Why counted here") if kind == "person" else say("Why contributions count here")
    said = say("Whoever runs this site mends the list of people; the next count shows it.")
    if kind == "person":
        heads = [say("Organisation"), say("From"), say("Until"), say("Rule"), say("Place")]
        made = [[_organisation(row), _day(row[2]), _day(row[3]), _rule(row), _place(row, file)] for row in rows]
    else:
        heads = [say("Rule"), say("Organisation"), say("From"), say("Place")]
        made = [[_rule(row), _organisation(row), _day(row[2]), _place(row, file)] for row in rows]
    return section(title, table(title, heads, made), paragraph(said))


def _organisation(row: Cells) -> Markup:
    """Return the name; without a link, for an organisation without contributions has no page."""
    written = str(row[1] or "")
    if not written:
        return Markup("–")
    return name(say("independent") if written == "*independent" else written.removeprefix("*"))


def _day(moment: object) -> Markup:
    return Markup("–") if moment is None else date_of(int(str(moment)))


def _rule(row: Cells) -> str:
    said = {
        "entry": say("the entry of the person"),
        "ended": say("the last employer of the entry has ended"),
        "nobody": say("the entry has no employer"),
        "domain": say("no entry; the organisation has the domain of the address"),
        "unknown": say("no entry; no organisation has the domain of the address"),
        "merged": say("belongs to this organisation since then"),
        "absorbed": say("belongs to this one since then"),
        "mailmap": say("names or addresses are replaced by .mailmap"),
        "correction": say("corrected in {number} commits").format(number=number(numbers([row[4]])[0])),
        "listed": say("the entry of the organisation"),
        "unlisted": say("people name it; the list of organisations does not have it"),
    }
    return said.get(str(row[0]), "–")


def _place(row: Cells, file: str) -> Markup:
    line = int(numbers([row[5]])[0])
    if not line:
        return Markup("–")
    words = say("{file}, line {line}").format(file=".mailmap" if row[0] == "mailmap" else file, line=line)
    return link(str(row[6]), name(words)) if row[6] else name(words)
