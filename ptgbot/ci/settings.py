"""The ``[ci]`` table of the configuration."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from attrs import field, frozen

from ptgbot.chat.limits import above, at_least, between
from ptgbot.chat.urls import address_problem, safe_url
from ptgbot.ci.alert_settings import AlertSettings, MaintenanceConfig, NoticeSettings
from ptgbot.ci.known import KnownConfig
from ptgbot.ci.patterns import Patterns, is_pattern

Kind = Literal["ci", "third-party", "bot", "trusted", "upstream", "person", "human", "user"]
"""The kinds of accounts in the configuration: a CI, the project's own CI and a person, each with further words."""


@frozen
class ExpectedConfig:
    """A ``[[ci.expected]]`` table: a CI that must report on projects."""

    account: str = field(metadata={"help": "Its account: user name, display name or address of mail."})
    projects: tuple[str, ...] = field(metadata={"help": "Names of projects; ``*`` stands for any text."})
    branches: tuple[str, ...] = field(
        default=("*",), metadata={"help": "Names of branches; ``*`` stands for any text."}
    )
    every_patchset: bool = field(
        default=False,
        metadata={"help": "Whether it must also report on patch sets that change nothing, or only the message."},
    )

    def concerns_project(self, project: str) -> bool:
        """Say whether the CI must report on any branch of a project."""
        return matches(project, self.projects)

    def concerns(self, project: str, branch: str) -> bool:
        """Say whether the CI must report on a branch of a project."""
        return self.concerns_project(project) and matches(branch, self.branches)


@frozen
class TriggerConfig:
    """A ``[[ci.triggers]]`` table: how people ask one CI for a rerun."""

    account: str = field(metadata={"help": "The account of the CI."})
    pattern: str = field(validator=is_pattern, metadata={"help": "What people write, searched in the text (RE2)."})


def _link(_instance: object, _attribute: object, value: str) -> None:
    if value and not safe_url(value):
        raise ValueError(f"{value!r} is no address of the web or of mail")


@frozen
class CardConfig:
    """A ``[[ci.cards]]`` table: what people should know of a CI."""

    account: str = field(metadata={"help": "Its account: user name, display name or address of mail."})
    contact: str = field(
        default="", validator=_link, metadata={"help": "Whom to ask: an address of the web, or ``mailto:``."}
    )
    page: str = field(default="", validator=_link, metadata={"help": "Address of its own page."})
    phrase: str = field(
        default="",
        metadata={"help": "What people write to ask it for a rerun; ``recheck`` unless it has a pattern of its own."},
    )


def _address(_instance: object, _attribute: object, value: str) -> None:
    if problem := address_problem(value):
        raise ValueError(problem)
    if not value.endswith("/"):
        raise ValueError("the address must end in a slash")


@frozen
class ServerConfig:
    """A ``[[ci.servers]]`` table: a server for code review whose events are read."""

    name: str = field(metadata={"help": "Its name, unique. It must stay the same."})
    url: str = field(validator=_address, metadata={"help": "Address of its REST interface, ending in a slash."})
    projects: tuple[str, ...] = field(metadata={"help": "Names of the projects that it is asked for."})
    user: str = field(
        default="", metadata={"help": "Name of the account that asks the REST interface; needs ``password_file``."}
    )
    password_file: Path | None = field(
        default=None,
        metadata={"help": "File with the HTTP password of that account, from its settings on the server."},
    )
    poll_minutes: float = field(
        default=3.0, validator=above(0), metadata={"help": "Minutes between two looks at a server."}
    )
    begin_days: float = field(
        default=7.0, validator=above(0), metadata={"help": "Days before the first start from which events are read."}
    )
    ssh_host: str = field(
        default="",
        metadata={
            "help": "Host of its stream of events. With it, the REST interface is asked only for what the stream has "
            "missed; ``ssh_user``, ``ssh_key`` and ``ssh_known_hosts`` are needed, too."
        },
    )
    ssh_port: int = field(
        default=29418, validator=between(1, 65_535), metadata={"help": "Port of the stream of events."}
    )
    ssh_user: str = field(default="", metadata={"help": "Name of the user for the stream of events."})
    ssh_key: Path | None = field(default=None, metadata={"help": "File with the private key of that user."})
    ssh_known_hosts: Path | None = field(
        default=None, metadata={"help": "File with the key of the host, in the form of ``known_hosts``."}
    )

    def __attrs_post_init__(self) -> None:
        if self.ssh_host and not (self.ssh_user and self.ssh_key and self.ssh_known_hosts):
            raise ValueError("ssh_host needs ssh_user, ssh_key and ssh_known_hosts")
        if bool(self.user) != (self.password_file is not None):
            raise ValueError("user and password_file need each other")


