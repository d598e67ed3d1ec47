"""Hidden people are a stable pseudonym with their numbers, everywhere from the next count."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from attrs import frozen

from ptgbot.cli import main
from ptgbot.contributions.asking import active_people
from ptgbot.contributions.corrections import Correction
from ptgbot.contributions.hidden_list import BadList, HiddenList, parse_hidden
from ptgbot.contributions.masking import Wishes, masked, masked_corrections
from ptgbot.contributions.model import Person, Register
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

    def everything(self, paths: Iterable[str] = ANSWERS) -> Iterator[tuple[str, str]]:
        """Yield everything that readers get, with its name.

        Args:
            paths: the old addresses that are asked.
        """
        for name, body in files(self.bulk).items():
            yield name, f"{name} {body.decode()}"
        for path in paths:
            yield path, json.dumps(self.api(path, release="all", metric=",".join(METRICS)), ensure_ascii=False)
        yield "chat", str(active_people(self.bulk, "plants"))
        yield "cycles", (self.bulk / "cycles.json").read_text()
        snapshot = current_snapshot(self.bulk)
        assert snapshot
        yield "snapshot", snapshot.read_bytes().decode("latin-1")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Counted:
    folder = tmp_path_factory.mktemp("hidden")
    made = Counted(folder)
    made.repositories = [history(folder / "more" / "plants", *MOVED)]
    corrections = {"corrections": [{"primary_key": "0" * 40, "user_id": "mira"}]}
    (folder / "corrections.json").write_text(json.dumps(corrections))
    (folder / ".mailmap").write_text("Eve <eve@x.example> <old@x.example>\n")
    made.configure("corrections = 'corrections.json'\nmailmap = '.mailmap'\nhidden = 'hidden.txt'\n")
    return made


@frozen
class Seen:
    """What readers get at a moment."""

    texts: Mapping[str, str]
    totals: Sequence[Sequence[tuple[object, ...]]]
    commits: Mapping[str, int]
    moved: Sequence[str]
    single: frozenset[str]
    """Ids of people of whom single contributions are listed."""

    @property
    def people(self) -> list[str]:
        """The pages of people."""
        return sorted(name for name in self.texts if name.startswith("person/"))

    @classmethod
    def of(cls, program: Counted, paths: Iterable[str] = ANSWERS) -> Seen:
        """Look at everything, at some old addresses."""
        kinds = ("module", "organisation", "release", "week")
        engineers = program.api("stats/engineers", metric="commits", release="all")["stats"]
        return cls(
            dict(program.everything(paths)),
            [program.answer(f"metrics_by_{kind}") for kind in kinds],
            {row["id"]: row["metric"] for row in engineers},
            [row["user_id"] for row in program.api("affiliation_changes")["affiliation_changes"]],
            frozenset(row["user_id"] for row in program.api("activity", metric="commits", release="all")["activity"]),
        )


@frozen
class Story:
    """The same community before and after two people are hidden."""

    before: Seen
    after: Seen
    listed: str


@pytest.fixture(scope="module")
def story(program: Counted) -> Story:
    program.command("refresh")
    before = Seen.of(program, ("users", "stats/engineers"))
    program.command("hide", "Mira@Home.example", "eve@x.example")
    program.command("build")
    return Story(before, Seen.of(program), (program.folder / "hidden.txt").read_text())


def test_hidden_people_leave_no_trace(story: Story) -> None:
    shown, hidden = story.before.texts, story.after.texts
    for name in ("person/mira.html", "users", "stats/engineers", "chat", "snapshot"):
        assert TRACES.search(shown[name]), name
    assert {name: TRACES.findall(text) for name, text in hidden.items() if TRACES.search(text)} == {}
    assert [bool(HIDDEN.search(name)) for name in story.after.people] == [False, True, True]
    assert not TRACES.search(story.listed)


def test_hiding_changes_no_number(program: Counted, story: Story) -> None:
    before, after = story.before, story.after
    assert after.totals == before.totals
    assert sorted(after.commits.values()) == sorted(before.commits.values())
    pseudonyms = after.commits.keys() - before.commits.keys()
    assert len(after.people) == len(before.people)
    assert [bool(HIDDEN.fullmatch(one)) for one in pseudonyms] == [True, True]
    for one in pseudonyms:
        found = program.api("stats/modules", metric="commits", release="all", user_id=one)["stats"]
        assert [(row["id"], row["metric"]) for row in found] == [("plants", 2)]
    assert program.api("stats/modules", user_id="mira") == {"error": "unknown user_id"}


def test_moments_of_hidden_people_are_not_listed(story: Story) -> None:
    assert (story.before.moved, story.after.moved) == (["mira"], [])
    assert story.before.single > story.after.single == {one for one in story.after.single if "hidden" not in one}
    assert len(story.after.single) == 1
    pages = [text for name, text in story.after.texts.items() if name.startswith("person/")]
    assert sorted("First contribution" in text for text in pages) == [False, False, True]


def test_list_without_its_secret_is_refused(
    program: Counted, story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    secret, listed = program.bulk / "hidden.key", program.folder / "hidden.txt"
    kept, snapshot = secret.read_bytes(), current_snapshot(program.bulk)

    def refused() -> str:
        program.command("build", status=Exit.CONFIGURATION)
        return capsys.readouterr().err

    secret.unlink()
    assert "hidden.key is missing" in refused()
    secret.write_bytes(b"x" * 32)
    assert "another secret made this list" in refused()
    secret.write_bytes(kept)
    listed.unlink()
    assert "the list of hidden people" in refused()
    listed.write_text(f"{story.listed}mira@example.org\n")
    assert "expected a keyed hash" in refused()
    listed.write_text(story.listed)
    assert current_snapshot(program.bulk) == snapshot


def test_pseudonym_stays_until_the_person_is_shown(program: Counted, story: Story) -> None:
    data = json.loads((program.folder / "default_data.json").read_text())
    emails = ["mira@example.org", "mira@home.example", "m@new.example"]
    data["users"][0] |= {"launchpad_id": "another", "emails": emails}
    (program.folder / "default_data.json").write_text(json.dumps(data))
    program.command("hide", "ada@other.example")
    program.command("build")
    people = {str(row[1]) for row in program.answer("metrics_by_person")}
    known = {one for one in story.after.commits if HIDDEN.fullmatch(one)}
    assert len(people) == 3
    assert known < people
    program.command("show", "another", "ada@other.example", "eve@x.example")
    program.command("build")
    assert {row[1] for row in program.answer("metrics_by_person")} == {"another", "eve@x.example", "ada@other.example"}


@pytest.mark.parametrize(("verb", "name"), [("hide", "nobody"), ("show", "ada@other.example"), ("hide", "@")])
def test_people_who_cannot_be_listed_are_told(program: Counted, verb: str, name: str) -> None:
    program.command(verb, name, status=Exit.CONFIGURATION)
    program.command(verb, status=Exit.CONFIGURATION)


def test_one_account_hides_all_addresses_of_a_person() -> None:
    named = [("gerrit:zed", "Zed", "z@x.example"), ("", "Zed", "Z@x.example"), ("gerrit:zed", "Zed", "z@y.example")]
    hidden = HiddenList(b"k").with_names(["gerrit:ZED"])
    register = masked(Register(), named, (), Wishes(hidden, b"k"))
    one, again, other = (register.person(name, email, account) for account, name, email in named)
    assert one.id == again.id == hidden.pseudonym(0)
    assert HIDDEN.fullmatch(other.id)
    assert other.id != one.id
    assert register.person("Ada", "ada@x.example").id == "ada@x.example"


def test_corrections_and_accounts_lead_to_the_pseudonym() -> None:
    hidden = HiddenList(b"k").with_names(["mira@x.example", "eve@x.example"])
    corrections = [Correction("a" * 40, user_id=one, company="Lab") for one in ("mira", "Eve@x.example", "ada", None)]
    register = Register([Person("mira", "Mira", ["mira@x.example"])])
    found = masked(register, (), corrections, Wishes(hidden, b"k"))
    mended = masked_corrections(corrections, found, str.upper)
    assert [one.user_id for one in mended] == [hidden.pseudonym(0), hidden.pseudonym(1), "ada", None]
    assert [one.company for one in masked_corrections(corrections, found, str.upper)] == ["LAB"] * 4
    assert found.person("Mira", "", "gerrit:mira").id == hidden.pseudonym(0)


def test_list_of_another_secret_is_refused() -> None:
    listed = HiddenList(b"k").with_names(["mira@x.example"])
    text = "".join(listed.lines())
    assert parse_hidden(text, "x", b"k") == listed
    with pytest.raises(BadList, match="another secret"):
        parse_hidden(text, "x", b"other")
    with pytest.raises(BadList, match="another secret"):
        parse_hidden(text.replace("key ", "# "), "x", b"k")


def test_two_lists_of_one_name_differ() -> None:
    one, other = (HiddenList(key).with_names(["mira@example.org"]) for key in (b"1", b"2"))
    assert one.hashes != other.hashes
    assert one.pseudonym(0) != other.pseudonym(0)
    assert one.hash("MIRA@example.org\x00") == one.hash("mira@example.org")
