"""What time alone causes: questions about old alerts, and the reminder, begin and end of plans."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

import attrs

from ptgbot.chat.commands import Decision, Deliver
from ptgbot.chat.groups import Group, Groups
from ptgbot.chat.message import Target
from ptgbot.chat.text import short
from ptgbot.status import model
from ptgbot.status.book import CLOCK, Book
from ptgbot.status.model import EntryKind, Matter, State
from ptgbot.status.settings import StatusSettings
from ptgbot.status.telling import SAY, to_author
from ptgbot.status.typed import shown
from ptgbot.store.edits import Json, Tree


def due(tree: Tree, settings: StatusSettings) -> datetime | None:
    """Return the next moment at which something is to be done about an alert or a plan."""
    moments = (_next(one, settings) for one in (*model.open_alerts(tree), *model.open_plans(tree)))
    return min((moment for moment in moments if moment), default=None)


def _next(one: Matter, settings: StatusSettings) -> datetime | None:
    if one.state is State.PLANNED:
        start = one.moment("start")
        return start if one.row["reminded"] else start - timedelta(minutes=settings.remind_minutes)
    asked = int(one.row["asked"])
    if asked > (1 if settings.operators else 0):
        return None
    stale = one.moment("end") if one.is_plan else one.moment("touched") + timedelta(hours=settings.stale_hours)
    return stale + timedelta(hours=settings.operators_hours) * asked


def tick(tree: Tree, at: datetime, settings: StatusSettings, groups: Groups) -> Decision | None:
    """Do what is due about one alert or plan."""
    for one in (*model.open_alerts(tree), *model.open_plans(tree)):
        moment = _next(one, settings)
        if moment and moment <= at:
            book = Book(tree, at)
            if one.state is not State.PLANNED:
                return _asked(book, one, settings)
            return _begun(book, one, groups) if at >= one.moment("start") else _reminded(book, one, groups)
    return None


def _asked(book: Book, one: Matter, settings: StatusSettings) -> Decision:
    """Ask the author, and at the second time the operators, whose room is told no text of a private group."""
    kind, number = one.row["kind"], one.number
    author = str(one.row.get("who", {}).get("name", ""))
    text = f" (“{short(str(one.row['text']), 80)}”)"
    after = f"#status plan {number} done, or extend" if one.is_plan else f"#status update {number}, or ok {number}"
    since = "has come to its end" if one.is_plan else f"was not touched for {settings.stale_hours:g} hours"
    book.change(one, asked=int(one.row["asked"]) + 1)
    if not one.row["asked"]:
        address = f"{author}: " if author else ""
        asked = to_author(one.row, f"{address}{kind} {number}{text} {since}. Is it over? {after}")
        return attrs.evolve(asked, edits=book.edits)
    network, _, room = settings.operators.partition("/")
    shown_text = text if one.row["public"] else ""
    line = f"{kind.capitalize()} {number}{shown_text} {since}, and {author or 'its author'} has not answered. {after}"
    return Decision(book.edits, deliver=(Deliver(SAY, (Target(network, room),), line, "told"),))


def _reminded(book: Book, one: Matter, groups: Groups) -> Decision:
    book.change(one, reminded=True)
    return Decision(book.edits, deliver=_to_rooms(one, groups, f"Reminder of plan {one.number}"))


def _begun(book: Book, one: Matter, groups: Groups) -> Decision:
    """Begin a plan: its rooms are told, and it is on record."""
    group = Group(str(one.row["group"]), (), public=bool(one.row["public"]))
    was: Json = {"state": str(one.state)}
    book.add(EntryKind.PLAN, "begun", CLOCK, group, about=one.number, state=str(State.RUNNING), was=was)
    begun = model.matter(book.tree, one.number)
    book.change(cast("Matter", begun), state=str(State.RUNNING), reminded=True, asked=0)
    return Decision(book.edits, deliver=_to_rooms(one, groups, f"Plan {one.number} begins"))


def _to_rooms(one: Matter, groups: Groups, said: str) -> tuple[Deliver, ...]:
    group = groups.find(str(one.row["group"]))
    when = shown(one.moment("start"), one.moment("end"))
    line = f"{said}: {one.row['text']}, {when}"
    return (Deliver(SAY, group.rooms, line, "told"),) if group and group.rooms else ()
