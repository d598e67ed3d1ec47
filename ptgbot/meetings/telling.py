"""Tells other systems of meetings: signed web hooks at the start and the end, and comments on issues.

Extensions ask for effects without targets; :func:`addressed` gives them those that the settings name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

import attrs
from attrs import field, frozen

from ptgbot.chat.adapter import Undeliverable
from ptgbot.chat.commands import Decision, Deliver
from ptgbot.chat.message import Target
from ptgbot.hooks import Hook, post_signed
from ptgbot.meetings.extensions import Extension
from ptgbot.meetings.forge import Resolution, comment, forge_of, issue_at, write_comment
from ptgbot.meetings.issues import TOPIC_ENDED
from ptgbot.meetings.meeting import Effect, Meeting, stamp
from ptgbot.meetings.settings import MeetingsSettings
from ptgbot.store.edits import Json, Tree

STARTED: Final = "meeting started"
ENDED: Final = "meeting ended"
HOOK: Final = "meetings.hook"
COMMENT: Final = "meetings.comment"
"""The kinds of effects that are delivered."""
_NAMES: Final = {STARTED: "meeting.started", ENDED: "meeting.ended", TOPIC_ENDED: "meeting.topic_ended"}
_RESOLUTIONS: Final = frozenset({"agreed", "accepted", "rejected", "vote"})
_PATIENCE: Final = 86_400.0
"""Seconds for which a web hook or a comment is tried."""


def _facts(meeting: Meeting) -> Tree:
    return {
        "network": meeting.network,
        "room": meeting.channel,
        "name": meeting.meeting_name,
        "topic": meeting.meeting_topic,
        "started": stamp(meeting.started),
        "owner": meeting.owner.nick,
        "chairs": [*meeting.chair_nicks],
    }


def _started(meeting: Meeting) -> tuple[Effect, ...]:
    return (Deliver(STARTED, (), {**_facts(meeting), "planned_end": stamp(meeting.due)}),)


def _ended(meeting: Meeting) -> tuple[Effect, ...]:
    ended = stamp(meeting.ended) if meeting.ended else None
    people: Tree = {} if meeting.restricted else {**meeting.people.counts()}
    body: Tree = {**_facts(meeting), "ended": ended, "restricted": meeting.restricted, "people": people}
    return (Deliver(ENDED, (), body),)


HOOKS = Extension("hooks", opened=_started, closed=_ended)
"""The start and the end of a meeting, for web hooks."""


@frozen
class _Event:
    """An effect without targets, and where it happens."""

    kind: str
    body: Tree
    address: str = field(default="")
    """Address of the minutes; empty if there is none yet."""


def addressed(decision: Decision, settings: MeetingsSettings, site: str) -> Decision:
    """Return a decision whose effects of meetings go to the web hooks and forges of the settings.

    Args:
        decision: the decision.
        settings: the settings.
        site: address of the site, ending in a slash; empty without one.
    """
    if not any(effect.kind in _NAMES for effect in decision.deliver):
        return decision
    slugs = [cast("Tree", document).get("slug") for document in decision.documents.values()]
    page = f"{site}meetings/{slugs[0]}.html" if site and slugs else ""
    found: list[Deliver] = []
    for effect in decision.deliver:
        if effect.kind in _NAMES:
            body = cast("Tree", effect.body)
            event = _Event(effect.kind, body, "" if body.get("restricted") else page)
            found += [*_hooks(event, settings), *_comments(event, settings)]
        else:
            found.append(effect)
    return attrs.evolve(decision, deliver=tuple(found))


def _hooks(event: _Event, settings: MeetingsSettings) -> Iterator[Deliver]:
    targets = tuple(Target("hook", one.name) for one in settings.hooks)
    if targets:
        data: Tree = {**event.body, **({"minutes": event.address} if event.address else {})}
        if event.kind == TOPIC_ENDED:
            data["items"] = [*_chosen(event, settings)]
        when = data.get("ended") or data.get("started")
        body: Tree = {"type": _NAMES[event.kind], "timestamp": when, "data": data}
        yield Deliver(HOOK, targets, body, within=_PATIENCE)


def _comments(event: _Event, settings: MeetingsSettings) -> Iterator[Deliver]:
    if event.kind != TOPIC_ENDED:
        return
    items = [Resolution(str(row["type"]), str(row["nick"]), str(row["text"])) for row in _chosen(event, settings)]
    meeting = f"{event.body['name']}, {str(event.body['started'])[:10]}"
    text = comment(str(event.body["topic"]) or "Meeting", meeting, items, event.address)
    for url in cast("list[str]", event.body["issues"]):
        issue = issue_at(url)
        if items and issue and forge_of(issue, settings.forges):
            yield Deliver(COMMENT, (Target(f"forge {issue.host}", url),), text, within=_PATIENCE)


def _chosen(event: _Event, settings: MeetingsSettings) -> list[Tree]:
    rows = cast("list[Tree]", event.body["items"])
    return [row for row in rows if settings.forge_items == "all" or row["type"] in _RESOLUTIONS]


async def post_to_hook(settings: MeetingsSettings, _network: str, target: str, body: Json, transaction: str) -> None:
    """Post an event to a web hook. Raises as :data:`ptgbot.feature.Perform`."""
    hook = next((one for one in settings.hooks if one.name == target), None)
    if hook is None:
        raise Undeliverable("it is not in the configuration any more.")
    await post_signed(Hook(hook.url, hook.secret_file, hook.timeout), body, transaction)


async def post_comment(settings: MeetingsSettings, _network: str, target: str, body: Json, transaction: str) -> None:
    """Write a comment on an issue. Raises as :data:`ptgbot.feature.Perform`."""
    await write_comment(settings.forges, target, str(body))


def problems(settings: MeetingsSettings) -> Iterator[str]:
    """Yield sentences about web hooks whose secret cannot be used, for ``ptgbot check``."""
    for one in settings.hooks:
        try:
            Hook(one.url, one.secret_file, one.timeout).key()
        except OSError as error:
            yield f"The web hook {one.name} of meetings: {error}"


