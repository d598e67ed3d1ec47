"""Every line sent fits, is valid, and can't be turned into another."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptgbot.chat.message import Kind, Message, Outgoing, Person, Role, Room, listed
from ptgbot_irc.identity import Identity
from ptgbot_irc.line import parse
from ptgbot_irc.names import is_nick
from ptgbot_irc.session import Session
from ptgbot_irc.speaking import lines
from ptgbot_irc.text import clean

WIDE = st.text(st.characters(min_codepoint=1), max_size=900)
TARGETS = st.sampled_from(["#c", "#" + "x" * 60, "&local", "ada", "a[b]\\`^{|}-_", "名前"])


def session(host: str | None = "h" * 63) -> Session:
    return Session(Identity("ptgbot", "~ptgbot", host))


def message(nick: str = "ada", private: bool = False) -> Message:
    room = Room("net", "#c", "#c")
    return Message(datetime(2026, 11, 21, tzinfo=UTC), room, Person(nick, nick), Role.ATTENDEE, "x", private)


@given(st.sampled_from(list(Kind)), TARGETS, WIDE, st.booleans(), st.sampled_from([None, "h", "h" * 63]))
def test_every_line_fits_and_is_valid(kind: Kind, target: str, text: str, private: bool, host: str | None) -> None:
    here = session(host)
    prefix = f":ptgbot!{'u' * 18 if here.identity.user is None else here.identity.user}@{host or 'h' * 63} ".encode()
    sent = lines(Outgoing(kind, target, text, message(private=private)), here, 100)
    texts = []
    for raw in sent:
        assert len(prefix + raw) <= 512
        assert raw.endswith(b"\r\n")
        assert not set(b"\r\n\0") & set(raw[:-2])
        line = parse(raw[:-2])
        assert line.command == ("TOPIC" if kind is Kind.TOPIC else "PRIVMSG")
        assert line.params[0] == target
        assert len(line.params) == 2
        texts.append(line.params[1])
    said = clean(text)
    if kind is Kind.REPLY and not private:
        said = f"ada: {said}"
    if kind is Kind.TOPIC:
        assert len(texts) == 1
        assert texts[0] == said or said.startswith(texts[0].removesuffix("…"))
    elif not said.strip():
        assert texts == []
    else:
        assert "".join(texts) == said


@pytest.mark.parametrize(
    "target", ["", "a b", "#c,#d", "#c\r\nQUIT", ":x", "$*", "*!*@*", "irc.example.org", "a\0b", "nick@host", "#c\x07"]
)
def test_invalid_target_is_refused(target: str) -> None:
    with pytest.raises(ValueError, match="can't be spoken to"):
        lines(Outgoing(Kind.ANNOUNCE, target, "text"), session(), 6)


def test_a_long_answer_is_cut() -> None:
    sent = lines(Outgoing(Kind.REPLY, "#c", "word " * 1000, message()), session(), 3)
    assert len(sent) == 3
    assert sent[0].startswith(b"PRIVMSG #c :ada: word word")
    assert sent[-1].endswith("…\r\n".encode())


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("ada", True),
        ("a[b]\\`^{|}-_9", True),
        ("名前", True),
        ("#c", False),
        ("001AAAAAG", True),
        ("-a", False),
        ("", False),
        ("a b", False),
        ("a,b", False),
        ("irc.example.org", False),
        ("@user:server", False),
        ("a!b@c", False),
        ("$x", False),
        ("a\r", False),
    ],
)
def test_nicks_are_told_from_other_targets(word: str, expected: bool) -> None:
    assert is_nick(word) is expected


def test_cut_text_ends_with_address_of_the_rest() -> None:
    long = Outgoing(Kind.REPLY, "ada", "word " * 500, message(private=True), more="https://ptg.example.org/")
    sent = [parse(raw[:-2]).params[1] for raw in lines(long, session(), 4)]
    assert len(sent) == 4
    assert sent[2].endswith("…")
    assert sent[3] == "https://ptg.example.org/"


def test_fitting_text_omits_the_address() -> None:
    short = Outgoing(Kind.REPLY, "ada", "word", message(private=True), more="https://ptg.example.org/")
    assert [parse(raw[:-2]).params[1] for raw in lines(short, session(), 1)] == ["word"]


@pytest.mark.parametrize(
    ("items", "head", "shown"),
    [
        (["a", "b"], "", ["ada: a | b"]),
        (["a" * 200, "b" * 200, "c"], "", ["ada: " + "a" * 200, "b" * 200 + " | c"]),
        (["a" * 200, "b" * 90, "c"], "Found:", ["ada: Found: | " + "a" * 200, "b" * 90 + " | c"]),
        (["é" * 149, "b"], "", ["ada: " + "é" * 149, "b"]),
        (["a" * 400] * 9, "", 3),
    ],
)
def test_long_list_is_cut_between_its_items(items: list[str], head: str, shown: list[str] | int) -> None:
    answer = listed(items, head)
    outgoing = Outgoing(Kind.REPLY, "#c", answer.text, message(), items=answer.items)
    sent = [parse(raw[:-2]).params[1] for raw in lines(outgoing, session(), 3)]
    if isinstance(shown, int):
        assert len(sent) == shown
        assert sent[-1].endswith("…")
    else:
        assert sent == shown
