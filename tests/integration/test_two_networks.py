"""One gathering on IRC and Matrix at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from attrs import define, field

from ptgbot.config import load
from ptgbot.control import ask
from ptgbot.service import open_state
from tests.servers.irc_servers import IrcPerson, IrcServer, Meet
from tests.servers.matrix_encrypted import BefriendSecretly
from tests.servers.matrix_servers import Befriend, Homeserver, MatrixPerson, StartSynapse, text_of
from tests.servers.mixed import StartMixed
from tests.servers.running import Running

pytestmark = pytest.mark.servers

CHANNEL = "#events"
BOT = "@ptgbot:localhost"


@define(eq=False)
class Stage:
    """Somebody on each network, and the bot on both."""

    bot: Running
    irc: IrcServer
    homeserver: Homeserver
    room: str
    mira: IrcPerson
    ttx: MatrixPerson

    async def on_irc(self, text: str, *, by: IrcPerson | None = None) -> str:
        """Type a line in the channel and return the answer."""
        person = by or self.mira
        person.say(CHANNEL, text)
        line = await person.wait(f"PRIVMSG {CHANNEL} :{person.nick}: ")
        return line.partition(f":{person.nick}: ")[2]

    async def on_matrix(self, text: str, room: str = "") -> str:
        """Type a line in the room and return the answer."""
        event = await self.ttx.say(room or self.room, text)
        return text_of(await self.ttx.answer(event))


Prepare = Callable[..., Awaitable[Stage]]


@pytest.fixture
def prepare(
    ngircd: IrcServer,
    start_synapse: StartSynapse,
    start_mixed: StartMixed,
    meet: Meet,
    befriend_secretly: BefriendSecretly,
) -> Prepare:
    """Set the stage."""

    async def make(**more: str) -> Stage:
        server = await asyncio.to_thread(start_synapse)
        ttx = await befriend_secretly(server, "ttx")
        room = await ttx.create("events")
        mira = await meet(ngircd, "mira", CHANNEL)
        bot = await asyncio.to_thread(start_mixed, ngircd, server, rooms=["#events:localhost"], **more)
        await mira.see("ptgbot", CHANNEL)
        await ttx.see(BOT, room)
        return Stage(bot, ngircd, server, room, mira, ttx)

    return make


async def test_both_networks_share_one_gathering(prepare: Prepare) -> None:
    stage = await prepare()
    assert "nova" in await stage.on_matrix("~add nova")
    assert "needs" not in await stage.on_irc("+in #nova")
    assert await stage.on_matrix("+in the coffee bar") == "You are checked in at the coffee bar. +out ends it."
    assert "ttx checked in at the coffee bar" in await stage.on_irc("+seen TTX")
    assert "mira checked in at #nova" in await stage.on_matrix("+seen mira")
    assert await stage.on_matrix("#nova:localhost now live migration") == "✅"
    assert "now live migration" in await stage.on_irc("+now nova")
    # The same name on both: both are told, with what tells them apart.
    namesake = IrcPerson("ttx")
    await namesake.connect(stage.irc.host, stage.irc.port)
    await namesake.join(CHANNEL)
    await stage.on_irc("+in the lobby", by=namesake)
    both = await stage.on_irc("+seen ttx")
    assert "ttx (ttx) checked in at the lobby" in both
    assert "ttx (@ttx:localhost) checked in at the coffee bar" in both
    await namesake.quit()
    await matrix_connects_anew(stage)
    assert stage.bot.stop() == 0
    opened = await open_state(load(stage.bot.folder / "ptgbot.toml"))
    # In an orderly end the position passes everything that was answered.
    assert opened.state.handled.get("matrix", {}) == {}
    await opened.store.close()


async def matrix_connects_anew(stage: Stage) -> None:
    """A changed key of the account costs no room, and nothing of the other network."""
    path, lines, events = stage.bot.folder / "ptgbot.toml", len(stage.mira.lines), len(stage.ttx.events)
    path.write_text(path.read_text().replace("[[matrix]]\n", "[[matrix]]\nread_receipts = true\n"))
    answer = await asyncio.to_thread(ask, stage.bot.folder / "ptg.control", "reload")
    assert answer["changed"] == ["matrix: connected anew for read_receipts"]
    assert "live migration" in await stage.on_matrix("+now nova")
    assert not [line for line in stage.mira.lines[lines:] if line.startswith(":ptgbot!") and " PRIVMSG " not in line]
    assert not [event for event in stage.ttx.events[events:] if event["type"] == "m.room.member"]


async def test_topic_of_one_network_reaches_the_other(prepare: Prepare) -> None:
    stage = await prepare()
    await stage.on_matrix("~add nova")
    stage.mira.say("ptgbot", "subscribe migration")
    await stage.mira.wait("You will get a private message")
    assert "You will get a private message" in await stage.on_matrix("+subscribe quotas")
    chat = await stage.ttx.invited(BOT)
    await stage.ttx.join(chat)
    await stage.on_matrix("#nova now live migration")
    await stage.mira.wait("PRIVMSG mira :#nova now live migration")
    stage.mira.say(CHANNEL, "#nova next quotas")
    told = await stage.ttx.wait(lambda e: e["room"] == chat and "#nova next quotas" in text_of(e))
    assert told["content"]["msgtype"] == "m.text"
    assert told["content"]["m.mentions"] == {"user_ids": ["@ttx:localhost"]}


async def test_forget_me_works_from_either_side(prepare: Prepare) -> None:
    stage = await prepare()
    await stage.on_matrix("+in the secret garden")
    await stage.on_irc("+in the quiet attic")
    chat = await stage.ttx.direct(BOT)
    assert await stage.on_matrix("forget me", chat) == "Everything about you is removed."
    assert "has not checked in" in await stage.on_irc("+seen ttx")
    assert "Everything about you is removed." in await stage.on_irc("+forget me")
    assert "has not checked in" in await stage.on_matrix("+seen mira")
    assert stage.bot.stop() == 0
    for file in (path for path in stage.bot.folder.glob("ptg.*") if path.is_file()):
        kept = await asyncio.to_thread(file.read_text)
        assert "garden" not in kept
        assert "attic" not in kept


@define(eq=False)
class Bridge:
    """Carries lines between the channel and the room, as bridges do: by puppets, or by one relay on each side."""

    stage: Stage
    relay: MatrixPerson
    nick: IrcPerson
    ghosts: dict[str, MatrixPerson] = field(factory=dict)
    puppets: dict[str, IrcPerson] = field(factory=dict)

    async def to_matrix(self, nick: str, text: str) -> None:
        """Bring a line of the channel into the room."""
        if nick in self.ghosts:
            await self.ghosts[nick].say(self.stage.room, text)
        else:
            await self.relay.say(self.stage.room, f"<{nick}> {text}")
            await self.relay.say(self.stage.room, text)  # some show the name elsewhere

    async def to_irc(self, user: str, text: str) -> None:
        """Bring a line of the room into the channel."""
        speaker = self.puppets.get(user, self.nick)
        speaker.say(CHANNEL, text)
        await speaker.settle()


async def test_line_in_bridged_room_takes_effect_once(prepare: Prepare, meet: Meet, befriend: Befriend) -> None:
    stage = await prepare(
        irc_more='ignore = ["*[m]", "relay"]', matrix_more='ignore = ["@irc_*:localhost", "@relay:localhost"]'
    )
    server = stage.homeserver
    bridge = Bridge(stage, await befriend(server, "relay"), await meet(stage.irc, "relay", CHANNEL))
    bridge.ghosts["mira"] = await befriend(server, "irc_mira")
    bridge.puppets["ttx"] = await meet(stage.irc, "ttx[m]", CHANNEL)
    for person in (bridge.relay, bridge.ghosts["mira"]):
        await person.join(stage.room)
    await stage.on_matrix("~add nova")
    for nick in ("mira", "zoltan"):
        stage.mira.say(CHANNEL, f"#nova next {nick}")
        await bridge.to_matrix(nick, f"#nova next {nick}")
    for user in ("ttx", "ola"):
        assert await stage.on_matrix(f"#nova next {user}") == "✅"
        await bridge.to_irc(user, f"#nova next {user}")
    shown = await stage.on_matrix("#nova")
    assert [shown.count(name) for name in ("mira", "zoltan", "ttx", "ola")] == [1, 1, 1, 1]
    assert [record.key for record in stage.bot.records()].count("mira") == 2
    assert [record.key for record in stage.bot.records()].count("@ttx:localhost") == 3
