from __future__ import annotations

import pytest

from ptgbot.chat.message import Done, Reply, Role, Tell
from ptgbot.gathering import FEATURE
from ptgbot.gathering.colors import own_color
from ptgbot.gathering.moderator import LONGEST_TOPIC, MOST_NEXT
from ptgbot.testing import Chat, person
from tests.gathering.sample import gone, load, new, put, since

T1 = "2026-11-16 09:06:00"
T2 = "2026-11-16 09:07:00"
T3 = "2026-11-16 09:08:00"


# now


def test_now_sets_the_topic_in_silence(event: Chat) -> None:
    assert event("#nova now live migration") == []
    assert event.edits == (new("now", "nova", now="live migration"), since("nova", T1))
    assert event.answers == (Done(),)


def test_second_now_replaces_first_and_clears_next(event: Chat) -> None:
    event("#nova now live migration")
    event("#nova next scheduling")
    event("#nova now cells")
    assert event.edits == (
        put("now", "nova", was="live migration", now="cells"),
        gone("next", "nova", was=["scheduling"]),
        since("nova", "2026-11-16 09:08:00", T1),
    )


def test_the_same_topic_again_only_renews_its_time(event: Chat) -> None:
    event("#nova now cells")
    event("#nova now cells")
    assert event.edits == (since("nova", T2, T1),)


@pytest.mark.parametrize("word", ["now", "next"])
def test_a_topic_without_text_is_asked_for(event: Chat, word: str) -> None:
    assert event(f"#nova {word}") == [f"What about? Type #nova {word} and the topic."]
    assert event.edits == ()


@pytest.mark.parametrize("word", ["now", "next"])
def test_topic_of_the_longest_length_is_accepted(event: Chat, word: str) -> None:
    assert event(f"#nova {word} {'x' * LONGEST_TOPIC}") == []


@pytest.mark.parametrize("word", ["now", "next"])
def test_a_longer_topic_is_refused(event: Chat, word: str) -> None:
    assert event(f"#nova {word} {'x' * (LONGEST_TOPIC + 1)}") == [
        "A topic has at most 500 characters; this one has 501."
    ]
    assert event.edits == ()


@pytest.mark.parametrize("word", ["now", "next"])
def test_track_without_room_is_told_and_set(event: Chat, word: str) -> None:
    assert event(f"#swift {word} rings") == [
        "#swift has no room today. #swift location TEXT says where it meets, #swift book a room."
    ]
    assert not event.done
    assert event.edits


def test_without_a_schedule_nobody_is_told_of_rooms(chat: Chat) -> None:
    chat.op("~add nova")
    assert chat("#nova now cells") == []
    assert chat.done


def test_now_tells_subscribers_with_the_place(event: Chat) -> None:
    event("+subscribe migration", by="tomas")
    event("#nova now Live Migration")
    assert event.answers == (Done(), Tell("tomas", "#nova now Live Migration (Aspen)"))


def test_next_tells_subscribers(event: Chat) -> None:
    event("+subscribe #nova next", by="tomas")
    event("#nova next cells")
    assert event.tells == {"tomas": "#nova next cells (Aspen)"}


# next


def test_next_appends(event: Chat) -> None:
    event("#nova next one")
    assert event.edits == (new("next", "nova", now=["one"]),)
    assert event("#nova next two") == []
    assert event.edits == (put("next", "nova", was=["one"], now=["one", "two"]),)
    assert event.done


def test_next_has_a_limit(event: Chat) -> None:
    for number in range(MOST_NEXT):
        event(f"#nova next topic {number}")
    assert event("#nova next one too many") == [
        "#nova has 20 topics announced already. #nova drop N removes one, #nova clean all."
    ]
    assert event.edits == ()


# advance


def test_advance_makes_the_first_next_the_present_topic(event: Chat) -> None:
    event("#nova next one")
    event("#nova next two")
    assert event("#nova advance") == ["#nova now discusses one. Next: two."]
    assert event.edits == (
        new("now", "nova", now="one"),
        put("next", "nova", was=["one", "two"], now=["two"]),
        since("nova", T3),
    )


def test_advance_to_the_last_topic_says_so(event: Chat) -> None:
    event("#nova next one")
    assert event("#nova advance") == ["#nova now discusses one. Nothing is announced after it."]
    assert event.edits == (new("now", "nova", now="one"), gone("next", "nova", was=["one"]), since("nova", T2))


def test_advance_tells_subscribers_of_what_is_on_now(event: Chat) -> None:
    event("+subscribe nova now", by="tomas")
    event("#nova next one")
    event("#nova advance")
    assert event.tells == {"tomas": "#nova now one (Aspen)"}


def test_advance_without_a_room_answers_both(event: Chat) -> None:
    event("#swift next rings")
    assert event("#swift advance") == [
        "#swift now discusses rings. Nothing is announced after it.",
        "#swift has no room today. #swift location TEXT says where it meets, #swift book a room.",
    ]


def test_advance_without_next_is_refused(event: Chat) -> None:
    assert event("#nova advance") == ["#nova has nothing announced. #nova next TEXT announces a topic."]
    assert event.edits == ()


