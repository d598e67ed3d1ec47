"""The ``[stats]`` table of the configuration."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

from attrs import field, frozen

from ptgbot.chat.limits import at_least
from ptgbot.chat.urls import address_problem, safe_url
from ptgbot.contributions.mail_archives import MONTH, Archive
from ptgbot.contributions.reading import Wanted
from ptgbot.contributions.rules import Options

_UNITS: Final = {"m": 60.0, "h": 3600.0, "d": 86_400.0}
_ENGINE: Final = re.compile(r"(?:postgresql|postgres)://|spark://(?:local|[^/]+:\d+)$")
_SPAN: Final = re.compile(r"(\d{1,4})([mhd])")
FOREIGN: Final = (
    *("vendor/*", "*/vendor/*", "node_modules/*", "*/node_modules/*", "*.min.js", "*.min.css", "*.lock", "*-lock.json"),
    *("*/locale/*.po", "*/locale/*.pot"),
)
"""Paths of generated and vendored files, unless the configuration has others."""


def _span(_instance: object, _attribute: object, value: str) -> None:
    if not _SPAN.fullmatch(value) or not int(value[:-1]):
        raise ValueError(f"write a time such as 6h, 30m or 1d instead of {value!r}")


def _engine(_instance: object, _attribute: object, value: str) -> None:
    if value != "duckdb" and not _ENGINE.match(value):
        raise ValueError(
            "write duckdb, spark://local, or an address such as postgresql://host/database or spark://host:7077 "
            f"instead of {value!r}"
        )


def _patterns(_instance: object, _attribute: object, value: tuple[str, ...]) -> None:
    for one in value:
        try:
            re.compile(one)
        except re.error as error:
            raise ValueError(f"{one!r} is no pattern: {error}") from None


def _address(_instance: object, _attribute: object, value: str) -> None:
    if problem := address_problem(value):
        raise ValueError(problem)
    if not value.endswith("/"):
        raise ValueError("the address must end in a slash")


def _people_link(_instance: object, _attribute: object, value: str) -> None:
    if value and (value.count("{line}") != 1 or not (safe_url(value.replace("{line}", "1")) and value[:4] == "http")):
        raise ValueError("write an address of the web with {line} in it, such as https://example.org/people.toml#L{line}")


def _archive(_instance: object, _attribute: object, value: str) -> None:
    if not value:
        return
    if problem := address_problem(value):
        raise ValueError(problem)
    if not value.endswith((".mbox.gz", "/")):
        raise ValueError("the address must end in .mbox.gz (HyperKitty) or in a slash (Pipermail)")


def _month(_instance: object, _attribute: object, value: str) -> None:
    if value and not MONTH.fullmatch(value):
        raise ValueError(f"write a month such as 2014-01 instead of {value!r}")


def _contact(_instance: object, _attribute: object, value: str) -> None:
    if "@" in value:
        raise ValueError("no e-mail address is shown; write an address of the web, or the name of a room or a role")
    if "://" in value and (problem := address_problem(value)):
        raise ValueError(problem)


@frozen
class GerritConfig:
    """A ``[[stats.gerrit]]`` table: a server for code review whose changes are read."""

    url: str = field(validator=_address, metadata={"help": "Address of its REST interface, ending in a slash."})
    projects: tuple[str, ...] = field(metadata={"help": "Names of the projects whose changes are read."})
    user: str = field(
        default="", metadata={"help": "Name of the account that asks the REST interface; needs ``password_file``."}
    )
    password_file: Path | None = field(
        default=None,
        metadata={"help": "File with the HTTP password of that account, from its settings on the server."},
    )

    def __attrs_post_init__(self) -> None:
        if bool(self.user) != (self.password_file is not None):
            raise ValueError("user and password_file need each other")


@frozen
class MailConfig:
    """A ``[[stats.mail]]`` table: a mailing list whose messages are read."""

    name: str = field(metadata={"help": "Name of the list, such as its address. It must stay the same."})
    mbox: Path | None = field(
        default=None,
        metadata={"help": "File with its messages in the form of mbox, perhaps packed with gzip; or else ``url``."},
    )
    url: str = field(
        default="",
        validator=_archive,
        metadata={
            "help": "Address of its archive: of the export of HyperKitty, which ends in ``.mbox.gz``, or of the folder "
            "of Pipermail, which ends in a slash; needs ``since``."
        },
    )
    since: str = field(
        default="",
        validator=_month,
        metadata={"help": "The first month of the archive that is read, such as ``2014-01``."},
    )

    def __attrs_post_init__(self) -> None:
        if (self.mbox is None) != bool(self.url):
            raise ValueError("a mailing list needs either mbox or url")
        if bool(self.url) != bool(self.since):
            raise ValueError("url and since need each other")


@frozen
class StatsSettings:
    """Settings of contributions."""

    repositories: tuple[str, ...] = field(
        default=(), metadata={"help": "Addresses of the repositories of git whose commits are counted."}
    )
    branches: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Branches whose commits count besides those of the default branch, such as ``stable/*``; ``*`` "
            "stands for any text."
        },
    )
    people: Path | None = field(
        default=None,
        metadata={"help": "File about people, organisations and releases: ``default_data.json`` or our TOML."},
    )
    people_link: str = field(
        default="",
        validator=_people_link,
        metadata={
            "help": "Address where the file about people is mended, such as "
            "``https://example.org/people.toml#L{line}``; ``{line}`` stands for the line. Without it, pages name the "
            "file and the line."
        },
    )
    corrections: Path | None = field(default=None, metadata={"help": "``corrections.json`` with mistakes in commits."})
    mailmap: Path | None = field(
        default=None,
        metadata={
            "help": "A ``.mailmap``: names and addresses to replace first, instead of that of the file."
        },
    )
    engine: str = field(
        default="duckdb",
        validator=_engine,
        metadata={
            "help": "Where facts are kept and counted: ``duckdb``, in a file beside the journal; the address of a "
            "database, such as ``postgresql://user@host/database``; or, to keep them in the file and count them on "
            "many machines, the master of a cluster of Spark, such as ``spark://host:7077``. ``spark://local`` is "
            "Spark on this machine."
        },
    )
    exchange: Path | None = field(
        default=None,
        metadata={
            "help": "Folder through which Spark gets the facts and gives back what it counted: every machine of the "
            "cluster sees it under this path. Without it, ``exchange`` beside the facts."
        },
    )
    every: str = field(
        default="6h", validator=_span, metadata={"help": "Time between two readings by the bot, such as ``6h``."}
    )
    date: Literal["author", "commit", "merge"] = field(
        default="author",
        metadata={"help": "Which date of a commit counts: ``author``, ``commit``, or ``merge``, that of the merge."},
    )
    last_release_goes_on: bool = field(
        default=False, metadata={"help": "Whether later contributions belong to the last release, not after it."}
    )
    split: bool = field(
        default=False,
        metadata={"help": "Whether a commit is divided among its people; else each person has all of it."},
    )
    count_robots_as_co_authors: bool = field(
        default=False, metadata={"help": "Whether robots count as co-authors, as Stackalytics counted them."}
    )
    generated: tuple[str, ...] = field(
        default=FOREIGN,
        metadata={"help": "Paths of generated and vendored files; ``*`` stands for any text, slashes included."},
    )
    mass_renames: int = field(
        default=100,
        validator=at_least(1),
        metadata={"help": "Number of renamed files from which on a commit is a mass rename."},
    )
    assistants: tuple[str, ...] = field(
        default=(),
        validator=_patterns,
        metadata={"help": "Patterns, searched in ``NAME <ADDRESS>``, of programs that wrote a part of a commit."},
    )
    gerrit: tuple[GerritConfig, ...] = field(
        default=(),
        metadata={"help": "Tables ``[[stats.gerrit]]``, each with ``url`` and ``projects``: servers for code review."},
    )
    mail: tuple[MailConfig, ...] = field(
        default=(), metadata={"help": "Tables ``[[stats.mail]]``, each with ``name``: mailing lists."}
    )
    hidden: Path | None = field(
        default=None,
        metadata={
            "help": "List of hidden people, which ``ptgbot stats hide`` writes; it has no addresses, so it may be "
            "published. Left out, it is ``ptg.bulk/stats/hidden.txt`` beside the journal."
        },
    )
    initials: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Addresses, accounts or ids of people who are shown by their initials, beside those with "
            '``shown = "initials"`` in the file about people.'
        },
    )
    punch_cards: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Addresses, accounts or ids of people who want the hours of their week on their page, beside those "
            "with ``punch_card = true`` in the file about people."
        },
    )
    contact: str = field(
        default="",
        validator=_contact,
        metadata={
            "help": "Whom readers ask about their data, as the page about these numbers says: an address of the web, "
            "or words such as ``the organisers, in #plants``; no e-mail address."
        },
    )
    talks: bool = field(
        default=True,
        metadata={"help": "Whether the commands of people at the gathering and in meetings count as talks."},
    )

    def __attrs_post_init__(self) -> None:
        """Refuse the table where the extra of the distribution is missing, instead of each reading later."""
        if find_spec("duckdb") is None:
            raise ValueError("contributions are counted with DuckDB, which is missing. Install ptgbot[stats].")

    @property
    def seconds(self) -> float:
        """Seconds between two readings."""
        return int(self.every[:-1]) * _UNITS[self.every[-1]]

    @property
    def archives(self) -> list[Archive]:
        """The mailing lists that have an archive on the web."""
        return [Archive(one.name, one.url, one.since) for one in self.mail if one.url]

    @property
    def wanted(self) -> Wanted:
        """What is read of each repository."""
        return Wanted(self.branches, self.generated)

    @property
    def options(self) -> Options:
        """The switches of a count."""
        return Options(
            date_of=self.date,
            last_goes_on=self.last_release_goes_on,
            split=self.split,
            co_robots=self.count_robots_as_co_authors,
            mass_renames=self.mass_renames,
        )
