from __future__ import annotations

from datetime import timedelta

import pytest

from ptgbot.chat.message import Person
from ptgbot.gathering.settings import GatheringSettings
from ptgbot.gathering.subscriptions import MOST
from ptgbot.store.edits import Edit
from ptgbot.testing import Chat, person
from tests.gathering.sample import gone, load, new, put

T1, T2 = "2026-11-16 09:06:00", "2026-11-16 09:07:00"


def at(place: str, since: str = T1, out: str | None = None, nick: str = "mira") -> dict[str, str | None]:
    return {"nick": nick, "location": place, "in": since, "out": out}


def entry(key: str, now: dict[str, str | None], was: dict[str, str | None] | None = None) -> Edit:
    made = new("last_check_in", key, now={**now})
    return Edit(made.at, {**was}, made.now) if was else made


# in


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("#nova", "#nova"),
        ("#NOVA", "#nova"),
        ("nova", "#nova"),
        ("Nova", "#nova"),
        ("Coffee  Bar", "Coffee Bar"),
        ("nova corner", "nova corner"),
        ("@home", "@home"),
        ("x" * 200, "x" * 200),
    ],
)
def test_in_keeps_the_place(event: Chat, typed: str, stored: str) -> None:
    assert event(f"+in {typed}") == [f"You are checked in at {stored}. +out ends it."]
    assert event.edits == (entry("mira", at(stored)),)


def test_in_keeps_the_nick_as_it_is_written(event: Chat) -> None:
    event("+in lobby", by="Mira")
    assert event.edits == (entry("mira", at("lobby", nick="Mira")),)


def test_in_again_replaces_the_place(event: Chat) -> None:
    event("+in lobby")
    event("+in #nova")
    assert event.edits == (entry("mira", at("#nova", T2), at("lobby")),)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("", "Where are you? Type +in #TRACK or +in and a place, such as +in #nova or +in coffee bar."),
        ("#nvoa", "There is no track nvoa. Did you mean #nova? Without # any place will do."),
        ("#qqqqqq", "There is no track qqqqqq; +tracks lists them. Without # any place will do."),
        ("#qqqqqq by the door", "There is no track qqqqqq; +tracks lists them. Without # any place will do."),
        ("#nova table 3", "Type +in #nova alone, or a place without #, such as +in nova table 3."),
        ("x" * 201, "A place has at most 200 characters; yours has 201."),
    ],
)
def test_in_refuses_bad_places(event: Chat, typed: str, answer: str) -> None:
    assert event(f"+in {typed}") == [answer]
    assert event.edits == ()


# out


def test_out_keeps_place_and_time_of_arrival(event: Chat) -> None:
    event("+in lobby", by="Mira")
    assert event("+out", by="Mira") == ["You are checked out of lobby."]
    assert event.edits == (entry("mira", at("lobby", out=T2, nick="Mira"), at("lobby", nick="Mira")),)


def test_out_without_in_is_refused(event: Chat) -> None:
    assert event("+out") == ["You are not checked in anywhere. +in LOCATION does that."]
    assert event.edits == ()


def test_out_twice_is_refused(event: Chat) -> None:
    event("+in lobby")
    event("+out")
    assert event("+out") == ["You have checked out of lobby already. +in LOCATION checks you in again."]
    assert event.edits == ()


# seen


def test_seen_tells_where_and_since_when(event: Chat) -> None:
    event("+in #nova", by="Tomas")
    assert event("+seen TOMAS") == ["Tomas checked in at #nova at 10:06"]
    assert event.edits == ()


def test_seen_tells_when_somebody_left(event: Chat) -> None:
    event("+in #nova", by="Tomas")
    event("+out", by="Tomas")
    assert event("+seen tomas") == ["Tomas left #nova at 10:07"]


def test_seen_names_the_day_unless_today(event: Chat) -> None:
    event("+in #nova", by="Tomas")
    event.at += timedelta(days=1)
    assert event("+seen tomas") == ["Tomas checked in at #nova at Mon 16 Nov 10:06"]


def test_seen_of_unknown_person_says_so(event: Chat) -> None:
    assert event("+seen") == ["Whom do you look for? Type +seen and a name, such as +seen mira."]
    assert event("+seen tomas") == ["tomas has not checked in so far."]


