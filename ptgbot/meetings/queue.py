"""The queue of speakers: who wants to speak, in which order, and for how long.

The signs are those of W3C's Zakim. A line about the queue is no item of the minutes.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import timedelta
from typing import Final

import attrs
from attrs import frozen

from ptgbot.chat.text import fold, listing, short

MOST_WAITING: Final = 100
"""People who may wait at a time."""
HAND: Final = "✋"
"""The reaction that means ``q+``."""
_LONGEST_REASON = 120
_QUEUE = re.compile(r"q(?:ueue)?(?P<sign>\+|-|\?)(?:[ ,:]+(?P<rest>.*))?", re.IGNORECASE | re.DOTALL)
_DIRECT = re.compile(r"qq\+(?:[ ,:]+(?P<rest>.*))?", re.IGNORECASE | re.DOTALL)
_DOOR = re.compile(
    r"(?:(?P<a>open|close) (?:the )?queue|q(?:ueue)? (?P<b>open|close)|(?P<c>open|close) q)[.!]?", re.IGNORECASE
)
_ACK = re.compile(r"ack (?P<name>[^\s,]{1,100})", re.IGNORECASE)
_TIME = re.compile(r"time (?:(?P<number>\d{1,3}) ?(?P<unit>[ms])(?:in|ec)?|(?P<off>off))", re.IGNORECASE)


@frozen
class Waiting:
    """A person in the queue."""

    nick: str
    reason: str = ""
    direct: bool = False
    """Whether the person answers directly (``qq+``), before those who only wait."""

    def __str__(self) -> str:
        return f"{self.nick} ({self.reason})" if self.reason else self.nick


@frozen
class Queue:
    """The queue of a meeting."""

    waiting: tuple[Waiting, ...] = ()
    is_open: bool = True
    seconds: int = 0
    """Time that each speaker has, in seconds; 0 for no limit."""
    speaking: str = ""
    """The nick of the person who was called last."""

    def __str__(self) -> str:
        names = f"Queue: {', '.join(map(str, self.waiting))}." if self.waiting else "The queue is empty."
        return names if self.is_open else f"{names} It is closed."

    def place(self, nick: str) -> int | None:
        """Return the place of a person, counted from 0; None if the person does not wait."""
        folded = fold(nick)
        return next((place for place, one in enumerate(self.waiting) if fold(one.nick) == folded), None)

    def without(self, nick: str) -> Queue:
        """Return the queue without a person."""
        return attrs.evolve(self, waiting=tuple(one for one in self.waiting if fold(one.nick) != fold(nick)))


@frozen
class Turn:
    """What a line about the queue comes to: the queue after it, and what the bot says."""

    queue: Queue
    says: str = ""
    called: bool = False
    """Whether somebody was called to speak, so that the time of a speaker begins."""


def is_about_queue(text: str) -> bool:
    """Say whether a line looks like one about the queue."""
    return any(form.fullmatch(text) for form in (_QUEUE, _DIRECT, _DOOR, _ACK, _TIME))


def turned(queue: Queue, nick: str, text: str, people: Collection[str], *, chairs: bool) -> Turn | None:
    """Return what a line comes to, None if it is not about the queue.

    Args:
        queue: the queue before the line.
        nick: who said the line.
        text: the line, or the text behind ``/me``.
        people: nicks of the people of the meeting.
        chairs: whether the speaker is a chair.
    """
    text = text.strip()
    if found := _DIRECT.fullmatch(text):
        return _join(queue, Waiting(nick, _reason(found["rest"] or ""), direct=True))
    if found := _QUEUE.fullmatch(text):
        return _signed(queue, nick, found["sign"], (found["rest"] or "").strip(), people)
    if found := _DOOR.fullmatch(text):
        return _door(queue, (found["a"] or found["b"] or found["c"]).lower() == "open", chairs=chairs)
    if found := _ACK.fullmatch(text):
        return _called(queue, found["name"], people)
    if found := _TIME.fullmatch(text):
        number = int(found["number"] or 0) * (60 if (found["unit"] or "").lower() == "m" else 1)
        return _timed(queue, number, chairs=chairs)
    return None


def _signed(queue: Queue, nick: str, sign: str, rest: str, people: Collection[str]) -> Turn | None:
    if sign == "?":
        return Turn(queue, str(queue)) if not rest else None
    if sign == "+":
        other = _person(rest, people)
        return _join(queue, Waiting(other) if other else Waiting(nick, _reason(rest)))
    if fold(rest) == "later":
        return _later(queue, nick)
    return _leave(queue, _person(rest, people) or rest if rest else nick, nick)


def _person(word: str, people: Collection[str]) -> str:
    """Return the nick of a person of the meeting whom a word names, in any case; empty if it names nobody."""
    return next((nick for nick in people if fold(nick) == fold(word)), "")


def _reason(text: str) -> str:
    words = text.strip()
    if fold(words[:3]) == "to ":
        words = words[3:]
    return short(words.strip(), _LONGEST_REASON)


def _join(queue: Queue, speaker: Waiting) -> Turn:
    if not queue.is_open and not speaker.direct:
        return Turn(queue, f"{speaker.nick}: the queue is closed.")
    rest = queue.without(speaker.nick)
    place = queue.place(speaker.nick)
    if place is not None and not speaker.direct:
        # Somebody who waits already keeps the place, and may give another reason.
        former = queue.waiting[place]
        speaker = attrs.evolve(former, reason=speaker.reason or former.reason)
        waiting = (*queue.waiting[:place], speaker, *queue.waiting[place + 1 :])
    elif len(rest.waiting) >= MOST_WAITING:
        return Turn(queue, f"{speaker.nick}: the queue is full.")
    elif speaker.direct:
        before = sum(one.direct for one in rest.waiting)
        waiting = (*rest.waiting[:before], speaker, *rest.waiting[before:])
    else:
        waiting = (*rest.waiting, speaker)
    return _saying(attrs.evolve(queue, waiting=waiting))


def _leave(queue: Queue, leaver: str, nick: str) -> Turn:
    if queue.place(leaver) is None:
        return Turn(queue, f"{nick}: {short(leaver, 40)} is not on the queue.")
    return _saying(queue.without(leaver))


def _later(queue: Queue, nick: str) -> Turn:
    place = queue.place(nick)
    if place is None:
        return Turn(queue, f"{nick}: you are not on the queue.")
    moved = attrs.evolve(queue.waiting[place], direct=False)
    return _saying(attrs.evolve(queue, waiting=(*queue.without(nick).waiting, moved)))


def _door(queue: Queue, is_open: bool, *, chairs: bool) -> Turn:
    if not chairs:
        return Turn(queue, "Only a chair may open or close the queue.")
    return Turn(attrs.evolve(queue, is_open=is_open), "The queue is open." if is_open else "The queue is closed.")


def _called(queue: Queue, name: str, people: Collection[str]) -> Turn | None:
    """Call somebody. ``ack`` before any other word is how people agree, so it is left alone."""
    if fold(name) == "next":
        if not queue.waiting:
            return Turn(queue, str(queue))
        name = queue.waiting[0].nick
    place = queue.place(name)
    if place is None:
        other = _person(name, people)
        return Turn(queue, f"{other} is not on the queue.") if other and queue.waiting else None
    speaker = queue.waiting[place]
    rest = attrs.evolve(queue.without(name), speaking=speaker.nick)
    why = f" {speaker.reason[:1].upper()}{speaker.reason[1:]}." if speaker.reason else ""
    after = f" Then: {listing(map(str, rest.waiting))}." if rest.waiting else ""
    return Turn(rest, f"{speaker.nick}, you have the floor.{why}{after}", called=True)


def _timed(queue: Queue, seconds: int, *, chairs: bool) -> Turn:
    if not chairs:
        return Turn(queue, "Only a chair may set the time of speakers.")
    said = f"Each speaker has {spoken(seconds)}." if seconds else "Speakers have no limit of time."
    return Turn(attrs.evolve(queue, seconds=seconds), said)


def spoken(seconds: int) -> str:
    """Return a time in words, such as ``2 minutes``."""
    number, noun = (seconds // 60, "minute") if seconds >= 60 and not seconds % 60 else (seconds, "second")
    return f"{number} {noun}{'' if number == 1 else 's'}"


def time_is_over(queue: Queue) -> str:
    """Return what the bot says when the time of the present speaker is over."""
    return f"{queue.speaking}: {spoken(queue.seconds)} are over."


def _saying(queue: Queue) -> Turn:
    return Turn(queue, str(queue))


def limit(queue: Queue) -> timedelta:
    """Return the time of one speaker."""
    return timedelta(seconds=queue.seconds)
