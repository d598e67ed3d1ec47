"""What is typed reaches the core as a message; answers reach the terminal, and nothing else does."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ptgbot.chat.adapter import Colour, Undeliverable
from ptgbot.chat.heard import Heard, HeardKind
from ptgbot.chat.message import Kind, Message, Outgoing, Person, Role, Room
from ptgbot_console import ADAPTER, Console, ConsoleConfig
from ptgbot_console.console import make
from ptgbot_console.prompt import HELP

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DEMO = Room("console", "#demo", "#demo")
Session = Callable[..., Any]


async def messages(piped: Session, text: str | bytes, **config: Any) -> list[Message]:
    typist = piped(text, **config)
    typist.start()
    await typist.ends()
    found: list[Message] = typist.hub.messages
    return found


async def answered(piped: Session, *outgoing: Outgoing) -> str:
    typist = piped()
    typist.start()
    for one in outgoing:
        typist.console.send(one)
    text: str = await typist.everything()
    return text


def reply(text: str, private: bool = False) -> Outgoing:
    room = Room("console", "mira", "mira") if private else DEMO
    message = Message(NOON, room, Person("mira", "Mira"), Role.ATTENDEE, "+help", private)
    return Outgoing(Kind.REPLY, room.id, text, message)


async def test_plain_line_is_a_message_in_the_channel(piped: Session) -> None:
    assert await messages(piped, "#storage now Quotas\n") == [
        Message(NOON, DEMO, Person("you", "you"), Role.ATTENDEE, "#storage now Quotas")
    ]


async def test_the_last_line_needs_no_end(piped: Session) -> None:
    assert [m.text for m in await messages(piped, "one\r\ntwo")] == ["one", "two"]


async def test_empty_lines_are_no_messages(piped: Session) -> None:
    assert await messages(piped, "\n  \n\n") == []


async def test_other_person_keeps_spelling_and_has_folded_key(piped: Session) -> None:
    [message] = await messages(piped, "/as Mira\n+in #storage\n")
    assert message.person == Person("mira", "Mira")


async def test_keys_on_second_console_carry_its_name(piped: Session) -> None:
    [message] = await messages(piped, "/as Mira\nhello\n", first=False, name="desk")
    assert (message.person, message.room.network) == (Person("mira@desk", "Mira"), "desk")


async def test_rights_follow_the_person_and_the_moment(piped: Session) -> None:
    """A message carries the rights that its sender has when it is typed."""
    typed = "a\n/op\nb\n/as mira\nc\n/voice\nd\n/as You\ne\n/deop\nf\n/as mira\n/devoice\ng\n"
    assert [(m.text, m.role) for m in await messages(piped, typed)] == [
        ("a", Role.ATTENDEE),
        ("b", Role.ADMIN),
        ("c", Role.ATTENDEE),
        ("d", Role.MODERATOR),
        ("e", Role.ADMIN),
        ("f", Role.ATTENDEE),
        ("g", Role.ATTENDEE),
    ]


async def test_private_message_has_own_room_and_no_rights(piped: Session) -> None:
    first, second = await messages(piped, "/op\n/dm\nhelp\n/channel\nhelp\n")
    assert (first.private, first.room.id, first.role) == (True, "you", Role.ATTENDEE)
    assert (second.private, second.room.id, second.role) == (False, "#demo", Role.ADMIN)


async def test_double_slash_is_sent_as_single_slash(piped: Session) -> None:
    assert [m.text for m in await messages(piped, "//etc is full\n")] == ["/etc is full"]


async def test_actions_and_topics_are_heard(piped: Session) -> None:
    typist = piped("/dm\n/me hides\n/channel\n/op\n/me waves\n/topic  cells   now\n")
    typist.start()
    await typist.ends()
    you = Person("you", "you")
    assert typist.hub.heard == [
        Heard(NOON, HeardKind.ACTION, DEMO, you, Role.ADMIN, "waves"),
        Heard(NOON, HeardKind.TOPIC, DEMO, you, Role.ADMIN, "cells now"),
    ]
    assert typist.hub.messages == []
    assert typist.console.topic("#demo") == "cells now"


async def test_events_without_listener_are_not_handed_in(piped: Session) -> None:
    typist = piped("/me waves\n")
    typist.hub.listening = False
    typist.start()
    await typist.ends()
    assert typist.hub.heard == []


async def test_delivered_line_is_printed(piped: Session) -> None:
    typist = piped()
    await typist.console.deliver(Outgoing(Kind.ANNOUNCE, "#demo", "lunch"))
    await typist.says("[#demo] lunch\n")
    with pytest.raises(Undeliverable, match=r"^there is no room #other here, only #demo$"):
        await typist.console.deliver(Outgoing(Kind.ANNOUNCE, "#other", "lunch"))


async def test_a_topic_is_printed_kept_and_cut(piped: Session) -> None:
    typist = piped()
    assert (typist.console.topic("#demo"), typist.console.topic("#other")) == ("", None)
    await typist.console.set_topic("#demo", "é" * 300)
    shown = "é" * 193 + "…"
    assert typist.console.topic("#demo") == shown
    await typist.says(f"topic: {shown}\n")
    with pytest.raises(Undeliverable):
        await typist.console.set_topic("#other", "x")


def test_typing_person_is_the_only_member() -> None:
    console = Console(ConsoleConfig(nick="Mira"), True, -1, -1)
    assert console.members("#demo") == [Person("mira", "Mira")]
    assert console.members("#other") == []


async def test_quit_ends_console_before_end_of_input(piped: Session) -> None:
    typist = piped()
    typist.start()
    typist.type("one\n/quit\ntwo\n")
    await typist.ends()
    assert [m.text for m in typist.hub.messages] == ["one"]


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("/help", HELP),
        ("/halp", "The prompt has no /halp. Did you mean /help? Try /help."),
        ("/", "The prompt has no /. Try /help."),
        ("/as", "Type /as and one name of at most 30 letters, such as /as mira"),
        ("/as two names", "Type /as and one name of at most 30 letters, such as /as mira"),
        ("/as #storage", "Type /as and one name of at most 30 letters, such as /as mira"),
        ("/as " + "x" * 31, "Type /as and one name of at most 30 letters, such as /as mira"),
        ("/as mira", "You are mira now."),
        ("/op", "Now an operator of #demo."),
        ("/DM", "Now talking to the bot in private."),
        ("/\x1b[2J\x07", "The prompt has no /[2j. Try /help."),
    ],
)
async def test_prompt_commands_are_answered(piped: Session, typed: str, printed: str) -> None:
    typist = piped(f"{typed}\n")
    typist.start()
    await typist.ends()
    assert await typist.everything() == f"{printed}\n"
    assert typist.hub.messages == []


async def test_bytes_that_are_not_utf8_are_replaced(piped: Session) -> None:
    assert [m.text for m in await messages(piped, b"caf\xe9 \xff\n")] == ["caf\ufffd \ufffd"]


async def test_line_of_100_kilobytes_is_skipped(piped: Session) -> None:
    """The line after it is read."""
    typist = piped()
    typist.start()
    for _ in range(100):
        typist.type("x" * 1000)
        await asyncio.sleep(0)
    typist.type("\nnext\n")
    await asyncio.wait_for(typist.hub.came.wait(), 10)
    assert [m.text for m in typist.hub.messages] == ["next"]
    assert await typist.everything() == "That line is too long for a chat; it was left out.\n"


async def test_line_for_a_full_inbox_is_reported(piped: Session) -> None:
    typist = piped("one\n")
    typist.hub.full = True
    typist.start()
    await typist.ends()
    assert await typist.everything() == "That was too much at once; the line was left out.\n"


@pytest.mark.parametrize(
    ("outgoing", "printed"),
    [
        (reply("Quotas is on."), "[#demo] Mira: Quotas is on.\n"),
        (reply("Quotas is on.", private=True), "[private] Mira: Quotas is on.\n"),
        (Outgoing(Kind.TELL, "mira", "#storage now Quotas"), "[private] mira: #storage now Quotas\n"),
        (Outgoing(Kind.ANNOUNCE, "#demo", "Lunch!"), "[#demo] Lunch!\n"),
        (Outgoing(Kind.TOPIC, "#demo", "Quotas"), "[#demo] topic: Quotas\n"),
        (Outgoing(Kind.DONE, "#demo", "", reply("").message), "[#demo] Mira: done\n"),
        (reply("one\ntwo"), "[#demo] Mira: one\n[#demo] Mira: two\n"),
    ],
)
async def test_answer_names_its_recipient(piped: Session, outgoing: Outgoing, printed: str) -> None:
    assert await answered(piped, outgoing) == printed


@pytest.mark.parametrize("evil", ["\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\r", "\x08\x08", "\u202e", "\udcff"])
async def test_control_characters_never_reach_the_terminal(piped: Session, evil: str) -> None:
    tell = Outgoing(Kind.TELL, f"mi{evil}ra", f"a{evil}b")
    printed = await answered(piped, reply(f"a{evil}b"), tell)
    assert not {*printed} & {*"\x1b\x07\x9b\r\x08\u202e\udcff"}
    assert printed.count("\n") == 2


async def test_answers_still_come_after_end_of_input(piped: Session) -> None:
    typist = piped("+help\n")
    typist.start()
    await typist.ends()
    typist.console.send(reply("Here is help."))
    assert await typist.everything() == "[#demo] Mira: Here is help.\n"


async def test_unread_pipe_delays_nobody_and_is_bounded(piped: Session) -> None:
    typist = piped()
    typist.start()
    for _ in range(300):
        typist.console.send(reply("x" * 10_000))
    typist.type("hello\n")
    await asyncio.wait_for(typist.hub.came.wait(), 10)
    assert typist.console._screen.dropped > 150


async def test_closed_output_ends_the_console(piped: Session, descriptors: set[int]) -> None:
    typist = piped()
    typist.start()
    descriptors.remove(typist.paper)
    os.close(typist.paper)
    typist.console.send(reply("anybody?"))
    await typist.ends()
    await typist.console.drain()
    assert typist.console.health().colour is Colour.RED


async def test_files_serve_as_input_and_output(tmp_path: Path, piped: Session) -> None:
    (tmp_path / "in").write_text("/as mira\nhello\n" * 500)
    hub = piped().hub
    with (tmp_path / "in").open() as source, (tmp_path / "out").open("w") as target:
        console = Console(ConsoleConfig(), True, source.fileno(), target.fileno())
        await asyncio.wait_for(console.run(hub), 10)
        await console.drain()
    assert len(hub.messages) == 500
    assert (tmp_path / "out").read_text() == "You are mira now.\n" * 500


async def test_closed_standard_streams_end_the_console(piped: Session) -> None:
    hub = piped().hub
    console = Console(ConsoleConfig(), True, -1, -1)
    await asyncio.wait_for(console.run(hub), 10)
    console.send(reply("anybody?"))
    await console.drain()


async def test_answer_replaces_the_prompt_on_a_terminal(terminal: Session) -> None:
    typist = terminal()
    typist.start()
    await typist.says("you #demo> ")
    typist.type("/op\n")
    await typist.says("@you #demo> ")
    typist.printed = ""
    typist.console.send(reply("Quotas is on."))
    await typist.says("@you #demo> ")
    assert typist.printed == "\r\x1b[K[#demo] Mira: Quotas is on.\n@you #demo> "


async def test_ctrl_d_ends_session_on_its_own_line(terminal: Session) -> None:
    typist = terminal(nick="mira", channel="#morning")
    typist.start()
    await typist.says("mira #morning> ")
    typist.type("\x04")
    await typist.ends()
    await typist.says("> \n")


async def test_cancelling_leaves_nothing_behind(terminal: Session) -> None:
    before = asyncio.all_tasks()
    typist = terminal()
    running = typist.start()
    await typist.says("> ")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await typist.says("> \n")
    assert asyncio.all_tasks() == before
    assert not asyncio.get_running_loop().remove_reader(typist.console._source)


async def test_hangup_of_terminal_ends_the_console(terminal: Session, descriptors: set[int]) -> None:
    typist = terminal()
    typist.start()
    await typist.says("> ")
    descriptors.remove(typist.keys)
    os.close(typist.keys)
    await typist.ends()


@pytest.mark.parametrize(
    ("key", "first", "address"),
    [
        ("mira", True, "mira"),
        ("mira@desk", True, None),
        ("@mira:example.org", True, None),
        ("mira@desk", False, "mira"),
        ("mira", False, None),
        ("mira@oftc", False, None),
        ("@desk", False, None),
    ],
)
def test_key_gives_the_nick_as_address(key: str, first: bool, address: str | None) -> None:
    assert Console(ConsoleConfig(name="desk"), first, -1, -1).address(key) == address


def test_health_tells_whether_lines_are_read() -> None:
    assert Console(ConsoleConfig(), True, -1, -1).health().colour is Colour.YELLOW


@pytest.mark.parametrize("field", [{"name": ""}, {"channel": "demo"}, {"channel": "#a b"}, {"nick": "#you"}])
def test_invalid_configuration_is_refused(field: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(field))):
        ConsoleConfig(**field)


def test_kind_makes_console_on_standard_streams() -> None:
    assert ADAPTER.config is ConsoleConfig
    assert ADAPTER.make is make
    assert make(ConsoleConfig(), True).name == "console"


def test_closed_standard_streams_give_invalid_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.__stdin__", None)
    monkeypatch.setattr("sys.__stdout__", None)
    assert make(ConsoleConfig(), True)._source == -1
