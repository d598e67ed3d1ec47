"""Groups of modules and types of projects: read from both forms, kept by the conversion, chosen by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ptgbot.cli import main
from ptgbot.contributions.convert import as_toml
from ptgbot.contributions.module_groups import Groups, ModuleGroup, ProjectType
from ptgbot.contributions.old_scopes import SEPARATOR, Scopes, both, scopes_in, written
from ptgbot.contributions.people_files import BadData, load_people

THEIRS = {
    "module_groups": [{"module_group_name": "oak-group", "modules": ["oak", "oak-client"]}],
    "project_sources": [
        {"organization": "plants", "uri": "gerrit://review.example.org"},
        {"organization": "herbs", "module_group_id": "herb-group", "module_group_name": "Herbs"},
    ],
    "project_types": [
        {"id": "all", "title": "Plants", "modules": ["plants", "unknown"]},
        {"id": "plants", "title": "Official", "child": True, "modules": ["tc:official"]},
        {"id": "others", "title": "Others", "modules": ["herb-group", "oak-group"]},
    ],
    "mail_lists": ["https://lists.example.org/pipermail/plants/"],
    "member_lists": [],
}
OURS = """\
[[releases]]
name = "Ash"
until = 2014-07-01

[[module_groups]]
id = "official"
releases = [
  { name = "Ash", modules = ["oak"] },
  { name = "Elm", modules = ["oak", "ash"] },
]

[[module_groups]]
id = "Official"
organisation = "plants"

[[project_types]]
id = "trees"
modules = ["official"]
parent = "nothing"

[[project_types]]
id = "oaks"
parent = "all"
"""


def written_to(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_groups_of_stackalytics_are_read(tmp_path: Path) -> None:
    groups = load_people(written_to(tmp_path, "default_data.json", json.dumps(THEIRS))).register.groups
    assert [*groups.groups] == [
        ModuleGroup("oak-group", "oak-group", ("oak", "oak-client")),
        ModuleGroup("plants", "plants", organisation="plants", tag="organization"),
        ModuleGroup("herb-group", "Herbs", organisation="herbs", tag="organization"),
    ]
    assert [(one.id, one.name, one.parent) for one in groups.types] == [
        ("all", "Plants", ""),
        ("plants", "Official", "all"),
        ("others", "Others", ""),
    ]


def test_conversion_keeps_groups_and_types(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written_to(tmp_path, "default_data.json", json.dumps(THEIRS))
    assert main(["stats", "convert", str(path)]) == 0
    out, told = capsys.readouterr()
    assert load_people(written_to(tmp_path, "p.toml", out)).register == load_people(path).register
    assert told == (
        "default_data.json, line 1: mail_lists: the configuration names mailing lists, in tables [[stats.mail]].\n"
    )
    ours = load_people(written_to(tmp_path, "ours.toml", OURS)).register
    again = load_people(written_to(tmp_path, "again.toml", "\n".join(as_toml(ours)))).register
    assert again.groups == ours.groups


def test_contradictions_of_groups_are_told(tmp_path: Path) -> None:
    assert [*load_people(written_to(tmp_path, "ours.toml", OURS)).doubts] == [
        "ours.toml, line 9: module_groups[0].releases[1].name: there is no release Elm in the file.",
        "ours.toml, line 19: project_types[0].parent: there is no type nothing without a parent in the file.",
        "ours.toml, line 13: module_groups[1].id: module_groups[0] has the id Official, too.",
    ]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("module_groups", [{"modules": []}], "module_groups[0].module_group_name: a text is missing"),
        ("module_groups", [{"module_group_name": "x", "modules": "oak"}], "modules: expected a list, found 'oak'"),
        ("project_sources", [{}], "project_sources[0].organization: a text is missing"),
        ("project_types", [{"id": "x", "child": 1}], "project_types[0].child: expected true or false, found 1"),
        ("project_types", {"id": "x"}, "project_types: expected a list of tables"),
    ],
)
def test_wrong_groups_are_refused(tmp_path: Path, name: str, value: object, sentence: str) -> None:
    with pytest.raises(BadData) as refused:
        load_people(written_to(tmp_path, "default_data.json", json.dumps({name: value})))
    assert sentence in str(refused.value)


def test_unknown_key_of_a_type_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"p.toml, line 3: project_types\[0\].title: unknown key; there are id"):
        load_people(written_to(tmp_path, "p.toml", "[[project_types]]\nid = 'x'\ntitle = 'X'\n"))


def test_types_follow_their_parents() -> None:
    types = [ProjectType("b", "B", parent="a"), ProjectType("c", "C", parent="b"), ProjectType("a", "A")]
    assert [one.id for one in Groups((), types).order] == ["c", "a", "b"]


def test_parts_of_the_community_are_groups() -> None:
    groups = Groups([ModuleGroup("x", "X", organisation="herbs", by_release=[("Ash", ["oak"])])])
    found = [*groups.scopes({"oak": "trees", "elm": "trees", "dill": "herbs", "lone": ""})]
    assert [one.id for one in found if one.kind == "module"] == ["oak", "elm", "dill", "lone"]
    assert [(one.id, one.part, one.release, one.tag) for one in found if one.kind != "module"] == [
        ("x", "dill", "", "group"),
        ("x", "oak", "Ash", "group"),
        ("trees", "oak", "", "organization"),
        ("trees", "elm", "", "organization"),
    ]


@pytest.fixture
def scopes() -> Scopes:
    rows = [
        ("group", "Official", "Official", "group", "Oak", "ash"),
        ("group", "Official", "Official", "group", "elm", ""),
        ("group", "Official", "Official", "group", "nobody", ""),
        ("module", "Nobody", "Nobody", "", "Nobody", ""),
        ("group", "oak", "A group with the name of a module", "group", "elm", ""),
        ("type", "trees", "Trees", "", "official", ""),
        ("type", "trees", "Trees", "", "unknown", ""),
        ("type", "none", "None", "", "", ""),
    ]
    return scopes_in(rows, {"oak": "oak", "elm": "Elm"}, {"ash": "Ash", "birch": "Birch"})


def test_modules_and_groups_are_chosen(scopes: Scopes) -> None:
    assert scopes.of_module("OAK") == frozenset({("oak", "")})
    assert scopes.of_module("official") == frozenset({("oak", "Ash"), ("Elm", "")})
    assert (scopes.of_module("Nobody"), scopes.of_module("x"), scopes.of_type("x")) == (frozenset(), None, None)
    assert scopes.of_type("trees") == frozenset({("oak", "Ash"), ("Elm", ""), ("", "")})
    assert scopes.of_type("none") == frozenset()


def test_common_part_keeps_the_release() -> None:
    one = frozenset({("oak", "Ash"), ("elm", ""), ("fir", "Ash")})
    other = frozenset({("oak", ""), ("elm", "Ash"), ("fir", "B")})
    assert both(one, other) == {("oak", "Ash"), ("elm", "Ash")}


def test_choice_is_written_as_a_list() -> None:
    choice = frozenset({("oak", "Ash"), ("elm", "")})
    assert written(None, []) == ""
    assert written(choice, []).split(SEPARATOR) == ["elm", "oak\x1eAsh"]
    assert written(choice, ["Ash"]).split(SEPARATOR) == ["elm", "oak"]
    assert written(choice, ["Birch"]) == "elm"
    assert written(frozenset(), []) not in ("", "elm")
    assert written(frozenset({("", "")}), []).split(SEPARATOR) == ["", ""]
