"""Numbered actions and the list of those who are present, in a meeting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs
from attrs import field, frozen

from ptgbot.chat.text import short
from ptgbot.meetings.commands import command_in
from ptgbot.meetings.extensions import Extension, Step
from ptgbot.meetings.items import Item
from ptgbot.meetings.meeting import Line, Meeting, Noted, Say
from ptgbot.meetings.numbered import Change, change, due, first_number, listed_actions, number_in
from ptgbot.meetings.present import Presence, names_in
from ptgbot.store.edits import Tree

ACTIONS: Final = "actions"
PRESENT: Final = "present"
_SHOWN = 300
"""Characters of an action in an answer."""


@frozen
class Numbers:
    """The numbers of the actions of a meeting, and which of them are done."""

    first: int = 1
    """The number of the first new action; lower ones are open from earlier meetings."""
    carried: Mapping[int, str] = field(factory=dict)
    """The open actions of earlier meetings that were told at the start."""
    items: Mapping[str, int] = field(factory=dict)
    """The numbers of new actions by the numbers of their lines."""
    done: frozenset[int] = frozenset()
    was_used: bool = False
    """Whether somebody used a number."""

    def with_new(self, meeting: Meeting) -> Numbers:
        """Return the numbers including those of actions that have none yet, in the order of their lines."""
        new = {item.line for item in meeting.items.values() if item.type == "action"} - set(map(int, self.items))
        items, number = {**self.items}, max([self.first - 1, *self.items.values()])
        for line in sorted(new):
            number += 1
            items[str(line)] = number
        return attrs.evolve(self, items=items)

    def to_json(self) -> Tree:
        """Return the form in the state."""
        return {
            "first": self.first,
            "carried": {str(number): text for number, text in self.carried.items()},
            "items": {**self.items},
            "done": [*sorted(self.done)],
            "was_used": self.was_used,
        }

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> Numbers:
        """Parse the form that :meth:`to_json` returns; an empty tree has no numbers."""
        if not tree:
            return cls()
        carried = {int(number): text for number, text in tree["carried"].items()}
        return cls(tree["first"], carried, tree["items"], frozenset(tree["done"]), tree["was_used"])


def numbers_of(meeting: Meeting) -> Numbers:
    """Return the numbers of a meeting's actions."""
    return Numbers.from_json(meeting.extra.get(ACTIONS, {})).with_new(meeting)


def _with_numbers(meeting: Meeting, numbers: Numbers) -> Meeting:
    return meeting.with_extra(ACTIONS, numbers.to_json())


def numbered_actions(meeting: Meeting) -> dict[int, Item]:
    """Return the actions of a meeting by their numbers."""
    by_line = {str(item.line): item for item in meeting.items.values() if item.type == "action"}
    return {number: by_line[line] for line, number in numbers_of(meeting).items.items() if line in by_line}


def _numbered(meeting: Meeting, line: Line) -> Step | None:
    typed = None if line.action else command_in(line.text)
    if typed is None:
        return None
    word, argument = typed[0].lower(), typed[1]
    if word == "actions" and not argument:
        return _listed(meeting)
    if word == "done":
        return _done(meeting, argument)
    if word == "action" and (wanted := change(argument)):
        return _changed(meeting, wanted)
    if line.text[:8].lower() == "#action-" and (number := number_in(argument[1:])) is not None:
        return _removed(meeting, line, number)
    return None


def _no_action(meeting: Meeting, number: int) -> Step:
    return Step(meeting, (Say(f"There is no action {number}; #actions lists them."),), taken=True)


def _used(meeting: Meeting) -> Numbers:
    return attrs.evolve(numbers_of(meeting), was_used=True)


def _changed(meeting: Meeting, wanted: Change) -> Step:
    item = numbered_actions(meeting).get(wanted.number)
    if item is None:
        return _no_action(meeting, wanted.number)
    items = {**meeting.items, item.id: attrs.evolve(item, text=wanted.text)}
    return Step(_with_numbers(attrs.evolve(meeting, items=items), _used(meeting)), (Noted(),), taken=True)


def with_changed_action(meeting: Meeting, text: str) -> Meeting:
    """Return the meeting after a line became ``#action NUMBER = TEXT`` later; unchanged by any other text."""
    typed = command_in(text)
    wanted = change(typed[1]) if typed and typed[0].lower() == "action" else None
    if wanted is None or wanted.number not in numbered_actions(meeting):
        return meeting
    return _changed(meeting, wanted).meeting


def _removed(meeting: Meeting, line: Line, number: int) -> Step:
    item = numbered_actions(meeting).get(number)
    if item is None:
        return _no_action(meeting, number)
    if item.key != line.who.key and not meeting.is_chair(line.who):
        told = f"Action {number} can be removed by {item.nick} and the chairs; #done {number} closes it."
        return Step(meeting, (Say(told),), taken=True)
    told = f"Removed from the minutes: action {number}, {short(item.text, _SHOWN)}"
    return Step(_with_numbers(meeting.without_item(item), _used(meeting)), (Say(told),), taken=True)


