"""Commands of operators: tracks, days, messages of the day, the whole document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from ptgbot.chat.commands import Decision, Fetch, Form, say
from ptgbot.chat.message import Reply
from ptgbot.chat.text import clean as squeezed
from ptgbot.chat.text import count, fold, listing, nearest, short
from ptgbot.chat.urls import safe_url
from ptgbot.gathering.colors import own_color
from ptgbot.gathering.document import WHOLE, partial, read_partial, reordered
from ptgbot.gathering.model import LEVELS, PER_TRACK, TRACK_NAME, WHOLE_SCREEN, Gathering, empty
from ptgbot.gathering.moderator import clean_edits
from ptgbot.gathering.registry import Call, command, drop, folded, no_track, put, track_named
from ptgbot.gathering.replacing import changes, contents, losses, unknown_key
from ptgbot.gathering.schedule import booking_code
from ptgbot.store.edits import Edit, same

LONGEST_MOTD = 1000
MOST_MOTD = 20
WAYS = ("", "check", "force")
"""What may stand behind the address of a document."""


@command(
    "list",
    Form.ADMIN,
    usage="~list",
    help="The names of all tracks.",
    example="~list",
    synonyms=("tracks", "ls"),
)
def list_tracks(gathering: Gathering, call: Call) -> Decision:
    """Answer with the names of all tracks."""
    names = gathering.tracks
    return say(f"{count(len(names), 'track')}: {' '.join(names)}" if names else "There are no tracks. ~add makes some.")


@command(
    "add",
    Form.ADMIN,
    usage="~add TRACK…",
    help="Add tracks, each with a colour of its own.",
    example="~add nova cinder",
    synonyms=("new", "create"),
)
def add(gathering: Gathering, call: Call) -> Decision:
    """Add tracks, or answer which name is refused and why."""
    names = list(dict.fromkeys(fold(word.removeprefix("#")) for word in call.arguments))
    if not names:
        return say("Which tracks? Type ~add and their names, such as ~add nova cinder.")
    if len(names) > 1 and all(word[0].isupper() for word in call.arguments):
        one = "-".join(names)
        return say(f"One track or {len(names)}? Type ~add {short(one, 60)}, or ~add {short(' '.join(names), 60)}.")
    for name in names:
        if not TRACK_NAME.fullmatch(name):
            return say(
                f"“{short(name, 50)}” can't name a track: letters a-z, digits, dots, dashes and underscores can, "
                "up to 50, the first a letter or digit. Nothing was added."
            )
        if name in call.words:
            return say(f"{name} is a word of the bot's own and can't name a track. Nothing was added.")
    new = [name for name in names if not gathering.has_track(name)]
    known = [name for name in names if gathering.has_track(name)]
    edits = [edit for name in new for edit in _add(gathering, name)]
    return Decision(edits, [Reply(_sentences(("Added: {}.", new), ("There already: {}.", known)))])


def _add(gathering: Gathering, name: str) -> list[Edit]:
    color = [] if name in gathering.per_track("colors") else put(gathering, "colors", name, value=own_color(name))
    return [*put(gathering, "tracks", name, value=True), *color]


def _sentences(*parts: tuple[str, Sequence[str]]) -> str:
    return " ".join(sentence.format(folded(names)) for sentence, names in parts if names)


@command(
    "del",
    Form.ADMIN,
    usage="~del TRACK…",
    help="Remove tracks with their topics, place, links and colour; their bookings stay.",
    example="~del cinder",
    synonyms=("remove", "delete", "rm"),
)
def delete(gathering: Gathering, call: Call) -> Decision:
    """Remove tracks and what belongs to them, except their bookings."""
    found = _known(gathering, call, "removed")
    if isinstance(found, Decision):
        return found
    edits = [
        edit
        for name in found
        for edit in (
            *drop(gathering, "tracks", name),
            *(edit for table in PER_TRACK for edit in drop(gathering, table, name)),
            *drop(gathering, "ptgbot", "now_since", name),
        )
    ]
    kept = [booking_code(room, slot) for room, slot, track in gathering.booked() if track in found]
    return Decision(edits, [Reply(_sentences(("Removed: {}.", found), ("Still booked: {}.", kept)))])


def _known(gathering: Gathering, call: Call, done: str) -> list[str] | Decision:
    """Return the named tracks, or the answer that says which name is unknown."""
    if not call.arguments:
        return say(f"Which tracks? Type ~{call.word} and their names, such as ~{call.word} nova cinder.")
    for word in call.arguments:
        if track_named(gathering, word) is None:
            return say(f"{no_track(gathering, word)} Nothing was {done}.")
    return list(dict.fromkeys(fold(word.removeprefix("#")) for word in call.arguments))


@command(
    "clean",
    Form.ADMIN,
    usage="~clean TRACK…",
    help="Remove what these tracks discuss now and next.",
    example="~clean nova cinder",
    aliases=("clear",),
)
def clean(gathering: Gathering, call: Call) -> Decision:
    """Remove the topics of tracks, now and next."""
    found = _known(gathering, call, "cleaned")
    if isinstance(found, Decision):
        return found
    edits = [edit for name in found for edit in clean_edits(gathering, name)]
    return Decision(edits, [Reply(f"Cleaned: {folded(found)}.")])


@command(
    "newday",
    Form.ADMIN,
    usage="~newday",
    help="Begin a day: all topics, typed places and check-ins are removed.",
    example="~newday",
)
def newday(gathering: Gathering, call: Call) -> Decision:
    """Remove all topics, typed locations and check-ins."""
    edits = [
        edit
        for at in (("now",), ("next",), ("location",), ("last_check_in",), ("ptgbot", "now_since"))
        for edit in put(gathering, *at, value={})
    ]
    if not edits:
        return say("There are no topics, typed places or check-ins to remove.")
    return Decision(
        edits, [Reply("A new day: topics, typed places and check-ins are removed. ~undo brings them back.")]
    )


@command(
    "motd",
    Form.ADMIN,
    usage="~motd add LEVEL TEXT | del N | clean | reorder X Y…",
    help="Messages at the top of the page. LEVEL is info, success, warning, danger, or danger! to fill wall screens.",
    example="~motd add warning lunch is late today",
    synonyms=("message", "announce", "news"),
)
def motd(gathering: Gathering, call: Call) -> Decision:
    """Add, remove or reorder messages of the day."""
    word, _, rest = call.argument.partition(" ")
    changes_by_word = {
        "add": _motd_add,
        "del": _motd_del,
        "clean": _motd_clean,
        "clear": _motd_clean,
        "reorder": _motd_reorder,
    }
    change = changes_by_word.get(fold(word))
    if change is None:
        near = nearest(word, changes_by_word)
        hint = f" Did you mean ~motd {near[0]}?" if near else ""
        return say(f"What about the messages?{hint} Type ~motd add LEVEL TEXT, del N, clean, or reorder X Y…")
    return change(gathering, rest.strip())


def _motd(gathering: Gathering) -> list[dict[str, str]]:
    """Return the messages as they are stored, with keys that we do not know."""
    return [dict(item) for item in cast("list[dict[str, str]]", gathering.tree["motd"])]


def _motd_put(gathering: Gathering, items: Sequence[dict[str, str]], answer: str) -> Decision:
    return Decision(put(gathering, "motd", value=[dict(item) for item in items]), [Reply(answer)])


def _motd_add(gathering: Gathering, rest: str) -> Decision:
    typed, _, text = rest.partition(" ")
    level, whole = _level(typed)
    if level not in LEVELS or not text:
        return say(f"Type ~motd add, then {listing(LEVELS, last='or')}, then the message.")
    items = _motd(gathering)
    if len(text) > LONGEST_MOTD or len(items) >= MOST_MOTD:
        return say(f"A message has at most {LONGEST_MOTD} characters, and there are at most {MOST_MOTD} of them.")
    return _motd_put(
        gathering,
        [*items, {"level": level, "message": text, **whole}],
        f"Message {len(items) + 1} is on the page{' and fills the screens on walls' if whole else ''}.",
    )


def _level(typed: str) -> tuple[str, dict[str, str]]:
    """Return a typed level, and the key of a message that ``danger!`` adds to it."""
    whole = fold(typed) == "danger!"
    return ("danger", {"screen": WHOLE_SCREEN}) if whole else (fold(typed), {})


def _motd_del(gathering: Gathering, rest: str) -> Decision:
    items = _motd(gathering)
    numbers = _numbers(rest, len(items))
    if len(numbers) != 1:
        return say(_which(items, "~motd del N"))
    gone = items.pop(numbers[0] - 1)
    return _motd_put(gathering, items, f"Removed: “{short(gone['message'])}”.")


def _motd_clean(gathering: Gathering, rest: str) -> Decision:
    if rest:
        return say("~motd clean takes nothing behind it; ~motd del N removes one message.")
    return _motd_put(gathering, [], "All messages of the day are removed.")


def _motd_reorder(gathering: Gathering, rest: str) -> Decision:
    items = _motd(gathering)
    numbers = _numbers(rest, len(items))
    if not numbers or len(set(numbers)) != len(numbers):
        return say(f"{_which(items, '~motd reorder X Y…')} Each number at most once; messages not named are removed.")
    kept = [items[number - 1] for number in numbers]
    return _motd_put(gathering, kept, f"The page shows {count(len(kept), 'message')} in that order.")


def _numbers(text: str, limit: int) -> list[int]:
    """Return the numbers in a text, none if it holds anything else or a number out of range."""
    words = text.split()
    if not all(word.isascii() and word.isdigit() and len(word) < 9 for word in words):
        return []
    numbers = [int(word) for word in words]
    return numbers if all(1 <= number <= limit for number in numbers) else []


def _which(items: Sequence[dict[str, str]], usage: str) -> str:
    shown = " ".join(f"{n}: {short(item['message'], 30)};" for n, item in enumerate(items, 1))
    return f"Type {usage}. {'There are ' + shown if items else 'There are no messages now.'}"


@command(
    "emptydb",
    Form.ADMIN,
    usage="~emptydb [EVENTID]",
    help="Back to an empty gathering: without EVENTID it says what would be removed.",
    example="~emptydb spring26",
)
def emptydb(gathering: Gathering, call: Call) -> Decision:
    """Remove everything."""
    fresh = empty()
    edits = [edit for key in gathering.tree if key not in fresh for edit in drop(gathering, key)]
    edits += [edit for key, value in fresh.items() for edit in put(gathering, key, value=value)]
    if not edits:
        return say("The gathering is empty already.")
    name = gathering.eventid or "everything"
    if fold(call.argument) != fold(name):
        dropped = contents(gathering) or "its settings"
        return say(f"This would remove {dropped}. Nothing was changed; type ~emptydb {short(name, 60)} to do it.")
    return Decision(edits, [Reply("The gathering is empty. ~undo brings it back.")])


@command(
    "fetchdb",
    Form.ADMIN,
    usage="~fetchdb URL [check|force]",
    help="Load a JSON document: each of its top-level keys replaces ours. What drops bookings or topics needs force; "
    "check only says what would change.",
    example="~fetchdb https://paste.example.org/raw/ptg.json check",
)
def fetchdb(gathering: Gathering, call: Call) -> Decision:
    """Request a document; called again with the document, replace the top-level keys that it has."""
    url, _, typed = call.argument.partition(" ")
    way, named = fold(typed), short(url, 100)
    if call.fetched is None:
        if safe_url(url) is None or not url.startswith(("http://", "https://")):
            return say("Which document? Type ~fetchdb and an address that begins with https:// or http://.")
        if way not in WAYS:
            return say("Behind the address, check only says what would change; force drops bookings and topics too.")
        return Decision(ask=Fetch(url, read_partial))
    error = call.fetched.error or unknown_key(call.fetched.value, gathering)
    if error:
        return say(f"{named} was not loaded: {short(squeezed(error), 200)} Nothing was changed.")
    given = partial(call.fetched.value, gathering)
    edits = [edit for key, value in given.items() for edit in put(gathering, key, value=value)]
    moved = [key for key in given if key in WHOLE and reordered(gathering.tree, given, key)]
    edits += [Edit((key,), gathering.tree[key], given[key]) for key in moved if same(gathering.tree[key], given[key])]
    if not edits:
        return say(f"Loaded {named}; everything in it is as it was.")
    changed, dropped = changes(edits), losses(gathering, Gathering({**gathering.tree, **given}))
    if way == "check":
        drops = f"; it would drop {dropped}" if dropped else ""
        return say(f"{named} would change: {changed}{drops}. Nothing was changed.")
    if dropped and way != "force":
        return say(f"{named} would drop {dropped}. Nothing was changed; with force behind it, it is loaded.")
    lost = f" Dropped: {dropped}." if dropped else ""
    return Decision(edits, [Reply(f"Loaded {named}; changed: {changed}.{lost} ~undo takes it back.")])


@command(
    "requirevoice",
    Form.ADMIN,
    usage="~requirevoice",
    help="From now on track commands need +v or moderator rights.",
    example="~requirevoice",
)
def requirevoice(gathering: Gathering, call: Call) -> Decision:
    """Restrict track commands to voiced people."""
    return Decision(put(gathering, "voice", value=1), [Reply("Track commands now need +v or moderator rights.")])


@command(
    "alloweveryone",
    Form.ADMIN,
    usage="~alloweveryone",
    help="From now on everybody may use track commands.",
    example="~alloweveryone",
)
def alloweveryone(gathering: Gathering, call: Call) -> Decision:
    """Allow track commands to everybody."""
    return Decision(put(gathering, "voice", value=0), [Reply("Everybody may use track commands now.")])


@command(
    "moderator",
    Form.ADMIN,
    usage="~moderator add NAME [#TRACK…] | del NAME | list",
    help="Name people, by services account or Matrix id, who count as moderators, of these tracks or of all.",
    example="~moderator add mira #nova #cinder",
    synonyms=("mod", "op", "chair"),
)
def moderator(gathering: Gathering, call: Call) -> Decision:
    """Add, remove or list people who are moderators by their account."""
    word, *names = call.arguments or [""]
    if fold(word) == "list" and not names:
        return say(_moderators(gathering))
    if fold(word) == "add" and names:
        return _moderator_add(gathering, *names)
    if fold(word) == "del" and len(names) == 1:
        return _moderator_del(gathering, names[0])
    return say("Type ~moderator add NAME [#TRACK…], ~moderator del NAME, or ~moderator list.")


def _moderator_add(gathering: Gathering, name: str, *typed: str) -> Decision:
    if name.startswith("#"):
        return say(f"Who? The name comes first: type ~moderator add NAME {short(name, 50)}.")
    for word in typed:
        if track_named(gathering, word) is None:
            return say(f"{no_track(gathering, word)} Nobody was named.")
    tracks = sorted({fold(word.removeprefix("#")) for word in typed})
    whose = listing(f"#{track}" for track in tracks) if tracks else "all tracks"
    edits = put(gathering, "ptgbot", "moderators", fold(name), value=list(tracks))
    return Decision(edits, [Reply(f"Whoever has the account {short(name)} counts as a moderator of {whose}.")])


def _moderator_del(gathering: Gathering, name: str) -> Decision:
    edits = drop(gathering, "ptgbot", "moderators", fold(name))
    if not edits:
        return say(f"{short(name)} is not named as a moderator. {_moderators(gathering)}")
    return Decision(edits, [Reply(f"{short(name)} no longer counts as a moderator by name.")])


def _moderators(gathering: Gathering) -> str:
    named = [f"{name} ({' '.join(tracks) or 'all'})" for name, tracks in sorted(gathering.moderators.items())]
    return f"Moderators by name: {folded(named)}." if named else "Nobody is named as a moderator."
