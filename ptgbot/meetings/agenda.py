"""The agenda of a meeting: points in order, with the person and the time of each.

The points come from lines (``agenda+ Budget [mira] [10m]``), and at the start from the description of the meeting in
its calendar. ``next`` makes the next point the topic.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

import attrs
from attrs import frozen

from ptgbot.chat.text import clean, fold, short

MOST_POINTS: Final = 50
"""Points of one agenda."""
_LONGEST = 200
_ADD = re.compile(r"agenda\+[ :]*(?P<text>.*)", re.IGNORECASE | re.DOTALL)
_REMOVE = re.compile(r"agenda- ?(?P<number>\d{1,3})", re.IGNORECASE)
_SHOW = re.compile(r"agenda\?", re.IGNORECASE)
_ORDER = re.compile(r"agenda order[ :]+(?P<numbers>\d{1,3}(?:[ ,]+\d{1,3}){0,100})", re.IGNORECASE)
_SKIP = re.compile(r"(?:agenda )?skip(?: (?P<number>\d{1,3}))?", re.IGNORECASE)
_NEXT = re.compile(r"(?:agenda )?next[.!]?|next agendum", re.IGNORECASE)
_MINUTES = re.compile(r"(?P<rest>.*?)[ ]*(?:\[(?P<a>\d{1,3}) ?m(?:in)?\]|(?<= )(?P<b>\d{1,3}) ?m(?:in)?)", re.DOTALL)
_WHO = re.compile(r"(?P<rest>.*?)[ ]*\[(?P<who>[^\[\]\s][^\s]{0,100})\]", re.DOTALL)
_LIST = re.compile(r"\s*(?:[-*•]|\d{1,3}[.)])\s+(?P<text>\S.*)")
_NUMBERED = re.compile(r"; \d{1,3}\. ")
_HEAD = re.compile(r"\s*#*\s*agenda\s*:?\s*", re.IGNORECASE)


@frozen
class Point:
    """A point of an agenda."""

    text: str
    who: str = ""
    """The nick of the person who presents it."""
    minutes: int = 0
    """Its time in minutes; 0 for no limit."""

    def __str__(self) -> str:
        parts = [self.text, f"[{self.who}]" if self.who else "", f"[{self.minutes}m]" if self.minutes else ""]
        return " ".join(part for part in parts if part)


@frozen
class Agenda:
    """The agenda of a meeting: the points that are still to come, and the present one."""

    points: tuple[Point, ...] = ()
    present: Point | None = None
    asked: bool = False
    """Whether ``next`` was answered with a question because people were on the queue."""

    def __str__(self) -> str:
        points = "; ".join(f"{number}. {point}" for number, point in enumerate(self.points, 1))
        return f"Agenda: {points}." if points else "The agenda has no more points."


@frozen
class Step:
    """What a line about the agenda comes to."""

    agenda: Agenda
    says: str = ""
    topic: str = ""
    """The topic that begins now; empty to keep the present one."""


def is_about_agenda(text: str) -> bool:
    """Say whether a line looks like one about the agenda."""
    return any(form.fullmatch(text) for form in (_ADD, _REMOVE, _SHOW, _ORDER, _SKIP, _NEXT))


def stepped(
    agenda: Agenda, text: str, people: Collection[str], *, chairs: bool, waiting: Sequence[str] = ()
) -> Step | None:
    """Return what a line comes to, None if it is not about the agenda.

    Args:
        agenda: the agenda before the line.
        text: the line.
        people: nicks of the people of the meeting.
        chairs: whether the speaker is a chair.
        waiting: nicks of the people on the queue.
    """
    text = text.strip()
    if found := _ADD.fullmatch(text):
        return _added(agenda, point(found["text"], people))
    if _SHOW.fullmatch(text):
        return Step(agenda, str(agenda))
    if found := _ORDER.fullmatch(text):
        numbers = [int(number) for number in re.findall(r"\d+", found["numbers"])]
        return _chairs_only(chairs, agenda) or _ordered(agenda, numbers)
    if found := _REMOVE.fullmatch(text):
        return _chairs_only(chairs, agenda) or _skipped(agenda, int(found["number"]))
    if found := _SKIP.fullmatch(text):
        return _skipped(agenda, int(found["number"] or 1)) if chairs and agenda.points else None
    if _NEXT.fullmatch(text):
        return _next(agenda, waiting) if chairs and (agenda.points or agenda.present) else None
    return None


def point(text: str, people: Collection[str] = ()) -> Point:
    """Return the point that a text describes, such as ``Budget [mira] [10m]`` or ``Budget mira 10m``.

    Without brackets the last word is a person only if it is the nick of one of ``people``.
    """
    rest, minutes, who = short(clean(text), _LONGEST), 0, ""
    if found := _MINUTES.fullmatch(rest):
        rest, minutes = found["rest"], int(found["a"] or found["b"])
    if found := _WHO.fullmatch(rest):
        rest, who = found["rest"], found["who"]
    else:
        before, _, last = rest.rpartition(" ")
        name = next((nick for nick in people if fold(nick) == fold(last)), "")
        rest, who = (before, name) if before and name else (rest, "")
    return Point(rest.strip(), who, minutes)


def points_of(description: str) -> tuple[Point, ...]:
    """Return the points that the description of a meeting lists.

    These are the list items (``-``, ``*`` or ``1.``) below a line ``Agenda``, up to the next line that is neither an
    item nor empty; without such a line, all list items.
    """
    lines = description.splitlines()[:1000]
    heads = [number for number, line in enumerate(lines) if _HEAD.fullmatch(line)]
    found: list[Point] = []
    for line in lines[heads[0] + 1 :] if heads else lines:
        item = _LIST.fullmatch(line)
        if item and len(found) < MOST_POINTS:
            found.append(point(item["text"]))
        elif heads and line.strip():
            break
    return tuple(one for one in found if one.text)


def points_said(text: str) -> tuple[Point, ...]:
    """Return the points that the bot has listed with ``str(agenda)``, none for any other line."""
    if not text.startswith("Agenda: 1. "):
        return ()
    listed = _NUMBERED.split(text.removeprefix("Agenda: 1. ").removesuffix("."))
    return tuple(map(point, listed[:MOST_POINTS]))


def _chairs_only(chairs: bool, agenda: Agenda) -> Step | None:
    return None if chairs else Step(agenda, "Only a chair may change the agenda.")


def _added(agenda: Agenda, new: Point) -> Step:
    if not new.text:
        return Step(agenda, "Usage: agenda+ TEXT [who] [10m].")
    if len(agenda.points) >= MOST_POINTS:
        return Step(agenda, "The agenda is full.")
    points = (*agenda.points, new)
    return Step(attrs.evolve(agenda, points=points), f"Point {len(points)} of the agenda: {new}.")


def _ordered(agenda: Agenda, numbers: Sequence[int]) -> Step:
    """Put the named points first, in this order; the others follow as they were."""
    wrong = [number for number in numbers if not 0 < number <= len(agenda.points)]
    if wrong:
        return Step(agenda, f"The agenda has no point {wrong[0]}.")
    places = dict.fromkeys([number - 1 for number in numbers] + [*range(len(agenda.points))])
    after = attrs.evolve(agenda, points=tuple(agenda.points[place] for place in places))
    return Step(after, str(after))


def _skipped(agenda: Agenda, number: int) -> Step:
    if not 0 < number <= len(agenda.points):
        return Step(agenda, f"The agenda has no point {number}.")
    gone = agenda.points[number - 1]
    after = attrs.evolve(agenda, points=(*agenda.points[: number - 1], *agenda.points[number:]))
    return Step(after, f"Skipped: {gone.text}.")


def _next(agenda: Agenda, waiting: Sequence[str]) -> Step:
    if waiting and not agenda.asked:
        names = f"{', '.join(waiting[:10])} {'is' if len(waiting) == 1 else 'are'}"
        return Step(attrs.evolve(agenda, asked=True), f"{names} on the queue. Say “next” again to go on.")
    if not agenda.points:
        return Step(attrs.evolve(agenda, asked=False), str(agenda))
    begun, *rest = agenda.points
    who = f"{begun.who}: your point. " if begun.who else ""
    time = f"{begun.minutes} minutes." if begun.minutes else ""
    return Step(Agenda(tuple(rest), begun), (who + time).strip(), topic=begun.text)


def point_is_over(agenda: Agenda) -> str:
    """Return what the bot says when the time of the present point is over."""
    assert agenda.present is not None
    return f"The {agenda.present.minutes} minutes for “{short(agenda.present.text, 80)}” are over."
