"""SASL login while registering.

Source: https://ircv3.net/specs/extensions/sasl-3.1.
"""

from __future__ import annotations

import asyncio
import base64
import enum
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

from attrs import define, field

from ptgbot_irc.mechanisms import SCRAM, Distrusted, Mechanism

CHUNK: Final = 400
"""Characters of base64 in one AUTHENTICATE; a shorter one is the last."""
LONGEST: Final = 8 * CHUNK
"""Characters of base64 in the longest challenge."""
REFUSALS: Final = {
    "902": "the account is locked",
    "904": "the name, password or certificate is wrong",
    "905": "the password is too long",
    "908": "the server does not know the mechanism",
}
"""Numerics that say no for good, in words."""
BROKEN_OFF: Final = "906"
DONE: Final = frozenset({"903", "907"})
NUMERICS: Final = DONE | REFUSALS.keys() | {BROKEN_OFF}


class Outcome(enum.Enum):
    """The outcome of a login; OPEN until it has ended."""

    OPEN = enum.auto()
    DONE = enum.auto()
    REFUSED = enum.auto()
    BROKEN_OFF = enum.auto()


@define(eq=False)
class Sasl:
    """One login. Responds to as many challenges as its mechanism has, so that a server cannot make it loop."""

    mechanism: Mechanism
    send: Callable[..., Awaitable[None]]
    outcome: Outcome = field(default=Outcome.OPEN, init=False)
    reason: str = field(default="", init=False)
    _challenge: str = field(default="", init=False)
    """What has arrived of the present challenge, in base64."""
    _responded: int = field(default=0, init=False)

    async def start(self) -> None:
        """Send the name of the mechanism.

        Raises:
            OSError: the connection broke.
        """
        await self.send("AUTHENTICATE", self.mechanism.name)

    async def challenge(self, piece: str) -> None:
        """Respond to a challenge of the server, once its last piece has arrived; ``+`` stands for an empty piece.

        Raises:
            OSError: the connection broke.
        """
        if self._responded >= self.mechanism.steps or self.outcome is not Outcome.OPEN:
            return
        self._challenge += "" if piece == "+" else piece
        if len(piece) == CHUNK and len(self._challenge) < LONGEST:
            return
        self._responded += 1
        challenge, self._challenge = self._challenge, ""
        try:
            # A hash of many rounds takes seconds.
            response = await asyncio.to_thread(self.mechanism.respond, base64.b64decode(challenge))
        except (Distrusted, ValueError) as error:
            self.outcome, self.reason = Outcome.REFUSED, str(error)
            await self.send("AUTHENTICATE", "*")
            return
        for chunk in chunks(base64.b64encode(response).decode()):
            await self.send("AUTHENTICATE", chunk)

    def take(self, numeric: str) -> None:
        """Update the outcome from a numeric of the server."""
        if numeric in DONE and self._proven():
            self.outcome = Outcome.DONE
        elif numeric in DONE:
            self.outcome, self.reason = Outcome.REFUSED, "the server did not prove that it knows the password"
        elif numeric in REFUSALS:
            self.outcome, self.reason = Outcome.REFUSED, REFUSALS[numeric]
        elif numeric == BROKEN_OFF and self.outcome is Outcome.OPEN:
            self.outcome = Outcome.BROKEN_OFF

    def _proven(self) -> bool:
        """Say whether a success counts: with SCRAM only after the proof of the server."""
        return self.mechanism.name != SCRAM or self._responded == self.mechanism.steps


def offered(mechanism: str, value: str | None) -> bool:
    """Say whether the value of the ``sasl`` capability offers a mechanism.

    Without a value any mechanism may be offered.
    """
    return not value or mechanism in value.upper().split(",")


def chunks(text: str) -> Iterator[str]:
    """Cut base64 into the parameters of AUTHENTICATE. The last one is shorter than 400 characters; ``+`` means empty.

    Source: https://ircv3.net/specs/extensions/sasl-3.1, "The AUTHENTICATE Command".
    """
    for at in range(0, len(text), CHUNK):
        yield text[at : at + CHUNK]
    if len(text) % CHUNK == 0:
        yield "+"
