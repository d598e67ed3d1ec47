"""The gathering's side of the feature contract: its commands and who may use them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

import attrs

from ptgbot.chat.commands import (
    Call,
    Command,
    Context,
    Decision,
    Form,
    Record,
    Typed,
    commands_of,
    find_command,
    parse,
    say,
)
from ptgbot.chat.dispatch import dispatch, refusal_by_role
from ptgbot.chat.message import Message, Person
from ptgbot.chat.text import fold, listing, nearest, short
from ptgbot.feature import Feature, Format, PersonalData
from ptgbot.gathering import admin, attendee, crowds, mine, model, moderator, questions, recap
from ptgbot.gathering.asking import question
from ptgbot.gathering.document import PtgJson
from ptgbot.gathering.model import TRACK_NAME, Gathering
from ptgbot.gathering.oddities import oddities
from ptgbot.gathering.registry import drop, may_moderate, put
from ptgbot.gathering.schedule import zone_of
from ptgbot.gathering.settings import GatheringSettings
from ptgbot.gathering.slices import SLICES
from ptgbot.gathering.subscriptions import prepare, wanting
from ptgbot.gathering.words import OLD_SPELLING, RESERVED
from ptgbot.store.edits import Edit, Tree


class GatheringFeature(Feature[GatheringSettings]):
    """The feature for tracks, rooms, slots, topics now and next."""

    name = "gathering"
    settings = GatheringSettings
    commands = commands_of(attendee, questions, moderator, crowds, admin)
    reserved = RESERVED
    slices = SLICES
    routes = (mine.ROUTE,)
    site = "ptgbot_site.gathering"

    def empty(self) -> Tree:
        """Return an empty gathering."""
        return model.empty()

    def complete(self, tree: Tree) -> None:
        """Add the keys that a state of an earlier version lacks."""
        model.complete(tree)

    def prepare(self, tree: Tree) -> None:
        """Compile the patterns of subscriptions, so that no topic has to wait for it."""
        prepare(Gathering(tree).subscriptions)

    def forget(self, tree: Tree, chronicle: Tree, person: Person) -> PersonalData:
        """Return the places of a person: check-in, subscription, moderators, and the chronicle without their name."""
        gathering = Gathering(tree)
        found: list[tuple[str, ...]] = [
            (table, key) for table in ("last_check_in", "subscriptions") for key in _keys(gathering, table, person)
        ]
        found += [("ptgbot", "told_pattern", key) for table, key in found if table == "subscriptions"]
        accounts = [("ptgbot", "moderators", fold(account)) for account in person.accounts]
        return PersonalData([*found, *accounts], recap.forgotten(chronicle, person.key))

    def move(self, tree: Tree, former: str, key: str) -> Sequence[Edit]:
        """Return the edits for somebody's check-in and subscription: the newer check-in, and the pattern if it is the
        only one."""
        gathering = Gathering(tree)
        return [*_moved(gathering, "last_check_in", former, key), *_moved(gathering, "subscriptions", former, key)]

    def chronicle(self, chronicle: Tree, state: Tree, record: Record) -> Tree:
        """Return the chronicle of topics and bookings after one more record."""
        return recap.chronicle(chronicle, record)

    def formats(self, settings: GatheringSettings) -> Sequence[Format]:
        """Return the formats of exported files: ``ptg.json``."""
        return (PtgJson(settings.timezone),)

    def title(self, tree: Tree, settings: GatheringSettings) -> str:
        """Return the title of the gathering."""
        return Gathering(tree).title

    def zone(self, tree: Tree, settings: GatheringSettings) -> tzinfo:
        """Return the time zone of the gathering."""
        return zone_of(Gathering(tree), settings.timezone)

    def subject(self, tree: Tree, word: str) -> str | None:
        """Return the track with this name, None if there is none."""
        return word if Gathering(tree).has_track(word) and word not in OLD_SPELLING else None

    def decide(self, tree: Tree, message: Message, context: Context[GatheringSettings]) -> Decision | None:
        """Decide on a message; return None if it is conversation."""
        typed = parse(message.text)
        word = fold(typed.word) if typed and typed.prefix == "#" else ""
        if word in OLD_SPELLING:
            message = _in_new_spelling(message)
        message = _as_command(message, typed)
        decision = dispatch(self, tree, message, context)
        if decision is None and typed and word and word not in OLD_SPELLING:
            return self._no_such_track(tree, typed, message, context)
        return decision

    def _no_such_track(
        self, tree: Tree, typed: Typed, message: Message, context: Context[GatheringSettings]
    ) -> Decision | None:
        """Answer a track command with an unknown track; return None if the line may be conversation."""
        word, first = fold(typed.word), fold(typed.rest.split()[0]) if typed.rest.split() else ""
        known = first and find_command((*self.commands, *context.core), Form.TRACK, first)
        if not known or word in context.words or not word[0].isalpha():
            return None
        near = nearest(word, Gathering(tree).tracks)
        hint = f" Did you mean {listing((f'#{name}' for name in near), last='or')}?" if near else ""
        added = f"; operators of {message.room.name} add one with ~add {word}" if TRACK_NAME.fullmatch(word) else ""
        return say(f"There is no track {short(typed.word, 50)}.{hint or f' +tracks lists them{added}.'}")

    def refusal(
        self, tree: Tree, command: Command[GatheringSettings], call: Call[GatheringSettings]
    ) -> str | None:
        """Return why the sender may not use a command, None if they may. Track commands need rights for that track."""
        if command.form is not Form.TRACK:
            return refusal_by_role(command, call)
        if moderator.only_asks(command.name, call.argument):
            return None
        return may_moderate(Gathering(tree), call, call.subject)

    def subscribers(self, tree: Tree, line: str, settings: GatheringSettings) -> Sequence[str]:
        """Return the keys of the people whose pattern matches a line."""
        return wanting(Gathering(tree), line)

    def check(self, tree: Tree, at: datetime, settings: GatheringSettings) -> Iterable[str]:
        """Yield sentences about odd values."""
        yield from self.warnings(tree, settings)
        yield from oddities(Gathering(tree), at, settings.timezone)

    def warnings(self, tree: Tree, settings: GatheringSettings) -> Iterable[str]:
        """Yield a sentence if the configured time zone does not count, because the state names another one."""
        mine = Gathering(tree).timezone
        if settings.timezone not in (mine or settings.timezone, GatheringSettings().timezone):
            yield (
                f"[gathering] timezone = “{settings.timezone}” does not count, because the state has “{mine}”. "
                "To change that, stop the bot and edit `timezone` in ptg.json."
            )


def _moved(gathering: Gathering, table: str, former: str, key: str) -> list[Edit]:
    people = gathering.per_track(table)
    old, new = people.get(former), people.get(key)
    if old is None:
        return []
    newer = table == "last_check_in" and new is not None and str(old.get("in")) > str(new.get("in"))
    kept = put(gathering, table, key, value=old) if new is None or newer else []
    return [*drop(gathering, table, former), *kept]


def _in_new_spelling(message: Message) -> Message:
    """Return a command in the original's spelling, such as ``#in nova``, as ``+in nova``."""
    return attrs.evolve(message, text=f"+{message.text[1:]}")


def _as_command(message: Message, typed: Typed | None) -> Message:
    """Return a question in plain English to the bot as the command that answers it; any other message as it is."""
    if (typed or not message.direct) and (typed is None or typed.prefix != "+"):
        return message
    asked = question(message.text.removeprefix("+"))
    return message if asked is None else attrs.evolve(message, text=f"+{asked}")


def _keys(gathering: Gathering, table: str, person: Person) -> set[str]:
    return {person.key, gathering.find_key(table, person.key, person.casemapping)}
