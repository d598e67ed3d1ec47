"""``ptgbot meetings import``: takes over the raw logs of a MeetBot archive. It can be repeated and goes on then."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final

from attrs import define, field

from ptgbot.feature import BulkCommand
from ptgbot.meetings.archive import FROM, OLD, SOURCE, Archive, Shelving
from ptgbot.meetings.meeting import Meeting
from ptgbot.meetings.minutes import document_of, slug_of
from ptgbot.meetings.old_addresses import LOG, old_address
from ptgbot.meetings.replay import NoDay, Source, replay
from ptgbot.meetings.settings import MeetingsSettings

TOGETHER: Final = 100
"""Logs in one transaction. After a crash the import goes on with the last transaction."""
EVERY: Final = 5.0
"""Seconds between two lines that tell the progress."""


@define
class Report:
    """What an import did."""

    logs: int = 0
    written: int = 0
    known: int = 0
    problems: list[str] = field(factory=list)

    def told(self, whole: int, seconds: float) -> str:
        """Return one line."""
        return (
            f"{self.logs} of {whole} logs, {self.written} meetings written, {self.known} logs were there already,"
            f" {len(self.problems)} left out, {seconds:.0f} s"
        )


def import_logs(folder: Path, archive: Archive, network: str = "") -> Iterator[str]:
    """Take over all raw logs below a folder. Yield lines that tell the progress.

    Args:
        folder: the folder of the old archive.
        archive: ours.
        network: name of the network, for the minutes.

    Raises:
        ValueError: the folder has no raw log.
        OSError: a file cannot be read or written.
    """
    logs = sorted(path for path in folder.rglob(f"*{LOG}") if path.is_file() and not path.is_symlink())
    if not logs:
        raise ValueError(f"{folder}: there is no raw log in it; their names end in {LOG}.")
    archive.mend()
    report, began = Report(), time.monotonic()
    told = began
    for start in range(0, len(logs), TOGETHER):
        with archive.writing() as batch:
            for path in logs[start : start + TOGETHER]:
                _take(batch, folder, path, network, report)
        if time.monotonic() - told > EVERY:
            told = time.monotonic()
            yield report.told(len(logs), told - began)
    yield from report.problems
    yield report.told(len(logs), time.monotonic() - began)


def _take(batch: Shelving, folder: Path, path: Path, network: str, report: Report) -> None:
    """Take over one log, unless an earlier import has."""
    report.logs += 1
    name = PurePosixPath(path.relative_to(folder).as_posix())
    if batch.index.is_imported(str(name)):
        report.known += 1
        return
    channel = name.parts[0] if len(name.parts) > 1 else ""
    try:
        meetings = replay(path.read_bytes(), Source(path.name, network=network, channel=channel))
    except (NoDay, ValueError) as error:
        report.problems.append(f"{name}: {error}")
        return
    if not meetings:
        report.problems.append(f"{name}: no line begins with #startmeeting.")
    for number, meeting in enumerate(meetings):
        address = old_address(name) if number == 0 else None
        report.written += _put(batch, meeting, str(name), [address] if address else [])


def _put(batch: Shelving, meeting: Meeting, name: str, old: Sequence[str]) -> bool:
    """Write a meeting. Return False if the archive has it already, from the chat or from another file."""
    plain = slug_of(meeting.meeting_name, meeting.channel, meeting.started)
    taken = batch.index.taken(plain)
    for slug in sorted(taken):
        row = batch.index.meeting(slug)
        started = f"{meeting.started:%Y-%m-%dT%H:%M:%SZ}"
        if row and (row.started, row.lines, row.owner) == (started, meeting.lines, meeting.owner.nick):
            batch.index.note_imported(name, slug, old)
            return False
    slug = slug_of(meeting.meeting_name, meeting.channel, meeting.started, taken)
    batch.put({**document_of(meeting, slug), FROM: name, OLD: [*old]})
    return True


def _run(_settings: MeetingsSettings, bulk: Path, arguments: Sequence[str]) -> Iterable[str]:
    if not 1 <= len(arguments) <= 2:
        raise ValueError("write: ptgbot meetings import CONFIG FOLDER [NETWORK]")
    folder = Path(arguments[0])
    if not folder.is_dir():
        raise ValueError(f"{folder} is no folder.")
    return import_logs(folder, Archive(bulk / SOURCE), arguments[1] if len(arguments) > 1 else "")


def _rebuild(_settings: MeetingsSettings, bulk: Path, arguments: Sequence[str]) -> Iterator[str]:
    if arguments:
        raise ValueError("rebuild takes no argument.")
    archive = Archive(bulk / SOURCE)
    archive.rebuild()
    yield f"{sum(1 for _ in archive.slugs())} meetings are in the index."


COMMANDS: Final[Sequence[BulkCommand[Any]]] = (
    BulkCommand("import", "take over the raw logs of a MeetBot archive: CONFIG FOLDER [NETWORK]", _run),
    BulkCommand("rebuild", "make the index of the archive anew from its documents", _rebuild),
)
