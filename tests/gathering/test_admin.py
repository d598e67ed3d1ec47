from __future__ import annotations

import json
from typing import cast

import pytest

from ptgbot.chat.commands import Fetch, Fetched
from ptgbot.gathering.admin import LONGEST_MOTD, MOST_MOTD
from ptgbot.gathering.colors import own_color, paint
from ptgbot.gathering.document import read_partial
from ptgbot.gathering.model import empty
from ptgbot.store.edits import Tree
from ptgbot.testing import Chat
from tests.gathering.sample import DOCUMENT, fetched, gone, load, new, put, snapshot

URL = "https://paste.example.org/raw/1"


# list, add, del, clean


def test_list_names_all_tracks(chat: Chat) -> None:
    assert chat.op("~list") == ["There are no tracks. ~add makes some."]
    load(chat)
    assert chat.op("~list") == ["3 tracks: cinder nova swift"]


def test_add_gives_each_track_its_own_colour(chat: Chat) -> None:
    assert chat.op("~add Nova #cinder") == ["Added: nova, cinder."]
    assert chat.edits == (
        new("tracks", "nova", now=True),
        new("colors", "nova", now=own_color("nova")),
        new("tracks", "cinder", now=True),
        new("colors", "cinder", now=own_color("cinder")),
    )


def test_generated_colours_are_valid_and_differ() -> None:
    names = [f"track{number}" for number in range(50)]
    colors = {own_color(name) for name in names}
    assert len(colors) > 40
    assert all(paint(color) for color in colors)


def test_add_keeps_an_existing_colour(chat: Chat) -> None:
    load(chat, colors={"glance": "teal"})
    chat.op("~add glance")
    assert chat.edits == (new("tracks", "glance", now=True),)


@pytest.mark.parametrize(
    ("typed", "answer", "added"),
    [
        ("nova", "There already: nova.", []),
        ("nova glance GLANCE", "Added: glance. There already: nova.", ["glance"]),
    ],
)
def test_add_of_known_names_reports_them(event: Chat, typed: str, answer: str, added: list[str]) -> None:
    assert event.op(f"~add {typed}") == [answer]
    assert [edit.at[1] for edit in event.edits if edit.at[0] == "tracks"] == added


NAME_RULE = (
    "can't name a track: letters a-z, digits, dots, dashes and underscores can, up to 50, the first a letter or "
    "digit. Nothing was added."
)


@pytest.mark.parametrize(
    "name",
    ["-nova", ".nova", "_x", "no/va", "nóva", "nоva", "no\u200dva", "no\u2060va", "nova!", "＃nova", "ｎova", "x" * 51],
)
def test_add_refuses_invalid_names(chat: Chat, name: str) -> None:
    shown = name if len(name) <= 50 else name[:49] + "…"
    assert chat.op(f"~add glance {name}") == [f"“{shown}” {NAME_RULE}"]
    assert chat.edits == ()


@pytest.mark.parametrize("name", ["x" * 50, "3d", "a.b-c_d", "0"])
def test_add_takes_every_name_that_fits(chat: Chat, name: str) -> None:
    assert chat.op(f"~add {name}") == [f"Added: {name}."]


@pytest.mark.parametrize(
    "name",
    [
        "in",
        "now",
        "help",
        "Book",
        "newday",
        "auto",
        "none",
        "startmeeting",
        "action",
        "topic",
        "status",
        "success",
        "log",
    ],
)
def test_add_refuses_reserved_words(chat: Chat, name: str) -> None:
    assert chat.op(f"~add glance {name}") == [
        f"{name.lower()} is a word of the bot's own and can't name a track. Nothing was added."
    ]
    assert chat.edits == ()


def test_add_asks_for_names(chat: Chat) -> None:
    assert chat.op("~add") == ["Which tracks? Type ~add and their names, such as ~add nova cinder."]


def test_del_removes_everything_but_bookings(event: Chat) -> None:
    for line in (
        "now a",
        "next b",
        "location lobby",
        "etherpad https://e.example",
        "url https://u.example",
        "color red",
    ):
        event(f"#nova {line}")
    assert event.op("~del #NOVA nova") == [
        "Removed: nova. Still booked: Aspen-MonA1, Ballroom A-MonA2, Ballroom A-TueA1."
    ]
    assert event.edits == (
        gone("tracks", "nova", was=True),
        gone("now", "nova", was="a"),
        gone("next", "nova", was=["b"]),
        gone("location", "nova", was="lobby"),
        gone("etherpads", "nova", was="https://e.example"),
        gone("urls", "nova", was="https://u.example"),
        gone("colors", "nova", was="red"),
        gone("ptgbot", "now_since", "nova", was="2026-11-16 09:06:00"),
    )


