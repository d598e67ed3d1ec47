"""``#success`` and ``#thanks``: small victories, which everybody may tell."""

from __future__ import annotations

from datetime import timedelta
from itertools import takewhile
from typing import cast

from ptgbot.chat.commands import Decision, say
from ptgbot.chat.groups import ALL, Group
from ptgbot.status import model
from ptgbot.status.alerts import news
from ptgbot.status.book import Author, Book
from ptgbot.status.finding import Called, text_in
from ptgbot.status.model import EntryKind
from ptgbot.status.telling import Said, told
from ptgbot.status.trust import is_trusted_anywhere
from ptgbot.status.typed import Unclear, thanked
from ptgbot.store.edits import Json, Tree

THANKS = "#thanks NICK[, NICK] for TEXT"


def success(tree: Tree, call: Called) -> Decision:
    """Put a success on the page of successes."""
    return _small(tree, call, EntryKind.SUCCESS, "#success TEXT", [])


def thanks(tree: Tree, call: Called) -> Decision:
    """Put a thank-you on the page of thanks."""
    return _small(tree, call, EntryKind.THANKS, THANKS, thanked(call.argument))


def _small(tree: Tree, call: Called, kind: EntryKind, usage: str, to: list[str]) -> Decision:
    try:
        text = text_in(call, call.argument, usage)
    except Unclear as unclear:
        return say(str(unclear))
    if not is_trusted_anywhere(call.settings, call.message) and _many(tree, call):
        most = call.settings.per_hour
        return say(f"That is more than {most} within an hour. Please tell it later; nothing was kept.")
    book, author = Book(tree, call.at), Author.of(call)
    entry = book.add(kind, text, author, Group(ALL, (), public=True), to=cast("Json", [*to]))
    page = "successes" if kind is EntryKind.SUCCESS else "thanks"
    name = f"{'Success' if kind is EntryKind.SUCCESS else 'Your thanks'} {entry.number}"
    if call.site:
        name = f"{name} ({call.site}{page}.html)"
    said = Said(entry, name, "", news=news(str(kind), (), text))
    return told(book, said, Group(ALL, (), public=True), author, call.settings)


def _many(tree: Tree, call: Called) -> bool:
    """Say whether the sender has made as many entries within the last hour as one person may make."""
    since = call.at - timedelta(hours=1)
    recent = takewhile(lambda one: one.at >= since, model.every_entry(tree))
    own = [one for one in recent if one.key == call.message.person.key]
    return len(own) >= call.settings.per_hour
