"""Hidden people are a stable pseudonym with their numbers, everywhere from the next count."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ptgbot.cli import main
from ptgbot.contributions.asking import active_people
from ptgbot.contributions.hidden_list import BadList, HiddenList, parse_hidden
from ptgbot.contributions.old_addresses import answer
from ptgbot.contributions.old_answers import ANSWERS
from ptgbot.contributions.old_names import METRICS
from ptgbot.contributions.settings import StatsSettings
from ptgbot.contributions.snapshots import current_snapshot
from ptgbot.exits import Exit
from ptgbot.feature import Asked
from tests.contributions.histories import Made, history
from tests.contributions.program import LINES, Program
from tests.contributions.test_pages import files

AT = 1_400_000_000
HIDDEN = re.compile(r"hidden-[0-9a-f]{10}")
TRACES = re.compile(r"mira|lind|home\.example|\beve\b", re.IGNORECASE)
"""Names, ids and addresses of the people who are hidden below."""
MOVED = (
    Made(b"a", b"Mira <mira@example.org>", AT, files={b"a": LINES}),
    Made(b"b", b"M. Lind <MIRA@home.example>", AT + 25_000_000),
    Made(b"c\n\nCo-Authored-By: Ada <ada@other.example>", b"Eve <eve@x.example>", AT + 25_000_005, files={b"c": LINES}),
    Made(b"d", b"Old <old@x.example>", AT + 30_000_000, files={b"d": LINES}),
)


class Counted(Program):
    """A configuration whose pages and answers are read."""

    def command(self, verb: str, *arguments: str, status: Exit = Exit.STOPPED) -> None:
        assert main(["stats", verb, str(self.path), *arguments]) == status

    def api(self, path: str, **query: str) -> Any:
        body = answer(Asked(path, query, {}, self.bulk), StatsSettings()).body
        return json.loads(body)

    def everything(self) -> Iterator[tuple[str, str]]:
        """Yield everything that readers get, with its name."""
        for name, body in files(self.bulk).items():
            yield name, f"{name} {body.decode()}"
        for path in ANSWERS:
            yield path, json.dumps(self.api(path, release="all", metric=",".join(METRICS)), ensure_ascii=False)
        yield "chat", str(active_people(self.bulk, "plants"))
        yield "cycles", (self.bulk / "cycles.json").read_text()
        snapshot = current_snapshot(self.bulk)
        assert snapshot
        yield "snapshot", snapshot.read_bytes().decode("latin-1")


@pytest.fixture
def program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Counted:
    made = Counted(tmp_path, capsys)
    made.repositories = [history(tmp_path / "more" / "plants", *MOVED)]
    corrections = {"corrections": [{"primary_key": "0" * 40, "user_id": "mira"}]}
    (tmp_path / "corrections.json").write_text(json.dumps(corrections))
    (tmp_path / ".mailmap").write_text("Eve <eve@x.example> <old@x.example>\n")
    made.configure("corrections = 'corrections.json'\nmailmap = '.mailmap'\nhidden = 'hidden.txt'\n")
    return made


def names_in(path: Mapping[str, object]) -> list[str]:
    return sorted(name for name in path if name.startswith("person/"))


def test_hidden_people_leave_no_trace(program: Counted) -> None:
    program.command("refresh")
    shown = dict(program.everything())
    assert all(TRACES.search(shown[name]) for name in ("person/mira.html", "users", "stats/engineers", "chat"))
    program.command("hide", "Mira@Home.example", "eve@x.example")
    program.command("build")
    hidden = dict(program.everything())
    assert {name: TRACES.findall(text) for name, text in hidden.items() if TRACES.search(text)} == {}
    people = names_in(hidden)
    assert [bool(HIDDEN.search(name)) for name in people] == [False, True, True]
    assert len(names_in(shown)) == len(people)
    assert not TRACES.search((program.folder / "hidden.txt").read_text())


def test_hiding_changes_no_number(program: Counted) -> None:
    def commits(path: str, **query: str) -> dict[str, int]:
        found = program.api(path, metric="commits", release="all", **query)["stats"]
        return {row["id"]: row["metric"] for row in found}

    program.command("refresh")
    questions = [f"metrics_by_{one}" for one in ("module", "organisation", "release", "week")]
    before = [program.answer(question) for question in questions]
    people = commits("stats/engineers")
    assert [row["user_id"] for row in program.api("affiliation_changes")["affiliation_changes"]] == ["mira"]
    program.command("hide", "mira")
    program.command("build")
    assert [program.answer(question) for question in questions] == before
    after = commits("stats/engineers")
    assert sorted(after.values()) == sorted(people.values())
    (pseudonym,) = after.keys() - people.keys()
    assert HIDDEN.fullmatch(pseudonym)
    assert after[pseudonym] == people["mira"] == 2
    assert commits("stats/modules", user_id=pseudonym) == {"plants": 2}
    assert program.api("stats/modules", user_id="mira") == {"error": "unknown user_id"}
    single = program.api("activity", metric="commits", release="all")["activity"]
    assert {row["user_id"] for row in single} == after.keys() - {pseudonym}
    assert program.api("affiliation_changes") == {"affiliation_changes": []}


def test_pseudonym_stays_and_leaves(program: Counted) -> None:
    program.command("refresh")
    program.command("hide", "mira@example.org")
    program.command("build")
    first = {row[1] for row in program.answer("metrics_by_person")}
    program.command("hide", "eve@x.example")
    data = json.loads((program.folder / "default_data.json").read_text())
    emails = ["mira@example.org", "mira@home.example", "m@new.example"]
    data["users"][0] |= {"launchpad_id": "another", "emails": emails}
    (program.folder / "default_data.json").write_text(json.dumps(data))
    program.command("build")
    second = {row[1] for row in program.answer("metrics_by_person")}
    assert len([one for one in first & second if HIDDEN.fullmatch(str(one))]) == 1
    assert len([one for one in second if HIDDEN.fullmatch(str(one))]) == 2
    program.command("show", "another", "eve@x.example")
    program.command("build")
    assert {row[1] for row in program.answer("metrics_by_person")} == {"another", "eve@x.example", "ada@other.example"}


def test_list_without_its_secret_is_refused(program: Counted) -> None:
    program.command("refresh")
    program.command("hide", "mira")
    secret, listed = program.bulk / "hidden.key", program.folder / "hidden.txt"
    kept, text = secret.read_bytes(), listed.read_text()
    secret.unlink()
    assert "hidden.key is missing" in program("build", Exit.CONFIGURATION)[1]
    secret.write_bytes(b"x" * 32)
    assert "another secret made this list" in program("build", Exit.CONFIGURATION)[1]
    secret.write_bytes(kept)
    listed.unlink()
    assert "the list of hidden people" in program("build", Exit.CONFIGURATION)[1]
    listed.write_text(f"{text}mira@example.org\n")
    assert "hidden.txt, line 9: expected a keyed hash" in program("build", Exit.CONFIGURATION)[1]
    assert current_snapshot(program.bulk) == program.bulk / "snapshots" / "1.duckdb"


@pytest.mark.parametrize(("verb", "name"), [("hide", "nobody"), ("show", "ada@other.example"), ("hide", "@")])
def test_people_who_cannot_be_listed_are_told(program: Counted, verb: str, name: str) -> None:
    program.command(verb, name, status=Exit.CONFIGURATION)
    program.command(verb, status=Exit.CONFIGURATION)


def test_accounts_hide_people_of_unknown_addresses(program: Counted) -> None:
    program.command("hide", "gerrit:zed")
    (line,) = re.findall(r"^[0-9a-f]{32}$", (program.folder / "hidden.txt").read_text(), re.MULTILINE)
    assert parse_hidden(f"key {'0' * 32}\n", "x", b"k").hashes == ()
    with pytest.raises(BadList, match="another secret"):
        parse_hidden(line, "x", b"k")


def test_two_lists_of_one_name_differ() -> None:
    one, other = (HiddenList(key).with_names(["mira@example.org"]) for key in (b"1", b"2"))
    assert one.hashes != other.hashes
    assert one.pseudonym(0) != other.pseudonym(0)
    assert one.hash("MIRA@example.org\x00") == one.hash("mira@example.org")
