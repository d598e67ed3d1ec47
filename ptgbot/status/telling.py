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
"""Seconds for which a publisher is tried."""
FINAL: Final = "its author can take it back with #status undo, and trusted people hide it with #status hide N."
"""The answer to ``~undo`` for a line that rooms and publishers were told."""
LATER: Final = "later"
"""Stands in ``waits`` of an entry for publishers that are late."""
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
        deliver.append(Deliver(SAY, rooms, said.line, to_rooms(about), settings.give_up_minutes * 60))
    if publishers:
        body = published(book.tree, said.entry, said.what)
        named = tuple(Target(one.name, one.name) for one in publishers)
        deliver.append(Deliver(PUBLISH, named, body, f"publish:{about}", WEEK, settings.publish_seconds))
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


def to_rooms(about: int | str) -> str:
    """Return the name of the delivery to rooms that tells of an entry."""
    return f"rooms:{about}"


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
    """Return the decision on the end of an effect: the final answer once nothing of an entry is waited for.

    Publishers that are late are not waited for; of these a last answer tells.
    """
    way, _, about = outcome.about.partition(":")
    sent = cast("dict[str, Any] | None", cast("dict[str, Any]", tree["sent"]).get(about))
    if sent is None or not {way, LATER if way == "publish" else way} & {*sent["waits"]}:
        return None
    if way not in sent["waits"]:
        edit = _noted(about, sent, sent, [one for one in sent["waits"] if one != LATER])
        return evolve(to_author(sent, _late_answer(sent, outcome)), edits=[edit])
    waits = [one for one in sent["waits"] if one != way] + ([LATER] if outcome.late else [])
    done = {**sent, way: [outcome.reached, dict(outcome.failed), dict(outcome.late)]}
    edit = _noted(about, sent, done, waits)
    if any(one != LATER for one in waits):
        return Decision([edit])
    return evolve(to_author(done, _final(done)), edits=[edit])


def _noted(about: str, was: Json, now: Mapping[str, Any], waits: Sequence[str]) -> Edit:
    """Return the edit of an entry on its way that waits for these effects now. It is removed if it waits for none."""
    return Edit(("sent", about), was, {**now, "waits": [*waits]} if waits else ABSENT)


def to_author(row: Mapping[str, Any], text: str) -> Decision:
    """Return a decision that says a sentence where an entry was typed, by its author if that was a private chat.

    The line in a room is delivered like an alert, so that it outlives a crash.
    """
    where, who = row["where"], row.get("who", {})
    if where.get("id"):
        return Decision(deliver=(Deliver(SAY, (Target(where["network"], where["id"]),), text, "told"),))
    answers: Sequence[Answer] = [Tell(who["key"], text)] if who.get("key") else []
    return Decision(answers=answers)


def _final(sent: Mapping[str, Any]) -> str:
    parts = []
    if "rooms" in sent:
        reached, failed, _ = sent["rooms"]
        parts.append(f"{reached} of {count(reached + len(failed), 'room')} reached{_except(failed)}")
    if "publish" in sent:
        reached, failed, late = sent["publish"]
        every = count(reached + len(failed) + len(late), "publisher")
        further = f"{_except(_publishers(late), 'not yet')}, tried further for a week" if late else ""
        parts.append(f"{reached} of {every} reached{_except(_publishers(failed))}{further}")
    return f"{_address(sent)}{sent['name']}: {'. '.join(parts)}."


def _late_answer(sent: Mapping[str, Any], outcome: Outcome) -> str:
    """Return the answer when the publishers that were late are settled, too."""
    late = _publishers(sent["publish"][2])
    failed = {name: why for name, why in _publishers(outcome.failed).items() if name in late}
    reached = sorted(name for name in late if name not in failed)
    parts = [f"now published by {listing(reached)}, too"] if reached else []
    parts += [f"given up{_except(failed)}"] if failed else []
    return f"{_address(sent)}{sent['name']}: {'; '.join(parts)}."


def _publishers(found: Mapping[str, str]) -> dict[str, str]:
    """Return the names of publishers for those of targets, which have each name twice: as network and as room."""
    return {name[: len(name) // 2]: why for name, why in found.items()}


def _except(failed: Mapping[str, str], word: str = "not") -> str:
    """Return what was not reached, with the reasons."""
    if not failed:
        return ""
    named = [f"{name} ({short(why.rstrip('.'), 80)})" for name, why in [*failed.items()][:NAMED]]
    more = len(failed) - len(named)
    return f"; {word} {', '.join(named)}{f' and {more} more' if more else ''}"


def _address(sent: Mapping[str, Any]) -> str:
    name = sent.get("who", {}).get("name", "")
    return f"{name}: " if name else ""