def test_del_of_a_track_without_bookings_names_none(event: Chat) -> None:
    assert event.op("~del swift") == ["Removed: swift."]
    assert event.edits == (gone("tracks", "swift", was=True),)


@pytest.mark.parametrize("word", ["clean", "clear"])
def test_clean_removes_now_and_next_of_those_tracks(event: Chat, word: str) -> None:
    event("#nova now a")
    event("#swift now b")
    event("#cinder next c")
    assert event.op(f"~{word} nova #Cinder") == ["Cleaned: nova, cinder."]
    assert event.edits == (
        gone("now", "nova", was="a"),
        gone("ptgbot", "now_since", "nova", was="2026-11-16 09:06:00"),
        gone("next", "cinder", was=["c"]),
    )


@pytest.mark.parametrize(("word", "done"), [("del", "removed"), ("clean", "cleaned"), ("clear", "cleaned")])
def test_one_unknown_name_stops_all(event: Chat, word: str, done: str) -> None:
    assert event.op(f"~{word}") == [f"Which tracks? Type ~{word} and their names, such as ~{word} nova cinder."]
    assert event.op(f"~{word} nova nvoa") == [f"There is no track nvoa. Did you mean #nova? Nothing was {done}."]
    assert event.edits == ()


# newday


def test_newday_drops_topics_places_and_check_ins(event: Chat) -> None:
    event("#nova now a")
    event("#nova next b")
    event("#nova location lobby")
    event("#nova etherpad https://e.example")
    event("+in lobby")
    event("+subscribe x")
    before = snapshot(event)
    assert event.op("~newday") == ["A new day: topics, typed places and check-ins are removed. ~undo brings them back."]
    assert event.tree == {
        **before,
        "now": {},
        "next": {},
        "location": {},
        "last_check_in": {},
        "ptgbot": {"now_since": {}, "moderators": {}, "told_pattern": {}},
    }


def test_a_newday_on_an_empty_day_changes_nothing(event: Chat) -> None:
    assert event.op("~newday") == ["There are no topics, typed places or check-ins to remove."]
    assert event.edits == ()


# motd


@pytest.fixture
def three(chat: Chat) -> Chat:
    for level in ("info", "warning", "danger"):
        chat.op(f"~motd add {level} {level} text")
    return chat


def items(*levels: str) -> list[dict[str, str]]:
    return [{"level": level, "message": f"{level} text"} for level in levels]


def test_motd_add_appends(chat: Chat) -> None:
    assert chat.op("~motd add WARNING lunch is  late") == ["Message 1 is on the page."]
    first = {"level": "warning", "message": "lunch is late"}
    assert chat.edits[0].now == [first]
    assert chat.op("~MOTD Add success it is there") == ["Message 2 is on the page."]
    assert chat.edits[0].now == [first, {"level": "success", "message": "it is there"}]


@pytest.mark.parametrize("typed", ["", "warning", "lunch is late", "warn lunch", "info "])
def test_motd_add_needs_level_and_text(chat: Chat, typed: str) -> None:
    assert chat.op(f"~motd add {typed}") == ["Type ~motd add, then info, success, warning or danger, then the message."]
    assert chat.edits == ()


def test_motd_danger_can_fill_the_screens(chat: Chat) -> None:
    assert chat.op("~motd add Danger! leave now") == ["Message 1 is on the page and fills the screens on walls."]
    chat.op("~motd add danger mind the step")
    chat.op("~motd reorder 2 1")
    assert chat.tree["motd"] == [
        {"level": "danger", "message": "mind the step"},
        {"level": "danger", "message": "leave now", "screen": "whole"},
    ]


def test_motd_has_limits(chat: Chat) -> None:
    limits = "A message has at most 1000 characters, and there are at most 20 of them."
    assert chat.op(f"~motd add info {'x' * (LONGEST_MOTD + 1)}") == [limits]
    for _ in range(MOST_MOTD):
        chat.op(f"~motd add info {'x' * LONGEST_MOTD}")
        assert chat.edits
    assert chat.op("~motd add info one more") == [limits]


def test_motd_del_removes_one(three: Chat) -> None:
    assert three.op("~motd del 2") == ["Removed: “warning text”."]
    assert three.tree["motd"] == items("info", "danger")


