"""``#status plan``: work that is planned, with its reminders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from ptgbot.chat.commands import Decision
from ptgbot.chat.text import fold, short
from ptgbot.status import model
from ptgbot.status.alerts import among, news
from ptgbot.status.book import Author, Book
from ptgbot.status.finding import Called, group_in, matter_in, text_in
from ptgbot.status.model import EntryKind, Matter, State
from ptgbot.status.telling import Said, told
from ptgbot.status.typed import Unclear, about_services, between, later, numbered, shown
from ptgbot.store.edits import Json, Tree

USAGE = "#status plan [@GROUP] START-END [SERVICE,…:] TEXT, or #status plan N move|extend|cancel|done"


def plan(tree: Tree, call: Called, text: str) -> Decision:
    """Plan work, or change a plan. Raises Unclear."""
    number, rest = numbered(text)
    if number is not None:
        one, group, rest = matter_in(tree, call, text, model.open_plans(tree), "open plan")
        word, _, rest = rest.partition(" ")
        change = CHANGES.get(fold(word))
        if change is None:
            raise Unclear(f"What about plan {one.number}? #status plan {one.number} move, extend, cancel or done.")
        values, step, said = change(one, call, rest)
        return _changed(tree, call, one, values, step, said)
    group, text = group_in(call, text)
    text_in(call, text, USAGE)
    start, end, text = between(text, call.at)
    services, text = about_services(text, call.settings.services)
    text_in(call, text, USAGE)
    return _new(tree, call, group.name, start, end, services, text)


def _new(
    tree: Tree, call: Called, name: str, start: datetime, end: datetime, services: list[str], text: str
) -> Decision:
    group = call.groups.find(name)
    assert group is not None
    book, author = Book(tree, call.at), Author.of(call)
    named: Json = [*services]
    soon = start - call.at <= timedelta(minutes=call.settings.remind_minutes)
    state = State.RUNNING if start <= call.at else State.PLANNED
    one = book.begin(
        "plan",
        author,
        group,
        text=text,
        services=named,
        state=str(state),
        start=start.isoformat(),
        end=end.isoformat(),
        sequence=0,
        reminded=soon,
    )
    one = book.change(one, uid=f"plan-{one.number}-{call.at:%Y%m%dT%H%M%SZ}")
    entry = book.add(EntryKind.PLAN, text, author, group, about=one.number, state=str(state), services=named)
    when = shown(start, end)
    said = Said(
        entry,
        f"Plan {one.number} ({when})",
        f"Plan {one.number}{among(services)}: {text}, {when}",
        news=news("plan", services, f"{text}, {when}"),
    )
    return told(book, said, group, author, call.settings)


Change = tuple[dict[str, Json], State, str]
"""New values of a plan, its state, and what is said of it."""


def _move(one: Matter, call: Called, text: str) -> Change:
    start, end, text = between(text, call.at)
    state = State.RUNNING if start <= call.at else State.PLANNED
    soon = start - call.at <= timedelta(minutes=call.settings.remind_minutes)
    values: dict[str, Json] = {"start": start.isoformat(), "end": end.isoformat(), "reminded": soon}
    return values, state, f"moved to {shown(start, end)}{_more(text)}"


def _extend(one: Matter, call: Called, text: str) -> Change:
    end = later(text, one.moment("end"), call.at)
    return {"end": end.isoformat()}, one.state, f"lasts longer: {shown(one.moment('start'), end)}"


def _cancel(one: Matter, call: Called, text: str) -> Change:
    return {"over": call.at.isoformat(timespec="seconds")}, State.CANCELLED, f"cancelled{_more(text)}"


def _done(one: Matter, call: Called, text: str) -> Change:
    return {"over": call.at.isoformat(timespec="seconds")}, State.DONE, f"done{_more(text)}"


CHANGES: dict[str, Callable[[Matter, Called, str], Change]] = {
    "move": _move,
    "extend": _extend,
    "cancel": _cancel,
    "done": _done,
}


def _more(text: str) -> str:
    return f": {text}" if text else ""


def _changed(tree: Tree, call: Called, one: Matter, values: dict[str, Json], state: State, said: str) -> Decision:
    """Change a plan: the same UID, a higher SEQUENCE (RFC 5545 section 3.8.7.4)."""
    text_in(call, said, USAGE)
    group = call.groups.find(str(one.row["group"]))
    assert group is not None
    book, author = Book(tree, call.at), Author.of(call)
    was: Json = {key: one.row[key] for key in ("state", "start", "end", "reminded")}
    entry = book.add(EntryKind.PLAN, said, author, group, about=one.number, state=str(state), was=was)
    book.touch(one.number, **values, state=str(state), sequence=one.row["sequence"] + 1)
    line = f"Plan {one.number} ({short(str(one.row['text']), 100)}) {said}"
    message = Said(entry, f"The change of plan {one.number}", line, news=news("plan", one.row["services"], line))
    return told(book, message, group, author, call.settings)
