"""``#status alert``, ``notice``, ``log``, ``update``, ``ok`` and ``after``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from ptgbot.chat.commands import Decision
from ptgbot.chat.text import fold, short
from ptgbot.status import model
from ptgbot.status.book import Author, Book
from ptgbot.status.finding import Called, group_in, matter_in, text_in
from ptgbot.status.model import EntryKind, State
from ptgbot.status.telling import Said, told
from ptgbot.status.typed import about_services, numbered
from ptgbot.store.edits import Json, Tree

NEW = "#status alert [@GROUP] [SERVICE,…:] TEXT"
UPDATE = "#status update [N] [identified|monitoring] TEXT"
AFTER = "#status after N TEXT, or the address of the review"


def alert(tree: Tree, call: Called, text: str) -> Decision:
    """Begin an alert: a line in every room, topics, publishers. Raises Unclear."""
    group, text = group_in(call, text)
    services, text = about_services(text, call.settings.services)
    text = text_in(call, text, NEW)
    book, author = Book(tree, call.at), Author.of(call)
    rooms: Json = [[one.network, one.room] for one in group.rooms]
    named: Json = [*services]
    one = book.begin("alert", author, group, text=text, services=named, state=str(State.OPEN), rooms=rooms)
    entry = book.add(
        EntryKind.ALERT, text, author, group, about=one.number, state=str(State.OPEN), services=named
    )
    line = f"Alert {one.number}{among(services)}: {text}"
    said = Said(entry, f"Alert {one.number}", line, news=news("alert", services, text))
    return told(book, said, group, author, call.settings)


def notice(tree: Tree, call: Called, text: str) -> Decision:
    """Say a line in every room. Raises Unclear."""
    group, text = group_in(call, text)
    services, text = about_services(text, call.settings.services)
    text = text_in(call, text, "#status notice [@GROUP] [SERVICE,…:] TEXT")
    book, author = Book(tree, call.at), Author.of(call)
    entry = book.add(EntryKind.NOTICE, text, author, group, services=cast("Json", [*services]))
    line = f"Notice{among(services)}: {text}"
    said = Said(entry, f"Notice {entry.number}", line, news=news("notice", services, text))
    return told(book, said, group, author, call.settings)


def log(tree: Tree, call: Called, text: str) -> Decision:
    """Put a line on record; rooms see nothing. Raises Unclear."""
    group, text = group_in(call, text)
    services, text = about_services(text, call.settings.services)
    text = text_in(call, text, "#status log [@GROUP] [SERVICE,…:] TEXT")
    book, author = Book(tree, call.at), Author.of(call)
    entry = book.add(EntryKind.LOG, text, author, group, services=cast("Json", [*services]))
    return told(book, Said(entry, f"Entry {entry.number}", ""), group, author, call.settings)


def update(tree: Tree, call: Called, text: str) -> Decision:
    """Tell what is new about an alert, and what is known of its cause. Raises Unclear."""
    one, group, rest = matter_in(tree, call, text, model.open_alerts(tree), "open alert")
    first, _, after = rest.partition(" ")
    states = (State.IDENTIFIED, State.MONITORING)
    state = next((state for state in states if fold(first.rstrip(":,")) == state), one.state)
    said = text_in(call, after if fold(first.rstrip(":,")) in states else rest, UPDATE)
    book, author = Book(tree, call.at), Author.of(call)
    was: Json = {"state": str(one.state)}
    entry = book.add(EntryKind.UPDATE, said, author, group, about=one.number, state=str(state), was=was)
    book.touch(one.number, state=str(state))
    shown = f" ({state})" if state is not one.state else ""
    line = f"Alert {one.number}{shown}: {said}"
    return told(
        book,
        Said(entry, f"The update of alert {one.number}", line, news=news("update", one.row["services"], said)),
        group,
        author,
        call.settings,
    )


def ok(tree: Tree, call: Called, text: str) -> Decision:
    """End an alert. Raises Unclear."""
    one, group, rest = matter_in(tree, call, text, model.open_alerts(tree), "open alert")
    said = text_in(call, rest, "") if rest else ""
    book, author = Book(tree, call.at), Author.of(call)
    was: Json = {"state": str(one.state)}
    entry = book.add(
        EntryKind.OK, said, author, group, about=one.number, state=str(State.RESOLVED), was=was
    )
    ended = book.touch(one.number, state=str(State.RESOLVED), over=call.at.isoformat(timespec="seconds"))
    book.change(ended, ("rooms",))
    line = f"Alert {one.number} is over: {said or short(str(one.row['text']), 200)}"
    message = Said(entry, f"The end of alert {one.number}", line, news=news("ok", one.row["services"], said or line))
    return told(book, message, group, author, call.settings)


def after(tree: Tree, call: Called, text: str) -> Decision:
    """Add the review to an alert that is over; rooms see nothing. Raises Unclear."""
    number, rest = numbered(text)
    text_in(call, rest if number is not None else "", AFTER)
    over = [one for one in model.matters(tree) if not one.is_plan and one.state is State.RESOLVED]
    one, group, rest = matter_in(tree, call, text, [one for one in over if one.number == number], "ended alert")
    book, author = Book(tree, call.at), Author.of(call)
    entry = book.add(EntryKind.AFTER, rest, author, group, about=one.number, state=str(one.state))
    return told(book, Said(entry, f"The review of alert {one.number}", ""), group, author, call.settings)


def news(kind: str, services: Sequence[str], text: str) -> str:
    """Return the line for subscribers: ``status alert (gerrit, zuul): TEXT``."""
    return f"status {kind}{among(services)}: {text}"


def among(services: Sequence[str]) -> str:
    """Return services in brackets behind a blank, nothing if there are none."""
    return f" ({', '.join(services)})" if services else ""
