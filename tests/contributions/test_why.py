"""Why somebody counts for whom: the rule and its line, on the pages of people and organisations; and sums."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import attrs
import pytest

from ptgbot.contributions.masks import Mask, Masks
from ptgbot.contributions.page_names import Faces
from ptgbot.contributions.page_store import looked_at
from ptgbot.contributions.people_files import load_people
from ptgbot.contributions.why import Reasons
from ptgbot.exits import Exit
from ptgbot_site.contributions.source import Pages
from tests.contributions.histories import Made, history
from tests.contributions.program import LINES, Program
from tests.contributions.test_pages import rendered

PEOPLE = """\
[[people]]
id = "mira"
name = "Mira Lind"
emails = ["mira@example.org"]
employers = [
  { name = "Old Works", until = 2012-01-01 },
  { name = "Third", until = 2014-06-01 },
]

[[people]]
id = "zed"
emails = ["zed@example.net"]

[[people]]
id = "robot"
emails = ["robot@example.org"]
employers = [{ name = "*robots" }]

[[organisations]]
name = "Old Works"
domains = ["works.example", "mira-lind.example"]
merged_into = "Third"
from = 2010-01-01

[[organisations]]
name = "Third"
domains = ["third.example"]

[[releases]]
name = "Ash"
until = 2011-01-01
"""
SHA = "a" * 40


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    folder = tmp_path_factory.mktemp("why")
    program = Program(folder)
    both = b"\n\nCo-Authored-By: Zed <zed@example.net>\nCo-Authored-By: R <robot@example.org>"
    years = (1_230_000_000, 1_290_000_000, 1_330_000_000, 1_390_000_000, 1_420_000_000)
    files = {b"f": LINES}
    made = [
        Made(b"%s %d%s" % (name, at, both if at == years[2] else b""), b"%s <%s>" % (name, email), at, files=files)
        for at in years
        for name, email in (
            (b"Mira", b"mira@example.org"),
            (b"Zed", b"zed@example.net"),
            (b"R", b"robot@example.org"),
            (b"X", b"x@works.example"),
            (b"Y", b"y@mira-lind.example"),
            (b"N", b"n@nowhere.example"),
        )
    ]
    program.repositories = [history(folder / "plants", *made), history(folder / "herbs", *made[::2])]
    (folder / "people.toml").write_text('mailmap = ".mailmap"\n' + PEOPLE)
    (folder / ".mailmap").write_text("# names\n<mira@example.org> <m@old.example>\n")
    program.path.write_text(program.path.read_text().replace("default_data.json", "people.toml"))
    program.configure()
    program.path.write_text(
        program.path.read_text().replace("default_data.json", "people.toml")
        + "people_link = 'https://forge.example/people.toml?x=1&y#L{line}'\nsplit = true\n"
    )
    program.run("refresh")
    return program


def facts(program: Program, key: str) -> dict[str, Any]:
    with looked_at(program.bulk) as store:
        return store.facts(key) or {}


def rows(program: Program, key: str) -> list[tuple[object, object, object]]:
    """Return the rule, the organisation and the text of the line of each row."""
    lines = ["-", *(program.folder / "people.toml").read_text().splitlines()]
    return [(row[0], row[1], lines[row[5]] if row[0] != "mailmap" else row[5]) for row in facts(program, key)["why"]]


def test_every_period_has_its_rule_and_line(program: Program) -> None:
    assert rows(program, "person:mira") == [
        ("entry", "Old Works", '  { name = "Old Works", until = 2012-01-01 },'),
        ("merged", "Third", "[[organisations]]"),
        ("entry", "Third", '  { name = "Third", until = 2014-06-01 },'),
        ("ended", "*independent", '  { name = "Third", until = 2014-06-01 },'),
        ("mailmap", "", 2),
    ]
    assert [row[2:4] for row in facts(program, "person:mira")["why"]][:4] == [
        [None, 1_262_304_000],
        [1_262_304_000, 1_325_376_000],
        [1_325_376_000, 1_401_580_800],
        [1_401_580_800, None],
    ]
    assert rows(program, "person:zed") == [("nobody", "*independent", "[[people]]")]


def test_people_without_an_entry_count_by_domain(program: Program) -> None:
    faces = Faces({}, (program.bulk / "address.key").read_bytes())
    segments = {email: faces.segment(email).rpartition("~~")[2] for email in ("x@works.example", "n@nowhere.example")}
    with looked_at(program.bulk) as store:
        keys = {key.rpartition("~~")[2]: key for _, key in store.changed(0, 1000) if "~~" in key}
    assert rows(program, keys[segments["x@works.example"]]) == [
        ("domain", "Old Works", "[[organisations]]"),
        ("merged", "Third", "[[organisations]]"),
    ]
    assert rows(program, keys[segments["n@nowhere.example"]]) == [("unknown", "*independent", "-")]


def test_organisations_have_their_lines_and_mergers(program: Program) -> None:
    assert rows(program, "organisation:Old Works") == [
        ("listed", "Old Works", "[[organisations]]"),
        ("successor", "Third", "[[organisations]]"),
    ]
    assert rows(program, "organisation:Third")[1][:2] == ("absorbed", "Old Works")
    assert "why" not in facts(program, "organisation:*independent")


def test_pages_link_to_lines_without_domains(program: Program) -> None:
    with looked_at(program.bulk) as store:
        found: dict[str, bytes | None] = {}
        for _, key in store.changed(0, 1000):
            found |= Pages(store).files(key, rendered)
    whole = b"".join(body or b"" for body in found.values())
    assert b'href="https://forge.example/people.toml?x=1&amp;y#L7"' in (found["person/mira.html"] or b"")
    assert b"people.toml, line 7" in (found["person/mira.html"] or b"")
    assert b".mailmap, line 2" in (found["person/mira.html"] or b"")
    assert b"mira-lind.example" not in whole
    assert b"@" not in whole


def test_corrections_are_a_reason_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "people.toml").write_text(PEOPLE)
    register = load_people(tmp_path / "people.toml").register
    made = Reasons(register, "", [("mira", "Third", 3)]).of("person", "mira")["why"]
    assert isinstance(made, list)
    assert made[-1] == ("correction", "Third", None, None, 3, 0, "")


def test_hidden_people_have_no_line(tmp_path: Path) -> None:
    (tmp_path / "people.toml").write_text(PEOPLE)
    register = load_people(tmp_path / "people.toml").register
    hidden = attrs.evolve(register.people[0], id="hidden-1", name="Hidden 1")
    masks = Masks({"mira": Mask("hidden-1", "Hidden 1", is_hidden=True)})
    masked = attrs.evolve(register, people=(hidden, *register.people[1:]), masks=masks)
    assert Reasons(masked).of("person", "hidden-1") == {}
    assert Reasons(masked).of("person", "zed")


def test_mended_line_changes_the_page(program: Program) -> None:
    path = program.folder / "people.toml"
    before = path.read_text()
    try:
        path.write_text(f"# a line\n{before}".replace('employers = [{ name = "*robots" }]', 'name = "R"', 1))
        program.run("build")
        assert facts(program, "person:mira")["why"][0][5] == 8
        assert rows(program, "person:robot") == [("nobody", "*independent", "[[people]]")]
    finally:
        path.write_text(before)
        program.run("build")


@pytest.mark.parametrize("link", ["https://x.example/people", "ftp://x/{line}", "https://u:p@x/{line}", "{line}"])
def test_wrong_link_is_refused(program: Program, link: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = program.path.read_text()
    try:
        program.path.write_text(re.sub("people_link = '[^']*'", f"people_link = '{link}'", before))
        program.run("build", Exit.CONFIGURATION)
        assert "write an address of the web with {line} in it" in capsys.readouterr().err
    finally:
        program.path.write_text(before)


def test_people_sum_to_their_organisations(program: Program) -> None:
    with looked_at(program.bulk) as store:
        keys = [key for _, key in store.changed(0, 1000)]
    pages = {key: facts(program, key) for key in keys}
    organisations = {key.partition(":")[2]: one for key, one in pages.items() if key.startswith("organisation:")}
    assert {"Old Works", "Third", "*independent"} == set(organisations)
    cubes: Counter[tuple[str, str, str]] = Counter()
    for key, cube in pages.items():
        for _, company, _, metric, amount in cube["rows"] if key.startswith("cube:") else ():
            cubes[cube["organisation"][company], cube["release"], cube["metric"][metric]] += amount
    for name, page in organisations.items():
        for release, commits, lines, *_ in page["totals"]:
            listed = [row for row in page["person"] if row[2] == release]
            assert cubes[name, release, "commits"] == commits == sum(row[3] for row in listed)
            assert cubes[name, release, "lines"] == lines == sum(row[4] for row in listed)
    by_kind: Counter[str] = Counter()
    for key, page in pages.items():
        by_kind[key.partition(":")[0]] += sum(row[1] for row in page.get("totals", ()) if ":" in key)
    by_kind = +by_kind
    assert by_kind == {"organisation": 37, "person": 37, "module": 37}
    assert sum(amount for (_, _, metric), amount in cubes.items() if metric == "commits") == 37
