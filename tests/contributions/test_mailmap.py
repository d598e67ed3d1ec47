"""Our reading of ``.mailmap`` is git's."""

from __future__ import annotations

from pathlib import Path

import pytest

from ptgbot.contributions.mailmap import parse_mailmap
from tests.contributions.histories import git, history

TEXT = """\
# people
Proper Name <proper@example.org>
<new@example.org> <old@example.org>
Joe Developer <joe@example.org> <bugs@example.org> # since 2014
Jane Doe <jane@example.org> Jane <BUGS@example.org>
Complete <c@example.org> <d@example.org>
<e@example.org> Somebody <d@example.org>
Twice <first@example.org> Old <t@example.org>
<second@example.org> Old <t@example.org>
"""
ASKED = [
    *[("X", "proper@example.org"), ("X", "PROPER@example.org"), ("X", "old@example.org"), ("X", "bugs@example.org")],
    *[("jane", "bugs@example.org"), ("X", "d@example.org"), ("Somebody", "d@example.org"), ("Y", "y@example.org")],
    *[("Old", "t@example.org"), ("OLD", "T@example.org"), ("New", "t@example.org")],
]


def test_every_form_means_what_git_says(tmp_path: Path) -> None:
    history(tmp_path)
    (tmp_path / ".mailmap").write_text(TEXT)
    given = "".join(f"{name} <{email}>\n" for name, email in ASKED).encode()
    mailmap = parse_mailmap(TEXT, ".mailmap")
    ours = [mailmap.applied(*one) for one in ASKED]
    assert [f"{name} <{email}>" for name, email in ours] == git(
        tmp_path, "check-mailmap", "--stdin", given=given
    ).splitlines()


def test_other_line_is_named_with_its_number() -> None:
    with pytest.raises(ValueError, match=r"\.mailmap, line 2: expected a name"):
        parse_mailmap("A <a@example.org>\nnonsense\n", ".mailmap")
