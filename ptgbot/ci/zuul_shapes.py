"""What Zuul's REST interface tells of builds and buildsets.

The shapes are those of ``/api/tenant/{tenant}/builds`` and ``/buildsets`` in https://zuul-ci.org/docs/zuul/latest/rest-api.html.
Newer versions have the change of a build in ``ref``, older ones beside the rest. Any field may be missing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from attrs import frozen

from ptgbot.chat.urls import safe_url
from ptgbot.ci.values import flag_in, mapping_in, number_in, text_in

BUILD: Final = "zuul-build"
"""Type of a stored build."""
BUILDSET: Final = "zuul-buildset"
"""Type of a stored buildset."""
_LONGEST: Final = 1_000
_HEAVY: Final = frozenset({"artifacts", "provides", "builds", "retry_builds", "events", "_id"})
"""Parts that are large, and of which nothing is read."""


class NoBuilds(ValueError):
    """A response is not a list of builds."""


@frozen
class Build:
    """A build, or a buildset: the run of one job, or of all jobs of an item in a pipeline."""

    is_set: bool
    uuid: str
    job: str
    """Empty for a buildset."""
    pipeline: str
    project: str
    branch: str
    change: int | None
    """Number of the change, None for a periodic or a post run."""
    patchset: int | None
    result: str
    voting: bool
    is_final: bool
    """Whether it counts; Zuul tries a job again whose infrastructure fails."""
    nodeset: str
    error: str
    """Why the build failed, or the message of the buildset."""
    url: str
    """Address of its log."""
    buildset: str
    queued: int | None
    """When its event came (seconds since 1970)."""
    started: int | None
    ended: int | None

    @property
    def time(self) -> int | None:
        """The moment that it is counted by: its end, else its beginning."""
        return self.ended or self.started or self.queued


def items_in(body: bytes, type_: str) -> list[dict[str, Any]]:
    """Return the builds or buildsets of a response, to be stored.

    Args:
        body: the response.
        type_: :data:`BUILD` or :data:`BUILDSET`.

    Raises:
        NoBuilds: it is something else, such as a page for people or half a response.
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NoBuilds("the answer is no JSON") from error
    if not isinstance(found, list):
        raise NoBuilds("the answer is no list")
    return [
        {"type": type_, **{key: value for key, value in one.items() if key not in _HEAVY and key != "type"}}
        for one in found
        if isinstance(one, dict)
    ]


def build_of(event: Mapping[str, Any]) -> Build | None:
    """Return the build or buildset of a stored event, None if it has no id or no result."""
    is_set = text_in(event, "type") == BUILDSET
    uuid, result = text_in(event, "uuid")[:64], text_in(event, "result")[:64]
    if not uuid or not result or not (is_set or text_in(event, "job_name")):
        return None
    refs = event.get("refs")
    ref = mapping_in({"ref": refs[0]} if isinstance(refs, list) and refs else event, "ref") or event
    log = text_in(event, "log_url")
    return Build(
        is_set,
        uuid,
        text_in(event, "job_name")[:_LONGEST],
        text_in(event, "pipeline")[:_LONGEST],
        text_in(ref, "project")[:_LONGEST],
        _branch(ref)[:_LONGEST],
        number_in(ref, "change"),
        number_in(ref, "patchset"),
        result,
        flag_in(event, "voting") or "voting" not in event,
        event.get("final") is not False,
        text_in(event, "nodeset")[:_LONGEST],
        text_in(event, "message" if is_set else "error_detail")[:_LONGEST],
        log if safe_url(log) and log.lower().startswith(("http://", "https://")) else "",
        text_in(event, "buildset", "uuid")[:64],
        seconds_of(text_in(event, "event_timestamp")),
        seconds_of(text_in(event, "first_build_start_time" if is_set else "start_time")),
        seconds_of(text_in(event, "last_build_end_time" if is_set else "end_time")),
    )


def _branch(ref: Mapping[str, Any]) -> str:
    """Return the branch; that of a periodic run may stand in its ref only."""
    found = text_in(ref, "branch")
    return found or (
        text_in(ref, "ref").removeprefix("refs/heads/") if text_in(ref, "ref").startswith("refs/heads/") else ""
    )


def seconds_of(text: str) -> int | None:
    """Return a time of Zuul, such as ``2026-11-22T02:00:00`` (UTC), as seconds since 1970, None without one."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
