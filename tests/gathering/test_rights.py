"""Who may do what: role, voice flag, named moderators, accounts, features of a room, private messages."""

from __future__ import annotations

import pytest

from ptgbot.chat.commands import Form
from ptgbot.chat.message import Person, Role, Room
from ptgbot.gathering import FEATURE
from ptgbot.gathering.settings import GatheringSettings
from ptgbot.testing import CHANNEL, Chat, person
from tests.gathering.sample import load

NOBODY, VOICED, OPERATOR = Role.ATTENDEE, Role.MODERATOR, Role.ADMIN
NEEDS_VOICE = "Changing #nova needs +v or moderator rights in #gathering now; an operator there can give you those."
NEEDS_ACCOUNT = "Changing #nova needs a services account here: identify with the network's services and type it again."


@pytest.mark.parametrize(
    ("voice", "account_required", "account", "role", "refusal"),
    [
        (0, False, None, NOBODY, None),
        (0, False, None, VOICED, None),
        (0, False, None, OPERATOR, None),
        (1, False, None, NOBODY, NEEDS_VOICE),
        (1, False, "mira", NOBODY, NEEDS_VOICE),
        (1, False, None, VOICED, None),
        (1, False, None, OPERATOR, None),
        (0, True, None, NOBODY, NEEDS_ACCOUNT),
        (0, True, None, VOICED, NEEDS_ACCOUNT),
        (0, True, "mira", NOBODY, None),
        (0, True, None, OPERATOR, None),
        (1, True, None, VOICED, NEEDS_ACCOUNT),
        (1, True, "mira", NOBODY, NEEDS_VOICE),
        (1, True, "mira", VOICED, None),
        (1, False, "named", NOBODY, None),
        (1, True, "named", NOBODY, None),
        (1, False, "NAMED", NOBODY, None),
        (1, False, "of-nova", NOBODY, None),
        (1, False, "of-swift", NOBODY, NEEDS_VOICE),
        (1, False, "of-swift", VOICED, None),
    ],
)
def test_track_command_needs_the_right_role(
    voice: int, account_required: bool, account: str | None, role: Role, refusal: str | None
) -> None:
    chat = Chat(settings={"gathering": GatheringSettings(account_required=account_required)})
    moderators = {"named": [], "of-nova": ["nova", "cinder"], "of-swift": ["swift"]}
    load(chat, voice=voice, ptgbot={"moderators": moderators})
    assert chat("#nova now cells", person("mira", account), role) == ([refusal] if refusal else [])
    assert bool(chat.edits) is (refusal is None)


@pytest.mark.parametrize("who", [person("named"), person("named", "somebody"), Person("@named:evil.example", "named")])
def test_moderators_nick_without_account_gains_nothing(chat: Chat, who: Person) -> None:
    load(chat, voice=1, ptgbot={"moderators": {"named": [], "@named:one.example": []}})
    assert chat("#nova now cells", by=who) == [NEEDS_VOICE]


@pytest.mark.parametrize(
    "line",
    [
        *("#nova now x", "#nova next x", "#nova advance", "#nova drop 1", "#nova clean", "#nova clear"),
        *("#nova etherpad auto", "#nova url none", "#nova color red", "#nova location bar"),
        *("#nova book Aspen-MonA2", "#nova unbook Aspen-MonA1", "#nova undo"),
    ],
)
def test_every_changing_track_command_needs_voice(chat: Chat, line: str) -> None:
    load(chat, voice=1)
    assert chat(line) == [NEEDS_VOICE]
    assert chat.edits == ()


@pytest.mark.parametrize(
    ("line", "answer"),
    [("#nova", "#nova: nothing now, in Aspen."), ("#nova log", "No change of #nova is on record.")],
)
def test_questions_about_a_track_need_no_voice(chat: Chat, line: str, answer: str) -> None:
    load(chat, voice=1)
    assert chat(line) == [answer]


TYPED_IN = "Type it in a channel or room of the gathering; here, in private, only + commands work."
ADMIN_LINES = [command.example for command in FEATURE.commands if command.form is Form.ADMIN]


@pytest.mark.parametrize("line", ADMIN_LINES)
@pytest.mark.parametrize("role", [NOBODY, VOICED])
def test_admin_commands_are_for_operators(event: Chat, line: str, role: Role) -> None:
    word = line.split()[0]
    assert event(line, role=role) == [f"{word} is for the operators of #gathering; ask one of them."]
    assert event.edits == ()


def test_a_named_moderator_is_no_operator(chat: Chat) -> None:
    load(chat, ptgbot={"moderators": {"mira": []}})
    assert chat("~newday", by=person("mira", "mira")) == [
        "~newday is for the operators of #gathering; ask one of them."
    ]


# private


@pytest.mark.parametrize("role", [NOBODY, OPERATOR])
def test_private_admin_command_says_where_to_type(event: Chat, role: Role) -> None:
    assert event("~newday", role=role, private=True) == [f"~newday is for operators. {TYPED_IN}"]
    assert event.edits == ()


@pytest.mark.parametrize(
    ("line", "said"), [("#nova now x", "#nova now"), ("#nova", "#nova"), ("#Nova bogus", "#nova bogus")]
)
def test_private_track_command_says_where_to_type(event: Chat, line: str, said: str) -> None:
    assert event(line, role=OPERATOR, private=True) == [f"{said} is a track command. {TYPED_IN}"]
    assert event.edits == ()


@pytest.mark.parametrize("line", ["+in #nova", "in #nova", "IN nova", "#in #nova", "#IN nova"])
def test_private_user_command_works_without_prefix_too(event: Chat, line: str) -> None:
    assert event(line, private=True) == ["You are checked in at #nova. +out ends it."]


# features of a room


@pytest.mark.parametrize(
    "line", ["+in #nova", "#nova now x", "~newday", "+tracks", "~bogus", "#in nova", "#nvoa now x"]
)
def test_command_is_conversation_where_feature_is_off(event: Chat, line: str) -> None:
    assert event.op(line, room=Room("irc", "#off", "#off", frozenset({"elsewhere"}))) == []
    assert event.decision is None


def test_command_works_where_feature_is_named(event: Chat) -> None:
    room = Room("irc", "#on", "#on", frozenset({"gathering"}))
    assert event("+tracks", room=room) == ["3 tracks: cinder nova swift"]
    assert event("+tracks", room=CHANNEL) == ["3 tracks: cinder nova swift"]
