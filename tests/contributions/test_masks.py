"""People are shown as they want: by initials, with the hours of their week; names never hold an address."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ptgbot.contributions.masks import initials
from ptgbot.contributions.page_names import public, without_addresses
from ptgbot.contributions.people_files import BadData, load_people
from tests.contributions.histories import MIRA, Made, history
from tests.contributions.program import LINES, Program
from tests.contributions.test_pages import files

HOURS = "Days of the week and hours"
PEOPLE = """
[[people]]
id = "mira"
name = "Mira Lind"
emails = ["mira@example.org"]
shown = "initials"
punch_card = true

[[people]]
id = "ada"
name = "Ada"
emails = ["ada@other.example"]
"""


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Mira Lind", "M. L."),
        ("mira van der (Lind) 3 x", "M. V. D. L."),
        ("Jean-Luc", "J."),
        ("eve@x.example", "E."),
        ("E\u0301va", "É."),
        ("王 小明", "王. 小."),
        ("<3 42", ""),
    ],
)
def test_initials_of_names(name: str, shown: str) -> None:
    assert initials(name) == shown


def test_texts_lose_their_addresses() -> None:
    text = "Add <mira@example.org>, (a.b+c@x.example) and ada@x; not @ all"
    assert without_addresses(text) == "Add <…>, (…) and …; not … all"
    assert without_addresses("x" * 100_000) == "x" * 100_000
    assert re.fullmatch(r"Lab <me> \([0-9a-f]{6}\)", public("Lab <me@x.example>", b"k"))
    assert public("me@x.example", b"k") != public("me@y.example", b"k") != public("me@y.example", b"l")
    assert public("Lab", b"k") == "Lab"


def test_people_are_shown_as_they_want(tmp_path: Path) -> None:
    program = Program(tmp_path)
    people = (MIRA, b"Ada <ada@other.example>", b"Eve Ash <eve@x.example>", b"Zed <z@x.example>")
    commits = [Made(b"a", one, 1_400_000_000 + place, files={b"a": LINES}) for place, one in enumerate(people)]
    program.repositories = [history(tmp_path / "more" / "plants", *commits)]
    (tmp_path / "people.toml").write_text(PEOPLE)
    program.configure("initials = ['EVE@x.example']\npunch_cards = ['z@x.example']\n")
    text = program.path.read_text().replace("default_data.json", "people.toml")
    program.path.write_text(text)
    program.run("refresh")
    found = files(program.bulk)
    pages = {name: body.decode() for name, body in found.items() if name.startswith("person/")}
    titles = {re.findall(r"<h1><bdi>(.*?)</bdi></h1>", body)[0]: (HOURS in body, name) for name, body in pages.items()}
    assert {title: hours for title, (hours, _) in titles.items()} == {
        "M. L.": True,
        "Ada": False,
        "E. A.": False,
        "Zed": True,
    }
    assert all(re.fullmatch(r"person/person-[0-9a-f]{10}\.html", titles[one][1]) for one in ("M. L.", "E. A."))
    assert not [name for name, body in found.items() if re.search(r"mira|lind|eve\b", f"{name} {body.decode()}", re.I)]


def test_wrong_wishes_are_told_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "people.toml"
    path.write_text(PEOPLE.replace('"initials"', '"nick"').replace("true", "1"))
    with pytest.raises(BadData) as caught:
        load_people(path)
    assert "line 6: people[0].shown: expected name or initials" in str(caught.value)
    assert "line 7: people[0].punch_card: expected true or false, found 1" in str(caught.value)
