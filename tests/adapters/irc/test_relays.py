"""Lines of relay bots on IRC, with and without tags of the server."""

from __future__ import annotations

import pytest

from ptgbot.chat.bridged import Bridges
from ptgbot.chat.message import Role
from ptgbot.testing import START
from ptgbot_irc import IrcConfig
from ptgbot_irc.config import ChannelConfig, check
from ptgbot_irc.identity import Identity
from ptgbot_irc.line import parse
from ptgbot_irc.reading import Reader
from ptgbot_irc.session import Session


def reader(*relays: str, ignore: tuple[str, ...] = ()) -> Reader:
    rooms = [ChannelConfig(name="#x")]
    return Reader("net", Session(Identity("ptgbot")), True, rooms, ignore, bridges=Bridges((), relays))


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("@account=gate :relay!r@h PRIVMSG #x :<ada> +in hall", "+in hall"),
        ("@account=gate;bot :relay!r@h PRIVMSG #x :<ada> +in hall", "+in hall"),
        ("@account=gate :other!r@h PRIVMSG #x :\x02<\x0305ada\x0f>\x02 +in hall", "+in hall"),
        ("@account=gate :relay!r@h PRIVMSG #x :+in hall", None),
        ("@account=gate :relay!r@h NOTICE #x :<ada> +in hall", None),
        ("@account=gate :relay!r@h PRIVMSG ptgbot :<ada> +in hall", None),
        ("@account=gate :ptgbot!r@h PRIVMSG #x :<ada> +in hall", None),
        ("@account=gate :logger!r@h PRIVMSG #x :<ada> +in hall", None),
        ("@account=evil :gate!r@h PRIVMSG #x :<ada> +in hall", "<ada> +in hall"),
        (":gate!r@h PRIVMSG #x :<ada> +in hall", "<ada> +in hall"),
        (":any!r@gate.example PRIVMSG #x :<ada> +in hall", "+in hall"),
        (":any!r@gate.example.evil PRIVMSG #x :<ada> +in hall", "<ada> +in hall"),
    ],
)
def test_only_the_relay_itself_relays(line: str, text: str | None) -> None:
    found = reader("gate", "*!*@gate.example", ignore=("logger",)).read(parse(line.encode()), START)
    assert (found.text if found else None) == text
    if found and text == "+in hall":
        assert (found.person.nick, found.person.bridged, found.role) == ("ada", True, Role.ATTENDEE)


def test_relay_that_is_ignored_is_a_problem() -> None:
    config = IrcConfig(server="s", name="n", channels=("#x",), ignore=("r",), relays=("r",))
    assert [*check(config)] == ["n: r is in ignore and in relays; ignore counts"]
    with pytest.raises(ValueError, match="no account and no mask"):
        IrcConfig(server="s", name="n", relays=("*",))
