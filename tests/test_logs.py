"""What is logged: no secrets, nothing that fools a terminal."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from ptgbot import logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    made = io.StringIO()
    logs.configure(as_json=True, stream=made)
    yield made
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_secrets_are_never_shown(stream: io.StringIO) -> None:
    structlog.get_logger().warning("login", password="canary", access_token="canary", nick="mira")
    entry = json.loads(stream.getvalue())
    assert "canary" not in stream.getvalue()
    assert entry["nick"] == "mira"
    assert entry["event"] == "login"


def test_control_characters_are_removed_from_log(stream: io.StringIO) -> None:
    structlog.get_logger().warning("typed \x1b[2J\x07", text="a\rb")
    assert "\\u001b" not in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


def test_the_standard_library_s_events_come_along(stream: io.StringIO) -> None:
    logging.getLogger("pydle").warning("plain %s", "event")
    assert json.loads(stream.getvalue())["event"] == "plain event"


def test_exception_is_logged_with_traceback(stream: io.StringIO) -> None:
    try:
        int("boom")
    except ValueError:
        structlog.get_logger().exception("failed")
    assert "ValueError: invalid literal" in json.loads(stream.getvalue())["exception"]


def test_people_on_a_terminal_get_lines() -> None:
    made = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure(as_json=False, stream=made)
    structlog.get_logger().warning("hello", room="#c")
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    assert "hello" in made.getvalue()
    assert not made.getvalue().startswith("{")


def test_tracebacks_on_a_terminal_hide_local_variables() -> None:
    made = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure(as_json=False, stream=made)
    try:
        _fail("canary")
    except ValueError:
        structlog.get_logger().exception("failed")
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    assert "ValueError: wrong" in made.getvalue()
    assert "canary" not in made.getvalue().replace('_fail("canary")', "")


def _fail(password: str) -> None:
    raise ValueError(f"wrong{password[:0]}")
