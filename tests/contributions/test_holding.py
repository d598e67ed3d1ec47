"""``ptgbot stats me`` prints everything that is held about a person, and nobody else's address."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from ptgbot.contributions.duck import Duck
from ptgbot.contributions.gerrit import read_changes
from ptgbot.store.file.journal import lines
from ptgbot.store.record import Batch
from ptgbot.store.store import Contents
from tests.contributions.histories import Made, history
from tests.contributions.reviews import ADA, AT, MIRA, Server, change, voted
from tests.contributions.test_hidden_people import Counted
from tests.contributions.test_mail_and_talks import BOX, record

MADE = (
    Made(b"Fix it for ada@other.example\n\nCo-Authored-By: Ada <ada@other.example>", b"Mira <mira@example.org>", AT),
    Made(b"b\n\nCo-Authored-By: M. L. <MIRA@home.example>", b"Eve <eve@x.example>", 2**32),
    *(Made(b"many", b"Old <old@home.example>", AT + number) for number in range(3)),
)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Counted:
    tmp_path = tmp_path_factory.mktemp("held")
    made = Counted(tmp_path)
    made.repositories = [history(tmp_path / "more" / "plants", *MADE)]
    (tmp_path / ".mailmap").write_text("Mira <mira@example.org> <old@home.example>\n")
    (tmp_path / "box.mbox").write_bytes(BOX)
    data = json.loads((tmp_path / "default_data.json").read_text())
    data["users"][0]["member_id"] = "77"
    (tmp_path / "default_data.json").write_text(json.dumps(data))
    batches = [Batch(1, [record(1, "#nova now a", subject="nova", key="mira")]).to_json()]
    (tmp_path / "ptg.journal.jsonl").write_bytes(lines(Contents({"schema": 2, "seq": 0}, batches)))
    made.configure("mailmap = '.mailmap'\n[[stats.mail]]\nname = 'plants-discuss'\nmbox = 'box.mbox'\n")
    made.command("fetch")
    engine = Duck(made.bulk / "facts.duckdb")
    server = Server(change(7, voted(ADA, "Code-Review+2", AT + 60), voted(MIRA, "Code-Review-1", AT + 90)))
    read_changes(engine, "https://review.example.org/", "plants", server.ask)
    engine.close()
    made.command("hide", "eve@x.example")
    made.command("build")
    return made


Held = Callable[..., Any]


@pytest.fixture
def held(program: Counted, capsys: pytest.CaptureFixture[str]) -> Held:
    def ask(*names: str) -> Any:
        capsys.readouterr()
        program.command("me", *names)
        return json.loads(capsys.readouterr().out)

    return ask


def test_everything_about_a_person_is_printed(held: Held) -> None:
    found = held("Mira@Home.example")
    (person,) = found["people"]
    assert (person["id"], person["hidden"], person["punch_card"]) == ("mira", False, False)
    assert person["shown_as"] == {"id": "mira", "name": "Mira Lind"}
    assert [(one["name"], one["until"]) for one in person["employers"]] == [
        ("Example", "2015-01-01T00:00:00Z"),
        ("Other Works", None),
    ]
    rules = {one["address"]: (one["rule"].rpartition(" ")[2], one.get("mailmap")) for one in person["known_by"]}
    assert person["file"] == "default_data.json"
    assert {one["line"] for one in person["known_by"]} == {one["line"] for one in person["employers"]} == {1}
    assert rules["old@home.example"] == ("address", ["Mira", "mira@example.org"])
    assert rules["MIRA@home.example"] == ("address", None)
    assert {"contributions/person/mira.html", "contributions/module/plants.html"} <= {*person["pages"]}
    commits = sorted((one["subject"], one["position"], one["authored"][:10]) for one in found["commits"])
    assert commits == [("Fix it for …", 0, "2014-05-13"), ("b", 1, "2106-02-07"), *[("many", 0, "2014-05-13")] * 3]
    assert [one["change"] for one in found["changes"]] == ["7"]
    assert len(found["patch_sets"]) == 1
    assert [(one["repository"], one["score"]) for one in found["votes"]] == [("review.example.org/plants", -1)]
    assert [one["message_id"] for one in found["messages"]] == ["1@example.org"]
    assert found["talks"] == []
    assert not re.search(r"ada@|eve@", json.dumps(found))


def test_hidden_people_are_told_their_pseudonym(held: Held) -> None:
    (person,) = held("eve@x.example")["people"]
    assert person["hidden"]
    assert re.fullmatch(r"hidden-[0-9a-f]{10}", person["shown_as"]["id"])
    assert f"contributions/person/{person['shown_as']['id']}.html" in person["pages"]
    assert len(person["employers"]) == 1
    talks = held("chat:mira")
    assert [(one["kind"], one["track"]) for one in talks["talks"]] == [("now", "nova")]


def test_nothing_held_is_said_in_a_sentence(program: Counted, capsys: pytest.CaptureFixture[str]) -> None:
    program.command("me", "nobody@example.org")
    assert capsys.readouterr().out == "Nothing is held about nobody@example.org.\n"
