"""SASL login while registering.

Source: https://ircv3.net/specs/extensions/sasl-3.1, RFC 4616 (PLAIN), RFC 4422 appendix A (EXTERNAL).
"""

from __future__ import annotations

import base64
import enum
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

from attrs import define, field

CHUNK: Final = 400
"""Characters of base64 in one AUTHENTICATE; a shorter one is the last."""
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
    """One login. Responds to a single challenge, so that a server cannot make it loop."""

    mechanism: str
    """PLAIN or EXTERNAL."""
    response: str
    """The proof of who we are, in base64."""
    send: Callable[..., Awaitable[None]]
    outcome: Outcome = field(default=Outcome.OPEN, init=False)
    reason: str = field(default="", init=False)
    _responded: bool = field(default=False, init=False)

    async def start(self) -> None:
        """Send the name of the mechanism.

        Raises:
            OSError: the connection broke.
        """
        await self.send("AUTHENTICATE", self.mechanism)

    async def challenge(self) -> None:
        """Respond to the server's first challenge; later ones are ignored.

        Raises:
            OSError: the connection broke.
        """
        if self._responded or self.outcome is not Outcome.OPEN:
            return
        self._responded = True
        for chunk in chunks(self.response):
            await self.send("AUTHENTICATE", chunk)

    def take(self, numeric: str) -> None:
        """Update the outcome from a numeric of the server."""
        if numeric in DONE:
            self.outcome = Outcome.DONE
        elif numeric in REFUSALS:
            self.outcome, self.reason = Outcome.REFUSED, REFUSALS[numeric]
        elif numeric == BROKEN_OFF and self.outcome is Outcome.OPEN:
            self.outcome = Outcome.BROKEN_OFF


def plain(account: str, password: str) -> str:
    """Return the response of PLAIN in base64 (RFC 4616): authorization identity, account and password."""
    return base64.b64encode(f"{account}\0{account}\0{password}".encode()).decode()


def external(account: str) -> str:
    """Return the response of EXTERNAL in base64 (RFC 4422 appendix A): the account; the certificate is the proof."""
    return base64.b64encode(account.encode()).decode()


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
