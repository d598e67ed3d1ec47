"""Facts as sources load them, without the sources: commits of people at moments."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from ptgbot.contributions.duck import Duck
from ptgbot.contributions.engine import RULES
from ptgbot.contributions.model import Employer, Person, Register, Release
from ptgbot.contributions.rules import Options, load_rules

DAY = 86_400
EMPLOYERS = {
    "ann": "Acme",
    "bob": "Acme",
    "cid": "Birds",
    "dot": "*independent",
    "eve": "*independent",
    "ci": "*robots",
}
REGISTER = Register(
    [Person(name, name.title(), (f"{name}@x.example",), (Employer(of),)) for name, of in EMPLOYERS.items()],
    releases=[Release("Ash", 100 * DAY), Release("Birch", 200 * DAY), Release("Cedar", 300 * DAY)],
)
"""Six people, and releases that end after 100, 200 and 300 days."""


def load_commits(engine: Duck, commits: Iterable[tuple[str, str, int, int]]) -> None:
    """Load commits: the module, the people with spaces between them, the moment, the lines."""
    rows, authors = [], []
    for number, (module, people, moment, lines) in enumerate(commits):
        sha = f"{number:040}"
        rows.append((module, sha, moment, moment, lines, 0, 1, 0, 0, 0, 0, "s", ""))
        who = enumerate(people.split())
        authors += [(module, sha, place, one.title(), f"{one}@x.example") for place, one in who]
    engine.load("commits", rows)
    engine.load("authors", authors)


def load_all(engine: Duck, reviewed: Collection[str] = (), options: Options | None = None) -> None:
    """Load the rules about the people above."""
    for table in RULES:
        engine.remove(table)
    load_rules(engine, REGISTER, (), options or Options(), reviewed, reviewed)


def numbers(rows: Sequence[Sequence[object]], *key: str) -> list[object]:
    """Return the cells of the row that begins with a key."""
    (found,) = (list(row[len(key) :]) for row in rows if tuple(row[: len(key)]) == key)
    return found
