from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptgbot.chat.commands import Call, Command, Decision, Form, Typed, find_command, parse, say, suggestion
from ptgbot.chat.message import Done, Reply, Role
from ptgbot.store.edits import ABSENT, Edit, Tree


@pytest.mark.parametrize(
    ("line", "typed"),
    [
        ("+in lobby", Typed("+", "in", "lobby")),
        ("~NewDay", Typed("~", "newday", "")),
        ("#Nova now x", Typed("#", "nova", "now x")),
        ("#3d now x", Typed("#", "3d", "now x")),
        ("#nova: now x", Typed("#", "nova", "now x")),
        ("#nova, hello", Typed("#", "nova", "hello")),
        ("+é", Typed("+", "é", "")),
    ],
)
def test_possible_command_line_is_read(line: str, typed: Typed) -> None:
    assert parse(line) == typed


@pytest.mark.parametrize(
    "line",
    [
        *(
            "",
            "+",
            "~",
            "#",
            "+ in",
            "~ newday",
            "# x",
            "+1",
            "+1 from me",
            "~20 people",
            "#!",
            "#-",
            "##nova",
            "++",
            "+-1",
        ),
        *("hello", "in lobby", "!in", "/in", "nova: +in", "~/bin", "~~", "+!", "#…"),
    ],
)
def test_impossible_command_line_is_not_read(line: str) -> None:
    assert parse(line) is None


@given(st.text())
def test_any_line_can_be_read(line: str) -> None:
    typed = parse(line)
    assert typed is None or (line[0] == typed.prefix and typed.word == typed.word.lower())


def _decide(_tree: Tree, _call: Call[None]) -> Decision:
    return say("x")


def test_command_is_found_by_name_and_alias() -> None:
    command: Command[None] = Command("clean", Form.TRACK, Role.MODERATOR, "", "", "", _decide, ("clear",))
    assert find_command([command], Form.TRACK, "clean") is find_command([command], Form.TRACK, "clear") is command
    assert find_command([command], Form.ADMIN, "clean") is None
    assert command.words == ("clean", "clear")


def test_decision_keeps_its_iterables_as_tuples() -> None:
    edit = Edit(["a"], ABSENT, 1)
    assert Decision([edit], [Done()]) == Decision((edit,), (Done(),))
    assert say("hello") == Decision(answers=[Reply("hello")])


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("inn", " Did you mean +in?"),
        ("qqq", ""),
        ("sen", " Did you mean +seen?"),
        ("find", " Did you mean +seen?"),
        ("advanec", " Did you mean +advance?"),
        ("cancel", ""),
        ("a" * 100_000, ""),
    ],
)
def test_slips_and_synonyms_are_suggested(word: str, hint: str) -> None:
    names = [("in", ()), ("seen", ("find",)), ("tracks", ()), ("advance", ())]
    known = [Command(name, Form.USER, Role.ATTENDEE, "", "", "", _decide, (), more) for name, more in names]
    assert suggestion(word, known, "+") == hint
