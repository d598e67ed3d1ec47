"""The state as the inbox sees it: decides through its parts, commits batches, remembers answers, forgets people."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import cast

import attrs
from attrs import define, field

from ptgbot.chat.commands import Fetched
from ptgbot.chat.heard import Heard
from ptgbot.chat.inbox import Nobody, NotSaved, Verdict
from ptgbot.chat.message import Answer, Cursor, Message, Person
from ptgbot.core.answers import from_json, to_json
from ptgbot.core.deciding import Deciding
from ptgbot.core.pending import Pending
from ptgbot.core.unasked import Unasked
from ptgbot.derived import without_places
from ptgbot.linking import traces
from ptgbot.progress import CORE
from ptgbot.router import Router
from ptgbot.store.edits import Edit, Json, Tree
from ptgbot.store.keeper import Keeper
from ptgbot.store.record import Answers, Batch
from ptgbot.store.state import StoredState
from ptgbot.store.store import Fenced, NotWritten
from ptgbot.waiting import to_its_end


def _documents(verdicts: Sequence[Verdict]) -> dict[str, Json]:
    """Return the documents of decisions. Of two with the same id the later one counts."""
    return {identifier: body for verdict in verdicts for identifier, body in verdict.decision.documents.items()}


async def _nothing_beside(_person: Person) -> None:
    return None


@define
class Core:
    """Commits decisions. ``changed`` is called after every commit that may change what is shown."""

    router: Router
    keeper: Keeper
    changed: Callable[[], None] = lambda: None
    forgotten: Callable[[Sequence[str]], None] = lambda _problems: None
    """Called after a person was forgotten, with sentences about files that could not be rewritten."""
    deposed: Callable[[], None] = lambda: None
    forget_beside: Callable[[Person], Awaitable[None]] = field(default=_nothing_beside, init=False)
    """Removes a person from bulk storage. Raises OSError if the person is not removed."""
    """Called when another process leads by now: this one must end, and say nothing more."""
    pending: Pending = field(init=False)
    deciding: Deciding = field(init=False)
    unasked: Unasked = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Make the deciding parts, which share the batch that is not committed yet."""
        self.pending = Pending(self.keeper.state)
        self.deciding = Deciding(self.router, self.pending)
        self.unasked = Unasked(self.router, self.pending)

    @property
    def state(self) -> StoredState:
        """The state."""
        return self.keeper.state

    def decide(self, message: Message, fetched: Fetched | None = None) -> Sequence[Verdict]:
        """Decide on a message and put the edits into the working state.

        Raises:
            EditConflict: an edit does not fit the working state.
        """
        return self.deciding.decide(message, fetched)

    def heard(self, heard: Heard) -> Sequence[Verdict]:
        """Let the features that listen decide on an event.

        Raises:
            EditConflict: an edit does not fit the working state.
        """
        return self.deciding.heard(heard)

    def caused(self, item: Nobody) -> Sequence[Verdict]:
        """Let features decide on an item that no person caused.

        Raises:
            EditConflict: an edit does not fit the working state.
        """
        return self.unasked.caused(item)

    def discard(self) -> None:
        """Revert what was decided but not committed."""
        self.pending.discard()

    def known(self, message: Message) -> Sequence[Answer] | None:
        """Return the answers to a message that was handled before, None if it is new."""
        answers = self.state.handled.get(message.room.network, {}).get(message.id)
        return None if answers is None else [from_json(answer) for answer in answers]

    async def commit(
        self, verdicts: Sequence[Verdict], cursors: Mapping[str, Cursor], handled: Sequence[Verdict]
    ) -> None:
        """Make a batch durable.

        Raises:
            NotSaved: nothing was written, and the edits have been reverted.
        """
        records, rows, settled = self.pending.take()
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
            raise self._not_saved(error) from error
        if records:
            self.changed()

    async def _rewritten(self, rewrites: Mapping[str, Callable[[Json], Json]]) -> dict[str, Json]:
        """Return the documents that functions change, by their ids. Each function is for ids with a prefix."""
        found: dict[str, Json] = {}
        for prefix, rewrite in rewrites.items():
            for identifier in [one for one in self.state.documents if one.startswith(prefix)]:
                body = await self.keeper.document(identifier)
                without = await to_its_end(partial(rewrite, body))
                if without != body:
                    found[identifier] = without
        return found

    def _not_saved(self, error: NotWritten) -> NotSaved:
        if isinstance(error, Fenced):
            self.deposed()
        return NotSaved(str(error))

    def _ahead_of(self, cursor: Cursor) -> dict[str, Answers]:
        """Return the handled messages after a cursor, which the store forgets unless they are in the batch."""
        if cursor.passed is None:
            return {}
        handled = self.state.handled.get(cursor.network, {})
        return {identifier: answers for identifier, answers in handled.items() if identifier not in cursor.passed}

    async def upgrade(self, at: datetime) -> None:
        """Upgrade the features' parts of the state.

        Raises:
            NotSaved: nothing was written.
        """
        for feature in self.router.features:
            if verdicts := self.unasked.upgraded(feature, at):
                await self.commit(verdicts, {}, ())

    async def forget(self, verdict: Verdict) -> None:
        """Erase a person from the state and all files.

        Raises:
            NotSaved: nothing was written.
        """
        person, at = verdict.message.person, verdict.message.at
        past = [edit for record in self.state.log.records if record.feature == CORE for edit in record.edits]
        found = traces(cast("Tree", self.state.committed[CORE]), person, past)
        # The link goes last: if we are killed before that, the repeated command still finds all keys of the person.
        for key in found.keys:
            links = [(CORE, *place) for place in found.places] if key == found.keys[-1] else []
            await self._forget(attrs.evolve(person, key=key), at, links)

    async def _forget(self, person: Person, at: datetime, links: Sequence[tuple[str, ...]]) -> None:
        """Erase a person under one key, and these places of the core's own part of the state."""
        state = self.state
        try:
            # First: if we are killed, the person has got no answer and asks again.
            await self.forget_beside(person)
        except (OSError, ValueError) as error:
            raise self._not_saved(NotWritten(f"bulk storage can't be written: {error}")) from error
        places: list[tuple[str, ...]] = [*links]
        edits: list[Edit] = []
        documents: dict[str, Json] = {}
        for feature in self.router.features:
            chronicle = cast("Tree", state.derived.get(feature.name, {}))
            found = feature.forget(cast("Tree", state.committed[feature.name]), chronicle, person)
            places += [(feature.name, *place) for place in found.places]
            edits += [attrs.evolve(edit, at=(feature.name, *edit.at)) for edit in found.chronicle]
            documents |= found.documents
            documents |= await self._rewritten(found.rewrites)
        edits += without_places(state.derived, places)
        try:
            problems = await self.keeper.forget(person.key, places, at, edits, documents)
        except NotWritten as error:
            raise self._not_saved(error) from error
        except OSError as error:
            problems = [f"{error}; it is finished at the next start."]
        self.forgotten(problems)
        self.changed()
