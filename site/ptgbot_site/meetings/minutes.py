"""The pages of one meeting: minutes and full log, which link to each other and to each line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from ptgbot.meetings.archive_index import name_in, person_key
from ptgbot_site.build.typed import clean
from ptgbot_site.build.words import say
from ptgbot_site.meetings import extras
from ptgbot_site.meetings.markup import EMPTY, clock, items, joined, link, moment, name, page, section, typed
from ptgbot_site.meetings.texts import SPOKEN, people_of

Tree = Mapping[str, Any]


def title_of(minutes: Tree) -> str:
    """Return the title of a meeting: its topic, else its name, else the room."""
    return clean(minutes["meeting_topic"] or minutes["meeting_name"] or minutes["channel"])


def minutes_body(document: Tree, day: str = "") -> str:
    """Return the body of the page of the minutes.

    Args:
        document: the document of the meeting.
        day: address in the project of the log of its room on that day, empty if there is none.
    """
    minutes, slug = document["minutes"], document["slug"]
    file = slug.rpartition("/")[2]
    moments = {line["n"]: line["at"] for line in document["log"]}
    groups = list(_topics([{**item, "at": moments.get(item["line"])} for item in minutes["items"]]))
    return page(
        typed(title_of(minutes)),
        _about(minutes, slug),
        _files(file, f"../{day}" if day else ""),
        joined(_topic(number, topic, rows, file) for number, (topic, rows) in enumerate(groups)),
        _actions(minutes),
        extras.sections(minutes, file),
        section(say("People present"), items(_person(nick, lines) for nick, lines in people_of(minutes))),
    )


def _about(minutes: Tree, slug: str) -> Markup:
    chairs = joined(map(name, minutes["chairs"]), Markup(", "))
    ended = moment(minutes["ended"]) if minutes["ended"] else EMPTY
    network = f" ({minutes['network']})" if minutes["network"] else ""
    rows = {
        say("Room"): typed(minutes["channel"] + network),
        say("Started"): moment(minutes["started"]),
        say("Ended"): ended,
        say("Chairs"): chairs,
        say("All meetings of this name"): link(f"../name/{name_in(slug)}/index.html", name_in(slug)),
    }
    pairs = (Markup("<dt>{}</dt><dd>{}</dd>").format(title, value) for title, value in rows.items() if value)
    return Markup('<dl class="ptg-about">{}</dl>').format(joined(pairs))


def _files(file: str, day: str) -> Markup:
    ways = {
        f"{file}.log.html": say("Full log"),
        f"{file}.txt": say("Minutes as text"),
        f"{file}.log.txt": say("Log as text"),
        f"{file}.json": "JSON",
        **({day: say("Log of the room on that day")} if day else {}),
    }
    return Markup('<p class="ptg-ways">{}</p>').format(joined((link(*way) for way in ways.items()), Markup(" · ")))


def _topics(rows: Sequence[Tree]) -> Iterator[tuple[Tree | None, list[Tree]]]:
    """Yield each topic with the items under it; None with the items before the first topic."""
    topic: Tree | None = None
    under: list[Tree] = []
    for row in rows:
        if row["type"] == "topic":
            yield topic, under
            topic, under = row, []
        else:
            under.append(row)
    yield topic, under


def _topic(number: int, topic: Tree | None, rows: Sequence[Tree], file: str) -> Markup:
    listed = items((_item(row, file) for row in rows), "ptg-items")
    if topic is None:
        return listed
    head = Markup("{}. {}").format(number, typed(topic["text"]))
    source = Markup('<p class="ptg-source" id="{}">{}</p>').format(topic["id"], _source(topic, file))
    return Markup("<h2>{}</h2>{}{}").format(head, source, listed)


def _item(row: Tree, file: str) -> Markup:
    kind = escape(row["type"].upper())
    return Markup('<span id="{}"><strong class="ptg-kind ptg-kind-{}">{}</strong> {}</span> {}').format(
        row["id"], row["type"], kind, typed(row["text"]), _source(row, file)
    )


def _source(row: Tree, file: str) -> Markup:
    """Return who said an item and when, with a link to the line of the log."""
    label = Markup("{} {}").format(name(row["nick"]), clock(row["at"]) if row["at"] else row["time"])
    return Markup('<span class="ptg-from">({})</span>').format(link(f"{file}.log.html#l-{row['line']}", label))


def _actions(minutes: Tree) -> Markup:
    texts = minutes["actions"]
    if not texts:
        return section(say("Action items"), Markup("<p>{}</p>").format(say("(none)")))
    groups = [(link(_person_page(nick), name(nick)), mine) for nick, mine in minutes["actions_by_nick"].items()]
    groups += [(escape(say("Nobody named")), minutes["actions_unassigned"])] if minutes["actions_unassigned"] else []
    by_person = (section(who, items(typed(text) for text in mine), level=3) for who, mine in groups)
    return section(say("Action items"), joined(by_person))


def _person_page(nick: str) -> str:
    return f"../person/{person_key(nick)}/index.html"


def _person(nick: str, lines: int) -> Markup:
    return Markup("{} ({})").format(link(_person_page(nick), name(nick)), lines)


def log_body(document: Tree) -> str:
    """Return the body of the page of the full log."""
    minutes, file = document["minutes"], document["slug"].rpartition("/")[2]
    made = {row["line"]: row["id"] for row in reversed(minutes["items"])}
    lines = (_line(line, file, made.get(line["n"])) for line in document["log"])
    return page(
        Markup("{}: {}").format(say("Log"), typed(title_of(minutes))),
        Markup('<p class="ptg-ways">{} · {}</p>').format(
            link(f"{file}.html", say("Minutes")), link(f"{file}.log.txt", say("Log as text"))
        ),
        Markup('<ol class="ptg-log">{}</ol>').format(joined(lines)),
    )


def _line(line: Tree, file: str, item: str | None) -> Markup:
    back = link(f"{file}.html#{item}", say("in the minutes")) if item else EMPTY
    return log_line(int(line["n"]), line["at"], line["nick"], line["text"] or "", line["kind"], back)


def log_line(number: int, moment: str, nick: str, text: str, kind: str, back: Markup = EMPTY) -> Markup:
    """Return a line of a log with its address.

    Args:
        number: its number.
        moment: when it was said (ISO 8601, UTC).
        nick: who said it.
        text: its text.
        kind: ``line``, ``action`` (``/me``), ``bot``, ``off`` or ``removed``.
        back: a link to the item that the line has made.
    """
    # An archive has millions of lines, so their markup is short, and made without Markup.format, which is slow.
    at = f'<a href="#l-{number}">{clock(moment)}</a>'
    if kind not in SPOKEN:
        gone = escape(say("off the record") if kind == "off" else say("removed"))
        return Markup(f'<li id="l-{number}">{at} <em>({gone})</em></li>')  # noqa: S704 - every part is escaped
    who = f"{'* ' if kind == 'action' else ''}<b>{name(nick)}</b>"
    item = f" {back}" if back else ""
    return Markup(f'<li id="l-{number}">{at} {who} {typed(text)}{item}</li>')  # noqa: S704 - every part is escaped
