"""Tells systemd how the service is doing: ready, reloading, stopping, alive (sd_notify(3))."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Mapping
from typing import Final

from attrs import frozen

_MICRO: Final = 1_000_000


@frozen
class Supervisor:
    """The supervisor that started this process; without one nothing is told."""

    address: str = ""
    """Path of its datagram socket; ``@`` begins an abstract one."""
    watchdog: float = 0.0
    """Seconds within which it wants a sign of life, 0 if it does not watch."""

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> Supervisor:
        """Return the supervisor that the environment names."""
        ours = environment.get("WATCHDOG_PID") in (None, str(os.getpid()))
        wanted = environment.get("WATCHDOG_USEC", "") if ours else ""
        seconds = int(wanted) / _MICRO if wanted.isdigit() else 0.0
        return cls(environment.get("NOTIFY_SOCKET", ""), seconds)

    def ready(self, text: str) -> None:
        """Tell that the service works, and a word about it."""
        self._tell("READY=1", f"STATUS={text}")

    def reloading(self) -> None:
        """Tell that the configuration is being read; :meth:`ready` ends that."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """Tell that the service ends."""
        self._tell("STOPPING=1")

    async def keep_alive(self) -> None:
        """Give a sign of life twice as often as wanted, without end. The event loop gives it, so it must be running."""
        while self.watchdog:
            self._tell("WATCHDOG=1")
            await asyncio.sleep(self.watchdog / 2)

    def _tell(self, *lines: str) -> None:
        if not self.address:
            return
        address = f"\0{self.address[1:]}" if self.address.startswith("@") else self.address
        # A supervisor that has gone must not end the bot.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
            one.setblocking(False)
            one.sendto("\n".join(lines).encode(), address)
