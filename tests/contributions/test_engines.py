"""Every engine gives the same answers to every question."""

from __future__ import annotations

import json
import os
import pwd
import re
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from importlib.resources import files
from pathlib import Path

import pytest

from ptgbot.contributions.duck import Duck
from ptgbot.contributions.engine import COLUMNS, DERIVED, Engine, Reader, Row, sql
from ptgbot.contributions.gerrit import read_changes
from ptgbot.contributions.git import Repo
from ptgbot.contributions.mail import read_mail
from ptgbot.contributions.people_files import load_corrections, load_people
from ptgbot.contributions.postgres import Postgres
from ptgbot.contributions.reading import positions, read_repository
from ptgbot.contributions.renewing import renew_tables
from ptgbot.contributions.rules import Options, load_rules, tagged
from ptgbot.contributions.snapshots import open_snapshot, write_snapshot
from ptgbot.contributions.spark import LOCAL, exchanged
from ptgbot.contributions.talks import read_talks
from ptgbot.store.file.journal import lines
from ptgbot.store.record import Batch
from ptgbot.store.store import Contents
from tests.contributions.histories import Made, git, history
from tests.contributions.reviews import ADA, AT, MIRA, ZED, Server, change, said, voted
from tests.contributions.stackalytics import DATA
from tests.contributions.test_mail_and_talks import BOX, record

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
TRAILERS = (b"Assisted-By", b"Also-By", b"Bug")
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


Answers = dict[str, list[tuple[str, ...]]]
FAR = 86_400 * 2**45
EVERYTHING = ("", "", "", "", -FAR, FAR)
"""What the old addresses choose if they choose nothing."""
SOME = ("Ash\x1fBirch", "plants", "Example\x1fOther Works", "", 1_380_000_000, 1_420_000_000)
KINDS = ("all", "module", "organisation", "person")
VALUES: dict[str, Sequence[tuple[int | str, ...]]] = {
    "ids_of_list": [("mail:plants",)],
    "messages_of_list": [("mail:plants",)],
    "people_of_last_cycle": [("PLANTS", "PLANTS")],
    "responsiveness": [(2 * AT, 2 * AT)],
    "retention": [(2 * AT, 1)],
    "gone_people": [(2 * AT, 2 * AT, "Ash", "Birch")],
    "cube": [("Ash",)],
    "pages/listed": [("Ash",), ("after Birch",)],
    "pages/metrics": [(kind,) for kind in KINDS],
    "pages/partners": [(kind, "Ash", "Birch") for kind in KINDS[1:]],
    "pages/weeks": [(kind, 1_390_000_000, 1_500_000_000) for kind in (*KINDS, "release")],
    "old/activity": [("commits\x1freviews", *EVERYTHING, 10, 2), ("lines", *SOME, 5, 0)],
    "old/contribution": [EVERYTHING, SOME],
    "old/affiliation_changes": [(-FAR, FAR)],
    "old/new_companies": [(-FAR, FAR)],
    **{
        f"held/{name}": [("gerrit:mlind", "Mira", "mira@example.org", 10, 0)]
        for name in ("changes", "comments", "patch_sets", "votes")
    },
    "held/commits": [("", "Mira", "MIRA@example.org", 10, 2)],
    "held/messages": [("", "Mira Lind", "MIRA@example.org", 10, 0)],
    "held/talks": [("chat:mira", "Mira", "", 10, 0)],
    **{
        f"old/{name}": [("commits", *EVERYTHING), ("reviews\x1fperson-day", *EVERYTHING), ("lines", *SOME)]
        for name in ("companies", "distinct_engineers", "engineers", "engineers_extended", "modules", "timeline")
    },
}
"""The values of the questions that have some."""
KEPT_FROM_READERS = "|".join([*(COLUMNS.keys() - {"people", *DERIVED}), "attributed", "usable"])
OF_FACTS = re.compile(rf"\b(?:FROM|JOIN) (?:{KEPT_FROM_READERS})\b")
"""Found in the questions that only the database with the facts answers, not a snapshot."""


def everything() -> list[str]:
    """Return the names of all questions in every folder. That about the tables themselves is for databases of facts."""
    folder = Path(str(files("ptgbot.contributions") / "queries"))
    texts = {str(path.relative_to(folder).with_suffix("")): path.read_text("utf-8") for path in folder.rglob("*.sql")}
    plain = {name: re.sub(r"--.*", "", text) for name, text in texts.items()}
    return sorted(name for name, text in plain.items() if name != "form" and not text.lstrip().startswith("CREATE"))


def cells(rows: Iterable[Row]) -> list[tuple[str, ...]]:
    """Return rows in an order of their own, for engines sort texts differently; 2 and 2.0 are one number."""
    return sorted(tuple(cell if isinstance(cell, str) else _number(cell) for cell in row) for row in rows)


def _number(cell: object) -> str:
    return "" if cell is None else f"{float(str(cell)):.6f}"


def answers(reader: Reader, names: Iterable[str]) -> Answers:
    """Return the answers to questions."""
    return {
        f"{question} {values}": cells(reader.rows(question, *values))
        for question in names
        for values in VALUES.get(question, [()])
    }


def tables(reader: Reader) -> Answers:
    """Return the tables and views that a snapshot has."""
    return {view: [*cells(reader.derived(view)), tuple(reader.columns(view))] for view in ("people", *DERIVED)}


def snapshot(reader: Reader, folder: Path) -> Answers:
    """Return the answers of a snapshot that an engine has counted."""
    write_snapshot(reader, folder)
    made = open_snapshot(folder)
    assert made is not None
    with closing(made):
        made.prepare_old()
        names = (name for name in everything() if not OF_FACTS.search(sql(name)))
        return answers(made, names) | tables(made)


