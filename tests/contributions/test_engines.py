"""Every engine gives the same answers to every question."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from ptgbot.contributions.duck import Duck
from ptgbot.contributions.engine import Engine
from ptgbot.contributions.git import Repo
from ptgbot.contributions.people_files import load_people
from ptgbot.contributions.postgres import Postgres
from ptgbot.contributions.reading import read_repository
from ptgbot.contributions.rules import Options, load_rules
from tests.contributions.histories import Made, history
from tests.contributions.stackalytics import DATA

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
PEOPLE = (b"Mira <MIRA@example.org>", b"Robot <robot@example.org>", b"\xe9\t|\\N <x@a.other.example>", b"Nobody <>")
QUESTIONS = sorted({path.name.removesuffix(".sql") for path in (files("ptgbot.contributions") / "queries").iterdir()})


def run(*command: str | Path, folder: Path) -> None:
    """Run a program of PostgreSQL, which refuses to run as root, as nobody."""
    user = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups") if os.geteuid() == 0 else ()
    subprocess.run([*user, *command], check=True, cwd=folder, stdout=subprocess.DEVNULL)


@pytest.fixture
def address() -> Iterator[str]:
    """Start a cluster that answers only on a socket in a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder, data = Path(name), Path(name, "data")
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        run(PROGRAMS / "initdb", "-D", data, "-U", "ptgbot", "-A", "trust", "-E", "UTF8", "-N", folder=folder)
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        control = (PROGRAMS / "pg_ctl", "-D", data, "-w", "-l", folder / "log")
        run(*control, "-o", options, "start", folder=folder)
        yield f"postgresql:///postgres?host={folder}&user=ptgbot"
        run(*control, "-m", "immediate", "stop", folder=folder)


def answers(engine: Engine, repository: Path, people: Path) -> dict[str, list[tuple[str, ...]]]:
    engine.prepare()
    read_repository(engine, str(repository), Repo(repository))
    read_repository(engine, str(repository), Repo(repository))
    load_rules(engine, load_people(people).register, (), Options())
    asked = [question for question in QUESTIONS if question not in ("schema", "views")]
    found = {question: sorted(tuple(map(str, row)) for row in engine.rows(question)) for question in asked}
    engine.close()
    return found


@pytest.mark.servers
def test_postgresql_answers_what_duckdb_answers(tmp_path: Path, address: str) -> None:
    people = tmp_path / "default_data.json"
    people.write_text(json.dumps(DATA))
    made = (
        Made(
            b"%d\n\nAlso-By: M <mira@home.example>\n" % number,
            author=PEOPLE[number % len(PEOPLE)],
            at=1_390_000_000 + number * 3_000_000,
            files={b"f": b"line\n" * (number % 7 + 1)},
        )
        for number in range(40)
    )
    repository = history(tmp_path / "one", *made)
    expected = answers(Duck(), repository, people)
    assert len(expected["by_user_and_company"]) > 2
    assert answers(Postgres(address), repository, people) == expected
