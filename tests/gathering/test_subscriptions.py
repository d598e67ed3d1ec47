"""Whom a topic concerns. RE2 takes linear time whatever the pattern, so nothing here measures time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptgbot.chat.message import Tell
from ptgbot.gathering.document import from_document
from ptgbot.gathering.subscriptions import LONGEST, BadPattern, compiled, never_matches, unreadable, wanting
from ptgbot.testing import Chat


def told(subscriptions: dict[str, str | None], text: str = "live migration", location: str | None = None) -> list[Tell]:
    line, where = f"#nova now {text}", f" ({location})" if location else ""
    return [Tell(key, line + where) for key in sorted(wanting(from_document({"subscriptions": subscriptions}), line))]


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("migration", "Live Migration", True),
        ("MIGRATION", "live migration", True),
        ("#nova", "x", True),
        ("^#nova now x$", "x", True),
        ("#nova next", "x", False),
        ("nova|cinder", "x", True),
        ("^migration", "live migration", False),
        (r"\bgrat", "migration", False),
        ("zürich", "in ZÜRICH", True),
        ("🎉", "a 🎉", True),
        (".", "x", True),
        # patterns that take other engines for ever
        ("(a+)+$", "a" * 300 + "!", False),
        ("(a+)+$", "a" * 300, True),
        ("(a|aa)+$", "a" * 300 + "!", False),
        ("(.*)*x(.*)*y", "x" * 300, False),
        ("([a-z]+)*[0-9]$", "a" * 300, False),
        ("(x?){30}x{30}$", "x" * 60, True),
        ("a*" * 60 + "b", "a" * 400, False),
    ],
)
def test_a_pattern_is_searched_in_the_line_as_typed(pattern: str, text: str, matches: bool) -> None:
    assert told({"mira": pattern}, text) == ([Tell("mira", f"#nova now {text}")] if matches else [])


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|aa)+$", "(.*)*x(.*)*y", "((((((a*)*)*)*)*)*)*", "(?i)nova", "a{1,200}"]
)
def test_evil_patterns_are_taken(chat: Chat, pattern: str) -> None:
    assert chat(f"+subscribe {pattern}") == [f"You will get a private message when a topic matches {pattern}."]


UNREADABLE = [
    "(",
    "[",
    "*",
    r"(a)\1",
    "(?=x)",
    "(?<!x)",
    "(?P<n>x)(?P=n)",
    "a{1001}",
    "a{1,1000}",
    "(?:a?){600}",
    "((a{100}){100}){100}",
    "x" * 201,
    "\\",
]


@pytest.mark.parametrize("pattern", UNREADABLE)
def test_what_re2_cannot_read_is_refused_with_a_reason(pattern: str) -> None:
    with pytest.raises(BadPattern, match=r"\w+"):
        compiled(pattern)


@pytest.mark.parametrize("pattern", UNREADABLE)
def test_what_re2_cannot_read_from_a_file_is_kept_and_never_matches(pattern: str) -> None:
    assert told({"tomas": pattern, "mira": "nova"}) == [Tell("mira", "#nova now live migration")]
    gathering = from_document({"subscriptions": {"tomas": pattern, "mira": "nova", "uwe": None}})
    assert gathering.subscriptions["tomas"] == pattern
    assert unreadable(gathering) == {"tomas": pattern}


def test_who_has_been_told_is_not_told_again() -> None:
    given = {"subscriptions": {"a": "(", "b": "(", "c": ""}, "ptgbot": {"told_pattern": {"a": "(", "b": "["}}}
    assert unreadable(from_document(given)) == {"b": "("}


def test_the_notice_about_a_long_pattern_is_short() -> None:
    assert never_matches("mira", "x" * 201) == Tell(
        "mira",
        f"Your subscription to {'x' * 59}… never matches: it has 201 characters, 200 are allowed. "
        "+subscribe REGEX sets another one, +unsubscribe drops it.",
    )


def test_everybody_concerned_is_told_in_order_with_the_place() -> None:
    assert told({"vera": "nova", "mira@oftc": "now", "uwe": "x", "tomas": None, "anna": ""}, location="Aspen") == [
        Tell("mira@oftc", "#nova now live migration (Aspen)"),
        Tell("vera", "#nova now live migration (Aspen)"),
    ]


def test_who_sets_the_topic_and_subscribed_is_told_like_everybody(event: Chat) -> None:
    event("+subscribe nova", by="mira")
    event("#nova now cells", by="mira")
    assert event.tells == {"mira": "#nova now cells (Aspen)"}


def test_who_unsubscribed_is_told_no_longer(event: Chat) -> None:
    event("+subscribe nova", by="mira")
    event("+unsubscribe", by="mira")
    event("#nova now cells")
    assert event.tells == {}


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=LONGEST + 5), st.text(st.characters(codec="utf-8"), max_size=50))
def test_any_text_is_a_pattern_or_refused(pattern: str, text: str) -> None:
    try:
        ready = compiled(pattern)
    except BadPattern:
        return
    assert bool(ready.search(text)) in (True, False)
