"""Scribes and the lists of those who are present or have sent regrets."""

from __future__ import annotations

from ptgbot.meetings.present import Presence, names_in
from ptgbot.meetings.scribe import Scribes, Written, written


def words(scribes: Scribes, *lines: tuple[str, str]) -> list[Written | None]:
    found = []
    for nick, text in lines:
        scribes, one = written(scribes, nick, text)
        found.append(one)
    return found


SCRIBES = Scribes().with_scribes("mira")


def test_words_belong_to_the_named_person() -> None:
    lines = [("mira", "jo: we should wait"), ("mira", "… and see"), ("Mira", "...or not"), ("mira", "MHU[m]: no")]
    assert words(SCRIBES, *lines) == [
        Written("jo", "we should wait"),
        Written("jo", "and see"),
        Written("jo", "or not"),
        Written("MHU[m]", "no"),
    ]


def test_own_words_end_a_continuation() -> None:
    assert words(SCRIBES, ("mira", "jo: a"), ("mira", "I think so too"), ("mira", "… b"))[1:] == [None, None]


def test_only_scribes_write_for_others() -> None:
    assert words(SCRIBES, ("jo", "mira: hello"), ("jo", "… more")) == [None, None]


def test_commands_and_addresses_are_no_names() -> None:
    lines = [("mira", text) for text in ("https://example.org: x", "#info: x", "12:30 x", "a b: c", ": x", "jo:")]
    assert words(SCRIBES, *lines) == [None] * len(lines)


def test_scribes_are_named_and_relieved() -> None:
    scribes = SCRIBES.with_scribes("Jo", "MIRA")
    assert scribes.names == ("MIRA", "Jo")
    assert scribes.without("jo").names == ("MIRA",)
    assert scribes.without().names == ()


def test_scribe_stays_after_a_change_of_nick() -> None:
    scribes, _ = written(SCRIBES, "mira", "jo: a")
    assert words(scribes.renamed("mira", "mira2"), ("mira2", "… b")) == [Written("jo", "b")]


def test_long_line_is_attributed_quickly() -> None:
    assert words(SCRIBES, ("mira", "a" * 10_000 + ": x"), ("mira", "jo: " + "x" * 10_000))[1] is not None


def test_presence_and_regrets_exclude_each_other() -> None:
    value = Presence().with_present("jo", "Zoe").with_regrets("zoe", "ann").with_present("ANN")
    assert value == Presence(("jo", "ANN"), ("zoe",))


def test_names_are_words_or_the_speaker() -> None:
    assert names_in("", "mira") == ["mira"]
    assert names_in("jo, zoe  ann", "mira") == ["jo", "zoe", "ann"]
    assert names_in("x" * 101, "mira") == ["mira"]