def _done(meeting: Meeting, argument: str) -> Step:
    number = number_in(argument)
    if number is None:
        return Step(meeting, (Say("#done needs the number of an action; #actions lists them."),), taken=True)
    numbers, item = _used(meeting), numbered_actions(meeting).get(number)
    text = item.text if item else numbers.carried.get(number)
    if text is None:
        return _no_action(meeting, number)
    after = attrs.evolve(numbers, done=numbers.done | {number})
    return Step(_with_numbers(meeting, after), (Say(f"Action {number} is done: {short(text, _SHOWN)}"),), taken=True)


def open_actions(meeting: Meeting) -> dict[int, str]:
    """Return the texts of all open actions by their numbers, those of earlier meetings included."""
    numbers = numbers_of(meeting)
    texts = {**numbers.carried, **{number: item.text for number, item in numbered_actions(meeting).items()}}
    return {number: text for number, text in sorted(texts.items()) if number not in numbers.done}


def _listed(meeting: Meeting) -> Step:
    rows = [f"{number}. {short(text, _SHOWN)}" for number, text in open_actions(meeting).items()]
    told = tuple(Say(row) for row in rows[:20])
    more = (Say(f"and {len(rows) - 20} more."),) if len(rows) > 20 else ()
    return Step(meeting, (*told, *more) or (Say("No action is open."),), taken=True)


def _noted(_former: Meeting, meeting: Meeting, _line: Line) -> Step | None:
    """Keep the numbers of new actions, so that they stay even if earlier ones are undone."""
    kept = Numbers.from_json(meeting.extra.get(ACTIONS, {}))
    numbers = kept.with_new(meeting)
    return Step(_with_numbers(meeting, numbers)) if numbers != kept else None


def _carried(meeting: Meeting, line: Line) -> Step | None:
    """Take the numbers that the bot tells at the start, so that a log that is replayed has the same ones."""
    carried, kept = listed_actions(line.text), Numbers.from_json(meeting.extra.get(ACTIONS, {}))
    if not carried or kept.items:
        return None
    first = first_number(line.text) or kept.first
    return Step(_with_numbers(meeting, Numbers(first, {**kept.carried, **carried})))


def _actions_json(meeting: Meeting) -> Tree:
    numbers, items = numbers_of(meeting), numbered_actions(meeting)
    if not numbers.was_used and not any(due(item.text) for item in items.values()):
        return {}
    rows: list[Any] = [
        {
            "number": number,
            "text": item.text,
            "nick": item.nick,
            "line": item.line,
            "due": due(item.text),
            "open": number not in numbers.done,
        }
        for number, item in sorted(items.items())
    ]
    earlier: list[Any] = [
        {"number": number, "text": text, "due": due(text), "open": number not in numbers.done}
        for number, text in sorted(numbers.carried.items())
    ]
    return {"numbered_actions": rows, **({"earlier_actions": earlier} if earlier else {})}


TASKS = Extension(
    ACTIONS,
    before=_numbered,
    after=_noted,
    told=_carried,
    minutes=_actions_json,
    words=frozenset({"actions", "done"}),
)
"""Numbers of actions."""


# Present


def presence_of(meeting: Meeting) -> Presence:
    """Return who is said to be present, and who is said not to come."""
    tree: Mapping[str, Any] = meeting.extra.get(PRESENT, {})
    return Presence(tuple(tree["present"]), tuple(tree["regrets"])) if tree else Presence()


def _named(meeting: Meeting, line: Line) -> Step | None:
    typed = None if line.action else command_in(line.text)
    word = typed[0].lower() if typed else ""
    if typed is None or word not in ("present", "regrets"):
        return None
    names, now = names_in(typed[1], line.who.nick), presence_of(meeting)
    after = now.with_present(*names) if word == "present" else now.with_regrets(*names)
    if after.present:
        people = meeting.people
        for name in after.present:
            people = people.named(name)
        meeting = attrs.evolve(meeting, people=people)
    tree: Tree = {"present": [*after.present], "regrets": [*after.regrets]}
    return Step(meeting.with_extra(PRESENT, tree), (Noted(),), taken=True)


def _presence_json(meeting: Meeting) -> Tree:
    """Return who was there: those who were named, and those who spoke. Who is silent is not absent."""
    now = presence_of(meeting)
    if now == Presence():
        return {}
    spoke = [one.nick for one in meeting.people.by_key.values() if one.lines]
    return {"present": [*now.with_present(*spoke).present], "regrets": [*now.regrets]}


ATTENDANCE = Extension(
    PRESENT, before=_named, minutes=_presence_json, words=frozenset({"present", "regrets"})
)
"""Who is present."""
