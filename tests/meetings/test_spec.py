"""Each sentence of the specification of meetings, sections 1, 2, 4 and 10, on a replayed log."""

from __future__ import annotations

from typing import Any

import pytest

from ptgbot.meetings.minutes import minutes_of
from ptgbot.meetings.replay import Source, replay


def minutes(*lines: str, start: str = "#startmeeting Infra") -> dict[str, Any]:
    """Return the minutes of lines such as ``alice: text`` or ``* alice text``, one a second, alice being owner."""
    every = [f"alice: {start}", *lines]
    text = "".join(f"14:{n // 60:02}:{n % 60:02} {_line(line)}\n" for n, line in enumerate(every))
    [meeting] = replay(text.encode(), Source("infra.2024-11-20-14.00.log.txt"))
    return minutes_of(meeting)


def _line(line: str) -> str:
    if line.startswith("* "):
        return line
    nick, _, text = line.partition(": ")
    return f"<{nick}> {text}"


def texts(*lines: str) -> list[tuple[str, str]]:
    """Return type and text of the items that lines make."""
    return [(item["type"], item["text"]) for item in minutes(*lines)["items"]]


def test_json_has_every_key_of_specification() -> None:
    assert minutes("bob: #info x", "alice: #endmeeting") == {
        "network": "",
        "channel": "",
        "owner": "alice",
        "chairs": ["alice"],
        "meeting_topic": "Infra",
        "meeting_name": "infra",
        "started": "2024-11-20T14:00:00Z",
        "ended": "2024-11-20T14:00:02Z",
        "is_over": True,
        "bot_nick": None,
        "log_lines": 3,
        "items": [
            {
                "id": "i1",
                "type": "info",
                "nick": "bob",
                "text": "x",
                "time": "14:00:01",
                "line": 2,
                "under_topic": None,
            }
        ],
        "topics": [],
        "actions": [],
        "actions_by_nick": {},
        "actions_unassigned": [],
        "people": {"alice": 2, "bob": 1},
        "channel_topics": [],
        "restricted": False,
    }


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        *(("agreed", "agreed"), ("agree", "agreed"), ("accepted", "accepted"), ("accept", "accepted")),
        *(("rejected", "rejected"), ("reject", "rejected"), ("action", "action"), ("info", "info")),
        *(("idea", "idea"), ("help", "help"), ("halp", "help"), ("INFO", "info"), ("Agree", "agreed")),
        *(("topic", "topic"), ("ToPiC", "topic")),
    ],
)
def test_every_name_and_alias_makes_item(word: str, kind: str) -> None:
    assert texts(f"alice: #{word} some  text ") == [(kind, "some  text")]


@pytest.mark.parametrize("line", ["# info x", "well #info x", "#unknown x", "#", "info x", "#Infox y"])
def test_line_without_command_makes_no_item(line: str) -> None:
    assert texts(f"bob: {line}") == []


@pytest.mark.parametrize("line", ["#info: x", "#info, x", "#info  x", "#info:x"])
def test_one_colon_or_comma_is_dropped(line: str) -> None:
    assert texts(f"bob: {line}") == [("info", "x")]
    assert texts("bob: #info :: x") == [("info", ":: x")]


@pytest.mark.parametrize("word", ["topic", "agreed", "accepted", "rejected"])
def test_chairs_only_make_topics_and_decisions(word: str) -> None:
    assert texts(f"bob: #{word} x") == []
    assert texts("alice: #chair bob", f"bob: #{word} x") == [(word, "x")]


@pytest.mark.parametrize("scheme", ["http", "https", "irc", "ftp", "mailto", "ssh"])
def test_line_that_starts_with_address_is_link(scheme: str) -> None:
    [item] = minutes(f"bob: {scheme}://x.org/a the page")["items"]
    assert (item["type"], item["url"], item["suffix"]) == ("link", f"{scheme}://x.org/a", " the page")


