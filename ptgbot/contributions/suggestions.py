"""Addresses that seem to belong to people in the list, each with the reasons. Pure; nothing is merged by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import define, field, frozen

from ptgbot.chat.text import clean, short
from ptgbot.contributions.likeness import forge_account, is_whole, local_part, look_of, name_key
from ptgbot.contributions.mailmap import Mailmap
from ptgbot.contributions.model import ASSISTANTS, ROBOTS, Person, Register, folded

_LONGEST: Final = 254
"""Most characters of an address (RFC 5321 section 4.5.3.1.3)."""
_SHOWN: Final = 60


@frozen
class Seen:
    """Somebody as a fact names them."""

    account: str
    """Such as ``gerrit:mira``; empty for commits and messages."""
    name: str
    email: str


@frozen
class Suggestion:
    """An address that seems to belong to somebody in the list."""

    person: Person
    email: str
    commits: int
    """How many commits would count for the person."""
    reasons: Sequence[str]


@frozen
class Suggested:
    """All suggestions, those with the most commits first, and what looks wrong."""

    suggestions: Sequence[Suggestion]
    warnings: Sequence[str]


def suggested(
    register: Register, seen: Iterable[Seen], commits: Mapping[str, int], mailmaps: Mapping[str, Mailmap]
) -> Suggested:
    """Return which unknown addresses seem to belong to whom.

    A name of one word alone is no reason. Nobody in the list is merged with anybody else in it, and robots are left
    alone. An address that seems to belong to several people is a warning.

    Args:
        register: people and organisations.
        seen: everybody whom a fact names.
        commits: in how many commits each address has a part, by addresses as :func:`folded` returns them.
        mailmaps: the ``.mailmap`` of each repository that has one.
    """
    known = _Known(register)
    strangers: dict[str, list[Seen]] = defaultdict(list)
    written: dict[str, set[str]] = defaultdict(set)
    for one in seen:
        name, email = register.mailmap.applied(one.name, one.email)
        person, address = register.person(one.name, one.email, one.account), folded(email)
        if person.id == ASSISTANTS:
            continue
        if register.known(address):
            known.note(person, name, one.account)
        elif _is_usable(register, address):
            strangers[address].append(Seen(one.account, name, address))
            written[address].add(folded(one.email))
    moved = {address: sum(commits.get(email, 0) for email in emails) for address, emails in written.items()}
    found: list[Suggestion] = []
    warnings: list[str] = []
    for address in sorted(strangers, key=lambda one: (-moved[one], one)):
        reasons = known.reasons(address, strangers[address], mailmaps)
        people = {key: one for key, one in reasons.items() if one and not known.is_robot(key)}
        if len(people) == 1:
            ((key, why),) = people.items()
            found.append(Suggestion(known.people[key], address, moved[address], tuple(dict.fromkeys(why))))
        elif people:
            names = " and ".join(said(key) for key in sorted(people))
            warnings.append(f"{said(address)} seems to belong to {names}; it can be only one of them")
        else:
            warnings += known.look_alikes(address, strangers[address])
    return Suggested(found, tuple(dict.fromkeys(warnings)))


def said(text: str) -> str:
    """Return text of others as a part of one line."""
    return short(clean(text[:400]), _SHOWN)


def _is_usable(register: Register, address: str) -> bool:
    """Say whether something is an address that a file can have, and not one of a robot."""
    local, _, domain = address.rpartition("@")
    is_one = local and "." in domain and len(address) <= _LONGEST and not any(one.isspace() for one in address)
    return bool(is_one) and register.by_domain(address).name != ROBOTS


@define
class _Known:
    """The people in the list with the names and accounts that they have anywhere."""

    register: Register
    people: dict[str, Person] = field(init=False)
    _by_name: dict[str, set[str]] = field(factory=lambda: defaultdict(set), init=False)
    _by_account: dict[str, set[str]] = field(factory=lambda: defaultdict(set), init=False)
    _by_local: dict[str, set[str]] = field(factory=lambda: defaultdict(set), init=False)
    _looks: dict[str, set[str]] = field(factory=lambda: defaultdict(set), init=False)
    """Names by what they look like."""

    def __attrs_post_init__(self) -> None:
        self.people = {one.id: one for one in self.register.people}
        for person in self.register.people:
            self.note(person, person.name, f"gerrit:{person.id}")
            for account in person.accounts:
                self._by_account[account.lower()].add(person.id)
            for email in person.emails:
                self._by_local[local_part(email)].add(person.id)

    def note(self, person: Person, name: str, account: str) -> None:
        """Note a name and an account of somebody in the list."""
        key = name_key(name)
        self._by_name[key].add(person.id)
        self._looks[look_of(key)].add(key)
        if account:
            self._by_account[account.lower()].add(person.id)

    def is_robot(self, key: str) -> bool:
        """Say whether an id is that of a robot."""
        return any(one.name == ROBOTS for one in self.people[key].employers)

    def reasons(
        self, address: str, seen: Sequence[Seen], mailmaps: Mapping[str, Mailmap]
    ) -> Mapping[str, Sequence[str]]:
        """Return the reasons for which an address may belong to people, by their ids."""
        found: dict[str, list[str]] = defaultdict(list)
        forge = forge_account(address)
        for key in sorted(self._by_account.get(forge, ())):
            found[key].append(f"the address is that of the account {said(forge)} at a code forge")
        for one in seen:
            for key in sorted(self._by_account.get(one.account.lower(), ())) if one.account else ():
                found[key].append(f"the account {said(one.account)} has the address")
            named = name_key(one.name)
            if is_whole(named):
                for key in sorted(self._by_name.get(named, ())):
                    found[key].append(f"the name {said(one.name)} is the same")
            same = self._by_name.get(named, set()) & self._by_local.get(local_part(address) or "@", set())
            for key in sorted(same):
                found[key].append(f"the name {said(one.name)} and the first part of the address are the same")
            for repository, mailmap in mailmaps.items():
                owner = self.register.known(mailmap.applied(one.name, one.email)[1])
                if owner:
                    found[owner.id].append(f"the .mailmap of {said(repository)} says so")
        return found

    def look_alikes(self, address: str, seen: Sequence[Seen]) -> Sequence[str]:
        """Return a warning for each name that can be mistaken for that of somebody in the list, and is another."""
        found = []
        for one in seen:
            key = name_key(one.name)
            others = self._looks.get(look_of(key), set()) - {key} if is_whole(key) else set()
            for other in sorted(others):
                people = " and ".join(said(person) for person in sorted(self._by_name[other]))
                found.append(f"{said(address)}: the name {said(one.name)} looks like that of {people}, and is another")
        return found
