from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from ptgbot.chat.commands import Fetched, Query
from ptgbot.chat.message import Person, Role
from ptgbot.ci import FEATURE
from ptgbot.ci.keeping import Keeping
from ptgbot.ci.raw import Kept
from ptgbot.ci.settings import CiSettings
from ptgbot.store.export import Unreadable
from ptgbot.testing import Chat
from tests.ci.happenings import ACME, BAD, HOUR, NOVA, OK, SETTINGS, Event, T, comment, created

EVENTS = [
    created(1),
    comment(OK, number=1),
    comment(BAD, ACME, number=1),
    comment(OK, ACME, number=1, at=T + 2 * HOUR),
    created(2, at=T + HOUR),
    comment(OK, ACME, number=2, born=T + HOUR, at=T + 3 * HOUR),
    created(3, at=T + 40 * HOUR),
    comment(OK, ACME, number=3, born=T + 40 * HOUR, at=T + 41 * HOUR),
]
OF_NOVA = (
    f"{NOVA} in the last day: 2 patch sets, upstream succeeded in 1 of 1 run; missed by zuul (1); "
    "flipping: unit (acme)."
)
OF_ACME = (
    "acme: last result 2024-11-19 10:06 UTC; in the last day 2 of 3 runs succeeded; missed 0 of 2 patch sets; "
    "flipping: unit."
)


def stored(folder: Path, events: list[Event], settings: CiSettings = SETTINGS) -> Path:
    """Store events as the source does. Return the folder of the feature's bulk storage."""
    Keeping(folder / "gerrit", settings).put([Kept("review", "stream", event) for event in events])
    return folder


def typed(chat: Chat, folder: Path, line: str, by: str | Person = "mira", role: Role = Role.ATTENDEE) -> list[str]:
    """Type a line, answer its question to the facts, and return the answers."""
    at = chat.at
    answers = chat(line, by, role)
    if chat.decision is None or not isinstance(chat.decision.ask, Query):
        return answers
    chat.at = at
    try:
        found = Fetched(chat.decision.ask.run(folder))
    except Unreadable as error:
        found = Fetched(error=str(error))
    return chat(line, by, role, fetched=found)


def asked(folder: Path, line: str, at: int, events: list[Event] | None = None, **more: Any) -> str:
    """Type a line at a moment, when these events are stored, and return the answer."""
    settings = attrs.evolve(SETTINGS, **more)
    chat = Chat([FEATURE], {"ci": settings}, datetime.fromtimestamp(at - 60, UTC))
    [said] = typed(chat, stored(folder, events, settings) if events else folder, line)
    return said


@pytest.mark.parametrize(
    ("line", "hours", "answer"),
    [
        (
            "+ci openstack/nova",
            10,
            OF_NOVA,
        ),
        ("+ci acme", 10, OF_ACME),
        ("+ci ACME ci", 10, OF_ACME),
        ("+ci zuul", 47, "zuul: last result 2024-11-19 08:06 UTC; in the last day no result; missed 1 of 1 patch set."),
        ("+ci missing", 10, "No expected CI was silent in the last day."),
        ("+ci missing", 47, "Silent in the last day: zuul (missed 1)."),
        ("+ci openstack/nvoa", 10, "There is no project and no CI named openstack/nvoa. Did you mean openstack/nova?"),
        ("+ci zul", 10, "There is no project and no CI named zul. Did you mean zuul?"),
        ("+ci \u0430cme", 10, "There is no project and no CI named \u0430cme. Did you mean acme?"),
        pytest.param("+ci " + "x" * 300, 10, "No project and no CI has so long a name.", id="long"),
        ("+ci \x0304red\r\nQUIT", 10, "There is no project and no CI named 04red QUIT."),
    ],
)
def test_question_has_its_answer(tmp_path: Path, line: str, hours: int, answer: str) -> None:
    assert asked(tmp_path, line, T + hours * HOUR, EVENTS) == answer


def test_last_part_of_one_project_suffices(tmp_path: Path) -> None:
    assert asked(tmp_path, "+ci nova", T + 10 * HOUR, EVENTS).startswith(f"{NOVA} in the last day: 2 patch sets")


def test_last_part_of_two_projects_names_both(tmp_path: Path) -> None:
    events = [*EVENTS, created(7, project="x/nova")]
    said = asked(tmp_path, "+ci nova", T + 10 * HOUR, events)
    assert said == "There is no project and no CI named nova. Did you mean openstack/nova or x/nova?"


def test_two_cis_with_one_name_are_told_apart(tmp_path: Path) -> None:
    other = {"username": "mallory", "name": "Acme CI"}
    said = asked(tmp_path, "+ci acme ci", T + 10 * HOUR, [*EVENTS, comment(OK, other, number=2)])
    assert said == "Several CIs are called acme ci: acme and mallory. Type the account."


def test_account_counts_before_display_name(tmp_path: Path) -> None:
    other = {"username": "mallory", "name": "acme"}
    events = [*EVENTS, comment(OK, other, number=2)]
    said = asked(tmp_path, "+ci acme", T + 10 * HOUR, events, accounts={**SETTINGS.accounts, "mallory": "ci"})
    assert said == OF_ACME


def test_hostile_names_stay_in_one_line(tmp_path: Path) -> None:
    name = "\x0304evil\r\nPRIVMSG #x :\u202e" + "y" * 100_000
    events = [
        created(1, project="a/b"),
        comment(OK, {"username": name, "name": "Evil CI"}, number=1, change={"project": "a/b", "number": 1}),
        comment(OK, change={"project": "a/b", "number": 1}, number=1),
        created(2, at=T + HOUR, project="a/b"),
    ]
    said = asked(tmp_path, "+ci a/b", T + 10 * HOUR, events)
    assert said.startswith("a/b in the last day: 2 patch sets, upstream succeeded in 1 of 1 run; missed by ")
    assert "04evil PRIVMSG #x : yyy" in said
    assert not set("\r\n\x03\u202e") & set(said)
    assert len(said) < 300
    assert len(asked(tmp_path, "+ci evil ci", T + 10 * HOUR)) < 300


def test_board_without_facts_says_so(tmp_path: Path) -> None:
    assert asked(tmp_path, "+ci missing", T).startswith("The board cannot be read: nothing was read of a server yet")


def test_question_without_words_is_explained() -> None:
    [said] = Chat([FEATURE])("+ci")
    assert said.startswith("Say which: +ci PROJECT, +ci NAME of a CI, +ci missing, +ci periodic, +ci alerts, +ci why")


def test_question_reads_no_whole_board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a board of a project was made")

    monkeypatch.setattr("ptgbot.ci.board.Board.__attrs_post_init__", refuse)
    for line in ("+ci openstack/nova", "+ci acme", "+ci missing"):
        assert asked(tmp_path, line, T + 10 * HOUR, EVENTS)
