"""The example feature, typed at: every part of the contract that needs no server."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from ptgbot_coffee import FEATURE
from ptgbot_coffee.settings import CoffeeSettings

from ptgbot.chat.commands import Deliver
from ptgbot.chat.message import Role, Target, Tell
from ptgbot.feature import AnyFeature, load_features
from ptgbot.testing import CHANNEL, Chat, person

EVERYTHING: list[AnyFeature] = [*load_features(), FEATURE]


@pytest.fixture
def alone() -> Chat:
    return Chat([FEATURE])


def test_the_bot_works_with_the_example_alone(alone: Chat) -> None:
    assert alone("+coffee") == ["There is no fresh coffee that I know of. #brew POT PLACE tells of one."]
    alone("#brew blue lobby")
    assert alone.done
    assert alone("+coffee") == ["Fresh coffee: blue in lobby."]
    assert alone("+help brew")[0].startswith("#brew POT PLACE – Tell everybody")
    assert alone.op("~log") == ["mira, 09:07, #gathering: #brew blue lobby"]
    assert alone.op("~undo")[0].startswith("Taken back: “#brew blue lobby”")
    assert alone("+tracks") == ["There is no command +tracks. +help lists them all."]


def test_undo_reverts_newest_command_of_any_feature() -> None:
    chat = Chat(EVERYTHING)
    chat.op("~add nova")
    chat("#nova now Cells")
    chat("#brew blue lobby")
    assert chat.op("~undo") == ["Taken back: “#brew blue lobby” (mira, 09:08, #gathering)."]
    assert chat.op("~undo") == ["Taken back: “#nova now Cells” (mira, 09:07, #gathering)."]


def test_undo_of_a_track_leaves_other_features_alone() -> None:
    chat = Chat(EVERYTHING)
    chat.op("~add nova")
    chat("#nova now Cells")
    chat("#brew blue lobby")
    assert chat("#nova undo") == ["Taken back: “#nova now Cells” (mira, 09:07, #gathering)."]
    assert chat("+coffee") == ["Fresh coffee: blue in lobby."]


def test_undo_skips_features_off_in_the_room() -> None:
    chat = Chat(EVERYTHING)
    chat("#brew blue lobby")
    only = attrs.evolve(CHANNEL, features=frozenset({"gathering"}))
    assert chat.op("~undo", room=only) == ["There is nothing left to undo in #gathering."]


@pytest.mark.parametrize("word", ["brew", "throw", "coffee", "undo", "startmeeting"])
def test_words_of_features_cannot_name_a_track(word: str) -> None:
    chat = Chat(EVERYTHING)
    (answer,) = chat.op(f"~add {word}")
    assert word in answer
    assert not chat.edits


def test_word_of_a_disabled_feature_names_a_track() -> None:
    chat = Chat()
    chat.op("~add brew")
    assert chat("+tracks") == ["1 track: brew"]


def test_subscribers_hear_the_news_of_every_feature() -> None:
    chat = Chat(EVERYTHING)
    chat("+subscribe #coffee", by="tomas")
    chat("#brew blue lobby")
    assert chat.answers[-1] == Tell("tomas", "#coffee blue lobby")


def test_an_effect_is_fixed_with_its_rooms() -> None:
    chat = Chat([FEATURE], {"coffee": CoffeeSettings(tell=("irc #hall", "matrix !r:example.org"))})
    chat("#brew blue lobby")
    assert chat.decision
    rooms = (Target("irc", "#hall"), Target("matrix", "!r:example.org"))
    until = (chat.at + timedelta(minutes=45)).isoformat(timespec="seconds")
    assert chat.decision.deliver == (Deliver("say", rooms, "Fresh coffee: blue in lobby.", f"blue {until}"),)


def test_an_admin_command_needs_an_operator(alone: Chat) -> None:
    alone("#brew blue lobby")
    assert alone("~throw blue") == ["~throw is for the operators of #gathering; ask one of them."]
    assert alone("~throw blue", role=Role.ADMIN) == ["The pot blue is removed. ~undo brings it back."]


@pytest.mark.parametrize("line", ["#brew", "#brew blue", "#brew <b> lobby", "#brew blue " + "x" * 200])
def test_odd_input_gets_a_sentence_and_changes_nothing(alone: Chat, line: str) -> None:
    (answer,) = alone(line)
    assert answer.endswith(".")
    assert not alone.edits


def test_forgetting_a_person_removes_who_brewed(alone: Chat) -> None:
    alone("#brew blue lobby", by="Runa")
    assert FEATURE.forget(alone.tree, {}, person("Runa")).places == [("pots", "blue", "by")]
