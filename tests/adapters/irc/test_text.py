from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptgbot_irc.text import action, clean, is_ctcp


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("\x02bold\x02 \x1ditalic\x0f", "bold italic"),
        ("\x0304,12red\x03 \x034x \x03,5", "red x ,5"),
        ("\x04ff0000red\x04", "red"),
        ("1\x03123", "13"),
        ("tab\there", "tab here"),
        ("a\r\nb\0c\x1b[31m\x85d", "a bc[31m d"),
        ("café 🎉 👩‍🚀", "café 🎉 👩‍🚀"),
    ],
)
def test_formatting_codes_are_removed(typed: str, meant: str) -> None:
    assert clean(typed) == meant


@given(st.text())
def test_line_ends_are_removed(text: str) -> None:
    cleaned = clean(text)
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in cleaned)
    assert clean(cleaned) == cleaned
    cleaned.encode()


def test_me_line_is_a_ctcp_request() -> None:
    assert is_ctcp("\x01ACTION waves\x01")
    assert not is_ctcp("ACTION waves")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("\x01ACTION waves\x01", "waves"),
        ("\x01ACTION waves", "waves"),
        ("\x01ACTION \x01", ""),
        ("\x01ACTION\x01", None),
        ("\x01ACTIONS waves\x01", None),
        ("\x01VERSION\x01", None),
        ("ACTION waves", None),
    ],
)
def test_text_of_action_is_returned(line: str, said: str | None) -> None:
    assert action(line) == said
