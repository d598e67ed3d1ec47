"""The settings of one ``[[irc]]`` table."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal, get_args

from attrs import Attribute, Factory, field, fields, frozen
from attrs.validators import optional

from ptgbot.chat.casemapping import casefolded
from ptgbot.chat.limits import above, at_least, between, one_of
from ptgbot_irc.names import is_nick

Login = Literal["sasl", "certfp", "nickserv", "none"]
Confirm = Literal["reply", "tag", "none"]


def _nick(_instance: object, attribute: Attribute[str], value: str) -> None:
    if not is_nick(value) or value[0].isdigit():
        raise ValueError(f"{attribute.name} {value!r} is no nick: letters, digits and -_[]\\`^{{|}}, no digit first")


def _channel(_instance: object, _attribute: Attribute[str], value: str) -> None:
    if not re.fullmatch(r"[#&+!][^\s,:\x00-\x20\x7f]{1,199}", value):
        raise ValueError(f"{value!r} is no channel: a name begins with # and has no blank, comma or colon")


def _plain(_instance: object, attribute: Attribute[Any], value: str | None) -> None:
    if value is not None and re.search(r"[\x00-\x1f\x7f]", value):
        raise ValueError(f"{attribute.name} holds a control character")


def _word(instance: object, attribute: Attribute[Any], value: str | None) -> None:
    _plain(instance, attribute, value)
    if value is not None and (not value or " " in value or value.startswith(":")):
        raise ValueError(f"{attribute.name} must be one word")


def _host(instance: object, attribute: Attribute[str], value: str) -> None:
    _plain(instance, attribute, value)
    if not value or " " in value or "/" in value or "[" in value:
        raise ValueError(f"{attribute.name} must be a host name or an address, such as irc.example.org or ::1")


def _template(instance: object, attribute: Attribute[str], value: str) -> None:
    _plain(instance, attribute, value)
    try:
        value.format(account="", password="", nick="")
    except (KeyError, IndexError, ValueError) as error:
        raise ValueError(f"{attribute.name} may hold {{account}}, {{password}} and {{nick}} only") from error


def _key(instance: object, attribute: Attribute[Any], value: str | None) -> None:
    _word(instance, attribute, value)
    if value is not None and "," in value:
        raise ValueError("a key holds no comma")


def _relays(_instance: object, attribute: Attribute[Any], value: tuple[str, ...]) -> None:
    for one in value:
        if not one.strip("*"):
            raise ValueError(f"{attribute.name}: {one!r} is no account and no mask such as relay!*@gateway.example.org")


@frozen(kw_only=True)
class ChannelConfig:
    """Settings of one channel."""

    name: str = field(validator=_channel, metadata={"help": "Name of the channel, such as #ptg."})
    key: str | None = field(
        default=None, validator=_key, metadata={"help": "Key of the channel (mode +k), if it has one."}
    )
    features: tuple[str, ...] | None = field(
        default=None,
        metadata={"help": "Features that are on in the channel, such as gathering. All if left out."},
    )
    confirm: Confirm | None = field(
        default=None,
        validator=optional(one_of(*get_args(Confirm))),
        metadata={"help": "How the channel is told that a command worked: as confirm of the network if left out."},
    )


def _webchat(_instance: object, attribute: Attribute[str], value: str) -> None:
    _plain(_instance, attribute, value)
    if value and not value.startswith(("https://", "http://")):
        raise ValueError(f"{attribute.name} must begin with https:// or http://")


def _either(value: str | ChannelConfig) -> ChannelConfig:
    return value if isinstance(value, ChannelConfig) else ChannelConfig(name=value)


@frozen(kw_only=True)
class IrcConfig:
    """Settings of one IRC network. Times are in seconds."""

    server: str = field(validator=_host, metadata={"help": "Host name or address of the server."})
    name: str = field(
        validator=_word,
        metadata={"help": "Name of the network in logs and, on a second network, in keys of people."},
    )
    port: int = field(
        default=6697,
        validator=between(1, 65535),
        metadata={"help": "Port of the server."},
    )
    tls: bool = field(
        default=True,
        metadata={
            "help": "Encrypt the connection and verify the server's certificate. Otherwise others can read along."
        },
    )
    ca_file: Path | None = field(
        default=None,
        metadata={"help": "Certificates (PEM) of a private authority, which replace those of the system."},
    )
    cert_file: Path | None = field(
        default=None,
        metadata={"help": "The bot's own certificate with its private key (PEM), for the login certfp."},
    )
    nick: str = field(default="ptgbot", validator=_nick, metadata={"help": "Nick of the bot."})
    username: str = field(
        default="ptgbot",
        validator=_word,
        metadata={"help": "User name (ident) in nick!user@host."},
    )
    realname: str = field(
        default="",
        validator=_plain,
        metadata={
            "help": "Free text that WHOIS shows. If left out, the gathering's title, contact of [operators] and the "
            "address of the site."
        },
    )
    channels: tuple[str | ChannelConfig, ...] = field(
        default=(),
        metadata={"help": "Channels to join: names, or tables with name, key and features."},
    )
    channel: tuple[ChannelConfig, ...] = field(
        default=(),
        metadata={"help": "More channels, written as [[irc.channel]] tables."},
    )
    login: Login = field(
        default="none",
        validator=one_of(*get_args(Login)),
        metadata={
            "help": "How to log in to services: sasl (password, while registering), certfp (certificate of "
            "cert_file), nickserv (password, by a private message) or none. With a login no channel is joined "
            "before it is confirmed. Some networks (OFTC) support only nickserv and certfp."
        },
    )
    account: str | None = field(
        # None without a login, so that the nick can change without a new connection then.
        default=Factory(lambda self: None if self.login == "none" else self.nick, takes_self=True),
        validator=_word,
        metadata={"help": "Services account; the nick if left out."},
    )
    password_file: Path | None = field(
        default=None, metadata={"help": "File whose first line is the password of the account."}
    )
    password_env: str | None = field(
        default=None, metadata={"help": "Environment variable that holds the password of the account."}
    )
    server_password_file: Path | None = field(
        default=None, metadata={"help": "File whose first line is the password of the server (PASS)."}
    )
    server_password_env: str | None = field(
        default=None, metadata={"help": "Environment variable that holds the password of the server (PASS)."}
    )
    nickserv: str = field(
        default="NickServ",
        validator=_word,
        metadata={
            "help": "Target of messages to NickServ. With NickServ@services.example.org, if the network supports "
            "that form, they reach nobody else while services are away."
        },
    )
    identify_command: str = field(
        default="IDENTIFY {account} {password}",
        validator=_template,
        metadata={"help": "Command for NickServ to log in. OFTC wants IDENTIFY {password} {account}."},
    )
    regain_command: str = field(
        default="GHOST {nick} {password}",
        validator=_template,
        metadata={
            "help": "Command for NickServ to free the bot's nick, used with a login while somebody else has the "
            "nick; empty to only wait for it."
        },
    )
    messages_per_second: float = field(
        default=1.0,
        validator=at_least(0),
        metadata={"help": "Lines a second after a burst; 0 means no limit (only for servers of your own)."},
    )
    burst: int = field(
        default=4,
        validator=above(0),
        metadata={"help": "Lines that may leave at once, before the pace applies."},
    )
    max_lines: int = field(
        default=3,
        validator=above(0),
        metadata={"help": "Most lines of one answer; a longer one is cut."},
    )
    bot_mode: bool = field(default=True, metadata={"help": "Set the bot's user mode for bots, if the server has one."})
    webchat: str = field(
        default="",
        validator=_webchat,
        metadata={
            "help": "Address that opens a channel in a browser, for the site; ``{channel}`` is replaced, such as "
            "``https://webchat.example.org/?channels={channel}``."
        },
    )
    bots_interval: float = field(
        default=300.0,
        validator=above(0),
        metadata={
            "help": "Seconds after which a channel that people have joined is asked again which of them are bots; "
            "only if the server has a mode for bots and does not tag their messages."
        },
    )
    topic_services: str = field(
        default="",
        validator=_plain,
        metadata={
            "help": "Nick of the services, such as ``ChanServ``, that set a topic where the server does not let the "
            "bot: its account needs the right in the channel."
        },
    )
    reply_tags: bool = field(
        default=True,
        metadata={"help": "Tag an answer as the reply to its message, if the server relays tags."},
    )
    confirm: Confirm = field(
        default="reply",
        validator=one_of(*get_args(Confirm)),
        metadata={
            "help": "How people are told that a command worked that has no other answer, such as #nova now: reply (a "
            "short line), tag (a reaction to their message where the server relays tags and names messages, else "
            "a line) or none."
        },
    )
    confirm_pause: float = field(
        default=3.0,
        validator=at_least(0),
        metadata={"help": "Seconds between two such lines in one channel. One line tells of everything in between."},
    )
    ignore: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Nicks of bots and of a bridge's puppets, whose messages are never commands. ``*`` stands for "
            "any text, as in ``*[m]``."
        },
    )
    puppets: tuple[str, ...] = field(
        default=("*[m]*",),
        metadata={
            "help": "Nicks of people who come over a bridge. They have the rights of attendees at most, whatever the "
            "channel gives them. ``*`` stands for any text."
        },
    )
    relays: tuple[str, ...] = field(
        default=(),
        validator=_relays,
        metadata={
            "help": "Relay bots, whose lines ``<nick> text`` count as lines of that person, with the rights of "
            "attendees: services accounts, or masks such as ``relay!*@gateway.example.org``."
        },
    )
    quit_message: str = field(
        default="See you", validator=_plain, metadata={"help": "Quit message when the bot is stopped."}
    )
    connect_timeout: float = field(
        default=10.0, validator=above(0), metadata={"help": "Time-out in seconds for setting up TCP and TLS."}
    )
    registration_timeout: float = field(
        default=30.0, validator=above(0), metadata={"help": "Time-out in seconds for registering with the server."}
    )
    send_timeout: float = field(default=30.0, validator=above(0), metadata={"help": "Time-out in seconds for sending."})
    ping_interval: float = field(
        default=30.0, validator=above(0), metadata={"help": "Seconds between the bot's pings to the server."}
    )
    ping_timeout: float = field(
        default=45.0,
        validator=above(0),
        metadata={"help": "Seconds after which an unanswered ping means that the connection is lost."},
    )
    retry_first: float = field(
        default=1.0,
        validator=above(0),
        metadata={
            "help": "Seconds before the second try to connect; doubled for each further try. The first is immediate."
        },
    )
    retry_limit: float = field(
        default=25.0,
        validator=above(0),
        metadata={"help": "Longest pause in seconds between two tries to connect."},
    )
    stable_after: float = field(
        default=60.0,
        validator=at_least(0),
        metadata={
            "help": "Seconds after which a connection counts as stable: after its loss the first try is immediate."
        },
    )
    join_timeout: float = field(
        default=30.0,
        validator=above(0),
        metadata={"help": "Seconds after which an unanswered JOIN is sent again."},
    )
    rejoin_interval: float = field(
        default=30.0,
        validator=above(0),
        metadata={"help": "Seconds before the bot tries again to join a channel that refused or kicked it."},
    )
    rejoin_banned_interval: float = field(
        default=600.0,
        validator=above(0),
        metadata={"help": "Seconds before the bot tries again to join a channel that banned it."},
    )
    join_pause: float = field(
        default=1.0,
        validator=at_least(0),
        metadata={"help": "Pause in seconds after each JOIN command, which may name many channels."},
    )
    nick_interval: float = field(
        default=60.0,
        validator=above(0),
        metadata={"help": "Seconds between two tries to regain the nick."},
    )
    nickserv_timeout: float = field(
        default=30.0,
        validator=above(0),
        metadata={"help": "Seconds after which NickServ is asked again."},
    )
    login_tries: int = field(
        default=3,
        validator=above(0),
        metadata={
            "help": "Refusals in a row, after a login has succeeded once, until the network turns red and is "
            "tried hourly. Services that are restarting refuse logins, too."
        },
    )
    login_retry: float = field(
        default=30.0, validator=above(0), metadata={"help": "Pause in seconds after such a refusal."}
    )
    queue_per_person: int = field(
        default=300,
        validator=above(0),
        metadata={"help": "Most answers that wait for one person in one channel."},
    )
    queue_total: int = field(default=3000, validator=above(0), metadata={"help": "Most answers that wait altogether."})
    keep: float = field(
        default=600.0,
        validator=above(0),
        metadata={"help": "Seconds after which an unsent answer is dropped."},
    )

    @name.default
    def _name(self) -> str:
        # In keys of people and in lines of the protocol, a colon at the beginning has a meaning of its own.
        return f"[{self.server}]" if ":" in self.server else self.server

    @property
    def rooms(self) -> tuple[ChannelConfig, ...]:
        """All channels, both the bare names and the tables.

        Raises:
            ValueError: a bare name is not a channel name.
        """
        return (*map(_either, self.channels), *self.channel)

    def confirm_in(self, room: str) -> Confirm:
        """Return how a channel, or a person in private, is told that a command worked."""
        chosen = {casefolded(one.name, "rfc1459"): one.confirm for one in self.rooms}
        return chosen.get(casefolded(room, "rfc1459")) or self.confirm

    @property
    def account_name(self) -> str:
        """Name of the services account to log in to."""
        return self.account or self.nick

    def password(self) -> str:
        """Return the password of the services account.

        Raises:
            OSError: its file cannot be read.
            UnicodeError: its file is not text.
        """
        return _secret(self.password_file, self.password_env)

    def server_password(self) -> str:
        """Return the password of the server, the empty string if none is configured.

        Raises:
            OSError: its file cannot be read.
            UnicodeError: its file is not text.
        """
        return _secret(self.server_password_file, self.server_password_env)


CONNECTING: Final = frozenset(
    {
        "server",
        "port",
        "tls",
        "ca_file",
        "cert_file",
        "username",
        "realname",
        "login",
        "account",
        "password_file",
        "password_env",
        "server_password_file",
        "server_password_env",
        "bot_mode",
    }
)
"""Keys whose change needs a new connection: what a server is told once, while we connect and log in."""
LIVE: Final = frozenset(one.name for one in fields(IrcConfig)) - CONNECTING - {"name"}
"""Keys that change on the connection that is there. Those about connecting count from the next connection on."""


def _secret(path: Path | None, variable: str | None) -> str:
    if path is not None:
        first, _, _rest = path.read_text().partition("\n")
        return first.rstrip("\r")
    return os.environ.get(variable, "") if variable else ""


def check(config: IrcConfig) -> Sequence[str]:
    """Return the problems of a configuration, one sentence each. Opens no connection, and no file with a secret."""
    return list(_problems(config))


def check_secrets(config: IrcConfig) -> Sequence[str]:
    """Return the problems of the files with passwords and keys, one sentence each."""
    return list(_problems_of_secrets(config))


def _problems(config: IrcConfig) -> Iterator[str]:
    where = config.name
    try:
        rooms = config.rooms
    except ValueError as error:
        yield f"{where}: {error}"
        return
    names = [casefolded(room.name, "rfc1459") for room in rooms]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{where}: the channel {name} is named twice"
    if not rooms:
        yield f"{where}: no channel is named in channels"
    if config.login == "certfp" and not (config.tls and config.cert_file):
        yield f"{where}: login certfp needs tls and cert_file"
    for name in sorted({*config.ignore} & {*config.relays}):
        yield f"{where}: {name} is in ignore and in relays; ignore counts"
    if config.ca_file is not None:
        try:
            ssl.create_default_context(cafile=config.ca_file)
        except OSError as error:  # ssl.SSLError is one
            yield f"{where}: ca_file {config.ca_file} can't be used: {error}"
    if config.ping_interval + config.ping_timeout > 90:
        yield f"{where}: ping_interval and ping_timeout together must stay within 90 s"


def _problems_of_secrets(config: IrcConfig) -> Iterator[str]:
    where = config.name
    if config.login in ("sasl", "nickserv"):
        yield from _secret_problems(where, "password", config.password_file, config.password_env, needed=True)
    yield from _secret_problems(
        where, "server_password", config.server_password_file, config.server_password_env, needed=False
    )
    if config.cert_file is not None:
        try:
            ssl.create_default_context().load_cert_chain(config.cert_file)
        except OSError as error:
            yield f"{where}: cert_file {config.cert_file} can't be used: {error}"


def _secret_problems(where: str, name: str, path: Path | None, variable: str | None, *, needed: bool) -> Iterator[str]:
    if path is not None and variable is not None:
        yield f"{where}: {name}_file and {name}_env are both given; leave one out"
    elif path is None and variable is None:
        if needed:
            yield f"{where}: this login needs {name}_file or {name}_env"
        return
    try:
        secret = _secret(path, variable)
    except (OSError, UnicodeError) as error:
        yield f"{where}: {name}_file can't be read: {error}"
        return
    if not secret:
        yield f"{where}: {path or variable} holds no {name.replace('_', ' ')}"
    elif re.search(r"[\x00-\x1f\x7f]", secret):
        yield f"{where}: the {name.replace('_', ' ')} holds a control character"
