from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptgbot_irc.line import LIMIT, BadLine, Line, compose, decode, parse, tagged


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b"PING :abc def\r\n", Line("PING", ("abc def",))),
        (b":irc.test 001 bot :Welcome here", Line("001", ("bot", "Welcome here"), "irc.test")),
        (b":ada!a@h privmsg  #c   ::)", Line("PRIVMSG", ("#c", ":)"), "ada!a@h")),
        (
            b"@time=x;+a/b;c= :ada!a@h JOIN #c",
            Line("JOIN", ("#c",), "ada!a@h", {"time": "x", "+a/b": "", "c": ""}),
        ),
        (b":irc.test 353 bot = #c :", Line("353", ("bot", "=", "#c", ""), "irc.test")),
        (b"ERROR", Line("ERROR")),
        (b"@account=x   :s  NOTICE  a  b", Line("NOTICE", ("a", "b"), "s", {"account": "x"})),
    ],
)
def test_lines_are_parsed(raw: bytes, line: Line) -> None:
    assert parse(raw) == line


@pytest.mark.parametrize(
    "raw", [b":foo", b"@a=b", b"@a=b :foo", b"", b"   ", b":", b"@", b"12 x", b"\xff\xfe", b"PRIV-MSG x"]
)
def test_malformed_line_raises_bad_line(raw: bytes) -> None:
    with pytest.raises(BadLine):
        parse(raw)


@pytest.mark.parametrize(
    ("escaped", "account"),
    [
        (rb"a\\lice", r"a\lice"),
        (rb"a\\slice", r"a\slice"),
        (rb"a\:\s\r\nb", "a; \r\nb"),
        (rb"a\bc", "abc"),
        (b"a\\", "a"),
    ],
)
def test_an_account_is_unescaped_in_one_pass(escaped: bytes, account: str) -> None:
    assert parse(b"@account=" + escaped + b" PING").tags["account"] == account


def test_text_is_utf8_else_latin_1() -> None:
    assert decode("café".encode()) == "café"
    assert decode("café".encode("latin-1")) == "café"


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_character_cut_by_the_server_is_dropped(cut: int) -> None:
    long = "é" * 250
    assert decode(f"{long}🎉".encode()[:-cut]) == long


@pytest.mark.parametrize("bad", ["a\rb", "a\nb", "a\0b"])
def test_line_ends_in_parameters_are_refused(bad: str) -> None:
    for params in ((bad,), (bad, "x"), ("x", bad)):
        with pytest.raises(ValueError, match="can't"):
            compose("PRIVMSG", *params)
    with pytest.raises(ValueError, match="can't"):
        compose(bad)


@pytest.mark.parametrize("bad", ["", "a b", ":a"])
def test_target_of_several_words_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="inside a line"):
        compose("PRIVMSG", bad, "text")


def test_a_line_that_is_too_long_is_refused() -> None:
    room = LIMIT - len("PRIVMSG #c :\r\n")
    assert len(compose("PRIVMSG", "#c", "x" * room)) == LIMIT
    with pytest.raises(ValueError, match="too long"):
        compose("PRIVMSG", "#c", "é" * (room // 2 + 1))


@given(st.lists(st.from_regex(r"[^\s:\0][^\s\0]{0,10}", fullmatch=True), max_size=5), st.text(max_size=50))
def test_composed_line_parses_to_same_line(words: list[str], last: str) -> None:
    params = (*words, last)
    try:
        raw = compose("PRIVMSG", *params)
    except ValueError:
        assert set("\r\n\0") & set(last) or any(" " in word for word in words)
    except UnicodeEncodeError:
        pass
    else:
        assert parse(raw) == Line("PRIVMSG", params)


@given(st.binary(max_size=200))
def test_any_bytes_parse_or_raise_bad_line(raw: bytes) -> None:
    try:
        line = parse(raw)
    except BadLine:
        return
    assert line.command == line.command.upper()


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_tag_value_cannot_end_the_line(value: str) -> None:
    raw = tagged(compose("PRIVMSG", "#c", "text"), {"+draft/reply": value})
    line = parse(raw)
    assert (line.tags, line.params) == ({"+draft/reply": value}, ("#c", "text"))
    assert raw.count(b"\n") == 1
