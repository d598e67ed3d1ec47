"""What the service manager is told (sd_notify(3))."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ptgbot.notify import Supervisor


@contextmanager
def listening(path: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        one.bind(path)
        one.settimeout(10)
        yield one


@pytest.mark.parametrize("abstract", [False, True])
def test_ready_reloading_and_stopping_are_told(tmp_path: Path, abstract: bool) -> None:
    name = f"@ptgbot-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    supervisor = Supervisor.of({"NOTIFY_SOCKET": name})
    with listening(f"\0{name[1:]}" if abstract else name) as one:
        supervisor.ready("works")
        assert one.recv(1000) == b"READY=1\nSTATUS=works"
        supervisor.reloading()
        assert one.recv(1000).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
        supervisor.stopping()
        assert one.recv(1000) == b"STOPPING=1"


async def test_signs_of_life_come_twice_as_often(tmp_path: Path) -> None:
    with listening(str(tmp_path / "notify")) as one:
        watched = {"WATCHDOG_USEC": "200000", "WATCHDOG_PID": str(os.getpid())}
        supervisor = Supervisor.of({"NOTIFY_SOCKET": str(tmp_path / "notify"), **watched})
        assert supervisor.watchdog == 0.2
        task = asyncio.create_task(supervisor.keep_alive())
        for _ in range(2):
            assert await asyncio.to_thread(one.recv, 100) == b"WATCHDOG=1"
        task.cancel()


def test_no_supervisor_and_a_gone_one_are_borne(tmp_path: Path) -> None:
    Supervisor.of({}).ready("works")
    Supervisor.of({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready("works")


def test_watchdog_of_another_process_is_not_ours() -> None:
    assert Supervisor.of({"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}).watchdog == 0