@pytest.mark.parametrize("line", ["HTTP://x.org", "see https://x.org", "gopher://x.org", "https:x"])
def test_other_lines_with_address_are_no_link(line: str) -> None:
    assert texts(f"bob: {line}") == []


@pytest.mark.parametrize(
    ("argument", "prefix", "url", "suffix"),
    [
        ("https://x.org/a", "", "https://x.org/a", ""),
        ("see https://x.org/a. Later", "see ", "https://x.org/a", ". Later"),
        ("(https://x.org/a)", "(", "https://x.org/a", ")"),
        ("two https://x.org https://y.org", "two ", "https://x.org", " https://y.org"),
        ("etherpad of today", "", "etherpad", " of today"),
        ("ssh://x.org/a(b)c", "", "ssh://x.org/a(b)c", ""),
    ],
)
def test_link_is_split_around_first_address(argument: str, prefix: str, url: str, suffix: str) -> None:
    [item] = minutes(f"bob: #link {argument}")["items"]
    assert (item["prefix"], item["url"], item["suffix"], item["text"]) == (prefix, url, suffix, argument)


def test_empty_link_is_refused() -> None:
    assert texts("bob: #link", "bob: #link  ") == []


def test_action_lines_are_counted_and_never_commands() -> None:
    found = minutes("* bob #info x", "* bob https://x.org", "bob: * bob #info x")
    assert found["items"] == []
    assert found["people"] == {"alice": 1, "bob": 3}
    assert found["log_lines"] == 4


def test_items_know_line_time_and_topic() -> None:
    found = minutes("bob: #info a", "alice: #topic One", "bob: #info b", "alice: #topic Two", "bob: hm", "bob: #idea c")
    rows = [(i["text"], i["line"], i["time"], i["under_topic"]) for i in found["items"]]
    assert rows == [
        ("a", 2, "14:00:01", None),
        ("One", 3, "14:00:02", None),
        ("b", 4, "14:00:03", "One"),
        ("Two", 5, "14:00:04", None),
        ("c", 7, "14:00:06", "Two"),
    ]
    assert found["topics"] == [
        {"text": "One", "nick": "alice", "time": "14:00:02", "line": 3},
        {"text": "Two", "nick": "alice", "time": "14:00:04", "line": 5},
    ]
    assert found["channel_topics"] == ["One (Meeting topic: Infra)", "Two (Meeting topic: Infra)"]


@pytest.mark.parametrize("cleared", ["", " none", " unset", " NONE"])
def test_meeting_topic_is_changed_and_cleared(cleared: str) -> None:
    board = ("alice: #meetingtopic Board", "alice: #topic A")
    found = minutes(*board, f"alice: #meetingtopic{cleared}", "alice: #topic B")
    assert found["channel_topics"] == ["A (Meeting topic: Board)", "B"]
    assert found["meeting_topic"] is None
    assert minutes("bob: #meetingtopic X")["meeting_topic"] == "Infra"


@pytest.mark.parametrize(
    ("typed", "name"), [("OpenStack TC", "openstack_tc"), ("a/../b", "a____b"), ("Ünï-1", "_n__1"), ("X", "x")]
)
def test_meeting_name_has_safe_characters_only(typed: str, name: str) -> None:
    assert minutes(start=f"#startmeeting {typed}")["meeting_name"] == name
    assert minutes(f"alice: #meetingname {typed}")["meeting_name"] == name
    assert minutes(f"bob: #meetingname {typed}")["meeting_name"] == "infra"


@pytest.mark.parametrize("line", ["#StartMeeting x", "#startmeetingx", "#startmeeting", "# startmeeting x"])
def test_meeting_starts_in_lower_case_with_name(line: str) -> None:
    assert replay(f"14:00 <alice> {line}\n".encode(), Source("2024-11-20.log")) == []


def test_second_start_is_refused() -> None:
    found = minutes("bob: #startmeeting Other", "alice: #endmeeting")
    assert (found["owner"], found["meeting_topic"], found["started"]) == ("alice", "Infra", "2024-11-20T14:00:00Z")


