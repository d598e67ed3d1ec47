"""Ties features to the store: decisions are made on the working state, batches committed, answers remembered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import cast

from attrs import define, field

from ptgbot.chat.commands import Decision, Fetched
from ptgbot.chat.inbox import NotSaved, Verdict
from ptgbot.chat.message import Announce, Answer, Cursor, Done, Message, Reach, Reply, SetTopic, Tell
from ptgbot.chat.router import Router
from ptgbot.store.edits import Tree
from ptgbot.store.journal import NotWritten
from ptgbot.store.keeper import Keeper
from ptgbot.store.record import Answers, Batch, Record
from ptgbot.store.state import Part, StoredState


def to_json(answer: Answer) -> dict[str, str]:
    """Return an answer as the journal keeps it."""
    match answer:
        case Reply(text):
            return {"reply": text}
        case Tell(key, text):
            return {"tell": text, "key": key}
        case Announce(text):
            return {"announce": text}
        case SetTopic(room, text):
            return {"topic": text, "room": room}
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
        return Announce(tree["announce"])
    return SetTopic(tree["room"], tree["topic"]) if "topic" in tree else Done()


def record_of(number: int, feature: str, message: Message, decision: Decision) -> Record:
    """Return what the journal keeps of a command that changed something."""
    person, room = message.person, message.room
    return Record(
        number,
        feature,
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
    )


@define
class Core:
    """What the inbox works on. ``changed`` is called after every commit and tick that may change what is shown."""

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

    def decide(self, message: Message, fetched: Fetched | None = None) -> Verdict | None:
        """Decide on the working state and put the edits in. Raises EditConflict."""
        found = self.router.decide(self.document.working, message, self._history, fetched)
        if found is None:
            return None
        feature, decision = found
        if decision.edits:
            number = self.document.number + len(self._pending) + 1
            record = record_of(number, feature, message, decision)
            self.document.attempt(record.placed)
            self._pending.append(record)
        return Verdict(message, feature, decision)

    def _history(self, feature: str) -> Part:
        return Part(self.document.log, feature, self._pending)

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
            answers = [to_json(answer) for answer in verdict.decision.answers]
            remembered.setdefault(verdict.message.room.network, {})[verdict.message.id] = answers
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
            for place in feature.personal(cast("Tree", self.document.committed[feature.name]), person)
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

    def ticked(self, at: datetime) -> None:
        """Show what time alone has changed."""
        self.changed()

    def next_tick(self, at: datetime) -> datetime | None:
        """Return when time alone will next change what is shown."""
        edges = [
            edge
            for feature in self.router.features
            if (
                edge := feature.next_tick(
                    cast("Tree", self.document.committed[feature.name]),
                    at,
                    self.router.settings.get(feature.name),
                )
            )
        ]
        return min(edges, default=None)
