"""No e-mail address is in any page, file or answer, wherever the data has one."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from ptgbot.contributions.duck import Duck
from ptgbot.contributions.gerrit import read_changes
from ptgbot.store.file.journal import lines
from ptgbot.store.record import Batch
from ptgbot.store.store import Contents
from tests.contributions.histories import Made, history
from tests.contributions.reviews import AT, Server, change, voted
from tests.contributions.test_hidden_people import Counted
from tests.contributions.test_mail_and_talks import record

PEOPLE = """
[[people]]
id = "boss@corp.example"
name = "boss@corp.example"
emails = ["boss@corp.example"]
employers = [{ name = "me@corp.example", until = 2014-06-01 }, { name = "Lab <lab@corp.example>" }]

[[people]]
id = "twice@corp.example"
name = "<twice@corp.example>"
emails = ["twice@corp.example"]
employers = [{ name = "Lab <lab@corp.example>" }, { name = "me@corp.example" }]

[[organisations]]
name = "me@corp.example"

[[organisations]]
name = "Lab <lab@corp.example>"
aliases = ["l@corp.example"]
domains = ["corp.example"]

[[releases]]
name = "ash@corp.example"
until = 2014-06-01

[[repositories]]
uri = "https://git.corp.example/oak@corp.example.git"
module = "oak@corp.example"
"""
BOX = b"""From x
From: "list@corp.example" <list@corp.example>
Date: Tue, 21 Oct 2014 10:00:00 +0000
Message-ID: <id@corp.example>
Subject: [plants@corp.example] [oak] mail@corp.example asks

text
"""
NAMES = ("boss@corp.example", "twice@corp.example", "new@corp.example", "k\xe9@corp.example")
OWNER = {"_account_id": 1, "name": "owner@corp.example", "email": "owner@corp.example", "username": "o@corp.example"}
VOTER = {"_account_id": 2, "name": "voter@corp.example", "username": "voter@corp.example"}


def test_no_page_file_or_answer_has_an_address(tmp_path: Path) -> None:
    program = Counted(tmp_path)
    commits = [
        Made(f"By {name}\n\nCo-Authored-By: {name} <co@corp.example>".encode(), f"{name} <{name}>".encode(), AT + place)
        for place, name in enumerate(NAMES)
    ]
    program.repositories = [
        history(tmp_path / "mail" / "oak@corp.example", *commits),
        history(tmp_path / "mail" / "elm@corp.example", *commits[2:], Made(b"late", at=AT + 60_000_000)),
    ]
    (tmp_path / "people.toml").write_text(PEOPLE)
    (tmp_path / "box.mbox").write_bytes(BOX)
    talk = record(1, "#oak now a", subject="oak", key="@chat:corp.example", nick="n@corp.example")
    journal = lines(Contents({"schema": 2, "seq": 0}, [Batch(1, [talk]).to_json()]))
    (tmp_path / "ptg.journal.jsonl").write_bytes(journal)
    program.configure("[[stats.mail]]\nname = 'plants@corp.example'\nmbox = 'box.mbox'\n")
    program.path.write_text(program.path.read_text().replace("default_data.json", "people.toml"))
    program.run("fetch")
    engine = Duck(program.bulk / "facts.duckdb")
    subject, branch = "Ask subject@corp.example", "x@corp.example"
    server = Server(
        change(7, voted(VOTER, "Code-Review-1", AT + 9), owner=OWNER, subject=subject, branch=branch),
        change(8, owner=OWNER, status="MERGED", subject=subject),
    )
    read_changes(engine, "https://review.corp.example/", "plants/p@corp.example", server.ask)
    engine.close()
    program.run("build")
    found = {name: text for name, text in program.everything() if name != "snapshot"}
    assert len(found) > 45
    assert {name: text[max(text.find("@") - 80, 0) :][:120] for name, text in found.items() if "@" in text} == {}
    assert {name for name, text in found.items() if "corp.example" in text.replace("review.corp.example", "")} == set()
    assert b"@corp" not in (program.bulk / "pages.sqlite").read_bytes()
    everything = json.dumps(found, ensure_ascii=False)
    assert "Ask …" in everything
    for who in ("boss", "twice", "new", "list", "owner", "voter", "Lab", "oak", "elm", "ash"):
        assert who in everything, who
        # With a digest that has no secret, readers could try out addresses.
        assert hashlib.sha256(f"{who}@corp.example".encode()).hexdigest()[:16] not in everything
