"""Reads the messages of mailing lists from their archives on the web, a month at a time.

HyperKitty, the archive of Mailman 3, exports a span of days as a mailbox. Pipermail, that of Mailman 2, has a mailbox
for each month.
"""

from __future__ import annotations

import calendar
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from attrs import frozen

from ptgbot.chat.adapter import Undeliverable
from ptgbot.contributions.engine import Engine
from ptgbot.contributions.mail import Letter, key_of, letters_in, row_of
from ptgbot.contributions.reading import positions
from ptgbot.contributions.remote import Ask
from ptgbot.requesting import NotThere

MONTH: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_POSITION: Final = "*archive"
"""In place of a branch: the moment at which a month was read."""
_LATE: Final = 2 * 86_400
"""Seconds after the end of a month in which messages still come, for clocks and time zones differ."""
_MOST: Final = 500_000_000
"""Most bytes of a month, unpacked."""
_LONGEST: Final = 65_536
"""Bytes after which a line is cut."""


@frozen
class Archive:
    """The archive of a mailing list."""

    name: str
    """The name of the list."""
    url: str
    """Address of the export of HyperKitty, or of the folder of Pipermail, which ends in a slash."""
    since: str
    """The first month that is read, such as ``2014-01``."""

    def months(self, now: float) -> Iterator[str]:
        """Yield the months up to a moment (seconds since 1970)."""
        year, month = map(int, self.since.split("-"))
        today = datetime.fromtimestamp(now, UTC)
        while (year, month) <= (today.year, today.month):
            yield f"{year:04}-{month:02}"
            year, month = _following(year, month)

    def key(self, month: str) -> str:
        """Return the key of a month among the facts."""
        return f"{key_of(self.name)}/{month}"

    def addresses(self, month: str) -> Sequence[str]:
        """Return the addresses of a month, of which the first one that is there counts."""
        year, number = map(int, month.split("-"))
        if self.url.endswith("/"):
            # The packed file is a day old where there are both.
            named = f"{self.url}{year}-{calendar.month_name[number]}"
            return (f"{named}.txt", f"{named}.txt.gz")
        until = _following(year, number)
        return (f"{self.url}?start={month}-01&end={until[0]:04}-{until[1]:02}-01",)


def _following(year: int, month: int) -> tuple[int, int]:
    return (year + month // 12, month % 12 + 1)


def source_of(key: str) -> str:
    """Return the source to which a key among the facts belongs: the list, if it is that of a month."""
    name, _, month = key.rpartition("/")
    return name if key.startswith(key_of("")) and MONTH.fullmatch(month) else key


def keys_in(engine: Engine, archives: Sequence[Archive]) -> list[str]:
    """Return the keys of the months of archives that are among the facts and still wanted."""
    known = positions(engine)
    return [key for one in archives for key in known if key >= one.key(one.since) and key.startswith(one.key(""))]


def read_archives(
    engine: Engine, archives: Sequence[Archive], ask: Ask, tell: Callable[[str], None], now: float
) -> Iterator[str]:
    """Read archives one after the other. Yield a sentence about each that had news.

    Args:
        engine: the database with the facts.
        archives: the archives.
        ask: fetches a response.
        tell: called with a sentence about each archive of which a month cannot be read. Earlier months are stored.
        now: the present moment (seconds since 1970).
    """
    for archive in archives:
        before = _count(engine, archive)
        try:
            _read(engine, archive, ask, now)
        except (OSError, EOFError, zlib.error, Undeliverable) as error:
            tell(f"{archive.name}: {str(error).removesuffix('.')}; what is known of it stays")
        if new := _count(engine, archive) - before:
            yield f"{archive.name}: {new} new messages"


def _count(engine: Engine, archive: Archive) -> int:
    return len(engine.rows("ids_of_list", archive.key("")))


def _read(engine: Engine, archive: Archive, ask: Ask, now: float) -> None:
    """Read the months that were not read yet, or before they were over. Each is one transaction."""
    known = positions(engine)
    owners = {str(id_): str(key) for id_, key in engine.rows("ids_of_list", archive.key(""))}
    for month in archive.months(now):
        key = archive.key(month)
        if float(known.get(key, {}).get(_POSITION, "0")) >= _end(month):
            continue
        letters = [one for one in _letters(archive, month, ask) if owners.setdefault(one.id, key) == key]
        with engine.transaction():
            engine.remove("messages", repository=key)
            engine.load("messages", (row_of(key, one) for one in letters))
            engine.remove("heads", repository=key)
            engine.load("heads", [(key, _POSITION, str(int(now)))])


def _end(month: str) -> float:
    year, number = _following(*map(int, month.split("-")))
    return datetime(year, number, 1, tzinfo=UTC).timestamp() + _LATE


def _letters(archive: Archive, month: str, ask: Ask) -> list[Letter]:
    """Return the messages of a month.

    Raises:
        OSError: the archive cannot be reached, refuses for now, or has something else there.
        EOFError, zlib.error: the file is damaged.
        Undeliverable: the archive refuses for good.
    """
    for address in archive.addresses(month):
        try:
            body = ask(address)
        except NotThere:
            if not archive.url.endswith("/"):
                raise
            continue
        if body.lstrip()[:1] == b"<":
            raise OSError(f"there is a page instead of the messages of {month}: is the archive public?")
        return [*letters_in(_lines(body, month), archive.name)]
    # Pipermail has no file of a month without messages.
    return []


def _lines(body: bytes, month: str) -> Iterator[bytes]:
    raw, left = io.BytesIO(body), _MOST
    with gzip.GzipFile(fileobj=raw) if body[:2] == b"\x1f\x8b" else raw as file:
        while line := file.readline(_LONGEST):
            left -= len(line)
            if left < 0:
                raise OSError(f"the messages of {month} have more than {_MOST // 1_000_000} MB.")
            yield line
