"""Whom a topic concerns. RE2 takes linear time whatever the pattern, so nothing here measures time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptgbot.chat.message import Tell
from ptgbot.gathering import patterns
from ptgbot.gathering.document import from_document
from ptgbot.gathering.feature import GatheringFeature
from ptgbot.gathering.patterns import LONGEST, BadPattern, Bundle, compiled
from ptgbot.gathering.subscriptions import (
    LOOSE,
    NOBODY,
    Readers,
    Subscriptions,
    never_matches,
    readers_of,
    unreadable,
    wanting,
)
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
def test_pattern_is_searched_in_the_typed_line(pattern: str, text: str, matches: bool) -> None:
    assert told({"mira": pattern}, text) == ([Tell("mira", f"#nova now {text}")] if matches else [])


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|aa)+$", "(.*)*x(.*)*y", "((((((a*)*)*)*)*)*)*", "(?i)nova", "a{1,200}"]
)
def test_expensive_patterns_are_accepted(chat: Chat, pattern: str) -> None:
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
def test_pattern_refused_by_re2_gets_a_reason(pattern: str) -> None:
    with pytest.raises(BadPattern, match=r"\w+"):
        compiled(pattern)


@pytest.mark.parametrize("pattern", UNREADABLE)
def test_unreadable_pattern_in_file_is_kept_unmatched(pattern: str) -> None:
    assert told({"tomas": pattern, "mira": "nova"}) == [Tell("mira", "#nova now live migration")]
    gathering = from_document({"subscriptions": {"tomas": pattern, "mira": "nova", "uwe": None}})
    assert gathering.subscriptions["tomas"] == pattern
    assert unreadable(gathering) == {"tomas": pattern}


def test_told_owner_is_not_told_again() -> None:
    given = {"subscriptions": {"a": "(", "b": "(", "c": ""}, "ptgbot": {"told_pattern": {"a": "(", "b": "["}}}
    assert unreadable(from_document(given)) == {"b": "("}


def test_notice_about_long_pattern_is_short() -> None:
    assert never_matches("mira", "x" * 201) == Tell(
        "mira",
        f"Your subscription to {'x' * 59}… never matches: it has 201 characters, 200 are allowed. "
        "+subscribe REGEX sets another one, +unsubscribe drops it.",
    )


def test_all_subscribers_are_told_in_order_with_place() -> None:
    assert told({"vera": "nova", "mira@oftc": "now", "uwe": "x", "tomas": None, "anna": ""}, location="Aspen") == [
        Tell("mira@oftc", "#nova now live migration (Aspen)"),
        Tell("vera", "#nova now live migration (Aspen)"),
    ]


def test_author_of_topic_is_told_if_subscribed(event: Chat) -> None:
    event("+subscribe nova", by="mira")
    event("#nova now cells", by="mira")
    assert event.tells == {"mira": "#nova now cells (Aspen)"}


def test_unsubscribed_person_is_not_told(event: Chat) -> None:
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


def one_by_one(subscriptions: Subscriptions, line: str) -> list[str]:
    """Return who wants a line, by searching each pattern alone: what any other way has to come to."""

    def found(pattern: str | None) -> bool:
        try:
            return bool(pattern and compiled(pattern).search(line))
        except BadPattern:
            return False

    return sorted(key for key, pattern in subscriptions.items() if found(pattern))


PIECES = st.sampled_from(
    [
        *("nova", "NOVA", "k", "\u212a", "ß", "ẞ", "ſ", "İ", "σς", "🎉", "字", "é", "x", "now", "#", " ", "7", "."),
        *("\\.", ".*", "^", "$", r"\b", r"\d+", "[a-z]", "[^n]", r"\pL", "(?i)", "(?-i)Nova", "(?s).", "a|", "(n|k)"),
        *("(ab?)+", "(", "[", "(?=x)", r"(a)\1", "x{200}", "a{0,3}", "", "|", r"\A", r"\z", r"\C", r"\x{212A}"),
    ]
)
PATTERN = st.one_of(st.lists(PIECES, max_size=5).map("".join), st.text(max_size=20))
WANTED = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.none() | PATTERN, max_size=12)
TEXT = st.one_of(st.lists(PIECES, max_size=6).map("".join), st.text(st.characters(codec="utf-8"), max_size=30))


def in_bundles(subscriptions: Subscriptions) -> Readers:
    return NOBODY.moved_to(subscriptions, loose=0)


@settings(max_examples=400, deadline=None)
@given(WANTED, TEXT)
def test_a_bundle_finds_what_each_pattern_finds_alone(subscriptions: dict[str, str | None], text: str) -> None:
    line = f"#nova now {text}"
    assert in_bundles(subscriptions).wanting(line) == one_by_one(subscriptions, line)


@settings(max_examples=200, deadline=None)
@given(st.lists(WANTED, max_size=5), st.integers(0, 3), TEXT)
def test_readers_do_not_depend_on_history(history: list[dict[str, str | None]], loose: int, text: str) -> None:
    readers, line = NOBODY, f"#nova now {text}"
    for subscriptions in history:
        readers = readers.moved_to(subscriptions, loose)
        assert readers.wanting(line) == one_by_one(subscriptions, line)
        assert readers.refused == in_bundles(subscriptions).refused


def searched() -> int:
    """Return how often a pattern was looked up to be searched alone, compiled or not."""
    about = patterns._compiled.cache_info()
    return about.hits + about.misses


def many(number: int = 3000) -> dict[str, str | None]:
    return {f"guest{n}": f"#t{n:04d} |subject{n}[a-z]* |q{{{1 + n % 90}}}z[^b]" for n in range(number)}


def test_topic_searches_no_single_pattern_after_start() -> None:
    gathering = from_document({"subscriptions": {"new": "never seen before", **many()}})
    GatheringFeature().prepare(gathering.tree)
    before = searched()
    told = wanting(gathering, "#t0008 now subject12ab and")
    assert told == ["guest12", "guest8"]
    assert unreadable(gathering) == {}
    assert searched() == before


def test_new_subscription_leaves_other_bundles_unchanged() -> None:
    subscriptions = many()
    readers = in_bundles(subscriptions)
    before = searched()
    after = readers.moved_to({**subscriptions, "mira": "quota"})
    assert (after.bundles, after.loose, searched() - before) == (readers.bundles, ("quota",), 1)
    assert after.wanting("#nova now quota") == ["mira"]


def test_readers_of_the_same_mapping_are_made_once() -> None:
    subscriptions = many(10)
    assert readers_of(subscriptions) is readers_of(subscriptions)


def test_one_person_changing_often_leaves_few_bundles() -> None:
    subscriptions, readers = many(100), in_bundles(many(100))
    for number in range(40 * LOOSE):
        readers = readers.moved_to({**subscriptions, "mira": f"quota{number}", f"guest{number % 100}": f"x{number}"})
        assert len(readers.loose) <= LOOSE
        assert len(readers.bundles) <= 12
    assert sum(len(bundle.patterns) for bundle in readers.bundles) < 1000


def test_patterns_too_large_for_one_bundle_are_divided() -> None:
    large = [f"{n:03d}" + "zürich" * 32 for n in range(3000)]
    bundles = Bundle.several(large, len(large))
    assert len(bundles) > 1
    assert [pattern for bundle in bundles for pattern in bundle.patterns] == large
    assert [found for bundle in bundles for found in bundle.found_in(f"#nova now 777{large[42]}")] == [large[42]]


def test_bundle_out_of_memory_searches_one_by_one() -> None:
    (bundle,) = Bundle.several(["nova", "swift"], 2)
    assert bundle.found_in("without the canary, nova") == ["nova"]


@pytest.mark.parametrize("told", ["nova", "("])
def test_shared_pattern_survives_another_subscribers_leaving(told: str) -> None:
    both: Subscriptions = {"mira": told, "uwe": told}
    readers = in_bundles(both).moved_to({"uwe": told})
    assert readers.wanting("#nova now x") == (["uwe"] if told == "nova" else [])
    assert readers.refused == ({"uwe": "("} if told == "(" else {})
