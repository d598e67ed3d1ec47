"""The decorator that defines the gathering's commands, and functions that many commands need."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from ptgbot.chat.commands import ROLES, Command, Decision, Form, say
from ptgbot.chat.commands import Call as AnyCall
from ptgbot.chat.message import Role
from ptgbot.chat.text import fold, listing, nearest, short
from ptgbot.gathering.fullness import said_of
from ptgbot.gathering.model import Gathering
from ptgbot.gathering.schedule import Calendar
from ptgbot.gathering.settings import GatheringSettings
from ptgbot.store.edits import ABSENT, Edit, Json, Tree, get, same

Call = AnyCall[GatheringSettings]
GatheringCommand = Command[GatheringSettings]


def command(
    name: str,
    form: Form,
    *,
    usage: str,
    help: str,  # noqa: A002 - what users call it
    example: str,
    aliases: tuple[str, ...] = (),
    synonyms: tuple[str, ...] = (),
) -> Callable[[Callable[[Gathering, Call], Decision]], GatheringCommand]:
    """Return a decorator that makes a command of a function. The function gets the gathering instead of its tree."""

    def made(decide: Callable[[Gathering, Call], Decision]) -> GatheringCommand:
        def on_tree(tree: Tree, call: Call) -> Decision:
            return decide(Gathering(tree), call)

        return Command(name, form, ROLES[form], usage, help, example, on_tree, aliases, synonyms)

    return made


def calendar(gathering: Gathering, call: Call) -> Calendar:
    """Return the calendar at the moment of the call."""
    return Calendar.of(gathering, call.at, call.settings.timezone)


def put(gathering: Gathering, *at: str, value: Json) -> list[Edit]:
    """Return the edit that sets the value at a place, no edit if the value is there already."""
    was = get(gathering.tree, at)
    return [] if same(was, value) else [Edit(at, was, value)]


def drop(gathering: Gathering, *at: str) -> list[Edit]:
    """Return the edit that removes the value at a place, no edit if there is none."""
    was = get(gathering.tree, at)
    return [] if was is ABSENT else [Edit(at, was, ABSENT)]


def track_named(gathering: Gathering, typed: str) -> str | None:
    """Return the track with a typed name, with or without ``#`` and in any case; None if there is none."""
    name = fold(typed.removeprefix("#"))
    return name if gathering.has_track(name) else None


def no_track(gathering: Gathering, typed: str) -> str:
    """Return the sentence for an unknown track, with similar names."""
    name = short(typed.removeprefix("#"), 50)
    near = nearest(name, gathering.tracks)
    if near:
        return f"There is no track {name}. Did you mean {listing(('#' + n for n in near), last='or')}?"
    return f"There is no track {name}; +tracks lists them."


def no_day(when: Calendar, typed: str) -> str:
    """Return the answer to a name that is no day of the schedule, with the names of the days."""
    names = listing((day.name for day in when.days), none="none yet")
    return f"There is no day {short(typed)}. The days are {names}."


def of_track(gathering: Gathering, call: Call, tell: Callable[[str], str], page: str = "") -> Decision:
    """Return the decision that answers a question about the track in the argument, if there is such a track."""
    track = track_named(gathering, call.argument)
    if track is None:
        return say(no_track(gathering, call.argument))
    return shown(call, tell(track), page)


def may_moderate(gathering: Gathering, call: Call, track: str) -> str | None:
    """Return a sentence that says why the sender may not use commands of this track, None if they may."""
    message = call.message
    if message.role >= Role.ADMIN or any(_named(gathering, one, track) for one in message.person.accounts):
        return None
    if call.settings.account_required and not message.person.accounts:
        return (
            f"Changing #{track} needs a services account here: identify with the network's services and type it again."
        )
    if gathering.voice_required and message.role < Role.MODERATOR:
        where = message.room.name
        return f"Changing #{track} needs +v or moderator rights in {where} now; an operator there can give you those."
    return None


def _named(gathering: Gathering, account: str, track: str) -> bool:
    """Say whether an account is in the list of moderators of this track."""
    tracks = gathering.moderators.get(fold(account))
    return tracks is not None and (not tracks or track in tracks)


def track_state(gathering: Gathering, when: Calendar, track: str) -> str:
    """Return the topics and the location of a track in one line."""
    now, following = gathering.now(track), gathering.next(track)
    parts = [f"#{track}: now {now}" if now else f"#{track}: nothing now"]
    if following:
        parts.append("next " + " · ".join(following))
    where = when.location(track)
    if where:
        parts.append(f"in {where}{said_of(gathering, where, when.at)}")
    return ", ".join(parts) + "."


def place_of(when: Calendar, track: str) -> str:
    """Return the sentence that tells where a track is, or where it will be next."""
    where, day = when.location(track), when.today
    on = f"on {day.name}" if day and day.date and day.date != when.at.astimezone(when.zone).date() else "today"
    if where is None:
        return f"#{track} has no room {on}."
    return f"#{track} is in {where}." if _is_there(when, track) else f"#{track} meets in {where} {on}."


def _is_there(when: Calendar, track: str) -> bool:
    """Say whether a track is at its location now: because somebody said so, or because a slot of it runs."""
    typed = when.gathering.per_track("location").get(track)
    return bool(typed) or any(when.rooms_of(track, slot) for slot in when.current)


def shown(call: Call, text: str, page: str = "") -> Decision:
    """Return a decision that answers a line, with the address of the page that shows more."""
    return say(f"{text} – {call.site}{page}" if call.site else text)


def clock(at: datetime, when: Calendar) -> str:
    """Return a time as the gathering's clock shows it, with the day unless it is today."""
    local, today = at.astimezone(when.zone), when.at.astimezone(when.zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%a %-d %b %H:%M}"


def folded(pairs: Iterable[str], limit: int = 350, more: str = "") -> str:
    """Join texts with commas up to ``limit`` characters, followed by the number of those left out."""
    shown: list[str] = []
    pieces = list(pairs)
    for piece in pieces:
        if shown and sum(len(one) + 2 for one in shown) + len(piece) > limit:
            break
        shown.append(piece)
    left = len(pieces) - len(shown)
    return ", ".join(shown) + (f" … and {left} more" if left else "") + more
