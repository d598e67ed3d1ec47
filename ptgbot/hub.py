"""The way between adapters and the inbox: messages in, answers out to the adapter of their target."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import attrs
import structlog
from attrs import define

from ptgbot.chat.adapter import Adapter
from ptgbot.chat.heard import Heard
from ptgbot.chat.inbox import Item
from ptgbot.chat.message import (
    Announce,
    Answer,
    Cursor,
    Done,
    Kind,
    Mark,
    Message,
    Outgoing,
    Person,
    Reach,
    Reply,
    Room,
    Target,
    Tell,
)

log = structlog.get_logger()


@define
class Switchboard:
    """The hub for adapters, and the sender of answers."""

    adapters: Mapping[str, Adapter]
    put: Callable[[Item], bool]
    clock: Callable[[], datetime]
    positions: Callable[[str], str | None]
    site: str = ""
    """Address of the gathering's site, said where an answer must be cut."""
    operators: Sequence[str] = ()
    """Rooms of the operators, by their names in the configuration."""
    open: bool = True
    """False while stopping: only positions are taken then; the server keeps everything else for the next start."""
    listened: Callable[[Room], bool] = lambda _room: False
    """Says whether any feature listens in a room."""
    leads: Callable[[], bool] = lambda: True
    """Says whether this process may speak; another one may have taken over the state."""
    about: Callable[[], str] = lambda: ""
    """Returns who this bot is in a few words."""
    keys_of: Callable[[str], Sequence[str]] = lambda key: (key,)
    """Returns the keys under which a person can be reached, the first choice first."""
    unaddressed: int = 0

    def members(self, target: Target) -> Sequence[Person]:
        """Return who is in a room, named as in the configuration or by its id; empty while that is unknown."""
        adapter = self.adapters.get(target.network)
        return adapter.members(adapter.room(target.room) or target.room) if adapter else ()

    def receive(self, item: Message | Cursor | Mark | Heard) -> bool:
        """Put an item into the inbox; return False if it was dropped."""
        # A position says that answers have left, which is good to know to the end; without it the server would send
        # those messages again at the next start, and may by then have forgotten that it has the answers.
        return (self.open or isinstance(item, Cursor)) and self.put(item)

    def listens(self, room: Room) -> bool:
        """Say whether a feature wants to hear events other than commands in a room."""
        return self.listened(room)

    def position(self, network: str) -> str | None:
        """Return the committed position of an adapter, None if there is none."""
        return self.positions(network)

    def introduction(self) -> str:
        """Return who this bot is in a few words."""
        return self.about()

    def report(self, network: str, text: str) -> None:
        """Tell the operators one sentence: in the log, and in their rooms that can be reached."""
        log.warning(text, network=network)
        self.tell_operators(f"{network}: {text}")

    def tell_operators(self, text: str) -> bool:
        """Say a sentence in the rooms of the operators; return False if none can be reached now."""
        rooms = [
            (one, target) for one in self.adapters.values() for name in self.operators if (target := one.room(name))
        ]
        for adapter, target in rooms:
            adapter.send(Outgoing(Kind.ANNOUNCE, target, text))
        return bool(rooms)

    def release(self, message: Message, answers: Sequence[Answer]) -> None:
        """Send the answers of a message. Never raises: a committed change counts, whether or not its answers leave."""
        for number, answer in enumerate(answers if self.leads() else (), 1):
            transaction = f"ptg-{message.id}-{number}" if message.id else ""
            try:
                self._send(message, answer, transaction)
            except Exception:
                log.exception("an answer could not be sent", message=message.trace, network=message.room.network)

    def _send(self, message: Message, answer: Answer, transaction: str) -> None:
        elsewhere = answer.to if isinstance(answer, Announce) else None
        home = self.adapters.get(elsewhere.network if elsewhere else message.room.network)
        if isinstance(answer, Tell):
            self._tell(message, answer, transaction)
        elif home is not None:
            home.send(attrs.evolve(_outgoing(message, answer, transaction), more=self.site))

    def _tell(self, message: Message, tell: Tell, transaction: str) -> None:
        reached = (
            (adapter, target)
            for key in self.keys_of(tell.key)
            for adapter in self.adapters.values()
            if (target := adapter.address(key)) is not None
        )
        adapter, target = next(reached, (None, ""))
        if adapter is None:
            self.unaddressed += 1
        else:
            adapter.send(Outgoing(Kind.TELL, target, tell.text, message, transaction))


def _outgoing(message: Message, answer: Answer, transaction: str) -> Outgoing:
    match answer:
        case Reply(text, items, people, _):
            return Outgoing(Kind.REPLY, message.room.id, text, message, transaction, items=items, people=people)
        case Announce(text, to):
            return Outgoing(Kind.ANNOUNCE, to.room if to else message.room.id, text, message, transaction)
        case Reach():
            return Outgoing(Kind.REACH, message.room.id, "", message, transaction)
        case Done(quiet):
            return Outgoing(Kind.DONE, message.room.id, "", message, transaction, quiet=quiet)
    raise TypeError(f"not an answer to a room: {answer!r}")
