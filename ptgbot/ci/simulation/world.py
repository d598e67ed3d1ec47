"""What happens in the simulation, event by event, in the form of ``gerrit stream-events``."""

from __future__ import annotations

import hashlib
import heapq
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import define, field

from ptgbot.ci.simulation.cast import (
    BRANCHES,
    CIS,
    DAY,
    INCIDENTS,
    PEOPLE,
    PROJECTS,
    REASONS,
    SUBJECTS,
    UPSTREAM,
    WORSENING,
    Ci,
    Person,
)
from ptgbot.ci.simulation.texts import Outcome, finished, started

Event = dict[str, Any]
LAPSE: Final = 60.0
"""Seconds of the simulation in a second of the present."""
HISTORY: Final = 30 * DAY
"""Seconds of the history before the present."""
_HOUR: Final = 3600
_FAULTS: Final = ("NODE_FAILURE", "TIMED_OUT", "POST_FAILURE", "RETRY_LIMIT", "DISK_FULL")
_SIZES: Final = (3, 12, 40, 160, 700)


@define(eq=False)
class Change:
    """A change with its newest patch set."""

    number: int
    project: str
    branch: str
    subject: str
    owner: Person
    created: int
    patchset: int = 0
    born: int = 0
    """When the newest patch set was made (stamped seconds)."""
    kind: str = "REWORK"
    size: int = 0
    status: str = "NEW"
    wip: bool = False
    broken: frozenset[str] = frozenset()
    """Jobs that the newest patch set breaks."""
    votes: dict[tuple[str, str], int] = field(factory=dict)
    """Present votes by account and label."""


