"""Meetings' side of the feature contract: what is heard in rooms becomes lines of meetings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import attrs

from ptgbot.chat.commands import Call, Command, Context, Decision, Form, parse, say
from ptgbot.chat.dispatch import dispatch
from ptgbot.chat.heard import Heard
from ptgbot.chat.message import Message, Person, Role, Room
from ptgbot.chat.text import fold
from ptgbot.feature import BulkDeliverer, Deliverer, Fact, Feature, PersonalData, Topic
from ptgbot.meetings import admin, archiving, closing, importing, live, planning, rooms, telling
from ptgbot.meetings.channel_logs import KIND, is_logged, with_logs
from ptgbot.meetings.commands import BY_WORD, COMMANDS, START, Word
from ptgbot.meetings.extended import EXTENSIONS
from ptgbot.meetings.meeting import OFF, is_off
from ptgbot.meetings.replay import REPLAY
from ptgbot.meetings.settings import MeetingsSettings
from ptgbot.store.edits import Tree

TOPIC_RANK = 50
"""Rank of the layer that a meeting puts on the topic of its rooms."""
_WORDS = frozenset(BY_WORD) | frozenset(word for one in EXTENSIONS for word in one.words)


def _heard_instead(_tree: Tree, call: Call[MeetingsSettings]) -> Decision:
    """Take a command of a meeting. The line is logged and worked when it is heard, in order with all others."""
    if call.message.said is not None:
        return say(f"Commands of meetings stand at the beginning of the line: #{call.word} …")
    return Decision()


def _command(word: Word) -> Command[MeetingsSettings]:
    who = " For chairs." if word.chairs_only else ""
    return Command(
        word.name,
        Form.FIXED,
        Role.ATTENDEE,
        word.usage,
        f"{word.help}{who}",
        word.example,
        _heard_instead,
        word.aliases,
        in_overview=word is START,
    )


def _addressed(decision: Decision | None, context: Context[MeetingsSettings]) -> Decision | None:
    return decision and telling.addressed(decision, context.settings, context.site)


def _unwritten(decision: Decision | None, heard: Heard) -> Decision | None:
    """Return a decision with which the journal does not get the texts of lines off the record."""
    lines = heard.text.split("\n")
    if decision is None or decision.line is not None or not any(map(is_off, lines)):
        return decision
    return attrs.evolve(decision, line="\n".join(OFF if is_off(line) else line for line in lines))


class MeetingsFeature(Feature[MeetingsSettings]):
    """Minutes from the chat."""

    name = "meetings"
    settings = MeetingsSettings
    rank = 150
    commands = (_command(START), *map(_command, COMMANDS), closing.DONE, *admin.COMMANDS)
    reserved = _WORDS
    tools = (REPLAY,)
    sources = (*archiving.SOURCES, planning.CALENDARS)
    slices = (*archiving.SLICES, planning.NEXT)
    deliverers = (
        Deliverer[MeetingsSettings](telling.HOOK, telling.post_to_hook),
        Deliverer[MeetingsSettings](telling.COMMENT, telling.post_comment),
        BulkDeliverer[MeetingsSettings](KIND, archiving.write_lines),
    )
    bulk_commands = importing.COMMANDS
    site = "ptgbot_site.meetings"
    projects = archiving.PROJECTS

    def empty(self) -> Tree:
        """Return the state without meetings."""
        return rooms.empty()

    def complete(self, tree: Tree) -> None:
        """Add the keys that a state of an earlier version lacks."""
        for key, value in rooms.empty().items():
            tree.setdefault(key, value)

    def forget(self, tree: Tree, chronicle: Tree, person: Person) -> PersonalData:
        """Return the places of a person in the running meetings: lines, items and count; and in the finished ones."""
        places = [place for one in rooms.running(tree) for place in live.places_of(one, person.key)]
        return PersonalData(places, rewrites=archiving.forgetting(person))

    def learn(
        self, tree: Tree, facts: Sequence[Fact], context: Context[MeetingsSettings]
    ) -> Decision | None:
        """Note the revision of the archive, and the contents of calendars."""
        planned = [fact for fact in facts if planning.is_calendar(fact)]
        if not planned:
            return archiving.learned(tree, facts)
        edits = planning.learned_plan(tree, planned)
        return Decision(edits) if edits else None

    def move(self, tree: Tree, former: str, key: str) -> Sequence[live.Edit]:
        """Return the edits that give chair, lines and vote in the running meetings to the person under another key."""
        return [edit for one in rooms.running(tree) for edit in live.moved(one, former, key).edits(tree)]

    def claims(self, tree: Tree, room: Room, word: str) -> bool:
        """Say whether a meeting runs here and has this word: it precedes help and tracks then."""
        return fold(word) in _WORDS and rooms.is_running_in(tree, room)

    def decide(self, tree: Tree, message: Message, context: Context[MeetingsSettings]) -> Decision | None:
        """Decide on a message; the words of a meeting are conversation where no meeting runs."""
        typed = parse(message.text)
        word = fold(typed.word) if typed and typed.prefix == "#" else ""
        if word in _WORDS and not message.private:
            if not self._meets(message.room, context.settings):
                return None
            is_running = rooms.is_running_in(tree, message.room)
            if word not in (START.name, closing.WORD) and not is_running:
                return None
            if word not in BY_WORD and is_running:
                return Decision()
        elif word in _WORDS:
            return say(f"#{word} belongs into a channel or room where a meeting is held.")
        return dispatch(self, tree, message, context)

    def listens(self, room: Room, settings: MeetingsSettings) -> bool:
        """Say whether meetings can be held in a room, or its lines are published."""
        return self._meets(room, settings) or is_logged(room, settings)

    def _meets(self, room: Room, settings: MeetingsSettings) -> bool:
        return not settings.rooms or room.name.lower() in map(str.lower, settings.rooms)

    def hear(self, tree: Tree, heard: Heard, context: Context[MeetingsSettings]) -> Decision | None:
        """Put what happens in a room with a meeting, or with a public log, on record. Nothing else is kept."""
        settings = context.settings
        found = live.hear(tree, heard, context) if self._meets(heard.room, settings) else None
        return _unwritten(with_logs(tree, _addressed(found, context), heard, heard.at, settings), heard)

    def due(self, tree: Tree, settings: MeetingsSettings) -> datetime | None:
        """Return when a meeting or the room of a regular meeting is told something, or an extension wants to act."""
        moments = (live.due(tree, settings), planning.plan_due(tree, settings))
        return min((moment for moment in moments if moment), default=None)

    def tick(self, tree: Tree, at: datetime, context: Context[MeetingsSettings]) -> Decision | None:
        """Tell meetings of their planned end, and rooms of their regular meetings; let extensions act."""
        planned = planning.plan_due(tree, context.settings)
        is_planned = planned is not None and planned <= at
        found = planning.plan_tick(tree, at, context) if is_planned else live.tick(tree, at, context)
        found = found if is_planned else _addressed(found, context)
        return with_logs(tree, found, None, at, context.settings)

    def topics(self, tree: Tree, settings: MeetingsSettings) -> Sequence[Topic]:
        """Return the topics that running meetings have given to their rooms."""
        if not settings.set_topic:
            return ()
        return [topic for one in rooms.running(tree) for topic in live.topics_of(one, TOPIC_RANK)]

    def check(self, tree: Tree, at: datetime, settings: MeetingsSettings) -> Iterable[str]:
        """Yield sentences about web hooks that cannot be signed."""
        return telling.problems(settings)

    def metrics(self, tree: Tree, settings: MeetingsSettings) -> Mapping[str, float]:
        """Return how many meetings run."""
        return {"running": sum(1 for _ in rooms.running(tree))}
