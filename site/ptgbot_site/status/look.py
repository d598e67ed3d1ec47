"""How entries, alerts, plans and people look on pages."""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import quote

from docutils import nodes

from ptgbot.chat.urls import safe_url
from ptgbot_site.build.directive import heading, items, line
from ptgbot_site.build.nodes import ptg_item, ptg_time
from ptgbot_site.build.state import State, text_of
from ptgbot_site.build.times import clock, day_and_clock
from ptgbot_site.build.typed import clean, link, plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import dated, say
from ptgbot_site.status.names import ABOUT, Row, number, person_slugs, texts, updates
from ptgbot_site.status.words import kind_word, lasted, service_word, state_word


def typed(view: View, row: Row, *classes: str) -> nodes.Node:
    """Return the text of an entry. Addresses in it are links only if its author was known."""
    text = text_of(row, "text")
    return view.typed(text, *classes) if row.get("links", True) else plain(text, *classes)


def when(at: datetime) -> ptg_time:
    """Return a moment in full."""
    return ptg_time("", day_and_clock(at), datetime=at.isoformat(timespec="minutes"))


def mark(word: str, look: str) -> nodes.inline:
    """Return a word in the colour of its meaning. ``look`` is the last part of its class."""
    return nodes.inline("", word, classes=["ptg-mark", f"ptg-mark-{look}"])


def person(view: View, name: str) -> nodes.Node:
    """Return the name of a person, linked to their page if they have one."""
    slug = person_slugs(view.state).get(name)
    page = view.page(f"people-thanked/{slug}") if slug else None
    return link(page, plain(name, "ptg-nick")) if page else plain(name, "ptg-nick")


def log_address(state: State, row: Row) -> str | None:
    """Return the address of the line in the log of the channel, None if the operator has given none."""
    form, room = text_of(state.table(ABOUT), "logs"), text_of(row, "room")
    if not form or not room:
        return None
    at = text_of(row, "at")
    values = {"network": text_of(row, "network"), "room": room, "date": at[:10], "time": at[11:19]}
    for name, value in values.items():
        form = form.replace(f"{{{name}}}", quote(value, safe=":"))
    return safe_url(form)


def author(view: View, row: Row) -> list[nodes.Node]:
    """Return who made an entry, and where; the place leads to the line in the log of the channel."""
    parts: list[nodes.Node] = [person(view, name)] if (name := text_of(row, "who")) else []
    if room := text_of(row, "room"):
        address = log_address(view.state, row)
        parts.append(link(address, plain(room)) if address else plain(room))
    return [nodes.inline("", "", *line(*parts).children, classes=["ptg-by"])] if parts else []


def entry_item(view: View, row: Row, begun: Row | None = None) -> ptg_item:
    """Return an entry as an item of a list.

    Args:
        view: the page.
        row: the entry.
        begun: the first entry about the same alert, for its duration.
    """
    parts: list[nodes.Node] = []
    if at := view.moment(row.get("at")):
        parts.append(nodes.inline("", "", clock(at), classes=["ptg-since"]))
    kind = text_of(row, "kind")
    if kind not in ("success", "thanks"):
        parts.append(mark(_word(row), kind))
    if row.get("withdrawn") and _word(row) != state_word("withdrawn"):
        parts.append(mark(state_word("withdrawn"), "withdrawn"))
    parts += [plain(name, "ptg-service") for name in texts(row, "services")]
    parts += [_thanks(view, row) if kind == "thanks" else typed(view, row, "ptg-topic"), *author(view, row)]
    if kind == "ok" and begun is not None and (end := view.moment(row.get("at"))):
        start = view.moment(begun.get("at"))
        parts += [nodes.inline("", say("after %s") % lasted(start, end), classes=["ptg-since"])] if start else []
    classes = ["ptg-entry", *(["ptg-gone"] if row.get("withdrawn") else [])]
    return ptg_item("", line(*parts), ids=[f"entry-{number(row)}"], classes=classes)


def _thanks(view: View, row: Row) -> nodes.inline:
    """Return the text of thanks, with links to the pages of the people whom it begins with."""
    text, names = text_of(row, "text"), texts(row, "to")
    shown: list[nodes.Node] = []
    for name in names:
        begin = f", {name}" if shown else name
        if not text.startswith(begin):
            break
        shown += [*([nodes.Text(", ")] if shown else []), person(view, name)]
        text = text[len(begin) :]
    rest = typed(view, {**row, "text": text.lstrip()})
    return nodes.inline("", "", *shown, *([nodes.Text(" ")] if shown else []), rest, classes=["ptg-topic"])


