"""Ties features to the store: decisions are made on the working state, batches committed, answers remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import attrs
import structlog
from attrs import define, field

from ptgbot.chat.commands import Context, Decision, Fetched
from ptgbot.chat.heard import Heard, HeardKind
from ptgbot.chat.inbox import NOBODY, Learned, Nobody, NotSaved, Settled, Tick, Verdict
from ptgbot.chat.message import Announce, Answer, Cursor, Done, Message, Reach, Reply, Room, Target, Tell
from ptgbot.feature import AnyFeature, Fact
from ptgbot.router import Router
from ptgbot.store.edits import Tree
from ptgbot.store.history import History
from ptgbot.store.journal import NotWritten
from ptgbot.store.keeper import Keeper
from ptgbot.store.record import Answers, Batch, Record
from ptgbot.store.state import StoredState

log = structlog.get_logger()

TICKS = 100
"""Decisions that one feature may make in nobody's name at one moment."""


def to_json(answer: Answer) -> dict[str, str]:
    """Return an answer as the journal keeps it."""
    match answer:
        case Reply(text):
            return {"reply": text}
        case Tell(key, text):
            return {"tell": text, "key": key}
        case Announce(text, None):
            return {"announce": text}
        case Announce(text, Target(network, room)):
            return {"announce": text, "network": network, "room": room}
        case Reach():
            return {"reach": ""}
    return {"done": ""}


def from_json(tree: Mapping[str, str]) -> Answer:
    """Read what :func:`to_json` wrote."""
    if "reply" in tree:
        return Reply(tree["reply"])
    if "tell" in tree:
        return Tell(tree["key"], tree["tell"])
    if "reach" in tree:
        return Reach()
    if "announce" in tree:
        return Announce(tree["announce"], Target(tree["network"], tree["room"]) if "room" in tree else None)
    return Done()


def record_of(number: int, verdict: Verdict) -> Record:
    """Return what the journal keeps of a decision that changed something."""
    message, decision = verdict.message, verdict.decision
    person, room = message.person, message.room
    return Record(
        number,
        verdict.feature,
        message.at,
        person.key,
        person.nick,
        room.network,
        room.id,
        room.name,
        message.text,
        decision.edits,
        message.private,
        decision.subject,
        decision.undoes,
        kind=verdict.kind,
        final=decision.final,
    )


