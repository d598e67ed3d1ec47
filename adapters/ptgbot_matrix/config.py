"""The settings of one ``[[matrix]]`` table."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from attrs import Attribute, field, frozen

from ptgbot.chat.limits import above, at_least

GREETING = (
    "Hello! I keep track of what is discussed where. Type help for everything that I understand here; for example: "
    "now – what is on now; in #TRACK – check in, so that others find you; subscribe WORD – be told when a topic "
    "mentions it."
)


def _url(_instance: object, attribute: Attribute[str], value: str) -> None:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{attribute.name} must be an address such as https://matrix.example.org, not {value!r}")


def _user(_instance: object, attribute: Attribute[str], value: str) -> None:
    if not re.fullmatch(r"@[^\s:]+:\S+", value):
        raise ValueError(f"{attribute.name} {value!r} is no Matrix id such as @ptgbot:example.org")


def _room(_instance: object, _attribute: Attribute[str], value: str) -> None:
    if not re.fullmatch(r"#[^\s:]+:\S+|![^\s]+", value):
        raise ValueError(f"{value!r} is no room: write an alias, #name:server, or the internal id, !…")


def _rooms(instance: object, attribute: Attribute[Any], value: tuple[str, ...]) -> None:
    for one in value:
        _room(instance, attribute, one)


def _patterns(_instance: object, attribute: Attribute[Any], value: tuple[str, ...]) -> None:
    for one in value:
        if not one.startswith("@") or ":" not in one:
            raise ValueError(f"{attribute.name}: {one!r} is no Matrix id; * stands for anything, as in @irc_*:server")


@frozen(kw_only=True)
class RoomConfig:
    """One room."""

    id: str = field(validator=_room, metadata={"help": "Alias of the room, such as #ptg:example.org, or its id."})
    features: tuple[str, ...] | None = field(
        default=None,
        metadata={"help": "Names of the features that are on in the room. All if left out."},
    )


def _either(value: str | RoomConfig) -> RoomConfig:
    return value if isinstance(value, RoomConfig) else RoomConfig(id=value)


@frozen(kw_only=True)
class MatrixConfig:
    """Settings of one Matrix account."""

    homeserver: str = field(
        validator=_url,
        metadata={"help": "Address of the client API of the homeserver, such as https://matrix.example.org."},
    )
    user: str = field(validator=_user, metadata={"help": "Matrix id of the bot's account."})
    name: str = field(default="matrix", metadata={"help": "Name of this network, unique in the configuration."})
    password_file: Path | None = field(
        default=None, metadata={"help": "File whose first line is the password of the account."}
    )
    password_env: str | None = field(
        default=None, metadata={"help": "Environment variable that holds the password of the account."}
    )
    access_token_file: Path | None = field(
        default=None,
        metadata={"help": "File whose first line is an access token, instead of a password; needs device_id."},
    )
    access_token_env: str | None = field(
        default=None, metadata={"help": "Environment variable that holds an access token; needs device_id."}
    )
    device_id: str | None = field(default=None, metadata={"help": "Device that the access token belongs to."})
    ca_file: Path | None = field(
        default=None,
        metadata={"help": "Certificates (PEM) of a private authority, which replace those of the system."},
    )
    rooms: tuple[str | RoomConfig, ...] = field(
        default=(),
        metadata={"help": "Rooms to join: aliases or ids, or tables with id and features."},
    )
    room: tuple[RoomConfig, ...] = field(
        default=(), metadata={"help": "More rooms, written as [[matrix.room]] tables."}
    )
    spaces: tuple[str, ...] = field(
        default=(),
        validator=_rooms,
        metadata={
            "help": "Spaces: aliases or ids. The bot joins all rooms of a space, also those that are added later. "
            "All features are on there, unless the room has a table of its own."
        },
    )
    space_interval: float = field(
        default=600.0,
        validator=above(0),
        metadata={"help": "Seconds before the rooms of a space are looked up again, if no change was seen."},
    )
    store: Path = field(
        default=Path("matrix-store"),
        metadata={
            "help": "Folder of the login and, with encryption, of the device's keys. Two bots must not share it."
        },
    )
    encryption: bool = field(
        default=True,
        metadata={"help": "Read and write in encrypted rooms. Needs the extra matrix-e2e."},
    )
    recover: bool = field(
        default=True,
        metadata={
            "help": "Replace the cross-signing identity of the account if it differs from the one in the store. "
            "Otherwise nobody trusts the bot's devices. Needs the password."
        },
    )
    moderator_level: int = field(default=50, metadata={"help": "Lowest power level of moderators."})
    admin_level: int = field(
        default=100,
        metadata={
            "help": "Lowest power level of operators. Creators of a room are always operators since room version 12."
        },
    )
    ignore: tuple[str, ...] = field(
        default=(),
        validator=_patterns,
        metadata={
            "help": "Ids of bots and of a bridge's ghosts, whose messages are never commands. ``*`` stands for any "
            "text, as in ``@irc_*:example.org``."
        },
    )
    puppets: tuple[str, ...] = field(
        default=(
            "@_*:*",
            "@irc_*:*",
            "@discord_*:*",
            "@signal_*:*",
            "@slack_*:*",
            "@telegram_*:*",
            "@whatsapp_*:*",
            "@xmpp_*:*",
        ),
        validator=_patterns,
        metadata={
            "help": "Ids of people who come over a bridge. They have the rights of attendees at most, whatever the "
            "room gives them. ``*`` stands for any text."
        },
    )
    relays: tuple[str, ...] = field(
        default=(),
        validator=_patterns,
        metadata={
            "help": "Ids of relay bots, whose lines ``<nick> text`` count as lines of that person, with the rights of "
            "attendees."
        },
    )
    track_prefixes: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Prefixes that are removed from a room alias that means a track: with openstack- the room "
            "#openstack-nova:example.org means #nova."
        },
    )
    exclamation: bool = field(
        default=True,
        metadata={
            "help": "Whether a command may begin with ``!`` instead of ``+``, ``~`` or ``#``, as with other "
            "bots: ``!in #nova``, ``!nova now …``."
        },
    )
    display_name: str | None = field(
        default=None, metadata={"help": "Display name of the account. If left out, the bot does not touch it."}
    )
    avatar: Path | None = field(
        default=None,
        metadata={"help": "Picture of the account: a PNG, JPEG, GIF or WebP file. If left out, the bot sets none."},
    )
    read_receipts: bool = field(
        default=False, metadata={"help": "Whether the bot marks messages as read when it has handled them."}
    )
    typing: bool = field(
        default=False, metadata={"help": "Whether people see that the bot is typing while an answer is on its way."}
    )
    greeting: str = field(
        default=GREETING, metadata={"help": "Text that the bot says once in a new direct chat; empty to say nothing."}
    )
    sync_timeout: float = field(
        default=30.0,
        validator=above(0),
        metadata={"help": "Seconds for which the server may hold a sync until an event arrives."},
    )
    request_timeout: float = field(
        default=30.0,
        validator=above(0),
        metadata={"help": "Time-out in seconds of any other request, and of a sync beyond sync_timeout."},
    )
    retry_first: float = field(
        default=1.5,
        validator=above(0),
        metadata={
            "help": "Seconds before the second try after an error; doubled for each further one. The first is at once."
        },
    )
    retry_limit: float = field(
        default=2.4,
        validator=above(0),
        metadata={"help": "Longest pause in seconds between two tries in the first minutes of an outage."},
    )
    retry_limit_later: float = field(
        default=30.0,
        validator=above(0),
        metadata={"help": "Longest pause in seconds between two tries after the first minutes."},
    )
    retry_later_after: float = field(
        default=330.0,
        validator=above(0),
        metadata={"help": "Seconds of an outage after which retry_limit_later applies instead of retry_limit."},
    )
    rejoin_interval: float = field(
        default=60.0,
        validator=above(0),
        metadata={"help": "Seconds before the bot tries again to join a room that refused or removed it."},
    )
    invite_pause: float = field(
        default=0.2, validator=at_least(0), metadata={"help": "Pause in seconds between answers to two invitations."}
    )
    backlog: int = field(
        default=5000,
        validator=above(0),
        metadata={"help": "Most events of one room that are read after an absence; older ones are ignored."},
    )
    max_bytes: int = field(
        default=16_000, validator=above(0), metadata={"help": "Most bytes of one answer; a longer one is cut."}
    )
    queue_per_person: int = field(
        default=300, validator=above(0), metadata={"help": "Most answers that wait for one person in one room."}
    )
    queue_total: int = field(default=3000, validator=above(0), metadata={"help": "Most answers that wait altogether."})
    keep: float = field(
        default=600.0,
        validator=above(0),
        metadata={"help": "Seconds after which an unsent answer is dropped."},
    )

    @property
    def all_rooms(self) -> tuple[RoomConfig, ...]:
        """All rooms, from ``rooms`` and from the ``[[matrix.room]]`` tables.

        Raises:
            ValueError: a name is neither an alias nor a room id.
        """
        return (*map(_either, self.rooms), *self.room)

    @property
    def password(self) -> str:
        """The password of the account, empty if none is configured.

        Raises:
            OSError, UnicodeError: its file cannot be read.
        """
        return _secret(self.password_file, self.password_env)

    @property
    def access_token(self) -> str:
        """The access token, empty if none is configured.

        Raises:
            OSError, UnicodeError: its file cannot be read.
        """
        return _secret(self.access_token_file, self.access_token_env)


def _secret(path: Path | None, variable: str | None) -> str:
    if path is not None:
        first, _, _rest = path.read_text().partition("\n")
        return first.strip()
    return os.environ.get(variable, "") if variable else ""
