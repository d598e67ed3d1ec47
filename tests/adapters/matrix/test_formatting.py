"""The HTML form of answers, and what stays plain."""

from __future__ import annotations

import pytest

from ptgbot.chat.message import Kind, Outgoing, listed
from ptgbot_matrix.answer_event import event_for
from ptgbot_matrix.formatting import formatted

ADA = '<a href="https://matrix.to/#/@ada:x.org">ada</a>'


def test_text_without_links_stays_plain() -> None:
    assert formatted("<b>1 & 2</b>", (), ()) == ""
    assert "formatted_body" not in event_for(Outgoing(Kind.REPLY, "!r", "<b>", None), "", 100).content


def test_list_has_items_and_lines() -> None:
    reply = listed(["a <i>", "see https://x.org/a."], "Two:")
    assert reply.text == "Two: | a <i> | see https://x.org/a."
    content = event_for(Outgoing(Kind.REPLY, "!r", reply.text, None, items=reply.items), "", 500).content
    assert content["body"] == "Two:\na <i>\nsee https://x.org/a."
    link = '<a href="https://x.org/a">https://x.org/a</a>'
    assert content["formatted_body"] == f"Two:<ul><li>a &lt;i&gt;</li><li>see {link}.</li></ul>"
    assert content["format"] == "org.matrix.custom.html"


def test_single_item_is_no_list() -> None:
    assert listed(["alone"]).items == ()
    assert listed(["alone"], "One:").items == ("alone",)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ada left", f"{ADA} left"),
        ("ada, adam and @ada:x.org", f"{ADA}, adam and @ada:x.org"),
        ("#ada is a track", ""),
        ("<ada>", f"&lt;{ADA}&gt;"),
    ],
)
def test_named_people_become_pills(text: str, shown: str) -> None:
    assert formatted(text, (), ["@ada:x.org"]) == shown


def test_people_of_other_networks_stay_text() -> None:
    outgoing = Outgoing(Kind.REPLY, "!r", "mira left", None, people=("mira", "mira@oftc"))
    assert "formatted_body" not in event_for(outgoing, "", 100).content


def test_pill_notifies_nobody() -> None:
    outgoing = Outgoing(Kind.REPLY, "!r", "ada left", None, people=("@ada:x.org",))
    content = event_for(outgoing, "", 100).content
    assert (ADA in content["formatted_body"], content["m.mentions"]) == (True, {})


@pytest.mark.parametrize("address", ["https://a:b@x.org/", "https://x.org/\u202etxt", "javascript:alert(1)"])
def test_odd_address_is_no_link(address: str) -> None:
    assert formatted(address, (), ()) == ""


def test_long_answer_is_cut_and_plain() -> None:
    reply = listed([f"item {number}" for number in range(100)])
    content = event_for(Outgoing(Kind.REPLY, "!r", reply.text, None, items=reply.items), "", 100).content
    assert len(content["body"].encode()) <= 100
    assert "formatted_body" not in content
