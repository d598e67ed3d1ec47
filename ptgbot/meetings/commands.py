"""The commands of a meeting, each a pure function of the meeting, the line and the argument."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import attrs
from attrs import frozen

from ptgbot.chat.text import fold, listing, short
from ptgbot.meetings.extensions import Step
from ptgbot.meetings.items import Item
from ptgbot.meetings.meeting import (
    LENGTH,
    ChannelTopic,
    Ended,
    Line,
    Meeting,
    Noted,
    Saved,
    Say,
    channel_topic,
    name_of,
)
from ptgbot.meetings.numbered import change
from ptgbot.meetings.people import chair_of
from ptgbot.meetings.votes import Vote

_COMMAND: Final = re.compile(r"#(\w+)[:,]?(.*)", re.DOTALL)
_LENGTH: Final = re.compile(r"(?P<name>.*\S)\s+(?:(?P<minutes>\d{1,3})(?:m|min)|(?P<hours>\d{1,2})h)", re.DOTALL)
_LONGEST_LINE: Final = 400
"""Characters of one line of the standing of a vote."""
CLEARED: Final = ("", "none", "unset")

Run = Callable[[Meeting, Line, str], Step]


@frozen
class Word:
    """A command of a running meeting."""

    name: str
    usage: str
    help: str
    example: str
    run: Run
    aliases: tuple[str, ...] = ()
    chairs_only: bool = True

    @property
    def words(self) -> tuple[str, ...]:
        """The name and the aliases."""
        return (self.name, *self.aliases)


def command_in(text: str) -> tuple[str, str] | None:
    """Return the word of a command and its argument, None for a line that has no command.

    A command stands at the very start of the line. The word is returned as typed; one ``:`` or ``,`` after it is
    dropped.
    """
    found = _COMMAND.match(text)
    return (found[1], found[2].strip()) if found else None


def name_and_length(argument: str) -> tuple[str, int]:
    """Return the name and the planned minutes in the argument of ``#startmeeting``, such as ``infra 90m``."""
    found = _LENGTH.fullmatch(argument)
    if found is None:
        return argument, LENGTH
    minutes = int(found["minutes"]) if found["minutes"] else 60 * int(found["hours"])
    return (found["name"], minutes) if minutes else (argument, LENGTH)


def names_in(argument: str) -> list[str]:
    """Return the nicks in an argument, split at commas and blanks."""
    return list(dict.fromkeys(re.findall(r"[^\s,]+", argument)))


def run(meeting: Meeting, line: Line, word: str, argument: str) -> Step | None:
    """Run a command; return None if no command of a meeting has this word."""
    command = BY_WORD.get(word.lower())
    if command is None:
        return None
    allowed = not command.chairs_only or meeting.is_chair(line.who)
    if not allowed and not (command.name == "agreed" and meeting.anybody_agrees):
        return Step(meeting, (Say(f"#{command.name} is for the chairs of this meeting: {_chairs(meeting)}."),))
    return command.run(meeting, line, argument)


def _chairs(meeting: Meeting) -> str:
    return listing(meeting.chair_nicks)


# Items


def item_maker(kind: str) -> Run:
    """Return the command that makes an item of a type."""

    def make(meeting: Meeting, line: Line, argument: str) -> Step:
        return Step(meeting.with_item(kind, line, argument), (Noted(),))

    return make


def _link(meeting: Meeting, line: Line, argument: str) -> Step:
    if not argument:
        return Step(meeting, (Say("#link needs an address."),))
    return item_maker("link")(meeting, line, argument)


def _topic(meeting: Meeting, line: Line, argument: str) -> Step:
    after = meeting.with_item("topic", line, argument)
    return Step(after, (channel_topic(after, after.topic), Noted()))


