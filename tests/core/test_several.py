"""Several commands in one message, with inbox, journal and restarts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ptgbot.chat.inbox import NOT_SAVED
from ptgbot.chat.message import Announce, Done, Message, Reply, Role
from ptgbot.core.several import MOST_COMMANDS
from ptgbot.store.record import Cause
from ptgbot.testing import CHANNEL, START, person
from tests.chat.test_inbox import Bot, _full
from tests.plain_bot import close, files


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Bot]:
    made = Bot(tmp_path)
    yield made
    close(made.service)


def texts(bot: Bot) -> list[str]:
    """Return the commands on record, the newest first."""
    return [record.text for record in bot.service.core.state.log.newest() if record.kind is Cause.COMMAND]


async def test_each_line_with_command_counts(bot: Bot) -> None:
    bot.type("#nova now two\n#nova next lines", id="$1")
    await bot.work()
    assert (bot.tree["now"]["nova"], bot.tree["next"]["nova"]) == ("two", ["lines"])
    hint = "#nova has no room today. #nova location TEXT says where it meets, #nova book a room."
    assert [answer for _, answer in bot.answers] == [Reply(hint)]
    assert texts(bot) == ["#nova next lines", "#nova now two"]


async def test_answers_are_gathered_into_one(bot: Bot) -> None:
    bot.type("#nova color red\n+in hall\n#nova clean\n#nova nonsense", id="$1")
    await bot.work()
    first, done = [answer for _, answer in bot.answers]
    assert isinstance(first, Reply)
    assert [item.split()[0] for item in first.items] == ["You", "“nonsense”"]
    assert first.text == " | ".join(first.items)
    assert done == Done()
    assert bot.service.core.known(Message(START, CHANNEL, person("x"), Role.ADMIN, "", id="$1")) == [first, done]


async def test_other_lines_continue_a_command(bot: Bot) -> None:
    bot.type("Hello all,\n#nova now live\nmigration (+1)\n\n+in hall", id="$1")
    await bot.work()
    assert bot.tree["now"]["nova"] == "live migration (+1)"
    assert bot.tree["last_check_in"]["mira"]["location"] == "hall"


async def test_undo_takes_back_each_line(bot: Bot) -> None:
    bot.type("#nova now one\n#nova next two", id="$1")
    bot.type("~undo", id="$2")
    await bot.work()
    assert (bot.tree["now"]["nova"], bot.tree["next"].get("nova")) == ("one", None)
    bot.type("~undo", id="$3")
    await bot.work()
    assert bot.tree["now"].get("nova") is None


async def test_repeated_message_changes_nothing(bot: Bot) -> None:
    for _ in range(3):
        bot.type("#nova next a\n#nova next b\n+in hall", id="$1")
        await bot.work()
    assert bot.tree["next"]["nova"] == ["a", "b"]
    assert bot.answers[0] == bot.answers[1] == bot.answers[2]
    assert len(texts(bot)) == 3


async def test_failed_write_answers_message_once(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files(bot.service).journal, "sync", _full)
    bot.type("#nova now one\n#nova next two\n+tracks", id="$1")
    bot.type("+now nova\n+tracks", id="$2")
    await bot.work()
    refused, asked = [text for _, text in bot.texts]
    assert refused == NOT_SAVED
    assert asked == "#nova: nothing now. | 2 tracks: cinder nova"


async def test_private_lines_need_no_sign(bot: Bot) -> None:
    bot.type("in hall\nout", id="$1", private=True)
    await bot.work()
    assert bot.tree["last_check_in"]["mira"]["out"]


@pytest.mark.parametrize("alone", ["+forget me", "~fetchdb https://example.org/x.json"])
async def test_some_commands_must_stand_alone(bot: Bot, alone: str) -> None:
    bot.type(f"+in hall\n{alone}", id="$1")
    await bot.work()
    ((_, text),) = bot.texts
    assert f"Please type “{alone}” in a message of its own." in text
    assert bot.tree["last_check_in"]["mira"]["location"] == "hall"
    assert bot.fetches == []


async def test_too_many_commands_change_nothing(bot: Bot) -> None:
    bot.type("\n".join(["+in hall"] * (MOST_COMMANDS + 1)), id="$1")
    await bot.work()
    assert bot.tree["last_check_in"] == {}
    assert f"may have {MOST_COMMANDS} commands" in bot.texts[0][1]


async def test_failure_of_one_line_reverts_all(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    decide = bot.service.core.router.__class__._decide

    def failing(self: Any, state: Any, message: Message, *more: Any) -> Any:
        if "boom" in message.text:
            raise RuntimeError("broken")
        return decide(self, state, message, *more)

    monkeypatch.setattr(bot.service.core.router.__class__, "_decide", failing)
    bot.type("#nova now one\n#nova next boom", id="$1")
    await bot.work()
    assert bot.tree["now"] == {}
    assert len(bot.texts) == 1
    assert not any(isinstance(answer, Announce) for _, answer in bot.answers)