@define(eq=False)
class World:
    """All that happens. The same seed and the same moments make the same events."""

    seed: int
    at: int
    """The present (seconds since 1970): the history ends and the time-lapse begins."""
    url: str
    """Address of the server, ending in a slash."""
    per_day: float = 20
    """Changes in a day."""
    history: int = HISTORY
    """Seconds of history."""
    lapse: float = LAPSE
    _random: random.Random = field(init=False)
    _agenda: list[tuple[float, int, Callable[[float], None]]] = field(factory=list, init=False)
    _planned: int = field(default=0, init=False)
    _next: int = field(default=1000, init=False)
    _told: list[Event] = field(factory=list, init=False)

    def __attrs_post_init__(self) -> None:
        """Plan the first change."""
        self._random = random.Random(self.seed)  # noqa: S311 nothing secret is made of it
        self._plan(self.at - self.history, self._new)

    def until(self, moment: float) -> Iterator[Event]:
        """Yield what happens until a moment (seconds of the simulation), in order."""
        while self._agenda and self._agenda[0][0] <= moment:
            at, _, happen = heapq.heappop(self._agenda)
            happen(at)
            yield from self._told
            self._told.clear()

    def past(self) -> Iterator[Event]:
        """Yield the history."""
        yield from self.until(self.at)

    def next(self) -> float:
        """Return the seconds of the present from its beginning to the next thing that happens."""
        return max(0.0, (self._agenda[0][0] - self.at) / self.lapse)

    def live(self, seconds: float) -> Iterator[Event]:
        """Yield what happens until so many seconds after the beginning of the present."""
        yield from self.until(self.at + seconds * self.lapse)

    # Time

    def _plan(self, at: float, happen: Callable[[float], None]) -> None:
        self._planned += 1
        heapq.heappush(self._agenda, (at, self._planned, happen))

    def _stamp(self, at: float) -> int:
        """Return the time that an event shows: that of the time-lapse after the present has begun."""
        return int(at if at <= self.at else self.at + (at - self.at) / self.lapse)

    def _before(self, at: float) -> float:
        """Return for how many days before the present a moment is; negative after it."""
        return (self.at - at) / DAY

    def _spread(self, minutes: float) -> float:
        """Return seconds around a number of minutes."""
        return minutes * 60 * self._random.lognormvariate(0, 0.4)

    # Changes

    def _new(self, at: float) -> None:
        is_working = 7 <= (at // _HOUR) % 24 < 19
        pause = self._random.expovariate(self.per_day * (1.6 if is_working else 0.4) / DAY)
        self._plan(at + max(60.0, pause), self._new)
        self._next += self._random.randint(1, 9)
        change = Change(
            self._next,
            self._random.choices(PROJECTS, (5, 3, 2, 2, 1))[0],
            self._random.choice(BRANCHES),
            self._random.choice(SUBJECTS),
            self._random.choice(PEOPLE),
            self._stamp(at),
            wip=self._random.random() < 0.06,
        )
        self._upload(at, change, "REWORK")
        if change.wip:
            self._plan(at + self._spread(600), lambda now: self._ready(now, change))

    def _upload(self, at: float, change: Change, kind: str) -> None:
        """Make a new patch set."""
        if change.status != "NEW":
            return
        change.patchset, change.kind, change.born = change.patchset + 1, kind, self._stamp(at)
        change.size = self._random.choice(_SIZES)
        is_same = kind != "REWORK"
        change.votes = {key: value for key, value in change.votes.items() if is_same and key[1] != "Verified"}
        if kind == "REWORK":
            is_bad = self._random.random() < (0.3 if change.patchset == 1 else 0.12)
            every = sorted({job for ci in CIS if change.project in ci.projects for job in ci.jobs})
            change.broken = frozenset(self._random.sample(every, min(len(every), 2)) if is_bad else ())
        self._tell("patchset-created", at, change, {"uploader": _account(change.owner)})
        if not change.wip and kind not in ("NO_CHANGE", "NO_CODE_CHANGE"):
            self._test(at, change)
        if self._random.random() < 0.12:
            patchset = change.patchset
            self._plan(at + self._spread(50), lambda now: self._rebase(now, change, patchset))

    def _rebase(self, at: float, change: Change, patchset: int) -> None:
        if change.patchset == patchset:
            self._upload(at, change, self._random.choice(("TRIVIAL_REBASE", "NO_CODE_CHANGE", "REWORK")))

    def _ready(self, at: float, change: Change) -> None:
        if change.status == "NEW":
            change.wip = False
            self._tell("wip-state-changed", at, change, {"changer": _account(change.owner)})
            self._test(at, change)

    def _test(self, at: float, change: Change) -> None:
        """Let every CI of the project begin."""
        for ci in CIS:
            if change.project in ci.projects and self._random.random() >= ci.lazy:
                self._run(at, change, ci, "check")

    # Runs

    def _run(self, at: float, change: Change, ci: Ci, pipeline: str) -> None:
        """Let a CI begin, and finish later."""
        if any(start >= self._before(at) > end for start, end in ci.silences):
            return
        patchset, run = change.patchset, f"{self._random.getrandbits(64):016x}"
        if ci is UPSTREAM or self._random.random() < 0.3:
            begins = at + self._random.uniform(5, 90)
            self._plan(begins, lambda now: self._say(now, change, patchset, ci, started(ci, pipeline, run), 0))
        ends = at + 100 + self._spread(ci.minutes)
        self._plan(ends, lambda now: self._finish(now, change, patchset, ci, pipeline, run))

    def _finish(self, at: float, change: Change, patchset: int, ci: Ci, pipeline: str, run: str) -> None:
        if patchset != change.patchset or change.status != "NEW":
            return
        outcomes = [self._outcome(at, change, ci, job) for job in ci.jobs]
        is_bad = any(one.is_bad for one in outcomes)
        if not is_bad or ci.tells_failures:
            value = (-1 if is_bad else 1) * (2 if pipeline == "gate" else 1) if ci.votes else 0
            self._say(at, change, patchset, ci, finished(ci, pipeline, run, outcomes), value)
        if ci is UPSTREAM:
            self._react(at, change, pipeline, is_bad=is_bad)
        elif is_bad and self._random.random() < 0.3:
            self._plan(at + self._spread(40), lambda now: self._recheck(now, change, patchset, ci))

    def _outcome(self, at: float, change: Change, ci: Ci, job: str) -> Outcome:
        name, since, share = WORSENING
        flaky = share if ci is UPSTREAM and job == name and self._before(at) < since else ci.flaky
        days = self._before(at)
        is_incident = ci is UPSTREAM and any(begin >= days > begin - hours / 24 for begin, hours in INCIDENTS)
        infra = 0.7 if is_incident else ci.infra
        drawn, seconds = self._random.random(), int(self._spread(ci.minutes * 0.7))
        result = "SUCCESS"
        if job == "docs" and change.size < 10:
            result = "SKIPPED"
        elif drawn < infra:
            result = self._random.choice(_FAULTS)
        elif job in change.broken or drawn < infra + flaky:
            result = "FAILURE"
        return Outcome(job, result, seconds, voting=job != "style")

    def _react(self, at: float, change: Change, pipeline: str, *, is_bad: bool) -> None:
        """Let people react to a result of upstream: merge, recheck, improve or give up."""
        patchset, drawn = change.patchset, self._random.random()
        if not is_bad:
            if pipeline == "gate":
                self._plan(at + 5, lambda now: self._merge(now, change))
            elif drawn < 0.75:
                self._plan(at + self._spread(240), lambda now: self._approve(now, change, patchset))
        elif change.broken:
            if drawn < 0.8:
                self._plan(at + self._spread(180), lambda now: self._upload(now, change, "REWORK"))
            else:
                self._plan(at + self._spread(900), lambda now: self._abandon(now, change))
        else:
            self._plan(at + self._spread(25), lambda now: self._recheck(now, change, patchset, UPSTREAM))

    def _recheck(self, at: float, change: Change, patchset: int, ci: Ci) -> None:
        if change.status != "NEW" or change.patchset != patchset:
            return
        reason = self._random.choice(REASONS)
        self._comment(at, change, patchset, self._random.choice(PEOPLE), f"{ci.trigger}{reason}", {})
        self._run(at, change, ci, "check")

    def _approve(self, at: float, change: Change, patchset: int) -> None:
        if change.status != "NEW" or change.patchset != patchset:
            return
        votes = {"Code-Review": 2, "Workflow": 1}
        text = self._random.choice(("", "Thanks!", "Build succeeded (check pipeline).\n\nis all I wanted to see."))
        self._comment(at, change, patchset, self._random.choice(PEOPLE), text, votes)
        self._run(at, change, UPSTREAM, "gate")

    def _merge(self, at: float, change: Change) -> None:
        if change.status == "NEW":
            change.status = "MERGED"
            self._tell("change-merged", at, change, {"submitter": _account(UPSTREAM), "newRev": _digest(change, "new")})

    def _abandon(self, at: float, change: Change) -> None:
        if change.status == "NEW":
            change.status = "ABANDONED"
            self._tell("change-abandoned", at, change, {"abandoner": _account(change.owner)})
            if self._random.random() < 0.2:
                self._plan(at + self._spread(300), lambda now: self._restore(now, change))

    def _restore(self, at: float, change: Change) -> None:
        change.status = "NEW"
        self._tell("change-restored", at, change, {"restorer": _account(change.owner)})

    # Events

    def _say(self, at: float, change: Change, patchset: int, ci: Ci, text: str, value: int) -> None:
        """Let a CI comment on a patch set, if nobody has made a newer one; the vote 0 takes its former one away."""
        if patchset == change.patchset and change.status == "NEW":
            is_vote = value or change.votes.get((ci.username, "Verified"))
            self._comment(at, change, patchset, ci, text, {"Verified": value} if is_vote else {})

    def _comment(
        self, at: float, change: Change, patchset: int, author: Person | Ci, text: str, votes: Mapping[str, int]
    ) -> None:
        before = dict(change.votes)
        for label, value in votes.items():
            change.votes[author.username, label] = value
        header = "".join(f" {label}{value:+d}" if value else f" -{label}" for label, value in votes.items())
        more = {
            "author": _account(author),
            "comment": f"Patch Set {patchset}:{header}" + (f"\n\n{text}" if text else ""),
            "approvals": [*_approvals(before, change.votes, author.username, votes)],
        }
        self._tell("comment-added", at, change, more)

    def _tell(self, kind: str, at: float, change: Change, more: Mapping[str, Any]) -> None:
        number = change.patchset
        about = {
            "project": change.project,
            "branch": change.branch,
            "id": f"I{_digest(change, 'id')}",
            "number": change.number,
            "subject": change.subject,
            "owner": _account(change.owner),
            "url": f"{self.url}c/{change.project}/+/{change.number}",
            "commitMessage": f"{change.subject}\n\nChange-Id: I{_digest(change, 'id')}\n",
            "createdOn": change.created,
            "status": change.status,
            **({"wip": True} if change.wip else {}),
        }
        patchset = {
            "number": number,
            "revision": _digest(change, str(number)),
            "parents": [_digest(change, "parent")],
            "ref": f"refs/changes/{change.number % 100:02}/{change.number}/{number}",
            "uploader": _account(change.owner),
            "createdOn": change.born,
            "author": _account(change.owner),
            "kind": change.kind,
            "sizeInsertions": change.size,
            "sizeDeletions": -(change.size // 3),
        }
        told = {
            "type": kind,
            "change": about,
            "patchSet": patchset,
            **more,
            "project": change.project,
            "refName": f"refs/heads/{change.branch}",
            "changeKey": {"id": about["id"]},
            "eventCreatedOn": self._stamp(at),
        }
        self._told.append(told)


def _account(one: Person | Ci) -> Event:
    return {"name": one.name, "email": f"{one.username}@people.example", "username": one.username}


def _approvals(
    before: Mapping[tuple[str, str], int],
    now: Mapping[tuple[str, str], int],
    author: str,
    changed: Mapping[str, int],
) -> Sequence[Event]:
    """Return all present votes of an author; those that this comment has changed have the former value."""
    found = []
    for (account, label), value in now.items():
        if account == author:
            one = {"type": label, "description": label, "value": str(value)}
            if label in changed:
                one["oldValue"] = str(before.get((account, label), 0))
            found.append(one)
    return found


def _digest(change: Change, what: str) -> str:
    return hashlib.sha1(f"{change.number} {what}".encode(), usedforsecurity=False).hexdigest()
