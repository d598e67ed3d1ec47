"""Made-up facts of a large community: commits with co-authors, changes, patch sets, votes, messages and talks.

DuckDB makes them itself, ten million in less than a minute. The same number and seed always make the same facts. Few
people do most of the work, and each works mostly in a few modules, as it is in real communities.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

import duckdb

from ptgbot.contributions.dates import seconds
from ptgbot.contributions.engine import Engine, sql
from ptgbot.contributions.model import ROBOTS, Employer, Organisation, Person, Register, Release
from ptgbot.contributions.rules import Options, load_rules

FIRST: Final = seconds(date(2012, 1, 1))
"""The moment of the oldest fact."""
SPAN: Final = 440_000_000
"""Seconds between the oldest and the newest fact."""
PEOPLE: Final = 8_000
MODULES: Final = 500
ORGANISATIONS: Final = 90
RELEASES: Final = tuple(
    Release(f"{year}.{half}", seconds(date(year, 6 * half, 1))) for year in range(2012, 2027) for half in (1, 2)
)
_GIT: Final = "https://git.example.org/plants/r"
_REVIEW: Final = "https://review.example.org/plants/r"
_LIST: Final = "mail:plants"

_MACROS: Final = """
CREATE TEMP MACRO chance(number, salt) AS hash(number, salt, getvariable('seed')) % 1000003 / 1000003.0;
CREATE TEMP MACRO somebody(number, salt) AS CAST(FLOOR({people} * POW(chance(number, salt), 3)) AS BIGINT);
-- Half of the work of a person is in one of ten modules.
CREATE TEMP MACRO somewhere(number, person) AS CAST(
  CASE WHEN chance(number, 'home') < 0.5 THEN (person * 7 + hash(number, 'ten') % 10) % {modules}
  ELSE FLOOR({modules} * POW(chance(number, 'module'), 2)) END AS BIGINT
);
CREATE TEMP MACRO called(person) AS CASE WHEN person % 50 = 0 THEN 'Müller 花 ' ELSE 'Person ' END || person;
-- Some people use a second address now and then.
CREATE TEMP MACRO address(number, person) AS 'p' || person
  || CASE WHEN person % 4 = 0 AND chance(number, 'address') < 0.3 THEN '@home.example'
    ELSE '@org' || person % {organisations} || '.example' END;
CREATE TEMP MACRO name_of(number) AS md5('sha' || number) || left(md5(number || 'sha'), 8);
CREATE TEMP MACRO moment_of(number, facts) AS {first} + number * {span} // facts + hash(number, 'at') % 80000;
"""
_FILL: Final = (
    """CREATE TEMP TABLE made_commits AS
    SELECT number, person, somewhere(number, person) AS module
    FROM (SELECT range AS number, somebody(range, 'author') AS person FROM range({commits}))""",
    """INSERT INTO commits
    SELECT
      '{git}' || module, name_of(number), moment_of(number, {commits}),
      moment_of(number, {commits}) + hash(number, 'later') % 90000,
      hash(number, 'added') % 300, hash(number, 'deleted') % 100, 1 + hash(number, 'files') % 9,
      CASE WHEN number % 1000 = 0 THEN 200 ELSE 0 END, hash(number, 'foreign') % 5, 0, 1,
      'Mend the part ' || number % 5000, 'I' || name_of(number)
    FROM made_commits""",
    """INSERT INTO authors
    SELECT '{git}' || module, name_of(number), 0, called(person), address(number, person) FROM made_commits""",
    """INSERT INTO authors
    SELECT '{git}' || module, name_of(number), 1, called(beside), address(number, beside)
    FROM (SELECT *, somebody(number, 'beside') AS beside FROM made_commits WHERE number % 13 < 2) paired""",
    """INSERT INTO mentions
    SELECT '{git}' || module, name_of(number), CASE WHEN number % 40 = 0 THEN 'assistant' ELSE 'bug' END, number
    FROM made_commits WHERE number % 20 = 0""",
    """CREATE TEMP TABLE made_changes AS
    SELECT number, person, somewhere(number, person) AS module, moment_of(number, {changes}) AS created
    FROM (SELECT range AS number, somebody(range, 'owner') AS person FROM range({changes}))""",
    """INSERT INTO changes
    SELECT
      '{review}' || module, number, CASE WHEN number % 10 = 0 THEN 'stable/' || number % 7 ELSE 'master' END,
      'gerrit:p' || person, called(person), address(number, person), status, 'Mend the part ' || number % 5000,
      created, created + 400000, CASE WHEN status = 'MERGED' THEN created + 86400 * (1 + hash(number, 'merge') % 5) END
    FROM (
      SELECT
        *, CASE WHEN number > {changes} * 0.97 AND number % 2 = 0 THEN 'NEW' WHEN number % 7 = 0 THEN 'ABANDONED'
          ELSE 'MERGED' END AS status
      FROM made_changes
    ) ended""",
    """INSERT INTO patch_sets
    SELECT
      '{review}' || module, number, step, 'gerrit:p' || person, called(person), address(number, person),
      created + (step - 1) * 90000
    FROM made_changes, (VALUES (1), (2)) steps (step)
    WHERE step <= 1 + number % 2""",
    """INSERT INTO votes
    SELECT
      '{review}' || module, number, 1 + number % 2,
      CASE WHEN is_ci THEN 'gerrit:ci' ELSE 'gerrit:p' || voter END, CASE WHEN is_ci THEN 'CI' ELSE called(voter) END,
      CASE WHEN is_ci THEN 'ci@robots.example' ELSE address(number, voter) END,
      CASE WHEN is_ci THEN 'Verified' WHEN dice < 0.45 THEN 'Code-Review' WHEN dice < 0.55 THEN 'Workflow'
        WHEN dice < 0.58 THEN 'Abandon' ELSE 'Code-Review' END,
      CASE WHEN is_ci THEN CASE WHEN dice < 0.04 THEN -1 ELSE 1 END WHEN dice < 0.03 THEN -2 WHEN dice < 0.15 THEN -1
        WHEN dice < 0.55 THEN 1 WHEN dice < 0.58 THEN 0 WHEN dice < 0.68 THEN 1 ELSE 2 END,
      created + 100000 + hash(vote, 'moment') % 300000, CASE WHEN NOT is_ci AND voter = person THEN 1 ELSE 0 END
    FROM (
      SELECT
        c.*, v.range AS vote, v.range % 4 = 0 AS is_ci, somebody(v.range, 'voter') // 4 AS voter,
        chance(v.range, 'vote') AS dice
      FROM range({votes}) v JOIN made_changes c ON c.number = v.range * {changes} // {votes}
    ) cast_votes""",
    """INSERT INTO messages
    SELECT
      '{list}', number || '@list.example', called(person), address(number, person), 'About the part ' || number % 3000,
      CASE WHEN number % 3 = 0 THEN '' ELSE 'r' || somewhere(number, person) END, moment_of(number, {messages})
    FROM (SELECT range AS number, somebody(range, 'sender') AS person FROM range({messages})) sent""",
    """INSERT INTO talks
    SELECT
      'talks', number, 'chat:p' || person, called(person), 'r' || number % 60, CASE number % 4 WHEN 0 THEN 'now'
        WHEN 1 THEN 'next' WHEN 2 THEN 'meeting' ELSE 'action' END, moment_of(number, {talks})
    FROM (SELECT range AS number, somebody(range, 'speaker') // 8 AS person FROM range({talks})) said""",
    """INSERT INTO heads
    SELECT DISTINCT repository, 'main', '' FROM commits
    UNION ALL SELECT DISTINCT repository, 'main', '' FROM changes
    UNION ALL VALUES ('{list}', '', ''), ('talks', '', '')""",
)


