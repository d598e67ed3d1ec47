"""Each fault of a library that we work around is still there; a test that fails says that the work-around can go.

The page ``docs/workarounds.rst`` names each of them, with the place of the work-around.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from textwrap import dedent
from typing import Any

import nio
import pydle
import pytest
from nio.events.invite_events import InviteMemberEvent
from pydle.connection import Connection
from pydle.features import ircv3, rfc1459
from pydle.features.ircv3.tags import TaggedMessage
from pydle.features.tls import TLSSupport

# mypy: allow-untyped-calls

PAGE = (Path(__file__).parents[2] / "docs/workarounds.rst").read_text(encoding="utf-8")


async def test_pydle_lets_lines_overtake() -> None:
    seen: list[bytes] = []

    class Slow(pydle.BasicClient):
        async def on_raw(self, message: Any) -> None:
            if b"first" in message:
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            seen.append(message)

        def _has_message(self) -> bool:
            return bool(self._receive_buffer)

        def _parse_message(self) -> bytes:
            line, _, self._receive_buffer = bytes(self._receive_buffer).partition(b"\n")
            return line

    await Slow("a").on_data(b"first\nsecond\n")
    for _ in range(10):
        await asyncio.sleep(0)
    assert seen == [b"second", b"first"]


async def test_pydle_misreads_capabilities_in_several_lines() -> None:
    asked: list[Any] = []

    class Client(ircv3.IRCv3Support):
        async def on_capability_account_tag_available(self, value: Any) -> bool:
            asked.append(value)
            return True

        async def rawmsg(self, command: str, *args: str, **kwargs: Any) -> None:
            asked.append((command, *args))

    await Client("a").on_raw_cap_ls(["*", "account-tag"])
    assert asked == [("CAP", "END")]


def test_pydle_undoes_escapes_twice() -> None:
    """An escaped backslash before an s is a backslash and an s, and no space."""
    parsed = TaggedMessage.parse(rb"@account=a\\s :x!y@z PRIVMSG #a :b" + b"\r\n")
    assert parsed.tags["account"] != "a\\s"


def test_pydle_does_not_verify_certificates() -> None:
    assert inspect.signature(TLSSupport._connect).parameters["tls_verify"].default is False


async def test_pydle_fails_at_long_line() -> None:
    connection = Connection("localhost", 1)
    connection.reader = asyncio.StreamReader(limit=16)
    connection.reader.feed_data(b"x" * 64 + b"\n")
    with pytest.raises(ValueError, match="limit"):
        await connection.recv(timeout=5)


def test_pydle_only_adds_names() -> None:
    assert not removes(rfc1459.RFC1459Support.on_raw_353)
    assert "users" in inspect.getsource(rfc1459.RFC1459Support.on_raw_353)


def removes(function: Callable[..., Any]) -> bool:
    """Say whether a function takes something out of a collection, or replaces one of channels' lists of users."""
    nodes = ast.walk(ast.parse(dedent(inspect.getsource(function))))
    called = [node.func for node in nodes if isinstance(node, ast.Call)]
    methods = {one.attr for one in called if isinstance(one, ast.Attribute)}
    return bool(methods & {"remove", "discard", "clear", "pop", "difference_update"})


def test_nio_empties_invitations() -> None:
    given = {
        "type": "m.room.member",
        "sender": "@a:x",
        "state_key": "@b:x",
        "content": {"membership": "invite"},
    }
    InviteMemberEvent.parse_event(given)
    assert "content" not in given


def test_nio_keeps_levels_of_former_lists() -> None:
    levels = nio.events.room_events.PowerLevels(users={"@a:x": 100})
    levels.update(nio.events.room_events.PowerLevels(users={}))
    assert levels.users == {"@a:x": 100}


def test_nio_sleeps_inside_the_call() -> None:
    assert nio.AsyncClientConfig().max_limit_exceeded is None
    assert "asyncio.sleep(retry_after_ms" in inspect.getsource(nio.AsyncClient._send)


def test_every_fault_has_a_test() -> None:
    """``nio-shared`` needs a homeserver; its test is beside the code."""
    named = re.findall(r"^``((?:pydle|nio)-\w+)``$", PAGE, re.MULTILINE)
    source = Path(__file__).read_text(encoding="utf-8")
    assert len(named) == len(re.findall(r"def test_(?:pydle|nio)_", source)) + 1


@pytest.mark.parametrize("name", ["pydle", "matrix-nio"])
def test_page_names_the_tested_version(name: str) -> None:
    section = PAGE.partition(f"{name}\n{'-' * len(name)}\n")[2]
    assert re.search(r"Seen in ([\d.]+)\.\n", section)[1] == version(name)  # type: ignore[index]
