"""Loads what the rules say into an engine: who the people are, for whom they worked, when the releases were."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

import attrs
from attrs import frozen

from ptgbot.contributions.corrections import Correction
from ptgbot.contributions.engine import Engine, Row
from ptgbot.contributions.git import GitFailed, Repo
from ptgbot.contributions.mail import key_of
from ptgbot.contributions.model import Person, Register, last_part
from ptgbot.contributions.talks import KEY as TALKS

_MANY: int = 2**62
"""More than a number of files can be."""


@frozen
class Options:
    """The switches of a count."""

    revision: str = "HEAD"
    date_of: str = "author"
    """``author``, ``commit`` or ``merge``: which date of a commit counts."""
    last_goes_on: bool = False
    """Whether dates after the end of the last release belong to it."""
    split: bool = False
    """Whether a commit is divided among its people; else each has it as a whole."""
    co_robots: bool = False
    """Whether robots count as co-authors, as Stackalytics counted."""
    mass_renames: int = _MANY
    """Renamed files from which on a commit is a mass rename."""


def with_assistants(register: Register, patterns: Sequence[str]) -> Register:
    """Return a register that knows programs by patterns, searched in ``NAME <ADDRESS>`` in any case of letters."""
    one = "|".join(f"(?:{pattern})" for pattern in patterns)
    return attrs.evolve(register, assistants=re.compile(one, re.IGNORECASE)) if one else register


def load_rules(
    engine: Engine,
    register: Register,
    corrections: Sequence[Correction],
    options: Options,
    repositories: Iterable[str] = (),
    reviewed: Collection[str] = (),
    public: Callable[[str], str] = str,
) -> None:
    """Load the small tables that say who the people are, for whom they worked, and when the releases were.

    Args:
        engine: the database with the facts.
        register: people, organisations and releases.
        corrections: mistakes in commits.
        options: the switches.
        repositories: keys of all sources whose modules are named; others are modules of their own.
        reviewed: those of them that are no repositories of git.
        public: makes the form in which names of organisations, releases and modules are shown.
    """
    people = {person.id: person for person in register.people}
    known, identities = frozenset(people), []
    for account, name, email, _newest in engine.rows("authors"):
        person = register.person(str(name), str(email), str(account))
        people.setdefault(person.id, person)
        identities.append((account, name, email, person.id))
    for one in corrections:
        if one.user_id and one.user_id not in people:
            people[one.user_id] = register.person("", one.user_id)
    engine.load("identities", identities)
    engine.load("people", ((one.id, one.name, int(one.id in known)) for one in people.values()))
    employed = _employers(people, register)
    engine.load("employers", ((key, since, until, public(name)) for key, since, until, name in employed))
    periods = register.release_periods(options.last_goes_on)
    engine.load("releases", ((since, until, public(name)) for since, until, name in periods))
    engine.load("corrections", (one.row() for one in corrections))
    modules = [*_modules(repositories, reviewed, register)]
    engine.load("modules", ((key, public(module), public(owner)) for key, module, owner in modules))
    scopes = enumerate(_scopes(modules, register))
    engine.load("scopes", ((*map(public, texts), place) for place, texts in scopes))
    switches = (int(options.split), int(options.co_robots), options.mass_renames)
    engine.load("options", [(options.date_of, *switches)])


def _employers(people: Mapping[str, Person], register: Register) -> Iterator[tuple[str, int, int, str]]:
    return ((key, one.begin, one.end, one.name) for key, person in people.items() for one in register.periods(person))


def _modules(
    repositories: Iterable[str], reviewed: Collection[str], register: Register
) -> Iterator[tuple[str, str, str]]:
    """Yield the modules. Two repositories of git with one name are two modules, called by the part before it, too."""
    keys = [*repositories]
    names = [last_part(key) for key in keys if key not in reviewed]
    for key in keys:
        name = last_part(key)
        yield (key, *module_of(key, register, _longer(key) if names.count(name) > 1 else name))


def _scopes(modules: Iterable[Row], register: Register) -> Iterator[Sequence[str]]:
    """Yield the parts of groups and types, then the releases; aliases of modules lead to the main one."""
    listed = {one.module: one.organisation for one in register.repositories}
    rows = ((str(key), str(module), str(owner)) for key, module, owner in modules)
    owners = listed | {module: owner for key, module, owner in rows if key != TALKS and not key.startswith(key_of(""))}
    mains = {alias: one.module for one in reversed(register.repositories) for alias in one.aliases}
    for one in register.groups.scopes(owners):
        yield (one.kind, one.id, one.name, one.tag, mains.get(one.part, one.part), one.release)
    for release in sorted(register.releases, key=lambda one: -one.until):
        yield ("release", release.name, release.name, "", "", release.name)


def module_of(key: str, register: Register, name: str) -> tuple[str, str]:
    """Return the module of a repository and the organisation that it belongs to.

    An alias leads to the main module. A repository that the list does not have is a module of its own.

    Args:
        key: the address of the repository.
        register: has the list of repositories.
        name: the name by which the list may have it.
    """
    entry = register.repository(name, key)
    return (entry.module, entry.organisation) if entry else (register.main_module(name), "")


def _longer(key: str) -> str:
    """Return the last two parts of an address, which tell two repositories of one name apart."""
    last = last_part(key)
    before = last_part(key.rstrip("/").removesuffix(".git").rstrip("/").removesuffix(last))
    return f"{before}/{last}" if before else last


def merged(repo: Repo, key: str, heads: Iterable[str], tell: Callable[[str], None]) -> Iterable[Row]:
    """Return when each commit came into a branch, into the first of those that have it.

    Args:
        repo: the repository.
        key: the key of the repository among the facts.
        heads: the newest commits of the branches.
        tell: called with a sentence about each branch that git cannot read; its commits count by their own dates.
    """
    known: dict[str, int] = {}
    for head in heads:
        try:
            known = {**repo.merged(head), **known}
        except GitFailed as error:
            tell(f"{key}: dates of merges are not known: {error}")
    return ((key, sha, moment) for sha, moment in known.items())


def tagged(
    repo: Repo, key: str, name: str, origin: str, register: Register, tell: Callable[[str], None]
) -> Iterable[Row]:
    """Return the release of each commit that belongs to one by its tags. Of two releases the later listed counts.

    Args:
        repo: the repository.
        key: the key of the repository among the facts.
        name: the name by which the list may have it.
        origin: the address from which it was cloned, empty if it was not.
        register: has the list of repositories.
        tell: called with a sentence about each tag that the repository does not have.
    """
    entry = register.repository(name, origin)
    found: dict[str, str] = {}
    for one in entry.releases if entry else ():
        try:
            head = repo.branch_head(one.branch) if one.branch else ""
            found.update(dict.fromkeys(repo.shas(one.range(head)), one.release))
        except GitFailed as error:
            tell(f"release {one.release} is counted by date: {error}")
    return [(key, sha, release) for sha, release in found.items()]
