"""Reads the messages of mailing lists from files in the form of mbox (RFC 4155), such as exports of HyperKitty."""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC
from email import policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path
from typing import Final

from attrs import frozen

from ptgbot.contributions.engine import Engine, Row
from ptgbot.contributions.reading import positions

_POSITION: Final = "*mbox"
"""In place of a branch: the digest of the file that is among the facts."""
_MOST: Final = 100_000
"""Most bytes of the header of a message."""
_TRACK: Final = re.compile(r"\[([\w.-]+)\]")
_VEILED: Final = re.compile(r"(\S+) at (\S+)")
_PARSER: Final = BytesHeaderParser(policy=policy.compat32)


@frozen
class Letter:
    """A message to a mailing list."""

    id: str
    name: str
    email: str
    subject: str
    track: str
    """The name in brackets with which the subject begins, in small letters; empty if there is none."""
    at: int
    """Seconds since 1970."""


def letters_in(file: Iterable[bytes], list_name: str) -> Iterator[Letter]:
    """Yield the messages of a mailbox that have a sender and a date, each Message-ID once.

    Args:
        file: the lines of the mailbox.
        list_name: name of the list, whose mark in the subject is no track.
    """
    seen: set[str] = set()
    for header in _headers(file):
        letter = _letter(header, list_name.partition("@")[0].lower())
        if letter and letter.id not in seen:
            seen.add(letter.id)
            yield letter


def _headers(file: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the headers: what stands between a line ``From …`` that follows a blank one, and the next blank one."""
    header, in_header, after_blank = bytearray(), False, True
    for line in file:
        is_blank = not line.strip()
        if after_blank and line.startswith(b"From "):
            header, in_header = bytearray(), True
        elif in_header and is_blank:
            yield bytes(header)
            in_header = False
        elif in_header and len(header) < _MOST:
            header += line[:_MOST]
        after_blank = is_blank
    if in_header:
        yield bytes(header)


def _letter(header: bytes, own_mark: str) -> Letter | None:
    try:
        found = _PARSER.parsebytes(header)
        values = {key: _decoded(str(found.get(key, ""))) for key in ("From", "Subject", "Date", "Message-ID")}
        at = _seconds(values["Date"])
    except (ValueError, TypeError, IndexError, AttributeError, OverflowError):
        return None
    name, email = _sender(values["From"])
    if not email:
        return None
    subject = _plain(values["Subject"])
    identifier = _plain(values["Message-ID"]).strip("<> ") or hashlib.sha256(header).hexdigest()
    tracks = (mark.lower() for mark in _TRACK.findall(subject))
    return Letter(identifier, name, email, subject, next((one for one in tracks if one != own_mark), ""), at)


def _seconds(text: str) -> int:
    """Return a date as seconds since 1970. The zone ``-0000``, of which nothing is known, counts as UTC (RFC 5322)."""
    found = parsedate_to_datetime(text)
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


def _decoded(text: str) -> str:
    """Return a header with its encoded words (RFC 2047) decoded, as it is if they are broken."""
    try:
        return str(make_header(decode_header(text)))
    except (ValueError, LookupError, HeaderParseError):
        return text


def _sender(text: str) -> tuple[str, str]:
    """Return name and address of a sender; archives write ``mira at example.org`` against robots."""
    name, email = parseaddr(_plain(text))
    if "@" not in email and (veiled := _VEILED.search(text)):
        named = re.search(r"\(([^()]*)\)\s*$", text)
        name, email = (named[1] if named else name), f"{veiled[1].lstrip('<')}@{veiled[2].rstrip('>')}"
    return name, email if "@" in email else ""


def _plain(text: str) -> str:
    """Return a text in one line, without NUL and halves of surrogate pairs, which no database can store."""
    whole = " ".join(text.replace("\0", "").split())
    return whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def read_mail(engine: Engine, name: str, path: Path) -> int:
    """Take over the messages of a list if its file has changed. Return how many new ones there are.

    Args:
        engine: the database with the facts.
        name: the name of the list.
        path: its mailbox, perhaps packed with gzip.

    Raises:
        OSError: the file cannot be read; the facts stay as they are.
    """
    key, raw = key_of(name), _digest(path)
    if positions(engine).get(key, {}).get(_POSITION) == raw:
        return 0
    with engine.transaction():
        ((before,),) = engine.rows("messages_of_list", key)
        engine.remove("messages", repository=key)
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            engine.load("messages", (row_of(key, one) for one in letters_in(file, name)))
        engine.remove("heads", repository=key)
        engine.load("heads", [(key, _POSITION, raw)])
        ((after,),) = engine.rows("messages_of_list", key)
    return int(str(after)) - int(str(before))


def read_lists(engine: Engine, lists: Mapping[str, Path], tell: Callable[[str], None]) -> Iterator[str]:
    """Read mailing lists one after the other. Yield a sentence about each that had news.

    Args:
        engine: the database with the facts.
        lists: the mailboxes by the names of the lists.
        tell: called with a sentence about each list that cannot be read.
    """
    for name, path in lists.items():
        try:
            read = read_mail(engine, name, path)
        except (OSError, EOFError, zlib.error) as error:
            tell(f"{name}: {path.name} cannot be read ({error}); what is known of it stays")
            continue
        if read:
            yield f"{name}: {read} new messages"


def key_of(name: str) -> str:
    """Return the key of a list among the facts."""
    return f"mail:{name}"


def row_of(key: str, one: Letter) -> Row:
    """Return the row of a message."""
    return (key, one.id, one.name, one.email, one.subject, one.track, one.at)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
