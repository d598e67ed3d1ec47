"""SCRAM-SHA-256 as a server sees it, and what happens where it fails (RFC 7677, RFC 5802)."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable

import pytest
from attrs import define, field
from scramp import ScramMechanism
from scramp.core import ScramServer

from ptgbot.chat.adapter import Colour, LoginRefused
from ptgbot_irc.mechanisms import Distrusted, Scram
from tests.adapters.irc.conftest import Bot, StartBot
from tests.adapters.irc.test_faults import settle
from tests.servers.faulty_irc import Guest, ServeFaulty

OFFER = "sasl=PLAIN,SCRAM-SHA-256"
Talk = Callable[[Guest], Awaitable[None]]


def server_for(password: str) -> ScramServer:
    mechanism = ScramMechanism()
    return mechanism.make_server(lambda _user: mechanism.make_auth_info(password))


@define
class Exchange:
    """The AUTHENTICATE lines of a guest, one after the other."""

    guest: Guest
    read: int = field(default=1, init=False)

    async def next(self) -> str:
        """Return what the guest says next, decoded."""
        while len(said := [line for line in self.guest.heard if line.startswith("AUTHENTICATE ")]) <= self.read:
            await self.guest.more()
        self.read += 1
        text = said[self.read - 1].split()[1]
        return text if text in "+*" else base64.b64decode(text).decode()

    def tell(self, text: str) -> None:
        """Send a challenge, in pieces of 400 characters."""
        raw = base64.b64encode(text.encode()).decode()
        pieces = [raw[at : at + 400] for at in range(0, len(raw), 400)]
        self.guest.tell(*(f"AUTHENTICATE {piece}" for piece in pieces))
        if len(raw) % 400 == 0:
            self.guest.tell("AUTHENTICATE +")


async def scram(guest: Guest, password: str, *, lie: bool = False) -> bool:
    """Let a guest log in by SCRAM; return whether it accepted the proof of the server."""
    await guest.hear("AUTHENTICATE SCRAM-SHA-256")
    guest.tell("AUTHENTICATE +")
    server, talk = server_for(password), Exchange(guest)
    server.set_client_first(await talk.next())
    talk.tell(server.get_server_first())
    server.set_client_final(await talk.next())
    talk.tell(f"v={base64.b64encode(b'x' * 32).decode()}" if lie else server.get_server_final())
    return await talk.next() == "+"


Begin = Callable[..., Awaitable[tuple[Bot, list[Guest]]]]


@pytest.fixture
def begin(serve_faulty: ServeFaulty, start_bot: StartBot, monkeypatch: pytest.MonkeyPatch) -> Begin:
    async def start(talk: Talk, offer: str = OFFER, **settings: object) -> tuple[Bot, list[Guest]]:
        async def script(guest: Guest) -> None:
            await guest.hear("CAP LS 302")
            guest.tell(f"CAP * LS :{offer}")
            await guest.hear("CAP REQ sasl")
            guest.tell("CAP * ACK :sasl")
            await talk(guest)
            await guest.hear("CAP END")
            await settle(guest)

        monkeypatch.setenv("IRC_PASSWORD", "secret")
        server = await serve_faulty(script)
        bot = await start_bot(server, wait=False, login="sasl", password_env="IRC_PASSWORD", **settings)
        return bot, server.guests

    return start


async def test_password_is_proven_and_never_sent(begin: Begin) -> None:
    accepted: list[bool] = []

    async def talk(guest: Guest) -> None:
        accepted.append(await scram(guest, "secret"))
        guest.tell(":irc.faulty 903 * :done")

    bot, guests = await begin(talk)
    await bot.until_health(Colour.GREEN)
    assert accepted == [True]
    assert not any(base64.b64encode(b"secret").decode() in line or "PLAIN" in line for line in guests[0].heard)


async def test_server_without_the_password_is_refused(begin: Begin) -> None:
    accepted: list[bool] = []

    async def talk(guest: Guest) -> None:
        accepted.append(await scram(guest, "secret", lie=True))

    bot, guests = await begin(talk)
    with pytest.raises(LoginRefused, match="the server did not prove that it knows the password"):
        await bot.task
    assert not any("PLAIN" in line or line.startswith("JOIN") for line in guests[0].heard)


async def test_success_without_proof_of_server_is_refused(begin: Begin) -> None:
    async def talk(guest: Guest) -> None:
        await guest.hear("AUTHENTICATE SCRAM-SHA-256")
        guest.tell(":irc.faulty 903 * :done")

    bot, _guests = await begin(talk)
    with pytest.raises(LoginRefused, match="did not prove"):
        await bot.task


async def test_refused_scram_sends_no_password_without_tls(begin: Begin) -> None:
    async def talk(guest: Guest) -> None:
        await guest.hear("AUTHENTICATE SCRAM-SHA-256")
        guest.tell(":irc.faulty 904 * :no")

    bot, guests = await begin(talk)
    with pytest.raises(LoginRefused, match="the name, password or certificate is wrong"):
        await bot.task
    assert not any("PLAIN" in line for line in guests[0].heard)


@pytest.mark.parametrize("offer", ["sasl", "sasl=PLAIN,EXTERNAL"])
async def test_plain_is_used_where_scram_is_not_offered(begin: Begin, offer: str) -> None:
    async def talk(guest: Guest) -> None:
        await guest.hear("AUTHENTICATE PLAIN")
        guest.tell("AUTHENTICATE +")
        await guest.hear("AUTHENTICATE " + base64.b64encode(b"ptgbot\0ptgbot\0secret").decode())
        guest.tell(":irc.faulty 903 * :done")

    bot, _guests = await begin(talk, offer)
    await bot.until_health(Colour.GREEN)


@pytest.mark.parametrize("challenge", ["", "r=x", "r=x,s=x,i=x", "e=other-error", "\xff"])
def test_senseless_challenge_is_distrusted(challenge: str) -> None:
    scram = Scram("ptgbot", "secret")
    scram.respond(b"")
    with pytest.raises(Distrusted):
        scram.respond(challenge.encode("latin-1"))