def _word(row: Row) -> str:
    """Return the word before an entry: its state, or its kind."""
    by_state = state_word(text_of(row, "state")) if text_of(row, "kind") in ("update", "plan") else ""
    return by_state or kind_word(text_of(row, "kind"))


def alert_card(view: View, row: Row, level: int = 3) -> ptg_item:
    """Return an alert with its state, how long it lasted, and its updates, the newest first."""
    state = text_of(row, "state")
    parts: list[nodes.Node] = [
        line(heading(level, plain(text_of(row, "text"))), mark(state_word(state), _tone(state))),
        *_services(row),
        *_times(view, row),
    ]
    return ptg_item(
        "", *parts, *_timeline(view, row), ids=[f"alert-{number(row)}"], classes=["ptg-alert", *_ended(state)]
    )


def plan_card(view: View, row: Row, level: int = 3) -> ptg_item:
    """Return a plan with its times, its state and its updates."""
    state = text_of(row, "state")
    parts: list[nodes.Node] = [
        line(heading(level, plain(text_of(row, "text"))), mark(state_word(state), _tone(state))),
        *_services(row),
    ]
    start, end = view.moment(row.get("start")), view.moment(row.get("end"))
    if start and end:
        until: nodes.Node = clock(end) if start.date() == end.date() else when(end)
        shown = nodes.inline("", "", when(start), nodes.Text(" – "), until, classes=["ptg-since"])
        length = nodes.inline("", f"({lasted(start, end)})", classes=["ptg-since"])
        parts.append(line(shown, length))
    return ptg_item(
        "", *parts, *_timeline(view, row), ids=[f"plan-{number(row)}"], classes=["ptg-plan", *_ended(state)]
    )


def _tone(state: str) -> str:
    if state in ("resolved", "done"):
        return "good"
    return "bad" if state in ("open", "identified") else "warn"


def _ended(state: str) -> list[str]:
    return ["ptg-over"] if state not in ("open", "identified", "monitoring", "planned", "running") else []


def _services(row: Row) -> list[nodes.Node]:
    names = [plain(name, "ptg-service") for name in texts(row, "services")]
    return [line(*names)] if names else []


def _times(view: View, row: Row) -> list[nodes.Node]:
    """Return when an alert began, and how long it lasted if it is over."""
    start, touched = view.moment(row.get("at")), view.moment(row.get("touched"))
    if start is None:
        return []
    # The script adds to ptg-lasting how long it has lasted by now.
    parts: list[nodes.Node] = [nodes.inline("", say("since") + " ", when(start), classes=["ptg-since", "ptg-lasting"])]
    if text_of(row, "state") == "resolved":
        ends = (view.moment(one.get("at")) for one in updates(row) if text_of(one, "kind") == "ok")
        end = next((at for at in ends if at), touched) or start
        words = nodes.inline("", " – ", when(end), nodes.Text(f" ({lasted(start, end)})"))
        parts = [nodes.inline("", "", when(start), words, classes=["ptg-since"])]
    return [line(*parts)]


def _timeline(view: View, row: Row) -> list[nodes.Node]:
    """Return the entries about an alert or plan, the newest first."""
    rows = updates(row)
    return [items([_update(view, one) for one in rows], "ptg-timeline")] if rows else []


def _update(view: View, row: Row) -> ptg_item:
    at = view.moment(row.get("at"))
    parts: list[nodes.Node] = [nodes.inline("", "", when(at), classes=["ptg-since"])] if at else []
    parts += [mark(_word(row), text_of(row, "kind")), typed(view, row, "ptg-topic"), *author(view, row)]
    classes = ["ptg-gone"] if row.get("withdrawn") else []
    return ptg_item("", line(*parts), classes=classes)


def service_row(name: str, state: str) -> list[nodes.Node]:
    """Return the cells of a service: its name and its state in words."""
    tones = {"operational": "good", "major_outage": "bad"}
    return [plain(name), mark(service_word(state), tones.get(state, "warn"))]


def month_name(month: str) -> str:
    """Return the name of a month such as ``2026-11``."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        return clean(month)
    # Translators: a month by the patterns of Unicode's CLDR, such as November 2026.
    return dated(first, say("LLLL y"))


def day_heading(at: datetime) -> str:
    """Return the heading of a day."""
    # Translators: a date by the patterns of Unicode's CLDR, such as Monday, 23 November 2026.
    return dated(at, say("EEEE, d MMMM y"))
