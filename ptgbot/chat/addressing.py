"""Lines that name the bot first, such as ``ptgbot: now``, and an end to conversations between bots."""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import attrs
from attrs import define, field

from ptgbot.chat.message import Message

MARKS = " ?!."
"""What may stand behind the name alone: ``ptgbot?``"""
MOST = 20
"""Lines to the bot by one person in one room within :data:`WITHIN`; further ones are conversation."""
WITHIN = timedelta(seconds=60)
FORGET_FROM = 1000
"""Speakers from which on those who were silent for long are forgotten."""


def said_to(
    text: str, names: Iterable[str], *, mentioned: bool = False, fold: Callable[[str], str] = str.lower
) -> str | None:
    """Return what a line says to somebody whom it names first; None if it does not begin with one of the names.

    A colon or comma stands behind the name, as in ``ptgbot: now`` or ``ptgbot, help``. It may be left out behind a
    marked name (``@ptgbot now``) and before ``help``. The name alone says the empty string.

    Args:
        text: the line.
        names: names of the bot.
        mentioned: whether the protocol marks the name, as a pill on Matrix does.
        fold: returns a name in the form that is equal for equal names, of the same length.
    """
    line = text.strip()
    for name in sorted(names, key=len, reverse=True):
        for mark in ("", "@"):
            begin = f"{mark}{name}"
            if name and fold(line[: len(begin)]) == fold(begin):
                rest = line[len(begin) :]
                if (said := _said(rest, marked=mentioned or bool(mark))) is not None:
                    return said
    return None


def _said(rest: str, *, marked: bool) -> str | None:
    if not rest.strip(MARKS):
        return ""
    if rest[0] in ":,":
        return rest[1:].strip()
    if rest[0].isspace() and (marked or rest.strip(MARKS).lower() == "help"):
        return rest.strip()
    return None


@define
class Addressed:
    """Counts the lines that people say to the bot by name, so that two bots that answer one another fall silent.

    Lines that come too often are no longer taken as said to the bot. They count as well: whoever goes on without a
    pause is not heard.
    """

    most: int = MOST
    within: timedelta = WITHIN
    _lately: dict[tuple[str, str], collections.deque[datetime]] = field(factory=dict, init=False)

    def taken(self, message: Message, said: str | None) -> Message:
        """Return a message with what it says to the bot, as far as it counts: in private always."""
        if said is None:
            return message
        counts = message.private or self.admits(message.room.id, message.person.key, message.at)
        return attrs.evolve(message, said=said) if counts else message

    def admits(self, room: str, who: str, at: datetime) -> bool:
        """Count a line and say whether it is taken as said to the bot.

        Args:
            room: the room's own name.
            who: key of the person.
            at: when the line arrived.
        """
        if len(self._lately) > FORGET_FROM:
            self._lately = {each: times for each, times in self._lately.items() if at - times[-1] < self.within}
        times = self._lately.setdefault((room, who), collections.deque(maxlen=self.most + 1))
        while times and at - times[0] >= self.within:
            times.popleft()
        times.append(at)
        return len(times) <= self.most
