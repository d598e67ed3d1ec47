"""The gathering as the core sees it: which lines are its commands, and who may type them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import attrs
from attrs import frozen

from ptgbot.chat.commands import (
    Call,
    Command,
    Decision,
    Fetched,
    Form,
    History,
    Typed,
    parse,
    say,
    suggestion,
)
from ptgbot.chat.message import Message, Person, Role, Room
from ptgbot.chat.text import clean, fold, listing, nearest, short
from ptgbot.gathering import admin, attendee, model, moderator
from ptgbot.gathering.model import Gathering
from ptgbot.gathering.registry import COMMANDS, may_moderate
from ptgbot.gathering.settings import GatheringSettings
from ptgbot.gathering.slices import next_change
from ptgbot.gathering.subscriptions import prepare
from ptgbot.gathering.words import OLD_SPELLING, reserved
from ptgbot.store.edits import Tree

_MODULES = (attendee, moderator, admin)
"""Importing them fills the registry."""
_TYPED_IN = "Type it in a channel or room of the gathering; here, in private, only + commands work."


@frozen
class GatheringFeature:
    """Tracks, rooms, slots, now and next."""

    name: str = "gathering"
    rank: int = 100
    settings: type[GatheringSettings] = GatheringSettings

    @property
    def commands(self) -> Sequence[Command]:
        """Every command, those for everybody first."""
        return tuple(sorted(COMMANDS.commands, key=lambda command: command.role))

    @property
    def reserved(self) -> frozenset[str]:
        """Words that can't be names of tracks."""
        return reserved()

    def claims(self, tree: Tree, room: Room, word: str) -> bool:
        """The gathering never takes a word before help."""
        return False

    def empty(self) -> Tree:
        """Return a gathering in which nothing has happened yet."""
        return model.empty()

    def complete(self, tree: Tree) -> None:
        """Add what a state of an earlier version lacks."""
        model.complete(tree)
        prepare(Gathering(tree).subscriptions)  # at the start, so that the first topic need not wait for it

    def personal(self, tree: Tree, person: Person) -> list[tuple[str, ...]]:
        """Return where a person stands: check-in, subscription, list of moderators."""
        gathering = Gathering(tree)
        found: list[tuple[str, ...]] = [
            (table, key) for table in ("last_check_in", "subscriptions") for key in _keys(gathering, table, person)
        ]
        found += [("ptgbot", "told_pattern", key) for table, key in found if table == "subscriptions"]
        account = [("ptgbot", "moderators", fold(person.account))] if person.account else []
        return [*found, *account]

    def next_tick(self, tree: Tree, at: datetime, settings: Any) -> datetime | None:
        """Return when time alone will next change what is shown."""
        return next_change(Gathering(tree), at, settings or GatheringSettings())

    def decide(
        self,
        tree: Tree,
        message: Message,
        history: History,
        settings: Any,
        fetched: Fetched | None = None,
        site: str = "",
    ) -> Decision | None:
        """Decide on a message; None where it is conversation."""
        gathering = Gathering(tree)
        typed = parse(message.text)
        if typed is None:
            word, _, rest = message.text.partition(" ")
            bare = Call(message, fold(word), clean(rest), history, settings, site=site)
            return _run(gathering, bare, Form.USER) if message.private else None  # in private the + may be left out
        call = Call(message, typed.word, clean(typed.rest), history, settings, fetched=fetched, site=site)
        if typed.prefix == "+":
            return _run(gathering, call, Form.USER)
        if typed.prefix == "~":
            return _admin(gathering, call)
        return _hash(gathering, call, typed)


def _keys(gathering: Gathering, table: str, person: Person) -> set[str]:
    return {person.key, gathering.find_key(table, person.key, person.casemapping)}


def _run(gathering: Gathering, call: Call, form: Form) -> Decision | None:
    command = COMMANDS.find(form, call.word)
    return command.decide(gathering, call) if command else None


def _admin(gathering: Gathering, call: Call) -> Decision | None:
    if COMMANDS.find(Form.ADMIN, call.word) is None:
        return None
    if call.message.private:
        return say(f"~{call.word} is for operators. {_TYPED_IN}")
    if call.message.role < Role.ADMIN:
        return say(f"~{call.word} is for the operators of {call.message.room.name}; ask one of them.")
    return _run(gathering, call, Form.ADMIN)


def _hash(gathering: Gathering, call: Call, typed: Typed) -> Decision | None:
    word = fold(typed.word)
    if word in OLD_SPELLING:
        return _run(gathering, call, Form.USER)
    first, _, rest = call.argument.partition(" ")
    if gathering.has_track(word):
        return _track(gathering, attrs.evolve(call, subject=word, word=fold(first), argument=rest))
    asked = COMMANDS.find(Form.TRACK, fold(first)) if first else None
    if asked is None or word in reserved() or not word[0].isalpha():
        return None
    near = nearest(word, gathering.tracks)
    hint = f" Did you mean {listing((f'#{name}' for name in near), last='or')}?" if near else " +tracks lists them."
    return say(f"There is no track {short(typed.word, 50)}.{hint}")


def _track(gathering: Gathering, call: Call) -> Decision:
    track = call.subject
    if call.message.private:
        return say(f"{f'#{track} {short(call.word, 30)}'.strip()} is a track command. {_TYPED_IN}")
    command = COMMANDS.find(Form.TRACK, call.word)
    if command is None:
        words = [name for name in COMMANDS.names(Form.TRACK) if name]
        hint = suggestion(call.word, words, f"#{track} ")
        return say(f"#{track} {short(call.word, 30)} is no command.{hint} There are {', '.join(words)}.")
    if not moderator.only_asks(command.name, call.argument) and (refusal := may_moderate(gathering, call, track)):
        return say(refusal)
    return attrs.evolve(command.decide(gathering, call), subject=track)
