"""Messages to mailing lists, and commands of the bot's own journal, become facts, each once."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ptgbot.contributions.duck import Duck
from ptgbot.contributions.mail import Letter, letters_in, read_lists
from ptgbot.contributions.talks import talk_in
from ptgbot.store.edits import Edit
from ptgbot.store.file.journal import lines
from ptgbot.store.record import Batch, Record
from ptgbot.store.store import Contents
from tests.contributions.program import Program

BOX = b"""From mira@example.org Mon Oct 20 10:00:00 2014
From: Mira Lind <MIRA@example.org>
Subject: [plants-discuss] [Nova][ironic] A question
Date: Mon, 20 Oct 2014 10:00:00 +0200
Message-ID: <1@example.org>

From here on it is text.
>From is escaped.

From ada at other.example Tue Oct 21 10:00:00 2014
From: ada at other.example (=?utf-8?q?Ad=C3=A4?=)
Subject: Re: no track
Date: Tue, 21 Oct 2014 10:00:00 +0000
Message-ID: <2@example.org>

text

From x
From: Mira Lind <mira@example.org>
Date: Tue, 21 Oct 2014 10:00:00 +0000
Message-ID: <1@example.org>

the same again

From x
From: nobody
Date: never

"""


@pytest.fixture
def program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Program:
    return Program(tmp_path, capsys)


def test_letters_of_a_mailbox() -> None:
    assert [*letters_in(BOX.splitlines(keepends=True), "plants-discuss@lists.example.org")] == [
        Letter(
            "1@example.org",
            "Mira Lind",
            "MIRA@example.org",
            "[plants-discuss] [Nova][ironic] A question",
            "nova",
            1_413_792_000,
        ),
        Letter("2@example.org", "Adä", "ada@other.example", "Re: no track", "", 1_413_885_600),
    ]


def test_new_letters_of_a_list_count_once(tmp_path: Path) -> None:
    box, engine, told = tmp_path / "box.mbox.gz", Duck(), list[str]()
    engine.prepare()
    box.write_bytes(gzip.compress(BOX))
    assert [*read_lists(engine, {"plants": box}, told.append)] == ["plants: 2 new messages"]
    assert [*read_lists(engine, {"plants": box}, told.append)] == []
    box.write_bytes(gzip.compress(BOX + BOX.replace(b"<1@", b"<3@")))
    assert [*read_lists(engine, {"plants": box}, told.append)] == ["plants: 1 new messages"]
    known = [*engine.derived("messages")]
    assert [str(row[1]) for row in known] == ["1@example.org", "2@example.org", "3@example.org"]
    box.write_bytes(gzip.compress(BOX)[:-20])
    assert [*read_lists(engine, {"plants": box}, told.append)] == []
    box.write_bytes(gzip.compress(BOX)[:20] + bytes(200))
    assert [*read_lists(engine, {"plants": box}, told.append)] == []
    assert ["box.mbox.gz cannot be read" in sentence for sentence in told] == [True, True]
    assert [*engine.derived("messages")] == known
    engine.close()


def test_letters_are_counted_by_track(program: Program) -> None:
    (program.folder / "box.mbox").write_bytes(BOX)
    program.configure("[[stats.mail]]\nname = 'plants-discuss'\nmbox = 'box.mbox'\n")
    program("refresh")
    assert ("messages", "mira", 1.0) in program.answer("metrics_by_person")
    assert ("messages", "nova", 1.0) in program.answer("metrics_by_module")


def record(number: int, text: str, feature: str = "gathering", **more: Any) -> Record:
    at = datetime(2026, 11, 16, 9, number, tzinfo=UTC)
    values = {"key": "mira", "nick": "Mira", "network": "irc", "room": "#x", "room_name": "#x", **more}
    return Record(number, feature, at, text=text, edits=(Edit(("x",), None, number),), **values)


@pytest.mark.parametrize(
    ("made", "talk"),
    [
        (record(1, "#nova now cells", subject="nova"), ("now", "nova")),
        (record(1, "#Nova NEXT cells at 10"), ("next", "nova")),
        (record(1, "#startmeeting weekly", "meetings"), ("meeting", "")),
        (record(1, "#action mira mends it", "meetings"), ("action", "")),
        (record(1, "#nova color #fff"), None),
        (record(1, "#nova now cells", key=""), None),
        (record(1, "~undo", undoes=1), None),
        (record(1, "#nova now x", "coffee"), None),
    ],
)
def test_talk_of_a_command(made: Record, talk: tuple[str, str] | None) -> None:
    assert talk_in(made) == talk


def test_talks_of_the_journal_are_those_of_now(program: Program) -> None:
    def write(*records: Record) -> None:
        batches = [Batch(number, [one]).to_json() for number, one in enumerate(records, 1)]
        (program.folder / "ptg.journal.jsonl").write_bytes(lines(Contents({"schema": 2, "seq": 0}, batches)))

    write(record(1, "#nova now a", subject="nova"), record(2, "#nova next b", subject="nova"))
    assert "talks: 2 new commands\n" in program("refresh")[0]
    assert ("talks", "chat:mira", 2.0) in program.answer("metrics_by_person")
    assert ("talks", "nova", 2.0) in program.answer("metrics_by_module")
    write(record(1, "", key="", subject="nova"), record(2, "#nova next b", subject="nova"))
    program("refresh")
    assert ("talks", "chat:mira", 1.0) in program.answer("metrics_by_person")