def test_chairs_are_split_sorted_and_known() -> None:
    found = minutes("alice: #chair bob, Zoe carol,,dave", "alice: #unchair carol, dave", "bob: #topic x")
    assert found["chairs"] == ["Zoe", "alice", "bob"]
    assert found["people"] == {"alice": 3, "bob": 1, "carol": 0, "dave": 0, "Zoe": 0}
    assert [topic["nick"] for topic in found["topics"]] == ["bob"]


def test_owner_never_loses_chair() -> None:
    found = minutes("alice: #chair bob", "bob: #unchair alice bob", "alice: #topic x", "bob: #topic y")
    assert found["chairs"] == ["alice"]
    assert [topic["text"] for topic in found["topics"]] == ["x"]


def test_only_chairs_give_chair() -> None:
    assert minutes("bob: #chair bob")["chairs"] == ["alice"]


def test_nick_makes_people_known() -> None:
    found = minutes("bob: #nick carol dave", "bob: #action carol brings tea")
    assert found["people"] == {"bob": 2, "alice": 1, "carol": 0, "dave": 0}
    assert found["actions_by_nick"] == {"carol": ["carol brings tea"]}


def test_undo_by_chair_removes_last_item() -> None:
    found = minutes("bob: #info a", "bob: #info b", "alice: #undo", "alice: #undo", "alice: #undo", "bob: #info c")
    assert [(item["text"], item["line"]) for item in found["items"]] == [("c", 7)]


def test_undo_of_topic_goes_back() -> None:
    found = minutes("alice: #topic One", "alice: #topic Two", "alice: #undo", "bob: #info x")
    assert [item["under_topic"] for item in found["items"]] == [None, "One"]
    assert found["channel_topics"] == [f"{text} (Meeting topic: Infra)" for text in ("One", "Two", "One")]


def test_author_undoes_own_last_item_only() -> None:
    found = minutes("bob: #info a", "carol: #info b", "bob: #undo", "bob: #undo", "dave: #undo")
    assert [item["text"] for item in found["items"]] == ["b"]


def test_vote_counts_last_vote_of_each() -> None:
    found = minutes(
        "bob: #startvote No? a, b",
        "alice: #startvote Tea? Really? yes, no, Maybe",
        "alice: #startvote Other? x",
        "bob: #vote YES ",
        "carol: #vote maybe",
        "carol: #vote perhaps",
        "bob: #vote no",
        "bob: #endvote",
        "alice: #endvote",
    )
    [item] = found["items"]
    assert item["question"] == "Tea? Really?"
    assert item["results"] == {"yes": 0, "no": 1, "Maybe": 1}
    assert item["voters"] == {"yes": [], "no": ["bob"], "Maybe": ["carol"]}
    assert item["text"] == 'Voted on "Tea? Really?" Results are, yes: 0, no: 1, Maybe: 1'
    assert (item["type"], item["nick"], item["line"]) == ("vote", "alice", 10)


@pytest.mark.parametrize(
    ("typed", "options"),
    [
        ("Ship it? (+1, 0, -1)", ["+1", "0", "-1"]),
        ("Ship it?", ["Yes", "No"]),
        ("Ship it? a/b;c_d", ["a", "b", "c_d"]),
        ("Ship it? yes, Yes, no", ["yes", "no"]),
    ],
)
def test_vote_options_are_split(typed: str, options: list[str]) -> None:
    [item] = minutes(f"alice: #startvote {typed}", f"bob: #vote {options[0]}", "alice: #endvote")["items"]
    assert [*item["results"]] == options
    assert item["voters"][options[0]] == ["bob"]


def test_vote_without_question_is_refused() -> None:
    assert texts("alice: #startvote tea or coffee", "alice: #endvote") == []


def test_lurk_gives_no_topic_but_items() -> None:
    found = minutes("alice: #lurk", "alice: #topic A", "alice: #unlurk", "alice: #topic B")
    assert [topic["text"] for topic in found["topics"]] == ["A", "B"]
    assert found["channel_topics"] == ["B (Meeting topic: Infra)"]


