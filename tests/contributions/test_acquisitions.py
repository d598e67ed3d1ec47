"""An organisation that belongs to another one from a date on."""

from __future__ import annotations

from pathlib import Path

import pytest

from ptgbot.contributions.convert import as_toml
from ptgbot.contributions.counting import count
from ptgbot.contributions.dates import day_in, seconds
from ptgbot.contributions.duck import Duck
from ptgbot.contributions.git import Repo
from ptgbot.contributions.model import EARLIEST, LATEST, Register
from ptgbot.contributions.people_files import BadData, load_people
from ptgbot.contributions.reading import read_repository
from ptgbot.contributions.rules import Options, load_rules
from tests.contributions.histories import Made, history

TOML = """\
[[people]]
id = "mira"
emails = ["mira@old.example"]
employers = [
  { name = "Old Works", until = 2018-01-01 },
  { name = "Old" },
]

[[organisations]]
name = "Old Works"
domains = ["works.example"]
merged_into = "Old Ltd"
from = 2014-01-01

[[organisations]]
name = "Old"
domains = ["old.example"]
aliases = ["Old Ltd"]
merged_into = "Third"
from = 2017-01-01

[[organisations]]
name = "Third"
"""


def day(text: str) -> int:
    return seconds(day_in(text))


def read(folder: Path, text: str = TOML) -> Register:
    path = folder / "people.toml"
    path.write_text(text)
    return load_people(path).register


def told(register: Register, email: str) -> list[tuple[int, int, str]]:
    return [(one.begin, one.end, one.name) for one in register.periods(register.person("Mira", email))]


@pytest.mark.parametrize("email", ["mira@old.example", "x@works.example"])
def test_contributions_follow_a_chain_of_mergers(tmp_path: Path, email: str) -> None:
    found = told(read(tmp_path), email)
    assert found[:2] == [
        (EARLIEST, day("2014-01-01"), "Old Works"),
        (day("2014-01-01"), day("2017-01-01"), "Old"),
    ]
    assert {one[2] for one in found[2:]} == {"Third"}
    assert found[-1][1] == LATEST
    assert [one[0] for one in found[1:]] == [one[1] for one in found[:-1]]


def test_later_merger_of_an_earlier_target_is_skipped(tmp_path: Path) -> None:
    found = told(read(tmp_path, TOML.replace("2017-01-01", "2010-01-01")), "x@works.example")
    assert found == [(EARLIEST, day("2014-01-01"), "Old Works"), (day("2014-01-01"), LATEST, "Third")]


def test_dissolved_organisation_leaves_independent_people(tmp_path: Path) -> None:
    register = read(tmp_path, TOML.replace('"Third"\nfrom', '"*independent"\nfrom'))
    assert told(register, "x@old.example")[-1] == (day("2017-01-01"), LATEST, "*independent")


def test_merger_after_the_employment_changes_nothing(tmp_path: Path) -> None:
    register = read(tmp_path, TOML.replace("from = 2014", "from = 2019"))
    assert told(register, "mira@old.example") == [
        (EARLIEST, day("2018-01-01"), "Old Works"),
        (day("2018-01-01"), LATEST, "Third"),
    ]


def test_written_register_keeps_its_mergers(tmp_path: Path) -> None:
    register = read(tmp_path)
    assert read(tmp_path, "\n".join(as_toml(register))) == register


@pytest.mark.parametrize(
    ("old", "new", "sentences"),
    [
        ('"Third"\nfrom', '"Nobody"\nfrom', ["line 19: organisations[1].merged_into: there is no organisation Nobody"]),
        ('into = "Third"\nfrom = 2017-01-01', 'into = "Third"', ["line 15: organisations[1].from: a date is missing"]),
        ('merged_into = "Third"\n', "", ["line 15: organisations[1].merged_into: a text is missing"]),
        ('into = "Third"', 'into = "Old"', ["line 19: organisations[1].merged_into: the organisations lead in"]),
        (
            'into = "Third"',
            'into = "Old Works"',
            [
                "line 12: organisations[0].merged_into: the organisations lead in a circle",
                "line 19: organisations[1].merged_into: the organisations lead in a circle: Old → Old Works → Old",
            ],
        ),
        ("from = 2017-01-01", 'from = "soon"', ["line 20: organisations[1].from: “soon” is no date"]),
    ],
)
def test_wrong_merger_is_refused(tmp_path: Path, old: str, new: str, sentences: list[str]) -> None:
    with pytest.raises(BadData) as refused:
        read(tmp_path, TOML.replace(old, new, 1))
    lines = str(refused.value).splitlines()
    assert len(lines) == len(sentences)
    for line, sentence in zip(lines, sentences, strict=True):
        assert line.startswith(f"people.toml, {sentence}")


def test_commits_count_for_the_organisation_of_their_date(tmp_path: Path) -> None:
    moments = [day(text) for text in ("2013-06-01", "2015-06-01", "2017-06-01", "2019-06-01")]
    people = (b"Mira <mira@old.example>", b"X <x@works.example>")
    made = (Made(b"%d" % at, name, at, files={b"f": b"1\n"}) for at in moments for name in people)
    repository = history(tmp_path / "plants", *made)
    found = count(repository, read(tmp_path), (), Options())
    assert {key: one["commits"] for key, one in found["by_company"].items()} == {"Old": 2, "Old Works": 2, "Third": 4}
    assert found["by_user_and_company"]["x@works.example|Old"]["commits"] == 1


def test_newest_name_of_an_unknown_person_counts(tmp_path: Path) -> None:
    names = (b"Oldest <zoe@x.example>", b"Newest <Zoe@X.example>", b"Middle <ZOE@x.example>")
    moments = (1_400_000_000, 1_400_000_002, 1_400_000_001)
    made = (Made(b"%d" % at, name, at) for name, at in zip(names, moments, strict=True))
    repository = history(tmp_path / "plants", *made)
    engine = Duck()
    engine.prepare()
    read_repository(engine, "plants", Repo(repository))
    load_rules(engine, Register(), (), Options(), ["plants"])
    assert engine.rows("pages/people") == [("zoe@x.example", "Newest")]
    engine.close()
