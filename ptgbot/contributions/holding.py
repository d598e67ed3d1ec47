"""``ptgbot stats me``: everything that is held about people, as JSON, for somebody who asks for their own data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from attrs import define, field

from ptgbot.contributions.about import spoken
from ptgbot.contributions.engine import Engine, Row, Value
from ptgbot.contributions.masking import Wishes, masked, names_of
from ptgbot.contributions.model import EARLIEST, LATEST, Period, Person, Register, folded
from ptgbot.contributions.page_names import PATH, Faces, page_of, without_addresses
from ptgbot.contributions.page_store import looked_at
from ptgbot.contributions.people_files import load_corrections
from ptgbot.contributions.refreshing import opened, register_of
from ptgbot.contributions.settings import StatsSettings
from ptgbot.contributions.wishes import wishes_of
from ptgbot.feature import BulkCommand
from ptgbot.store.edits import Json

_TOGETHER: Final = 1_000
"""Facts that are in memory at a time."""
HELD: Final[Mapping[str, Sequence[str]]] = {
    "commits": (
        *("repository", "sha", "position", "authored", "committed", "added", "deleted", "files", "renames", "subject"),
    ),
    "changes": ("repository", "change", "branch", "status", "subject", "created", "updated", "merged"),
    "patch_sets": ("repository", "change", "patch_set", "created"),
    "votes": ("repository", "change", "patch_set", "label", "score", "moment", "on_own_change"),
    "comments": ("repository", "change", "patch_set", "moment", "on_own_change"),
    "messages": ("list", "message_id", "subject", "track", "moment"),
    "talks": ("record", "kind", "track", "moment"),
}
"""What the columns of the answers in ``queries/held`` are called."""
_MOMENTS: Final = frozenset({"authored", "committed", "created", "updated", "merged", "moment"})
_SOURCES: Final = frozenset({"repository", "list"})


@define
class _Held:
    """A person of whom something is held."""

    person: Person
    identities: list[tuple[str, str, str]] = field(factory=list)
    """Account, name and address, as facts have them."""


def me(settings: StatsSettings, folder: Path, arguments: Sequence[str] = ()) -> Iterator[str]:
    """Print what is held about addresses, accounts or ids, and about other addresses of the same people.

    Args:
        settings: the settings.
        folder: the folder of the feature's bulk storage.
        arguments: addresses, accounts such as ``gerrit:mira``, or ids of the list of people.

    Raises:
        ValueError: nobody is named, or the database or a file about people cannot be used.
        OSError: a file cannot be read.
    """
    asked = [*dict.fromkeys(map(folded, arguments))]
    if not asked:
        raise ValueError("say whose: an address, an account such as gerrit:mira, or an id of the list of people.")
    with opened(settings, folder) as engine:
        yield from _printed(engine, settings, folder, asked)


def _printed(engine: Engine, settings: StatsSettings, folder: Path, asked: Sequence[str]) -> Iterator[str]:
    """Yield the lines of the answer, so that no more than some facts are in memory."""
    register, named, wishes = register_of(settings), engine.rows("authors"), wishes_of(settings, folder)
    found = _held(register, named, asked)
    listed: list[Json] = [one for one in asked if wishes.hidden.place(one) is not None]
    if not found and not listed:
        yield f"Nothing is held about {' and '.join(asked)}."
        return
    corrections = load_corrections(settings.corrections) if settings.corrections else ()
    seen = masked(register, named, corrections, wishes)
    yield f'{{"asked": {_json([*asked])}, "on_the_list_of_hidden_people": {_json(listed)},'
    yield '"people": ['
    yield from _separated(_json(_told(one, register, seen, wishes, folder)) for one in found)
    for kind in HELD:
        yield f'], "{kind}": ['
        yield from _separated(_json(fact) for one in found for fact in _facts(engine, kind, one.identities))
    yield "]}"


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _separated(texts: Iterable[str]) -> Iterator[str]:
    """Yield the elements of a list, each with a comma if another one follows."""
    before = None
    for text in texts:
        if before is not None:
            yield f"{before},"
        before = text
    if before is not None:
        yield before


def _held(register: Register, named: Iterable[Row], asked: Sequence[str]) -> Sequence[_Held]:
    """Return the people whom the asked names lead to, with everything by which facts name them."""
    wanted = set(asked)
    people = {one.id: _Held(one) for one in register.people if not wanted.isdisjoint(map(folded, names_of(one)))}
    identities = [(str(row[0]), str(row[1]), str(row[2])) for row in named]
    resolved = [(one, register.person(one[1], one[2], one[0])) for one in identities]
    for (account, _, email), person in resolved:
        if not wanted.isdisjoint(map(folded, filter(None, (account, email)))):
            people.setdefault(person.id, _Held(person))
    for identity, person in resolved:
        if person.id in people:
            people[person.id].identities.append(identity)
    return [people[key] for key in sorted(people)]


def _told(held: _Held, register: Register, seen: Register, wishes: Wishes, folder: Path) -> Json:
    """Return what is known of a person, and how the pages show them."""
    person = held.person
    mask = seen.masks.by_id.get(person.id)
    key, name = (mask.id, mask.name) if mask else (person.id, person.name)
    faces = Faces({key: name}, wishes.key)
    return {
        "id": person.id,
        "name": person.name,
        "file": register.source.name if register.source else None,
        "known_by": [_known_by(identity, register) for identity in held.identities],
        "employers": [_employer(one, register.line(one.place)) for one in register.periods(person)],
        "hidden": bool(mask and mask.is_hidden),
        "punch_card": key in seen.masks.punch_cards,
        "shown_as": {"id": faces.segment(key), "name": faces.name(key)},
        "pages": _pages(folder, faces.segment(key)),
    }


def _known_by(identity: tuple[str, str, str], register: Register) -> Json:
    """Return by what facts name a person, and the rule that leads from there to the person."""
    account, name, email = identity
    mapped = register.mailmap.applied(name, email)
    rule, entry = "the list of people has the address", register.known(mapped[1])
    if entry is None:
        rule = "the list of people has the account"
        entry = next((one for one in register.people if account and account in names_of(one)), None)
    told: dict[str, Json] = {
        "account": account,
        "name": name,
        "address": email,
        "rule": rule if entry else "the list of people has no such address or account",
        "line": (register.line(entry.place) or None) if entry else None,
    }
    return told if mapped == (name, email) else {**told, "mailmap": [*mapped]}


def _employer(period: Period, line: int) -> Json:
    return {
        "name": period.name,
        "since": None if period.begin == EARLIEST else _moment(period.begin),
        "until": None if period.end == LATEST else _moment(period.end),
        "rule": period.rule,
        "line": line or None,
    }


def _pages(folder: Path, segment: str) -> Json:
    """Return the files of the site that show a person, by their addresses below the site."""
    with looked_at(folder) as store:
        return [*sorted(f"{PATH}/{page_of(key)}" for key in store.naming(segment))]


def _facts(engine: Engine, kind: str, identities: Sequence[tuple[str, str, str]]) -> Iterator[Json]:
    for identity in identities:
        start = 0
        while rows := engine.rows(f"held/{kind}", *identity, _TOGETHER, start):
            for row in rows:
                yield {name: _cell(name, value) for name, value in zip(HELD[kind], row, strict=True)}
            start += len(rows)


def _cell(name: str, value: Value) -> Json:
    """Return a value of a fact: moments as dates, texts without anybody's address, sources without secrets."""
    if name in _MOMENTS:
        return None if value is None else _moment(int(str(value)))
    if name in _SOURCES:
        return spoken(str(value))
    return without_addresses(str(value)) if name == "subject" else value


def _moment(seconds: int) -> str | int:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError, OSError):
        return seconds


HOLDING: Final = (
    BulkCommand[StatsSettings]("me", "print everything that is held about a person: CONFIG ADDRESS…", me),
)
