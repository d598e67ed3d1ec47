"""Puts masks on people before anything is counted, so that no snapshot, page or answer has more than the masks."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

import attrs
from attrs import field, frozen

from ptgbot.contributions.corrections import Correction
from ptgbot.contributions.engine import Row
from ptgbot.contributions.hidden_list import HiddenList
from ptgbot.contributions.masks import Mask, Masks, initials
from ptgbot.contributions.model import Person, Register, folded
from ptgbot.contributions.page_names import public, shown

INITIALS: Final = "initials"
"""The value of ``shown`` of people who are shown by their initials."""


@frozen
class Wishes:
    """What people want, and the secrets that it takes."""

    hidden: HiddenList
    key: bytes
    """The secret of the addresses of pages."""
    initials: Collection[str] = ()
    """Addresses, accounts or ids of people who are shown by their initials, beside those of the list of people."""
    punch_cards: Collection[str] = ()
    """The same of people who want their hours of the week to be shown."""

    def public(self, name: str) -> str:
        """Return the name of a module, an organisation or a release without e-mail addresses."""
        return public(name, self.key)

    @property
    def are_many(self) -> bool:
        """Whether everybody whom a fact names must be looked at, not only the list of people."""
        return bool(self.hidden.hashes or self.initials or self.punch_cards)


@frozen
class _Known:
    """Everything by which a person is known."""

    name: str
    ids: set[str] = field(factory=set)


def masked(register: Register, named: Iterable[Row], corrections: Sequence[Correction], wishes: Wishes) -> Register:
    """Return a register whose people have the masks that they want.

    A hidden person has all facts that the person would have; nothing but id and name is replaced.

    Args:
        register: people as the files have them.
        named: the answer to the question ``authors``: everybody whom a fact names.
        corrections: mistakes in commits, which may name people, too.
        wishes: who is hidden, or shown otherwise.
    """
    known = _known(register, named, corrections)
    by_id = {**_by_initials(register, known, wishes), **_hidden(known, wishes.hidden)}
    people = tuple(_behind(by_id.get(one.id), one, register) for one in register.people)
    return attrs.evolve(register, people=people, masks=Masks(by_id, _punch_cards(register, known, by_id, wishes)))


def masked_corrections(
    corrections: Sequence[Correction], register: Register, public: Callable[[str], str]
) -> Iterator[Correction]:
    """Yield corrections that name people by their masks.

    Args:
        corrections: mistakes in commits.
        register: the result of :func:`masked`.
        public: makes the form in which names of organisations and releases are shown.
    """
    masks = register.masks.by_id
    for one in corrections:
        mask = masks.get(one.user_id or "") or masks.get(folded(one.user_id or ""))
        yield attrs.evolve(
            one,
            user_id=mask.id if mask else one.user_id,
            release=one.release and public(one.release),
            company=one.company and public(one.company),
        )


def names_of(person: Person) -> Iterator[str]:
    """Yield the addresses and accounts of an entry of the list of people, and its id."""
    yield person.id
    yield f"gerrit:{person.id}"
    yield from person.emails
    yield from person.accounts


def _known(register: Register, named: Iterable[Row], corrections: Sequence[Correction]) -> Mapping[str, _Known]:
    """Return people by their ids. Programs, and facts without an address or account, are nobody."""
    found: dict[str, _Known] = {}
    for person in register.people:
        found.setdefault(person.id, _Known(person.name)).ids.update(names_of(person))
    for account, name, email, *_newest in named:
        person = register.person(str(name), str(email), str(account))
        found.setdefault(person.id, _Known(person.name)).ids.update((person.id, str(account), str(email)))
    for one in corrections:
        if one.user_id and one.user_id not in found:
            person = register.person("", one.user_id)
            found.setdefault(person.id, _Known(person.name)).ids.update((person.id, one.user_id))
    return {key: one for key, one in found.items() if key and not key.startswith("*")}


def _hidden(known: Mapping[str, _Known], hidden: HiddenList) -> Mapping[str, Mask]:
    """Return the masks of hidden people. Whoever is hidden under one address is hidden under all of them."""
    of: dict[int, list[str]] = defaultdict(list)
    for key, one in known.items() if hidden.hashes else ():
        places = [place for name in one.ids if name and (place := hidden.place(name)) is not None]
        if places:
            of[min(places)].append(key)
    made = {}
    for place, keys in of.items():
        for number, key in enumerate(sorted(keys)):
            pseudonym = hidden.pseudonym(place, key if number else "")
            made[key] = Mask(pseudonym, pseudonym.replace("hidden-", "Hidden "), is_hidden=True)
    return made


def _by_initials(register: Register, known: Mapping[str, _Known], wishes: Wishes) -> Mapping[str, Mask]:
    wanted = {one.id for one in register.people if one.shown == INITIALS} | _among(known, wishes.initials)
    return {key: _initialled(key, known[key].name, wishes.key) for key in wanted & known.keys()}


def _initialled(key: str, name: str, secret: bytes) -> Mask:
    raw = f"initials {key}".encode(errors="surrogatepass")
    digest = hashlib.blake2b(raw, key=secret, digest_size=5).hexdigest()
    return Mask(f"person-{digest}", initials(shown(name)) or digest)


def _punch_cards(
    register: Register, known: Mapping[str, _Known], masks: Mapping[str, Mask], wishes: Wishes
) -> frozenset[str]:
    """Return the shown ids of people who want their hours to be shown; those who are hidden cannot want that."""
    wanted = {one.id for one in register.people if one.punch_card} | _among(known, wishes.punch_cards)
    found = ((key, masks.get(key)) for key in wanted)
    return frozenset(mask.id if mask else key for key, mask in found if not (mask and mask.is_hidden))


def _among(known: Mapping[str, _Known], names: Collection[str]) -> set[str]:
    wanted = set(map(folded, names))
    return {key for key, one in known.items() if not wanted.isdisjoint(map(folded, one.ids))} if wanted else set()


def _behind(mask: Mask | None, person: Person, register: Register) -> Person:
    """Return a person with a mask. The account that is named like the id still leads to the person."""
    if mask is None:
        return person
    taken = {account for one in register.people for account in one.accounts}
    own = [one for one in (f"gerrit:{person.id}",) if one not in taken]
    return attrs.evolve(person, id=mask.id, name=mask.name, accounts=(*own, *person.accounts))
