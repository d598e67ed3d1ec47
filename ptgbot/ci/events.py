"""Reads the events of Gerrit: ``stream-events``, and what its REST interface has of the same.

Any field may be missing. The shapes are those of https://gerrit-review.googlesource.com/Documentation/ in the pages
cmd-stream-events.html, json.html and rest-api-changes.html.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import attrs

from ptgbot.ci.accounts import account_of, pipeline_in, standing_of
from ptgbot.ci.patterns import find
from ptgbot.ci.reading import Change, Kind, PatchSet, Reading, Said
from ptgbot.ci.reports import report_of
from ptgbot.ci.rest_shapes import TAG, TYPE, stream_event
from ptgbot.ci.settings import CiSettings, matches
from ptgbot.ci.values import flag_in, mapping_in, number_in, text_in
from ptgbot.ci.zuul_shapes import BUILD, BUILDSET, build_of
from ptgbot.gerrit.header import Comment, comment_of

Event = Mapping[str, Any]
LONGEST_LINE: Final = 10_000_000
"""Most bytes of an event."""
DROPPED: Final = "dropped-output"
"""Type of the event by which a server says that it has lost events for us."""
_KINDS: Final = frozenset(
    {
        "REWORK",
        "TRIVIAL_REBASE",
        "TRIVIAL_REBASE_WITH_MESSAGE_UPDATE",
        "MERGE_FIRST_PARENT_UPDATE",
        "NO_CODE_CHANGE",
        "NO_CHANGE",
    }
)
_VERIFIED: Final = ("verified", "vrif")
_MAGIC: Final = frozenset({"", "/COMMIT_MSG", "/MERGE_LIST"})
"""Paths of no file of the patch set."""
_LONGEST_REASON: Final = 300
_REASON: Final = re.compile(r"\w")
"""The least that a reason has: a letter or a digit."""


def event_in(raw: bytes) -> Event | str:
    """Return the event in a line, or a sentence that says why there is none."""
    if len(raw) > LONGEST_LINE:
        return f"the line has more than {LONGEST_LINE} bytes"
    text = raw.decode("utf-8", "replace").strip().lstrip("\ufeff")
    if not text:
        return "the line is empty"
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return "the line is no JSON"
    return found if isinstance(found, dict) else "the line is no JSON object"


def read_line(raw: bytes, settings: CiSettings) -> Reading:
    """Read a line of a stream or of a stored file."""
    event = event_in(raw)
    return Reading(Kind.IGNORED, why=event) if isinstance(event, str) else read_event(event, settings)


def read_event(event: Event, settings: CiSettings) -> Reading:
    """Read an event."""
    type_ = text_in(event, "type")
    if type_ == TYPE:
        return read_event(stream_event(event), settings)
    if type_ in (BUILD, BUILDSET):
        build = build_of(event)
        why = "it is no event of a review" if build else "the build has no id or no result"
        return Reading(Kind.BUILD if build else Kind.IGNORED, time=build.time if build else None, build=build, why=why)
    if type_ == DROPPED:
        return Reading(Kind.DROPPED, time=_time(event))
    reader = _READERS.get(type_)
    if reader is None:
        return Reading(Kind.IGNORED, time=_time(event), why=f"events of the type {type_[:100]!r} do not count")
    change = _change(event)
    patchset = _patchset(event, settings)
    if change is None:
        return Reading(Kind.IGNORED, None, patchset, _time(event), why="the event names no project and change")
    return reader(Reading(Kind.IGNORED, change, patchset, _time(event)), event, settings)


def _time(event: Event) -> int | None:
    return number_in(event, "eventCreatedOn")


def _change(event: Event) -> Change | None:
    """Return the change of an event. Newer servers repeat the project and the branch at the top."""
    change = mapping_in(event, "change")
    project = text_in(change, "project") or text_in(event, "project") or text_in(event, "project", "name")
    number = number_in(change, "number")
    if not project or number is None or number < 0:
        return None
    branch = text_in(change, "branch") or text_in(event, "refName")
    return Change(
        project,
        number,
        branch.removeprefix("refs/heads/"),
        text_in(change, "subject"),
        account_of(mapping_in(change, "owner")).shown,
        text_in(change, "topic"),
        text_in(change, "url"),
        flag_in(change, "wip"),
        flag_in(change, "private"),
    )


def _patchset(event: Event, settings: CiSettings) -> PatchSet | None:
    found = mapping_in(event, "patchSet")
    number = number_in(found, "number")
    if number is None or number < 0:
        return None
    kind = text_in(found, "kind")
    return PatchSet(
        number,
        number_in(found, "createdOn"),
        kind if kind in _KINDS else "REWORK",
        text_in(found, "revision"),
        account_of(mapping_in(found, "uploader")).shown,
        abs(number_in(found, "sizeInsertions") or 0),
        abs(number_in(found, "sizeDeletions") or 0),
        _is_untested(found, settings),
    )


def _is_untested(patchset: Event, settings: CiSettings) -> bool:
    """Say whether a patch set is known to touch only paths that are configured as not tested.

    Its ``files`` are a list of objects as ``gerrit query --files`` has it, or the FileInfo entities of REST by path.
    """
    found = patchset.get("files")
    if not settings.untested or not isinstance(found, (list, dict)):
        return False
    paths = [one if isinstance(one, str) else text_in(one, "file") for one in found]
    touched = [path for path in paths if path not in _MAGIC]
    return bool(touched) and all(matches(path, settings.untested) for path in touched)


# One reader for each type. It gets the reading so far.


def _simple(kind: Kind) -> Callable[[Reading, Event, CiSettings], Reading]:
    return lambda reading, _event, _settings: attrs.evolve(reading, kind=kind)


def _created(reading: Reading, _event: Event, _settings: CiSettings) -> Reading:
    if reading.patchset is None:
        return attrs.evolve(reading, why="the event names no patch set")
    return attrs.evolve(reading, kind=Kind.PATCHSET)


def _deleted(reading: Reading, _event: Event, _settings: CiSettings) -> Reading:
    return attrs.evolve(reading, kind=Kind.DELETED, why="the change was deleted and is forgotten")


def _vote_deleted(reading: Reading, event: Event, _settings: CiSettings) -> Reading:
    account = account_of(mapping_in(event, "reviewer"))
    value, _ = _verified(event)
    if reading.patchset is None or not account.key or value is None:
        return attrs.evolve(reading, why="the vote that was deleted is not Verified")
    said = Said(account.key, account.shown, verified=value, is_changed=True)
    return attrs.evolve(reading, kind=Kind.VOTE_DELETED, said=said, why="a vote was deleted")


def _commented(reading: Reading, event: Event, settings: CiSettings) -> Reading:
    comment = comment_of(text_in(event, "comment"), [*_more(event)])
    if reading.patchset is None and comment.patchset is not None:
        reading = attrs.evolve(reading, patchset=PatchSet(comment.patchset))
    if reading.patchset is None:
        return attrs.evolve(reading, why="the event names no patch set")
    account = account_of(mapping_in(event, "author"))
    verified, is_changed = _verified(event)
    digest = hashlib.sha256(comment.text.encode()).hexdigest()[:32]
    said = Said(account.key, account.shown, comment.votes, verified, is_changed, digest)
    tag = text_in(event, TAG)
    standing = standing_of(account, settings, tag)
    if not standing.is_ci:
        return _by_a_person(reading, said, comment, settings)
    report = report_of(comment, settings.patterns)
    pipeline = report.pipeline or pipeline_in(tag)
    said = attrs.evolve(
        said, trusted=standing.is_trusted, pipeline=pipeline, buildset=report.buildset, jobs=report.jobs
    )
    if report.status is None:
        return attrs.evolve(reading, kind=Kind.CI_START, said=said)
    return attrs.evolve(reading, kind=Kind.CI_RESULT, said=attrs.evolve(said, status=report.status))


def _by_a_person(reading: Reading, said: Said, comment: Comment, settings: CiSettings) -> Reading:
    """Look for a request for a rerun; nothing else is read of what a person writes."""
    text = comment.text.strip()
    asked = (("", settings.patterns.recheck), *((one.account, one.pattern) for one in settings.triggers))
    for account, written in asked:
        if found := find(written, text):
            line = text.partition("\n")[0].strip()[:_LONGEST_REASON]
            is_bare = not _REASON.search(text[: found.start()] + text[found.end() :])
            said = attrs.evolve(said, line=line, is_bare=is_bare, asked=account)
            return attrs.evolve(reading, kind=Kind.RECHECK, said=said)
    return attrs.evolve(reading, kind=Kind.HUMAN, said=said)


def _more(event: Event) -> Iterable[str]:
    """Yield the comments on the patch set as a whole, where servers since 3.3 keep the text of a reply."""
    found = mapping_in(event, "patchSetComments").get("/PATCHSET_LEVEL")
    for one in found if isinstance(found, list) else ():
        if text := text_in(one, "message"):
            yield text


def _verified(event: Event) -> tuple[int | None, bool]:
    """Return the present vote on Verified, and whether this event changed it."""
    found = event.get("approvals")
    for one in found if isinstance(found, list) else ():
        names = (text_in(one, "type").lower(), text_in(one, "description").lower())
        if any(name in _VERIFIED for name in names):
            value, old = number_in(one, "value"), number_in(one, "oldValue")
            return value, old is not None and old != value
    return None, False


_READERS: Final[Mapping[str, Callable[[Reading, Event, CiSettings], Reading]]] = {
    "patchset-created": _created,
    "comment-added": _commented,
    "change-merged": _simple(Kind.MERGED),
    "change-abandoned": _simple(Kind.ABANDONED),
    "change-restored": _simple(Kind.RESTORED),
    "wip-state-changed": _simple(Kind.WIP),
    "private-state-changed": _simple(Kind.PRIVATE),
    "vote-deleted": _vote_deleted,
    "change-deleted": _deleted,
}
