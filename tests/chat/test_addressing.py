"""Lines that name the bot first, and bots that answer one another."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ptgbot.chat.addressing import FORGET_FROM, Addressed, said_to
from ptgbot.chat.message import Message, Reply, Role
from ptgbot.feature import load_features
from ptgbot.router import Router
from ptgbot.store.edits import Tree
from ptgbot.store.history import History, Log
from ptgbot.testing import CHANNEL, START, Chat, person


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ptgbot: now", "now"),
        ("PTGbot:now", "now"),
        ("ptgbot, help", "help"),
        (" ptgbot :) nice", None),
        ("ptgbot", ""),
        ("ptgbot?", ""),
        ("@ptgbot", ""),
        ("@ptgbot now nova", "now nova"),
        ("@ptgbot: now", "now"),
        ("ptgbot help", "help"),
        ("ptgbot now", None),
        ("ptgbot is away", None),
        ("ptgbot2: now", None),
        ("thanks, ptgbot", None),
        ("now ptgbot:", None),
        ("", None),
        ("@ptgbot:example.org: now", "now"),
    ],
)
def test_line_to_the_bot_begins_with_its_name(line: str, said: str | None) -> None:
    assert said_to(line, ["ptgbot", "@ptgbot:example.org", ""]) == said


def test_marked_name_needs_no_colon() -> None:
    assert said_to("The Bot now nova", ["The Bot"], mentioned=True) == "now nova"
    assert said_to("The Bots now", ["The Bot"], mentioned=True) is None


def test_whoever_goes_on_is_no_longer_heard() -> None:
    addressed = Addressed(most=3, within=timedelta(seconds=60))
    taken = [addressed.admits("#c", "bot", START + timedelta(seconds=n)) for n in range(100)]
    assert taken.count(True) == 3
    assert addressed.admits("#c", "mira", START)
    assert addressed.admits("#d", "bot", START)
    assert addressed.admits("#c", "bot", START + timedelta(seconds=200))


def test_silent_speakers_are_forgotten() -> None:
    addressed = Addressed()
    for number in range(FORGET_FROM + 2):
        addressed.admits("#c", f"p{number}", START)
    addressed.admits("#c", "late", START + timedelta(hours=1))
    assert len(addressed._lately) == 1


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("ptgbot: tracks", "2 tracks: cinder nova"),
        ("ptgbot, now nova", "#nova: nothing now."),
        ("ptgbot: +now nova?", "#nova: nothing now."),
        ("ptgbot: #nova", "#nova: nothing now."),
        ("ptgbot: where is nova?", "#nova has no room today."),
        ("ptgbot: you are great", "Type +help for what you can ask me here: "),
        ("ptgbot: ~newdya", "There is no command ~newdya. Did you mean ~newday?"),
        ("ptgbot: help seen", "+seen NAME – "),
        ("ptgbot: in lobby", "You are checked in at lobby."),
    ],
)
def test_line_by_name_is_answered_as_in_private(chat: Chat, line: str, answer: str) -> None:
    chat.op("~add nova cinder")
    [said] = chat(line)
    assert said.startswith(answer)


def test_track_command_by_name_works_in_its_room(chat: Chat) -> None:
    chat.op("~add nova")
    assert chat("ptgbot: #nova now quotas") == []
    assert chat.done
    assert chat("+now nova") == ["#nova: now quotas."]


def test_name_alone_gets_help(chat: Chat) -> None:
    assert chat("ptgbot") == chat("+help")


def test_line_by_name_is_bounded_without_the_name() -> None:
    router = Router(load_features(), {}, longest_line=20)
    state: Tree = {feature.name: feature.empty() for feature in load_features()}
    for said, long in (("+in " + "x" * 16, False), ("+in " + "x" * 17, True)):
        message = Message(START, CHANNEL, person("mira"), Role.ATTENDEE, f"ptgbot: {said}", said=said)
        found = router.decide(state, message, History(Log()))
        assert found
        [answer] = found[1].answers
        assert isinstance(answer, Reply)
        assert ("make it shorter" in answer.text) is long
