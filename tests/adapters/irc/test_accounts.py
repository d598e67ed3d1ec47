"""What an account is good for, in the whole program with real services: never for whoever has only the nick."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers.inspircd import InspIrcd
from tests.servers.irc_servers import IrcPerson, Meet
from tests.servers.programs import free_port
from tests.servers.running import Running, StartBot

pytestmark = pytest.mark.servers

CHANNEL = "#events"
TOML = """\
[gathering]
account_required = {required}

[site]
listen = "127.0.0.1:{web}"

[[irc]]
server = "{host}"
port = {port}
tls = false
channels = ["#events"]
messages_per_second = 0
confirm = "none"
join_pause = 0
"""


def start(services: InspIrcd, start_ptgbot: StartBot, folder: Path, *, required: bool) -> Running:
    values = {"web": free_port(), "host": services.host, "port": services.port, "required": str(required).lower()}
    (folder / "ptgbot.toml").write_text(TOML.format(**values))
    return start_ptgbot(services, folder=folder)


async def ask(person: IrcPerson, text: str) -> str:
    """Type a line and return what is answered, empty if nothing is."""
    nick = person.lines[0].split()[2]
    person.say(CHANNEL, text)
    person.say(CHANNEL, "+help advance")
    first = await person.wait(f"PRIVMSG {CHANNEL} :{nick}: ")
    if "advance" in first:
        return ""
    await person.wait(f"PRIVMSG {CHANNEL} :{nick}: ")
    return first.partition(f"PRIVMSG {CHANNEL} :{nick}: ")[2]


async def identify(person: IrcPerson) -> None:
    person.say("NickServ", "IDENTIFY ada ada-secret")
    await person.wait("You are now identified")


async def log_out(person: IrcPerson) -> None:
    person.say("NickServ", "LOGOUT")
    await person.wait("logged out")


async def try_all(services: InspIrcd, meet: Meet, refusal: str) -> list[str]:
    """Let one with an account and others with only the nick try; return the topics that were accepted."""
    accepted = []

    async def attempt(person: IrcPerson, topic: str, expected: bool) -> None:
        answer = await ask(person, f"#nova now {topic}")
        assert (answer == "") is expected, f"{topic}: {answer}"
        assert expected or refusal in answer
        if expected:
            accepted.append(topic)

    ada = await meet(services, "ada", CHANNEL)
    await attempt(ada, "before the login", expected=False)
    await identify(ada)
    await attempt(ada, "logged in", expected=True)
    await log_out(ada)
    await attempt(ada, "logged out", expected=False)
    await identify(ada)
    await attempt(ada, "logged in again", expected=True)
    await ada.quit()
    impostor = await meet(services, "ada", CHANNEL, address="127.0.0.2")
    await attempt(impostor, "same nick from another host", expected=False)
    impostor.send("@account=ada;+account=ada PRIVMSG #events :#nova now a tag of my own")
    assert refusal in await impostor.wait(f"PRIVMSG {CHANNEL} :ada: ")
    friend = await meet(services, "friend", CHANNEL)
    await identify(friend)
    await attempt(friend, "same account under another nick", expected=True)
    friend.send("NICK lovelace")
    await friend.wait(" NICK ")
    friend.say(CHANNEL, "#nova now under a new nick")
    accepted.append("under a new nick")
    await friend.settle()
    return accepted


async def test_required_account_counts_only_for_its_owner(
    services: InspIrcd, start_ptgbot: StartBot, meet: Meet, tmp_path: Path
) -> None:
    olga = await meet(services, "olga", CHANNEL)
    bot = start(services, start_ptgbot, tmp_path, required=True)
    assert "nova" in await ask(olga, "~add nova")
    accepted = await try_all(services, meet, "needs a services account")
    await ask(olga, "+tracks")
    assert bot.stop() == 0
    assert [record.text for record in bot.records() if " now " in record.text] == [f"#nova now {t}" for t in accepted]


async def test_moderator_by_account_needs_that_account(
    services: InspIrcd, start_ptgbot: StartBot, meet: Meet, tmp_path: Path
) -> None:
    olga = await meet(services, "olga", CHANNEL)
    bot = start(services, start_ptgbot, tmp_path, required=False)
    for command in ("~add nova swift", "~requirevoice", "~moderator add ada #nova"):
        assert await ask(olga, command)
    accepted = await try_all(services, meet, "needs +v or moderator rights")
    ada = await meet(services, "visitor", CHANNEL)
    await identify(ada)
    assert "needs +v or moderator rights" in await ask(ada, "#swift now another track")
    assert await ask(olga, "~moderator del ada")
    assert "needs +v or moderator rights" in await ask(ada, "#nova now no more")
    assert bot.stop() == 0
    assert [record.text for record in bot.records() if " now " in record.text] == [f"#nova now {t}" for t in accepted]
