"""What a build costs: it reads no repository, and only pages whose numbers differ are made anew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ptgbot.contributions.engine import whole
from ptgbot.contributions.page_facts import ByPage
from ptgbot.contributions.page_store import looked_at
from tests.contributions.histories import Made, history
from tests.contributions.program import LINES, Program

PEOPLE = ("Mira <mira@example.org>", "Ada <ada@other.example>", *(f"P{n} <p{n}@home{n}.example>" for n in range(5)))


@pytest.fixture
def program(tmp_path: Path) -> Program:
    made = Program(tmp_path)
    commits = []
    for number in range(12):
        others = "".join(f"Also-By: {one}\n" for one in PEOPLE[1 : 1 + number % 6])
        commits.append(
            Made(b"c\n\n" + others.encode(), PEOPLE[0].encode(), 1_400_000_000 + number * 90_000, files={b"c": LINES})
        )
    made.repositories = [history(tmp_path / "oak", *commits)]
    made.configure("split = true\n")
    made.run("refresh")
    return made


def changed(program: Program, after: int) -> set[str]:
    """Return the pages that differ since a number."""
    with looked_at(program.bulk) as store:
        return {key for _, key in store.changed(after, 10_000)}


def newest(program: Program) -> int:
    with looked_at(program.bulk) as store:
        return store.newest()


def test_second_build_changes_no_page(program: Program) -> None:
    before = newest(program)
    assert before > len(PEOPLE)
    for _ in range(2):
        program.run("build")
    assert changed(program, before) == set()


def test_mended_employer_needs_no_git(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    before = newest(program)
    programs, log = program.folder / "programs", program.folder / "log"
    programs.mkdir()
    (programs / "git").write_text(f"#!/bin/sh\necho \"$@\" >> '{log}'\nexit 1\n")
    (programs / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    data = json.loads((program.folder / "default_data.json").read_text())
    (mira,) = (one for one in data["users"] if "mira@example.org" in one["emails"])
    mira["companies"] = [{"company_name": "Mended Works", "end_date": None}]
    data["companies"].append({"company_name": "Mended Works", "domains": []})
    (program.folder / "default_data.json").write_text(json.dumps(data))
    program.run("build")
    assert not log.exists()
    again = changed(program, before)
    assert {"organisation:Mended Works", "person:mira", "module:oak"} <= again
    assert not [one for one in again if one.startswith("person:p")]


@pytest.mark.parametrize(
    ("sum_", "shown"), [(1 / 3 + 1 / 3, 0.67), (sum([1 / 6] * 6), 1), (sum([0.1] * 3), 0.3), (0.5, 0.5), (2.0, 2)]
)
def test_sums_of_parts_have_one_form(sum_: float, shown: float) -> None:
    found = whole(sum_)
    assert (found, type(found)) == (shown, type(shown))


def test_answers_are_given_to_their_pages() -> None:
    pages = ByPage([("a", 1), ("a", 2), ("b", 3), ("d", 4.0)])
    assert [pages.of(key) for key in "abcde"] == [[[1], [2]], [[3]], [], [[4]], []]
    pages = ByPage([("a", 1), ("c", 2)])
    assert pages.of("c") == [[2]]