def test_advance_takes_no_text(event: Chat) -> None:
    event("#nova next one")
    assert event("#nova advance two") == ["#nova advance takes nothing behind it. #nova now TEXT sets another topic."]
    assert event.edits == ()


# drop


def test_drop_removes_the_numbered_topic(event: Chat) -> None:
    for topic in ("one", "two", "three"):
        event(f"#nova next {topic}")
    assert event("#nova drop 2") == []
    assert event.edits == (put("next", "nova", was=["one", "two", "three"], now=["one", "three"]),)
    assert event.done


def test_drop_of_only_topic_leaves_none(event: Chat) -> None:
    event("#nova next one")
    event("#nova drop 1")
    assert event.edits == (gone("next", "nova", was=["one"]),)


@pytest.mark.parametrize("number", ["", "0", "3", "-1", "two", "1 2", "99999999999999999999", "²", "١", "1.0"])
def test_drop_needs_a_number_that_is_there(event: Chat, number: str) -> None:
    event("#nova next one")
    event("#nova next two")
    assert event(f"#nova drop {number}") == ["Which one? #nova has 2 next topics: type #nova drop 1 to 2."]
    assert event.edits == ()


def test_drop_without_next_is_refused(event: Chat) -> None:
    assert event("#nova drop 1") == ["#nova has nothing announced that could be dropped."]


# clean


@pytest.mark.parametrize("word", ["clean", "clear", "CLEAN"])
def test_clean_removes_now_and_next(event: Chat, word: str) -> None:
    event("#nova now one")
    event("#nova next two")
    assert event(f"#nova {word}") == []
    assert event.edits == (
        gone("now", "nova", was="one"),
        gone("next", "nova", was=["two"]),
        gone("ptgbot", "now_since", "nova", was=T1),
    )
    assert event.done


def test_clean_of_nothing_is_done_and_changes_nothing(event: Chat) -> None:
    assert event("#nova clean") == []
    assert event.done
    assert not event.edits


@pytest.mark.parametrize("word", ["clean", "clear"])
def test_clean_takes_no_text(event: Chat, word: str) -> None:
    event("#nova now one")
    assert event(f"#nova {word} up the mess") == [
        f"#nova {word} takes nothing behind it; it removes now and next of the track."
    ]
    assert event.edits == ()


# etherpad and url

ADDRESSES = [("etherpad", "etherpads", "auto"), ("url", "urls", "none")]


@pytest.mark.parametrize(("word", "table", "reset"), ADDRESSES)
def test_address_is_set_silently_and_kept_verbatim(event: Chat, word: str, table: str, reset: str) -> None:
    assert event(f"#nova {word} https://pad.example.org/Nova?x=1#top") == []
    assert event.edits == (new(table, "nova", now="https://pad.example.org/Nova?x=1#top"),)
    assert event.done


@pytest.mark.parametrize(("word", "table", "reset"), ADDRESSES)
def test_an_address_is_taken_back(event: Chat, word: str, table: str, reset: str) -> None:
    event(f"#nova {word} https://pad.example.org/nova")
    assert event(f"#nova {word} {reset.upper()}") == []
    assert event.edits == (gone(table, "nova", was="https://pad.example.org/nova"),)
    assert event(f"#nova {word} {reset}") == []
    assert event.done
    assert not event.edits


@pytest.mark.parametrize("typed", ["javascript:alert(1)", "data:text/html,x", "pad.example.org/nova", "https://"])
@pytest.mark.parametrize(
    ("word", "means"),
    [("etherpad", "auto goes back to the generated address"), ("url", "none goes back to the link of the room")],
)
def test_invalid_address_is_refused(event: Chat, word: str, means: str, typed: str) -> None:
    assert event(f"#nova {word} {typed}") == [
        f"“{typed}” is no address that I can link to. It has to begin with https:// or http://; #nova {word} {means}."
    ]
    assert event.edits == ()


# color


@pytest.mark.parametrize(
    "typed", ["teal", "#42f4c5", "#4fc", "RGB(66, 244, 197)", "hsl(120 50% 50%)", "rgb(0 0 0 / 50%)"]
)
def test_a_colour_is_kept_as_typed(event: Chat, typed: str) -> None:
    assert event(f"#swift color {typed}") == []
    assert event.edits == (new("colors", "swift", now=typed),)
    assert event.done


@pytest.mark.parametrize(
    "typed", ["blurple", "red;background:url(x)", "url(x)", "#12345", "expression(1)", "x" * 61]
)
def test_invalid_colour_is_refused(event: Chat, typed: str) -> None:
    shown = typed if len(typed) <= 60 else typed[:59] + "…"
    assert event(f"#nova color {typed}") == [
        f"“{shown}” is no CSS colour. Type one like teal, #42f4c5 or rgb(66, 244, 197): #nova color teal."
    ]
    assert event.edits == ()


# location


