"""The numbers of ``ptgbot stats commits`` follow the rules, from the repository to the line of JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ptgbot.cli import main
from tests.contributions.histories import Made, git, history
from tests.contributions.stackalytics import DATA

LINES = b"one\ntwo\nthree\n"
MIRA = b"Mira <MIRA@example.org>"
HOME = b"M. Lind <mira@home.example>"
ROBOT = b"Robot <robot@example.org>"
STRANGER = b"Ada <ada@sub.other.example>"
ASH, BIRCH, LATER = 1_400_000_000, 1_410_000_000, 1_430_000_000


class Counted:
    """Runs the command on repositories and returns what it prints."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._capsys = folder, capsys
        self.people = folder / "default_data.json"
        self.people.write_text(json.dumps(DATA))
        self.told = ""

    def __call__(self, *commits: Made, name: str = "module", options: tuple[str, ...] = ()) -> dict[str, Any]:
        path = self.folder / name
        if commits:
            history(path, *commits)
        arguments = ["stats", "commits", str(path), "--people", str(self.people), "--json", *options]
        assert main(arguments) == 0
        out, self.told = self._capsys.readouterr()
        found: dict[str, Any] = json.loads(out)
        return found


@pytest.fixture
def counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Counted:
    return Counted(tmp_path, capsys)


def sums(commits: int, added: int = 0, deleted: int = 0) -> dict[str, int]:
    return {"commits": commits, "added": added, "deleted": deleted, "loc": added + deleted}


def totals_of(**numbers: int) -> dict[str, int]:
    return numbers


def commits_of(found: dict[str, Any], key: str) -> dict[str, int]:
    return {name: numbers["commits"] for name, numbers in found[key].items()}


def test_whole_answer_for_a_small_repository(counted: Counted) -> None:
    found = counted(
        Made(author=MIRA, at=ASH, files={b"a": LINES}),
        Made(b"S\n\nCo-Authored-By: Ada <ada@sub.other.example>\n", author=HOME, at=LATER, files={b"a": b"one\n"}),
        Made(author=ROBOT, at=LATER, files={b"r": LINES}),
    )
    assert found == {
        "repository": str(counted.folder / "module"),
        "head": git(counted.folder / "module", "rev-parse", "HEAD").strip(),
        "totals": {
            **totals_of(commits_all=3, non_merge=3, robots=1, counted=2, records=3),
            **totals_of(added=3, deleted=4, loc=7, users=2, companies=2, first=ASH, last=LATER),
            "merges": 0,
        },
        "by_user": {"mira": sums(2, 3, 2), "ada@sub.other.example": sums(1, 0, 2)},
        "by_company": {"Other Works": sums(2, 0, 4), "Example": sums(1, 3, 0)},
        "by_release": {"after Birch": sums(2, 0, 4), "Ash": sums(1, 3, 0)},
        "by_year": {"2015": sums(2, 0, 4), "2014": sums(1, 3, 0)},
        "by_user_and_company": {
            "ada@sub.other.example|Other Works": sums(1, 0, 2),
            "mira|Example": sums(1, 3, 0),
            "mira|Other Works": sums(1, 0, 2),
        },
    }


def test_person_counts_once_for_a_commit(counted: Counted) -> None:
    twice = b"S\n\nCo-Authored-By: Ada <ada@sub.other.example>\nAlso-By: Ada B <ADA@sub.other.example>\n"
    himself = b"S\n\nCo-Authored-By: Mira Lind <mira@home.example>\n"
    found = counted(Made(twice, author=MIRA), Made(himself, author=MIRA))
    assert commits_of(found, "by_user") == {"mira": 2, "ada@sub.other.example": 1}
    assert found["totals"]["records"] == 3


def test_robot_never_counts(counted: Counted) -> None:
    by_robot = b"S\n\nCo-Authored-By: Mira <mira@example.org>\n"
    with_robot = b"S\n\nCo-Authored-By: Robot <robot@example.org>\n"
    found = counted(Made(by_robot, author=ROBOT), Made(with_robot, author=MIRA), Made(author=ROBOT))
    assert commits_of(found, "by_user") == {"mira": 2}
    assert {key: found["totals"][key] for key in ("non_merge", "robots", "counted", "records")} == totals_of(
        non_merge=3, robots=1, counted=2, records=2
    )