@frozen
class ZuulConfig:
    """A ``[ci.zuul.NAME]`` table: a Zuul whose builds are read."""

    url: str = field(
        validator=_address, metadata={"help": "Address of its web pages, ending in a slash: that before ``api/``."}
    )
    tenant: str = field(metadata={"help": "Name of the tenant."})
    poll_minutes: float = field(default=10.0, validator=above(0), metadata={"help": "Minutes between two looks at it."})
    begin_days: float = field(
        default=1.0, validator=above(0), metadata={"help": "Days before the first start from which builds are read."}
    )
    longest_hours: float = field(
        default=4.0,
        validator=above(0),
        metadata={"help": "Hours that a build runs at most. Each look goes back as far."},
    )


def _named(_instance: object, _attribute: object, value: tuple[ServerConfig, ...]) -> None:
    if len({one.name for one in value}) < len(value):
        raise ValueError("two servers have the same name")


@frozen
class CiSettings:
    """Settings of the CI board."""

    servers: tuple[ServerConfig, ...] = field(
        default=(),
        validator=_named,
        metadata={
            "help": "Tables ``[[ci.servers]]``, each with ``name``, ``url``, ``projects``, and perhaps "
            "``poll_minutes`` and ``begin_days``: servers for code review whose events are stored."
        },
    )
    zuul: dict[str, ZuulConfig] = field(
        factory=dict,
        metadata={
            "help": "Tables ``[ci.zuul.NAME]``, each with ``url`` and ``tenant``, and perhaps ``poll_minutes``, "
            "``begin_days`` and ``longest_hours``: each a Zuul whose builds are read, periodic and post ones included."
        },
    )
    projects: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Projects that have a board even before an event names them; ``*`` stands for any text. Every "
            "project that events name has one."
        },
    )
    trusted: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Accounts of the project's own CI, called upstream: user names, display names or addresses of mail."
        },
    )
    accounts: dict[str, Kind] = field(
        factory=dict,
        metadata={
            "help": "Whether an account is a ``ci``, a ``trusted`` CI or a ``person``, where its name does not tell. "
            "Keys as in ``trusted``."
        },
    )
    expected: tuple[ExpectedConfig, ...] = field(
        default=(),
        metadata={
            "help": "Tables ``[[ci.expected]]``, each with ``account``, ``projects``, and perhaps ``branches`` and "
            "``every_patchset``: who must report. Whoever has reported on a project within 30 days is expected, too."
        },
    )
    triggers: tuple[TriggerConfig, ...] = field(
        default=(),
        metadata={
            "help": "Tables ``[[ci.triggers]]``, each with ``account`` and ``pattern``: how people ask a CI for a "
            "rerun, besides ``recheck``."
        },
    )
    cards: tuple[CardConfig, ...] = field(
        default=(),
        metadata={
            "help": "Tables ``[[ci.cards]]``, each with ``account``, and perhaps ``contact``, ``page`` and ``phrase``: "
            "what people should know of a CI."
        },
    )
    known: tuple[KnownConfig, ...] = field(
        default=(),
        metadata={
            "help": "Tables ``[[ci.known]]``, each with ``bug``, at least one of ``job``, ``result`` and ``detail``, "
            "and perhaps ``from``, ``until`` and ``reason``: problems that explain failures."
        },
    )
    untested: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Paths that no CI tests, such as ``doc/*``; ``*`` stands for any text. Nothing is expected on a "
            "patch set that changes only such paths."
        },
    )
    grace_hours: float = field(
        default=6.0,
        validator=above(0),
        metadata={"help": "Hours after which a patch set without a result counts as missed."},
    )
    silent_days: float = field(
        default=3.0,
        validator=above(0),
        metadata={"help": "Days without a result after which an expected CI counts as silent."},
    )
    keep_days: int = field(
        default=0,
        validator=at_least(0),
        metadata={"help": "Days after which events are thrown away, whole months at a time; 0 keeps them for ever."},
    )
    patterns: Patterns = field(
        factory=Patterns,
        metadata={"help": "Table ``[ci.patterns]``: the texts by which comments are read, as patterns of RE2."},
    )
    alerts: AlertSettings = field(
        factory=AlertSettings,
        metadata={"help": "Table ``[ci.alerts]``: when alerts open and close."},
    )
    notices: NoticeSettings = field(
        factory=NoticeSettings,
        metadata={"help": "Table ``[ci.notices]``: which rooms are told of which alerts; none if left out."},
    )
    maintenance: tuple[MaintenanceConfig, ...] = field(
        default=(),
        metadata={
            "help": "Tables ``[[ci.maintenance]]``, each with ``names``, ``begin``, ``end`` and perhaps ``reason``: "
            "times in which nobody is told of some CIs or projects."
        },
    )

    @property
    def grace(self) -> int:
        """Seconds after which a patch set without a result counts as missed."""
        return int(self.grace_hours * 3600)

    @property
    def silence(self) -> int:
        """Seconds without a result after which an expected CI counts as silent."""
        return int(self.silent_days * 86_400)


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    """Say whether a name matches one of several patterns with ``*``."""
    return any(fnmatchcase(name, one) for one in patterns)