def test_a_typed_location_wins_over_the_bookings(event: Chat) -> None:
    assert event("#nova location lobby,  by the Piano") == []
    assert event.edits == (new("location", "nova", now="lobby, by the Piano"),)
    assert event("#nova") == ["#nova: nothing now, in lobby, by the Piano."]


def test_location_without_text_is_automatic_again(event: Chat) -> None:
    event("#nova location lobby")
    assert event("#nova location") == []
    assert event.edits == (gone("location", "nova", was="lobby"),)
    assert event("#nova") == ["#nova: nothing now, in Aspen."]
    event("#nova location")
    assert event.done
    assert not event.edits


def test_a_location_has_a_limit(event: Chat) -> None:
    assert event(f"#nova location {'x' * 201}") == ["A place has at most 200 characters; this one has 201."]
    assert not event.edits
    event(f"#nova location {'x' * 200}")
    assert event.edits == (new("location", "nova", now="x" * 200),)


# undo, log, nothing, unknown: what they say is in test_history; here only how they are typed


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("#nova undo it", "#nova undo takes nothing behind it; it takes back the last change of the track."),
        ("#nova log all", "How many changes? Type #nova log and a number, such as #nova log 3."),
        ("#nova nwo x", "“nwo” is no command of #nova. Did you mean #nova now? +help lists them all."),
        ("#nova is late", "“is” is no command of #nova. +help lists them all."),
    ],
)
def test_wrong_arguments_are_explained(event: Chat, typed: str, answer: str) -> None:
    assert event(typed) == [answer]
    assert event.edits == ()


def test_a_track_alone_tells_its_state(event: Chat) -> None:
    event("#nova now cells")
    event("#nova next quotas")
    event("#nova next ironing")
    assert event("#NOVA") == ["#nova: now cells, next quotas · ironing, in Aspen."]
    assert event.edits == ()


def test_a_track_without_anything_tells_so(event: Chat) -> None:
    assert event("#swift") == ["#swift: nothing now."]


# a pattern that came with the file


def test_owner_of_unreadable_pattern_is_told_once(chat: Chat) -> None:
    load(chat, subscriptions={"tomas": r"(?=nova)", "vera": "nova", "uwe": None})
    chat("#nova now cells")
    assert chat.tells == {
        "tomas": "Your subscription to (?=nova) never matches: invalid perl operator: (?=. "
        "+subscribe REGEX sets another one, +unsubscribe drops it.",
        "vera": "#nova now cells (Aspen)",
    }
    assert chat.edits[-1] == new("ptgbot", "told_pattern", "tomas", now=r"(?=nova)")
    chat("#nova next quotas")
    assert chat.tells == {"vera": "#nova next quotas (Aspen)"}
    assert chat.tree["subscriptions"] == {"tomas": r"(?=nova)", "vera": "nova", "uwe": None}


def test_another_unreadable_pattern_is_told_again(chat: Chat) -> None:
    load(chat, subscriptions={"tomas": "("}, ptgbot={"told_pattern": {"tomas": "[", "gone": "*"}})
    chat("#nova now cells")
    assert list(chat.tells) == ["tomas"]
    assert chat.edits[-1] == put("ptgbot", "told_pattern", "tomas", was="[", now="(")


def test_told_mark_belongs_to_the_person(chat: Chat) -> None:
    load(chat, subscriptions={"tomas": "("}, ptgbot={"told_pattern": {"tomas": "("}})
    places = FEATURE.forget(chat.tree, {}, person("Tomas")).places
    assert {("subscriptions", "tomas"), ("last_check_in", "tomas"), ("ptgbot", "told_pattern", "tomas")} == set(places)


def test_answers_come_before_notices(event: Chat) -> None:
    event("+subscribe rings", by="tomas")
    event("#swift next rings")
    event("#swift advance")
    assert [type(answer) for answer in event.answers] == [Reply, Reply, Tell]


# what stands there now


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("etherpad", "Notes of #nova: https://etherpad.opendev.org/p/spring26-nova"),
        ("url", "#nova meets at https://meet.example.org/aspen"),
        ("color", f"The colour of #nova is {own_color('nova')}. Type #nova color teal for another one."),
    ],
)
def test_bare_word_shows_what_is_set(event: Chat, asked: str, answer: str) -> None:
    """Everybody may ask, also where only voiced people may change something."""
    event.op("~requirevoice")
    assert event(f"#nova {asked}", role=Role.ATTENDEE) == [answer]
    assert event.edits == ()


def test_typed_values_are_shown(event: Chat) -> None:
    event("#nova etherpad https://pad.example.org/nova")
    event("#nova url https://call.example.org/nova")
    event("#nova color teal")
    assert event("#nova etherpad") == ["Notes of #nova: https://pad.example.org/nova"]
    assert event("#nova url") == ["#nova meets at https://call.example.org/nova"]
    assert event("#nova color") == ["The colour of #nova is teal. Type #nova color teal for another one."]


def test_track_without_meeting_link_says_so(event: Chat) -> None:
    event("#swift location lobby")
    assert event("#swift url") == ["#swift has no meeting link; #swift url and an address sets one."]
