"""People who come over a bridge."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptgbot.chat.bridged import Bridges, relayed
from ptgbot.chat.message import Message, Person, Role, Room
from ptgbot.testing import START

BRIDGES = Bridges(("*[m]*",), ("relay", "relay!*@gate.example.org"))


def said(text: str, *, private: bool = False) -> Message:
    person = Person("relay", "relay", "relay", "rfc1459")
    return Message(START, Room("irc", "#x", "#x"), person, Role.ADMIN, text, private)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<ada> +in hall", ("ada", "+in hall")),
        ("  [discord] <Ada Love> now", ("Ada Love", "now")),
        ("<a\u200bda> #nova now x\n#nova next y", ("ada", "#nova now x\n#nova next y")),
        ("<ada>+in hall", None),
        ("<> +in hall", None),
        ("< > +in hall", None),
        ("<ada> ", None),
        ("ada: +in hall", None),
        ("hello <ada> +in hall", None),
        ("<<ada>> +in hall", None),
        (f"<{'a' * 65}> +in hall", None),
    ],
)
def test_relayed_line_names_its_person(text: str, found: tuple[str, str] | None) -> None:
    assert relayed(text) == found


@given(st.text())
def test_any_line_of_a_relay_is_read(text: str) -> None:
    message = BRIDGES.admit(said(text), "relay", relay=True)
    assert message is None or (message.role is Role.ATTENDEE and message.person.bridged)


def test_relayed_person_is_nobody_else() -> None:
    message = BRIDGES.admit(said("<Ada> +in hall"), "relay", relay=True)
    assert message
    assert message.person == Person("<ada>relay", "Ada", bridged=True)
    assert (message.text, message.role, message.person.accounts) == ("+in hall", Role.ATTENDEE, ())


def test_relay_itself_in_private_does_not_count() -> None:
    assert BRIDGES.admit(said("+in hall"), "relay", relay=True) is None
    assert BRIDGES.admit(said("<ada> +in hall", private=True), "relay", relay=True) is None


def test_puppet_is_an_attendee_without_account() -> None:
    message = BRIDGES.admit(said("~list"), "ada[m]", relay=False)
    assert message
    assert (message.role, message.person.accounts, message.person.nick) == (Role.ATTENDEE, (), "relay")
    assert BRIDGES.admit(said("~list"), "ada", relay=False) == said("~list")


@pytest.mark.parametrize(
    ("names", "is_relay"),
    [
        (("relay", "x!y@z"), True),
        (("", "relay!any@gate.example.org"), True),
        (("", "relay!any@gate.example.org.evil"), False),
        (("", "relay!any@home"), False),
        (("", ""), False),
    ],
)
def test_relay_needs_its_account_or_mask(names: tuple[str, str], is_relay: bool) -> None:
    assert BRIDGES.is_relay(*names) is is_relay
