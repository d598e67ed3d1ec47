"""Every engine gives the same answers to every question."""

from __future__ import annotations

import json
import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ptgbot.contributions.corrections import Correction
from ptgbot.contributions.duck import Duck
from ptgbot.contributions.engine import DERIVED, Engine, questions
from ptgbot.contributions.gerrit import read_changes
from ptgbot.contributions.git import Repo
from ptgbot.contributions.holding import HELD
from ptgbot.contributions.mail import read_mail
from ptgbot.contributions.people_files import load_people
from ptgbot.contributions.postgres import Postgres
from ptgbot.contributions.reading import positions, read_repository
from ptgbot.contributions.renewing import renew_tables
from ptgbot.contributions.rules import Options, load_rules
from ptgbot.contributions.snapshots import open_snapshot, write_snapshot
from ptgbot.contributions.talks import read_talks
from ptgbot.store.file.journal import lines
from ptgbot.store.record import Batch
from ptgbot.store.store import Contents
from tests.contributions.histories import Made, history
from tests.contributions.reviews import ADA, AT, MIRA, ZED, Server, change, said, voted
from tests.contributions.stackalytics import DATA
from tests.contributions.test_mail_and_talks import BOX, record

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
PEOPLE = (b"Mira <MIRA@example.org>", b"Robot <robot@example.org>", b"\xe9\t|\\N <x@a.other.example>", b"Nobody <>")


SERVER = Server(
    *(
        change(number, voted(ADA, vote, AT + number * 86_400), voted(MIRA, "Workflow+1", AT + number), at=AT + number)
        for number, vote in enumerate(("Code-Review+2", "Code-Review-1", "Code-Review+1", "Verified-1"))
    ),
    change(8, said(MIRA, "Patch Set 1:\n\n(1 comment)", AT + 5), said(ADA, "Patch Set 1: Fine", AT + 7), owner=ZED),
    change(10, said(ZED, "Patch Set 1: Please look", AT + 8), at=AT + 8, owner=ZED),
    change(9, voted(ADA, "Code-Review-1", AT), voted(ADA, "Code-Review+2", AT + 9), voted(MIRA, "Code-Review+1", AT)),
)
VALUES: dict[str, tuple[int | str, ...]] = {
    "messages_of_list": ("mail:plants",),
    "ids_of_list": ("mail:plants",),
    "people_of_last_cycle": ("PLANTS", "PLANTS"),
    "cube": ("Ash",),
    "responsiveness": (2 * AT, 2 * AT),
    "retention": (2 * AT, 1),
    "gone_people": (2 * AT, 2 * AT, "Ash", "Birch"),
}
"""The values of questions that have some."""
READERS = (
    *("metrics_", "reviews_", "active_", "punch_", "cube", "assistants_"),
    *("absence", "responsiveness", "unanswered", "retention", "gone_people", "unknown_people"),
)
"""Beginnings of the names of questions that readers ask."""


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
    told: list[str] = []
    engine.prepare()
    renew_tables(engine, told.append)
    assert told == []
    engine.drop("talks")
    engine.drop("commits")
    engine.prepare()
    read_repository(engine, str(repository), Repo(repository))
    read_repository(engine, str(repository), Repo(repository))
    read_changes(engine, "https://review.example.org/", "plants", SERVER.ask)
    read_mail(engine, "plants", people.with_name("box.mbox"))
    read_talks(engine, people.parent / "ptg.bulk" / "stats")
    sources = [*positions(engine)]
    corrections = [Correction(Repo(repository).head(), company="Example")]
    load_rules(engine, load_people(people).register, corrections, Options(split=True), sources, sources)
    found = {
        question: sorted(tuple(map(str, row)) for row in engine.rows(question, *VALUES.get(question, ())))
        for question in questions()
    }
    for kind in HELD:
        asked = (engine.rows(f"held/{kind}", *who[:3], 100, 0) for who in engine.rows("authors"))
        found[f"held/{kind}"] = [tuple(map(str, row)) for rows in asked for row in rows]
    write_snapshot(engine, people.parent / engine.__class__.__name__)
    reader = open_snapshot(people.parent / engine.__class__.__name__)
    assert reader is not None
    for question in questions():
        if question.startswith(READERS):
            assert (
                sorted(tuple(map(str, row)) for row in reader.rows(question, *VALUES.get(question, ())))
                == found[question]
            )
    reader.close()
    for view in DERIVED:
        found[view] = sorted(tuple(map(str, row)) for row in engine.derived(view))
        found[view].append(tuple(engine.columns(view)))
    engine.close()
    return found


@pytest.mark.servers
def test_postgresql_answers_what_duckdb_answers(tmp_path: Path, address: str) -> None:
    people = tmp_path / "default_data.json"
    people.write_text(json.dumps(DATA))
    people.with_name("box.mbox").write_bytes(BOX)
    batches = [Batch(1, [record(1, "#nova now a"), record(2, "#startmeeting", "meetings")]).to_json()]
    people.with_name("ptg.journal.jsonl").write_bytes(lines(Contents({"schema": 2, "seq": 0}, batches)))
    made = (
        Made(
            b"%d\n\nCloses-Bug: #123456%d\nAlso-By: M <mira@home.example>\n" % (number, number % 3),
            author=PEOPLE[number % len(PEOPLE)],
            at=1_390_000_000 + number * 3_000_000,
            files={b"f": b"line\n" * (number % 7 + 1)},
        )
        for number in range(40)
    )
    repository = history(tmp_path / "plants", *made)
    expected = answers(Duck(), repository, people)
    assert [question for question, rows in expected.items() if not rows] == []
    assert answers(Postgres(address), repository, people) == expected
