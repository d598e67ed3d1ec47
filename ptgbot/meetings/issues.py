"""Issues of the topics of a meeting: ``#issue ADDRESS`` binds the present topic, and its end tells of its items.

What is told to whom is up to the settings; here each topic that ends makes one effect without a target, which
:mod:`ptgbot.meetings.telling` turns into web hooks and comments.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ptgbot.chat.commands import Deliver
from ptgbot.meetings.commands import command_in
from ptgbot.meetings.extensions import Extension, Step
from ptgbot.meetings.forge import issue_at
from ptgbot.meetings.items import Item
from ptgbot.meetings.meeting import Line, Meeting, Noted, Say, stamp
from ptgbot.store.edits import Tree

ISSUES: Final = "issues"
TOPIC_ENDED: Final = "topic ended"
"""What the effect of a topic that ends is about."""
_MOST = 20
"""Issues that one topic may have."""


def bound_to(meeting: Meeting, topic: Item | None) -> list[str]:
    """Return the addresses of the issues that a topic is about."""
    tree: Mapping[str, Any] = meeting.extra.get(ISSUES, {})
    found: list[str] = tree.get(_name(topic), [])
    return found


def _name(topic: Item | None) -> str:
    return str(topic.line) if topic else "0"


def _bound(meeting: Meeting, line: Line) -> Step | None:
    typed = None if line.action else command_in(line.text)
    if typed is None or typed[0].lower() != "issue":
        return None
    url = typed[1].split(" ", 1)[0].strip("<>")
    if issue_at(url) is None:
        return Step(meeting, (Say("#issue needs the address of an issue or of a merge request."),), taken=True)
    topic = meeting.topic
    urls = [*dict.fromkeys((*bound_to(meeting, topic), url))][:_MOST]
    state: Tree = {**meeting.extra.get(ISSUES, {}), _name(topic): [*urls]}
    return Step(meeting.with_extra(ISSUES, state), (Noted(),), taken=True)


def _moved_on(former: Meeting, meeting: Meeting, _line: Line) -> Step | None:
    """Tell of the topic that has ended because another one begins. A topic that was undone has not ended."""
    topic = former.topic
    if _name(topic) == _name(meeting.topic) or (topic and topic.id not in meeting.items):
        return None
    told = ended_topic(meeting, topic)
    return Step(meeting, told) if told else None


def ended_topic(meeting: Meeting, topic: Item | None) -> tuple[Deliver, ...]:
    """Return the effect of the end of a topic, none if it is about no issue."""
    urls = bound_to(meeting, topic)
    if not urls or meeting.restricted:
        return ()
    body: Tree = {
        "name": meeting.meeting_name,
        "network": meeting.network,
        "room": meeting.channel,
        "started": stamp(meeting.started),
        "topic": topic.text if topic else "",
        "issues": [*urls],
        "items": [*_items_under(meeting, topic)],
    }
    return (Deliver(TOPIC_ENDED, (), body),)


def _items_under(meeting: Meeting, topic: Item | None) -> list[Tree]:
    found: list[Tree] = []
    present: str | None = None
    for item in meeting.ordered:
        if item.type == "topic":
            present = item.id
        elif present == (topic.id if topic else None):
            found.append({"type": item.type, "nick": item.nick, "text": item.text, "line": item.line})
    return found


def _issues_json(meeting: Meeting) -> Tree:
    rows: list[Any] = [
        {"topic": topic.text if topic else None, "line": topic.line if topic else 0, "issues": [*urls]}
        for topic in (None, *(item for item in meeting.ordered if item.type == "topic"))
        if (urls := bound_to(meeting, topic))
    ]
    return {"issues": rows} if rows else {}


BOUND = Extension(
    ISSUES,
    before=_bound,
    after=_moved_on,
    closed=lambda meeting: ended_topic(meeting, meeting.topic),
    minutes=_issues_json,
    words=frozenset({"issue"}),
)
"""Issues of topics."""
