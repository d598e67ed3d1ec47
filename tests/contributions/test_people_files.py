"""Files about people: both forms are read, and every mistake has its file, line and key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ptgbot.contributions.convert import as_toml
from ptgbot.contributions.model import Employer
from ptgbot.contributions.people_files import BadData, load_corrections, load_people
from tests.contributions.invented import invented
from tests.contributions.stackalytics import DATA


def written(folder: Path, data: object, name: str = "default_data.json") -> Path:
    path = folder / name
    path.write_text(data if isinstance(data, str) else json.dumps(data, indent=1), "utf-8")
    return path


def changed(place: tuple[str | int, ...], value: object) -> dict[str, Any]:
    """Return the sample with another value at a place."""
    data: Any = json.loads(json.dumps(DATA))
    inner = data
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    made: dict[str, Any] = data
    return made


def test_sample_of_stackalytics_is_read(tmp_path: Path) -> None:
    loaded = load_people(written(tmp_path, DATA))
    assert loaded.doubts == ()
    mira = loaded.register.people[0]
    assert (mira.id, mira.emails) == ("mira", ("mira@example.org", "mira@home.example"))
    assert mira.employers == (Employer("Example", 1_420_070_400), Employer("Other Works"))
    assert [one.id for one in loaded.register.people[1:]] == ["zed@example.net", "gerrit:ci", "robot"]
    assert [one.name for one in loaded.register.releases] == ["Ash", "Birch"]


def test_converted_sample_is_the_same_register(tmp_path: Path) -> None:
    first = load_people(written(tmp_path, DATA)).register
    again = load_people(written(tmp_path, "\n".join(as_toml(first)), "people.toml")).register
    assert again == first


def test_mailmap_beside_the_toml_is_read(tmp_path: Path) -> None:
    written(tmp_path, "Mira Lind <mira@example.org> <old@example.org>\n", ".mailmap")
    path = written(
        tmp_path, 'mailmap = ".mailmap"\n[[people]]\nid = "m"\nname = "M"\nemails = ["mira@example.org"]\n', "p.toml"
    )
    assert load_people(path).register.person("X", "OLD@example.org").id == "m"


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        (("users", 0, "companies", 0, "end_date"), "2014-Foo-01", "is no date such as"),
        (("users", 0, "companies", 0, "company_name"), None, "a text is missing"),
        (("users", 0, "companies"), {"a": 1}, "expected a list of tables"),
        (("users", 1), "Zed", "expected a table, found 'Zed'"),
        (("users", 0, "emails"), "mira@example.org", "expected a list, found"),
        (("users", 0, "emails", 1), 7, "expected a text, found 7"),
        (("users", 0, "user_name"), ["x"], "expected a text, found"),
        (("companies", 1, "company_name"), "", "a text is missing"),
        (("companies", 0, "domains"), 5, "expected a list, found 5"),
        (("releases", 0, "end_date"), None, "a release needs the date of its end"),
        (("releases", 0, "end_date"), 20150101, "expected a date such as"),
        (("repos", 0, "uri"), None, "a text is missing"),
        (("repos", 0, "releases", 0, "tag_from"), 1, "expected a text, found 1"),
    ],
)
def test_wrong_value_is_named_with_its_line(
    tmp_path: Path, place: tuple[str | int, ...], value: object, sentence: str
) -> None:
    data = changed(place, value)
    path = written(tmp_path, data)
    with pytest.raises(BadData) as refused:
        load_people(path)
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")
    marked = changed(place, "HERE IT STANDS")
    line = next(n for n, text in enumerate(json.dumps(marked, indent=1).splitlines(), 1) if "HERE IT STANDS" in text)
    told = str(refused.value).splitlines()
    assert len(told) == 1
    assert told[0].startswith(f"default_data.json, line {line}: {key}: ")
    assert sentence in told[0]


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        (("users", 1, "emails"), ["MIRA@example.org"], "mira@example.org belongs to users[0], too"),
        (("users", 1, "launchpad_id"), "mira", "mira belongs to users[0], too"),
        (("users", 0, "companies", 0, "end_date"), None, "Example and Other Works overlap"),
        (("users", 0, "companies", 0, "company_name"), "Nobody Inc", "there is no organisation Nobody Inc"),
        (("companies", 1, "domains"), ["example.org"], "Example has the domain example.org, too"),
        (("companies", 1, "aliases"), ["Example"], "Example has the name Example, too"),
        (("companies", 2, "company_name"), "Example", "Example belongs to companies[0], too"),
        (("users", 0, "companies", 1, "company_name"), "other works", "other works in the file; there is Other Works"),
        (("users", 3, "gerrit_id"), "mlind", "gerrit:mlind belongs to users[0], too"),
        (("releases", 1, "release_name"), "Ash", "Ash belongs to releases[0], too"),
    ],
)
def test_contradiction_is_named_and_data_is_read(
    tmp_path: Path, place: tuple[str | int, ...], value: object, sentence: str
) -> None:
    doubts = load_people(written(tmp_path, changed(place, value))).doubts
    assert len(doubts) == 1
    assert doubts[0].startswith("default_data.json, line ")
    assert sentence in doubts[0]


def test_name_and_module_may_be_missing(tmp_path: Path) -> None:
    data = changed(("users", 0, "user_name"), None)
    del data["repos"][0]["module"]
    register = load_people(written(tmp_path, data)).register
    assert (register.people[0].name, register.repositories[0].module) == ("mira", "tagged")


def test_later_person_keeps_a_disputed_address(tmp_path: Path) -> None:
    loaded = load_people(written(tmp_path, changed(("users", 1, "emails"), ["mira@example.org"])))
    assert loaded.register.person("X", "mira@example.org").name == "Zed"


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b'{"users": [}', "default_data.json, line 1, column 12"),
        (b"[]", "default_data.json, line 1: expected a table"),
        (b'{\n"users": "\xff"}', "default_data.json, line 2: the file is not in UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_file_of_another_shape_is_refused(tmp_path: Path, raw: bytes, sentence: str) -> None:
    path = tmp_path / "default_data.json"
    path.write_bytes(raw)
    with pytest.raises(BadData, match=sentence):
        load_people(path)


@pytest.mark.parametrize(
    ("end", "seconds"),
    [("2013-Jan-01", 1_356_998_400), ("2013-01-01", 1_356_998_400), ("2013-jan-1", 1_356_998_400), ("", None)],
)
def test_end_of_employment_has_several_forms(tmp_path: Path, end: str, seconds: int | None) -> None:
    loaded = load_people(written(tmp_path, changed(("users", 1, "companies", 0, "end_date"), end)))
    assert loaded.register.people[1].employers == (Employer("*independent", seconds),)


def test_missing_keys_are_no_mistakes(tmp_path: Path) -> None:
    data = json.loads(json.dumps(DATA))
    del data["users"][0]["companies"], data["users"][1]["companies"][0]["end_date"], data["companies"][1]["aliases"]
    data["users"][2].update(companies=None, emails=None)
    loaded = load_people(written(tmp_path, data))
    assert loaded.doubts == ()
    mira, zed, bot, _ = loaded.register.people
    assert (mira.employers, zed.employers, bot.employers, bot.emails) == ((), (Employer("*independent"),), (), ())


def test_empty_domains_and_addresses_are_none(tmp_path: Path) -> None:
    data = json.loads(json.dumps(DATA))
    data["companies"][1]["domains"] = [""]
    data["users"][1]["emails"].append("")
    loaded = load_people(written(tmp_path, data))
    assert loaded.doubts == ()
    assert loaded.register.organisations[1].domains == ()
    assert loaded.register.known("") is None


def test_open_end_counts_last_wherever_it_stands(tmp_path: Path) -> None:
    employers = [
        {"company_name": "Other Works", "end_date": None},
        {"company_name": "Example", "end_date": "2015-Jan-01"},
        {"company_name": "*independent", "end_date": "2013-Jan-01"},
    ]
    register = load_people(written(tmp_path, changed(("users", 0, "companies"), employers))).register
    found = [one.name for one in register.periods(register.people[0])]
    assert found == ["*independent", "Example", "Other Works"]


def test_same_employer_twice_is_no_contradiction(tmp_path: Path) -> None:
    employers = [
        {"company_name": "Example", "end_date": "2013-Jan-01"},
        {"company_name": "Other Works", "end_date": "2014-Jan-01"},
        {"company_name": "Example", "end_date": None},
    ]
    loaded = load_people(written(tmp_path, changed(("users", 0, "companies"), employers)))
    assert loaded.doubts == ()
    assert loaded.register.employer_at(loaded.register.people[0], 1_500_000_000) == "Example"


def test_data_of_real_shape_survives_conversion(tmp_path: Path) -> None:
    loaded = load_people(written(tmp_path, invented(300)))
    again = load_people(written(tmp_path, "\n".join(as_toml(loaded.register)), "people.toml"))
    assert (loaded.doubts, again.doubts) == ((), ())
    assert again.register == loaded.register
    assert len(again.register.people) == 300
    for person, other in zip(loaded.register.people, again.register.people, strict=True):
        one, two = (
            [(at.begin, at.end, at.name) for at in register.periods(of)]
            for register, of in ((loaded.register, person), (again.register, other))
        )
        assert one == two


def test_lines_of_all_people_are_theirs(tmp_path: Path) -> None:
    register = load_people(written(tmp_path, invented(60))).register
    toml = "\n".join(as_toml(register))
    again = load_people(written(tmp_path, toml, "people.toml")).register
    lines = toml.splitlines()
    for person in again.people:
        assert lines[again.line(person.place) - 1 :][:2] == ["[[people]]", f'id = "{person.id}"']
        for employer in person.employers:
            assert f'name = "{employer.name}"' in lines[again.line(employer.place) - 1]
    for one in again.organisations:
        assert lines[again.line(one.place) :][0] == f'name = "{one.name}"'


TOML = """\
# people "{[" of ours
[[people]]
id = "mira"
name = "Mira"  # [[people]]
emails = ["mira@example.org"]
employers = [
  { name = "Example }", until = 2015-01-01 },
  { name = "Example }", until = "soon" },
]

