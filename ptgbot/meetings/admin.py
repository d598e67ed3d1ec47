"""The command of operators: ``~meetings`` lists, saves, ends and gives chairs."""

from __future__ import annotations

import attrs

from ptgbot.chat.commands import ROLES, Call, Command, Decision, Form, say
from ptgbot.chat.message import listed
from ptgbot.chat.text import short
from ptgbot.meetings import live, rooms, telling
from ptgbot.meetings.commands import names_in
from ptgbot.meetings.people import chair_of
from ptgbot.meetings.rooms import Running
from ptgbot.meetings.settings import MeetingsSettings
from ptgbot.store.edits import ABSENT, Edit, Tree

MOST = 10
"""Finished meetings that ``~meetings recent`` lists."""
USAGE = "~meetings [recent | save | chair NICK… | end | delete]"
FINAL = "minutes that are written stay; the log of the meeting goes on."


def _meetings(tree: Tree, call: Call[MeetingsSettings]) -> Decision:
    word, _, argument = call.argument.partition(" ")
    if not word or word == "list":
        return _list(tree)
    if word == "recent":
        return _recent(tree)
    act = {"save": _save, "chair": _chair, "end": _end, "delete": _delete}.get(word.lower())
    if act is None:
        return say(f"Type {USAGE}.")
    now = rooms.running_in(tree, call.message.room)
    if now is None:
        return say(f"No meeting runs in {call.message.room.name}. ~meetings lists those that run.")
    return act(tree, call, now, argument)


def _list(tree: Tree) -> Decision:
    rows = [_told(now) for now in rooms.running(tree)]
    return Decision(answers=[listed(rows)]) if rows else say("No meeting runs now.")


def _told(now: Running) -> str:
    meeting = now.meeting
    return f"{meeting.meeting_topic} in {', '.join(now.rooms)} since {meeting.started:%H:%M} UTC ({meeting.owner.nick})"


def _recent(tree: Tree) -> Decision:
    rows = [*rooms.recent(tree).values()][-MOST:]
    told = [f"{row['started'][:16].replace('T', ' ')} {short(str(row['topic']), 60)} in {row['room']}" for row in rows]
    return Decision(answers=[listed(told[::-1])]) if told else say("No meeting was held yet.")


def _save(tree: Tree, call: Call[MeetingsSettings], now: Running, _argument: str) -> Decision:
    return attrs.evolve(live.saved(tree, now, Decision(), call.site), final=FINAL)


def _chair(tree: Tree, _call: Call[MeetingsSettings], now: Running, argument: str) -> Decision:
    meeting = now.meeting
    for nick in names_in(argument):
        if nick.lower() not in map(str.lower, meeting.chair_nicks):
            chairs = (*meeting.chairs, chair_of(nick, meeting.people))
            meeting = attrs.evolve(meeting, chairs=chairs, people=meeting.people.named(nick))
    edits = attrs.evolve(now, meeting=meeting).edits(tree)
    told = say(f"Current chairs: {' '.join(meeting.chair_nicks)}")
    return attrs.evolve(told, edits=edits, final="type #unchair in the meeting.")


def _end(tree: Tree, call: Call[MeetingsSettings], now: Running, _argument: str) -> Decision:
    over = attrs.evolve(now, meeting=attrs.evolve(now.meeting, ended=call.at, vote=None))
    decision = telling.addressed(live.ended(tree, over, Decision(), call.site), call.settings, call.site)
    return attrs.evolve(decision, final="its minutes are written.")


def _delete(tree: Tree, _call: Call[MeetingsSettings], now: Running, _argument: str) -> Decision:
    table = tree["running"]
    was = table.get(now.place, ABSENT) if isinstance(table, dict) else ABSENT
    told = say(f"The meeting {now.meeting.meeting_topic} is gone; there will be no minutes. ~undo brings it back.")
    return attrs.evolve(told, edits=(Edit(("running", now.place), was, ABSENT),))


COMMANDS = (
    Command(
        "meetings",
        Form.ADMIN,
        ROLES[Form.ADMIN],
        USAGE,
        "Lists the meetings that run, or the recent ones; writes minutes now, gives a chair, ends or drops the "
        "meeting of this room.",
        "~meetings chair mira",
        _meetings,
    ),
)
