"""Where an expected CI stands on a patch set."""

from __future__ import annotations

import enum
from collections.abc import Collection, Sequence
from typing import Final

from attrs import frozen

EMPTY: Final = frozenset({"NO_CHANGE", "NO_CODE_CHANGE"})
"""Kinds of patch sets on which a CI need not report again."""
REMEMBERED: Final = 30 * 86_400
"""Seconds for which a CI that has reported on a project is expected there."""


class State(enum.StrEnum):
    """The state of a CI on a patch set."""

    DONE = "done"
    RUNNING = "running"
    PENDING = "pending"
    SUPERSEDED = "superseded"
    """A newer patch set came within the grace time."""
    MISSED = "missed"
    NOT_EXPECTED = "not expected"


@frozen(eq=False)
class Column:
    """A patch set on a board. Each is itself only, so that it is found quickly in large tables."""

    change: int
    """Number of the change in the tables."""
    number: int
    """Number of the change on the server."""
    patchset: int
    branch: str
    created: int
    kind: str
    subject: str
    owner: str
    url: str
    is_hidden: bool
    """Whether the change is work in progress or private."""
    followed: int | None = None
    """When the next patch set of the change was created, None without one."""
    abandoned: int | None = None
    """When the change was abandoned, None if it was not or was restored."""
    is_untested: bool = False
    """Whether it touches only paths that are configured as not tested."""

    @property
    def name(self) -> str:
        """The change and the patch set, as ``934200,2``."""
        return f"{self.number},{self.patchset}"


@frozen
class Seen:
    """Reports of a CI on a patch set: times of its results and of its starts."""

    results: Sequence[int] = ()
    starts: Sequence[int] = ()


def state_of(column: Column, seen: Seen, at: int, grace: int, *, runs_on_all: bool = False) -> State:
    """Return where a CI stands on a patch set.

    Args:
        column: the patch set.
        seen: reports of the CI on it.
        at: the moment (seconds since 1970).
        grace: seconds that a CI has.
        runs_on_all: whether the CI also runs on patch sets that change nothing or only the message.
    """
    begun = max(seen.starts, default=None)
    done = max(seen.results, default=None)
    if begun is not None and at - begun < grace and (done is None or begun > done):
        return State.RUNNING
    if done is not None:
        return State.DONE
    if not _is_wanted(column, grace, runs_on_all=runs_on_all):
        return State.NOT_EXPECTED
    if column.followed is not None and column.followed - column.created <= grace:
        return State.SUPERSEDED
    return State.PENDING if at - column.created < grace else State.MISSED


OUTSTANDING: Final = (State.MISSED, State.PENDING, State.SUPERSEDED)
"""States of an expected CI without a result."""


def _is_wanted(column: Column, grace: int, *, runs_on_all: bool) -> bool:
    is_empty = column.kind in EMPTY and not runs_on_all
    is_given_up = column.abandoned is not None and column.abandoned - column.created <= grace
    return not (column.is_hidden or column.is_untested or is_empty or is_given_up)


def flips(classes: Collection[str]) -> bool:
    """Say whether the results of a job on one patch set contradict each other."""
    return "ok" in classes and len({*classes}) > 1
