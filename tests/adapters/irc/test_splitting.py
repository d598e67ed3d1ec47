from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptgbot_irc.splitting import split

ANY = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=600)


@given(ANY, st.integers(min_value=4, max_value=300))
def test_pieces_fit_and_join_to_the_text(text: str, size: int) -> None:
    pieces = split(text, size)
    assert "".join(pieces) == text
    assert all(piece and len(piece.encode()) <= size for piece in pieces)


@given(ANY, st.integers(min_value=4, max_value=100), st.integers(min_value=1, max_value=5))
def test_number_of_pieces_is_limited(text: str, size: int, most: int) -> None:
    pieces = split(text, size, most)
    assert len(pieces) <= most
    assert all(len(piece.encode()) <= size for piece in pieces)
    assert "".join(pieces) == text or pieces[-1].endswith("…")


def test_cuts_behind_a_blank_if_one_is_near() -> None:
    assert split("the quick brown fox", 12) == ["the quick ", "brown fox"]
    assert split("x verylongwordthatgoeson", 12) == ["x verylongwo", "rdthatgoeson"]


@pytest.mark.parametrize("mark", ["\u0301", "\ufe0f", "\u200d🚀", "🏽"])
def test_combined_characters_stay_together(mark: str) -> None:
    text = f"aaaaa👩{mark}bbbbbbbbbbbb"
    for piece in split(text, 12)[1:]:
        assert not unicodedata.combining(piece[0])
        assert piece[0] not in "\ufe0f\u200d🏽"


def test_endless_combining_marks_are_cut() -> None:
    text = "a" + "\u0301" * 500
    assert "".join(split(text, 50)) == text


def test_size_too_small_raises_value_error() -> None:
    with pytest.raises(ValueError, match="no room"):
        split("text", 3)
