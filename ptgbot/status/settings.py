"""The ``[status]`` table of the configuration."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from attrs import field, frozen

from ptgbot.chat.limits import above, at_least
from ptgbot.chat.text import fold
from ptgbot.chat.urls import safe_url
from ptgbot.status.publishers import problems

_ACCOUNT = re.compile(r"@[^\s:]+:\S+|[^\s/@]+/[^\s/]+")
_SERVICE = re.compile(r"[^\W_][\w.-]*")


def _accounts(_instance: object, _attribute: object, value: tuple[str, ...]) -> None:
    for one in value:
        if not _ACCOUNT.fullmatch(one):
            raise ValueError(f"“{one}” is no account; write NETWORK/ACCOUNT, or a Matrix id such as @mira:example.org")


def _services(_instance: object, _attribute: object, value: tuple[str, ...]) -> None:
    for one in value:
        if not _SERVICE.fullmatch(one):
            raise ValueError(f"“{one}” is no name of a service; it has letters, digits, dots, - and _ only")
    if len({fold(one) for one in value}) < len(value):
        raise ValueError("two services have the same name; capitals make no difference")


def _named(_instance: object, _attribute: object, value: tuple[Any, ...]) -> None:
    if len({one.name for one in value}) < len(value):
        raise ValueError("two publishers have the same name")
    for sentence in problems(value):
        raise ValueError(sentence)


def _logs(_instance: object, _attribute: object, value: str) -> None:
    if value and not safe_url(re.sub(r"\{(network|room|date|time)\}", "x", value)):
        raise ValueError("expected an address with http:// or https://, and only the names that may stand in braces")


@frozen
class Trust:
    """A ``[[status.trust]]`` table: people who may send to some groups of rooms only."""

    groups: tuple[str, ...] = field(metadata={"help": "Names of groups of rooms."})
    accounts: tuple[str, ...] = field(validator=_accounts, metadata={"help": "Accounts as in ``trusted``."})


@frozen
class PublisherSettings:
    """A ``[[status.publishers]]`` table: a place outside the rooms that is told."""

    kind: str = field(
        metadata={"help": "Name of the plug-in in the entry-point group ``ptgbot.status.publishers``."}
    )
    name: str = field(metadata={"help": "Its name in answers, unique."})
    url: str = field(default="", metadata={"help": "Address that the plug-in sends to."})
    secret_file: Path | None = field(
        default=None, metadata={"help": "A file with the token or the key of signatures."}
    )
    timeout: float = field(
        default=20.0, validator=above(0), metadata={"help": "Seconds after which one try has failed."}
    )


@frozen
class StatusSettings:
    """Settings of alerts, notices, plans, successes and thanks."""

    trusted: tuple[str, ...] = field(
        default=(),
        validator=_accounts,
        metadata={
            "help": "Accounts that may use ``#status`` for every group of rooms: ``NETWORK/ACCOUNT`` for an account "
            "of services on IRC, and Matrix ids. Nicks never count."
        },
    )
    trust: tuple[Trust, ...] = field(
        default=(),
        metadata={
            "help": "Tables ``[[status.trust]]``, each with ``groups`` and ``accounts``: people who may use "
            "``#status`` for these groups of rooms only."
        },
    )
    services: tuple[str, ...] = field(
        default=(),
        validator=_services,
        metadata={"help": "Names of services, such as ``gerrit``, that alerts and plans may be about."},
    )
    publishers: tuple[PublisherSettings, ...] = field(
        default=(),
        validator=_named,
        metadata={
            "help": "Tables ``[[status.publishers]]``: who is told besides rooms and pages. Each has ``kind``, "
            "``name``, ``url``, and if needed ``secret_file`` and ``timeout`` (seconds)."
        },
    )
    logs: str = field(
        default="",
        validator=_logs,
        metadata={
            "help": "Address of the log of a channel, for links from successes and thanks. ``{network}``, ``{room}``, "
            "``{date}`` and ``{time}`` (UTC) stand for the place and the moment of the entry."
        },
    )
    topics: bool = field(
        default=True,
        metadata={"help": "Whether open alerts stand in the topics of their rooms until they are over."},
    )
    own_topics: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Rooms whose topics are left alone: ``NETWORK/ROOM`` for a room, ``NETWORK`` for a whole network."
        },
    )
    pins: bool = field(
        default=False,
        metadata={
            "help": "Whether the line of an alert is pinned in its Matrix rooms until the alert is over. It counts for "
            "alerts that begin afterwards."
        },
    )
    operators: str = field(
        default="",
        metadata={
            "help": "Room that is told when the author of an old alert or plan does not act, as ``NETWORK/ROOM``."
        },
    )
    longest: int = field(
        default=1000, validator=at_least(20), metadata={"help": "Most characters of the text of one entry."}
    )
    per_hour: int = field(
        default=10,
        validator=at_least(1),
        metadata={"help": "Most successes and thanks of one person within an hour; trusted people have no limit."},
    )
    undo_minutes: float = field(
        default=10.0,
        validator=above(0),
        metadata={"help": "Minutes in which authors may take back their entries with ``#status undo``."},
    )
    give_up_minutes: float = field(
        default=15.0,
        validator=above(0),
        metadata={"help": "Minutes after which a room that cannot be reached counts as failed."},
    )
    publish_seconds: float = field(
        default=90.0,
        validator=above(0),
        metadata={
            "help": "Seconds after which the answer names a publisher that was not reached. It is tried further for "
            "a week."
        },
    )
    stale_hours: float = field(
        default=4.0,
        validator=above(0),
        metadata={"help": "Hours after which the author of an alert that nobody touched is asked about it."},
    )
    operators_hours: float = field(
        default=1.0,
        validator=above(0),
        metadata={"help": "Further hours after which the operators' room is asked."},
    )
    remind_minutes: float = field(
        default=60.0,
        validator=above(0),
        metadata={"help": "Minutes before the start of a plan at which its rooms are reminded."},
    )
