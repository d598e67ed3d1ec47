"""Decisions for people: on messages, and on events in rooms where features listen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
from attrs import field, frozen

from ptgbot.chat.commands import Decision, Fetched
from ptgbot.chat.heard import Heard, HeardKind
from ptgbot.chat.inbox import NOBODY, Verdict, message_of
from ptgbot.chat.message import Announce, Message, Person, Reply, Room, Target
from ptgbot.core.pending import Pending
from ptgbot.core.several import MOST_COMMANDS, each_command, fit_for_company, in_one_answer, lines_before, too_many
from ptgbot.feature import AnyFeature
from ptgbot.linking import addresses, linked_person, without_code
from ptgbot.progress import CORE
from ptgbot.router import Router
from ptgbot.store.record import Cause


@frozen
class Deciding:
    """Asks the router about messages, and the features that listen about all events."""

    router: Router
    pending: Pending
    last: dict[str, str] = field(factory=dict)
    """Keys under which linked people typed last, by their keys. Lost with a restart."""

    def keys_of(self, key: str) -> Sequence[str]:
        """Return the keys under which a person can be reached, the first choice first."""
        return addresses(self.pending.tree(CORE), key, self.last)

    def decide(self, message: Message, fetched: Fetched | None = None) -> Sequence[Verdict]:
        """Decide on a message and put the edits into the working state. Features that listen hear the line.

        Raises:
            EditConflict: an edit does not fit the working state.
        """
        known = self._known(message.room.network, message.person)
        if known is not message.person:
            message = attrs.evolve(message, person=known)
        return self.pending.wholly(lambda: self._decide(message, fetched))

    def heard(self, heard: Heard) -> Sequence[Verdict]:
        """Let the features that listen decide on an event.

        Raises:
            EditConflict: an edit does not fit the working state.
        """
        person = heard.person and self._known(heard.room.network, heard.person)
        return self.pending.wholly(lambda: self._decide_heard(attrs.evolve(heard, person=person)))

    def listens(self, room: Room) -> bool:
        """Say whether a feature wants to hear events other than commands in a room."""
        return any(True for _ in self._listeners(room))

    def _decide(self, message: Message, fetched: Fetched | None) -> list[Verdict]:
        lines = [message] if fetched else each_command(self.router, message)
        if len(lines) > MOST_COMMANDS:
            return [too_many(message, len(lines))]
        several = len(lines) > 1
        preface = [] if fetched else self._preface(message, lines)
        decided = [verdict for line in lines for verdict in self._decide_line(line, fetched, alone=not several)]
        return in_one_answer([*preface, *decided], message, several=several)

    def _decide_line(self, message: Message, fetched: Fetched | None, *, alone: bool) -> list[Verdict]:
        verdicts: list[Verdict] = []
        found = self.router.decide(self.pending.state.working, message, self.pending.history, fetched)
        message = without_code(message)
        if found is not None:
            feature, decision = found
            decision = decision if alone else fit_for_company(message.text, decision)
            verdicts.append(self.pending.put_in(Verdict(message, feature, decision)))
            verdicts += [self.pending.put_in(moved) for moved in self._moved(message, decision)]
        if fetched is None and not message.private:
            verdicts += self._hear_line(message, found[0] if found else "")
        for verdict in tuple(verdicts):
            verdicts += self._own_lines(verdict)
        return verdicts

    def _hear_line(self, message: Message, taken: str) -> list[Verdict]:
        line = Heard(
            message.at,
            HeardKind.LINE,
            message.room,
            message.person,
            message.role,
            message.text,
            message.id,
            taken=taken,
        )
        return self._heard(line, message)

    def _preface(self, message: Message, lines: Sequence[Message]) -> list[Verdict]:
        """Let the features that listen hear the lines of a message before its first command."""
        before = "" if message.private or (len(lines) == 1 and lines[0] is message) else lines_before(message, lines)
        if not before:
            return []
        return self._hear_line(attrs.evolve(message, text=before, said=None), "")

    def _known(self, network: str, person: Person) -> Person:
        """Return a person with the key that all their accounts share."""
        found = linked_person(self.pending.tree(CORE), network, person)
        if found.linked and not person.linked:  # else the message comes back from a request, with the shared key
            self.last[found.key] = person.key
        return found

    def _moved(self, message: Message, decision: Decision) -> Iterator[Verdict]:
        """Yield what features do because two accounts have become one person. Undo and log do not know it."""
        for former, key in decision.moves:
            mine = attrs.evolve(message, person=attrs.evolve(message.person, key=key))
            for feature in self.router.features:
                if edits := feature.move(self.pending.tree(feature.name), former, key):
                    yield Verdict(mine, feature.name, Decision(edits), Cause.OUTCOME)

    def _decide_heard(self, heard: Heard) -> list[Verdict]:
        verdicts = self._heard(heard, message_of(heard))
        return [*verdicts, *(own for verdict in verdicts for own in self._own_lines(verdict))]

    def _heard(self, heard: Heard, message: Message) -> list[Verdict]:
        verdicts = []
        for feature in self._listeners(heard.room):
            context = self.router.context(feature, self.pending.history)
            decision = feature.hear(self.pending.tree(feature.name), heard, context)
            if decision is not None:
                quiet = attrs.evolve(decision, answers=()) if heard.own else decision
                verdicts.append(self.pending.put_in(Verdict(message, feature.name, quiet, Cause.HEARD)))
        return verdicts

    def _listeners(self, room: Room) -> Iterator[AnyFeature]:
        for feature in self.router.features:
            here = room.features is None or feature.name in room.features
            if here and feature.listens(room, self.router.settings_of(feature)):
                yield feature

    def _own_lines(self, verdict: Verdict) -> list[Verdict]:
        """Let the features that listen hear the bot's answers in the room of a message. Lines for other rooms are not
        heard."""
        room = verdict.message.room
        if verdict.message.private or not self.listens(room):
            return []
        here = Target(room.network, room.id)
        said = [
            one.text
            for one in verdict.decision.answers
            if isinstance(one, Reply) or (isinstance(one, Announce) and one.to in (None, here))
        ]
        lines = [Heard(verdict.message.at, HeardKind.LINE, room, text=text, own=True) for text in said]
        nobody = attrs.evolve(verdict.message, person=NOBODY.person, id="")
        return [found for line in lines for found in self._heard(line, attrs.evolve(nobody, text=line.text))]