[[organisations]]
name = "Example }"
domain = ["example.org"]
"""


def test_mistakes_in_toml_have_their_lines(tmp_path: Path) -> None:
    with pytest.raises(BadData) as refused:
        load_people(written(tmp_path, TOML, "people.toml"))
    first, second = sorted(str(refused.value).splitlines())
    assert first.startswith("people.toml, line 13: organisations[0].domain: unknown key; there are aliases, domains")
    assert second.startswith("people.toml, line 8: people[0].employers[1].until: “soon” is no date")


SUBTABLES = """\
[[people]]
id = "a"
bio = '''
[[people]]
name = "x" '''

[[people.employers]]
name = "One"

[[people]]
id = "b"

  [[people.employers]]
  name = "One"

  [[people.employers]]
  name = "Two"
  until = "soon"

[[organisations]]
name = "One"
"""


def test_employers_may_have_tables_of_their_own(tmp_path: Path) -> None:
    with pytest.raises(BadData) as refused:
        load_people(written(tmp_path, SUBTABLES, "people.toml"))
    unknown, wrong = str(refused.value).splitlines()
    assert unknown.startswith("people.toml, line 3: people[0].bio: unknown key")
    assert wrong.startswith("people.toml, line 18: people[1].employers[1].until: “soon” is no date")
    path = written(tmp_path, SUBTABLES.replace('"soon"', "2015-01-01").replace("bio", "name"), "people.toml")
    assert load_people(path).doubts == (
        "people.toml, line 17: people[1].employers[1].name: there is no organisation Two in the file.",
    )


def test_invalid_toml_has_its_line(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"people\.toml: .*line 2"):
        load_people(written(tmp_path, "[[people]]\nid = \n", "people.toml"))


def test_corrections_of_commits_are_read(tmp_path: Path) -> None:
    sha = "a" * 40
    entries = [
        {"primary_key": sha, "correction_comment": "vendored", "lines_added": 0, "loc": 0},
        {"primary_key": f"{sha}Mira@example.org", "company_name": "Example"},
        {"primary_key": "bpd:nova:boot", "date": 1},
    ]
    found = load_corrections(written(tmp_path, {"corrections": entries}, "corrections.json"))
    assert [one.row() for one in found] == [
        (sha, "", 0, None, 0, None, None, None, None),
        (sha, "mira@example.org", None, None, None, None, None, None, "Example"),
    ]


def test_correction_that_stands_twice_counts_once(tmp_path: Path) -> None:
    entries = [
        {"primary_key": "a" * 40, "loc": 0, "author_email": "mira@example.org", "change_id": None},
        {"primary_key": "a" * 40, "loc": 0, "correction_comment": "again", "module": "plants"},
        {"primary_key": f"I{'b' * 40}1396521587Code-Review", "company_name": "Example"},
    ]
    found = load_corrections(written(tmp_path, {"corrections": entries}, "corrections.json"))
    assert [(one.sha, one.loc) for one in found] == [("a" * 40, 0)]


def test_second_correction_of_a_record_is_refused(tmp_path: Path) -> None:
    entries = [{"primary_key": "a" * 40, "loc": 0}, {"primary_key": "a" * 40, "loc": "1"}]
    with pytest.raises(BadData) as refused:
        load_corrections(written(tmp_path, {"corrections": entries}, "corrections.json"))
    assert [line.partition(": ")[0] for line in str(refused.value).splitlines()] == [
        "corrections.json, line 8",
        "corrections.json, line 9",
    ]
