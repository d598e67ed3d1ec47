from __future__ import annotations

import re

import pytest
from coloraide import Color
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ptgbot.gathering.colors import LONGEST, Paint, own_color, paint

HEX = re.compile(r"#[0-9a-f]{6}")


def readable(found: Paint) -> bool:
    """Say whether both are plain hex values and the text can be read on the background."""
    plain = HEX.fullmatch(found.color) and HEX.fullmatch(found.ink)
    return bool(plain) and Color(found.ink).contrast(Color(found.color), method="wcag21") >= 4.5


@pytest.mark.parametrize(
    ("typed", "color", "ink"),
    [
        ("red", "#ff0000", "#000000"),
        ("Teal", "#008080", "#ffffff"),
        ("#42f4c5", "#42f4c5", "#000000"),
        ("#ABC", "#aabbcc", "#000000"),
        ("#000", "#000000", "#ffffff"),
        ("#fff", "#ffffff", "#000000"),
        ("#ff000080", "#ff7f7f", "#000000"),
        ("rgb(66, 244, 197)", "#42f4c5", "#000000"),
        ("rgb(66 244 197 / 100%)", "#42f4c5", "#000000"),
        ("hsl(120 100% 25%)", "#008000", "#ffffff"),
        ("hwb(240 0% 0%)", "#0000ff", "#ffffff"),
        ("transparent", "#ffffff", "#000000"),
        ("rebeccapurple", "#663399", "#ffffff"),
        (" navy ", "#000080", "#ffffff"),
    ],
)
def test_css_colours_are_painted(typed: str, color: str, ink: str) -> None:
    found = paint(typed)
    assert found
    assert found.ink == ink
    assert [int(found.color[at : at + 2], 16) for at in (1, 3, 5)] == pytest.approx(
        [int(color[at : at + 2], 16) for at in (1, 3, 5)], abs=1
    )


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "blurple", "#12", "#12345", "#gggggg", "123456", "currentcolor", "inherit", "var(--x)", "red blue"),
        *(
            "red;",
            "red;background:url(x)",
            "url(javascript:alert(1))",
            "expression(alert(1))",
            'red"',
            "red'>",
            "</style>",
        ),
        *("rgb(1,2)", "rgb(a,b,c)", "rеd", "red\0", "＃fff", "x" * 1000, "#fff" + " " * LONGEST, "rgb(nan 0 0)"),
    ],
)
def test_other_text_is_no_colour(typed: str) -> None:
    assert paint(typed) is None


NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32).map(str) | st.integers(-400, 400).map(str)
PARTS = NUMBERS | NUMBERS.map(lambda number: f"{number}%") | st.sampled_from(["none", "1e999", "-1e999", "calc(1)"])
SPACES = ("rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch")
FUNCTIONS = st.builds(
    lambda name, parts, alpha: f"{name}({' '.join(parts)}{alpha})",
    st.sampled_from([*SPACES, "color"]),
    st.lists(PARTS, min_size=2, max_size=4),
    st.just("") | PARTS.map(lambda part: f" / {part}"),
)
PREDEFINED = st.builds(
    lambda space, parts: f"color({space} {' '.join(parts)})",
    st.sampled_from(["srgb", "srgb-linear", "display-p3", "a98-rgb", "prophoto-rgb", "rec2020", "xyz", "xyz-d50"]),
    st.lists(PARTS, min_size=3, max_size=3),
)


@settings(max_examples=300, deadline=None)
@given(FUNCTIONS | PREDEFINED | st.from_regex(r"#[0-9a-fA-F]{3,8}", fullmatch=True) | st.text(max_size=12))
@example("rgb(1e999 0 0)")
@example("lab(1e308 1e308 1e308)")
@example("color(xyz 1e300 -1e300 1e300)")
def test_any_typed_colour_becomes_readable_hex(typed: str) -> None:
    found = paint(typed)
    assert found is None or readable(found)


@settings(max_examples=100, deadline=None)
@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_screen_colours_have_readable_text(rgb: tuple[int, int, int]) -> None:
    typed = "#{:02x}{:02x}{:02x}".format(*rgb)
    found = paint(typed)
    assert found
    assert found.color == typed
    assert readable(found)


def test_a_track_always_gets_the_same_colour() -> None:
    assert own_color("nova") == own_color("nova") != own_color("cinder")
    assert HEX.fullmatch(own_color("nova"))
