"""Corrections of earlier lines: literal, bounded, and the same in a replay."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ptgbot.meetings.corrections import (
    LONGEST,
    Blocks,
    Corrected,
    Correction,
    Inserted,
    Said,
    correction,
    is_escaped,
)


def of(*texts: str) -> Corrected:
    """Return what the corrections among the lines of one person come to."""
    lines = [Said(number, "mira", text) for number, text in enumerate(texts, 1)]
    found = Corrected()
    for place, line in enumerate(lines):
        wanted = correction(line.text)
        if wanted and not found.is_full:
            found = found.after(wanted, line, line.key, reversed(lines[:place]))
    return found


def test_forms_are_parsed() -> None:
    assert correction("s/old/new/") == Correction("old", "new")
    assert correction("s/old/new") == Correction("old", "new")
    assert correction("s/old//") == Correction("old", "")
    assert correction("s/old/new/g") == Correction("old", "new", everywhere=True)
    assert correction("i/where/see https://example.org/a/") == Correction(
        "where", "see https://example.org/a", inserts=True
    )


def test_other_lines_are_no_corrections() -> None:
    texts = ["s/", "s//new/", "s/old", "S/old/new/", "s/a/b/c/d", "i/where/", "i//line/", "s/a/b/x", "as/a/b/"]
    assert [correction(text) for text in texts] == [None] * len(texts)


def test_newest_line_with_the_text_is_corrected() -> None:
    assert of("teh a teh", "teh b teh", "other", "s/teh/the/").texts == {2: "the b teh"}


def test_everywhere_corrects_all_earlier_lines() -> None:
    found = of("teh a teh", "teh b", "s/teh/the/g", "teh c")
    assert found.texts == {1: "the a the", 2: "the b"}


def test_text_is_never_a_pattern() -> None:
    found = of("a.c", "abc", "s/a.c/.*/", r"s/b|c/\1/", "s/(/[/")
    assert found.texts == {1: ".*"}
    assert found.failed == (4, 5)


def test_corrected_line_is_corrected_again() -> None:
    found = of("one", "s/one/two/", "s/two/three/", "s/one/four/")
    assert (found.texts, found.failed, found.applied) == ({1: "three"}, (4,), (2, 3))


def test_inserted_line_stands_before_the_named_one() -> None:
    found = of("first", "second", "i/second/#topic Budget/", "i/nowhere/line/")
    assert found.inserted == (Inserted(2, 3, "mira", "#topic Budget"),)
    assert Corrected.from_json(found.to_json()) == found
    assert found.failed == (4,)


def test_decision_is_corrected_by_author_and_chairs() -> None:
    def line(nick: str, *, trusted: bool) -> Corrected:
        decision, wanted = Said(1, "mira", "#agreed no", guarded=True), Correction("no", "yes")
        return Corrected().after(wanted, Said(2, nick, "s/no/yes/", trusted=trusted), nick, [decision])

    assert line("jo", trusted=False).failed == (2,)
    assert line("jo", trusted=True).texts == {1: "#agreed yes"}
    assert line("mira", trusted=False).texts == {1: "#agreed yes"}


def test_repeated_doubling_is_bounded() -> None:
    found = of("a" * 100, *["s/a/aaaaaaaaaa/g"] * 200)
    assert max(map(len, found.texts.values())) <= LONGEST
    assert found.failed


def test_long_lines_are_corrected() -> None:
    assert of("x" * 10_000 + "teh", "s/teh/the/").texts == {1: "x" * 10_000 + "the"}


@given(st.lists(st.text(alphabet="si/abg# ", max_size=12), max_size=30))
def test_any_lines_have_a_bounded_result(texts: list[str]) -> None:
    found = of(*texts)
    assert set(found.texts) <= set(range(1, len(texts) + 1))
    assert not set(found.failed) & set(found.applied)


def test_backslash_escapes_a_line() -> None:
    assert (is_escaped("\\#info x"), is_escaped("#info \\x")) == (True, False)


def inside(*lines: tuple[str, str]) -> list[bool]:
    blocks, found = Blocks(), []
    for key, text in lines:
        blocks, within = blocks.after(key, text)
        found.append(within)
    return found


def test_block_belongs_to_one_person() -> None:
    lines = [("mira", "```"), ("mira", "#info a"), ("jo", "#info b"), ("mira", "```"), ("mira", "#info c")]
    assert inside(*lines) == [True, True, False, True, False]


def test_block_on_one_line_closes_itself() -> None:
    assert inside(("mira", "```#info a```"), ("mira", "#info b")) == [True, False]


def test_block_that_is_never_closed_ends() -> None:
    assert inside(("mira", "```"), *[("mira", "#info a")] * 300)[-1] is False