def _undo(meeting: Meeting, line: Line, _argument: str) -> Step:
    items = meeting.ordered
    if not meeting.is_chair(line.who):
        items = [item for item in items if item.key == line.who.key]
        if not items and meeting.items:
            return Step(meeting, (Say(f"You have no item here to undo; the chairs can: {_chairs(meeting)}."),))
    return _removed(meeting, items[-1]) if items else Step(meeting, (Say("There is nothing to undo."),))


def _removed(meeting: Meeting, item: Item) -> Step:
    after = meeting.without_item(item)
    told = Say(f"Removed from the minutes: #{item.type} {short(item.text, 200)}".rstrip())
    is_present = item.type == "topic" and meeting.topic is item
    return Step(after, (channel_topic(after, after.topic), told) if is_present else (told,))


# People


def _chair(meeting: Meeting, line: Line, argument: str) -> Step:
    for nick in names_in(argument):
        chair = chair_of(nick, meeting.people)
        known = [one for one in (meeting.owner, *meeting.chairs) if one.nick.lower() == chair.nick.lower()]
        chairs = meeting.chairs if known else (*meeting.chairs, chair)
        meeting = attrs.evolve(meeting, chairs=chairs, people=meeting.people.named(nick))
    present = line.present
    absent = [] if present is None else [nick for nick in names_in(argument) if fold(nick) not in present]
    warned = f". Not in the channel: {' '.join(absent)}" if absent else ""
    return Step(meeting, (Say(f"Current chairs: {' '.join(meeting.chair_nicks)}{warned}"),))


def _unchair(meeting: Meeting, _line: Line, argument: str) -> Step:
    gone = {nick.lower() for nick in names_in(argument)}
    keys = {key for nick in gone for key, _ in meeting.people.having(nick)}
    kept = tuple(one for one in meeting.chairs if one.nick.lower() not in gone and (one.key or "-") not in keys)
    meeting = attrs.evolve(meeting, chairs=kept)
    return Step(meeting, (Say(f"Current chairs: {' '.join(meeting.chair_nicks)}"),))


def _nick(meeting: Meeting, _line: Line, argument: str) -> Step:
    people = meeting.people
    for nick in names_in(argument):
        people = people.named(nick)
    return Step(attrs.evolve(meeting, people=people), (Noted(),))


# The meeting itself


def _meeting_topic(meeting: Meeting, _line: Line, argument: str) -> Step:
    cleared = argument.lower() in CLEARED
    return Step(attrs.evolve(meeting, meeting_topic=None if cleared else argument), (Noted(),))


def _meeting_name(meeting: Meeting, _line: Line, argument: str) -> Step:
    if not argument:
        return Step(meeting, (Say("#meetingname needs a name, such as #meetingname infra."),))
    name = name_of(argument)
    told = Say(f"The meeting is now called {name}.")
    return Step(attrs.evolve(meeting, meeting_name=name), (told,))


def _lurk(meeting: Meeting, _line: Line, _argument: str) -> Step:
    return Step(attrs.evolve(meeting, lurks=True))


def _unlurk(meeting: Meeting, _line: Line, _argument: str) -> Step:
    return Step(attrs.evolve(meeting, lurks=False), (Say("I answer again."),))


def _restrict(meeting: Meeting, _line: Line, _argument: str) -> Step:
    told = Say("The minutes and the log of this meeting will not be public.")
    return Step(attrs.evolve(meeting, restricted=True), (told,))


def _save(meeting: Meeting, _line: Line, _argument: str) -> Step:
    return Step(meeting, (Saved(),))


def _commands(meeting: Meeting, _line: Line, _argument: str) -> Step:
    from ptgbot.meetings.extended import EXTENSIONS  # extensions use this module

    words = sorted({*BY_WORD, *(word for one in EXTENSIONS for word in one.words)})
    return Step(meeting, (Say(f"Available commands: {' '.join('#' + word for word in words)}"),))


def _start(meeting: Meeting, _line: Line, _argument: str) -> Step:
    told = f"A meeting runs here already, since {meeting.started:%H:%M} UTC. Type #endmeeting first."
    return Step(meeting, (Say(told),))


