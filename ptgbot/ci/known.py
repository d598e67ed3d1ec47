"""Known problems: failures whose cause is known. They get a label, and are never hidden."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, date, datetime

import attrs
from attrs import field, frozen

from ptgbot.ci.joblines import Class, class_of
from ptgbot.ci.patterns import find, is_pattern
from ptgbot.ci.spans import Span


def _is_day(_instance: object, _attribute: object, value: str) -> None:
    if value:
        try:
            date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"“{value}” is no day; write it as 2026-11-23") from None


@frozen
class KnownConfig:
    """A ``[[ci.known]]`` table: a problem that is known, and the failures that it explains."""

    bug: str = field(metadata={"help": "Its number or address."})
    job: str = field(
        default="", validator=is_pattern, metadata={"help": "Jobs that it strikes, searched in their names (RE2)."}
    )
    result: str = field(
        default="", validator=is_pattern, metadata={"help": "Results that it causes, searched in the word (RE2)."}
    )
    detail: str = field(
        default="",
        validator=is_pattern,
        metadata={"help": "Searched in the text behind the result, such as an error (RE2)."},
    )
    from_: str = field(
        default="", validator=_is_day, metadata={"help": "The first day (UTC) on which it counts, as ``2026-11-23``."}
    )
    until: str = field(
        default="", validator=_is_day, metadata={"help": "The last day (UTC) on which it counts, as ``2026-11-30``."}
    )
    reason: str = field(default="", metadata={"help": "What is wrong, in a few words."})

    def __attrs_post_init__(self) -> None:
        if not (self.job or self.result or self.detail):
            raise ValueError("a known problem needs job, result or detail")

    def explains(self, job: str, result: str, detail: str, time: int) -> bool:
        """Say whether it explains a failure.

        Args:
            job: name of the job.
            result: its result, such as ``FAILURE``.
            detail: the text behind the result.
            time: when it was reported (seconds since 1970).
        """
        day = datetime.fromtimestamp(time, UTC).date()
        is_then = (not self.from_ or day >= date.fromisoformat(self.from_)) and (
            not self.until or day <= date.fromisoformat(self.until)
        )
        return is_then and all(find(*one) for one in ((self.job, job), (self.result, result), (self.detail, detail)))


@frozen
class Failure:
    """A failure of a voting job of upstream."""

    server: str
    project: str
    change: int
    patchset: int
    job: str
    result: str
    url: str | None
    """Address of the log."""
    detail: str
    time: int
    known: KnownConfig | None = None
    """The problem that explains it, None if none does."""


@frozen
class Classified:
    """How many failures are explained."""

    failures: int
    classified: int
    listed: tuple[Failure, ...]
    """The newest failures: first those without an explanation."""

    @property
    def share(self) -> float | None:
        """The part that is explained, None without failures."""
        return self.classified / self.failures if self.failures else None


def known_problem(
    known: Sequence[KnownConfig], job: str, result: str, detail: str | None, time: int
) -> KnownConfig | None:
    """Return the first problem that explains a failure; arguments as for :meth:`KnownConfig.explains`."""
    return next((one for one in known if one.explains(job, result, detail or "", time)), None)


def classified(
    sql: sqlite3.Connection, span: Span, known: Sequence[KnownConfig], project: str | None = None, most: int = 100
) -> Classified:
    """Return which failures of voting jobs of upstream known problems explain, failures of the CI included.

    Args:
        sql: the tables.
        span: the time.
        known: the problems that are known.
        project: only this project, None for all.
        most: how many failures are listed, with and without an explanation together.
    """
    rows = sql.execute(
        "SELECT c.server, c.project, c.number, r.patchset, j.name, j.result, j.url, COALESCE(j.detail, ''), r.time "
        "FROM reports r JOIN changes c ON c.id = r.change JOIN jobs j ON j.report = r.id "
        "WHERE r.trusted AND j.voting AND r.outcome NOT IN ('', 'ok') AND r.time BETWEEN ? AND ? "
        "AND (? IS NULL OR r.project = ?) ORDER BY r.time DESC, r.id, j.position",
        (span.since, span.until, project, project),
    )
    failures, without, labelled = 0, list[Failure](), list[Failure]()
    explained = 0
    for row in rows:
        if class_of(row[5]) in (Class.OK, Class.NEUTRAL):
            continue
        failures += 1
        _, _, _, _, job, result, _, detail, time = row
        one = attrs.evolve(Failure(*row), known=known_problem(known, job, result, detail, time))
        explained += one.known is not None
        chosen = without if one.known is None else labelled
        if len(chosen) < most:
            chosen.append(one)
    return Classified(failures, explained, tuple([*without, *labelled][:most]))