SEVERAL = {
    "tomas": {"nick": "Tomas", "location": "#nova", "in": T1, "out": None},
    "tomas@oftc": {"nick": "tomas", "location": "bar", "in": T1, "out": T2},
    "@tomas:one.example": {"nick": "tomas", "location": "lobby", "in": T1, "out": None},
    "foo[1]": {"nick": "foo[1]", "location": "lobby", "in": T1, "out": None},
    "odd": {"nick": None, "location": None, "in": None, "out": "yesterday"},
}


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        (
            "tomas",
            (
                "tomas (@tomas:one.example) checked in at lobby at 10:06 | "
                "Tomas (tomas) checked in at #nova at 10:06 | "
                "tomas (tomas@oftc) left bar at 10:07"
            ),
        ),
        ("@Tomas:one.example", "tomas checked in at lobby at 10:06"),
        ("tomas:one.example", "tomas checked in at lobby at 10:06"),
        ("tomas@oftc", "tomas left bar at 10:07"),
        ("FOO{1}", "foo[1] checked in at lobby at 10:06"),
        ("odd", "odd left "),
        ("toma", "toma has not checked in so far."),
    ],
)
def test_seen_looks_on_every_network(chat: Chat, name: str, answer: str) -> None:
    load(chat, last_check_in=SEVERAL)
    assert chat(f"+seen {name}") == [answer]


# networks


@pytest.mark.parametrize(
    ("who", "key"),
    [
        (person("Mira"), "mira"),
        (Person("mira@oftc", "Mira"), "mira@oftc"),
        (Person("@mira:one.example", "mira", "@mira:one.example"), "@mira:one.example"),
    ],
)
def test_people_with_same_nick_have_different_keys(event: Chat, who: Person, key: str) -> None:
    event("+in lobby", by=who)
    assert event.edits == (entry(key, at("lobby", nick=who.nick)),)
    event("+subscribe nova", by=who)
    assert event.edits == (new("subscriptions", key, now="nova"),)
    assert event("+out", by=who) == ["You are checked out of lobby."]
    assert event("+out", by="somebody") == ["You are not checked in anywhere. +in LOCATION does that."]


@pytest.mark.parametrize(
    ("casemapping", "same"), [("rfc1459", True), ("rfc1459-strict", True), ("strict-rfc1459", True), ("ascii", False)]
)
def test_nick_is_compared_as_on_its_network(event: Chat, casemapping: str, same: bool) -> None:
    event("+in lobby", by=person("Mi[r]a", casemapping=casemapping))
    event("+out", by=person("mi{R}a", casemapping=casemapping))
    expected = at("lobby", nick="Mi[r]a")
    assert event.edits == ((entry("mi[r]a", {**expected, "out": T2}, expected),) if same else ())


def test_tilde_equals_caret_only_in_rfc1459_mapping(event: Chat) -> None:
    event("+subscribe nova", by=person("a~b"))
    assert event("+unsubscribe", by=person("A^B", casemapping="rfc1459-strict")) == [
        "You have no subscription that could be dropped."
    ]
    assert event("+unsubscribe", by=person("A^B")) == ["Your subscription to nova is dropped."]


# subscribe


def test_subscribe_stores_the_pattern_as_typed(event: Chat) -> None:
    assert event("+subscribe #Nova|migration") == [
        "You will get a private message when a topic matches #Nova|migration."
    ]
    assert event.edits == (new("subscriptions", "mira", now="#Nova|migration"),)


def test_subscribe_again_tells_the_former_one(event: Chat) -> None:
    event("+subscribe one")
    assert event("+subscribe two") == ["You will get a private message when a topic matches two in place of one."]
    assert event.edits == (put("subscriptions", "mira", was="one", now="two"),)


def test_subscribe_alone_shows_it(event: Chat) -> None:
    assert event("+subscribe") == [
        "You have no subscription. +subscribe REGEX makes one, such as +subscribe #nova|migration."
    ]
    event("+subscribe one")
    assert event("+subscribe") == ["You are subscribed to one – +unsubscribe ends it."]
    assert event.edits == ()


def test_null_counts_as_no_subscription(chat: Chat) -> None:
    load(chat, subscriptions={"mira": None})
    assert chat("+unsubscribe") == ["You have no subscription that could be dropped."]
    chat("+subscribe two")
    assert chat.edits == (put("subscriptions", "mira", was=None, now="two"),)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", "missing ): ("),
        (r"(a)\1", r"invalid escape sequence: \1"),
        ("(?=x)", "invalid perl operator: (?="),
        ("x" * 201, "it has 201 characters, 200 are allowed"),
    ],
)
def test_subscribe_refuses_unreadable_patterns(event: Chat, pattern: str, why: str) -> None:
    assert event(f"+subscribe {pattern}") == [
        f"That pattern can't be used: {why}. Plain words work: +subscribe live migration."
    ]
    assert event.edits == ()


def test_number_of_subscriptions_is_limited(chat: Chat) -> None:
    load(chat, subscriptions={f"somebody{number}": "x" for number in range(MOST)})
    assert chat("+subscribe x") == ["There are 1000 subscriptions already; I can't keep more."]
    assert chat("+subscribe y", by="somebody7") == [
        "You will get a private message when a topic matches y in place of x."
    ]


