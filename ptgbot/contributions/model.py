"""People, organisations, releases and repositories, and the rules by which contributions are counted for them.

The rules are pure: the same facts and the same register always give the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from re import Pattern
from typing import Final, Literal

from attrs import define, field, frozen

from ptgbot.contributions.mailmap import Mailmap
from ptgbot.contributions.masks import Masks
from ptgbot.contributions.module_groups import Groups
from ptgbot.contributions.node import Place, Source

INDEPENDENT: Final = "*independent"
"""The employer of people of whom no other is known."""
ROBOTS: Final = "*robots"
"""The employer of accounts whose facts are kept and not counted."""
ASSISTANTS: Final = "*assistants"
"""Id and employer of programs that wrote a part of a commit. They are no people."""
IGNORED: Final = "ignored"
"""The name of a release whose commits are dropped."""
EARLIEST: Final = -(2**62)
LATEST: Final = 2**62
"""Ends of an interval that is open, in seconds; both are beyond every date."""


Rule = Literal["entry", "ended", "nobody", "domain", "unknown", "assistant", "merged"]
"""Why an organisation counts: the entry of the person, their last employer has ended, their entry has no employer; the
domain of an address without an entry, no such domain; a program; the organisation belongs to another one since then."""


@frozen
class Employer:
    """An organisation for which a person works until a date."""

    name: str
    until: int | None = None
    """Seconds since 1970 at midnight UTC, no longer included; None for the present employer."""
    place: Place = field(default=(), eq=False)
    """Where the file about people says so."""
    rule: Rule = field(default="entry", eq=False)


@frozen
class Period:
    """A time in which a person counts for an organisation."""

    begin: int
    """Seconds since 1970, as the next; :data:`EARLIEST` and :data:`LATEST` where it is open."""
    end: int
    name: str
    rule: Rule
    place: Place
    """Where the file about people says so."""


@frozen
class Person:
    """An entry of the list of people."""

    id: str
    name: str
    emails: Sequence[str] = ()
    """Folded with :func:`folded`."""
    employers: Sequence[Employer] = ()
    accounts: Sequence[str] = ()
    """Accounts in other programs, such as ``gerrit:mira`` and ``chat:mira``."""
    place: Place = field(default=(), eq=False)
    """Where the entry is in its file."""
    shown: str = "name"
    """How the person wants to be shown: by ``name`` or by ``initials``."""
    punch_card: bool = False
    """Whether the person wants the hours of their week to be shown."""

    def periods(self) -> Iterable[Period]:
        """Yield the employers with their times, without gaps over all times.

        The employers are sorted by their ends, the open end last. At a date the person works for the first employer
        whose end is later. Nobody employs them after the last end.
        """
        begin, place = EARLIEST, self.place
        rule: Rule = "nobody"
        for one in sorted(self.employers, key=lambda one: LATEST if one.until is None else one.until):
            end = LATEST if one.until is None else one.until
            if end > begin:
                yield Period(begin, end, one.name, one.rule, one.place)
                begin = end
            rule, place = "ended", one.place
        if begin < LATEST:
            yield Period(begin, LATEST, INDEPENDENT, rule, place)


@frozen
class Organisation:
    """An organisation with the domains of its addresses."""

    name: str
    domains: Sequence[str] = ()
    aliases: Sequence[str] = ()
    merged_into: str = ""
    """The organisation that it belongs to from a date on; empty if it belongs to none."""
    merged_at: int = 0
    """That date: seconds since 1970 at midnight UTC."""
    place: Place = field(default=(), eq=False)
    """Where the entry is in its file."""


@frozen
class Release:
    """A release of the whole community, which ends at a date."""

    name: str
    until: int
    """Seconds since 1970 at midnight UTC, no longer included."""


@frozen
class Tagged:
    """The commits of a repository that belong to a release by its tags."""

    release: str
    tag_to: str
    tag_from: str = ""
    """Empty for everything up to ``tag_to``."""
    branch: str = ""
    """The branch whose newest commit ``HEAD`` as ``tag_to`` means; empty for that of the repository."""

    def range(self, head: str = "") -> str:
        """Return the range of revisions, as git writes it.

        Args:
            head: the newest commit of :attr:`branch`, empty if the repository does not have the branch.
        """
        end = head if head and self.tag_to == "HEAD" else self.tag_to
        return f"{self.tag_from}..{end}" if self.tag_from else end


@frozen
class Repository:
    """A repository that is known by its address."""

    uri: str
    module: str
    aliases: Sequence[str] = ()
    releases: Sequence[Tagged] = ()
    organisation: str = ""
    """The part of the community that it belongs to."""


@define
class Register:
    """Everything that is known of people, organisations, releases and repositories."""

    people: Sequence[Person] = ()
    organisations: Sequence[Organisation] = ()
    releases: Sequence[Release] = ()
    repositories: Sequence[Repository] = ()
    groups: Groups = field(factory=Groups)
    mailmap: Mailmap = field(factory=Mailmap)
    assistants: Pattern[str] | None = None
    """Found in ``NAME <ADDRESS>`` of programs that wrote a part of a commit."""
    source: Source | None = field(default=None, eq=False)
    """The file about people."""
    masks: Masks = field(factory=Masks)
    """Who is not shown as they are. Those in the list of people wear their masks already."""

    @cached_property
    def _by_account(self) -> Mapping[str, Person]:
        named = {f"gerrit:{person.id}": person for person in self.people}
        return named | {account: person for person in self.people for account in person.accounts}

    @cached_property
    def _by_email(self) -> Mapping[str, Person]:
        return {email: person for person in self.people for email in person.emails}

    @cached_property
    def _by_domain(self) -> Mapping[str, Organisation]:
        return {domain: one for one in self.organisations for domain in one.domains}

    @cached_property
    def _merged(self) -> Mapping[str, Organisation]:
        return {one.name: one for one in self.organisations if one.merged_into}

    def known(self, email: str) -> Person | None:
        """Return the entry that has an address, None if there is none."""
        return self._by_email.get(folded(email))

    def person(self, name: str, email: str, account: str = "") -> Person:
        """Return the person behind the name and the address of a commit.

        A person without an entry has the address as id, and is employed by the organisation of its domain. Without an
        address, the account is the id.

        Args:
            name: the name.
            email: the address, perhaps empty.
            account: such as ``gerrit:mira``; it counts where the address has no entry.
        """
        name, email = self.mailmap.applied(name, email)
        address = folded(email)
        if self.assistants and self.assistants.search(f"{name} <{address}>"):
            return Person(ASSISTANTS, ASSISTANTS, (), (Employer(ASSISTANTS, rule="assistant"),))
        if found := self._by_email.get(address) or self._by_account.get(account):
            return found
        mask = self.masks.by_id.get(address or account)
        key, name = (mask.id, mask.name) if mask else (address or account, name)
        return Person(key, name, (address,), (self.by_domain(address),))

    def by_domain(self, email: str) -> Employer:
        """Return the organisation of the domain of an address: of the longest known suffix with two labels or more."""
        labels = email.rpartition("@")[2].split(".") if "@" in email else []
        suffixes = (".".join(labels[first:]) for first in range(len(labels) - 1))
        found = next((self._by_domain[suffix] for suffix in suffixes if suffix in self._by_domain), None)
        return Employer(found.name, None, found.place, "domain") if found else Employer(INDEPENDENT, rule="unknown")

    def periods(self, person: Person) -> Iterable[Period]:
        """Yield the times of a person with the organisation for which they count, without gaps over all times.

        An organisation that belongs to another one since a date counts as that one from there on.
        """
        for one in person.periods():
            begin, name, rule, place = one.begin, one.name, one.rule, one.place
            while (merged := self._merged.get(name)) and merged.merged_at < one.end:
                if begin < merged.merged_at:
                    yield Period(begin, merged.merged_at, name, rule, place)
                    begin = merged.merged_at
                name, rule, place = merged.merged_into, "merged", merged.place
            yield Period(begin, one.end, name, rule, place)

    def employer_at(self, person: Person, at: int) -> str:
        """Return the organisation for which a person counts at a moment in seconds since 1970."""
        return next(one.name for one in self.periods(person) if at < one.end)

    def line(self, place: Place) -> int:
        """Return the line of a place in the file about people, 0 if there is none."""
        return self.source.line(place) if self.source and place else 0

    def release_periods(self, last_goes_on: bool = False) -> Iterable[tuple[int, int, str]]:
        """Yield begin, end and name of the releases by date, without gaps over all times.

        A moment belongs to the first release whose end is later. After the end of the last one, moments are “after”
        that one.

        Args:
            last_goes_on: moments after the end of the last release belong to it, as Stackalytics counted.
        """
        begin, name = EARLIEST, ""
        for release in sorted(self.releases, key=lambda one: one.until):
            if release.until > begin:
                yield begin, release.until, release.name
                begin, name = release.until, release.name
        yield begin, LATEST, (name if last_goes_on else f"after {name}") if name else ""

    def repository(self, name: str, origin: str = "") -> Repository | None:
        """Return the entry of a repository.

        Args:
            name: the name of its folder.
            origin: the address from which it was cloned; it counts before the name.
        """
        by_uri = {_plain(one.uri): one for one in self.repositories}
        found = by_uri.get(_plain(origin)) if origin else None
        wanted = last_part(name)
        return found or next((one for one in self.repositories if wanted in (last_part(one.uri), one.module)), None)

    def main_module(self, name: str) -> str:
        """Return the module that has a name as an alias, else the name."""
        return next((one.module for one in self.repositories if name in one.aliases), name)


def folded(email: str) -> str:
    """Return an address in lower case, without characters that can't be printed."""
    return "".join(letter for letter in email if letter.isprintable()).lower()


def _plain(uri: str) -> str:
    """Return an address without its scheme, to compare it with another."""
    return uri.rpartition("://")[2].rstrip("/").removesuffix(".git").lower()


def last_part(uri: str) -> str:
    """Return the last part of an address or a path, without ``.git``."""
    return uri.rstrip("/").removesuffix(".git").rstrip("/").rpartition("/")[2]
