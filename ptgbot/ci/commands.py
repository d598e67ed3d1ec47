"""``+ci``: how a project or a CI is doing, who watches it, and who has acknowledged its trouble."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ptgbot.chat.commands import Call, Command, Decision, Form, Query, say
from ptgbot.chat.dispatch import refusal_by_role
from ptgbot.chat.message import Role
from ptgbot.ci.acking import ack, open_alerts, unack
from ptgbot.ci.alerts import alerts_in
from ptgbot.ci.answers import Answer, answer, found_or_why
from ptgbot.ci.finding import Found
from ptgbot.ci.keeping import NAME
from ptgbot.ci.lines import trouble
from ptgbot.ci.settings import CiSettings
from ptgbot.ci.watching import unwatch, watch, watched
from ptgbot.store.edits import Tree

Decide = Callable[[Tree, Call[CiSettings], str], Decision]
"""Decides on the text behind a word."""
_HOW: Final = (
    "Say which: +ci PROJECT, +ci NAME of a CI, +ci missing, +ci periodic, +ci alerts, +ci why NUMBER of a change, "
    "or +ci watch NAME."
)


def _ci(tree: Tree, call: Call[CiSettings]) -> Decision:
    words = call.argument.strip()
    word, _, rest = words.partition(" ")
    if not words:
        return say(_HOW)
    if decide := _WORDS.get(word.casefold()):
        return decide(tree, call, rest)
    at, settings, site = call.at, call.settings, call.site
    return _asked(call, lambda folder: answer(folder / NAME, words, at, settings, site), lambda made: _told(tree, made))


def _told(tree: Tree, made: Answer) -> Decision:
    """Return an answer of the facts, with the open alerts of what it is about, and the page."""
    alerts = [one for one in alerts_in(tree) if made.found and one.name == made.found.name]
    more = "".join(f" Alert: {trouble(one)}." for one in alerts)
    return say(f"{made.text}{more}{f' {made.link}' if made.link else ''}")


def _watch(tree: Tree, call: Call[CiSettings], name: str) -> Decision:
    if not name:
        return watched(tree, call)
    settings = call.settings

    def decide(found: Any) -> Decision:
        return watch(tree, call, found) if isinstance(found, Found) else say(str(found))

    return _asked(call, lambda folder: found_or_why(folder / NAME, name, settings), decide)


def _asked(call: Call[CiSettings], run: Callable[[Any], Any], decide: Callable[[Any], Decision]) -> Decision:
    """Return the request for an answer of the facts, or the decision on that answer."""
    if call.fetched is None:
        return Decision(ask=Query(run))
    if call.fetched.error:
        return say(f"The board cannot be read: {call.fetched.error}")
    return decide(call.fetched.value)


_WORDS: Final[dict[str, Decide]] = {
    "watch": _watch,
    "unwatch": unwatch,
    "ack": ack,
    "unack": unack,
    "alerts": lambda tree, call, _rest: open_alerts(tree, call.at),
}
_FOR_MODERATORS: Final = frozenset({"ack", "unack"})


def refusal(command: Command[CiSettings], call: Call[CiSettings]) -> str | None:
    """Return a sentence that says why the sender may not use a command, None if they may.

    Everybody may ask and watch. Who acknowledges alerts needs the rights of a moderator in the room.
    """
    word = call.argument.partition(" ")[0].casefold()
    if word not in _FOR_MODERATORS:
        return refusal_by_role(command, call)
    if call.message.role >= Role.MODERATOR:
        return None
    if call.message.private:
        return f"Type +ci {word} in a channel or room, where I can see that you may."
    return f"+ci {word} needs +v or moderator rights in {call.message.room.name}."


CI: Final = Command[CiSettings](
    "ci",
    Form.USER,
    Role.ATTENDEE,
    "+ci PROJECT|NAME|missing|periodic|alerts|why NUMBER|watch [NAME]|unwatch [NAME]|ack NAME until DATE REASON|"
    "unack NAME",
    "Tells how a project or a CI did in the last day, which CIs are silent, which alerts are open, and which periodic "
    "jobs or changes failed. “watch” tells you in private when a CI, or upstream of a project, is in trouble. With +v "
    "or moderator rights “ack” keeps an alert quiet.",
    "+ci openstack/nova",
    _ci,
    synonyms=("zuul", "jenkins", "ciwatch"),
)
COMMANDS: Final = (CI,)
