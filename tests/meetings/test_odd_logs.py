"""Logs of real channels: days told in odd ways, lines that nobody said, lost beginnings and forgotten ends."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ptgbot.meetings.minutes import minutes_of
from ptgbot.meetings.replay import Source, replay

GREETING = "Meeting started Wed Nov 20 14:00:01 2024 UTC and is due to finish in 60 minutes.  The chair is alice."
HEXCHAT = """\ufeff**** BEGIN LOGGING AT Tue Nov 19 13:59:00 2024

Nov 19 13:59:00 *\tNow talking on #infra
Nov 19 13:59:00 *\tTopic for #infra is: Infra | https://example.org
Nov 19 13:59:01 *\tTopic for #infra set by alice (Mon Nov 11 10:00:00 2024)
Nov 20 14:00:00 <alice>\t#startmeeting Infra weekly
Nov 20 14:00:05 *\tbob (~bob@host.example) has joined
Nov 20 14:00:06 *\tChanServ gives voice to bob
Nov 20 14:00:07 *\tbob is now known as bobby
Nov 20 14:00:08 *\tcarol has quit (Ping timeout: 240 seconds)
Nov 20 14:00:09 *\talice has changed the topic to: x
Nov 20 14:00:10 *\tdave waves
Nov 20 14:00:11 -dave-\tpsst
Nov 20 14:00:12 <üñï>\t#info a
Nov 21 00:00:12 <alice>\t#endmeeting
**** ENDING LOGGING AT Thu Nov 21 00:00:30 2024

**** BEGIN LOGGING AT Thu Jan  2 09:00:00 2025

Jan 02 09:00:12 <alice>\t#startmeeting two
Jan 05 09:00:12 <alice>\t#endmeeting
"""


def minutes(log: str, **known: Any) -> list[dict[str, Any]]:
    return [dict(minutes_of(meeting)) for meeting in replay(log.encode(), Source(**known))]


def spans(log: str, **known: Any) -> list[tuple[str, str | None]]:
    """Return start and end of each meeting, to the minute."""
    return [(one["started"][:16], one["ended"] and one["ended"][:16]) for one in minutes(log, **known)]


def test_hexchat_log_knows_days_and_people() -> None:
    first, second = minutes(HEXCHAT)
    assert first["people"] == {"alice": 2, "dave": 1, "üñï": 1}
    assert first["log_lines"] == 4
    assert (first["started"], first["ended"]) == ("2024-11-20T14:00:00Z", "2024-11-21T00:00:12Z")
    assert (second["started"], second["ended"]) == ("2025-01-02T09:00:12Z", "2025-01-05T09:00:12Z")


def test_days_without_year_go_over_new_year() -> None:
    log = "Nov 20 14:00:00 <a>\t#startmeeting x\nDec 31 14:00:00 <a>\thi\nJan 01 14:00:00 <a>\t#endmeeting\n"
    assert spans(log, name="x-2023-11-20.log") == [("2023-11-20T14:00", "2024-01-01T14:00")]
    assert spans(log, day=date(2022, 11, 20)) == [("2022-11-20T14:00", "2023-01-01T14:00")]


@pytest.mark.parametrize(
    "line",
    [
        "14:01 * bob (~bob@host.example) has joined #infra",
        "14:01 * bob (~bob@host.example) Quit (Ping timeout)",
        "14:01 * Joins: bob (~bob@host.example)",
        "14:01 -!- bob [~bob@host.example] has joined #infra",
        "14:01 *** bob is now known as bobby",
        "[14:01:00] *** Quits: bob (~bob@host.example)",
        "2024-11-20 14:01:00\t--\tNotice(bob): psst",
        "14:01 -bob:#infra- psst",
    ],
)
def test_line_that_nobody_said_is_skipped(line: str) -> None:
    log = f"14:00 <a> #startmeeting x\n{line}\n14:02 <a> #endmeeting\n"
    assert minutes(log, day=date(2024, 11, 20))[0]["people"] == {"a": 2}


def test_day_that_changes_later_dates_earlier_lines() -> None:
    log = "23:58 <a> #startmeeting x\n--- Day changed Thu Nov 21 2024\n00:04 <a> #endmeeting\n"
    assert spans(log) == [("2024-11-20T23:58", "2024-11-21T00:04")]


def test_told_day_moves_all_days_of_log() -> None:
    irssi = "--- Log opened Tue Nov 19 09:00:00 2024\n14:00 <a> #startmeeting x\n--- Day changed Wed Nov 20 2024\n"
    irssi += "--- Day changed Thu Nov 21 2024\n15:00 <a> #endmeeting\n"
    weechat = "2024-11-19 14:00:00\ta\t#startmeeting x\n2024-11-21 15:00:00\ta\t#endmeeting\n"
    for log in (irssi, weechat):
        assert spans(log, day=date(2030, 1, 1)) == [("2030-01-01T14:00", "2030-01-03T15:00")]


def test_second_start_is_refused_while_meeting_runs() -> None:
    log = f"14:00:00 <alice> #startmeeting x\n14:00:01 <bot> {GREETING}\n14:01 <b> #startmeeting y\n"
    log += "14:01 <bot> Can't start another meeting.\n14:02 <alice> #endmeeting\n14:03 <alice> #startmeeting z\n"
    log += f"14:03:01 <bot> {GREETING}\n14:05 <alice> #endmeeting\n"
    found = minutes(log)
    assert [(one["meeting_topic"], one["log_lines"]) for one in found] == [("x", 5), ("z", 3)]


def test_second_greeting_begins_another_meeting() -> None:
    log = f"14:00:00 <alice> #startmeeting x\n14:00:01 <bot> {GREETING}\n14:01 <alice> #info one\n"
    log += f"14:05 <b> #startmeeting y\n14:05 <bot> {GREETING.replace('Nov 20', 'Nov 27')}\n14:06 <b> #endmeeting\n"
    found = minutes(log)
    assert [one["started"][:10] for one in found] == ["2024-11-20", "2024-11-27"]
    assert [one["is_over"] for one in found] == [False, True]


def test_forgotten_meeting_does_not_take_next_one() -> None:
    log = "--- Log opened Wed Nov 20 09:00:00 2024\n14:00 <a> #startmeeting x\n14:01 <a> #startmeeting refused\n"
    log += "--- Day changed Wed Nov 27 2024\n14:05 <b> #startmeeting y\n14:06 <b> #endmeeting\n"
    assert [one["meeting_topic"] for one in minutes(log)] == ["x", "y"]
    assert [one["is_over"] for one in minutes(log)] == [False, True]


def test_log_without_start_belongs_to_first_speaker() -> None:
    log = "14:01 <a> #topic t\n14:02 <b> #info x\n14:06 <b> #endmeeting\n14:07 <a> #endmeeting\n14:08 <a> bye\n"
    [one] = minutes(log, name="infra.2024-11-20-14.00.log.txt")
    assert (one["owner"], one["log_lines"], one["is_over"]) == ("a", 4, True)
    assert [item["text"] for item in one["items"]] == ["t", "x"]


@pytest.mark.parametrize("word", ["#link", "#action", "#info", "s/a", "#chair", "#startvote"])
@pytest.mark.timeout(30)
def test_line_of_100_kb_is_read_at_once(word: str) -> None:
    # A pattern whose steps grow with the square of the length would take minutes.
    log = f"14:00 <a> #startmeeting x\n14:01 <a> {word} {'a' * 100_000}\n14:02 <a> #endmeeting\n"
    assert minutes(log, day=date(2024, 11, 20))[0]["log_lines"] == 3
