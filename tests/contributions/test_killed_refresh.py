"""A refresh that is killed at any moment: the next one gives facts, answers and pages as if nothing had been before."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ptgbot.contributions.page_store import looked_at
from ptgbot.contributions.snapshots import current_snapshot
from tests.contributions.histories import Made, history
from tests.contributions.program import MADE, Program

ROOT = Path(__file__).parents[2]
MORE = (*MADE, Made(b"c", b"Zed <zed@example.net>"), Made(b"d", files={b"d": b"d\n"}))


def refreshed(program: Program, moment: int = 0) -> int:
    """Run the program in a process of its own. Return how many moments it had."""
    command = [sys.executable, "-m", "tests.contributions.killed_refresh", str(program.path), str(moment)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if moment:
        assert done.returncode == -signal.SIGKILL, done.stderr
        return 0
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1])


def tables(path: Path) -> dict[str, list[str]]:
    """Return the rows of all tables of a database."""
    with duckdb.connect(str(path), read_only=True) as database:
        names = [row[0] for row in database.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        return {name: sorted(map(repr, database.execute(f"SELECT * FROM {name}").fetchall())) for name in names}


def held(bulk: Path) -> dict[str, Any]:
    """Return everything that was read and counted, without the numbers of generations."""
    snapshot = current_snapshot(bulk)
    assert snapshot is not None
    with looked_at(bulk) as store:
        found = {key: store.facts(key) for _, key in store.changed(0, 1000)}
    pages = {key: facts for key, facts in found.items() if facts}
    told = json.loads((bulk / "cycles.json").read_text("utf-8"))
    assert told.pop("revision") >= len(pages)
    leftovers = sorted(path.name for path in bulk.rglob("*") if "part" in path.suffix)
    return {
        "facts": tables(bulk / "facts.duckdb"),
        "snapshot": tables(snapshot),
        "pages": pages,
        "told": told,
        "left": leftovers,
    }


def begun(folder: Path) -> Program:
    """Return a program that has counted before; since then a branch was rewritten and a repository was added."""
    program = Program(folder)
    program.bulk.mkdir(parents=True)
    (program.bulk / "address.key").write_bytes(b"secret")
    program.repositories = [history(folder / "oak", *MADE), history(folder / "ash", *MADE)]
    program.configure()
    program.run("refresh")
    history(folder / "oak", *MORE)
    history(folder / "ash", MADE[1])
    program.repositories = [history(folder / "elm", *MORE), *program.repositories]
    program.configure()
    return program


def kill(program: Program, steps: int) -> None:
    """Kill a refresh at so many moments, spread evenly over it, and compare what the next one leaves."""
    before = program.folder / "before"
    shutil.copytree(program.bulk, before)
    shutil.rmtree(program.bulk)
    program.bulk.mkdir()
    (program.bulk / "address.key").write_bytes(b"secret")
    program.run("refresh")
    expected = held(program.bulk)
    assert len(expected["pages"]) > 10
    shutil.rmtree(program.bulk)
    shutil.copytree(before, program.bulk)
    moments = refreshed(program)
    assert held(program.bulk) == expected
    for step in range(1, steps + 1):
        shutil.rmtree(program.bulk)
        shutil.copytree(before, program.bulk)
        refreshed(program, moments * step // (steps + 1))
        program.run("refresh")
        assert held(program.bulk) == expected, f"killed at {step} of {steps}"


def test_killed_refresh_is_made_up_for(tmp_path: Path) -> None:
    kill(begun(tmp_path), 3)


@pytest.mark.long
def test_refresh_killed_at_twenty_moments(tmp_path: Path) -> None:
    kill(begun(tmp_path), 20)