def _end(meeting: Meeting, line: Line, _argument: str) -> Step:
    if not meeting.is_chair(line.who) and line.at < meeting.due:
        told = f"Only chairs ({_chairs(meeting)}) can end this meeting; from {meeting.due:%H:%M} UTC on everybody can."
        return Step(meeting, (Say(told),))
    return Step(attrs.evolve(meeting, ended=line.at, vote=None), (ChannelTopic(None), Ended()))


# Votes


def _start_vote(meeting: Meeting, _line: Line, argument: str) -> Step:
    if meeting.vote:
        return Step(meeting, (Say(f"A vote is open already: {meeting.vote.question} Type #endvote first."),))
    vote = Vote.parse(argument)
    if vote is None:
        return Step(meeting, (Say("Type a question that ends with ?, then the options: #startvote Tea? yes, no"),))
    told = f"Begin voting on: {vote.question} Options: {', '.join(vote.options)}."
    return Step(attrs.evolve(meeting, vote=vote), (Say(told), Say("Type #vote OPTION. Only your last vote counts.")))


def _vote(meeting: Meeting, line: Line, argument: str) -> Step:
    if meeting.vote is None:
        return Step(meeting, (Say("No vote is open."),))
    vote = meeting.vote.cast(line.who, argument)
    if vote is None:
        options = ", ".join(meeting.vote.options)
        told = Say(f"{line.who.nick}: “{short(argument, 60)}” is not an option. The options are {options}.")
        return Step(meeting, (told,))
    return Step(attrs.evolve(meeting, vote=vote), (Noted(),))


def _show_vote(meeting: Meeting, _line: Line, _argument: str) -> Step:
    if meeting.vote is None:
        return Step(meeting, (Say("No vote is open."),))
    return Step(meeting, _standing(meeting.vote))


def _end_vote(meeting: Meeting, line: Line, _argument: str) -> Step:
    vote = meeting.vote
    if vote is None:
        return Step(meeting, (Say("No vote is open."),))
    more = {"question": vote.question, "results": vote.results, "voters": vote.by_option}
    after = attrs.evolve(meeting, vote=None).with_item("vote", line, vote.told, more)
    return Step(after, (Say(f"Voted on: {vote.question}"), *_standing(vote)))


def _standing(vote: Vote) -> tuple[Say, ...]:
    rows = [f"{option} ({len(nicks)}): {', '.join(nicks)}" for option, nicks in vote.by_option.items()]
    return tuple(Say(short(row.rstrip(" :") if row.endswith(": ") else row, _LONGEST_LINE)) for row in rows)


def _words(*several: Sequence[Word]) -> tuple[Word, ...]:
    return tuple(word for words in several for word in words)


_DECISIONS = (
    ("agreed", "agree", "Records a decision.", "#agreed We release on Friday"),
    ("accepted", "accept", "Records that a proposal was accepted.", "#accepted The new logo"),
    ("rejected", "reject", "Records that a proposal was rejected.", "#rejected Meetings on Sunday"),
)
_NOTES = (
    ("action", (), "Gives a task to the people whom it names.", "#action mira writes the spec"),
    ("info", (), "Records a piece of information.", "#info The tests are green"),
    ("idea", (), "Records an idea.", "#idea A bot that brews coffee"),
    ("help", ("halp",), "Records a call for help.", "#help We need reviewers"),
)

