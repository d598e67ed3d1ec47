"""How the gathering's commands are written down, and what every command asks first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from ptgbot.chat.commands import ROLES, Command, Decision, Form, say
from ptgbot.chat.commands import Call as AnyCall
from ptgbot.chat.message import Role
from ptgbot.chat.text import fold, listing, nearest, short
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
    """Make a command of the decorated function, which gets the gathering instead of its tree."""

    def made(decide: Callable[[Gathering, Call], Decision]) -> GatheringCommand:
        def on_tree(tree: Tree, call: Call) -> Decision:
            return decide(Gathering(tree), call)

        return Command(name, form, ROLES[form], usage, help, example, on_tree, aliases, synonyms)

    return made


def calendar(gathering: Gathering, call: Call) -> Calendar:
    """Return the calendar at the moment of the call."""
    return Calendar.of(gathering, call.at, call.settings.timezone)


def put(gathering: Gathering, *at: str, value: Json) -> list[Edit]:
    """Return the edit that puts a value somewhere; nothing if it stands there already."""
    was = get(gathering.tree, at)
    return [] if same(was, value) else [Edit(at, was, value)]


def drop(gathering: Gathering, *at: str) -> list[Edit]:
    """Return the edit that removes what stands somewhere; nothing if nothing does."""
    was = get(gathering.tree, at)
    return [] if was is ABSENT else [Edit(at, was, ABSENT)]


def track_named(gathering: Gathering, typed: str) -> str | None:
    """Return the track that somebody means, with or without ``#`` and whatever its case."""
    name = fold(typed.removeprefix("#"))
    return name if gathering.has_track(name) else None


def no_track(gathering: Gathering, typed: str) -> str:
    """Return the sentence for a name that no track has, with the nearest names."""
    name = short(typed.removeprefix("#"), 50)
    near = nearest(name, gathering.tracks)
    if near:
        return f"There is no track {name}. Did you mean {listing(('#' + n for n in near), last='or')}?"
    return f"There is no track {name}; +tracks lists them."


def may_moderate(gathering: Gathering, call: Call, track: str) -> str | None:
    """Return why somebody may not use track commands; None where they may."""
    message = call.message
    if message.role >= Role.ADMIN or _named(gathering, message.person.account, track):
        return None
    if call.settings.account_required and not message.person.account:
        return (
            f"Changing #{track} needs a services account here: identify with the network's services and type it again."
        )
    if gathering.voice_required and message.role < Role.MODERATOR:
        where = message.room.name
        return f"Changing #{track} needs +v or moderator rights in {where} now; an operator there can give you those."
    return None


def _named(gathering: Gathering, account: str | None, track: str) -> bool:
    """Say whether the account that the server vouched for stands in the list of moderators."""
    if not account:
        return False
    tracks = gathering.moderators.get(fold(account))
    return tracks is not None and (not tracks or track in tracks)


def track_state(gathering: Gathering, when: Calendar, track: str) -> str:
    """Return what a track does, in one line."""
    now, following = gathering.now(track), gathering.next(track)
    parts = [f"#{track}: now {now}" if now else f"#{track}: nothing now"]
    if following:
        parts.append("next " + " · ".join(following))
    where = when.location(track)
    if where:
        parts.append(f"in {where}")
    return ", ".join(parts) + "."


def shown(call: Call, text: str, page: str = "") -> Decision:
    """Answer a line and the page of the site that shows it all."""
    return say(f"{text} – {call.site}{page}" if call.site else text)


def clock(at: datetime, when: Calendar) -> str:
    """Return a time as the gathering's clock shows it; with the day where it is not today."""
    local, today = at.astimezone(when.zone), when.at.astimezone(when.zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%a %-d %b %H:%M}"


def folded(pairs: Iterable[str], limit: int = 350, more: str = "") -> str:
    """Return pieces joined with commas, as many as fit into ``limit`` characters, then how many are left out."""
    shown: list[str] = []
    pieces = list(pairs)
    for piece in pieces:
        if shown and sum(len(one) + 2 for one in shown) + len(piece) > limit:
            break
        shown.append(piece)
    left = len(pieces) - len(shown)
    return ", ".join(shown) + (f" … and {left} more" if left else "") + more
