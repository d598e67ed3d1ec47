"""Comments as CI systems write them, in the forms of the documentation of Zuul and of Jenkins' Gerrit Trigger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from ptgbot.ci.simulation.cast import Ci, Style

_LOGS: Final = "https://logs.example"


@frozen
class Outcome:
    """The result of a job."""

    job: str
    result: str
    seconds: int
    voting: bool = True

    @property
    def is_bad(self) -> bool:
        """Whether it makes the whole run fail."""
        return self.voting and self.result not in ("SUCCESS", "SKIPPED")


def started(ci: Ci, pipeline: str, run: str) -> str:
    """Return the comment with which a run begins."""
    if ci.style is Style.JENKINS:
        return f"Build Started {_LOGS}/job/{ci.jobs[0]}/{int(run[:4], 16)}/"
    return f"Starting {pipeline} jobs."


def finished(ci: Ci, pipeline: str, run: str, outcomes: Sequence[Outcome]) -> str:
    """Return the comment with the results of a run.

    Args:
        ci: who writes.
        pipeline: its pipeline; only Zuul names one.
        run: a number in hexadecimal that no other run has.
        outcomes: results of its jobs.
    """
    is_bad = any(one.is_bad for one in outcomes)
    if ci.style is Style.JENKINS:
        lines = [f"{_LOGS}/job/{one.job}/{int(run[:4], 16)}/ : {one.result}" for one in outcomes]
        return "\n".join([f"Build {'Failed' if is_bad else 'Successful'} ", "", *lines])
    jobs = [_line(one, run) for one in outcomes]
    if ci.style is Style.PLAIN:
        return "\n".join([f"{ci.name}, results of run {run[:6]}", "", *jobs])
    verb = "failed" if is_bad else "succeeded"
    page = f"https://zuul.example/t/harbor/buildset/{run}"
    return "\n".join([f"Build {verb} ({pipeline} pipeline).", page, "", *jobs])


def _line(one: Outcome, run: str) -> str:
    voting = "" if one.voting else " (non-voting)"
    if one.result == "SKIPPED":
        return f"- {one.job} None : SKIPPED{voting}"
    hours, minutes, seconds = one.seconds // 3600, one.seconds // 60 % 60, one.seconds % 60
    took = f"{hours}h {minutes:02}m {seconds:02}s" if hours else f"{minutes}m {seconds:02}s"
    return f"- {one.job} {_LOGS}/{run}/{one.job} : {one.result} in {took}{voting}"