def fill(engine: Engine, folder: Path) -> None:
    """Read all kinds of facts."""
    repository, people = folder / "plants", folder / "default_data.json"
    told: list[str] = []
    engine.prepare()
    renew_tables(engine, told.append)
    assert told == []
    engine.drop("talks")
    engine.drop("commits")
    engine.prepare()
    if not repository.exists():
        _make(folder)
    sources = {str(repository): repository, str(folder / "tagged"): folder / "tagged"}
    for name, path in sources.items():
        read_repository(engine, name, Repo(path))
        read_repository(engine, name, Repo(path))
    read_changes(engine, "https://review.example.org/", "plants", SERVER.ask)
    read_mail(engine, "plants", folder / "box.mbox")
    read_talks(engine, folder / "ptg.bulk" / "stats")
    register = load_people(people).register
    for name, path in sources.items():
        engine.load("tagged", tagged(Repo(path), name, path.name, "", register, lambda _sentence: None))
    keys = [*positions(engine)]
    corrections = load_corrections(folder / "corrections.json")
    load_rules(engine, register, corrections, Options(split=True), keys, set(keys) - set(sources))


def _make(folder: Path) -> None:
    (folder / "default_data.json").write_text(json.dumps(DATA))
    (folder / "box.mbox").write_bytes(BOX)
    batches = [Batch(1, [record(1, "#nova now a"), record(2, "#startmeeting", "meetings")]).to_json()]
    (folder / "ptg.journal.jsonl").write_bytes(lines(Contents({"schema": 2, "seq": 0}, batches)))
    made = (
        Made(
            b"Part \xe8\x8a\xb1 %d\n\nCloses-Bug: #123456%d\n%s: M <mira@home.example>\n"
            % (number, number % 3, TRAILERS[number % len(TRAILERS)]),
            author=PEOPLE[number % len(PEOPLE)],
            at=1_390_000_000 + number * 3_000_000,
            files={b"f": b"line\n" * (number % 7 + 1), b"vendor/x": b"%d\n" % number},
        )
        for number in range(40)
    )
    history(folder / "plants", *made)
    tags = enumerate(("0.9", "", "1.0"))
    early = (Made(author=PEOPLE[2], at=1_380_000_000 + number, tag=tag) for number, tag in tags)
    sha = git(history(folder / "tagged", *early), "rev-parse", "main").strip()
    entries = [{"primary_key": sha, "user_id": "mira", "company_name": "Example", "lines_added": 7}]
    (folder / "corrections.json").write_text(json.dumps({"corrections": entries}))


@pytest.fixture
def facts(tmp_path: Path) -> Iterator[Duck]:
    """Return a database of DuckDB with all kinds of facts."""
    with closing(Duck(tmp_path / "facts.duckdb")) as engine:
        fill(engine, tmp_path)
        engine.prepare_old()
        yield engine


def assert_equal(engine: Reader, facts: Duck, folder: Path) -> None:
    """Compare the answers to all questions, those of snapshots too."""
    expected = answers(facts, everything()) | tables(facts)
    assert [question for question, rows in expected.items() if not rows] == []
    assert answers(engine, everything()) | tables(engine) == expected
    for one in (engine, facts):
        found = snapshot(one, folder / one.__class__.__name__)
        assert found == {name: expected[name] for name in found}


def test_values_of_every_question_are_known() -> None:
    texts = {question: re.sub(r"--.*", "", sql(question)) for question in everything()}
    marks = {question: text.count("?") or len({*re.findall(r"\$\d+", text)}) for question, text in texts.items()}
    assert {question: number for question, number in marks.items() if number} == {
        question: len(values[0]) for question, values in VALUES.items()
    }


@pytest.mark.servers
def test_postgresql_answers_what_duckdb_answers(tmp_path: Path, address: str, facts: Duck) -> None:
    with closing(Postgres(address)) as engine:
        fill(engine, tmp_path)
        assert_equal(engine, facts, tmp_path)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    """Start a master and a worker of Spark. Return the address of the master."""
    pyspark = pytest.importorskip("pyspark")
    program, package = Path(pyspark.__file__).with_name("bin") / "spark-class", "org.apache.spark.deploy"
    master, worker = tmp_path / "master.log", tmp_path / "worker.log"
    own = ("--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
    with ExitStack() as stack:
        stack.enter_context(running(program, f"{package}.master.Master", *own, log=master))
        address = awaited(master, r"Starting Spark master at (\S+)")
        folder = ("--cores", "2", "--memory", "2g", "--work-dir", tmp_path / "work")
        stack.enter_context(running(program, f"{package}.worker.Worker", *own, *folder, address, log=worker))
        awaited(worker, "(Successfully registered) with master")
        yield address


@contextmanager
def running(*command: str | Path, log: Path) -> Iterator[None]:
    with log.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT) as process:
        try:
            yield
        finally:
            process.terminate()


def awaited(log: Path, pattern: str) -> str:
    """Wait until a line of a log matches. Return the group of the pattern."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if found := re.search(pattern, log.read_text("utf-8")):
            return found[1]
        time.sleep(0.2)
    raise AssertionError(log.read_text("utf-8"))


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("where", ["local", "cluster"])
def test_spark_answers_what_duckdb_answers(
    tmp_path: Path, facts: Duck, where: str, request: pytest.FixtureRequest
) -> None:
    pytest.importorskip("pyspark")
    master = request.getfixturevalue("cluster") if where == "cluster" else LOCAL
    with exchanged(facts, master, tmp_path / "exchange") as spark:
        assert_equal(spark, facts, tmp_path)
    assert [*(tmp_path / "exchange").iterdir()] == []
