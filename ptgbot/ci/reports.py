"""Reads the text of a comment by a CI: has it begun, or what came out?"""

from __future__ import annotations

import enum
import re
from typing import Any, Final

from attrs import frozen

from ptgbot.chat.urls import safe_url
from ptgbot.ci.joblines import Class, Job, is_job_line, jobs_in
from ptgbot.ci.patterns import Patterns, find
from ptgbot.gerrit.header import Comment


class Status(enum.StrEnum):
    """The result of a run as a whole."""

    SUCCESS = "success"
    FAILURE = "failure"
    MERGE_FAILURE = "merge-failure"
    CONFIG_ERROR = "config-error"
    NOTE = "note"
    """No result, such as a canceled run or a remark."""


@frozen
class Report:
    """A comment by a CI."""

    status: Status | None = None
    """The result; None if the run has only begun."""
    pipeline: str | None = None
    buildset: str | None = None
    """Address of the page of the run (http or https)."""
    jobs: tuple[Job, ...] = ()


_BUILDSET: Final = re.compile(r"https?://\S{1,2000}")


def report_of(comment: Comment, patterns: Patterns) -> Report:
    """Read the comment of a CI."""
    text, jobs = comment.text, tuple(jobs_in(comment.lines))
    summaries = [
        (found.start(), status, found)
        for written, status in ((patterns.failed, Status.FAILURE), (patterns.succeeded, Status.SUCCESS))
        if (found := find(written, text))
    ]
    if summaries:
        # A CI may quote a run before it: its own summary comes first.
        _, status, found = min(summaries, key=lambda one: one[0])
        return Report(status, _pipeline(found), _buildset(comment), jobs)
    status = _without_summary(text, jobs, patterns)
    begun = find(patterns.started, text)
    if begun and status is Status.NOTE and not jobs:
        return Report(None, _pipeline(begun), _buildset(comment))
    return Report(status, None, _buildset(comment), jobs)


def _without_summary(text: str, jobs: tuple[Job, ...], patterns: Patterns) -> Status:
    for written, status in (
        (patterns.merge_failure, Status.MERGE_FAILURE),
        (patterns.config_error, Status.CONFIG_ERROR),
        (patterns.unmergeable, Status.MERGE_FAILURE),
        (patterns.canceled, Status.NOTE),
    ):
        if find(written, text):
            return status
    if not jobs:
        return Status.NOTE
    is_bad = any(job.voting and job.cls not in (Class.OK, Class.NEUTRAL) for job in jobs)
    return Status.FAILURE if is_bad else Status.SUCCESS


def _pipeline(found: Any) -> str | None:
    """Return the name of the pipeline: the first group of a pattern."""
    return (found[1] or "").strip() or None if found.re.groups else None


def _buildset(comment: Comment) -> str | None:
    """Return the first address of a page of a run that stands outside the list of jobs."""
    if "/buildset/" not in comment.text:
        return None
    for line in comment.lines:
        if "/buildset/" in line and not is_job_line(line):
            for one in _BUILDSET.findall(line):
                address = one.rstrip(".,;:)>\"'")
                if "/buildset/" in address and safe_url(address):
                    return str(address)
    return None
