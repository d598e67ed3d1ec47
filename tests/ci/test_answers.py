from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ptgbot.chat.commands import Fetched, Query
from ptgbot.ci import FEATURE
from ptgbot.ci.keeping import Keeping
from ptgbot.ci.raw import Kept
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


def asked(folder: Path, line: str, at: int, events: list[Event] | None = None) -> str:
    """Type a line at a moment, when these events are stored, and return the answer."""
    chat = Chat([FEATURE], {"ci": SETTINGS}, datetime.fromtimestamp(at - 60, UTC))
    if events:
        Keeping(folder / "gerrit", SETTINGS).put([Kept("review", "stream", event) for event in events])
    assert chat(line) == []
    assert chat.decision
    assert isinstance(chat.decision.ask, Query)
    chat.at = datetime.fromtimestamp(at - 60, UTC)
    try:
        found = Fetched(chat.decision.ask.run(folder))
    except Unreadable as error:
        found = Fetched(error=str(error))
    [said] = chat(line, fetched=found)
    return said


@pytest.mark.parametrize(
    ("line", "hours", "answer"),
    [
        (
            "+ci openstack/nova",
            10,
            f"{NOVA} in the last day: 2 patch sets, upstream succeeded in 1 of 1 run, 1 missed, 0 pending, 1 flip.",
        ),
        ("+ci acme", 10, "acme: last result 2024-11-19 10:06 UTC; in the last day 2 done, 0 missed, 1 flip."),
        ("+ci Acme CI", 10, "acme: last result 2024-11-19 10:06 UTC; in the last day 2 done, 0 missed, 1 flip."),
        ("+ci missing", 10, "No expected CI was silent in the last day."),
        ("+ci missing", 47, "Silent in the last day: zuul (missed 1)."),
        ("+ci openstack/nvoa", 10, "There is no project and no CI named openstack/nvoa. Did you mean openstack/nova?"),
    ],
)
def test_question_has_its_answer(tmp_path: Path, line: str, hours: int, answer: str) -> None:
    assert asked(tmp_path, line, T + hours * HOUR, EVENTS) == answer


def test_board_without_facts_says_so(tmp_path: Path) -> None:
    assert asked(tmp_path, "+ci missing", T).startswith("The board cannot be read: nothing was read of a server yet")


def test_question_without_words_is_explained() -> None:
    assert Chat([FEATURE])("+ci") == [
        "Say which: +ci PROJECT, +ci NAME of a CI, +ci missing, +ci periodic, or +ci why NUMBER of a change."
    ]
