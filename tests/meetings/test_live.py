"""Meetings as they are held: what the bot says, who may do what, and what is kept."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from ptgbot.chat.heard import HeardKind
from ptgbot.chat.message import Role, Room
from ptgbot.meetings import rooms
from ptgbot.meetings.meeting import Meeting
from ptgbot.meetings.minutes import document_of, minutes_of
from ptgbot.meetings.replay import Source, replay
from ptgbot.meetings.settings import MeetingsSettings, PlaceConfig
from ptgbot.store.edits import Tree
from tests.meetings.hall import IRC, MATRIX, Hall, irc, matrix


@pytest.fixture
def hall() -> Hall:
    return Hall()


@pytest.fixture
def held(hall: Hall) -> Hall:
    hall("#startmeeting Infra")
    return hall


def test_start_says_when_chair_and_commands(hall: Hall) -> None:
    started, useful = hall("#startmeeting Infra 45m")
    assert started == (
        "Meeting started 2024-11-20 14:00:01 UTC: Infra, planned to end at 14:45 UTC. The chair is alice. "
        "Help: https://ptg.example.org/commands.html"
    )
    assert useful == "Useful commands: #action #agreed #help #info #idea #link #topic #startvote #endmeeting"


def test_room_without_meeting_costs_nothing(hall: Hall) -> None:
    hall("hello")
    hall("#info nothing runs")
    hall("waves", action=True)
    hall.happens(HeardKind.JOIN, irc("bob"))
    assert hall.said == []
    assert hall.records == 0


def test_end_says_where_minutes_are(held: Hall) -> None:
    held("#topic x")
    assert held("#endmeeting") == [
        "Meeting ended 2024-11-20 14:00:03 UTC: 1 item, 1 person.",
        "Minutes: https://ptg.example.org/meetings/2024/infra.2024-11-20-14.00.html",
        "Minutes (text): https://ptg.example.org/meetings/2024/infra.2024-11-20-14.00.txt",
        "Log: https://ptg.example.org/meetings/2024/infra.2024-11-20-14.00.log.html",
    ]
    assert held.tree["running"] == {}
    [(identifier, body)] = held.documents.items()
    assert identifier == "meeting.2024.infra.2024-11-20-14.00"
    assert body["slug"] == "2024/infra.2024-11-20-14.00"
    assert body["log"][0] == {
        "n": 1,
        "at": "2024-11-20T14:00:01Z",
        "nick": "alice",
        "text": "#startmeeting Infra",
        "kind": "line",
    }
    assert [row["kind"] for row in body["log"]] == ["line", "bot", "bot", "line", "line"]
    [row] = rooms.recent(held.tree).values()
    assert (row["name"], row["room"], row["owner"], row["restricted"]) == ("infra", "#infra", "alice", False)


def test_live_and_replayed_minutes_are_equal(hall: Hall) -> None:
    lines = [
        ("alice", "#startmeeting Infra"),
        ("mhu[m]", "#info <b>x</b>"),
        ("alice", "#topic One"),
        ("alice", "#chair bob"),
        ("bob", "#startvote Tea? yes, no"),
        ("mhu[m]", "#vote yes"),
        ("bob", "#endvote"),
        ("bob", "#action mhu[m] and bob meet"),
        ("bob", "#undo"),
        ("carol", "https://x.org."),
        ("carol", "#endmeeting"),
        ("alice", "#endmeeting"),
    ]
    for nick, text in lines:
        hall(text, nick)
    [body] = hall.documents.values()
    raw = "".join(f"{row['at'][11:19]} <{row['nick']}> {row['text']}\n" for row in body["log"])
    [again] = replay(raw.encode(), Source("2024-11-20.log", network="libera", channel="#infra"))
    assert minutes_of(again) == body["minutes"]


def test_items_are_noted_without_words(held: Hall) -> None:
    assert held("#info x", "bob") == []
    assert held.reacted
    assert held("hello", "bob") == []
    assert not held.reacted


def test_refusals_name_chairs_and_time(held: Hall) -> None:
    assert held("#topic x", "bob") == ["#topic is for the chairs of this meeting: alice."]
    [told] = held("#endmeeting", "bob")
    assert told == "Only chairs (alice) can end this meeting; from 15:00 UTC on everybody can."
    assert held("#startmeeting y", "bob") == ["A meeting runs here already, since 14:00 UTC. Type #endmeeting first."]
    held.at = held.at.replace(hour=15, minute=1)
    assert held("#endmeeting", "bob")[0].startswith("Meeting ended")


@pytest.mark.parametrize(
    ("start", "role", "allowed"),
    [
        ("all", Role.ATTENDEE, True),
        ("voiced", Role.ATTENDEE, False),
        ("voiced", Role.MODERATOR, True),
        ("ops", Role.MODERATOR, False),
        ("ops", Role.ADMIN, True),
        ("listed", Role.ADMIN, False),
    ],
)
def test_start_needs_configured_rights(start: Any, role: Role, allowed: bool) -> None:
    hall = Hall(MeetingsSettings(start=start, starters=("boss",)))
    told = hall("#startmeeting Infra", role=role)
    assert told[0].startswith("Meeting started") is allowed
    assert bool(hall.tree["running"]) is allowed
    hall("#startmeeting Infra", irc("eve", "boss"))
    assert hall.tree["running"]


def test_start_without_name_is_refused(hall: Hall) -> None:
    assert hall("#startmeeting") == ["A meeting needs a name: #startmeeting NAME"]
    assert hall.records == 0


def test_other_rooms_have_no_meetings() -> None:
    hall = Hall(MeetingsSettings(rooms=("#other",)))
    assert hall("#startmeeting x") == []
    assert hall.tree["running"] == {}


def test_chair_follows_nick_and_account(held: Hall) -> None:
    held("hi", irc("bob", "robert"))
    held("#chair bob")
    held.happens(HeardKind.NICK, irc("bob", "robert"), "bob_away")
    held("#topic by account", irc("bob_away", "robert"))
    held("#topic by thief", irc("bob"))
    held.happens(HeardKind.NICK, irc("alice"), "alice_")
    held("#topic by owner", "alice_")
    held("#topic by thief", "alice")
    held("#endmeeting", "alice_")
    assert [topic["text"] for topic in held.minutes["topics"]] == ["by account", "by owner"]
    assert held.minutes["chairs"] == ["alice", "bob"]
    assert held.minutes["people"]["bob"] == 3


def test_chair_named_before_speaking_is_bound(held: Hall) -> None:
    held("#chair dora")
    held("hello", irc("Dora", "dora-account"))
    held("#topic no", irc("dora", "somebody"))
    held("#topic yes", irc("dora_", "dora-account"))
    held("#endmeeting")
    assert [topic["text"] for topic in held.minutes["topics"]] == ["yes"]


def test_topic_of_room_is_set_and_restored(held: Hall) -> None:
    assert held.topic() is None
    held("#topic One")
    assert held.topic() == "One (Meeting topic: Infra)"
    held("#topic Two")
    held("#undo")
    assert held.topic() == "One (Meeting topic: Infra)"
    held("#undo")
    assert held.topic() is None
    held("#topic Three")
    held("#lurk")
    held("#endmeeting")
    assert held.topic() is None


def test_lurk_silences_all_but_the_end(held: Hall) -> None:
    held("#lurk")
    assert held("#topic x") == held("#chair bob") == held("#undo") == []
    assert not held.reacted
    assert held("#endmeeting")[0].startswith("Meeting ended")


def test_restricted_minutes_have_no_address(held: Hall) -> None:
    held("#restrictlogs")
    assert "Minutes" not in "".join(held("#endmeeting"))
    [row] = rooms.recent(held.tree).values()
    assert row["restricted"] is True


def test_saved_minutes_move_with_name(held: Hall) -> None:
    held("#info x")
    assert held("#save") == [
        "The minutes so far are written. Minutes: https://ptg.example.org/meetings/2024/infra.2024-11-20-14.00.html"
    ]
    assert held.minutes["is_over"] is False
    held("#meetingname Other name")
    held("#endmeeting")
    [row] = rooms.recent(held.tree).values()
    assert row["slug"] == "2024/other_name.2024-11-20-14.00"
    assert held.minutes["is_over"] is True


def test_meetings_of_one_minute_get_own_addresses(hall: Hall) -> None:
    for _ in range(3):
        hall("#startmeeting x", seconds=0)
        hall("#endmeeting", seconds=0)
    slugs = [row["slug"] for row in rooms.recent(hall.tree).values()]
    assert slugs == [f"2024/x.2024-11-20-14.00{more}" for more in ("", "-2", "-3")]
    assert len(hall.documents) == 3


def test_names_never_leave_their_folder(hall: Hall) -> None:
    hall("#startmeeting ../../etc/passwd\x00<b>")
    hall("#endmeeting")
    [row] = rooms.recent(hall.tree).values()
    assert row["slug"] == "2024/etc_passwd__b.2024-11-20-14.00"


def test_off_the_record_text_is_never_kept(held: Hall) -> None:
    held("[off] the secret", "bob")
    held("#endmeeting")
    assert "secret" not in json.dumps([held.documents, held.tree])
    assert held.minutes["people"]["bob"] == 1


def test_words_of_meetings_precede_tracks_and_help(held: Hall) -> None:
    assert held("#help we need reviewers", "bob") == []
    assert held("~meetings", "olga", Role.ADMIN) == ["Infra in libera/#infra since 14:00 UTC (alice)"]
    held("#endmeeting")
    assert [item["type"] for item in held.minutes["items"]] == ["help"]
    assert held("#help tracks", "bob")[0].startswith("+tracks")


def test_track_with_word_of_meetings_works_outside(hall: Hall) -> None:
    hall.state.working["gathering"]["tracks"] = ["topic"]  # type: ignore[index,call-overload]
    hall.state.committed["gathering"]["tracks"] = ["topic"]  # type: ignore[index,call-overload]
    tracks = cast("Any", hall.state)
    hall("#topic now outside")
    assert tracks.committed["gathering"]["now"] == {"topic": "outside"}
    hall("#startmeeting Infra")
    hall("#topic now inside")
    assert hall.topic() == "now inside (Meeting topic: Infra)"
    assert tracks.committed["gathering"]["now"] == {"topic": "outside"}
    hall("#endmeeting")
    hall("#topic now outside again")
    assert tracks.committed["gathering"]["now"] == {"topic": "outside again"}


def test_undo_of_operators_leaves_minutes_alone(held: Hall) -> None:
    held("~add nova", "olga", Role.ADMIN)
    held("#info x", "bob")
    assert held("~undo", "olga", Role.ADMIN)[0].startswith("Taken back: “~add nova”")


def test_answers_of_others_are_logged(held: Hall) -> None:
    held("+tracks", "bob")
    held("#endmeeting")
    [body] = held.documents.values()
    assert [row["kind"] for row in body["log"]][3:] == ["line", "bot", "line"]


def test_actions_of_last_meeting_are_told(held: Hall) -> None:
    held("#action bob writes")
    held("#endmeeting")
    told = held("#startmeeting Infra")
    assert told[-1] == "Open actions: 1. bob writes New actions begin at 2."
    held("#done 1")
    held("#endmeeting")
    assert len(held("#startmeeting Infra")) == 2


def test_presets_name_chairs() -> None:
    hall = Hall(MeetingsSettings(chairs={"infra": ("mira", "alice")}))
    hall("#startmeeting Infra")
    hall("#topic x", "mira")
    hall("#endmeeting", "mira")
    assert hall.minutes["chairs"] == ["alice", "mira"]


def test_room_is_told_before_planned_end(held: Hall) -> None:
    assert held.ticks(29) == []
    held("still here")
    assert held.ticks(25) == []
    assert held.ticks(1) == ["5 minutes left until the planned end of this meeting."]
    assert held.ticks(1) == []
    held("#endmeeting")
    assert held.minutes["log_lines"] == 6


def test_several_lines_of_message_are_worked_each(hall: Hall) -> None:
    text = "before\n#startmeeting Infra\n#info one\nplain\n\n  #idea two\n#save\n#info three"
    hall(text, matrix("alice"), room=MATRIX)
    hall("more\n#info four\n#endmeeting\n#info lost", matrix("alice"), room=MATRIX)
    assert [item["text"] for item in hall.minutes["items"]] == ["one", "two", "three", "four"]


def test_lines_before_first_command_are_heard(hall: Hall) -> None:
    alice = matrix("alice")
    hall("#startmeeting Infra", alice, room=MATRIX)
    hall("a list:\n- one\n#info two\nthree", alice, room=MATRIX)
    hall("#endmeeting", alice, room=MATRIX)
    [body] = hall.documents.values()
    said = [row["text"] for row in body["log"] if row["kind"] == "line"]
    assert said == ["#startmeeting Infra", "a list:", "- one", "#info two", "three", "#endmeeting"]


@pytest.mark.parametrize("corrects", [False, True])
def test_edited_change_of_action_changes_that_action(hall: Hall, corrects: bool) -> None:
    alice = matrix("alice")
    for text in ("#startmeeting Infra", "#action one", "#action two", "#action 1 = uno"):
        hall(text, alice, room=MATRIX)
    if corrects:
        hall("s/uno/eins/", alice, room=MATRIX)
    else:
        hall.happens(HeardKind.EDIT, alice, "#action 1 = eins", "$e4", MATRIX)
        hall.happens(HeardKind.EDIT, alice, "#action 2 = zwei", "$e3", MATRIX)
    hall("#endmeeting", alice, room=MATRIX)
    texts = [item["text"] for item in hall.minutes["items"]]
    # An action whose own line became a change of itself is gone with its line.
    assert texts == (["eins", "two"] if corrects else ["eins"])


def test_edit_on_matrix_replaces_line_and_item(hall: Hall) -> None:
    alice = matrix("alice")
    hall("#startmeeting Infra", alice, room=MATRIX)
    hall("#info wrong", alice, room=MATRIX)
    hall("#info second", alice, room=MATRIX)
    hall.happens(HeardKind.EDIT, alice, "#action right", "$e2", MATRIX)
    hall("#topic Old", alice, room=MATRIX)
    hall.happens(HeardKind.EDIT, alice, "#topic New", "$e4", MATRIX)
    assert hall.topic() == "New (Meeting topic: Infra)"
    hall.happens(HeardKind.REDACTION, alice, about="$e3", room=MATRIX)
    hall("#endmeeting", alice, room=MATRIX)
    rows = [(item["type"], item["text"]) for item in hall.minutes["items"]]
    assert rows == [("action", "right"), ("topic", "New")]
    log = [*hall.documents.values()][-1]["log"]
    assert [row["text"] for row in log if row["kind"] == "removed"] == [""]
    assert "second" not in json.dumps(hall.documents)


def test_matrix_people_are_found_by_all_names(hall: Hall) -> None:
    hall("#startmeeting Infra", matrix("alice"), room=MATRIX)
    hall("hi", matrix("jo", "Joanna Doe"), room=MATRIX)
    for text in ("jo writes", "Joanna Doe reads", "@jo:example.org sings", "Joanna sleeps"):
        hall(f"#action {text}", matrix("alice"), room=MATRIX)
    hall("#endmeeting", matrix("alice"), room=MATRIX)
    assert hall.minutes["actions_by_nick"] == {"jo": ["jo writes", "Joanna Doe reads", "@jo:example.org sings"]}
    assert hall.minutes["actions_unassigned"] == ["Joanna sleeps"]


def test_place_of_two_networks_has_one_meeting() -> None:
    place = PlaceConfig(("libera/#infra", "matrix/#infra:example.org"))
    hall = Hall(MeetingsSettings(places=(place,)))
    hall("#startmeeting Infra")
    delivered = [row for verdict in hall.verdicts for row in verdict.decision.deliver]
    assert {(one.targets[0].network, one.targets[0].room) for one in delivered} == {("matrix", "#infra:example.org")}
    hall("#info from matrix", matrix("bob"), room=MATRIX)
    hall("#topic x")
    assert len(hall("#startmeeting again", matrix("bob"), room=MATRIX)) == 1
    hall("#endmeeting")
    assert hall.minutes["people"] == {"alice": 3, "bob": 2}
    assert [item["nick"] for item in hall.minutes["items"]] == ["bob", "alice"]


def test_rooms_have_meetings_of_their_own(held: Hall) -> None:
    other = Room("libera", "#nova", "#nova", nick="ptgbot")
    held("#startmeeting Nova", "carol", room=other)
    held("#info a", "bob")
    held("#info b", "bob", room=other)
    held("#endmeeting", "carol", room=other)
    assert [item["text"] for item in held.minutes["items"]] == ["b"]
    held("#endmeeting")
    assert [item["text"] for item in held.minutes["items"]] == ["a"]


def test_operators_save_chair_end_and_delete(held: Hall) -> None:
    def op(text: str) -> list[str]:
        return held(text, "olga", Role.ADMIN)

    assert op("~meetings chair bob") == ["Current chairs: alice bob"]
    assert op("~meetings save")[0].startswith("The minutes so far")
    assert op("~meetings bogus")[0].startswith("Type ~meetings")
    assert op("~meetings end")[0].startswith("Meeting ended")
    assert op("~meetings end") == ["No meeting runs in #infra. ~meetings lists those that run."]
    assert op("~meetings recent") == ["2024-11-20 14:00 Infra in #infra"]
    assert op("~meetings") == ["No meeting runs now."]
    held("#startmeeting Gone")
    op("~meetings delete")
    assert held.tree["running"] == {}
    assert op("~undo")[0].startswith("Taken back")
    assert held.tree["running"] != {}
    assert held("~meetings end", "bob")[0].startswith("~meetings is for the operators")


def test_state_survives_json_and_restart(held: Hall) -> None:
    held("#chair bob")
    held("#startvote Tea? a, b")
    held("#vote a", "bob")
    [now] = rooms.running(held.tree)
    stored = json.loads(json.dumps(now.meeting.to_json()))
    assert Meeting.from_json(stored) == now.meeting
    again = held.reopened()
    again("#endvote", "bob")
    again("#endmeeting")
    assert again.minutes["items"][0]["results"] == {"a": 1, "b": 0}
    assert again.minutes["started"] == "2024-11-20T14:00:01Z"


def test_forgotten_person_leaves_running_meeting(held: Hall) -> None:
    from ptgbot.meetings import FEATURE

    held("#info my words", "bob")
    held("#chair bob")
    held("s/my words/my words again/", "bob")
    held("q+ to ask", "bob")
    held("#scribe+ bob")
    held("carol: my words too", "bob")
    tree = json.loads(json.dumps(held.tree))
    for *parents, last in FEATURE.forget(cast("Tree", tree), {}, irc("bob")).places:
        here = tree
        for part in parents:
            here = here[part]
        del here[last]
    assert "my words" not in json.dumps(tree)
    [now] = rooms.running(tree)
    assert now.meeting.lines == 12
    assert "bob" not in json.dumps(now.meeting.extra)
    body = document_of(now.meeting, "slug")
    assert "my words" not in json.dumps(body)


def test_lines_through_bot_name_are_explained(held: Hall) -> None:
    assert held("ptgbot: #info x", "bob") == []
    assert IRC.nick == "ptgbot"


def test_commands_name_words_of_extensions_too(held: Hall) -> None:
    (told,) = held("#commands")
    assert {"#topic", "#halp", "#present", "#regrets", "#scribe", "#actions", "#done", "#issue"} <= set(told.split())


def test_chair_who_is_absent_is_named(hall: Hall) -> None:
    hall.people["#infra"] = [irc("alice"), irc("Bob[m]")]
    hall("#startmeeting Infra")
    assert hall("#chair BOB[m], carol dora") == [
        "Current chairs: BOB[m] alice carol dora. Not in the channel: carol dora"
    ]
    hall.people.clear()
    assert hall("#chair emil") == ["Current chairs: BOB[m] alice carol dora emil"]


def test_chair_may_be_in_any_room_of_place() -> None:
    rooms_of_place = ("libera/#infra", "matrix/#infra:example.org")
    hall = Hall(MeetingsSettings(places=(PlaceConfig(rooms_of_place),)))
    hall.people |= {"#infra": [irc("alice")], "#infra:example.org": [matrix("mira", "Mira M")]}
    hall("#startmeeting Infra")
    assert hall("#chair mira, @mira:example.org, nora")[0].endswith("Not in the channel: nora")
