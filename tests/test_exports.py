"""The file of a feature that brings no format of its own."""

from __future__ import annotations

import pytest

from ptgbot.exports import PlainJson
from ptgbot.store.edits import ABSENT, Edit, Tree
from ptgbot.store.export import Unreadable
from ptgbot.testing import START

PLAIN = PlainJson("coffee")
STATE: Tree = {"pots": {"blue": "Küche"}}


def test_a_plain_file_gives_back_the_state() -> None:
    raw = PLAIN.render(STATE, START, START)
    assert (PLAIN.parse(raw), raw.endswith(b"}\n"), "Küche".encode() in raw) == (STATE, True, True)
    assert PLAIN.public(STATE, START, START) is None  # type: ignore[func-returns-value]
    assert PLAIN.stamped(raw) is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize(("raw", "why"), [(b"{", r"line 1.*\.$"), (b"\xff", r"\.$"), (b"[]", "expected an object")])
def test_a_plain_file_of_another_form_is_unreadable(raw: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        PLAIN.parse(raw)


def test_a_plain_file_tells_what_a_hand_changed() -> None:
    assert PLAIN.changes(STATE, {"pots": {}}) == [Edit(("pots", "blue"), "Küche", ABSENT)]
