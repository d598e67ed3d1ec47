"""A network of two real InspIRCds that splits and comes together: who may what before, meanwhile and after."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import define

from ptgbot.chat.message import Role
from tests.adapters.irc.conftest import Bot, StartBot
from tests.servers.inspircd import InspIrcd, StartServices
from tests.servers.irc_servers import IrcPerson, Meet

pytestmark = pytest.mark.servers


@define(eq=False)
class Network:
    """Two servers; services and the bot are on the hub."""

    hub: InspIrcd
    leaf: InspIrcd
    oper: IrcPerson
    """An operator on the hub, who sees all users come and go in #c."""
    leaf_oper: IrcPerson

    async def link(self, *back: str) -> None:
        """Link the servers and wait until somebody of the leaf is seen on the hub."""
        self.leaf_oper.send("CONNECT irc.test")
        for nick in back:
            await self.oper.wait(f":{nick}!person@127.0.0.1 JOIN")

    async def arrive(self, person: IrcPerson) -> None:
        """Let somebody into #c and wait until that is seen on the hub."""
        await person.join("#c")
        await self.oper.wait(f":{person.nick}!person@127.0.0.1 JOIN")

    async def split(self, *gone: str) -> None:
        """Split the servers and wait until that is seen on the hub."""
        self.oper.send("SQUIT leaf.test :split")
        for nick in gone:
            await self.oper.wait(f":{nick}!person@127.0.0.1 QUIT")
        await self.leaf_oper.wait(":oper!person@127.0.0.1 QUIT")


@pytest.fixture(scope="module")
def servers(start_inspircd: Callable[..., InspIrcd], start_services: StartServices) -> tuple[InspIrcd, InspIrcd]:
    """The two, once for all tests: they are slow to start."""
    hub = start_inspircd()
    start_services(hub)
    hub.account("ada", "ada-secret")
    return hub, start_inspircd(hub=hub)


@pytest.fixture
async def network(servers: tuple[InspIrcd, InspIrcd], meet: Meet) -> Network:
    """The two linked, with an operator on each."""
    hub, leaf = servers
    oper = await meet(hub, "oper", "#c")
    oper.send("OPER op oppw")
    await oper.wait(" 381 ")
    leaf_oper = await meet(leaf, "leafoper", "#c")
    leaf_oper.send("OPER op oppw")
    await leaf_oper.wait(" 381 ")
    made = Network(hub, leaf, oper, leaf_oper)
    # Linked already if a test was here before; then this is refused and does no harm.
    await made.link("leafoper")
    return made


async def rights(bot: Bot, person: IrcPerson, text: str) -> tuple[Role, str | None]:
    """Return the role and the account with which somebody speaks."""
    person.say("#c", text)
    message = await bot.notes.heard(text)
    return message.role, message.person.account


async def test_rights_return_with_their_owners_after_netsplit(
    network: Network, start_bot: StartBot, meet: Meet
) -> None:
    bot = await start_bot(network.hub)
    ada, mallory = await meet(network.leaf, "ada"), await meet(network.leaf, "mallory")
    await network.arrive(ada)
    await network.arrive(mallory)
    await network.oper.op("#c", "ada")
    assert await rights(bot, ada, "before") == (Role.ADMIN, None)
    assert await rights(bot, mallory, "nothing") == (Role.ATTENDEE, None)
    await network.split("ada", "mallory")
    # Modes that the bot's side never sees when they are made.
    await ada.mode("#c", "+v", "mallory")
    await network.link("ada", "mallory")
    assert await rights(bot, ada, "after") == (Role.ADMIN, None)
    assert await rights(bot, mallory, "voiced meanwhile") == (Role.MODERATOR, None)
    network.oper.send("MODE #c -ov ada mallory")
    await ada.wait("MODE #c -ov")
    assert await rights(bot, ada, "no more") == (Role.ATTENDEE, None)
    assert await rights(bot, mallory, "nor I") == (Role.ATTENDEE, None)


async def test_channel_founder_during_netsplit_is_no_operator_afterwards(
    network: Network, start_bot: StartBot, meet: Meet
) -> None:
    bot = await start_bot(network.hub)
    mallory = await meet(network.leaf, "mallory")
    await network.arrive(mallory)
    await network.split("mallory")
    for person in (mallory, network.leaf_oper):
        person.send("PART #c")
        await person.wait(f":{person.nick}!person@127.0.0.1 PART")
    await mallory.join("#c")
    assert any(" 353 mallory = #c :@mallory" in line for line in mallory.lines)
    await network.link("mallory")
    assert await rights(bot, mallory, "am I?") == (Role.ATTENDEE, None)


async def test_nick_taken_in_netsplit_gives_no_rights(network: Network, start_bot: StartBot, meet: Meet) -> None:
    """The new holder of the nick gets neither the rights nor the account of the former one."""
    bot = await start_bot(network.hub)
    ada = await meet(network.leaf, "ada")
    await network.arrive(ada)
    ada.say("NickServ", "IDENTIFY ada ada-secret")
    await ada.wait("You are now identified")
    await network.oper.op("#c", "ada")
    assert await rights(bot, ada, "it is me") == (Role.ADMIN, "ada")
    await network.split("ada")
    impostor = await meet(network.hub, "ada", "#c", address="127.0.0.2")
    assert await rights(bot, impostor, "me too") == (Role.ATTENDEE, None)
    # The servers settle who keeps the nick: the younger one is renamed. Each speaks with their own rights only.
    await network.link("ada")
    assert (await impostor.wait(" NICK ")).startswith(":ada!person@127.0.0.2 NICK :001")
    assert await rights(bot, impostor, "still me") == (Role.ATTENDEE, None)
    assert await rights(bot, ada, "and I am back") == (Role.ADMIN, "ada")
    # Who types it in private is answered as well, under a nick that nobody can choose.
    impostor.say("ptgbot", "who am I?")
    message = await bot.notes.heard("who am I?")
    bot.reply(message, "nobody we know")
    await impostor.wait("nobody we know")
