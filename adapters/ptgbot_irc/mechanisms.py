"""The mechanisms of a SASL login: what each answers to the challenges of the server.

Source: RFC 4616 (PLAIN), RFC 4422 appendix A (EXTERNAL), RFC 7677 (SCRAM-SHA-256).
"""

from __future__ import annotations

from typing import Final, Protocol

from attrs import define, field, frozen
from scramp import ScramClient, ScramException

SCRAM: Final = "SCRAM-SHA-256"
PLAIN: Final = "PLAIN"
EXTERNAL: Final = "EXTERNAL"


class Distrusted(Exception):
    """The server does not prove that it knows the password, or its challenge makes no sense."""


class Mechanism(Protocol):
    """One try to log in."""

    @property
    def name(self) -> str:
        """Name of the mechanism, as AUTHENTICATE takes it."""

    @property
    def steps(self) -> int:
        """Number of challenges that are answered; further ones are ignored."""

    def respond(self, challenge: bytes) -> bytes:
        """Return the response to a challenge.

        Raises:
            Distrusted: the challenge is not what the mechanism expects.
        """


@frozen
class OneShot:
    """A mechanism with one response to an empty challenge."""

    name: str
    response: bytes
    steps: int = 1

    def respond(self, _challenge: bytes) -> bytes:
        """Return the response."""
        return self.response


def plain(account: str, password: str) -> OneShot:
    """Return PLAIN (RFC 4616): authorization identity, account and password."""
    return OneShot(PLAIN, f"{account}\0{account}\0{password}".encode())


def external(account: str) -> OneShot:
    """Return EXTERNAL (RFC 4422 appendix A): the account; the certificate is the proof."""
    return OneShot(EXTERNAL, account.encode())


@define(eq=False)
class Scram:
    """SCRAM-SHA-256 (RFC 7677): the password is not sent, and the server proves that it knows it."""

    account: str
    password: str = field(repr=False)
    name: str = field(default=SCRAM, init=False)
    steps: int = field(default=3, init=False)
    _client: ScramClient = field(init=False, repr=False)
    _step: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._client = ScramClient([SCRAM], self.account, self.password)

    def respond(self, challenge: bytes) -> bytes:
        """Return the first message, the proof, and an empty response to the proof of the server.

        Raises:
            Distrusted: the server's message is malformed, or its proof is wrong.
        """
        self._step += 1
        try:
            return self._respond(challenge.decode()).encode()
        except (ScramException, ValueError, LookupError) as error:
            raise Distrusted("the server did not prove that it knows the password") from error

    def _respond(self, challenge: str) -> str:
        match self._step:
            case 1:
                return str(self._client.get_client_first())
            case 2:
                self._client.set_server_first(challenge)
                return str(self._client.get_client_final())
            case _:
                self._client.set_server_final(challenge)
                return ""
