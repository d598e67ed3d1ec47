"""Ties features to the store: decisions are made on the working state, batches committed, answers remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import attrs
import structlog
from attrs import define, field

from ptgbot import progress
from ptgbot.chat.commands import Context, Decision, Fetched
from ptgbot.chat.heard import Heard, HeardKind
from ptgbot.chat.inbox import NOBODY, Kept, Learned, Nobody, NotSaved, Settled, Tick, Verdict, message_of
from ptgbot.chat.message import Announce, Answer, Cursor, Done, Message, Reach, Reply, Room, Target, Tell
from ptgbot.derived import without_places
from ptgbot.feature import AnyFeature, Fact
from ptgbot.progress import CORE
from ptgbot.router import Router
from ptgbot.store.delivery import Delivery, Settlement
from ptgbot.store.edits import Edit, Json, Tree
from ptgbot.store.history import History
from ptgbot.store.keeper import Keeper
from ptgbot.store.record import Answers, Batch, Cause, Record
from ptgbot.store.state import StoredState
from ptgbot.store.store import Fenced, NotWritten

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


def _documents(verdicts: Sequence[Verdict]) -> dict[str, Json]:
    """Return the documents that decisions put beside the state; of two with one id the later counts."""
    return {identifier: body for verdict in verdicts for identifier, body in verdict.decision.documents.items()}


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
    deposed: Callable[[], None] = lambda: None
    """Called when another process leads by now: this one must end, and say nothing more."""
    _pending: list[Record] = field(factory=list, init=False)
    _rows: list[Delivery] = field(factory=list, init=False)
    """Rows of delivered effects of the batch in the making."""
    _settling: dict[int, Settlement] = field(factory=dict, init=False)
    """What became of rows, of the batch in the making."""

    @property
    def state(self) -> StoredState:
        """The state."""
        return self.keeper.state

    # Decisions

    def _wholly(self, decide: Callable[[], list[Verdict]]) -> list[Verdict]:
        """Decide; if one part of it fails, take back what other parts have put into the working state."""
        records, rows, settling = len(self._pending), len(self._rows), dict(self._settling)
        try:
            return decide()
        except BaseException:
            self.state.take_back(Batch(0, self._pending[records:]))
            del self._pending[records:], self._rows[rows:]
            self._settling = settling
            raise

    def decide(self, message: Message, fetched: Fetched | None = None) -> Sequence[Verdict]:
        """Decide on the working state and put the edits in; features that listen hear the line. Raises EditConflict."""
        return self._wholly(lambda: self._decide(message, fetched))

    def _decide(self, message: Message, fetched: Fetched | None) -> list[Verdict]:
        verdicts: list[Verdict] = []
        found = self.router.decide(self.state.working, message, self.history, fetched)
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
        return self._wholly(lambda: self._decide_heard(heard))

    def _decide_heard(self, heard: Heard) -> list[Verdict]:
        verdicts = self._heard(heard, message_of(heard))
        return [*verdicts, *(own for verdict in verdicts for own in self._own_lines(verdict))]

    def _heard(self, heard: Heard, message: Message) -> list[Verdict]:
        verdicts = []
        for feature in self._listeners(heard.room):
            decision = feature.hear(self._tree(feature), heard, self._context(feature))
            if decision is not None:
                quiet = attrs.evolve(decision, answers=()) if heard.own else decision
                verdicts.append(self._put_in(Verdict(message, feature.name, quiet, Cause.HEARD)))
        return verdicts

    def listens(self, room: Room) -> bool:
        """Say whether any feature wants to hear what happens in a room besides commands."""
        return any(True for _ in self._listeners(room))

    def _listeners(self, room: Room) -> Iterator[AnyFeature]:
        for feature in self.router.features:
            here = room.features is None or feature.name in room.features
            if here and feature.listens(room, self.router.settings_of(feature)):
                yield feature

    def _own_lines(self, verdict: Verdict) -> list[Verdict]:
        """Let the features that listen hear what the bot says in the room of a message."""
        room = verdict.message.room
        if verdict.message.private or not self.listens(room):
            return []
        said = [one.text for one in verdict.decision.answers if isinstance(one, Reply | Announce)]
        lines = [Heard(verdict.message.at, HeardKind.LINE, room, text=text, own=True) for text in said]
        nobody = attrs.evolve(verdict.message, person=NOBODY.person, id="")
        return [found for line in lines for found in self._heard(line, attrs.evolve(nobody, text=line.text))]

    def caused(self, item: Nobody) -> Sequence[Verdict]:
        """Let features decide on something that no person caused. Raises EditConflict."""
        return self._wholly(lambda: self._decide_caused(item))

    def _decide_caused(self, item: Nobody) -> list[Verdict]:
        match item:
            case Tick(at):
                return [verdict for feature in self.router.features for verdict in self._guarded_tick(feature, at)]
            case Learned(name, facts, at):
                feature = next(one for one in self.router.features if one.name == name)
                known = [Fact(key, value) for key, value in facts]
                decision = feature.learn(self._tree(feature), known, self._context(feature))
                return self._in_nobodys_name(feature, decision, at, Cause.FACT)
            case Settled():
                return self._settled(item)
            case Kept(edits, at):
                return [self._put_in(Verdict(attrs.evolve(NOBODY, at=at), CORE, Decision(edits), Cause.OUTCOME))]

    def _guarded_tick(self, feature: AnyFeature, at: datetime) -> list[Verdict]:
        """Let one feature decide; one that fails must not stop the others."""
        try:
            return self._wholly(lambda: list(self._ticked(feature, at)))
        except Exception:
            log.exception("a feature failed at its moment", feature=feature.name)
            return []

    def _ticked(self, feature: AnyFeature, at: datetime) -> Iterator[Verdict]:
        for _ in range(TICKS):
            due = self._due(feature, self.state.working)
            if due is None or due > at:
                return
            decision = feature.tick(self._tree(feature), at, self._context(feature))
            yield from self._in_nobodys_name(feature, decision, at, Cause.TICK)
            if decision is None or not decision.changes:
                log.error("a feature names a moment that has passed and changes nothing", feature=feature.name)
                return

    def _in_nobodys_name(
        self, feature: AnyFeature, decision: Decision | None, at: datetime, kind: Cause
    ) -> list[Verdict]:
        if decision is None:
            return []
        return [self._put_in(Verdict(attrs.evolve(NOBODY, at=at), feature.name, decision, kind))]

    def _settled(self, item: Settled) -> list[Verdict]:
        """Count what became of a row; the last of its effect lets the feature know."""
        if item.row not in self.state.deliveries or item.row in self._settling:
            return []
        self._settling[item.row] = Settlement(not item.why, item.why)
        row = self.state.deliveries[item.row]
        effect, edits = progress.counted(self._own_tree, row, item.why)
        self._put_in(Verdict(attrs.evolve(NOBODY, at=item.at), CORE, Decision(edits), Cause.OUTCOME))
        feature = next((one for one in self.router.features if one.name == row.feature), None)
        if effect is None or feature is None:
            return []
        decision = feature.outcome(self._tree(feature), effect, self._context(feature))
        return self._in_nobodys_name(feature, decision, item.at, Cause.OUTCOME)

    def _put_in(self, verdict: Verdict) -> Verdict:
        """Put a decision into the working state; its record and its rows belong to the batch in the making."""
        if not verdict.decision.changes:
            return verdict
        self._attempt(verdict)
        for deliver in verdict.decision.deliver:
            rows = progress.rows(deliver, verdict.feature, self._last_row + 1, verdict.message.at)
            edits = progress.begun(rows)
            self._rows += rows
            own = Verdict(attrs.evolve(NOBODY, at=verdict.message.at), CORE, Decision(edits), Cause.OUTCOME)
            self._attempt(own)
        return verdict

    def _attempt(self, verdict: Verdict) -> None:
        record = record_of(self.state.number + len(self._pending) + 1, verdict)
        self.state.attempt(record.placed)
        self._pending.append(record)

    @property
    def _last_row(self) -> int:
        return self._rows[-1].number if self._rows else self.state.row

    @property
    def _own_tree(self) -> Tree:
        return cast("Tree", self.state.working[CORE])

    @property
    def history(self) -> History:
        """The commands that changed something, those of the batch in the making included."""
        return History(self.state.log, self._pending)

    def _tree(self, feature: AnyFeature) -> Tree:
        return cast("Tree", self.state.working[feature.name])

    def _context(self, feature: AnyFeature) -> Context[Any]:
        return self.router.context(feature, self.history)

    def due(self) -> datetime | None:
        """Return the next moment at which a feature wants to decide in nobody's name."""
        moments = (self._due(feature, self.state.committed) for feature in self.router.features)
        return min((moment for moment in moments if moment), default=None)

    def _due(self, feature: AnyFeature, state: Tree) -> datetime | None:
        """Return the next moment of one feature; one that fails here must not stop the others."""
        try:
            return feature.due(cast("Tree", state[feature.name]), self.router.settings_of(feature))
        except Exception:
            log.exception("a feature can't say when it is due", feature=feature.name)
            return None

    async def upgrade(self, at: datetime) -> None:
        """Bring the features' parts of the state up to date. Raises NotSaved."""
        for feature in self.router.features:
            if edits := feature.upgrade(self._tree(feature)):
                verdicts = self._in_nobodys_name(feature, Decision(edits), at, Cause.TICK)
                await self.commit(verdicts, {}, ())

    # Writing

    def known(self, message: Message) -> Sequence[Answer] | None:
        """Return the answers of a message that was handled before, None for a new one."""
        answers = self.state.handled.get(message.room.network, {}).get(message.id)
        return None if answers is None else [from_json(answer) for answer in answers]

    async def commit(
        self, verdicts: Sequence[Verdict], cursors: Mapping[str, Cursor], handled: Sequence[Verdict]
    ) -> None:
        """Make the batch durable. Raises NotSaved, having taken the edits back."""
        records, rows, settled = self._take_pending()
        remembered = {network: self._ahead_of(cursor) for network, cursor in cursors.items()}
        for verdict in handled:
            known = remembered.setdefault(verdict.message.room.network, {})
            answers = [to_json(answer) for answer in verdict.decision.answers]
            known[verdict.message.id] = [*known.get(verdict.message.id, ()), *answers]
        try:
            positions = {network: cursor.position for network, cursor in cursors.items()}
            batch = Batch(0, records, positions, remembered, deliver=rows, settled=settled)
            await self.keeper.commit(batch, _documents(verdicts))
        except NotWritten as error:
            if isinstance(error, Fenced):
                self.deposed()
            raise NotSaved(str(error)) from error
        if records:
            self.changed()

    def _ahead_of(self, cursor: Cursor) -> dict[str, Answers]:
        """Return what was handled and stands behind a cursor, which the store forgets unless told again."""
        if cursor.passed is None:
            return {}
        handled = self.state.handled.get(cursor.network, {})
        return {identifier: answers for identifier, answers in handled.items() if identifier not in cursor.passed}

    async def forget(self, verdict: Verdict) -> None:
        """Take a person out of everything. Raises NotSaved where nothing happened."""
        person, state = verdict.message.person, self.state
        places: list[tuple[str, ...]] = []
        edits: list[Edit] = []
        documents: dict[str, Json] = {}
        for feature in self.router.features:
            chronicle = cast("Tree", state.derived.get(feature.name, {}))
            found = feature.forget(cast("Tree", state.committed[feature.name]), chronicle, person)
            places += [(feature.name, *place) for place in found.places]
            edits += [attrs.evolve(edit, at=(feature.name, *edit.at)) for edit in found.chronicle]
            documents |= found.documents
        edits += without_places(state.derived, places)
        try:
            problems = await self.keeper.forget(person.key, places, verdict.message.at, edits, documents)
        except NotWritten as error:
            raise NotSaved(str(error)) from error
        except OSError as error:
            problems = [f"{error}; it is finished at the next start."]
        self.forgotten(problems)
        self.changed()

    def discard(self) -> None:
        """Take back what was decided but never committed."""
        records, _, _ = self._take_pending()
        self.state.take_back(Batch(0, records))

    def _take_pending(self) -> tuple[list[Record], list[Delivery], dict[int, Settlement]]:
        """Return what belongs to the batch in the making, and begin another one."""
        taken = self._pending, self._rows, self._settling
        self._pending, self._rows, self._settling = [], [], {}
        return taken
