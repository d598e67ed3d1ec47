"""Wiki pages of the original bot: taken over by the program, printed again, the same."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest

from ptgbot.cli import main
from ptgbot.config import load
from ptgbot.following import follow
from ptgbot.service import clock, open_state
from ptgbot.status.model import EntryKind, every_entry
from ptgbot.status.wiki import read, write
from tests.status.desk import ADA, GUEST, INFRA, Desk

STATUS = """{{CI Alert|Gerrit is down}}
* 2018-08-30 18:00:01 UTC Gerrit is up again
* 2018-08-30 17:59:59 UTC Gerrit is down, see https://example.org/?a=b&c=d
"""
SUCCESSES = """{| class="wikitable"
|-
! Date !! Who !! Success
|-
| 2018-08-29 09:00:00 UTC || mira (on [https://log.example.org/2018-08-29.html #infra]) || 500 &lt;b&gt; jobs
|-
| 2018-08-28 09:00:00 UTC || ada_ (on #gate) || the gate is green | really
|}
"""
THANKS = """| 2018-08-29 10:00:00 UTC || kurt (on #infra) || ada, mira for the new disks
| 2018-08-29 09:00:00 UTC || kurt on #infra || broken row
| yesterday || kurt (on #infra) || broken date
| 2018-13-29 09:00:00 UTC || kurt (on #infra) || no such month
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "ptgbot.toml"
    path.write_text('[state]\npath = "ptg.json"\n')
    for name, text in (("Status.wiki", STATUS), ("Successes.wiki", SUCCESSES), ("Thanks.wiki", THANKS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return path


def run(config: Path, *arguments: str) -> int:
    return main(["status-record", arguments[0], str(config), *arguments[1:]])


def taken(config: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    files = [str(config.with_name(f"{name}.wiki")) for name in ("Status", "Successes", "Thanks")]
    assert run(config, "import", *files) == 0
    return capsys.readouterr().out.splitlines()


def test_pages_are_taken_over_once(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert taken(config, capsys) == [
        "Status.wiki: 2 taken over, 0 were there, 0 left out.",
        "Successes.wiki: 2 taken over, 0 were there, 0 left out.",
        "Thanks.wiki, line 2 cannot be read: | 2018-08-29 09:00:00 UTC || kurt on #infra || broken row",
        "Thanks.wiki, line 3 cannot be read: | yesterday || kurt (on #infra) || broken date",
        "Thanks.wiki, line 4 cannot be read: | 2018-13-29 09:00:00 UTC || kurt (on #infra) || no such month",
        "Thanks.wiki: 1 taken over, 0 were there, 3 left out.",
    ]
    assert [line for line in taken(config, capsys) if "taken over" in line] == [
        "Status.wiki: 0 taken over, 2 were there, 0 left out.",
        "Successes.wiki: 0 taken over, 2 were there, 0 left out.",
        "Thanks.wiki: 0 taken over, 1 were there, 3 left out.",
    ]
    tree = asyncio.run(follow(load(config), clock())).state["status"]
    assert isinstance(tree, dict)
    entries = [*every_entry(tree)]
    assert [entry.number for entry in entries] == [5, 4, 3, 2, 1]
    assert entries[2].row["to"] == ["ada", "mira"]
    assert entries[3].row["where"]["room"] == "#infra"
    assert entries[3].row["text"] == "500 <b> jobs"


def test_printed_pages_hold_the_same_entries(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    taken(config, capsys)
    for name, kind, text in (
        ("status", EntryKind.LOG, STATUS),
        ("success", EntryKind.SUCCESS, SUCCESSES),
        ("thanks", EntryKind.THANKS, THANKS),
    ):
        assert run(config, "export", name) == 0
        printed = capsys.readouterr().out
        assert read(kind, printed) == (read(kind, text)[0], [])
    assert run(config, "export", "status") == 0
    assert capsys.readouterr().out.splitlines() == [line.replace("&", "&#38;") for line in STATUS.splitlines()[1:]]


def test_running_bot_refuses_the_import(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opened = asyncio.run(open_state(load(config)))
    assert run(config, "import", str(config.with_name("Status.wiki"))) == 3
    asyncio.run(opened.store.close())
    assert run(config, "import", str(config.with_name("Status.wiki"))) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["import"], "name the files"),
        (["import", "ptgbot.toml"], "ptgbot.toml: give the file a name with one of the words"),
        (["export"], "name one page: success, thanks, status"),
        (["export", "news"], "there is no page news"),
    ],
)
def test_misuse_is_explained(config: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    verb, *names = arguments
    paths = [str(config.with_name(name)) if "." in name else name for name in names]
    assert run(config, verb, *paths) == 2
    assert said in capsys.readouterr().err


BAD = "|| }} {{x}} <script> '''bold''' [[link]] & ö 🎉"


def test_hostile_text_survives_the_wiki_as_text() -> None:
    desk = Desk()
    desk(f"#success {BAD}", GUEST)
    desk(f"#status alert {BAD}")
    for what, kind in (("success", EntryKind.SUCCESS), ("status", EntryKind.LOG)):
        page = "\n".join(write(desk.tree, what))
        assert [one.text for one in read(kind, page)[0]] == [BAD]
        assert not re.search(r"<|\[\[|'''|\{\{x", page)


def test_private_and_withdrawn_entries_are_not_printed() -> None:
    desk = Desk()
    desk("#status alert @infra sesame", ADA, room=INFRA)
    desk("#status notice undone")
    desk("#status undo")
    desk("#status notice shown")
    assert [line.partition("UTC ")[2] for line in write(desk.tree, "status")] == ["shown"]


def test_entries_taken_over_are_on_the_site(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    taken(config, capsys)
    with config.open("a") as file:
        file.write('[site]\noutput = "html"\nurl = "https://status.example.org/"\n')
    assert main(["site", str(config)]) == 0
    html = config.with_name("html")
    assert json.loads((html / "alert.json").read_text()) == {"alert": None, "alerts": []}
    for name in ("thanks/2018-08.html", "people-thanked/ada.html", "thanks.atom"):
        assert "for the new disks" in (html / name).read_text(), name
    assert "Gerrit is up again" in (html / "status" / "2018-08.html").read_text()
