from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptgbot.chat.text import clean, count, cut, fitting, fold, listing, nearest, short, wildcards


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  two   blanks ", "two blanks"),
        ("tab\there", "tab here"),
        ("one\r\ntwo\n\nthree", "one two three"),
        ("nul\0nul", "nul nul"),
        ("\x02bold\x02 \x1fline\x0f", "bold line"),
        ("\x1b[31mred\x1b[0m", "[31mred [0m"),
        ("del\x7f c1\x85\x9b", "del c1"),
        ("line\u2028par\u2029", "line par"),
        ("no\u200bwidth\ufeff", "no width"),
        ("a\u202eb\u202c \u2066c\u2069", "a b c"),
        ("half \ud800 pair", "half \ufffd pair"),
        ("wide\u3000blank\u00a0", "wide blank"),
        ("", ""),
        ("\0\r\n\u200b", ""),
        ("café 🎉 👩‍🚀 שלום", "café 🎉 👩‍🚀 שלום"),
    ],
)
def test_unwanted_characters_are_removed(typed: str, kept: str) -> None:
    assert clean(typed) == kept


@given(st.text(st.characters()))
def test_cleaned_text_can_be_written_and_is_clean(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert clean(cleaned) == cleaned
    assert not set(cleaned) & {*map(chr, range(32)), "\x7f", "\u2028", "\u202e", "\u200b"}


@pytest.mark.parametrize(
    ("text", "limit", "kept"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("", 3, ""), ("ab", 1, "…")]
)
def test_short_cuts_with_an_ellipsis(text: str, limit: int, kept: str) -> None:
    assert short(text, limit) == kept


@pytest.mark.parametrize(
    ("text", "size", "kept"),
    [
        ("abcd", 4, "abcd"),
        ("abcde", 4, "a…"),
        ("éé", 4, "éé"),
        ("ééé", 5, "é…"),
        ("ab cdef", 6, "ab…"),
        ("🎉🎉", 7, "🎉…"),
        ("🎉🎉", 6, "…"),
        ("", 0, ""),
    ],
)
def test_text_is_cut_between_characters(text: str, size: int, kept: str) -> None:
    assert cut(text, size) == kept


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(3, 40))
def test_cut_text_fits_and_stays_the_same(text: str, size: int) -> None:
    once = cut(text, size)
    assert len(once.encode()) <= size
    assert cut(once, size) == once
    assert fitting(once, size) == len(once)


def test_size_below_ellipsis_raises_value_error() -> None:
    with pytest.raises(ValueError, match="no room for text in 2 bytes"):
        cut("abc", 2)


@pytest.mark.parametrize(
    ("names", "text"),
    [([], "none"), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_listing_reads_as_english(names: list[str], text: str) -> None:
    assert listing(names) == text


def test_listing_with_other_words() -> None:
    assert listing(["a", "b"], last="or") == "a or b"
    assert listing([], none="nobody") == "nobody"


@pytest.mark.parametrize(("number", "text"), [(0, "0 tracks"), (1, "1 track"), (2, "2 tracks")])
def test_count_has_a_plural(number: int, text: str) -> None:
    assert count(number, "track") == text
    assert count(2, "entry", "entries") == "2 entries"


def test_nearest_names_come_first() -> None:
    assert nearest("NOVAE", ["cinder", "nov", "nova"]) == ["nova", "nov"]
    assert nearest("x" * 100_000, ["nova"]) == []
    assert nearest("", ["nova"]) == []


@pytest.mark.parametrize(
    ("casemapping", "folded"),
    [
        ("ascii", "a[]\\~"),
        ("rfc1459", "a{}|^"),
        ("rfc1459-strict", "a{}|~"),
        ("strict-rfc1459", "a{}|~"),
        ("unknown", "a[]\\~"),
    ],
)
def test_names_fold_as_their_network_compares_them(casemapping: str, folded: str) -> None:
    assert fold("A[]\\~", casemapping) == folded


def test_a_word_folds_in_every_alphabet() -> None:
    assert fold("ÉTÉ") == fold("été", "rfc1459")


def test_star_matches_anything_and_nothing_else_does() -> None:
    ghosts = wildcards(("@irc_*:example.org", "@bridge:example.org", "*[m]"))
    assert ghosts.fullmatch("@irc_ada[m]:example.org")
    assert ghosts.fullmatch("@Bridge:example.org")
    assert ghosts.fullmatch("ada[m]")
    assert not ghosts.fullmatch("adam")
    assert not ghosts.fullmatch("@irc_ada:example.com")
    assert not ghosts.fullmatch("@xbridge:example.org")
    assert not wildcards(()).fullmatch("")
