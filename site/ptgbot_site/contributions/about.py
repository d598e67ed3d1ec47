"""The page about the numbers: what they are for, their sources, how long they are kept, and what people can ask for."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from ptgbot.contributions.page_names import FEWEST
from ptgbot_site.build.charts import number
from ptgbot_site.build.markup import EMPTY, cut, joined, link, name, paragraph, section
from ptgbot_site.build.words import say
from ptgbot_site.contributions.markup import Facts, numbers, page

NAME = "about"
"""Name of the page, without its ending."""
_HOUR = 3600


def title() -> str:
    """Return the title of the page."""
    return say("About these numbers")


def purpose() -> Markup:
    """Return a paragraph that says what the numbers are for."""
    return paragraph(
        say(
            "They show who takes part, so that the community sees itself. They are counts: no judgement, no score and "
            "no ranking. Much work leaves no trace in them."
        )
    )


def foot(file: str) -> Markup:
    """Return the end of a page: a link to the page about the numbers, which has none itself.

    Args:
        file: the name of the page without its ending, from the first page.
    """
    if file == NAME:
        return EMPTY
    made = link(f"{'../' * file.count('/')}{NAME}.html", title())
    return Markup('<div class="ptg stats"><p class="stats-about">{}</p></div>').format(made)


def body(facts: Facts) -> str:
    """Return the body of the page."""
    return page(
        title(),
        section(
            say("What they are for"),
            purpose(),
            paragraph(
                say(
                    "Lists are in the order of the alphabet. Nobody's gender or country is guessed. A number of people "
                    "who are not named is shown if it is {number} or more, or none."
                ).format(number=FEWEST)
            ),
        ),
        section(say("Where they come from"), *_sources(facts)),
        section(say("How long they are kept"), *map(paragraph, _retention(facts))),
        section(say("Your own numbers"), *map(paragraph, _own()), _contact(facts)),
    )


def _sources(facts: Facts) -> list[Markup]:
    kinds = {
        "repositories": say("History of repositories"),
        "reviews": say("Code review"),
        "lists": say("Mailing lists"),
    }
    made = [_listed(label, facts, kind) for kind, label in kinds.items()]
    talks = say("Commands that people gave the bot at gatherings and in meetings, such as “now” and “next”.")
    return [
        *made,
        paragraph(talks) if facts.get("talks") else EMPTY,
        paragraph(
            say("The list of people says who somebody is and for whom they worked; whoever runs this site mends it.")
        ),
    ]


def _listed(label: str, facts: Facts, kind: str) -> Markup:
    found = facts.get(kind)
    names = [str(one) for one in found] if isinstance(found, list) else []
    if not names:
        return EMPTY
    more = int(numbers([facts.get(f"{kind}_number")])[0]) - len(names)
    rest = paragraph(say("{number} more are not listed.").format(number=more)) if more > 0 else EMPTY
    items = joined(Markup("<li>{}</li>").format(name(cut(one))) for one in names)
    return Markup('<h3>{}</h3><ul class="stats-items">{}</ul>{}').format(label, items, rest)


def _retention(facts: Facts) -> Sequence[str]:
    hours = numbers([facts.get("every")])[0] / _HOUR
    return [
        say(
            "As long as a source is in the configuration of this site. What is kept of a source that is taken out is "
            "removed when the others are read next."
        ),
        say("Hours between two readings: {number}").format(number=number(hours)),
        say("What vanishes from the history of a repository or from a mailing list, vanishes here, too."),
    ]


def _own() -> Sequence[str]:
    return [
        say(
            "No e-mail address is shown. The days of the week and hours of a person are shown only if the person wants "
            "that."
        ),
        say(
            "Whoever wants is shown by their initials, or hidden: a pseudonym stands in place of the name, and the "
            "numbers stay. Who compares them with the public history of a repository may still find out who it is."
        ),
        say(
            "“+forget me” makes the bot forget what you told it; those commands are not counted any more. It does not "
            "reach the history of repositories, code review and mailing lists, which keep what was published."
        ),
        say("You can have a copy of everything that is kept about you, and have a wrong employer mended."),
    ]


def _contact(facts: Facts) -> Markup:
    found = str(facts.get("contact") or "")
    if not found:
        return paragraph(say("Ask whoever runs this site."))
    shown = link(found, name(cut(found))) if found.startswith(("https://", "http://")) else name(cut(found))
    return paragraph(Markup("{} {}").format(say("Whom to ask:"), shown))
