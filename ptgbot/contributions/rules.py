"""Loads what the rules say into an engine: who the people are, for whom they worked, when the releases were."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from ptgbot.contributions.corrections import Correction
from ptgbot.contributions.engine import Engine, Row
from ptgbot.contributions.git import GitFailed, Repo
from ptgbot.contributions.model import Person, Register, last_part

_MANY: int = 2**62
"""More than a number of files can be."""


@frozen
class Options:
    """The switches of a count."""

    revision: str = "HEAD"
    date_of: str = "author"
    """``author`` or ``commit``: which of the two dates of a commit counts."""
    last_goes_on: bool = False
    """Whether dates after the end of the last release belong to it."""
    split: bool = False
    """Whether a commit is divided among its people; else each has it as a whole."""
    co_robots: bool = False
    """Whether robots count as co-authors, as Stackalytics counted."""
    mass_renames: int = _MANY
    """Renamed files from which on a commit is a mass rename."""


def load_rules(
    engine: Engine,
    register: Register,
    corrections: Sequence[Correction],
    options: Options,
    repositories: Iterable[str] = (),
) -> None:
    """Load the small tables that say who the people are, for whom they worked, and when the releases were.

    Args:
        engine: the database with the facts.
        register: people, organisations and releases.
        corrections: mistakes in commits.
        options: the switches.
        repositories: keys of repositories whose modules are named; others are modules of their own.
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
    engine.load("employers", _employers(people))
    engine.load("releases", register.release_periods(options.last_goes_on))
    engine.load("corrections", (one.row() for one in corrections))
    engine.load("modules", ((name, *module_of(name, register)) for name in repositories))
    switches = (int(options.split), int(options.co_robots), options.mass_renames)
    engine.load("options", [(options.date_of, *switches)])


def _employers(people: Mapping[str, Person]) -> Iterator[Row]:
    return ((key, *period) for key, person in people.items() for period in person.periods())


def module_of(name: str, register: Register) -> tuple[str, str]:
    """Return the module of a repository and the organisation that it belongs to, by the key of the repository.

    A repository that the list does not have is the module of its last part. An alias leads to the main module.
    """
    entry = register.repository(last_part(name), name)
    return (entry.module, entry.organisation) if entry else (register.main_module(last_part(name)), "")


def tagged(repo: Repo, key: str, name: str, register: Register, tell: Callable[[str], None]) -> Iterable[Row]:
    """Return the release of each commit that belongs to one by its tags. Of two releases the later listed counts.

    Args:
        repo: the repository.
        key: the key of the repository among the facts.
        name: the name by which the list may have it.
        register: has the list of repositories.
        tell: called with a sentence about each tag that the repository does not have.
    """
    entry = register.repository(name, repo.origin())
    found: dict[str, str] = {}
    for one in entry.releases if entry else ():
        try:
            found.update(dict.fromkeys(repo.shas(one.range), one.release))
        except GitFailed as error:
            tell(f"release {one.release} is counted by date: {error}")
    return [(key, sha, release) for sha, release in found.items()]