@define
class Core:
    """What the inbox works on. ``changed`` is called after every commit that may change what is shown."""

    router: Router
    keeper: Keeper
    changed: Callable[[], None] = lambda: None
    forgotten: Callable[[Sequence[str]], None] = lambda _problems: None
    """Called after a person was forgotten, with sentences about files that could not be rewritten."""
    _pending: list[Record] = field(factory=list, init=False)

    @property
    def document(self) -> StoredState:
        """The state."""
        return self.keeper.state

    # Decisions

    def decide(self, message: Message, fetched: Fetched | None = None) -> Sequence[Verdict]:
        """Decide on the working state and put the edits in; features that listen hear the line. Raises EditConflict."""
        verdicts: list[Verdict] = []
        found = self.router.decide(self.document.working, message, self.history, fetched)
        if found is not None:
            verdicts.append(self._put_in(Verdict(message, *found)))
        if fetched is None and not message.private:
            line = Heard(
                message.at,
                HeardKind.LINE,
                message.room,
                message.person,
                message.role,
                message.text,
                message.id,
                taken=found[0] if found else "",
            )
            verdicts += self._heard(line, message)
        for verdict in tuple(verdicts):
            verdicts += self._own_lines(verdict)
        return verdicts

    def heard(self, heard: Heard) -> Sequence[Verdict]:
        """Let the features that listen decide on something that was heard. Raises EditConflict."""
        message = Message(heard.at, heard.room, heard.person or NOBODY.person, heard.role, heard.text, id=heard.id)
        verdicts = self._heard(heard, message)
        return [*verdicts, *(own for verdict in verdicts for own in self._own_lines(verdict))]

    def _heard(self, heard: Heard, message: Message) -> list[Verdict]:
        verdicts = []
        for feature in self._listeners(heard.room):
            decision = feature.hear(self._tree(feature), heard, self._context(feature))
            if decision is not None:
                quiet = attrs.evolve(decision, answers=()) if heard.own else decision
                verdicts.append(self._put_in(Verdict(message, feature.name, quiet, "heard")))
        return verdicts

    def _listeners(self, room: Room) -> Iterator[AnyFeature]:
        for feature in self.router.features:
            here = room.features is None or feature.name in room.features
            if here and feature.listens(room, self.router.settings_of(feature)):
                yield feature

    def _own_lines(self, verdict: Verdict) -> list[Verdict]:
        """Let the features that listen hear what the bot says in the room of a message."""
        room = verdict.message.room
        if verdict.message.private or not any(True for _ in self._listeners(room)):
            return []
        said = [one.text for one in verdict.decision.answers if isinstance(one, Reply | Announce)]
        lines = [Heard(verdict.message.at, HeardKind.LINE, room, text=text, own=True) for text in said]
        nobody = attrs.evolve(verdict.message, person=NOBODY.person, id="")
        return [found for line in lines for found in self._heard(line, attrs.evolve(nobody, text=line.text))]

    def caused(self, item: Nobody) -> Sequence[Verdict]:
        """Let features decide on something that no person caused. Raises EditConflict."""
        match item:
            case Tick(at):
                return [verdict for feature in self.router.features for verdict in self._ticked(feature, at)]
            case Learned(name, facts, at):
                feature = next(one for one in self.router.features if one.name == name)
                known = [Fact(key, value) for key, value in facts]
                decision = feature.learn(self._tree(feature), known, self._context(feature))
                return self._in_nobodys_name(feature, decision, at, "fact")
            case Settled():
                return []

    def _ticked(self, feature: AnyFeature, at: datetime) -> Iterator[Verdict]:
        settings = self.router.settings_of(feature)
        for _ in range(TICKS):
            due = feature.due(self._tree(feature), settings)
            if due is None or due > at:
                return
            decision = feature.tick(self._tree(feature), at, self._context(feature))
            yield from self._in_nobodys_name(feature, decision, at, "tick")
            if decision is None or not decision.changes:
                log.error("a feature names a moment that has passed and changes nothing", feature=feature.name)
                return

    def _in_nobodys_name(
        self, feature: AnyFeature, decision: Decision | None, at: datetime, kind: str
    ) -> list[Verdict]:
        if decision is None:
            return []
        return [self._put_in(Verdict(attrs.evolve(NOBODY, at=at), feature.name, decision, kind))]

    def _put_in(self, verdict: Verdict) -> Verdict:
        if verdict.decision.changes:
            record = record_of(self.document.number + len(self._pending) + 1, verdict)
            self.document.attempt(record.placed)
            self._pending.append(record)
        return verdict

    @property
    def history(self) -> History:
        """The commands that changed something, those of the batch in the making included."""
        return History(self.document.log, self._pending)

    def _tree(self, feature: AnyFeature) -> Tree:
        return cast("Tree", self.document.working[feature.name])

    def _context(self, feature: AnyFeature) -> Context[Any]:
        return self.router.context(feature, self.history)

    def due(self) -> datetime | None:
        """Return the next moment at which a feature wants to decide in nobody's name."""
        moments = (
            feature.due(cast("Tree", self.document.committed[feature.name]), self.router.settings_of(feature))
            for feature in self.router.features
        )
        return min((moment for moment in moments if moment), default=None)

    # Writing

    def known(self, message: Message) -> Sequence[Answer] | None:
        """Return the answers of a message that was handled before, None for a new one."""
        answers = self.document.handled.get(message.room.network, {}).get(message.id)
        return None if answers is None else [from_json(answer) for answer in answers]

    async def commit(
        self, verdicts: Sequence[Verdict], cursors: Mapping[str, Cursor], handled: Sequence[Verdict]
    ) -> None:
        """Make the batch durable. Raises NotSaved, having taken the edits back."""
        records, self._pending = self._pending, []
        remembered = {network: self._ahead_of(cursor) for network, cursor in cursors.items()}
        for verdict in handled:
            known = remembered.setdefault(verdict.message.room.network, {})
            answers = [to_json(answer) for answer in verdict.decision.answers]
            known[verdict.message.id] = [*known.get(verdict.message.id, ()), *answers]
        try:
            await self.keeper.commit(
                Batch(0, records, {network: cursor.position for network, cursor in cursors.items()}, remembered)
            )
        except NotWritten as error:
            raise NotSaved(str(error)) from error
        if records:
            self.changed()

    def _ahead_of(self, cursor: Cursor) -> dict[str, Answers]:
        """Return what was handled and stands behind a cursor, which the store forgets unless told again."""
        if cursor.passed is None:
            return {}
        handled = self.document.handled.get(cursor.network, {})
        return {identifier: answers for identifier, answers in handled.items() if identifier not in cursor.passed}

    async def forget(self, verdict: Verdict) -> None:
        """Take a person out of everything. Raises NotSaved where nothing happened."""
        person = verdict.message.person
        places = [
            (feature.name, *place)
            for feature in self.router.features
            for place in feature.forget(cast("Tree", self.document.committed[feature.name]), {}, person).places
        ]
        try:
            problems = await self.keeper.forget(person.key, places, verdict.message.at)
        except NotWritten as error:
            raise NotSaved(str(error)) from error
        except OSError as error:
            problems = [f"{error}; it is finished at the next start."]
        self.forgotten(problems)
        self.changed()

    def discard(self) -> None:
        """Take back what was decided but never committed."""
        records, self._pending = self._pending, []
        self.document.take_back(Batch(0, records))
