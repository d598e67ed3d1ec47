"""Names become parts of addresses: always the same, never two alike, nothing else than letters and digits."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptgbot.chat.addresses import slug, slugs


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nova", "nova"),
        ("v1.0_x-y", "v1.0_x-y"),
        ("Ballroom A", "ballroom-a"),
        ("Zimmer Köln", "zimmer-koln"),
        ("../x", "x"),
        ("Monday", "monday"),
    ],
)
def test_name_becomes_slug(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_a_long_name_is_cut_to_sixty_letters() -> None:
    assert slug("v." * 30) == "v." * 30
    assert slug("v." * 31) == ("v-" * 30)[:-1]
    assert slug("x" * 61) == "x" * 60


@given(st.lists(st.text(), unique=True))
def test_addresses_are_distinct_and_lead_to_their_names(names: list[str]) -> None:
    found = slugs(names)
    assert len(set(found.values())) == len(names)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,60}", one) for one in found.values())


@given(st.text())
def test_slug_of_slug_is_unchanged(name: str) -> None:
    assert slug(slug(name)) == slug(name)


def test_first_name_keeps_address_when_lookalike_comes() -> None:
    assert slugs(["Hall A", "Hall-A"])["Hall A"] == "hall-a"
    assert slugs(["Hall A", "Hall-A"])["Hall-A"].startswith("hall-a-")
