"""Live meetings: events of rooms as events of meetings, and what a meeting asks for as decisions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import attrs

from ptgbot.chat.commands import Context, Decision, Deliver
from ptgbot.chat.heard import Heard, HeardKind
from ptgbot.chat.message import Announce, Answer, Done, Person, Role, Room
from ptgbot.chat.text import clean, count, fold
from ptgbot.feature import Topic
from ptgbot.meetings import rooms
from ptgbot.meetings.commands import BY_WORD, command_in
from ptgbot.meetings.extended import EXTENSIONS
from ptgbot.meetings.extensions import Step
from ptgbot.meetings.forgotten import with_waits
from ptgbot.meetings.marking import CORRECTIONS, corrected_lines
from ptgbot.meetings.meeting import Effect, Ended, Line, Meeting, Noted, Saved, Say
from ptgbot.meetings.minutes import document_id, document_of, slug_of, summary_of
from ptgbot.meetings.numbered import list_actions
from ptgbot.meetings.people import Speaker
from ptgbot.meetings.planning import agenda_at, agenda_told
from ptgbot.meetings.presets import chairs_told, with_chairs
from ptgbot.meetings.rooms import Running
from ptgbot.meetings.said import Place, begins_meeting, begun, edited, reacted, said, ticked
from ptgbot.meetings.settings import MeetingsSettings
from ptgbot.store.edits import ABSENT, Edit, Tree, get

__all__ = ["Edit", "due", "ended", "hear", "moved", "places_of", "saved", "tick", "topics_of"]

SIGNS = str.maketrans("＃﹟", "##")


def hear(tree: Tree, heard: Heard, context: Context[MeetingsSettings]) -> Decision | None:
    """Decide on an event. Outside of meetings only lines of people are looked at, because they may start one."""
    now = rooms.running_in(tree, heard.room) if rooms.is_running_in(tree, heard.room) else None
    match heard.kind:
        case HeardKind.LINE | HeardKind.ACTION if now or _may_begin(heard):
            return _lines(tree, now, heard, context)
        case HeardKind.EDIT | HeardKind.REDACTION if now:
            texts = _texts(heard) if heard.kind is HeardKind.EDIT else []
            return _stepped(tree, now, edited(now.meeting, heard.about, texts), heard.room, context)
        case HeardKind.REACTION if now and heard.person:
            step = reacted(now.meeting, _speaker(heard.person), heard.text, heard.at)
            return _stepped(tree, now, step, heard.room, context)
        case HeardKind.NICK if now and heard.person:
            meeting = now.meeting.renamed(heard.person.key, _speaker(_renamed(heard.person, heard.text)))
            edits = attrs.evolve(now, meeting=meeting).edits(tree)
            return Decision(edits) if edits else None
    return None


def _may_begin(heard: Heard) -> bool:
    return heard.kind is HeardKind.LINE and not heard.own


def _lines(
    tree: Tree, now: Running | None, heard: Heard, context: Context[MeetingsSettings]
) -> Decision | None:
    """Put the lines of a message into the meeting, each as a line of its log; one of them may start the meeting."""
    began, writes, answers, delivers = now, False, list[Answer](), list[Deliver]()
    for text in _texts(heard):
        line = _line(heard, text)
        if now is not None and _names_chairs(text):
            line = attrs.evolve(line, present=_present(now, context))
        step: Step | None
        if now is not None:
            step = said(now.meeting, line)
        else:
            argument = begins_meeting(text)
            if argument is None:
                continue
            refused = _refusal(argument, heard, context)
            if refused:
                answers.append(Announce(refused))
                continue
            now = _opened(line, argument, heard.room, context.settings)
            step = Step(now.meeting, _greeting(tree, now, context))
        now = attrs.evolve(now, meeting=step.meeting)
        answers += _answers(step.effects)
        delivers += _delivers(now, step.effects, heard.room)
        writes = writes or _writes(step.effects)
        if now.meeting.is_over:
            break
    if now is None:
        return Decision(answers=answers) if answers else None
    decision = Decision((), answers, deliver=tuple(delivers))
    if writes:
        return _with_document(tree, now, decision, context.site, was_running=began is not None)
    return attrs.evolve(decision, edits=now.edits(tree))


def _writes(effects: Iterable[Effect]) -> bool:
    return any(isinstance(effect, Ended | Saved) for effect in effects)


def _texts(heard: Heard) -> list[str]:
    """Return the lines of a message, without control characters, and with the sign that commands begin with."""
    texts = [text for line in heard.text.split("\n") if (text := clean(line))]
    return [_signed(text, heard.room) for text in texts]


def _signed(text: str, room: Room) -> str:
    word = text[1:].partition(" ")[0].rstrip(":,")
    if text.startswith("!") and room.exclamation and fold(word) in BY_WORD:
        return f"#{text[1:]}"
    return text[:1].translate(SIGNS) + text[1:]


def _line(heard: Heard, text: str) -> Line:
    who = _speaker(heard.person) if heard.person else Speaker("", heard.room.nick)
    return Line(heard.at, who, text, heard.kind is HeardKind.ACTION, heard.own, heard.id)


def _names_chairs(text: str) -> bool:
    typed = command_in(text)
    return typed is not None and typed[0].lower() == "chair"


def _present(now: Running, context: Context[MeetingsSettings]) -> frozenset[str] | None:
    """Return the folded names of everybody in the rooms of a meeting, None if somebody may be unknown."""
    people = [context.members(rooms.target_of(name)) for name in now.rooms]
    if not all(people):
        return None
    names = ((one.nick, one.key, one.display) for members in people for one in members)
    return frozenset(fold(name) for each in names for name in each if name)


def _speaker(person: Person) -> Speaker:
    user = person.key if person.key.startswith("@") else ""
    names = tuple(name for name in (user, person.display) if name and name != person.nick)
    return Speaker(person.key, person.nick, person.accounts, names)


def _renamed(person: Person, name: str) -> Person:
    """Return a person after a change of the nick (IRC) or of the display name (Matrix)."""
    if person.key.startswith("@") or person.linked:
        return attrs.evolve(person, display=name)
    former = person.nick.lower()
    key = name.lower() + person.key.removeprefix(former) if person.key.startswith(former) else person.key
    return attrs.evolve(person, nick=name, key=key)


# The start


def _refusal(argument: str, heard: Heard, context: Context[MeetingsSettings]) -> str:
    """Return why somebody cannot start this meeting, empty if they can."""
    settings, person = context.settings, heard.person
    if not argument:
        return "A meeting needs a name: #startmeeting NAME"
    needed = {"all": Role.ATTENDEE, "voiced": Role.MODERATOR, "ops": Role.ADMIN}.get(settings.start)
    listed = person is not None and any(account in settings.starters for account in person.accounts)
    if listed or (needed is not None and heard.role >= needed):
        return ""
    who = {"voiced": "people with voice", "ops": "operators"}.get(settings.start, "the people whom the operators named")
    return f"Only {who} can start a meeting here."


def _opened(line: Line, argument: str, room: Room, settings: MeetingsSettings) -> Running:
    place = Place(room.network, room.name, room.nick or None)
    meeting = begun(place, line, argument, anybody_agrees=settings.anybody_agrees)
    names = rooms.rooms_of(room, settings)
    meeting = with_chairs(meeting, *settings.chairs.get(meeting.meeting_name, ()))
    return Running(names[0], with_waits(meeting, settings.waits), names)


def _taken_over(tree: Tree, now: Running) -> Iterator[str]:
    """Yield the open actions of the last meeting of that name, and the agenda in the calendar."""
    meeting = now.meeting
    former = rooms.newest_named(tree, meeting.meeting_name)
    if former and not former["restricted"]:
        yield from list_actions({int(number): text for number, text in former["open"].items()})
    points = agenda_at(tree, meeting.meeting_name, now.rooms, meeting.started)
    if points:
        yield agenda_told(points)


def _greeting(tree: Tree, now: Running, context: Context[MeetingsSettings]) -> tuple[Effect, ...]:
    meeting = now.meeting
    more = f" Help: {context.site}commands.html" if context.site else ""
    told = [
        Say(
            f"Meeting started {meeting.started:%Y-%m-%d %H:%M:%S} UTC: {meeting.meeting_topic}, planned to end at "
            f"{meeting.due:%H:%M} UTC. {chairs_told(meeting)}{more}"
        ),
        Say("Useful commands: #action #agreed #help #info #idea #link #topic #startvote #endmeeting"),
    ]
    told += [Say(line) for line in _taken_over(tree, now)]
    return (*told, *(effect for one in EXTENSIONS for effect in one.opened(meeting)))


# The end


def _with_document(
    tree: Tree, now: Running, decision: Decision, site: str, *, was_running: bool = True
) -> Decision:
    """Return a decision that also stores the minutes: of a meeting that has ended, or of one that is saved."""
    if now.meeting.is_over:
        return ended(tree, now, decision, site, was_running=was_running)
    return saved(tree, now, decision, site)


def saved(tree: Tree, now: Running, decision: Decision, site: str) -> Decision:
    """Return a decision that also writes the minutes of a running meeting so far.

    Args:
        tree: the state.
        now: the meeting.
        decision: the decision so far.
        site: address of the site, ending in a slash; empty without one.
    """
    slug, written = _written(tree, now)
    base = _address(site, now.meeting, slug)
    told = Announce(f"The minutes so far are written.{f' Minutes: {base}.html' if base else ''}")
    edits = [*decision.edits, *attrs.evolve(now, draft=slug).edits(tree), *written]
    answers = [*decision.answers, *(() if now.meeting.lurks else (told,))]
    documents = {document_id(slug): document_of(now.meeting, slug)}
    return attrs.evolve(decision, edits=edits, answers=answers, documents=documents)


def ended(tree: Tree, now: Running, decision: Decision, site: str, *, was_running: bool = True) -> Decision:
    """Return a decision that also closes a meeting and stores its minutes.

    Args:
        tree: the state.
        now: the meeting, over.
        decision: the decision so far.
        site: address of the site, ending in a slash; empty without one.
        was_running: whether the meeting is in the state.
    """
    meeting = now.meeting
    slug, written = _written(tree, now)
    gone = [Edit(("running", now.place), get(tree, ("running", now.place)), ABSENT)] if was_running else []
    told: list[Effect] = [Say(text) for text in _farewell(site, meeting, slug)]
    told += [effect for one in EXTENSIONS for effect in one.closed(meeting)]
    return attrs.evolve(
        decision,
        edits=[*decision.edits, *gone, *written],
        answers=[*decision.answers, *_answers(told)],
        deliver=(*decision.deliver, *_delivers(now, told, None)),
        documents={document_id(slug): document_of(meeting, slug)},
    )


def _written(tree: Tree, now: Running) -> tuple[str, list[Edit]]:
    """Return the address of the minutes, and the edits of the list of the newest.

    A meeting that was renamed after it was saved moves to its new address.
    """
    meeting = now.meeting
    taken = {row["slug"] for row in rooms.recent(tree).values()} - {now.draft}
    slug = slug_of(meeting.meeting_name, meeting.channel, meeting.started, taken)
    edits = [*rooms.kept(tree, document_id(slug), summary_of(meeting, slug))]
    if now.draft and now.draft != slug:
        former = ("recent", document_id(now.draft))
        edits.append(Edit(former, get(tree, former), ABSENT))
    return slug, edits


def _farewell(site: str, meeting: Meeting, slug: str) -> list[str]:
    at = meeting.ended or meeting.started
    items, people = count(len(meeting.items), "item"), len(meeting.people.counts())
    told = f"Meeting ended {at:%Y-%m-%d %H:%M:%S} UTC: {items}, {count(people, 'person', 'people')}."
    base = _address(site, meeting, slug)
    if not base:
        return [told]
    return [told, f"Minutes: {base}.html", f"Minutes (text): {base}.txt", f"Log: {base}.log.html"]


def _address(site: str, meeting: Meeting, slug: str) -> str:
    return f"{site}meetings/{slug}" if site and not meeting.restricted else ""


# Decisions


def _stepped(
    tree: Tree, now: Running, step: Step | None, room: Room, context: Context[MeetingsSettings]
) -> Decision | None:
    if step is None:
        return None
    after = attrs.evolve(now, meeting=step.meeting)
    decision = Decision((), _answers(step.effects), deliver=tuple(_delivers(after, step.effects, room)))
    if _writes(step.effects):
        return _with_document(tree, after, decision, context.site)
    found = attrs.evolve(decision, edits=after.edits(tree))
    return found if found.changes or found.answers else None


def _answers(effects: Iterable[Effect]) -> list[Answer]:
    said_aloud: list[Answer] = [Announce(effect.text) for effect in effects if isinstance(effect, Say)]
    noted: list[Answer] = [Done(quiet=True)] if any(isinstance(effect, Noted) for effect in effects) else []
    return said_aloud or noted


def _delivers(now: Running, effects: Iterable[Effect], room: Room | None) -> Iterator[Deliver]:
    """Yield the deliveries of extensions, and the lines for the other rooms of the place.

    ``room`` is the room that gets its lines as answers, None if no room does.
    """
    here = rooms.full_name(room).lower() if room else rooms.full_name(_home(now.meeting)).lower()
    others = tuple(rooms.target_of(name) for name in now.rooms if name.lower() != here)
    for effect in effects:
        if isinstance(effect, Deliver):
            yield effect
        elif isinstance(effect, Say) and others:
            yield Deliver("say", others, effect.text)


def _home(meeting: Meeting) -> Room:
    return Room(meeting.network, meeting.channel, meeting.channel)


# Moments


def due(tree: Tree, settings: MeetingsSettings) -> datetime | None:
    """Return the next moment at which a meeting wants to act, None if there is none."""
    moments = [moment for now in rooms.running(tree) for moment in _moments(now, settings)]
    return min(moments, default=None)


def _moments(now: Running, settings: MeetingsSettings) -> Iterator[datetime]:
    if not now.warned:
        yield now.meeting.due - timedelta(minutes=settings.warn_minutes)
    for extension in EXTENSIONS:
        if moment := extension.due(now.meeting):
            yield moment


def tick(tree: Tree, at: datetime, context: Context[MeetingsSettings]) -> Decision | None:
    """Act for the first meeting whose moment has come. It is called again while there are others."""
    for now in rooms.running(tree):
        if any(moment <= at for moment in _moments(now, context.settings)):
            return _ticked(tree, now, at, context)
    return None


def _ticked(tree: Tree, now: Running, at: datetime, context: Context[MeetingsSettings]) -> Decision:
    effects: tuple[Effect, ...] = ()
    if not now.warned and now.meeting.due - timedelta(minutes=context.settings.warn_minutes) <= at:
        left = round((now.meeting.due - at).total_seconds() / 60)
        now = attrs.evolve(now, warned=True)
        if left > 0 and not now.meeting.lurks:
            effects = (Say(f"{count(left, 'minute')} left until the planned end of this meeting."),)
    if step := ticked(now.meeting, at):
        now, effects = attrs.evolve(now, meeting=step.meeting), (*effects, *step.effects)
    return told_unasked(tree, now, effects, at, context)


def told_unasked(
    tree: Tree, now: Running, effects: Sequence[Effect], at: datetime, context: Context[MeetingsSettings]
) -> Decision:
    """Return a decision that nobody's message caused: its lines are delivered to every room, and logged once."""
    meeting = now.meeting
    for effect in effects:
        if isinstance(effect, Say) and not meeting.is_over:
            meeting = meeting.logged(Line(at, Speaker("", meeting.bot_nick or ""), effect.text, own=True))
    now = attrs.evolve(now, meeting=meeting)
    everywhere = tuple(rooms.target_of(name) for name in now.rooms)
    delivers = [Deliver("say", everywhere, effect.text) for effect in effects if isinstance(effect, Say)]
    delivers += [effect for effect in effects if isinstance(effect, Deliver)]
    decision = Decision((), (), deliver=tuple(delivers))
    if not _writes(effects):
        return attrs.evolve(decision, edits=now.edits(tree))
    written = _with_document(tree, now, decision, context.site)
    lines = [answer.text for answer in written.answers if isinstance(answer, Announce)]
    more = tuple(Deliver("say", everywhere, text) for text in lines)
    return attrs.evolve(written, answers=(), deliver=(*delivers, *more))


