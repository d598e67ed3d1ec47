"""Finds what a line is about: the group of rooms, the services, the alert or plan."""

from __future__ import annotations

from collections.abc import Sequence

from ptgbot.chat.commands import Call
from ptgbot.chat.groups import ALL, Group
from ptgbot.chat.text import clean, count, listing, short
from ptgbot.status import model
from ptgbot.status.model import Matter
from ptgbot.status.settings import StatusSettings
from ptgbot.status.trust import may_see, refusal
from ptgbot.status.typed import Unclear, numbered
from ptgbot.store.edits import Tree

Called = Call[StatusSettings]


def group_in(call: Called, text: str) -> tuple[Group, str]:
    """Split ``@GROUP TEXT`` into the group, that of all rooms if none is named, and the text.

    Raises:
        Unclear: there is no such group, or the sender may not tell it.
    """
    name, rest = ALL, text
    if text.startswith("@"):
        first, _, rest = text.partition(" ")
        name = first.removeprefix("@").rstrip(":,")
    if refused := refusal(call, name):
        raise Unclear(refused)
    group = call.groups.find(name)
    if group is None:
        near = call.groups.near(name)
        raise Unclear(f"There is no group @{short(name, 30)}.{f' Did you mean @{near}?' if near else ''}")
    return group, clean(rest)


def text_in(call: Called, text: str, usage: str) -> str:
    """Return a text that is neither empty nor too long.

    Raises:
        Unclear: it is, with the usage or the lengths.
    """
    if not text:
        raise Unclear(f"Type {usage}.")
    if len(text) > call.settings.longest:
        raise Unclear(
            f"That text has {count(len(text), 'character')}; at most {call.settings.longest} go. Nothing was sent."
        )
    return text


def matter_in(tree: Tree, call: Called, text: str, among: Sequence[Matter], noun: str) -> tuple[Matter, Group, str]:
    """Split ``[N] TEXT`` into an alert or plan, its group, and the text. Without a number, the only one is meant.

    Args:
        tree: the state.
        call: the command.
        text: the text.
        among: the alerts or plans that may be meant.
        noun: ``open alert`` or such, for answers.

    Raises:
        Unclear: there is none, or several, or the sender may not deal with it.
    """
    seen = [one for one in among if may_see(call, group_of(call, one))]
    number, rest = numbered(text)
    found = [one for one in seen if one.number == number]
    if not found and len(seen) == 1 and (number is None or _is_text(tree, number, text, rest)):
        found, rest = seen, text
    if not found:
        raise Unclear(_which(seen, number, noun))
    one = found[0]
    group = group_of(call, one)
    if refused := refusal(call, str(one.row["group"])):
        raise Unclear(refused)
    if group is None:
        raise Unclear(f"The group @{one.row['group']} is not in the configuration any more.")
    return one, group, rest


def group_of(call: Called, one: Matter) -> Group | None:
    """Return the group of an alert or plan, None if the configuration has it no more."""
    return call.groups.find(str(one.row["group"]))


def _is_text(tree: Tree, number: int, text: str, rest: str) -> bool:
    """Say whether a number is only the begin of a text, such as ``500 errors are gone``."""
    named = text.startswith(("#", f"{number}:"))
    return bool(rest) and not named and model.matter(tree, number) is None


def _which(seen: Sequence[Matter], number: int | None, noun: str) -> str:
    if not seen:
        return f"There is no {noun}. Nothing was sent."
    names = listing(f"{one.number} ({short(str(one.row['text']), 40)})" for one in seen[:8])
    if number is None:
        return f"Which one? Name its number; there are {names}."
    are = "is" if len(seen) == 1 else "are"
    return f"There is no {noun} {number}; there {are} {names}. Nothing was sent."
