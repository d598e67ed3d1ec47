"""What the message of a commit says."""

from __future__ import annotations

import pytest

from ptgbot.contributions.commits import Author, Commit, assistants, blueprints, bugs, change_id, co_authors

ADA = Author("Ada Byron", "ada+git@example.org")


@pytest.mark.parametrize(
    "line",
    [
        "Co-Authored-By: Ada Byron <ada+git@example.org>",
        "co-authored-by:Ada Byron <ada+git@example.org>",
        "Also-By: Ada Byron <ada+git@example.org>  ",
        "  Co-Author: Ada Byron ada+git@example.org\r",
        "CO-AUTHOR: Ada Byron <ada+git@example.org",
        "Co-Authored-By : Ada Byron < ada+git@example.org > and others",
        "Co-Authored-By: Ada Byron <ada+git@example.org>, Zoe <zoe@example.org>",
    ],
)
def test_line_names_a_co_author(line: str) -> None:
    assert co_authors(f"Subject\n\n{line}\nSigned-off-by: X <x@example.org>\n") == (ADA,)


@pytest.mark.parametrize(
    "line",
    [
        "Co-Authored-By: Ada Byron",
        "Co-Authored-By: <ada@example.org>",
        "Co-Authored-By: ada@example.org",
        "Co-Authored-By: Ada <ada@localhost>",
        "Co-Authored-By: Ada <ada at example.org>",
        "Thanks to Co-Author: Ada <ada@example.org>",
        "Assisted-By: Ada <ada@example.org>",
    ],
)
def test_other_line_names_nobody(line: str) -> None:
    assert co_authors(f"Subject\n\n{line}\n") == ()


@pytest.mark.parametrize("key", ["Co-Authored-By", "Assisted-By"])
def test_gap_of_a_megabyte_is_read(key: str) -> None:
    gap = " \t" * 500_000
    message = f"S\n\n{key}: Ada{gap}Byron{gap}<ada+git@example.org>{gap}\x00\n{gap}"
    assert len(co_authors(message)) + len(assistants(message)) == 1
    assert blueprints(f"bp{gap}!") == bugs(f"bug{gap}!") == ()


def test_author_stands_before_the_co_authors() -> None:
    made = Commit(
        "a" * 40, 1, 1, Author("Mira", "m@example.org"), "S\n\nCo-Authored-By: A B <a@b.org>\nAlso-By: C <c@d.org>"
    )
    assert [one.email for one in made.people] == ["m@example.org", "a@b.org", "c@d.org"]


def test_subject_is_the_first_paragraph() -> None:
    made = Commit("a" * 40, 1, 1, ADA, "\nUpdate git\nsubmodules\n\nmore\n")
    assert made.subject == "Update git submodules"


def test_references_of_a_message() -> None:
    message = "Fix it\n\nCloses-Bug: #123\nbug 45 and Bug:123\nblueprint fast-boot, bp slow.\ndebug 9\n"
    assert bugs(message) == ("123", "45")
    assert blueprints(message) == ("fast-boot", "slow")


def test_last_change_id_counts() -> None:
    first, second = "I" + "a" * 40, "I" + "b" * 40
    assert change_id(f"S\n\nChange-Id: {first}\n\nChange-Id: {second}\n") == second
    assert change_id("S\n\nsee Change-Id: nothing") == ""