@pytest.mark.parametrize("typed", ["", "0", "4", "-1", "one", "1 2", "9" * 50, "²"])
def test_motd_del_needs_a_number_that_is_there(three: Chat, typed: str) -> None:
    assert three.op(f"~motd del {typed}") == [
        "Type ~motd del N. There are 1: info text; 2: warning text; 3: danger text;"
    ]
    assert three.edits == ()


def test_motd_del_without_messages(chat: Chat) -> None:
    assert chat.op("~motd del 1") == ["Type ~motd del N. There are no messages now."]


@pytest.mark.parametrize("word", ["clean", "clear"])
def test_motd_clean_removes_all(three: Chat, word: str) -> None:
    assert three.op(f"~motd {word} now") == ["~motd clean takes nothing behind it; ~motd del N removes one message."]
    assert three.op(f"~motd {word}") == ["All messages of the day are removed."]
    assert three.tree["motd"] == []


def test_motd_reorder_keeps_only_what_is_named(three: Chat) -> None:
    assert three.op("~motd reorder 3 1") == ["The page shows 2 messages in that order."]
    assert three.tree["motd"] == items("danger", "info")


@pytest.mark.parametrize("typed", ["", "1 1", "0 1", "1 4", "1 two", "3,1"])
def test_motd_reorder_needs_numbers_each_once(three: Chat, typed: str) -> None:
    assert three.op(f"~motd reorder {typed}") == [
        (
            "Type ~motd reorder X Y…. There are 1: info text; 2: warning text; 3: danger text; "
            "Each number at most once; messages not named are removed."
        )
    ]
    assert three.edits == ()


@pytest.mark.parametrize(
    ("typed", "hint"),
    [("", ""), ("dle 1", " Did you mean ~motd del?"), ("qqq", ""), ("reordr 1", " Did you mean ~motd reorder?")],
)
def test_unknown_motd_word_is_explained(chat: Chat, typed: str, hint: str) -> None:
    assert chat.op(f"~motd {typed}") == [
        f"What about the messages?{hint} Type ~motd add LEVEL TEXT, del N, clean, or reorder X Y…"
    ]


def test_capital_words_may_be_one_name(event: Chat) -> None:
    assert event.op("~add New Team") == ["One track or 2? Type ~add new-team, or ~add new team."]
    assert event.edits == ()
    assert event.op("~add new team") == ["Added: new, team."]


# emptydb


def test_emptydb_leaves_an_empty_gathering(chat: Chat) -> None:
    load(chat, something={"of": "others"}, voice=1)
    assert chat.op("~emptydb SPRING26") == ["The gathering is empty. ~undo brings it back."]
    assert chat.tree == empty()
    assert chat.op("~emptydb") == ["The gathering is empty already."]
    assert chat.edits == ()


@pytest.mark.parametrize("typed", ["", " autumn26", " everything"])
def test_emptydb_says_first_what_it_removes(event: Chat, typed: str) -> None:
    event("#nova now cells")
    event("+in lobby")
    event("+subscribe nova")
    event.op("~moderator add mira")
    held = "3 tracks, 5 bookings, 1 topic, 1 check-in, 1 subscription and 1 moderator"
    assert event.op(f"~emptydb{typed}") == [
        f"This would remove {held}. Nothing was changed; type ~emptydb spring26 to do it."
    ]
    assert event.edits == ()


def test_emptydb_of_nameless_gathering_wants_everything(chat: Chat) -> None:
    chat.op("~requirevoice")
    assert chat.op("~emptydb") == [
        "This would remove its settings. Nothing was changed; type ~emptydb everything to do it."
    ]
    assert chat.op("~emptydb everything") == ["The gathering is empty. ~undo brings it back."]


# fetchdb


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "paste.example.org/1",
        "file:///etc/passwd",
        "ftp://x.example/1",
        "mailto:a@b.example",
        "https://",
    ],
)
def test_fetchdb_asks_for_an_address(chat: Chat, typed: str) -> None:
    assert chat.op(f"~fetchdb {typed}") == [
        "Which document? Type ~fetchdb and an address that begins with https:// or http://."
    ]
    assert chat.decision
    assert chat.decision.ask is None


def test_fetchdb_takes_only_check_or_force(chat: Chat) -> None:
    assert chat.op("~fetchdb https://a b") == [
        "Behind the address, check only says what would change; force drops bookings and topics too."
    ]
    assert chat.decision
    assert chat.decision.ask is None


@pytest.mark.parametrize("way", ["", " check", " FORCE"])
def test_fetchdb_has_the_document_fetched_outside(chat: Chat, way: str) -> None:
    assert chat.op(f"~fetchdb {URL}{way}") == []
    assert chat.decision
    assert chat.decision.ask == Fetch(URL, read_partial)
    assert chat.edits == ()