# Topics, people


def topics_of(now: Running, rank: int) -> Iterator[Topic]:
    """Yield the topic of a meeting for each of its rooms."""
    shown = now.meeting.shown_topic
    if shown is None:
        return
    for name in now.rooms:
        target = rooms.target_of(name)
        yield Topic(target.network, target.room, rank, lambda _beneath: shown)


def moved(now: Running, former: str, key: str) -> Running:
    """Return a meeting after a person got another key, because two accounts were linked."""
    known = now.meeting.people.by_key.get(former)
    if known is None:
        return now
    meeting = now.meeting.renamed(former, Speaker(key, known.nick))
    return attrs.evolve(now, meeting=meeting)


def places_of(now: Running, key: str) -> Iterator[tuple[str, ...]]:
    """Yield the places of a person's data in a running meeting."""
    base = ("running", now.place, "meeting")
    if key in now.meeting.people.by_key:
        yield (*base, "people", key)
    for number, row in now.meeting.log.items():
        if row.get("key") == key:
            yield from ((*base, "log", number, name) for name in ("text", "nick", "key"))
    for item in now.meeting.items.values():
        if item.key == key:
            yield (*base, "items", item.id)
    names = {key, *_names(now.meeting, key)}
    for name, state in now.meeting.extra.items():
        if _holds(state, names):
            # What names somebody in lists is dropped as a whole: a queue, an agenda, the corrected texts.
            yield (*base, "extra", name)
        elif name == CORRECTIONS:
            theirs = {number for number, row in now.meeting.log.items() if row.get("key") == key}
            yield from ((*base, "extra", name, "texts", number) for number in corrected_lines(now.meeting) & theirs)


def _names(meeting: Meeting, key: str) -> tuple[str, ...]:
    known = meeting.people.by_key.get(key)
    return (known.nick, *known.names) if known else ()


def _holds(value: object, names: Collection[str]) -> bool:
    """Say whether JSON has a name as a value or as a key."""
    if isinstance(value, Mapping):
        return any(_holds(key, names) or _holds(one, names) for key, one in value.items())
    if isinstance(value, list):
        return any(_holds(one, names) for one in value)
    return isinstance(value, str) and fold(value) in map(fold, names)
