"""One event of a code-review server, as it was understood."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from ptgbot.ci.joblines import Job
from ptgbot.ci.reports import Status
from ptgbot.ci.zuul_shapes import Build


class Kind(enum.StrEnum):
    """The kinds of events that count."""

    PATCHSET = "patchset"
    CI_RESULT = "ci-result"
    CI_START = "ci-start"
    HUMAN = "human"
    RECHECK = "recheck"
    MERGED = "merged"
    ABANDONED = "abandoned"
    RESTORED = "restored"
    WIP = "wip"
    PRIVATE = "private"
    DROPPED = "dropped"
    """The server has lost events for us."""
    DELETED = "deleted"
    """A change was deleted, and must be forgotten."""
    VOTE_DELETED = "vote-deleted"
    BUILD = "build"
    """A Zuul has told of a build."""
    IGNORED = "ignored"


COMMENTS = frozenset({Kind.CI_RESULT, Kind.CI_START, Kind.HUMAN, Kind.RECHECK})
_SILENT = frozenset({Kind.DELETED, Kind.VOTE_DELETED, Kind.BUILD})
"""Kinds that scripts see as ignored."""


@frozen
class Change:
    """A change, as the newest event has it."""

    project: str
    number: int
    branch: str = ""
    subject: str = ""
    owner: str = ""
    topic: str = ""
    url: str = ""
    is_wip: bool = False
    is_private: bool = False


@frozen
class PatchSet:
    """A patch set."""

    number: int
    created: int | None = None
    """Seconds since 1970."""
    kind: str = "REWORK"
    revision: str = ""
    uploader: str = ""
    inserted: int = 0
    """Lines."""
    deleted: int = 0
    is_untested: bool = False
    """Whether it is known to touch only paths that are configured as not tested."""


@frozen
class Said:
    """The part of a reading that comments have."""

    account: str
    name: str
    votes: Mapping[str, int] = field(factory=dict)
    """Votes in the header."""
    verified: int | None = None
    """The present vote of the account on Verified."""
    is_changed: bool = False
    """Whether this comment changed that vote."""
    digest: str = ""
    """Digest of the text."""
    line: str = ""
    """First line of a request for a rerun."""
    is_bare: bool = False
    """Whether that request has no reason."""
    asked: str = ""
    """The CI that is asked for a rerun, as the configuration names it; empty for all."""
    trusted: bool = False
    pipeline: str | None = None
    buildset: str | None = None
    status: Status = Status.NOTE
    jobs: tuple[Job, ...] = ()

    @property
    def is_cast(self) -> bool:
        """Whether the vote was cast with this comment, and not copied from an earlier patch set."""
        return self.is_changed or "Verified" in self.votes or "VRIF" in self.votes


@frozen
class Reading:
    """An event, as it was understood."""

    kind: Kind
    change: Change | None = None
    patchset: PatchSet | None = None
    time: int | None = None
    """Seconds since 1970, by the clock of the server."""
    said: Said | None = None
    build: Build | None = None
    """A build or buildset that a Zuul has told itself."""
    why: str = ""
    """Why the event does not count."""

    def to_json(self, line: int) -> dict[str, Any]:
        """Return the reading for scripts.

        Args:
            line: number of the line that it was read from.
        """
        kind = Kind.IGNORED if self.kind in _SILENT else self.kind
        made: dict[str, Any] = {
            "line": line,
            "kind": str(kind),
            "project": self.change.project if self.change else None,
            "branch": self.change.branch if self.change else None,
            "change": self.change.number if self.change else None,
            "patchset": self.patchset.number if self.patchset else None,
            "time": self.time,
        }
        if self.kind is Kind.PATCHSET and self.patchset:
            made |= {"created": self.patchset.created, "ps_kind": self.patchset.kind}
        if self.kind in COMMENTS and self.said:
            made |= self._said(self.said)
        if kind is Kind.IGNORED:
            made["why"] = self.why
        if kind is Kind.DROPPED:
            made["action"] = "catch-up"
        return made

    def _said(self, said: Said) -> dict[str, Any]:
        made: dict[str, Any] = {
            "account": said.account,
            "name": said.name,
            "votes_in_header": dict(said.votes),
            "verified": said.verified,
            "verified_changed": said.is_changed,
        }
        if self.kind in (Kind.CI_RESULT, Kind.CI_START):
            made |= {"trusted": said.trusted, "pipeline": said.pipeline}
        if self.kind is Kind.CI_RESULT:
            jobs = [_job(job) for job in said.jobs]
            made |= {"buildset": said.buildset, "status": str(said.status), "jobs": jobs}
        return made


def _job(job: Job) -> dict[str, Any]:
    return {
        "name": job.name,
        "url": job.url,
        "result": job.result,
        "cls": str(job.cls),
        "voting": job.voting,
        "seconds": job.seconds,
        "detail": job.detail,
    }