@pytest.mark.parametrize("error", ["the server never answered.", "line 1,\r\ncolumn\x035 1: \ud800bad."])
def test_fetchdb_tells_why_nothing_came(chat: Chat, error: str) -> None:
    said = {"t": "the server never answered.", "l": "line 1, column 5 1: �bad."}[error[0]]
    assert chat.op(f"~fetchdb {URL}", fetched=Fetched(error=error)) == [
        f"{URL} was not loaded: {said} Nothing was changed."
    ]
    assert chat.edits == ()


def test_fetchdb_replaces_only_the_keys_given(event: Chat) -> None:
    event("#nova now cells")
    before = snapshot(event)
    given = {"links": {"Map": "https://map.example"}, "motd": {"level": "info", "message": "hello"}}
    assert event.op(f"~fetchdb {URL}", fetched=fetched(given)) == [
        f"Loaded {URL}; changed: links (1) and motd (1). ~undo takes it back."
    ]
    assert event.tree == {**before, **given, "motd": [{"level": "info", "message": "hello"}]}


def test_fetchdb_adds_the_tracks_that_the_schedule_mentions(event: Chat) -> None:
    given = {"schedule": {"Aspen": {"desc": "not a track", "url": "x", "MonA1": "Glance", "MonA2": ""}}}
    dropped = "5 bookings (Aspen-MonA1 of #nova, Aspen-Mon-P1 of #cinder, Ballroom A-MonA2 of #nova and 2 more)"
    assert event.op(f"~fetchdb {URL}", fetched=fetched(given)) == [
        f"{URL} would drop {dropped}. Nothing was changed; with force behind it, it is loaded."
    ]
    assert event.edits == ()
    changed = "schedule (8) and tracks (1)"
    assert event.op(f"~fetchdb {URL} check", fetched=fetched(given)) == [
        f"{URL} would change: {changed}; it would drop {dropped}. Nothing was changed."
    ]
    assert event.edits == ()
    assert event.op(f"~fetchdb {URL} force", fetched=fetched(given)) == [
        f"Loaded {URL}; changed: {changed}. Dropped: {dropped}. ~undo takes it back."
    ]
    assert event.tree["tracks"] == {"cinder": True, "nova": True, "swift": True, "glance": True}
    assert event.tree["schedule"] == {"Aspen": {"desc": "not a track", "url": "x", "MonA1": "glance", "MonA2": ""}}


@pytest.mark.parametrize(
    ("key", "hint"), [("schedul", " Did you mean schedule?"), ("mine", ""), ("Tracks", " Did you mean tracks?")]
)
def test_fetchdb_refuses_unknown_keys(event: Chat, key: str, hint: str) -> None:
    assert event.op(f"~fetchdb {URL} force", fetched=fetched({"title": "x", key: {}})) == [
        f"{URL} was not loaded: “{key}” is no key of a document.{hint} Nothing was changed."
    ]
    assert event.edits == ()


def test_fetchdb_takes_unknown_keys_of_its_own_file(chat: Chat) -> None:
    load(chat, later=[1])
    assert chat.op(f"~fetchdb {URL}", fetched=fetched({"later": [2]})) == [
        f"Loaded {URL}; changed: later (1). ~undo takes it back."
    ]


def test_fetchdb_names_topics_that_would_go(event: Chat) -> None:
    event("#nova now cells")
    event("#swift next rings")
    answers = event.op(f"~fetchdb {URL}", fetched=fetched({"now": {"nova": "other"}, "next": {}}))
    told = "would drop 2 topics (#nova, #swift). Nothing was changed; with force behind it, it is loaded."
    assert answers == [f"{URL} {told}"]


def test_fetchdb_of_tracks_keeps_those_that_are_booked(event: Chat) -> None:
    event.op(f"~fetchdb {URL}", fetched=fetched({"tracks": ["Glance"]}))
    assert event.tree["tracks"] == {"glance": True, "nova": True, "cinder": True}


def test_fetchdb_of_other_parts_keeps_track_removed(event: Chat) -> None:
    """A document about something else does not bring a removed track back."""
    event.op("~del nova")
    event.op(f"~fetchdb {URL}", fetched=fetched({"title": "Other"}))
    assert event.edits == (put("title", was="Spring Gathering", now="Other"),)