def test_unsubscribe_drops_it(event: Chat) -> None:
    event("+subscribe one")
    assert event("+unsubscribe") == ["Your subscription to one is dropped."]
    assert event.edits == (gone("subscriptions", "mira", was="one"),)
    assert event("+unsubscribe") == ["You have no subscription that could be dropped."]


# questions


def test_now_tells_all_topics(event: Chat) -> None:
    assert event("+now") == ["Nothing is being discussed right now, as far as I was told."]
    event("#swift now rings")
    event("#nova now cells")
    event("#nova next quotas")
    assert event("+now") == ["#nova: cells, #swift: rings"]
    assert event("+now #NOVA") == ["#nova: now cells, next quotas, in Aspen."]
    assert event("+now nvoa") == ["There is no track nvoa. Did you mean #nova?"]


def test_who_tells_who_is_there(event: Chat) -> None:
    event("+in #nova", by="Tomas")
    event("+in #nova", by="vera")
    event("+in lobby", by="uwe")
    event("+in #nova", by="left")
    event("+out", by="left")
    assert event("+who #Nova") == ["With #nova: Tomas, vera"]
    assert event("+who swift") == ["Nobody has checked in with #swift."]
    assert event("+who") == ["Which track? Type +who and its name, such as +who #nova."]
    assert event("+who qqqqq") == ["There is no track qqqqq; +tracks lists them."]


def test_a_check_in_counts_for_some_hours_only() -> None:
    chat = load(Chat(settings={"gathering": GatheringSettings(check_in_hours=2)}))
    chat("+in #nova", by="tomas")
    chat.at += timedelta(minutes=118)
    assert chat("+who nova") == ["With #nova: tomas"]
    assert chat("+who nova") == ["Nobody has checked in with #nova."]
    assert chat("+seen tomas") == ["tomas checked in at #nova at 10:06"]


def test_free_tells_the_slots_of_a_day(event: Chat) -> None:
    today = "Ballroom A-MonA1, Ballroom A-North-MonA1, Aspen-MonA2, Birch-2-MonA2, Ballroom A-Mon-P1"
    more = "A moderator books with #TRACK book ROOM-SLOT."
    assert event("+free") == [f"Free on Monday: {today}. {more}"]
    assert event("+free TUE") == [f"Free on Tuesday: Aspen-TueA1, Ballroom A-North-TueA1, Birch-2-TueA2. {more}"]
    assert event("+free Sunday") == ["There is no day Sunday. The days are Monday and Tuesday."]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("tomorrow", "Free for tomorrow: Aspen-TueA1, Ballroom A-North-TueA1, Birch-2-TueA2."),
        ("tue 9:00", "Free for tue 9:00: Aspen-TueA1, Ballroom A-North-TueA1."),
        ("mon pm", "Free for mon pm: Ballroom A-Mon-P1."),
        ("Aspen", "Free for Aspen: Aspen-MonA2, Aspen-TueA1."),
        ("aspen tuesday morning", "Free for aspen tuesday morning: Aspen-TueA1."),
        ("tuesday pm", "There is no day tuesday pm."),
        ("Aspen mon pm", "Nothing is free for Aspen mon pm."),
    ],
)
def test_free_finds_rooms_days_and_times(event: Chat, typed: str, answer: str) -> None:
    assert event(f"+free {typed}")[0].startswith(answer)


def test_free_says_if_nothing_is_free(event: Chat) -> None:
    event.at += timedelta(days=3)
    assert event("+free") == ["Nothing is free on Tuesday."]


def test_free_without_schedule_says_so(chat: Chat) -> None:
    assert chat("+free") == ["The schedule has no days yet."]
    assert chat("+free Monday") == ["There is no day Monday. The days are none yet."]


def test_tracks_lists_all_tracks(chat: Chat) -> None:
    assert chat("+tracks") == ["There are no tracks yet."]
    chat.op("~add nova")
    assert chat("+tracks") == ["1 track: nova"]
    chat.op("~add cinder")
    assert chat("+tracks") == ["2 tracks: cinder nova"]


@pytest.mark.parametrize("typed", ["me", "ME"])
def test_forget_me_requests_forgetting(event: Chat, typed: str) -> None:
    assert event(f"+forget {typed}") == ["Everything about you is removed."]
    assert event.decision
    assert event.decision.forget


@pytest.mark.parametrize("typed", ["", "tomas", "me not"])
def test_nobody_else_can_be_forgotten(event: Chat, typed: str) -> None:
    assert event(f"+forget {typed}") == [
        "Type +forget me to have everything about you removed. Nobody can ask that for somebody else."
    ]
    assert event.decision
    assert not event.decision.forget


def test_marks_behind_a_name_do_not_count(event: Chat) -> None:
    event("+in lobby", by="vera")
    assert event("+seen vera!") == event("+seen vera")
    assert event("+seen @vera?") == event("+seen vera")
