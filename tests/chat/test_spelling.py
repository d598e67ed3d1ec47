"""Which words may be slips of others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptgbot.chat.spelling import misspelt, slips

WORDS = st.text("abc", max_size=6)


@pytest.mark.parametrize(
    ("one", "other", "number"),
    [("now", "now", 0), ("nwo", "now", 1), ("noww", "now", 1), ("nw", "now", 1), ("nou", "now", 1), ("", "now", 3)],
)
def test_slips_are_counted(one: str, other: str, number: int) -> None:
    assert (slips(one, other), slips(other, one)) == (number, number)


@given(WORDS, WORDS)
def test_slips_are_none_only_between_equal_words(one: str, other: str) -> None:
    assert slips(one, other) == slips(other, one)
    assert (slips(one, other) == 0) == (one == other)
    assert abs(len(one) - len(other)) <= slips(one, other) <= max(len(one), len(other))


LOOK_ALIKE = [("cancel", "advance"), ("unbook", "undo"), ("close", "clear"), ("find", "in")]


@pytest.mark.parametrize(("word", "other"), LOOK_ALIKE)
def test_words_that_only_look_alike_are_no_slips(word: str, other: str) -> None:
    assert misspelt(word, [other]) == []


def test_the_nearest_word_comes_first() -> None:
    assert misspelt("bookk", ["look", "book", "unbook"]) == ["book", "look"]
    assert misspelt("bok", ["look", "book"]) == ["book"]
