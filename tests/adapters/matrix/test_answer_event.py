from __future__ import annotations

from datetime import UTC, datetime

from ptgbot.chat.message import Kind, Message, Outgoing, Person, Role, Room
from ptgbot_matrix.answer_event import event_for

MESSAGE = Message(
    datetime(2026, 11, 21, tzinfo=UTC),
    Room("matrix", "!r", "#r:x"),
    Person("@ada:x", "ada", "@Ada:x"),
    Role.ATTENDEE,
    "hello",
    id="$1",
)


def test_a_reply_stays_in_its_thread() -> None:
    """Client-server API, "Threading": a reply inside a thread is no fallback."""
    content = event_for(Outgoing(Kind.REPLY, "!r", "hi", MESSAGE, "t"), "$root", 100).content
    assert content["m.relates_to"] == {
        "rel_type": "m.thread",
        "event_id": "$root",
        "is_falling_back": False,
        "m.in_reply_to": {"event_id": "$1"},
    }
    assert content["m.mentions"] == {"user_ids": ["@Ada:x"]}


def test_name_in_text_notifies_nobody() -> None:
    content = event_for(Outgoing(Kind.ANNOUNCE, "!r", "@room @ola:x look"), "", 100).content
    assert (content["msgtype"], content["m.mentions"]) == ("m.notice", {})


def test_a_long_answer_is_cut_between_characters() -> None:
    body = event_for(Outgoing(Kind.ANNOUNCE, "!r", "é" * 100), "", 50).content["body"]
    assert body == "é" * 23 + "…"
    assert len(body.encode()) <= 50


def test_lone_surrogates_and_controls_are_removed() -> None:
    body = event_for(Outgoing(Kind.ANNOUNCE, "!r", "a\ud800b\x1b[31mc\u202ed"), "", 50).content["body"]
    assert body == "a\ufffdb [31mc d"
