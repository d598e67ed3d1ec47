"""Listening sockets."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from ptgbot.serving import is_address
from ptgbot.web.sockets import close, listening


@pytest.mark.parametrize("good", ["127.0.0.1:0", "[::1]:8000", "localhost:80", "unix:/run/x.sock"])
def test_address_is_recognized(good: str) -> None:
    assert is_address(good)


@pytest.mark.parametrize("bad", ["8000", ":8000", "x:", "x:65536", "unix:", "unix:relative", "x:-1", "x:٣"])
def test_other_texts_are_no_address(bad: str) -> None:
    assert not is_address(bad)


async def test_taken_address_names_itself() -> None:
    [first] = await listening("127.0.0.1:0")
    with pytest.raises(OSError, match=r"cannot listen on 127\.0\.0\.1:\d+: address already in use"):
        await listening(f"127.0.0.1:{first.getsockname()[1]}", patience=0.2)
    first.close()


async def test_unix_socket_of_killed_bot_is_replaced(tmp_path: Path) -> None:
    address = f"unix:{tmp_path / 'web'}"
    [left] = await listening(address)
    left.close()
    bound = await listening(address)
    assert (tmp_path / "web").stat().st_mode & 0o777 == 0o666
    with socket.socket(socket.AF_UNIX) as reader:
        reader.connect(str(tmp_path / "web"))
    with pytest.raises(OSError, match="address already in use"):
        await listening(address, patience=0)
    close(bound)
    assert not (tmp_path / "web").exists()


async def test_file_is_never_replaced_by_socket(tmp_path: Path) -> None:
    (tmp_path / "web").write_text("mine")
    with pytest.raises(OSError, match="in use"):
        await listening(f"unix:{tmp_path / 'web'}", patience=0)
    assert (tmp_path / "web").read_text() == "mine"
