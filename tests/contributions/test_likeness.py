"""Names that are the same, and names that only look so."""

from __future__ import annotations

import pytest

from ptgbot.contributions.likeness import forge_account, is_whole, local_part, look_of, name_key


@pytest.mark.parametrize("name", ["Mira Lind", " mira  LIND", "Míra Lind", "ＭＩＲＡ Lind"])
def test_spellings_of_a_name_are_one(name: str) -> None:
    assert name_key(name) == "mira lind"


def test_marks_of_other_scripts_stay() -> None:
    assert name_key("राम कुमार") != name_key("रम कमर")


@pytest.mark.parametrize("name", ["Mira", "mira@example.org me", "Mira 3", "Your Name", "", "Mira ."])
def test_name_of_one_word_is_not_whole(name: str) -> None:
    assert not is_whole(name_key(name))


def test_letters_of_other_scripts_look_alike() -> None:
    odd, plain = name_key("Мirа Lind"), name_key("Mira Lind")
    assert odd != plain
    assert look_of(odd) == look_of(plain)


@pytest.mark.parametrize(
    ("email", "account"),
    [
        ("12345+mira@users.noreply.github.com", "github:mira"),
        ("mira-l@users.noreply.github.com", "github:mira-l"),
        ("12-mira@users.noreply.github.com", "github:12-mira"),
        ("12-mira@users.noreply.gitlab.com", "gitlab:mira"),
        ("49+helper[bot]@users.noreply.github.com", ""),
        ("mira@example.org", ""),
    ],
)
def test_account_of_a_forge_is_in_its_address(email: str, account: str) -> None:
    assert forge_account(email) == account


@pytest.mark.parametrize(("email", "part"), [("mira+git@x.org", "mira"), ("root@x.org", ""), ("ml@x.org", "")])
def test_local_part_of_many_people_is_none(email: str, part: str) -> None:
    assert local_part(email) == part
