from __future__ import annotations

from typing import Any

import pytest

from ptgbot.chat.heard import HeardKind
from ptgbot_matrix.event import Event
from ptgbot_matrix.rooms.happenings import Happening, happening

ADA = "@ada:x"


def member(membership: str, name: str = "", *, former: Any = None, replaces: str = "") -> Event:
    unsigned: dict[str, Any] = {} if former is None else {"prev_content": former}
    if replaces:
        unsigned["replaces_state"] = replaces
    return Event("$1", "m.room.member", "@op:x", {"membership": membership, "displayname": name}, ADA, unsigned)


def message(relation: Any = None, msgtype: str = "m.text", body: str = "", new: str = "") -> Event:
    content: dict[str, Any] = {"msgtype": msgtype, "m.relates_to": relation or {}, "body": body}
    if new:
        content["m.new_content"] = {"body": new}
    return Event("$1", "m.room.message", ADA, content)


@pytest.mark.parametrize(
    ("event", "known", "expected"),
    [
        (member("join"), None, HeardKind.JOIN),
        (member("join", former={"membership": "invite"}), "Ada", HeardKind.JOIN),
        (member("join"), "told by the state behind a gap", HeardKind.JOIN),
        (member("join", "A", replaces="$0"), "Ada", HeardKind.NICK),
        (member("join", "Ada", replaces="$0"), "Ada", None),
        (member("join", "A", former={"membership": "join", "displayname": "A"}), "Ada", None),
        (member("leave", former={"membership": "join"}), None, HeardKind.LEAVE),
        (member("ban", replaces="$0"), "Ada", HeardKind.LEAVE),
        (member("leave", former={"membership": "invite"}), None, None),
        (member("invite"), None, None),
    ],
)
def test_membership_event_depends_on_former_membership(
    event: Event, known: str | None, expected: HeardKind | None
) -> None:
    found = happening(event, known)
    assert (found.kind if found else None) is expected
    assert found is None or found.user == ADA


@pytest.mark.parametrize(
    "event",
    [
        message(body="a line"),
        message(msgtype="m.notice", body="x"),
        message(msgtype="m.emote", body=" "),
        message({"rel_type": "m.replace", "event_id": "$0"}),
        message({"rel_type": "m.replace"}, new="b"),
        message({"rel_type": "m.replace", "event_id": "$0"}, "m.notice", new="b"),
        Event("$1", "m.room.redaction", ADA),
        Event("$1", "m.reaction", ADA, {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$0"}}),
        Event("$1", "m.reaction", ADA, {"m.relates_to": {"rel_type": "m.other", "event_id": "$0", "key": "x"}}),
        Event("$1", "m.room.topic", ADA, {"topic": "a"}, "", {"prev_content": {"topic": "a"}}),
        Event("$1", "m.room.topic", ADA, {"topic": "a"}, "other key"),
        Event("$1", "m.room.name", ADA, {"name": "a"}, ""),
    ],
)
def test_irrelevant_event_gives_nothing(event: Event) -> None:
    assert happening(event, None) is None


def test_redaction_is_read_in_old_and_new_rooms() -> None:
    old = Event("$1", "m.room.redaction", ADA, raw={"redacts": "$0"})
    new = Event("$1", "m.room.redaction", ADA, {"redacts": "$0"})
    assert happening(old, None) == happening(new, None) == Happening(HeardKind.REDACTION, ADA, about="$0")


def test_quote_of_an_emote_that_replies_is_removed() -> None:
    event = message({"m.in_reply_to": {"event_id": "$0"}}, "m.emote", body="> hi\n\nwaves")
    assert happening(event, None) == Happening(HeardKind.ACTION, ADA, "waves")
