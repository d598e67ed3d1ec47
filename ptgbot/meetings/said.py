"""The events of a meeting: a line was said, edited or removed, somebody reacted, a moment came."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

import attrs
from attrs import frozen

from ptgbot.meetings.commands import command_in, item_of, name_and_length, run
from ptgbot.meetings.extended import EXTENSIONS
from ptgbot.meetings.extensions import Extension, Step
from ptgbot.meetings.items import begins_with_address
from ptgbot.meetings.meeting import (
    ChannelTopic,
    Effect,
    Ended,
    Line,
    Meeting,
    Noted,
    Saved,
    channel_topic,
    is_off,
    name_of,
)
from ptgbot.meetings.people import Chair, Speaker
from ptgbot.meetings.tasks import with_changed_action


@frozen
class Place:
    """Where a meeting begins."""

    network: str
    channel: str
    bot_nick: str | None = None


def headless_meeting(place: Place, line: Line) -> Meeting:
    """Return the meeting, still without a line, of a log that lacks its beginning: the first speaker owns it.

    Args:
        place: the room.
        line: the first line that is left.
    """
    return Meeting(place.network, place.channel, Chair(line.who.nick, line.who.key), line.at, bot_nick=place.bot_nick)


def begins_meeting(text: str) -> str | None:
    """Return the argument of ``#startmeeting``, None for any other line. Only lower case starts a meeting."""
    typed = command_in(text)
    return typed[1] if typed and typed[0] == "startmeeting" else None


def begun(place: Place, line: Line, argument: str, *, anybody_agrees: bool = False) -> Meeting:
    """Return the meeting that a line starts; the line is the first of its log.

    Args:
        place: the room.
        line: the line with ``#startmeeting``.
        argument: the name of the meeting, and perhaps its length.
        anybody_agrees: whether everybody may use ``#agreed``.
    """
    name, length = name_and_length(argument)
    who = line.who
    owner = Chair(who.nick, who.key, next(iter(who.accounts), ""))
    return Meeting(
        place.network,
        place.channel,
        owner,
        line.at,
        name or None,
        name_of(name),
        length=length,
        bot_nick=place.bot_nick,
        anybody_agrees=anybody_agrees,
    ).logged(line)


def said(meeting: Meeting, line: Line, extensions: Iterable[Extension] = EXTENSIONS) -> Step:
    """Return the meeting after a line.

    The line is logged and counted first, then extensions and commands look at it. While the meeting lurks, nothing is
    said and no topic is given; the end is always told.
    """
    meeting = meeting.logged(line)
    row = meeting.log[str(meeting.lines)]
    if line.own:
        for extension in extensions:
            meeting = step.meeting if (step := extension.told(meeting, line)) else meeting
        return Step(meeting)
    if row["kind"] == "off":
        return Step(meeting)
    effects: list[Effect] = []
    for extension in extensions:
        if step := extension.before(meeting, line):
            meeting = step.meeting
            effects += step.effects
            if step.taken:
                return _heeded(Step(meeting, tuple(effects)))
    former = meeting
    step = _commanded(meeting, line)
    meeting = step.meeting
    effects += step.effects
    for extension in extensions:
        if more := extension.after(former, meeting, line):
            meeting = more.meeting
            effects += more.effects
    return _heeded(Step(meeting, tuple(effects)))


def _commanded(meeting: Meeting, line: Line) -> Step:
    if line.action:
        return Step(meeting)
    typed = command_in(line.text)
    found = run(meeting, line, *typed) if typed else None
    if found is not None:
        return found
    if begins_with_address(line.text):
        return Step(meeting.with_item("link", line, line.text.strip()), (Noted(),))
    return Step(meeting)


def _heeded(step: Step) -> Step:
    """Return a step with the effects that count while the meeting lurks or talks, and the topics given noted."""
    over = any(isinstance(effect, Ended) for effect in step.effects)
    meeting, effects = step.meeting, step.effects
    if meeting.lurks and not over:
        effects = tuple(each for each in effects if isinstance(each, Saved) or not _is_heard(each))
    for effect in effects:
        if isinstance(effect, ChannelTopic):
            meeting = meeting.given_topic(effect)
    return Step(meeting, effects, step.taken)


