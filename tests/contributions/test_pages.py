"""The files of the pages: complete, without addresses, with every name as text and in its folder."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ptgbot.contributions.page_facts import Given, counted
from ptgbot.contributions.page_names import Faces, segment
from ptgbot.contributions.page_store import FILE, looked_at, writing
from ptgbot.contributions.pages import SLICES, learned
from ptgbot.contributions.paging import CYCLES, days_of
from ptgbot.contributions.settings import StatsSettings
from ptgbot.contributions.snapshots import open_snapshot
from ptgbot.feature import Fact, Look
from ptgbot.store.edits import Json, applied
from ptgbot_site.build.finished import checked
from ptgbot_site.build.state import State
from ptgbot_site.contributions.lists import reviews
from ptgbot_site.contributions.markup import rows_of
from ptgbot_site.contributions.source import Pages, opened
from tests.contributions.histories import Made, history
from tests.contributions.program import LINES, Program
from tests.contributions.stackalytics import DATA

EVIL = "<img src=x onerror=alert(1)>"
NOW = 1_412_000_000
ODD = ("../x", "Ada", "ada", "аda", "N" * 10_000, "plain@home.example", "a|b\tc\"'")
"""Names of people, of whom one has a letter that looks like another, and one an address as a name."""


def rendered(name: str, title: str, body: str, *, feed: str = "", unlisted: bool = False) -> bytes:
    return f"<title>{len(title)}</title>{body}".encode()


def files(bulk: Path) -> dict[str, bytes]:
    with opened(bulk, State(now=datetime.fromtimestamp(NOW, UTC))) as pages:
        return made(pages)


def made(pages: Pages, after: int = 0) -> dict[str, bytes]:
    found: dict[str, bytes | None] = {}
    for _, key in pages.changed(after, 10_000):
        found |= pages.files(key, rendered)
    return {name: content for name, content in found.items() if content is not None}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    folder = tmp_path_factory.mktemp("odd")
    program = Program(folder)
    data = json.loads(json.dumps(DATA))
    data["users"][0]["user_name"] = EVIL
    (folder / "default_data.json").write_text(json.dumps(data))
    message = b"c\n\nbug 123456, bp cells"
    people = [
        Made(message, f"{name} <secret{number}@home.example>".encode(), 1_405_000_000 + number, files={b"c": LINES})
        for number, name in enumerate(ODD)
    ]
    program.repositories += [history(folder / name, *people) for name in ("Plants", "..x")]
    program.configure()
    program.run("refresh")
    return program


@pytest.fixture(scope="module")
def board(program: Program) -> dict[str, bytes]:
    return files(program.bulk)


def links(name: str, body: bytes) -> Iterator[str]:
    """Yield the names of the files to which a page leads."""
    for found in re.findall(r'href="([^"]*)"', body.decode()):
        parts: list[str] = []
        for part in Path(name).parent.joinpath(found).parts:
            parts = parts[:-1] if part == ".." else [*parts, part]
        yield "/".join(parts)


def test_all_links_lead_to_files(board: Mapping[str, bytes]) -> None:
    for name, body in board.items():
        assert checked(name) == name
        for target in links(name, body) if name.endswith(".html") else ():
            assert target in board or target == "index.html", f"{name} leads to {target}"


def test_no_file_has_an_address(board: Mapping[str, bytes], program: Program) -> None:
    for name, body in board.items():
        assert b"@" not in body.replace(b"a|b", b""), name
        assert b"secret" not in body, name
    assert b"secret" not in (program.bulk / FILE).read_bytes()


def test_every_person_has_a_page_of_text(board: Mapping[str, bytes]) -> None:
    people = [name for name in board if name.startswith("person/")]
    assert len(people) == len({name.casefold() for name in people}) == len(ODD) + 2
    assert all(len(name) < 100 for name in people)
    assert not [name for name, body in board.items() if name.endswith(".html") and b"<img" in body]
    assert b"&lt;img src=x onerror=alert(1)&gt;" in board["person/mira.html"]
    assert len({name.casefold() for name in board if name.startswith("module/")}) == 3


def test_module_tells_of_bugs_and_blueprints(board: Mapping[str, bytes]) -> None:
    body = board[f"module/{segment('Plants')}.html"]
    assert b"<p>Bugs to which commits refer: 1</p>" in body
    assert b"<p>Blueprints to which commits refer: 1</p>" in body
    assert b"commits refer" not in board["module/plants.html"]


def test_cube_sums_to_the_release(board: Mapping[str, bytes]) -> None:
    releases = json.loads(board["cube/index.json"])
    whole = 0
    for _, _, file in releases:
        cube = json.loads(board[f"cube/{file}.json"])
        metric = cube["metric"].index("commits")
        whole += sum(row[4] for row in cube["rows"] if row[3] == metric)
        assert f"release/{file}.html" in board
    assert whole == 2 + 2 * len(ODD)


def test_only_changed_pages_are_made_again(program: Program) -> None:
    with opened(program.bulk, State()) as pages:
        before = pages.newest()
    path = program.folder / "default_data.json"
    own = path.read_text()
    data = json.loads(own)
    data["users"][0]["user_name"] = "Mira Lind"
    path.write_text(json.dumps(data))
    try:
        program.run("build")
        with opened(program.bulk, State()) as pages:
            again = made(pages, before)
        assert "person/mira.html" in again
        assert not [name for name in again if name.startswith("person/") and name != "person/mira.html"]
        assert not [name for name in again if name.startswith("module/plants~~")]
    finally:
        path.write_text(own)
        program.run("build")


def test_vanished_pages_lose_their_files(tmp_path: Path) -> None:
    with writing(tmp_path) as store:
        assert store.replace([("module:a", {"name": "a"}), ("module:b", {"name": "b"})]) == 2
        assert store.replace([("module:a", {"name": "a"})]) == 1
        assert store.replace([("module:a", {"name": "a"})]) == 0
    with looked_at(tmp_path) as store:
        assert store.changed(2, 9) == [(3, "module:b")]
        assert Pages(store).files("module:b", rendered) == {"module/b.html": None}


def test_damaged_numbers_mean_no_pages(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"x" * 4096)
    assert files(tmp_path) == {}


def test_addresses_of_unknown_people_are_secret() -> None:
    one, other = (Faces({"x@a.example": "Mira"}, key) for key in (b"1", b"2"))
    assert one.segment("x@a.example") != other.segment("x@a.example")
    assert one.segment("x@a.example").startswith("mira~~")
    assert one.segment("mira") == "mira"
    assert segment("Mira") != segment("mira") != segment("../mira")


def test_people_long_gone_are_one_number(program: Program) -> None:
    snapshot = open_snapshot(program.bulk)
    assert snapshot is not None
    periods = [(-(2**62), "Ash"), (1_400_000_001, "Birch")]
    overview = dict(counted(snapshot, Given(1_410_000_000 + 89 * 86_400, periods, Faces({}, b"k"))))["overview"]
    snapshot.close()
    assert overview["gone"] == len(ODD) + 1


def test_open_reviews_wait_for_whom_they_should() -> None:
    day = 86_400
    rows: list[Json] = [
        ["https://review.example/p", "1", "main", EVIL, 0, 0, "p", None, None, 1, None],
        ["https://review.example/p", "2", "main", "b", 60 * day, 0, "p", -1, None, 1, None],
        ["https://review.example/p", "3", "main", "c", 95 * day, 0, "p", None, None, None, None],
        ["https://other.example/q", "4", "main", "d", 99 * day, 0, "q", None, None, None, None],
    ]
    body = reviews({"open": rows, "at_day": 100 * day})
    found = [re.sub(r"<[^>]+>", " ", row).split() for row in re.findall(r"<tr>(.*?)</tr>", body)]
    assert [row[-4:] for row in found[1:4]] == [["1", "0", "0", "1"], ["0", "0", "1", "0"], ["1", "0", "0", "0"]]
    assert EVIL not in body
    assert 'href="https://review.example/3"' in body


def test_news_become_slices_of_tracks() -> None:
    tree: dict[str, Json] = {}
    first: Json = {"revision": 1, "cycles": {"nova": ["Ash", 1, 2, 3, 4, 5], "Old": ["Ash", 1, 0, 1, 1, 1]}}
    second: Json = {"revision": 2, "cycles": {"nova": []}}
    for told in (first, second):
        decision = learned(tree, [Fact("pages", told)])
        assert decision
        tree = applied(tree, decision.edits)
    assert tree == {"revision": 2, "cycles": {"nova": []}, "days": {}}
    assert learned(tree, [Fact("pages", {"revision": 2, "cycles": {"nova": []}})]) is None
    look = Look[StatsSettings]({"cycles": {"Nova": [1], "nova": [2]}}, {}, datetime.now(UTC), StatsSettings())
    _, cycle, _ = SLICES
    assert cycle.keys
    assert {*cycle.keys(look)} == {"nova"}
    assert cycle.make(look, "nova").value == ["nova", [2]]


def test_few_people_of_a_day_stay_hidden() -> None:
    rows = [(20_000, "*independent", 3), (20_000, "Example", 2), (20_001, "Example", 4)]
    assert days_of(rows) == {"2024-10-04": [5, 1]}


def test_last_cycle_of_each_module_is_told(program: Program) -> None:
    told = json.loads((program.bulk / CYCLES).read_text())
    assert told["cycles"]["plants"][1:4] == [1, 0, 1]


def test_independent_people_stand_in_the_alphabet(tmp_path: Path) -> None:
    program = Program(tmp_path)
    addresses = (b"Mira <mira@example.org>", b"Zed <zed@example.net>")
    program.repositories = [history(tmp_path / "oak", *(Made(author=one) for one in addresses))]
    program.configure()
    program.run("refresh")
    with looked_at(program.bulk) as store:
        facts = store.facts("module:oak") or {}
    assert [row[1] for row in rows_of(facts, "organisation")] == ["Example", "*independent"]
