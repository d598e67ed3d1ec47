"""How a run went, in one word: a failure of the patch and a failure of the CI are two."""

from __future__ import annotations

import enum
from collections.abc import Sequence

from ptgbot.ci.joblines import Class, Job
from ptgbot.ci.reports import Status


class Outcome(enum.StrEnum):
    """How a run went."""

    OK = "ok"
    FAIL = "fail"
    INFRA = "infra"
    """The CI failed. It says nothing of the patch."""
    NONE = ""
    """No result."""


def outcome_of(status: Status | None, jobs: Sequence[Job]) -> Outcome:
    """Return how a run went.

    Args:
        status: its result, None if it has only begun.
        jobs: its jobs. A failure is one of the CI if all voting jobs that are neither good nor neutral failed so.
    """
    if status is None or status is Status.NOTE:
        return Outcome.NONE
    if status is Status.SUCCESS:
        return Outcome.OK
    if status in (Status.MERGE_FAILURE, Status.CONFIG_ERROR):
        return Outcome.INFRA
    bad = {job.cls for job in jobs if job.voting and job.cls not in (Class.OK, Class.NEUTRAL)}
    return Outcome.INFRA if bad == {Class.INFRA} else Outcome.FAIL
