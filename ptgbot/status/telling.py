"""Tells rooms, publishers and subscribers of an entry, and the author of what became of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from attrs import evolve, frozen

from ptgbot.chat.commands import Decision, Deliver, News
from ptgbot.chat.groups import Group
from ptgbot.chat.message import Answer, Reply, Target, Tell
from ptgbot.chat.text import count, listing, short
from ptgbot.feature import Outcome
from ptgbot.status import model
from ptgbot.status.book import Author, Book
from ptgbot.status.model import PUBLISH, Entry
from ptgbot.status.settings import StatusSettings
from ptgbot.store.edits import ABSENT, Edit, Json, Tree

SAY: Final = "say"
WEEK: Final = 7 * 86400.0
"""Seconds for which a publisher that was not reached at once is tried further."""
FINAL: Final = "its author can take it back with #status undo, and trusted people hide it with #status hide N."
"""The answer to ``~undo`` for a line that rooms and publishers were told."""
NAMED: Final = 15
"""Rooms that were not reached and that one answer names at most."""


@frozen
class Said:
    """What is told of an entry."""

    entry: Entry
    name: str
    """Its name in answers, such as ``Alert 3``."""
    line: str
    """The line for rooms, empty to tell none."""
    what: str = ""
    """What publishers are told; the entry's kind if empty."""
    news: str = ""
    """The line for subscribers, empty to tell none."""


def told(
    book: Book, said: Said, group: Group, author: Author, settings: StatusSettings, remark: str = ""
) -> Decision:
    """Return the decision that tells of an entry and answers the author: now, and when everything was tried.

    Args:
        book: the record with the entry.
        said: what is told.
        group: the rooms.
        author: who is answered.
        settings: the publishers, and how long they and rooms are tried.
        remark: a sentence behind the first answer.
    """
    rooms = group.rooms if said.line else ()
    public = said.entry.public or said.what == "hide"
    publishers = settings.publishers if public and said.entry.row["public"] else ()
    about = f"{said.entry.number}{'.' + said.what if said.what else ''}"
    deliver: list[Deliver] = []
    if rooms:
        deliver.append(Deliver(SAY, rooms, said.line, f"rooms:{about}", settings.give_up_minutes * 60))
    if publishers:
        body = published(book.tree, said.entry, said.what)
        named = tuple(Target(one.name, one.name) for one in publishers)
        deliver.append(Deliver(PUBLISH, named, body, f"publish:{about}", settings.publish_seconds))
    if deliver:
        waits: Json = [one.about.partition(":")[0] for one in deliver]
        sent: Json = {"name": said.name, "who": dict(author.who), "where": dict(author.where), "waits": waits}
        book.write("sent", about, now=sent)
    ways = [count(len(rooms), "room")] if rooms else []
    ways += [count(len(publishers), "publisher")] if publishers else []
    answer = f"{said.name} goes to {listing(ways)}." if ways else f"{said.name} is on record."
    news = (News(said.news),) if said.news and public else ()
    reply = Reply(f"{answer} {remark}".rstrip())
    return Decision(book.edits, [reply], deliver=tuple(deliver), news=news, final=FINAL)


def published(tree: Tree, entry: Entry, what: str) -> Json:
    """Return the body for publishers. The text of a hidden entry is empty."""
    matter = model.matter(tree, entry.about) if entry.about else None
    shown = model.public_entry(entry)
    return {
        "what": what or entry.row["kind"],
        "entry": {**shown, "text": ""} if what == "hide" else shown,
        "matter": model.public_matter(tree, matter) if matter and matter.public else None,
    }


def settled(tree: Tree, outcome: Outcome) -> Decision | None:
    """Return the decision on the end of an effect: the final answer once all of an entry's effects have ended."""
    way, _, about = outcome.about.partition(":")
    sent = cast("dict[str, Any] | None", cast("dict[str, Any]", tree["sent"]).get(about))
    if sent is None or way not in sent["waits"]:
        return None
    waits = [one for one in sent["waits"] if one != way]
    done = {**sent, "waits": waits, way: [outcome.reached, dict(outcome.failed)]}
    again = _again(tree, about, outcome) if way == "publish" else ()
    waits += ["later"] if again else []
    edit = Edit(("sent", about), sent, cast("Json", {**done, "waits": waits}) if waits else ABSENT)
    if any(one != "later" for one in waits):
        return Decision([edit], deliver=again)
    answer = to_author(done, _later(done, outcome) if way == "later" else _final(done))
    return evolve(answer, edits=[edit], deliver=(*answer.deliver, *again))


def to_author(row: Mapping[str, Any], text: str) -> Decision:
    """Return a decision that says a sentence where an entry was typed, by its author if that was a private chat.

    The line in a room is delivered like an alert, so that it outlives a crash.
    """
    where, who = row["where"], row.get("who", {})
    if where.get("id"):
        return Decision(deliver=(Deliver(SAY, (Target(where["network"], where["id"]),), text, "told"),))
    answers: Sequence[Answer] = [Tell(who["key"], text)] if who.get("key") else []
    return Decision(answers=answers)


def _again(tree: Tree, about: str, outcome: Outcome) -> tuple[Deliver, ...]:
    """Return the effect that tries publishers further which were not reached in time."""
    number, _, what = about.partition(".")
    place = model.entry_place(tree, int(number))
    if not outcome.failed or place is None:
        return ()
    names = [one.split(" ", 1)[0] for one in outcome.failed]
    targets = tuple(Target(name, name) for name in names)
    return (Deliver(PUBLISH, targets, published(tree, model.entry_at(tree, place), what), f"later:{about}", WEEK),)


def _final(sent: Mapping[str, Any]) -> str:
    parts = []
    if "rooms" in sent:
        reached, failed = sent["rooms"]
        parts.append(f"{reached} of {count(reached + len(failed), 'room')} reached{_except(failed)}")
    if "publish" in sent:
        reached, failed = sent["publish"]
        names = {name.split(" ", 1)[0]: why for name, why in failed.items()}
        further = "; tried further for a week" if names else ""
        parts.append(f"{reached} of {count(reached + len(failed), 'publisher')} reached{_except(names)}{further}")
    return f"{_address(sent)}{sent['name']}: {'. '.join(parts)}."


def _later(sent: Mapping[str, Any], outcome: Outcome) -> str:
    late = [name.split(" ", 1)[0] for name in sent["publish"][1]]
    failed = {name.split(" ", 1)[0]: why for name, why in outcome.failed.items()}
    reached = [name for name in late if name not in failed]
    parts = [f"now published by {listing(reached)}, too"] if reached else []
    parts += [f"given up{_except(failed)}"] if failed else []
    return f"{_address(sent)}{sent['name']}: {'; '.join(parts)}."


def _except(failed: Mapping[str, str]) -> str:
    """Return what was not reached, with the reasons."""
    if not failed:
        return ""
    named = [f"{name} ({short(why.rstrip('.'), 80)})" for name, why in [*failed.items()][:NAMED]]
    more = len(failed) - len(named)
    return f"; not {', '.join(named)}{f' and {more} more' if more else ''}"


def _address(sent: Mapping[str, Any]) -> str:
    name = sent.get("who", {}).get("name", "")
    return f"{name}: " if name else ""
