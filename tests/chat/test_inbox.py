"""The inbox over a real store: order, batches, bounds, failed writes, messages that come again."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

from ptgbot.chat.commands import Ask, Decision, Fetch, Fetched
from ptgbot.chat.inbox import FAILED, NOT_SAVED, Inbox, Result, Verdict
from ptgbot.chat.message import Announce, Answer, Cursor, Done, Mark, Message, Reach, Reply, Role, Target, Tell
from ptgbot.service import Service
from ptgbot.store.record import Batch
from ptgbot.testing import CHANNEL, START, person
from tests.plain_bot import close, files, prepare, service


class Bot:
    """An inbox and what came out of it."""

    def __init__(self, folder: Path, **more: Any) -> None:
        prepare(folder)
        self.service: Service = service(folder)
        self.answers: list[tuple[str, Answer]] = []
        self.fetches: list[tuple[Message, Fetch]] = []
        self.inbox = Inbox(self.service.core, self._release, self._asked, **more)

    def _asked(self, message: Message, _feature: str, wanted: Ask) -> None:
        assert isinstance(wanted, Fetch)
        self.fetches.append((message, wanted))

    def _release(self, message: Message, answers: Sequence[Answer]) -> None:
        self.answers += [(message.person.nick, answer) for answer in answers]

    @property
    def texts(self) -> list[tuple[str, str]]:
        return [(nick, answer.text) for nick, answer in self.answers if isinstance(answer, Reply)]

    async def work(self) -> None:
        task = asyncio.create_task(self.inbox.run())
        await self.inbox.idle()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    def type(self, text: str, by: str = "mira", role: Role = Role.ADMIN, **more: Any) -> bool:
        return self.inbox.put(attrs.evolve(Message(START, CHANNEL, person(by), role, text), **more))

    @property
    def tree(self) -> Any:
        return self.service.core.state.committed["gathering"]


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Bot]:
    made = Bot(tmp_path)
    yield made
    close(made.service)


async def test_second_booking_of_a_slot_in_batch_loses(bot: Bot) -> None:
    bot.type("#nova book Aspen-MonA1", "mira")
    bot.type("#cinder book Aspen-MonA1", "olga")
    seq = bot.service.core.state.seq
    await bot.work()
    assert bot.service.core.state.seq == seq + 1
    assert bot.texts[0] == ("mira", "Aspen-MonA1 is booked for #nova.")
    assert bot.texts[1][1].startswith("Aspen-MonA1 is taken by #nova.")
    assert bot.tree["schedule"]["Aspen"]["MonA1"] == "nova"


async def test_every_kind_of_answer_is_remembered(bot: Bot) -> None:
    hall = Target("matrix", "!hall:example.org")
    said: list[Answer] = [Reply("a"), Done(), Tell("olga", "b"), Reach(), Announce("c"), Announce("d", hall)]
    message = Message(START, CHANNEL, person("mira"), Role.ADMIN, "+in lobby", id="$1")
    verdict = Verdict(message, "gathering", Decision(answers=said))
    await bot.service.core.commit([verdict], {}, [verdict])
    assert bot.service.core.known(message) == said
    assert bot.service.core.known(attrs.evolve(message, id="$2")) is None


async def test_answers_come_in_the_order_of_the_questions(bot: Bot) -> None:
    for number in range(200):
        bot.type(f"+in place {number}", f"guest{number}")
    await bot.work()
    assert [nick for nick, _ in bot.texts] == [f"guest{number}" for number in range(200)]


async def test_no_answer_leaves_before_the_write(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    store = files(bot.service)
    append = store.journal.append

    def slow(line: bytes) -> None:
        seen.append(len(bot.answers))
        append(line)

    monkeypatch.setattr(type(store.journal), "append", lambda _self, line: slow(line))
    bot.type("#nova now x")
    bot.type("+now nova")
    await bot.work()
    assert seen == [0]
    assert len(bot.answers) == 2


async def test_question_sees_earlier_change_of_same_batch(bot: Bot) -> None:
    bot.type("#nova now scheduling")
    bot.type("+now nova")
    await bot.work()
    assert bot.texts[-1] == ("mira", "#nova: now scheduling.")


def _full(_handle: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


async def test_full_disk_refuses_changes_but_answers_questions(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    bot.type("#nova now before")
    await bot.work()
    bot.answers.clear()
    before = dict(bot.tree)
    with monkeypatch.context() as patch:
        patch.setattr(files(bot.service).journal, "sync", _full)
        bot.type("#nova now after", "mira")
        bot.type("+now nova", "olga")
        bot.type("hello")
        await bot.work()
    assert bot.texts == [("mira", NOT_SAVED), ("olga", "#nova: now before.")]
    assert bot.tree == before
    assert bot.service.core.state.working["gathering"] == before
    assert (bot.inbox.saved, bot.inbox.failures) == (False, 0)
    bot.type("#nova now after", "mira")
    await bot.work()
    assert bot.tree["now"]["nova"] == "after"


async def test_undo_works_within_a_batch_and_not_twice(bot: Bot) -> None:
    bot.type("#nova now a")
    bot.type("~undo")
    bot.type("~undo")
    await bot.work()
    assert bot.tree["now"] == {}
    assert bot.texts[-1][1] == "There is nothing left to undo in #gathering."


async def test_failed_write_leaves_no_history(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(files(bot.service).journal, "sync", _full)
        bot.type("#nova now a")
        await bot.work()
    bot.type("~undo")
    await bot.work()
    assert bot.texts[-1][1] == "There is nothing left to undo in #gathering."


async def test_unsaved_batch_still_fetches_documents(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files(bot.service).journal, "sync", _full)
    bot.type("#nova book Aspen-MonA1", "mira")
    bot.type("~fetchdb https://example.org/ptg.json", "olga")
    await bot.work()
    assert bot.texts == [("mira", NOT_SAVED)]
    assert len(bot.fetches) == 1


async def test_unsaved_batch_promises_no_second_booking(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files(bot.service).journal, "sync", _full)
    bot.type("#nova book Aspen-MonA1", "mira")
    bot.type("#cinder book Aspen-MonA1", "olga")
    await bot.work()
    assert bot.texts == [("mira", NOT_SAVED), ("olga", NOT_SAVED)]


async def test_two_hundred_lines_of_one_person_wait(bot: Bot) -> None:
    assert sum(bot.type("+now nova", "flooder") for _ in range(300)) == 200
    assert bot.type("+now nova", "neighbour")


async def test_flood_of_one_person_is_bounded(tmp_path: Path) -> None:
    """The person is told once, and nobody else is stopped."""
    bot = Bot(tmp_path, per_person=10)
    taken = [bot.type("+now nova", "flooder") for _ in range(10_000)]
    assert taken.count(True) == 10
    assert bot.inbox.dropped == 9_990
    bot.type("+now cinder", "olga")
    await bot.work()
    assert [nick for nick, text in bot.texts if "faster than I can read" in text] == ["flooder"]
    assert bot.texts[-1][0] == "olga"
    assert bot.type("+now nova", "flooder")
    close(bot.service)


async def test_the_whole_inbox_is_bounded(tmp_path: Path) -> None:
    bot = Bot(tmp_path, bound=50)
    assert [bot.type("+now nova", f"guest{n}") for n in range(60)].count(True) == 50
    close(bot.service)


async def test_failing_command_is_answered_and_next_one_works(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    decide = bot.service.core.router.decide

    def failing(state: Any, message: Message, *rest: Any) -> Any:
        if "boom" in message.text:
            raise RuntimeError("boom")
        return decide(state, message, *rest)

    monkeypatch.setattr(type(bot.service.core.router), "decide", lambda _self, *arguments: failing(*arguments))
    bot.type("#nova now boom")
    bot.type("#nova now fine")
    await bot.work()
    assert bot.texts == [("mira", FAILED), *bot.texts[1:]]
    assert bot.tree["now"] == {"nova": "fine"}
    assert bot.inbox.failures == 1


async def test_repeated_message_changes_nothing_and_repeats_answer(bot: Bot) -> None:
    bot.type("#nova next a", id="$1")
    bot.type("#nova next a", id="$1")
    await bot.work()
    first = list(bot.answers)
    bot.answers.clear()
    bot.type("#nova next a", id="$1")
    await bot.work()
    assert bot.tree["next"] == {"nova": ["a"]}
    assert bot.answers == first
    assert len(first) > 0


@pytest.mark.parametrize("full_disk", [False, True])
async def test_repeated_answers_keep_order_of_messages(
    bot: Bot, full_disk: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 4):
        bot.type(f"+in place {number}", f"guest{number}", id=f"${number}")
    await bot.work()
    bot.answers.clear()
    if full_disk:
        monkeypatch.setattr(files(bot.service).journal, "sync", _full)
    for number in range(1, 6):
        bot.type(f"+in place {number}", f"guest{number}", id=f"${number}")
    await bot.work()
    assert [nick for nick, _ in bot.texts] == [f"guest{number}" for number in range(1, 6)]


async def test_redelivery_is_known_after_a_restart(tmp_path: Path) -> None:
    bot = Bot(tmp_path)
    bot.type("#nova book Aspen-MonA1", id="$1")
    await bot.work()
    first = list(bot.answers)
    close(bot.service)
    again = Bot.__new__(Bot)
    again.service, again.answers, again.fetches = service(tmp_path), [], []
    again.inbox = Inbox(again.service.core, again._release, lambda *_: None)
    again.type("#nova book Aspen-MonA1", id="$1")
    await again.work()
    assert again.answers == first
    again.inbox.put(Cursor("irc", "s5"))
    await again.work()
    again.type("#nova book Aspen-MonA1", id="$1")
    await again.work()
    assert again.service.core.state.cursors == {"irc": "s5"}
    assert "has Aspen-MonA1 already" in again.texts[-1][1]
    close(again.service)


async def test_cursor_drops_passed_messages_and_keeps_others(bot: Bot) -> None:
    bot.type("+in a", id="$1")
    bot.inbox.put(Cursor("irc", "s1"))
    bot.type("+in b", id="$2")
    await bot.work()
    assert list(bot.service.core.state.handled["irc"]) == ["$2"]


async def test_a_late_cursor_drops_only_what_it_names(tmp_path: Path) -> None:
    """An adapter holds its cursor back until answers have left; meanwhile more is handled."""
    bot = Bot(tmp_path)
    bot.type("+in a", id="$1")
    await bot.work()
    bot.type("+in b", id="$2")
    bot.inbox.put(Cursor("irc", "s1", frozenset({"$0"})))
    bot.inbox.put(Cursor("irc", "s2", frozenset({"$1"})))
    await bot.work()
    assert list(bot.service.core.state.handled["irc"]) == ["$2"]
    bot.inbox.put(Cursor("irc", "s3", frozenset({"$x"})))
    await bot.work()
    close(bot.service)
    again = service(tmp_path)
    assert list(again.core.state.handled["irc"]) == ["$2"]
    assert again.core.state.cursors == {"irc": "s3"}
    close(again)


async def test_mark_passes_when_earlier_answers_are_out(bot: Bot) -> None:
    seen: list[int] = []
    bot.type("+in a", id="$1")
    bot.inbox.put(Mark("irc", lambda: seen.append(len(bot.answers))))
    bot.type("+in b", id="$2")
    await bot.work()
    assert seen == [2]


async def test_mark_waits_for_fetch_unless_without_network(bot: Bot) -> None:
    passed: list[str] = []
    bot.type("~fetchdb https://example.org/ptg.json", id="$1")
    bot.inbox.put(Mark("irc", lambda: passed.append("irc")))
    bot.inbox.put(Mark("", lambda: passed.append("any")))
    await bot.work()
    assert passed == ["any"]
    ((message, _wanted),) = bot.fetches
    bot.inbox.put(Result(message, Fetched(error="it is gone.")))
    await bot.work()
    assert passed == ["any", "irc"]


async def test_message_waiting_for_fetch_is_not_handled(bot: Bot) -> None:
    """After a crash in between the server sends the command again, and it must not be taken for done."""
    bot.type("~fetchdb https://example.org/ptg.json", id="$1")
    await bot.work()
    assert bot.service.core.state.handled == {}
    bot.type("~fetchdb https://example.org/ptg.json", id="$1")
    await bot.work()
    ((message, wanted),) = bot.fetches
    bot.inbox.put(Result(message, Fetched(value=wanted.read(b"{}"))))
    await bot.work()
    assert list(bot.service.core.state.handled["irc"]) == ["$1"]


async def test_first_subscription_in_channel_opens_private_way(bot: Bot) -> None:
    """The person will be told things in private later."""
    bot.type("+subscribe nova", id="$1")
    bot.type("+subscribe cinder")
    bot.type("+subscribe swift", "olga", private=True)
    await bot.work()
    assert [answer for _, answer in bot.answers if isinstance(answer, Reach)] == [Reach()]
    bot.answers.clear()
    bot.type("+subscribe nova", id="$1")
    await bot.work()
    assert [type(answer) for _, answer in bot.answers] == [Reply, Reach]


async def test_a_fetched_document_comes_back_to_its_command(bot: Bot) -> None:
    bot.type("~fetchdb https://example.org/ptg.json")
    await bot.work()
    ((message, wanted),) = bot.fetches
    assert wanted.url == "https://example.org/ptg.json"
    bot.inbox.put(Result(message, Fetched(value=wanted.read(b'{"tracks": ["glance"]}'))))
    await bot.work()
    assert bot.tree["tracks"] == {"glance": True}
    assert bot.texts == [("mira", "Loaded https://example.org/ptg.json; changed: tracks (3). ~undo takes it back.")]


async def test_forgetting_in_the_middle_of_a_batch(bot: Bot) -> None:
    bot.type("+in lobby", "zoltan", Role.ATTENDEE)
    bot.type("+forget me", "zoltan", Role.ATTENDEE)
    bot.type("+seen zoltan", "olga", Role.ATTENDEE)
    await bot.work()
    assert bot.tree["last_check_in"] == {}
    assert bot.texts[-2:] == [
        ("zoltan", "Everything about you is removed."),
        ("olga", "zoltan has not checked in so far."),
    ]


async def test_conversation_is_never_answered_nor_written(bot: Bot) -> None:
    seq = bot.service.core.state.seq
    for text in ("hello", "+1", "~20 people", "#hashtag in a sentence", "", " ", "#!"):
        bot.type(text)
    await bot.work()
    assert bot.answers == []
    assert bot.service.core.state.seq == seq


async def test_message_of_100000_characters_is_refused_politely(bot: Bot) -> None:
    bot.type("#nova now " + "x" * 100_000)
    bot.type("#nova now " + "🎉" * 490)
    await bot.work()
    assert bot.texts[0][1].startswith("That line has 100010 characters")
    assert bot.tree["now"]["nova"] == "🎉" * 490


async def test_names_that_can_t_be_written_spoil_nothing(bot: Bot) -> None:
    bot.type("+in lobby", "bad\ud800nick")
    bot.type("+in lobby", "olga")
    await bot.work()
    assert [nick for nick, _ in bot.texts] == ["bad\ufffdnick", "olga"]
    assert set(bot.tree["last_check_in"]) == {"bad\ufffdnick", "olga"}


async def test_batch_that_cannot_be_encoded_is_reverted(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_self: Any) -> dict[str, Any]:
        raise TypeError("no JSON")

    with monkeypatch.context() as patch:
        patch.setattr(Batch, "to_json", broken)
        bot.type("#nova now x")
        await bot.work()
    assert bot.texts == [("mira", NOT_SAVED)]
    working: Any = bot.service.core.state.working["gathering"]
    assert bot.tree["now"] == working["now"] == {}


async def test_inbox_fault_stops_only_one_batch(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(type(bot.service.core), "commit", lambda *_: 1 / 0)
        bot.type("#nova now x")
        await bot.work()
    assert bot.inbox.failures == 1
    working: Any = bot.service.core.state.working["gathering"]
    assert working["now"] == {}
    bot.type("#nova now y")
    await bot.work()
    assert bot.tree["now"] == {"nova": "y"}