COMMANDS: Final = _words(
    [
        Word("topic", "#topic TEXT", "Begins a topic, and sets the topic of the channel.", "#topic Budget", _topic),
        Word(
            "meetingtopic",
            "#meetingtopic TEXT",
            "Sets the text in brackets behind each topic; none clears it.",
            "#meetingtopic infra",
            _meeting_topic,
        ),
        Word(
            "meetingname",
            "#meetingname NAME",
            "Sets the name under which the minutes are found.",
            "#meetingname infra",
            _meeting_name,
        ),
    ],
    [Word(n, f"#{n} TEXT", told, example, item_maker(n), (alias,)) for n, alias, told, example in _DECISIONS],
    [
        Word(n, f"#{n} TEXT", told, example, item_maker(n), aliases, chairs_only=False)
        for n, aliases, told, example in _NOTES
    ],
    [
        Word(
            "link",
            "#link ADDRESS",
            "Records an address. A line that begins with one needs no command.",
            "#link https://example.org/plan the plan",
            _link,
            chairs_only=False,
        ),
        Word(
            "undo",
            "#undo",
            "Removes the newest item; who is no chair can remove the newest item of their own.",
            "#undo",
            _undo,
            chairs_only=False,
        ),
        Word("chair", "#chair NICK…", "Makes people chairs of this meeting.", "#chair mira jo", _chair),
        Word("unchair", "#unchair NICK…", "Takes the chair from people.", "#unchair jo", _unchair),
        Word(
            "nick",
            "#nick NICK…",
            "Names people who have not spoken, so that actions find them.",
            "#nick mira",
            _nick,
            chairs_only=False,
        ),
        Word(
            "startvote",
            "#startvote QUESTION? [OPTION, OPTION…]",
            "Opens a vote; without options it is Yes or No.",
            "#startvote Tea or coffee? tea, coffee",
            _start_vote,
        ),
        Word("vote", "#vote OPTION", "Votes; the last vote counts.", "#vote tea", _vote, chairs_only=False),
        Word("showvote", "#showvote", "Shows the standing of the vote.", "#showvote", _show_vote, chairs_only=False),
        Word("endvote", "#endvote", "Closes the vote and records it.", "#endvote", _end_vote),
        Word("save", "#save", "Writes the minutes so far; the meeting goes on.", "#save", _save),
        Word("lurk", "#lurk", "Makes the bot silent; it still takes the minutes.", "#lurk", _lurk),
        Word("unlurk", "#unlurk", "Lets the bot answer again.", "#unlurk", _unlurk),
        Word(
            "restrictlogs",
            "#restrictlogs",
            "Keeps minutes and log out of the public pages.",
            "#restrictlogs",
            _restrict,
        ),
        Word("commands", "#commands", "Lists the commands of a meeting.", "#commands", _commands, chairs_only=False),
        Word(
            "endmeeting",
            "#endmeeting",
            "Ends the meeting and writes the minutes. After its planned end anybody can.",
            "#endmeeting",
            _end,
            chairs_only=False,
        ),
    ],
)
"""The commands of a running meeting."""

START: Final = Word(
    "startmeeting",
    "#startmeeting NAME [LENGTH]",
    "Starts a meeting. The length is 60m unless told.",
    "#startmeeting infra 90m",
    _start,
    chairs_only=False,
)
BY_WORD: Final = {word: command for command in (*COMMANDS, START) for word in command.words}
"""Every command by each of its words."""


def item_of(meeting: Meeting, line: Line, number: int) -> Meeting:
    """Return the meeting with the item that a line would make; unchanged if it makes none.

    For lines that were edited: nothing but their item changes.
    """
    typed = command_in(line.text)
    command = BY_WORD.get(typed[0].lower()) if typed else None
    if typed is None or command is None:
        return meeting
    kind = command.name if command.name in ITEM_TYPES else ""
    free = not command.chairs_only or (kind == "agreed" and meeting.anybody_agrees) or meeting.is_chair(line.who)
    if not kind or not free or (kind == "link" and not typed[1]) or (kind == "action" and change(typed[1])):
        return meeting
    return meeting.with_item_at(number, kind, line, typed[1])


ITEM_TYPES: Final = frozenset({"topic", "agreed", "accepted", "rejected", "action", "info", "idea", "help", "link"})
"""The types of items that a command makes by itself."""

