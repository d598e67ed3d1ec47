"""Words that people say and that are no commands: each leads to the command that is meant, or to none."""

from __future__ import annotations

import pytest

from ptgbot.chat.commands import Form
from ptgbot.gathering import FEATURE
from ptgbot.own import COMMANDS
from ptgbot.testing import Chat


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("#nova cancel", "Did you mean #nova clean or #nova unbook?"),
        ("+find mira", "Did you mean +seen?"),
        ("+whereis mira", "Did you mean +where?"),
        ("~remove nova", "Did you mean ~del?"),
        ("#nova colro", "Did you mean #nova color?"),
    ],
)
def test_synonym_leads_to_its_command(event: Chat, line: str, hint: str) -> None:
    assert hint in event.op(line)[0]


@pytest.mark.parametrize("line", ["~unbook nova", "~close Aspen", "#nova advise", "+vanish"])
def test_nothing_is_suggested_that_was_not_meant(event: Chat, line: str) -> None:
    assert "Did you mean" not in event.op(line)[0]


def test_no_synonym_is_a_command_of_its_form() -> None:
    commands = (*FEATURE.commands, *COMMANDS)
    for form in Form:
        words = {word for one in commands if one.form is form for word in one.words}
        assert not words & {word for one in commands if one.form is form for word in one.synonyms}
