"""Says in a channel that commands worked: one short line for all that wait, and not too often."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import attrs
from attrs import define, field

from ptgbot.chat.message import Message, Outgoing
from ptgbot.chat.text import count, short

MOST: Final = 6
"""Commands of one person, and people, that one line names."""
LONGEST: Final = 40
"""Characters of a command that are repeated."""


@define(eq=False)
class Successes:
    """The commands of a network that worked without words, and of which nobody has been told so.

    The first one in a channel is told at once. What follows within ``pause`` seconds is told in one line after it, so
    that a busy channel is not filled with confirmations.
    """

    put: Callable[[Outgoing], object]
    """Queues a line; :meth:`told` is called before it leaves."""
    pause: float
    """Seconds between two lines in one channel."""
    _waiting: dict[str, list[Outgoing]] = field(factory=dict, init=False)
    """Commands by channel; the first one stands in the queue, unless the channel has a timer."""
    _timers: dict[str, asyncio.TimerHandle] = field(factory=dict, init=False)

    def add(self, outgoing: Outgoing) -> None:
        """Note a command that worked."""
        waiting = self._waiting.setdefault(outgoing.target, [])
        waiting.append(outgoing)
        if len(waiting) == 1 and outgoing.target not in self._timers:
            self.put(outgoing)

    def told(self, outgoing: Outgoing) -> Outgoing:
        """Return the line for all commands that wait in the channel of the first of them, to be sent now."""
        target = outgoing.target
        every = self._waiting.pop(target, [])
        if self.pause:
            self._timers[target] = asyncio.get_running_loop().call_later(self.pause, self._resume, target)
        return attrs.evolve(outgoing, text=confirmed([one.message for one in every or [outgoing] if one.message]))

    def lost(self, outgoing: Outgoing) -> None:
        """Forget the commands of a line that will never leave."""
        waiting = self._waiting.get(outgoing.target)
        if waiting and waiting[0] is outgoing:
            del self._waiting[outgoing.target]

    def flush(self) -> None:
        """Queue everything that waits for the end of a pause."""
        for target in [*self._timers]:
            self._timers[target].cancel()
            self._resume(target)

    def _resume(self, target: str) -> None:
        del self._timers[target]
        if waiting := self._waiting.get(target):
            self.put(waiting[0])


def confirmed(messages: Sequence[Message]) -> str:
    """Return the line that tells people that their commands worked; it names a single person first."""
    by_nick: dict[str, list[str]] = {}
    for message in messages:
        by_nick.setdefault(message.person.nick, []).append(named(message))
    if len(by_nick) == 1:
        nick, commands = next(iter(by_nick.items()))
        return f"{nick}: noted, {_folded(commands)}."
    people = [f"{nick} {_folded(commands)}" for nick, commands in by_nick.items()]
    more = f" · and {count(len(people) - MOST, 'person', 'people')} more" if len(people) > MOST else ""
    return f"Noted: {' · '.join(people[:MOST])}{more}."


def named(message: Message) -> str:
    """Return the name of a command as typed: ``#nova now`` for a topic of a track."""
    return short(" ".join(message.text.split()[:2]), LONGEST)


def _folded(commands: Sequence[str]) -> str:
    """Join names of commands; a repeated one gets its number, and many are counted."""
    each = list(dict.fromkeys(commands))
    shown = [name if (times := commands.count(name)) == 1 else f"{name} ×{times}" for name in each[:MOST]]
    return ", ".join(shown) + (f" and {len(each) - MOST} more" if len(each) > MOST else "")
