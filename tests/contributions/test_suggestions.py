"""Suggestions of addresses: their reasons, and a patch that applies and says exactly that."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ptgbot.contributions.convert import as_toml
from ptgbot.contributions.mailmap import parse_mailmap
from ptgbot.contributions.model import Employer, Organisation, Person, Register
from ptgbot.contributions.page_store import looked_at
from ptgbot.contributions.patching import patch
from ptgbot.contributions.people_files import BadData, load_people
from ptgbot.contributions.suggestions import Seen, Suggested, suggested
from ptgbot.exits import Exit
from tests.contributions.histories import Made, git, history
from tests.contributions.program import Program
from tests.servers.programs import need

MIRA = Person("mira", "Mira Lind", ("mira@example.org",), accounts=("gerrit:mlind", "github:Mira-L"))
ZED = Person("zed", "Zed", ("zed@example.net", "zedling@example.net"))
ADA = Person("ada", "Ada Byron", ("ada@example.org",))
OTHER_ADA = Person("ada2", "Ada Byron", ("ada@other.example",))
ROBOT = Person("ci", "Plant CI", ("ci@example.org",), (Employer("*robots"),), ("gerrit:ci",))
REGISTER = Register((MIRA, ZED, ADA, OTHER_ADA, ROBOT), (Organisation("*robots", ("bots.example",)),))


def asked(*seen: tuple[str, str, str], mailmap: str = "") -> Suggested:
    mailmaps = {"plants": parse_mailmap(mailmap, "plants")}
    return suggested(REGISTER, [Seen(*one) for one in seen], {"mira@home.example": 3, "x@many.example": 9}, mailmaps)


def told(found: Suggested) -> list[tuple[str, str, int, Sequence[str]]]:
    return [(one.person.id, one.email, one.commits, one.reasons) for one in found.suggestions]


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (("", "MIRA  lind", "m@home.example"), "the name MIRA lind is the same"),
        (("gerrit:mlind", "M", "mira@home.example"), "the account gerrit:mlind has the address"),
        (("gerrit:mira", "M", "mira@home.example"), "the account gerrit:mira has the address"),
    ],
)
def test_reason_for_an_address(seen: tuple[str, str, str], reason: str) -> None:
    assert told(asked(seen)) == [("mira", seen[2], 3 if seen[2].startswith("mira") else 0, (reason,))]


def test_address_of_a_forge_belongs_to_the_account() -> None:
    email = "77+mira-l@users.noreply.github.com"
    reason = "the address is that of the account github:mira-l at a code forge"
    assert told(asked(("", "mira-l", email))) == [("mira", email, 0, (reason,))]


def test_one_word_needs_the_same_local_part() -> None:
    assert told(asked(("", "zed", "zed@other.example"))) == [
        ("zed", "zed@other.example", 0, ("the name zed and the first part of the address are the same",))
    ]
    assert asked(("", "Zed", "somebody@other.example"), ("", "Zoe", "zed@third.example")) == Suggested([], ())


def test_mailmap_of_a_repository_is_a_reason() -> None:
    found = asked(("", "Zz", "old@home.example"), mailmap="<zed@example.net> <old@home.example>\nnonsense <\n"[:-11])
    assert told(found) == [("zed", "old@home.example", 0, ("the .mailmap of plants says so",))]


def test_spelling_beside_a_known_address_counts() -> None:
    found = asked(("", "Zed Zephyr", "zed@example.net"), ("", "zed zephyr", "zz@home.example"))
    assert [one.email for one in found.suggestions] == ["zz@home.example"]


def test_address_of_two_people_is_a_warning() -> None:
    found = asked(("", "Ada Byron", "ada@home.example"))
    assert found.suggestions == []
    assert found.warnings == ("ada@home.example seems to belong to ada and ada2; it can be only one of them",)


def test_look_alike_is_a_warning() -> None:
    found = asked(("", "Мirа Lind", "mira@evil.example"))
    assert found.suggestions == []
    assert found.warnings == (
        "mira@evil.example: the name Мirа Lind looks like that of mira, and is another",
    )


@pytest.mark.parametrize(
    "seen",
    [
        ("gerrit:ci", "Plant CI", "ci@home.example"),
        ("", "Mira Lind", "mira@bots.example"),
        ("", "Mira Lind", "mira@localhost"),
        ("", "Mira Lind", "mira lind@home.example"),
        ("", "Mira Lind", f"{'m' * 300}@home.example"),
        ("", "Mira Lind", ""),
        ("", "Mira Lind", "ada@example.org"),
    ],
)
def test_robots_known_people_and_odd_addresses_stay(seen: tuple[str, str, str]) -> None:
    assert asked(seen) == Suggested([], ())


def test_most_commits_stand_first() -> None:
    names = ("mira@home.example", "x@many.example", "a@none.example")
    found = asked(*(("", "Mira Lind", email) for email in names))
    assert [one.email for one in found.suggestions] == ["x@many.example", "mira@home.example", "a@none.example"]


HOSTILE = ("a\"b'@x.example", "back\\slash@x.example", "]}#,@x.example", "ünï@x.example")
TOMLS = {
    "short": '[[people]]\nid = "m"\nemails = ["a@x.org", \'b@x.org\',] # home\n[[people]]\nid = "n"\nemails = []',
    "long": '[[people]]\nid = "m"\nemails = [\n    "a@x.org", # ]\n    "b@x.org" # "c"\n  ]\n\n[[people]]\nid = "n"\n',
    "comma": '[[people]]\nid = "m"\nemails = [\n\t"a@x.org", "b@x.org", # home\n\t# none\n]\n[[people]]\nid = "n"',
    "none": '# x\n  [[people]] # the first\n  id = "m"\n\n[[people]]\nid = "n"\nemails = [ # none\n]\n',
    "windows": '[[people]]\r\nid = "m"\r\nemails = [\r\n  "a@x.org",\r\n]\r\n[[people]]\r\nid = "n"',
    "mark": '\ufeff[[people]]\nid = "m"\nemails = ["a@x.org"]\n[[people]]\nid = "n"\n',
}
JSONS = {
    "usual": json.dumps({"users": [{"launchpad_id": "m", "emails": ["a@x.org"]}, {"launchpad_id": "n"}]}, indent=4),
    "dense": '{"users":[{"launchpad_id":"m","emails":["a@x.org","b@x.org"]},{"launchpad_id":"n","emails":null}]}\n',
    "lines": '{"users": [\n{"emails": [\n  "a@x.org",\n  "b@x.org"\n], "launchpad_id": "m"},\n{"gerrit_id": "n"}]}\n',
}


@pytest.mark.parametrize("program", ["git", "patch"])
@pytest.mark.parametrize(
    ("name", "text"),
    [*((f"{key} one.toml", one) for key, one in TOMLS.items()), *((f"{key}.json", one) for key, one in JSONS.items())],
)
def test_patch_says_exactly_what_was_suggested(tmp_path: Path, program: str, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode())
    before = load_people(path).register
    first, second = (one.id for one in before.people)
    added = {first: HOSTILE, second: ("n@x.example",)}
    lines = "\n".join(["# --- a head", *patch(path, before, added)]) + "\n"
    need(program, f"apt install {program}")
    commands = {"git": ["git", "apply", "--whitespace=nowarn", "-"], "patch": ["patch", "-p1", "--binary", "--quiet"]}
    subprocess.run(commands[program], cwd=tmp_path, input=lines.encode(), check=True)
    after = load_people(path).register
    assert [[*new.emails] for new in after.people] == [[*old.emails, *added[old.id]] for old in before.people]
    comments = re.findall("#.*", text) if path.suffix == ".toml" else []
    assert all(comment in path.read_text("utf-8-sig") for comment in comments)


def test_large_file_is_patched_in_many_places(tmp_path: Path) -> None:
    people = tuple(Person(f"p{n}", f"P {n}", (f"p{n}@x.example",), (Employer("*independent"),)) for n in range(400))
    path = tmp_path / "people.toml"
    path.write_text("\n".join(as_toml(Register(people))) + "\n")
    register = load_people(path).register
    added = {f"p{n}": (f"p{n}@y.example",) for n in (0, 1, 3, 50, 200, 398, 399)}
    git(tmp_path, "apply", "-", given=("\n".join(patch(path, register, added)) + "\n").encode())
    assert {one.id for one in load_people(path).register.people if len(one.emails) > 1} == set(added)


def test_odd_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "people.toml"
    path.write_text('[[people]]\nid = "m"\nname = \'\'\'\nemails = ["x"]\'\'\'\nemails = []\n')
    with pytest.raises(BadData, match="its form cannot be patched"):
        list(patch(path, load_people(path).register, {"m": ("m@x.example",)}))


def test_mixed_ends_of_lines_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "people.toml"
    path.write_bytes(b'[[people]]\r\nid = "m"\n')
    with pytest.raises(BadData, match="lines end in different ways"):
        list(patch(path, load_people(path).register, {"m": ("m@x.example",)}))


# The program


def quality(program: Program) -> dict[str, Any]:
    with looked_at(program.bulk) as store:
        return store.facts("quality") or {}


@pytest.fixture
def program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Program:
    program = Program(tmp_path, capsys)
    made = [Made(b"c%d" % n, b"Mira  LIND <Mira+\"]@Old.example>", 1_400_000_000 + n) for n in range(3)]
    hostile = Made(b"d", "M\x1b]0;x\x07i Lind\u2028@@ -1 +1 @@ <m\u0301@odd.example>".encode(), 1_400_000_009)
    program.repositories = [history(tmp_path / "plants", *made, hostile)]
    program.configure()
    return program


@pytest.mark.parametrize("form", ["default_data.json", "people.toml"])
def test_applied_suggestions_unite_the_person(program: Program, form: str) -> None:
    folder = program.folder
    if form == "people.toml":
        register = load_people(folder / "default_data.json").register
        (folder / form).write_text("\n".join(as_toml(register)))
        program.path.write_text(program.path.read_text().replace("default_data.json", form))
    program("refresh")
    assert (quality(program)["unknown"], quality(program)["unknown_commits"]) == (2, 4)
    before = (folder / form).read_bytes()
    out, told = program("people suggest")
    assert (folder / form).read_bytes() == before
    assert told == ""
    assert out.startswith(f"# 1 suggestions for {form}, those with the most commits first.\n")
    assert '# 1. mira gets mira+"]@old.example: 3 commits\n#    the name Mira LIND is the same\n' in out
    git(folder, "apply", "-", given=out.encode())
    program("build")
    assert ("commits", "mira", 3.0) in program.answer("metrics_by_person")
    assert (quality(program)["unknown"], quality(program)["unknown_commits"]) == (1, 1)
    assert "0 suggestions" in program("people suggest")[0]


def test_suggestions_need_people_and_a_number(program: Program) -> None:
    program("refresh")
    assert "behind the configuration only the number" in program("people suggest", Exit.CONFIGURATION, "many")[1]
    assert program("people suggest", Exit.STOPPED, "1")[0].count("gets") == 1
    program.path.write_text(program.path.read_text().replace("people = 'default_data.json'", ""))
    assert "[stats] people names no file" in program("people suggest", Exit.CONFIGURATION)[1]