def test_dropped_commits_count_nowhere(counted: Counted) -> None:
    made = (
        Made(b"Update git submodules\n\nnova: x\n", author=MIRA),
        Made(author=b"Nobody <>"),
        Made(author=MIRA, parents=[0]),
        Made(b"merge", author=MIRA, parents=[1, 2]),
    )
    totals = counted(*made)["totals"]
    assert {key: totals[key] for key in ("commits_all", "merges", "non_merge", "robots", "counted")} == totals_of(
        commits_all=4, merges=1, non_merge=3, robots=0, counted=1
    )


def test_release_by_tags_goes_before_dates(counted: Counted) -> None:
    made = (
        Made(author=MIRA, at=ASH, tag="0.9"),
        Made(author=MIRA, at=ASH),
        Made(author=MIRA, at=LATER, tag="1.0"),
        Made(author=MIRA, at=BIRCH),
    )
    found = counted(*made, name="tagged")
    assert commits_of(found, "by_release") == {"One": 2, "Birch": 1}
    assert "release Gone is counted by date" in counted.told


@pytest.mark.parametrize("place", ["refs/heads", "refs/remotes/origin"])
def test_release_ends_where_its_branch_ends(counted: Counted, place: str) -> None:
    commits = [Made(author=MIRA, at=ASH, tag=tag) for tag in ("0.9", "1.0rc1", "", "", "")]
    path = history(counted.folder / "branched", *commits)
    for branch, end in (("one", "main~3"), ("two", "main~1")):
        git(path, "update-ref", f"{place}/stable/{branch}", end)
    assert commits_of(counted(name="branched"), "by_release") == {"Two": 2, "Ash": 2, "One": 1}


def test_release_of_removed_branch_ends_at_head(counted: Counted) -> None:
    commits = [Made(author=MIRA, at=ASH, tag=tag) for tag in ("0.9", "", "1.0rc1", "")]
    found = counted(*commits, name="branched")
    assert commits_of(found, "by_release") == {"One": 2, "Ash": 1, "Two": 1}


def test_last_release_goes_on_if_wanted(counted: Counted) -> None:
    found = counted(Made(author=MIRA, at=LATER), options=("--last-release-goes-on",))
    assert commits_of(found, "by_release") == {"Birch": 1}


def test_date_of_the_commit_counts_if_wanted(counted: Counted) -> None:
    made = (Made(author=MIRA, at=ASH, committed=LATER),)
    assert commits_of(counted(*made), "by_user_and_company") == {"mira|Example": 1}
    again = counted(options=("--date", "commit"))
    assert commits_of(again, "by_user_and_company") == {"mira|Other Works": 1}
    assert commits_of(again, "by_year") == {"2015": 1}


def test_date_of_the_merge_counts_if_wanted(counted: Counted) -> None:
    made = (
        Made(author=MIRA, at=ASH),
        Made(author=MIRA, at=ASH, parents=[0]),
        Made(author=MIRA, at=ASH, parents=[1]),
        Made(author=STRANGER, at=ASH, committed=BIRCH, parents=[0]),
        Made(author=MIRA, at=ASH, committed=LATER, parents=[3, 2]),
    )
    assert commits_of(counted(*made), "by_release") == {"Ash": 4}
    found = counted(options=("--date", "merge"))
    assert commits_of(found, "by_release") == {"after Birch": 2, "Ash": 1, "Birch": 1}


def test_revision_limits_what_is_counted(counted: Counted) -> None:
    made = (Made(author=MIRA, tag="first"), Made(author=STRANGER))
    assert counted(*made)["totals"]["counted"] == 2
    assert counted(options=("--rev", "first"))["totals"]["counted"] == 1


@pytest.mark.parametrize(("at", "year"), [(0, "1970"), (4_300_000_000, "2106"), (1_420_070_399, "2014")])
def test_year_is_that_of_utc(counted: Counted, at: int, year: str) -> None:
    assert [*counted(Made(author=MIRA, at=at, zone=b"+1400"))["by_year"]] == [year]


def test_empty_repository_has_empty_numbers(counted: Counted) -> None:
    history(counted.folder / "module")
    found = counted()
    assert (found["head"], found["by_user"], found["totals"]["first"]) == ("", {}, None)
    assert found["totals"]["counted"] == 0


