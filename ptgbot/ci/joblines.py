"""Parses the lines of a comment that tell the result of one job.

No pattern may look at a line in more than linear time: a comment may be one line of a megabyte.
"""

from __future__ import annotations

import enum
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from attrs import frozen

from ptgbot.chat.urls import safe_url


class Class(enum.StrEnum):
    """The meaning of a result."""

    OK = "ok"
    FAIL = "fail"
    WARN = "warn"
    NEUTRAL = "neutral"
    INFRA = "infra"
    """A failure of the CI, which says nothing of the patch."""


_CLASSES: Final = {
    "SUCCESS": Class.OK,
    "FAILURE": Class.FAIL,
    "SECRET_EXPOSURE": Class.FAIL,
    "UNSTABLE": Class.WARN,
    **dict.fromkeys(("SKIPPED", "NOT_REGISTERED", "CANCELED", "DEQUEUED", "NO_JOBS"), Class.NEUTRAL),
}
_KNOWN: Final = frozenset(
    {
        *_CLASSES,
        *("MERGE_FAILURE", "SNAPSHOT_FAILURE", "TIMED_OUT", "POST_FAILURE", "RETRY_LIMIT", "NODE_FAILURE", "DISK_FULL"),
        *("MERGER_FAILURE", "MERGE_CONFLICT", "CONFIG_ERROR", "ERROR", "ABORTED", "EXCEPTION", "RETRY", "LOST"),
    }
)
"""Results of which Zuul and Jenkins are known to speak."""
TRUNCATED: Final = "... (truncated)"
"""The end of a comment that was too long for the server."""
MOST: Final = 2_000
"""Most jobs of one comment that count."""
_LONGEST: Final = 10_000
"""Most characters of a line about a job."""
_RESULT: Final = re.compile(r"([A-Z][A-Z0-9_]+)(?=[^\w-]|$)")
_TIME: Final = re.compile(r"(?:^|(?<=\s))in (?:(\d{1,6})h )?(?:(\d{1,6})m )?(\d{1,9})s(?![^\W_])")
_PLAIN: Final = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.-]{0,200}/[\w./=&?%+~-]{0,1000}", re.ASCII)
"""Most addresses; :func:`safe_url` would take longer to accept them."""
_NOT_VOTING: Final = "(non-voting)"
_ENDS: Final = ("Warning:", "Debug information:")


def class_of(result: str) -> Class:
    """Return the meaning of a result. An unknown result counts as a failure of the CI."""
    return _CLASSES.get(result, Class.INFRA)


@frozen
class Job:
    """The result of one job."""

    name: str
    url: str | None
    """Address of its log (http or https), None without one."""
    result: str
    voting: bool = True
    seconds: int | None = None
    """How long it ran."""
    detail: str | None = None
    """Further words about the result."""

    @property
    def cls(self) -> Class:
        """The meaning of the result."""
        return class_of(self.result)


def jobs_in(lines: Iterable[str]) -> list[Job]:
    """Return the jobs of a comment. The list ends at a warning or at information for debugging."""
    found = (job for line in _whole(lines) if (job := job_in(line)) is not None)
    return [*itertools.islice(found, MOST)]


def is_job_line(line: str) -> bool:
    """Say whether a line tells the result of a job."""
    return job_in(line) is not None


def job_in(line: str) -> Job | None:
    """Parse a line; return None if it tells no result.

    The forms are ``- NAME URL : RESULT …`` of Zuul, and ``URL : RESULT …`` of Jenkins.
    """
    line = line.strip()
    if len(line) > _LONGEST or " : " not in line:
        return None
    listed = line[:2] in ("- ", "* ")
    body = line[2:].lstrip() if listed else line
    for left, right in _splits(body):
        found = _RESULT.match(right)
        if found and (named := _named(left, listed=listed)):
            return _job(*named, found[1], right[found.end() :])
    return None


def _whole(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of the list that were not cut."""
    held: str | None = None
    for line in lines:
        if line.startswith(_ENDS):
            break
        is_cut = line.rstrip().endswith(TRUNCATED)
        if held is not None and not (line.strip() == TRUNCATED and not _is_whole(held)):
            yield held
        held = None if is_cut else line
    if held is not None:
        yield held


def _is_whole(line: str) -> bool:
    """Say whether a line before the cut is whole: its result is a known word, or it ends as only whole lines do."""
    if (job := job_in(line)) and job.result in _KNOWN:
        return True
    ending = line.rstrip()
    return ending.endswith(_NOT_VOTING) or any(one.end() == len(ending) for one in _TIME.finditer(ending))


def _splits(text: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a text before and after each colon that stands alone."""
    at = text.find(" : ")
    while at >= 0:
        yield text[:at].rstrip(), text[at + 3 :].lstrip()
        at = text.find(" : ", at + 1)


def _named(left: str, *, listed: bool) -> tuple[str, str | None] | None:
    """Return the name and the address of a job, None if the text has not both."""
    parts = left.rsplit(None, 1)
    if len(parts) == 2:
        return (parts[0], _log(parts[1])) if listed else None
    if parts and (address := _log(parts[0])):
        return _after_job(address), address
    return None


def _log(word: str) -> str | None:
    """Return an address that may become a link, None for any other word, such as ``None``."""
    if _PLAIN.fullmatch(word):
        return word
    return word if word.lower().startswith(("http://", "https://")) and safe_url(word) else None


def _after_job(address: str) -> str:
    """Return the name of the job in an address of Jenkins: the part after ``/job/``, of the innermost folder."""
    parts = [part for part in address.partition("?")[0].split("/") if part]
    after = [parts[at + 1] for at, part in enumerate(parts[:-1]) if part == "job"]
    return after[-1] if after else parts[-1]


def _job(name: str, url: str | None, result: str, rest: str) -> Job:
    times: Sequence[re.Match[str]] = [*_TIME.finditer(rest)]
    seconds = None
    if times:
        hours, minutes, last = (int(number or 0) for number in times[-1].groups())
        seconds = hours * 3600 + minutes * 60 + last
        rest = f"{rest[: times[-1].start()]} {rest[times[-1].end() :]}"
    voting = _NOT_VOTING not in rest
    detail = " ".join(rest.replace(_NOT_VOTING, " ").split())
    return Job(name, None if result == "SKIPPED" else url, result, voting, seconds, detail or None)