def test_fetchdb_of_same_document_changes_nothing(event: Chat) -> None:
    given = {**DOCUMENT, "timestamp": "2026-01-01 00:00:00"}
    assert event.op(f"~fetchdb {URL}", fetched=fetched(given)) == [f"Loaded {URL}; everything in it is as it was."]
    assert event.edits == ()


def test_fetchdb_with_reordered_days_reorders_days(event: Chat) -> None:
    slots = dict(reversed(DOCUMENT["slots"].items()))
    assert event.op(f"~fetchdb {URL}", fetched=fetched({"slots": slots})) == [
        f"Loaded {URL}; changed: slots (1). ~undo takes it back."
    ]
    assert list(cast("Tree", event.tree["slots"])) == ["Tuesday", "Monday"]


def test_fetchdb_keeps_typed_places_but_not_booked_ones(event: Chat) -> None:
    given = {"location": {"nova": "Aspen", "swift": "lobby", "cinder": "Aspen"}}
    event.op(f"~fetchdb {URL}", fetched=fetched(given))
    assert event.tree["location"] == {"swift": "lobby"}
    marked = {**given, "ptgbot": {"typed_location": ["nova"]}}
    event.op(f"~fetchdb {URL}", fetched=fetched(marked))
    assert event.tree["location"] == {"nova": "Aspen", "swift": "lobby"}
    assert event.tree["ptgbot"] == {"now_since": {}, "moderators": {}, "told_pattern": {}}


def test_decision_leaves_state_and_document_unchanged(event: Chat) -> None:
    value = read_partial(json.dumps({"location": {}, "ptgbot": {"typed_location": ["nova"]}}).encode())
    before = snapshot(event)
    event.op(f"~fetchdb {URL}", fetched=Fetched(value))
    event.op("~undo")
    assert event.tree == before
    assert value == {"location": {}, "ptgbot": {"typed_location": ["nova"]}}


# requirevoice, alloweveryone


def test_requirevoice_and_alloweveryone_set_the_voice_key(chat: Chat) -> None:
    assert chat.op("~requirevoice") == ["Track commands now need +v or moderator rights."]
    assert [*chat.edits] == [put("voice", was=0, now=1)]
    assert chat.op("~requirevoice") == ["Track commands now need +v or moderator rights."]
    assert not chat.edits
    assert chat.op("~alloweveryone") == ["Everybody may use track commands now."]
    assert [*chat.edits] == [put("voice", was=1, now=0)]


# moderator


def test_moderator_add_names_an_account(event: Chat) -> None:
    assert event.op("~moderator add Mira") == ["Whoever has the account Mira counts as a moderator of all tracks."]
    assert event.edits == (new("ptgbot", "moderators", "mira", now=[]),)


def test_moderator_add_for_some_tracks(event: Chat) -> None:
    assert event.op("~moderator add @Mira:one.example #Nova swift #nova") == [
        "Whoever has the account @Mira:one.example counts as a moderator of #nova and #swift."
    ]
    assert event.edits == (new("ptgbot", "moderators", "@mira:one.example", now=["nova", "swift"]),)


def test_moderator_add_needs_known_tracks(event: Chat) -> None:
    assert event.op("~moderator add mira #nvoa") == ["There is no track nvoa. Did you mean #nova? Nobody was named."]
    assert event.op("~moderator add #nova") == ["Who? The name comes first: type ~moderator add NAME #nova."]
    assert event.edits == ()


def test_moderator_del_removes_an_account(event: Chat) -> None:
    assert event.op("~moderator del mira") == ["mira is not named as a moderator. Nobody is named as a moderator."]
    event.op("~moderator add mira #nova")
    assert event.op("~moderator del tomas") == ["tomas is not named as a moderator. Moderators by name: mira (nova)."]
    assert event.op("~moderator del MIRA") == ["MIRA no longer counts as a moderator by name."]
    assert event.edits == (gone("ptgbot", "moderators", "mira", was=["nova"]),)


def test_moderator_list_names_accounts_and_tracks(event: Chat) -> None:
    assert event.op("~moderator list") == ["Nobody is named as a moderator."]
    event.op("~moderator add vera")
    event.op("~moderator add mira #nova #swift")
    assert event.op("~moderator LIST") == ["Moderators by name: mira (nova swift), vera (all)."]


@pytest.mark.parametrize("typed", ["", "add", "del", "del a b", "list all", "mira"])
def test_unknown_moderator_word_is_explained(event: Chat, typed: str) -> None:
    assert event.op(f"~moderator {typed}") == [
        "Type ~moderator add NAME [#TRACK…], ~moderator del NAME, or ~moderator list."
    ]
    assert event.edits == ()