def test_restricted_by_chairs_only() -> None:
    assert minutes("alice: #restrictlogs")["restricted"] is True
    assert minutes("bob: #restrictlogs")["restricted"] is False


def test_save_keeps_meeting_open() -> None:
    found = minutes("alice: #save", "bob: #info x")
    assert (found["is_over"], found["ended"]) == (False, None)


@pytest.mark.parametrize(("minute", "over"), [(59, False), (60, True), (75, True)])
def test_anybody_ends_after_sixty_minutes(minute: int, over: bool) -> None:
    at = f"{14 + minute // 60}:{minute % 60:02}:00"
    log = f"14:00:00 <alice> #startmeeting x\n{at} <bob> #endmeeting\n"
    [meeting] = replay(log.encode(), Source(day=None, name="2024-11-20.log"))
    assert meeting.is_over is over


def test_planned_length_moves_the_hour() -> None:
    log = "14:00 <alice> #startmeeting Long one 90m\n15:10 <bob> #endmeeting\n15:30 <bob> #endmeeting\n"
    [meeting] = replay(log.encode(), Source("2024-11-20.log"))
    assert meeting.meeting_topic == "Long one"
    assert f"{meeting.ended:%H:%M}" == "15:30"


@pytest.mark.parametrize("name", ["Sprint 30", "Release 2024", "A 5m long thing"])
def test_number_in_name_is_no_length(name: str) -> None:
    assert minutes(start=f"#startmeeting {name}")["meeting_topic"] == name


NICKS = ["mhu[m]", "^bar", "üñï", "jo", "jo-anne", "a|b", "x`", "{z}"]


@pytest.mark.parametrize("nick", NICKS)
@pytest.mark.parametrize("form", ["{} writes", "ask {}", "{}: please", "with {}, now", "(@{})", "{}"])
def test_action_finds_every_kind_of_nick(nick: str, form: str) -> None:
    if form == "(@{})" and nick == "{z}":
        form = "@{}"
    text = form.format(nick.upper())
    found = minutes(*(f"{each}: hi" for each in NICKS), f"alice: #action {text}")
    assert found["actions_by_nick"] == {nick: [text]}
    assert found["actions_unassigned"] == []


@pytest.mark.parametrize(
    "text", ["joanne writes", "jo-ann writes", "see https://x.org/jo", "-jo", "jo_", "[jo]", "https://jo.org/ jok"]
)
def test_action_ignores_parts_of_words(text: str) -> None:
    found = minutes("jo: hi", f"alice: #action {text}")
    assert found["actions_by_nick"] == {}
    assert found["actions_unassigned"] == [text]
    assert found["actions"] == [text]


def test_action_of_two_people_is_listed_twice() -> None:
    found = minutes("bob: hi", "Carol: hi", "bob: #action bob and carol meet", "bob: #action nobody")
    assert found["actions_by_nick"] == {"bob": ["bob and carol meet"], "Carol": ["bob and carol meet"]}
    assert found["actions_unassigned"] == ["nobody"]


def test_bot_is_logged_but_not_counted() -> None:
    found = minutes(
        "zbot: Meeting started Wed Nov 20 14:00:01 2024 UTC and is due to finish in 60 minutes.  The chair is alice.",
        "zbot: https://x.org",
        "bob: #action zbot restarts",
    )
    assert found["bot_nick"] == "zbot"
    assert found["people"] == {"alice": 1, "bob": 1}
    assert found["log_lines"] == 4
    assert [item["line"] for item in found["items"]] == [4]
    assert found["actions_unassigned"] == ["zbot restarts"]


def test_off_the_record_line_counts_without_text() -> None:
    found = minutes("bob: [off] #info secret", "bob: #info open")
    assert [(item["text"], item["line"]) for item in found["items"]] == [("open", 3)]
    assert found["people"]["bob"] == 2