def fill(path: Path, facts: int, seed: int = 1) -> None:
    """Make a database with facts and no rules.

    Args:
        path: the file of the database, which is made.
        facts: how many: records of commits, changes, patch sets, votes, messages and talks together.
        seed: another one makes other facts.
    """
    numbers = {"commits": facts * 26 // 100, "changes": facts * 14 // 100, "votes": facts * 25 // 100}
    numbers |= {"messages": facts * 8 // 100, "talks": facts * 2 // 100, "first": FIRST, "span": SPAN}
    numbers |= {"people": PEOPLE, "modules": MODULES, "organisations": ORGANISATIONS}
    names = {"git": _GIT, "review": _REVIEW, "list": _LIST}
    with duckdb.connect(str(path)) as database:
        database.execute("SET enable_progress_bar = false")
        database.execute("SET preserve_insertion_order = false")
        database.execute(sql("schema"))
        database.execute(f"SET VARIABLE seed = {seed}")
        for statement in (_MACROS, *_FILL):
            database.execute(statement.format(**numbers, **names))


def register() -> Register:
    """Return the people, organisations and releases of these facts.

    Half of the people have an entry, and every third of these has had two employers; the others are known by their
    domain or not at all.
    """
    people = [_person(number) for number in range(0, PEOPLE, 2)]
    robots = [Person("ci", "CI", ("ci@robots.example",), (Employer(ROBOTS),), ("gerrit:ci",))]
    known = [Organisation(f"Org {one}", (f"org{one}.example",)) for one in range(0, ORGANISATIONS, 2)]
    others = [Organisation(f"Org {one}") for one in range(1, ORGANISATIONS, 2)]
    return Register(people=[*people, *robots], organisations=[*known, *others], releases=RELEASES)


def rules(engine: Engine) -> None:
    """Load the rules for these facts."""
    sources = sorted(str(row[0]) for row in engine.rows("heads"))
    others = [one for one in sources if not one.startswith(_GIT)]
    load_rules(engine, register(), (), Options(split=True, mass_renames=100), sources, others)


def _person(number: int) -> Person:
    home = f"Org {number % ORGANISATIONS}"
    before = Employer(f"Org {(number + 7) % ORGANISATIONS}", FIRST + SPAN * (number % 10) // 10)
    employers = (before, Employer(home)) if number % 3 == 0 else (Employer(home),)
    emails = (f"p{number}@org{number % ORGANISATIONS}.example", f"p{number}@home.example")
    return Person(f"p{number}", f"Person {number}", emails, employers, (f"gerrit:p{number}", f"chat:p{number}"))