def test_corrections_overwrite_what_git_says(counted: Counted) -> None:
    counted(Made(author=MIRA, files={b"a": LINES}), Made(author=STRANGER, files={b"b": LINES}))
    newest, oldest = git(counted.folder / "module", "rev-list", "HEAD").split()
    entries = [
        {"primary_key": oldest, "lines_added": 1, "date": LATER, "release": "Oak"},
        {"primary_key": f"{newest}ada@sub.other.example", "loc": 9, "user_id": "mira", "company_name": "Else"},
    ]
    path = counted.folder / "corrections.json"
    path.write_text(json.dumps({"corrections": entries}))
    found = counted(options=("--corrections", str(path)))
    assert found["by_user_and_company"] == {
        "mira|Else": {"commits": 1, "added": 3, "deleted": 0, "loc": 9},
        "mira|Other Works": sums(1, 1),
    }
    assert commits_of(found, "by_release") == {"Ash": 1, "Oak": 1}


def test_mailmap_replaces_before_all_else(counted: Counted) -> None:
    path = counted.folder / ".mailmap"
    path.write_text("Mira Lind <mira@example.org> <ada@sub.other.example>\n")
    found = counted(Made(author=STRANGER), options=("--mailmap", str(path)))
    assert commits_of(found, "by_user") == {"mira": 1}


def test_doubtful_data_counts_and_is_told(counted: Counted) -> None:
    counted.people.write_text(json.dumps({**DATA, "companies": []}))
    found = counted(Made(author=MIRA, at=ASH))
    assert commits_of(found, "by_company") == {"Example Ltd": 1}
    assert "default_data.json, line 1: users[0].companies[0].company_name: there is no organisation" in counted.told


def test_check_names_doubts_and_fails(counted: Counted, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "check", str(counted.people)]) == 0
    assert "4 people, 3 organisations, 2 releases, 2 repositories" in capsys.readouterr().out
    counted.people.write_text(json.dumps({**DATA, "companies": []}))
    assert main(["stats", "check", str(counted.people)]) == 2
    assert "there is no organisation Other Works" in capsys.readouterr().err


def test_converted_people_give_the_same_numbers(counted: Counted, capsys: pytest.CaptureFixture[str]) -> None:
    first = counted(Made(author=MIRA, at=ASH), Made(author=STRANGER, at=LATER))
    assert main(["stats", "convert", str(counted.people)]) == 0
    counted.people = counted.folder / "people.toml"
    counted.people.write_text(capsys.readouterr().out)
    assert counted() == first


@pytest.mark.parametrize("many", [5_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_commit_of_many_files_counts_once(counted: Counted, many: int) -> None:
    path = history(counted.folder / "large")
    author = b"Mira <mira@example.org> 1400000000 +0000"
    head = b"blob\nmark :1\ndata 2\nx\n\ncommit refs/heads/main\ncommitter %s\ndata 1\na\n" % author
    files = b"".join(b"M 100644 :1 %d/%d/f\n" % (number % 100, number) for number in range(many))
    git(path, "fast-import", "--quiet", given=head + files + b"\n")
    found = counted(name="large")
    assert found["by_user"] == {"mira": sums(1, many)}


def test_robot_beside_a_person_leaves_the_commit(counted: Counted) -> None:
    by_robot = Made(b"a\n\nAlso-By: Mira <mira@example.org>\nCO-AUTHOR: Robot <ROBOT@example.org>", ROBOT)
    by_person = Made(b"b\n\nco-authored-by: Robot <robot@example.org>", MIRA)
    found = counted(by_robot, by_person, Made(b"c", ROBOT))
    assert commits_of(found, "by_user") == {"mira": 2}
    totals = found["totals"]
    assert (totals["non_merge"], totals["counted"], totals["robots"], totals["records"]) == (3, 2, 1, 2)


def test_addresses_without_printable_characters_are_none(counted: Counted) -> None:
    found = counted(Made(b"a", b"Mira <\xe2\x80\x8b>"), Made(b"b", b"Mira <mi\xe2\x80\x8bra@Example.ORG>"))
    assert commits_of(found, "by_user") == {"mira": 1}
    assert found["totals"]["robots"] == 0
