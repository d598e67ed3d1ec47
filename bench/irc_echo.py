"""A bare pydle bot that echoes lines: the cost of IRC without a gathering.

Run it as ``python bench/irc_echo.py HOST PORT '#channel' [NICK]``. It ends with its standard input. Each line
that begins with ``echo`` is answered with ``NICK: `` and the rest, in the form of an answer of the bot.
"""

# mypy: allow-untyped-calls

from __future__ import annotations

import asyncio
import sys

import pydle


class Echo(pydle.MinimalClient):
    """Answers lines that begin with ``echo``."""

    RECONNECT_ON_ERROR = False

    async def on_channel_message(self, target: str, by: str, message: str) -> None:
        if by != self.nickname and message.startswith("echo "):
            await self.rawmsg("PRIVMSG", target, f"{by}: {message[5:]}")


async def main(host: str, port: str, channel: str, nick: str = "echobot") -> None:
    client = Echo(nick)
    await client.connect(host, int(port), channels=[channel])
    await asyncio.to_thread(sys.stdin.read)
    await client.quit("bye")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
