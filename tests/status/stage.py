"""Configurations of whole programs with the status, and what people on real servers see."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, cast

from attrs import define

from tests.features.installed import stored
from tests.servers.irc_servers import IrcPerson, IrcServer
from tests.servers.programs import free_port

PATIENCE: Final = 60.0
"""Seconds that a test waits for a condition."""
HEAD: Final = """\
[state]
path = "ptg.json"

[site]
output = "html"
listen = "127.0.0.1:{web}"

[status]
trusted = {trusted}
{more}
"""
IRC: Final = """
[[irc]]
name = "{name}"
server = "{host}"
port = {port}
tls = false
channels = {channels}
messages_per_second = {pace}
burst = 4
confirm_pause = 0
retry_first = 0.1
"""
MATRIX: Final = """
[[matrix]]
name = "mx"
homeserver = "{url}"
user = "@ptgbot:localhost"
password_file = "password"
encryption = false
rooms = {rooms}
invite_pause = 0
rejoin_interval = 1.0
retry_first = 0.1
"""


def head(trusted: Sequence[str], more: str = "") -> str:
    """Return the tables of the state, the site and the status."""
    return HEAD.format(web=free_port(), trusted=list(trusted), more=more)


def irc(name: str, server: IrcServer, channels: Sequence[str], pace: float) -> str:
    """Return the table of an IRC network."""
    return IRC.format(name=name, host=server.host, port=server.port, channels=list(channels), pace=pace)


def configure(folder: Path, *parts: str) -> Path:
    """Write a configuration."""
    config = folder / "ptgbot.toml"
    config.write_text("".join(parts).replace("'", '"'), "utf-8")
    return config


async def until(condition: Callable[[], bool], what: Callable[[], object] = lambda: "") -> None:
    """Wait until something holds."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"it never came: {what()}") from None


async def record_of(folder: Path) -> dict[str, Any]:
    """Return the status' part of the state, as it is on the disk."""
    return cast("dict[str, Any]", (await stored(folder)).committed["status"])


@define(eq=False)
class Topics:
    """The topics of channels, as somebody in them sees them."""

    person: IrcPerson

    def of(self, channel: str) -> str:
        """Return the topic that the server told last."""
        marks = (f" TOPIC {channel} :", f" 332 {self.person.nick} {channel} :")
        found = [line for line in self.person.lines if any(mark in line for mark in marks)]
        return found[-1].partition(f"{channel} :")[2] if found else ""

    async def set(self, channel: str, text: str) -> None:
        """Set a topic. InspIRCd refuses two within the same second (437), so try again."""
        while True:
            self.person.send(f"TOPIC {channel} :{text}")
            if f"TOPIC {channel} :{text}" in await self.person.wait(f"TOPIC {channel} :{text}", f" {channel} :Retry"):
                return
            await asyncio.sleep(0.3)

    async def ask(self, channels: Sequence[str]) -> dict[str, str]:
        """Ask the server for topics."""
        for channel in channels:
            self.person.send(f"TOPIC {channel}")
        await self.person.settle()
        return {channel: self.of(channel) for channel in channels}

    async def become(self, wanted: dict[str, str]) -> None:
        """Wait until channels have these topics."""
        def wrong() -> dict[str, str]:
            return {channel: self.of(channel) for channel, topic in wanted.items() if self.of(channel) != topic}

        await until(lambda: not wrong(), wrong)
        assert await self.ask([*wanted]) == wanted
