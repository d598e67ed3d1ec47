"""Logs of all styles become the same minutes."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

from ptgbot import cli
from ptgbot.meetings.minutes import minutes_of
from ptgbot.meetings.replay import NoDay, Source, replay

GREETING = "Meeting started Wed Nov 20 14:00:01 2024 UTC and is due to finish in 60 minutes.  The chair is mhu[m]."
SAID = [
    ("14:00:00", "mhu[m]", "#startmeeting Infra"),
    ("14:00:01", "bot", GREETING),
    ("14:00:20", "bob", "#info <b>tests</b> are green"),
    ("14:00:30", "*bob", "waves"),
    ("14:01:00", "mhu[m]", "#endmeeting"),
]


def meetbot(at: str, nick: str, text: str) -> str:
    return f"{at} * {nick[1:]} {text}" if nick[0] == "*" else f"{at} <{nick}> {text}"


def irssi(at: str, nick: str, text: str) -> str:
    return f"{at}  * {nick[1:]} {text}" if nick[0] == "*" else f"{at} <@{nick}> {text}"


def weechat(at: str, nick: str, text: str) -> str:
    name, said = (" *", f"{nick[1:]} {text}") if nick[0] == "*" else (f"@{nick}", text)
    return f"2024-11-20 {at}\t{name}\t{said}"


def znc(at: str, nick: str, text: str) -> str:
    return f"[{at}] * {nick[1:]} {text}" if nick[0] == "*" else f"[{at}] <{nick}> {text}"


def dated(at: str, nick: str, text: str) -> str:
    return f"2024-11-20T{at} {meetbot('', nick, text).strip()}"


NOISE = {
    meetbot: ["", "14:00:02 *** carol joined", "nonsense", "14:00:03 -!- x has quit"],
    irssi: ["--- Log opened Wed Nov 20 13:00:00 2024", "14:00 -!- carol [c@x] has joined #infra"],
    weechat: ["2024-11-20 14:00:02\t-->\tcarol (c@x) has joined #infra", "2024-11-20 14:00:03\t--\tMode #infra"],
    znc: ["[14:00:02] *** Joins: carol (c@x)", "[14:00:03] *** ChanServ sets mode: +o bob"],
    dated: ["2024-11-20T14:00:02 -!- carol has joined"],
}


@pytest.mark.parametrize("style", NOISE)
def test_every_style_gives_same_minutes(style: object) -> None:
    assert callable(style)
    [head, *rest] = [style(*row) for row in SAID]
    noise = NOISE[style]
    log = "\r\n".join([noise[0], head, *noise, *rest])
    [meeting] = replay(log.encode(), Source())
    assert minutes_of(meeting) == minutes_of(replay("\n".join(meetbot(*r) for r in SAID).encode(), Source())[0])
    assert minutes_of(meeting)["people"] == {"mhu[m]": 2, "bob": 2}
    assert minutes_of(meeting)["bot_nick"] == "bot"


def day_of(log: str, **known: object) -> str:
    [meeting] = replay(log.encode(), Source(**known))  # type: ignore[arg-type]
    return f"{meeting.started:%Y-%m-%d}"


PLAIN = "14:00 <a> #startmeeting x\n14:01 <bot> {}\n14:02 <a> #endmeeting\n"


def test_day_comes_from_argument_name_or_greeting() -> None:
    greeted = PLAIN.format(GREETING)
    assert day_of(greeted, day=date(2001, 2, 3), name="x.2002-03-04.log") == "2001-02-03"
    assert day_of(greeted, name="x.2002-03-04-14.00.log.txt") == "2002-03-04"
    assert day_of(greeted, name="#x.20020304.log") == "2002-03-04"
    assert day_of(greeted, name="x.log") == "2024-11-20"
    assert day_of(PLAIN.format("Meeting started 2024-11-21 14:00:00 UTC: x")) == "2024-11-21"
    with pytest.raises(NoDay, match="--date"):
        day_of(PLAIN.format("hi"))


def test_clock_that_goes_back_is_next_day() -> None:
    log = "23:59:50 <a> #startmeeting x\n00:00:10 <a> #info late\n00:10 <a> #endmeeting\n"
    [meeting] = replay(log.encode(), Source("2024-12-31.log"))
    assert minutes_of(meeting)["ended"] == "2025-01-01T00:10:00Z"
    assert minutes_of(meeting)["items"][0]["time"] == "00:00:10"  # type: ignore[index,call-overload]


def test_several_meetings_in_one_log() -> None:
    one = "14:00 <a> #startmeeting x\n14:01 <bot> {}\n14:05 <a> #endmeeting\n14:06 <b> #info between\n"
    log = one.format(GREETING) + one.format(GREETING.replace("Nov 20", "Nov 27"))
    found = [minutes_of(meeting) for meeting in replay(log.encode(), Source())]
    assert [row["started"] for row in found] == ["2024-11-20T14:00:00Z", "2024-11-27T14:00:00Z"]
    assert [row["log_lines"] for row in found] == [3, 3]


def test_irssi_day_lines_are_heeded() -> None:
    log = "--- Log opened Tue Nov 19 09:00:00 2024\n14:00 <a> hi\n--- Day changed Wed Nov 20 2024\n" + PLAIN.format("x")
    assert day_of(log) == "2024-11-20"


def test_latin_one_and_odd_separators_stay_in_line() -> None:
    log = b"14:00 <a> #startmeeting x\n14:01 <a> #info caf\xe9\n" + "14:02 <a> #info a\u2028b\x0bc\n".encode()
    [meeting] = replay(log, Source("2024-11-20.log"))
    assert [item.text for item in meeting.ordered] == ["café", "a\u2028b\x0bc"]


def test_bot_nick_can_be_told() -> None:
    [meeting] = replay(PLAIN.format("hello").encode(), Source("2024-11-20", bot_nick="bot"))
    assert minutes_of(meeting)["people"] == {"a": 2}


def test_program_prints_json_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "infra.2024-11-20-14.00.log.txt"
    log.write_text("\n".join(meetbot(*row) for row in SAID), "utf-8")
    assert cli.main(["meetings", "replay", str(log), str(log), "--json", "--network", "libera"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert json.loads(lines[0])["network"] == "libera"
    assert json.loads(lines[0])["log_lines"] == 5
    assert cli.main(["meetings", "replay", str(log)]) == 0
    assert re.search(r"INFO: <b>tests</b> are green \(bob\)", capsys.readouterr().out)


def test_program_names_log_without_meeting(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "x.log"
    log.write_text("14:00 <a> hi\n", "utf-8")
    assert cli.main(["meetings", "replay", str(log)]) == 2
    assert "there is no meeting in it" in capsys.readouterr().err
    log.write_text("14:00 <a> #startmeeting x\n", "utf-8")
    assert cli.main(["meetings", "replay", str(log)]) == 2
    assert "--date" in capsys.readouterr().err
    assert cli.main(["meetings", "replay", str(tmp_path / "missing")]) != 0
    assert "missing" in capsys.readouterr().err


def test_program_says_wrong_day(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        cli.main(["meetings", "replay", str(tmp_path), "--date", "tomorrow"])
