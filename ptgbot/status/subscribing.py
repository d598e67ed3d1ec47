"""``+subscribe status [SERVICE]``: private messages about what is public."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, cast

from ptgbot.chat.commands import Decision, say
from ptgbot.chat.message import Reach, Reply
from ptgbot.chat.text import fold, listing, nearest, short
from ptgbot.status.book import Book
from ptgbot.status.finding import Called
from ptgbot.store.edits import Json, Tree

PHRASES: Final = ("+subscribe status", "+unsubscribe status")
"""What people type; the commands themselves belong to another feature."""
MOST: Final = 5000
"""Most people who can subscribe."""
_NEWS = re.compile(r"status (\w+)(?: \(([^)]*)\))?: ")


def decided(tree: Tree, call: Called) -> Decision | None:
    """Decide on ``+subscribe status …`` and ``+unsubscribe status``; return None for any other line."""
    first, _, rest = call.argument.partition(" ")
    if fold(first) != "status" or call.word not in ("subscribe", "unsubscribe"):
        return None
    return _subscribe(tree, call, rest) if call.word == "subscribe" else _unsubscribe(tree, call)


def _subscribe(tree: Tree, call: Called, name: str) -> Decision:
    key, people = call.message.person.key, _people(tree)
    if not call.message.person.is_reachable:
        return say("Private messages don't reach you over this bridge.")
    if len(people) >= MOST and key not in people:
        return say("Too many people have subscribed already.")
    known = {fold(service): service for service in call.settings.services}
    service = known.get(fold(name))
    if name and service is None:
        near = nearest(fold(name), known, 1)
        hint = f" Did you mean {known[near[0]]}?" if near else f" I know {listing(call.settings.services)}."
        return say(f"There is no service {short(name, 30)}.{hint}")
    chosen = [*people[key], service] if service and people.get(key) else [service] if service else []
    wanted: list[Json] = [*dict.fromkeys(one for one in chosen if one)]
    book = Book(tree, call.at)
    book.write("subscribers", key, now=wanted)
    what = f"about {listing(map(str, wanted))}" if wanted else "of every alert, notice and plan that is public"
    return Decision(book.edits, [Reply(f"I tell you {what}. +unsubscribe status ends that."), Reach()])


def _unsubscribe(tree: Tree, call: Called) -> Decision:
    key = call.message.person.key
    if key not in _people(tree):
        return say("You have not subscribed to the status. +subscribe status does that.")
    book = Book(tree, call.at)
    book.drop("subscribers", key)
    return Decision(book.edits, [Reply("I tell you nothing of the status any more.")])


def wanting(tree: Tree, line: str) -> Sequence[str]:
    """Return the keys of the people who want a line of news, such as ``status alert (gerrit): TEXT``."""
    found = _NEWS.match(line)
    if found is None or found[1] in ("success", "thanks"):
        return ()
    services = set(found[2].split(", ")) if found[2] else set()
    return [key for key, wanted in _people(tree).items() if not wanted or services.intersection(wanted)]


def _people(tree: Tree) -> Mapping[str, list[str]]:
    return cast("Mapping[str, list[str]]", tree["subscribers"])
