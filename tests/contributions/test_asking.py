"""``+contributors`` and ``+newcomers`` tell what the newest snapshot has."""

from __future__ import annotations

from pathlib import Path

import pytest

from ptgbot.chat.commands import Fetched, Query
from ptgbot.contributions import FEATURE
from ptgbot.contributions.asking import Active, active_people, shown
from ptgbot.testing import Chat
from tests.contributions.histories import Made, history
from tests.contributions.program import Program

DAY = 86_400
OLD, NEW = 1_395_000_000, 1_410_000_000
FIRST = "Ada (2 days, 1 commit)"
FOUND = [Active("Ada", 2, 1, 0, True, "Ash"), Active("Mira", 1, 0, 3, False, "Ash")]
MIRA, ADA, MAIL = b"Mira <mira@example.org>", b"Ada <ada@other.example>", b"x@y.example <x@y.example>"


@pytest.fixture
def program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Program:
    return Program(tmp_path, capsys)


def test_active_and_new_people_of_the_last_cycle(program: Program) -> None:
    made = [Made(b"a", MIRA, OLD), Made(b"a", b"Gone <gone@y.example>", OLD), Made(b"b", MIRA, NEW)]
    made += [Made(b"c", MIRA, NEW + 5), Made(b"c", ADA, NEW), Made(b"d", ADA, NEW + 2 * DAY), Made(b"e", MAIL, NEW)]
    program.repositories = [history(program.folder / "Nova", *made)]
    program.configure()
    assert active_people(program.bulk, "nova") is None
    program("refresh")
    assert active_people(program.bulk, "nova") == [
        Active("Ada", 2, 2, 0, True, "Birch"),
        Active("Mira Lind", 1, 2, 0, False, "Birch"),
        Active("x", 1, 1, 0, True, "Birch"),
    ]
    assert active_people(program.bulk, "glance") == []


def test_names_are_shown_without_addresses() -> None:
    names = ["Mira Lind", "x@y.example", "@", "a\x02b\n"]
    assert [shown(name) for name in names] == ["Mira Lind", "x", "somebody", "a b"]


@pytest.mark.parametrize(
    ("line", "fetched", "answer"),
    [
        ("+contributors", None, "Say which track: +contributors TRACK."),
        ("+contributors nova", Fetched(None), "Nothing has been counted yet."),
        ("+contributors nova", Fetched([]), "No contributions to nova are known."),
        ("+contributors nova", Fetched(error="it is locked"), "The contributions cannot be read: it is locked"),
        (
            "+contributors #nova",
            Fetched(FOUND),
            "Active in nova in Ash: Ada (2 days, 1 commit), Mira (1 day, 3 reviews).",
        ),
        ("+newcomers nova", Fetched(FOUND), "New in nova in Ash: Ada (2 days, 1 commit)."),
        ("+newcomers nova", Fetched(FOUND[1:]), "Nobody is new in nova in Ash."),
        (
            "+contributors nova",
            Fetched(FOUND[:1] * 12),
            f"Active in nova in Ash: {', '.join([FIRST] * 10)}, and 2 more.",
        ),
    ],
)
def test_command_tells_people_of_a_track(line: str, fetched: Fetched | None, answer: str) -> None:
    assert Chat([FEATURE])(line, fetched=fetched) == [answer]


def test_command_asks_the_snapshot(tmp_path: Path) -> None:
    chat = Chat([FEATURE])
    chat("+contributors nova")
    assert chat.decision is not None
    assert isinstance(chat.decision.ask, Query)
    assert chat.decision.ask.run(tmp_path) is None
