"""Accounts of one person on two networks: ``+link`` joins them, and every feature then knows one person.

Somebody asks for a code in a private chat on one network, and types it in a private chat on the other. From then on
lines of either account come from the same person, whose key is the Matrix id. Links are in the core's own part of the
state. Codes are only in memory.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

import attrs
from attrs import define, field, frozen

from ptgbot.chat.casemapping import casefolded, known
from ptgbot.chat.message import Message, Person
from ptgbot.store.edits import ABSENT, Edit, Json, Tree

LINKS: Final = "links"
"""The table in the core's own part of the state: an entry for each linked account."""
ALPHABET: Final = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""Signs of a code, without those that look alike."""
LENGTH: Final = 10
"""Signs of a code: 49 bits."""
LIFETIME: Final = timedelta(minutes=10)
"""Time in which a code must be typed."""
MOST_TRIES: Final = 5
"""Codes that one account may ask for, and wrong codes that it may type, within ``LIFETIME``."""
MOST_CODES: Final = 1000
"""Codes that can be open at once."""
_TYPED: Final = re.compile(r"^((?:\S+[:,]\s+)?[+!]?link[:,]?\s+)\S.*$", re.IGNORECASE | re.DOTALL)


@frozen
class Identity:
    """An account that a server vouched for."""

    network: str
    account: str
    """Services account in the case that compares, or Matrix id."""
    key: str
    """Key of the person, before any link."""
    nick: str

    @property
    def place(self) -> str:
        """The key of its entry in the table of links."""
        return f"{self.network} {self.account}"

    @property
    def shown(self) -> str:
        """Its name for people."""
        return f"{self.account} on {self.network}"


def identity_of(message: Message) -> Identity | None:
    """Return the account that a line came from, None if the server vouched for none."""
    person = message.person
    if not person.account or person.bridged:
        return None
    account = casefolded(person.account, known(person.casemapping))
    return Identity(message.room.network, account, person.key, person.nick)


def linked_person(own: Tree, network: str, person: Person) -> Person:
    """Return the person to whom an account is linked, the same person without a link.

    Args:
        own: the core's own part of the state.
        network: the network on which the person was heard.
        person: the person as the adapter tells.
    """
    links = _links(own)
    if not links or not person.account or person.bridged:
        return person
    entry = links.get(f"{network} {casefolded(person.account, known(person.casemapping))}")
    if entry is None:
        return person
    return attrs.evolve(person, key=entry["person"], linked=entry["other"].partition(" ")[2])


def link_of(own: Tree, identity: Identity) -> str | None:
    """Return the other account of a link for people, None if there is no link."""
    entry = _links(own).get(identity.place)
    if entry is None:
        return None
    network, _, account = entry["other"].partition(" ")
    return f"{account} on {network}"


def linked(one: Identity, other: Identity) -> tuple[list[Edit], str]:
    """Return the edits that link two accounts, and the key of the person from now on: that of Matrix if one is."""
    key = next((each.key for each in (one, other) if each.key.startswith("@")), one.key)
    pairs = ((one, other), (other, one))
    edits = [Edit((LINKS, a.place), ABSENT, _entry(a, b, key)) for a, b in pairs]
    return edits, key


def _entry(mine: Identity, other: Identity, key: str) -> Json:
    return {"person": key, "key": mine.key, "other": other.place}


def unlinked(own: Tree, identity: Identity) -> list[Edit]:
    """Return the edits that end the link of an account, none if there is none."""
    links = _links(own)
    entry = links.get(identity.place)
    places = [identity.place, entry["other"]] if entry else []
    return [Edit((LINKS, place), cast("Json", links[place]), ABSENT) for place in places if place in links]


@frozen
class Traces:
    """The places of a person in the table of links, and all keys under which the person was known."""

    places: tuple[tuple[str, ...], ...]
    keys: tuple[str, ...]


def traces(own: Tree, person: Person, past: Iterable[Edit]) -> Traces:
    """Return the traces that links have left of a person.

    Args:
        own: the core's own part of the state.
        person: the person.
        past: the edits of the core's own part on record, which may tell of links that have ended.
    """
    found = {place: entry for place, entry in _links(own).items() if entry["person"] == person.key}
    keys = dict.fromkeys([*(entry["key"] for entry in found.values()), person.key])
    ended = (
        edit.at[1]
        for edit in past
        for entry in (edit.was, edit.now)
        if edit.at[:1] == (LINKS,) and isinstance(entry, dict) and keys.keys() & {entry["person"], entry["key"]}
    )
    return Traces(tuple((LINKS, place) for place in dict.fromkeys([*found, *ended])), tuple(keys))


def _links(own: Tree) -> Mapping[str, Mapping[str, Any]]:
    return cast("Mapping[str, Mapping[str, Any]]", own.get(LINKS) or {})


def without_code(message: Message) -> Message:
    """Return a message without the code behind ``link``, which no file and no feature may get."""
    named = message.said is not None
    line = message.text if message.said is None else message.said
    shown = _redacted(line, bare=message.direct)
    return message if shown == line else attrs.evolve(message, text=shown, said=shown if named else None)


def _redacted(text: str, *, bare: bool) -> str:
    """Return a line without the code behind ``link``; ``bare`` says whether that word needs no sign here."""
    found = _TYPED.match(text) if "link" in text.lower() else None
    is_command = found and (bare or found[1].strip().lower().strip(":,") != "link")
    return f"{found[1]}…" if found and is_command else text


@define
class _Tries:
    """How often accounts have done something lately."""

    times: dict[str, deque[datetime]] = field(factory=dict)

    def exceeds(self, who: str, at: datetime) -> bool:
        """Count one more try of an account. Return whether it has had too many."""
        self.times = {name: kept for name, kept in self.times.items() if kept[-1] > at - LIFETIME}
        mine = self.times.setdefault(who, deque(maxlen=MOST_TRIES + 1))
        mine.append(at)
        return sum(1 for one in mine if one > at - LIFETIME) > MOST_TRIES


@frozen
class _Open:
    """A code that was told to somebody."""

    code: str
    by: Identity
    until: datetime


@define(eq=False)
class Codes:
    """The open codes. They are single-use, short-lived and lost with a restart."""

    _open: list[_Open] = field(factory=list, repr=False)
    _asked: _Tries = field(factory=_Tries, repr=False)
    _wrong: _Tries = field(factory=_Tries, repr=False)

    def issue(self, by: Identity, at: datetime) -> str | None:
        """Return a new code for an account, None if it asks too often. Its former code ends."""
        self._open = [one for one in self._open if one.until > at and one.by.place != by.place]
        if self._asked.exceeds(by.place, at) or len(self._open) >= MOST_CODES:
            return None
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        self._open.append(_Open(code, by, at + LIFETIME))
        return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"

    def redeem(self, typed: str, by: Identity, at: datetime) -> Identity | str:
        """Return the account that asked for a code, or a sentence that says why the code does not count.

        A right code ends, whatever comes of it.
        """
        if self._wrong.exceeds(by.place, at):
            return "That were too many codes. Please wait ten minutes, and ask for a new one."
        found = self.end(typed, at)
        if found is None:
            return "I don't know that code. Codes count once, and for ten minutes: type +link to get one."
        if found.network == by.network:
            return f"That code is for another network than {by.network}. It has ended; +link gives a new one."
        self._wrong.times.pop(by.place, None)
        return found

    def end(self, typed: str, at: datetime) -> Identity | None:
        """End the code that somebody typed, and return the account that asked for it, None if there is no such code."""
        given = "".join(typed.upper().split()).replace("-", "").encode()
        self._open = [one for one in self._open if one.until > at]
        # All are compared, each in constant time, so that the time tells nothing about them.
        matching = [one for one in self._open if hmac.compare_digest(one.code.encode(), given)]
        self._open = [one for one in self._open if one not in matching]
        return matching[0].by if matching else None


def addresses(own: Tree, key: str, last: Mapping[str, str]) -> Sequence[str]:
    """Return the keys under which a person can be reached, the first choice first: where they typed last.

    Args:
        own: the core's own part of the state.
        key: key of the person.
        last: keys under which linked people typed last, by their keys.
    """
    typed = last.get(key)
    is_linked = typed and any(entry["person"] == key for entry in _links(own).values())
    return (typed, key) if typed and is_linked and typed != key else (key,)