def _is_heard(effect: Effect) -> bool:
    """Say whether people in the room notice an effect."""
    return type(effect).__name__ in ("Say", "ChannelTopic", "Noted")


def reacted(
    meeting: Meeting, who: Speaker, sign: str, at: datetime, extensions: Iterable[Extension] = EXTENSIONS
) -> Step | None:
    """Return the meeting after a reaction, None if no extension cares."""

    def react(extension: Extension, now: Meeting) -> Step | None:
        return extension.reacted(now, who, sign, at)

    return _in_turn(meeting, [partial(react, one) for one in extensions])


def ticked(meeting: Meeting, at: datetime, extensions: Iterable[Extension] = EXTENSIONS) -> Step | None:
    """Return the meeting after a moment that an extension waited for, None if none did."""
    ready = [one for one in extensions if (due := one.due(meeting)) is not None and due <= at]

    def tick(extension: Extension, now: Meeting) -> Step | None:
        return extension.tick(now, at)

    return _in_turn(meeting, [partial(tick, one) for one in ready])


def _in_turn(meeting: Meeting, calls: Iterable[Callable[[Meeting], Step | None]]) -> Step | None:
    effects: tuple[Effect, ...] = ()
    any_step = False
    for call in calls:
        if step := call(meeting):
            meeting, effects, any_step = step.meeting, (*effects, *step.effects), True
    return _heeded(Step(meeting, effects)) if any_step else None


def edited(meeting: Meeting, event: str, texts: list[str]) -> Step | None:
    """Return the meeting after a message was edited, None if the message is not in its log.

    The lines of the message get the new text, and their items are made anew. Nothing else that the line did is done
    again: a chair stays a chair.

    Args:
        meeting: the meeting.
        event: the id of the message.
        texts: its lines now; a removed message has none.
    """
    numbers = [number for number, row in meeting.log.items() if event and row["event"] == event]
    if not numbers:
        return None
    topic = meeting.topic
    texts = [*texts[: len(numbers) - 1], " ".join(texts[len(numbers) - 1 :])] if texts else []
    for at, number in enumerate(numbers):
        meeting = rewritten(meeting, int(number), texts[at] if at < len(texts) else None)
    effects: tuple[Effect, ...] = ()
    present = meeting.topic
    if (present and (present.text, present.line)) != (topic and (topic.text, topic.line)):
        effects = (channel_topic(meeting, present),)
    return _heeded(Step(meeting, effects))


def rewritten(meeting: Meeting, number: int, text: str | None, *, in_log: bool = True) -> Meeting:
    """Return the meeting with another text of one line, and with the item that this text makes.

    Args:
        meeting: the meeting.
        number: the number of the line, counted from 1.
        text: the text; None removes the line's text and its item.
        in_log: whether the log changes as well; a correction leaves it as it was said.
    """
    row = meeting.log[str(number)]
    kind = row["kind"]
    if in_log:
        kind = "removed" if text is None else "off" if is_off(text) else kind
        changed = {**row, "text": "" if kind in ("removed", "off") else text, "kind": kind}
        meeting = attrs.evolve(meeting, log={**meeting.log, str(number): changed})
    for item in [each for each in meeting.ordered if each.line == number and each.type != "vote"]:
        meeting = meeting.without_item(item)
    if text is None or kind != "line":
        return meeting
    who = _speaker(meeting, row.get("key", ""), row.get("nick", ""))
    line = Line(datetime.fromisoformat(row["at"]), who, text)
    if begins_with_address(text):
        return meeting.with_item_at(number, "link", line, text.strip())
    return with_changed_action(item_of(meeting, line, number), text)


def _speaker(meeting: Meeting, key: str, nick: str) -> Speaker:
    known = meeting.people.by_key.get(key)
    return Speaker(key, nick, (known.account,) if known and known.account else ())
