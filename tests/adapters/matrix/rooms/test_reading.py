from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptgbot_matrix.event import read_event
from ptgbot_matrix.rooms.reading import MessageReader, Replacement, TypedLine, said_to_bot

READER = MessageReader(("openstack-",), lambda room: {"!abc": "#openstack-nova:example.org"}.get(room, ""))


def typed(**content: Any) -> TypedLine | Replacement | None:
    raw = {"type": "m.room.message", "event_id": "$1", "sender": "@ada:example.org", "content": content}
    event = read_event(raw)
    return READER.read(event) if event else None


def text(body: str, **more: Any) -> str | None:
    found = typed(msgtype="m.text", body=body, **more)
    return found.text if isinstance(found, TypedLine) else None


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("#nova now x", "#nova now x"),
        ("#nova:example.org now x", "#nova now x"),
        ("#openstack-nova:example.org:8448 now x", "#nova now x"),
        ("#OpenStack-Nova:example.org: now x", "#nova now x"),
        ("#openstack-:example.org now x", "#openstack- now x"),
        ("#nova: now x", "#nova: now x"),
        ("see #nova:example.org", "see #nova:example.org"),
        (" +in here", "+in here"),
    ],
)
def test_a_leading_alias_stands_for_the_track(body: str, line: str) -> None:
    assert text(body) == line


@pytest.mark.parametrize(
    ("href", "shown", "line"),
    [
        ("#openstack-nova:example.org", "Nova team", "#nova now x"),
        ("%23nova%3Aexample.org", "#nova", "#nova now x"),
        ("!abc?via=example.org", "Nova team", "#nova now x"),
        ("!unknown", "Nova team", "Nova team now x"),
        ("@ada:example.org", "Ada", "Ada now x"),
    ],
)
def test_a_leading_pill_stands_for_the_track(href: str, shown: str, line: str) -> None:
    formatted = f'<a href="https://matrix.to/#/{href}">{shown}</a> now x'
    assert text(f"{shown} now x", format="org.matrix.custom.html", formatted_body=formatted) == line


def test_pill_missing_from_the_text_is_no_command() -> None:
    formatted = '<a href="https://matrix.to/#/#nova:example.org">Nova</a> now x'
    assert text("hello", format="org.matrix.custom.html", formatted_body=formatted) == "hello"


def test_reply_fallback_of_older_clients_is_removed() -> None:
    reply = {"m.in_reply_to": {"event_id": "$0"}}
    assert text("> <@ola:x> #nova now y\n> more\n\n+in here", **{"m.relates_to": reply}) == "+in here"
    assert text("> <@ola:x> #nova now y", **{"m.relates_to": reply}) is None


def test_quoted_text_is_no_command() -> None:
    assert text("> #nova now y") == "> #nova now y"


def test_an_edit_names_what_it_changes() -> None:
    relation = {"rel_type": "m.replace", "event_id": "$0"}
    found = typed(msgtype="m.text", body="* +in there", **{"m.relates_to": relation})
    assert found == Replacement("$0")


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"msgtype": "m.notice", "body": "+in x"},
        {"msgtype": "m.emote", "body": "+in x"},
        {"msgtype": "m.text"},
        {"msgtype": "m.text", "body": {"a": 1}},
        {"msgtype": "m.text", "body": ["+in x"]},
        {"msgtype": ["m.text"], "body": "+in x"},
        {"msgtype": "m.text", "body": " \n "},
        {"body": "+in x"},
    ],
)
def test_other_events_are_no_lines(content: dict[str, Any]) -> None:
    assert typed(**content) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@given(relates=JSON, formatted=JSON, body=JSON, unsigned=JSON)
def test_any_event_content_is_read_without_error(relates: Any, formatted: Any, body: Any, unsigned: Any) -> None:
    content = {"msgtype": "m.text", "body": body, "m.relates_to": relates, "formatted_body": formatted}
    content["format"] = "org.matrix.custom.html"
    event = read_event(
        {"type": "m.room.message", "event_id": "$1", "sender": "@a:b", "content": content, "unsigned": unsigned}
    )
    assert event
    READER.read(event)
    assert isinstance(event.ours, str)
    assert read_event(relates) is None or isinstance(relates, dict)


PILL = '<a href="https://matrix.to/#/@ptgbot:example.org">The Bot</a>'
OTHER = '<a href="https://matrix.to/#/@ada:example.org">ptgbot</a>'


@pytest.mark.parametrize(
    ("body", "pretty", "mentioned", "said"),
    [
        ("ptgbot: now", "", [], "now"),
        ("@ptgbot:example.org: now", "", [], "now"),
        ("The Bot: now", f"{PILL}: now", [], "now"),
        ("The Bot now", f"<p>{PILL} now</p>", ["@ptgbot:example.org"], "now"),
        ("The Bot", PILL, ["@ptgbot:example.org"], ""),
        ("ptgbot now", "", ["@ptgbot:example.org"], "now"),
        ("ptgbot now", "", ["@ada:example.org"], None),
        ("The Bot: now", "", [], None),
        ("thanks The Bot", f"thanks {PILL}", ["@ptgbot:example.org"], None),
        ("Bob: now", OTHER.replace("ptgbot<", "Bob<") + ": now", [], None),
    ],
)
def test_pill_or_name_of_the_bot_addresses_it(body: str, pretty: str, mentioned: list[str], said: str | None) -> None:
    shown = {"format": "org.matrix.custom.html", "formatted_body": pretty} if pretty else {}
    content = {"msgtype": "m.text", "body": body, "m.mentions": {"user_ids": mentioned}, **shown}
    raw = {"type": "m.room.message", "event_id": "$1", "sender": "@ada:example.org", "content": content}
    event = read_event(raw)
    assert event
    assert said_to_bot(event, body, "@ptgbot:example.org") == said
