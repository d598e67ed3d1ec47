"""Queue, agenda, people, corrections, actions and issues in a meeting; each replay gives the same minutes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptgbot.chat.commands import Deliver
from ptgbot.meetings.extended import EXTENSIONS
from ptgbot.meetings.issues import TOPIC_ENDED
from ptgbot.meetings.meeting import ChannelTopic, Saved
from ptgbot.meetings.numbered import list_actions
from tests.meetings.played import Played

SPECIFIED = {
    "network", "channel", "owner", "chairs", "meeting_topic", "meeting_name", "started", "ended", "is_over", "bot_nick",
    "log_lines", "items", "topics", "actions", "actions_by_nick", "actions_unassigned", "people", "channel_topics",
    "restricted",
}  # fmt: skip


@pytest.fixture
def play() -> Iterator[Played]:
    played = Played()
    yield played
    assert played.again() == played.minutes


def test_json_has_only_specified_keys_unless_used(play: Played) -> None:
    play("#topic a", "#action jo b", "#info c", "see you", "jo> hello", "#link https://example.org x", "#endmeeting")
    assert set(play.minutes) == SPECIFIED


# Queue


def test_queue_makes_no_items(play: Played) -> None:
    assert play("jo> q+ to ask", "zoe> q+", "ack next") == [
        "Queue: jo (ask).",
        "Queue: jo (ask), zoe.",
        "jo, you have the floor. Ask. Then: zoe.",
    ]
    assert play.items == []
    assert play("q+", action=True) == ["Queue: zoe, mira."]


def test_raised_hand_equals_sign(play: Played) -> None:
    assert play.react("jo", "✋") == ["Queue: jo."]
    assert play.react("zoe", "✋\ufe0f") == ["Queue: jo, zoe."]
    assert play.react("ann", "👍") == []


def test_time_of_speaker_is_told_once(play: Played) -> None:
    play("time 2m", "jo> q+", "ack jo")
    assert play.wait(1) == []
    assert play.wait(5) == ["jo: 2 minutes are over."]
    assert play.wait(5) == []


# Agenda


def test_next_point_is_a_topic(play: Played) -> None:
    play("agenda+ Budget [jo] [10m]", "agenda+ Dates")
    assert play("next") == ["jo: your point. 10 minutes."]
    assert play.minutes["topics"][0]["text"] == "Budget"
    assert ChannelTopic("Budget (Meeting topic: nova)") in play.effects
    assert play.wait(11) == ["The 10 minutes for “Budget” are over."]
    assert play("jo> q+", "next", "next")[1:] == ["jo is on the queue. Say “next” again to go on."]
    assert play.items == [("topic", "Budget"), ("topic", "Dates")]


def test_other_topic_ends_the_time_of_a_point(play: Played) -> None:
    play("agenda+ Budget [10m]", "next", "#topic Something else")
    assert play.wait(20) == []


def test_told_agenda_is_taken_from_the_line(play: Played) -> None:
    play.bot("Agenda: 1. Budget [jo] [10m]; 2. Dates.")
    play("next", "next")
    assert [row["text"] for row in play.minutes["topics"]] == ["Budget", "Dates"]


# Present, scribes


def test_silent_people_are_present(play: Played) -> None:
    play("#present jo, zoe", "ann> #present", "#regrets max zoe", "ann> hello")
    assert (play.minutes["present"], play.minutes["regrets"]) == (["jo", "ann", "mira"], ["max", "zoe"])
    assert play.minutes["people"]["jo"] == 0


def test_words_of_others_are_attributed(play: Played) -> None:
    assert play("#scribe+ zoe") == ["Scribes: zoe."]
    play("zoe> jo: we wait", "zoe> … for the tests", "zoe> I agree", "zoe> … really", "jo> mira: hm", "#scribe- zoe")
    play("zoe> jo: not any more")
    assert play.minutes["scribes"] == ["zoe"]
    assert [(row["nick"], row["text"]) for row in play.minutes["scribed"]] == [
        ("jo", "we wait"),
        ("jo", "for the tests"),
    ]


def test_correction_changes_scribed_words(play: Played) -> None:
    play("#scribe+ zoe", "zoe> jo: we wiat", "zoe> s/wiat/wait/")
    assert play.minutes["scribed"][0]["text"] == "we wait"


# Corrections


def test_items_show_the_correction(play: Played) -> None:
    play("#info teh plan", "jo> teh other", "jo> s/other/same/", "s/teh plan/the plan/")
    assert play.items == [("info", "the plan")]
    assert play.meeting.log["2"]["text"] == "#info teh plan"
    assert play.minutes["corrections"]["lines"] == {"2": "#info the plan", "3": "teh same"}


def test_corrected_topic_shows_everywhere(play: Played) -> None:
    play("#topic Bugdet", "#info a", "s/Bugdet/Budget/")
    assert [row["text"] for row in play.minutes["topics"]] == ["Budget"]
    assert play.minutes["items"][1]["under_topic"] == "Budget"
    assert [row["id"] for row in play.minutes["items"]] == ["i1", "i2"]


def test_correction_can_make_and_unmake_items(play: Played) -> None:
    play("info a", "s/info/#action/", "#idea b", "s/#idea/idea/", "#info c", "s/#info/#idea/")
    assert play.items == [("action", "a"), ("idea", "c")]


def test_correction_gives_no_rights(play: Played) -> None:
    play("jo> #info a", "jo> s/#info/#agreed/", "#agreed b", "jo> s/b/c/")
    assert play.items == [("agreed", "b")]
    assert len(play.minutes["corrections"]["failed"]) == 1


def test_undone_item_is_not_made_again(play: Played) -> None:
    play("#info a", "#undo", "s/a/b/")
    assert play.items == []


def test_corrected_vote_line_keeps_the_vote(play: Played) -> None:
    play("#startvote Tea?", "jo> #vote yes", "#endvote", "s/#endvote/#info x/")
    assert play.items[0] == ("vote", 'Voted on "Tea?" Results are, Yes: 1, No: 0')


def test_inserted_command_makes_an_item_there(play: Played) -> None:
    play("#info a", "#info b", "i/#info b/#topic Budget/", "jo> i/#info a/hello/")
    assert play.items == [("info", "a"), ("topic", "Budget"), ("info", "b")]
    assert [row["under_topic"] for row in play.minutes["items"]] == [None, None, "Budget"]
    assert [row["text"] for row in play.minutes["corrections"]["inserted"]] == ["#topic Budget", "hello"]


def test_hostile_corrections_leave_the_minutes(play: Played) -> None:
    play("#info " + "a" * 9_990, *["s/a/aaaaaaaaaaaaaaaa/g"] * 30, "s/(a+)+$/x/", "s/#info/\\0/", r"s/\/\//x/")
    assert len(play.items[0][1] if play.items else "") <= 20_000


def test_escaped_lines_and_blocks_hold_no_commands(play: Played) -> None:
    play("\\#info a", "jo> ```", "jo> #info b", "#info c", "jo> ```", "jo> #info d", "\\q+", "jo> ```#info e```")
    assert play.items == [("info", "c"), ("info", "d")]


# Actions


def test_actions_are_changed_removed_and_done_by_number(play: Played) -> None:
    play("#action jo writes", "zoe> #action zoe reads - due Friday", "#action x")
    assert play("#action 1 = jo draws", "#action- 3", "#done 2", "#done 9", "#actions") == [
        "Removed from the minutes: action 3, x",
        "Action 2 is done: zoe reads - due Friday",
        "There is no action 9; #actions lists them.",
        "1. jo draws",
    ]
    assert play.minutes["actions"] == ["jo draws", "zoe reads - due Friday"]
    assert play.minutes["actions_by_nick"] == {"zoe": ["zoe reads - due Friday"]}
    assert [(row["number"], row["due"], row["open"]) for row in play.minutes["numbered_actions"]] == [
        (1, "", True),
        (2, "Friday", False),
    ]


def test_numbers_stay_when_actions_are_undone(play: Played) -> None:
    play("#action a", "#undo", "#action b", "#action 2 = c")
    assert play.minutes["actions"] == ["c"]


def test_other_people_close_and_do_not_remove(play: Played) -> None:
    assert play("#action a", "jo> #action- 1", "jo> #action - 1") == [
        "Action 1 can be removed by mira and the chairs; #done 1 closes it."
    ]
    assert play.minutes["actions"] == ["a", "- 1"]


def test_open_actions_of_the_last_meeting_are_closed(play: Played) -> None:
    for line in list_actions({3: "jo writes", 7: "zoe reads"}):
        play.bot(line)
    assert play("#action new", "#done 7", "#actions") == ["Action 7 is done: zoe reads", "3. jo writes", "8. new"]
    assert play.minutes["earlier_actions"][1] == {"number": 7, "text": "zoe reads", "due": "", "open": False}


# Issues


def told(play: Played) -> list[Deliver]:
    return [effect for effect in play.effects if isinstance(effect, Deliver) and effect.kind == TOPIC_ENDED]


def test_end_of_topic_tells_of_its_items(play: Played) -> None:
    url = "https://example.org/o/r/issues/3"
    play("#topic Port", f"#issue {url}", "#agreed port it", "jo> #info later", "#topic Other", "#info x", "#endmeeting")
    sent = told(play)
    assert [(one.kind, one.targets) for one in sent] == [(TOPIC_ENDED, ())]
    assert sent[0].body == {
        "name": "nova",
        "network": "irc",
        "room": "#nova",
        "started": "2026-10-12T14:00:00Z",
        "topic": "Port",
        "issues": [url],
        "items": [
            {"type": "agreed", "nick": "mira", "text": "port it", "line": 4},
            {"type": "info", "nick": "jo", "text": "later", "line": 5},
        ],
    }
    assert play.minutes["issues"] == [{"topic": "Port", "line": 2, "issues": [url]}]


def test_last_topic_ends_with_the_meeting(play: Played) -> None:
    play("#topic Port", "#issue https://example.org/o/r/issues/3", "#agreed a", "#endmeeting")
    assert len(told(play)) == 1


def test_restricted_meeting_tells_no_forge(play: Played) -> None:
    play("#restrictlogs", "#topic Port", "#issue https://example.org/o/r/issues/3", "#agreed a", "#endmeeting")
    assert told(play) == []


def test_address_that_is_no_issue_is_refused(play: Played) -> None:
    told = "#issue needs the address of an issue or of a merge request."
    assert play("#issue", "#issue https://example.org", "#issue javascript:1") == [told] * 3


# The end


def test_chairs_are_asked_and_the_draft_written(play: Played) -> None:
    play("#chair jo", "hello")
    assert play.wait(29) == []
    assert play.wait(2) == ["jo, mira: is the meeting over? Then end it with #endmeeting."]
    assert play.wait(20) == [
        "Nobody answered, so the minutes so far are written as a draft. #endmeeting ends the meeting."
    ]
    assert Saved() in play.effects
    assert play.minutes["draft"]
    play("#endmeeting")
    assert "draft" not in play.minutes


def test_talking_meeting_is_asked_after_its_end(play: Played) -> None:
    said = [text for _ in range(9) for text in (*play.wait(9), *play("hello"))]
    assert said == ["mira: is the meeting over? Then end it with #endmeeting."]


def test_warnings_come_at_the_end(play: Played) -> None:
    assert play("#scribe+", "nobody: words", "#chair ghost", "s/never said/x/", "#endmeeting")[2:] == [
        "The meeting had no topic.",
        "Nobody here is called ghost and nobody.",
        "Corrections that matched nothing: “s/never said/x/”.",
    ]


def test_plain_meeting_ends_without_warnings(play: Played) -> None:
    assert play("#topic a", "jo> hello", "#chair jo", "#endmeeting") == ["Current chairs: jo mira"]


def test_preset_chairs_are_found_in_the_greeting(play: Played) -> None:
    play.bot("Meeting started 2026-10-12 14:00:00 UTC: nova, due to end at 15:00 UTC. The chairs are jo, mira and x.")
    play("jo> #agreed a")
    assert (play.minutes["chairs"], play.items) == (["jo", "mira", "x"], [("agreed", "a")])


LINES = st.sampled_from(
    [
        "q+ to ask", "q-", "q- later", "qq+", "ack next", "ack jo", "close queue", "open queue", "time 2m",
        "agenda+ Tea 5m", "next", "skip", "agenda order 2 1", "#present zoe", "#regrets", "#scribe+ jo",
        "#scribe-", "mira: words", "… more", "s/words/#info x/", "s/a/b/g", "s/#info/#action/",
        "i/words/#topic T/", "#action jo a", "#action 1 = b", "#action- 1", "#done 1", "#undo", "\\#info a", "```",
        "#info a", "#topic b", "#issue https://example.org/o/r/issues/3", "#actions", "#agreed a", "x" * 10_000,
        "#nobody", "ack ünknown", "#scribe+ üñï", "#endmeeting",
    ]
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(["mira", "jo", "üñï"]), LINES), max_size=40))
@settings(max_examples=60, deadline=None)
def test_any_meeting_is_the_same_in_a_replay(lines: list[tuple[str, str]]) -> None:
    played = Played()
    for nick, text in lines:
        if not played.meeting.is_over:
            played(text, by=nick)
    assert played.again() == played.minutes


def test_words_of_extensions_are_distinct() -> None:
    words = [word for one in EXTENSIONS for word in one.words]
    assert sorted(words) == ["actions", "done", "issue", "present", "regrets", "scribe"]
