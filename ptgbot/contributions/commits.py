"""A commit as git tells it, and what its message says: co-authors and references. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from attrs import frozen

_CO_AUTHOR: Final = re.compile(
    r"[ \t]*(?:co-authored-by|also-by|co-author)[ \t]*:[ \t]*(?P<name>[^<>]*?)[ \t]*"
    r"(?:<[ \t]*(?P<in>[^<>]*?)[ \t]*(?:>.*)?|[ \t](?P<bare>[^<>\s]+)[ \t]*)",
    re.IGNORECASE,
)
"""The brackets may be missing or not closed, and further words may follow them: Stackalytics took such lines, too."""
_ASSISTED: Final = re.compile(r"[ \t]*(?:assisted-by|generated-by)[ \t]*:[ \t]*(\S.*?)[ \t]*", re.IGNORECASE)
_GAP: Final = re.compile(r"[ \t]+")
_EMAIL: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
"""An address with a domain of two labels or more; the local part is a dot-atom of RFC 5322, section 3.4.1."""
_BUG: Final = re.compile(r"\bbug[\s#:]*(\d+)", re.IGNORECASE)
_BLUEPRINT: Final = re.compile(r"\b(?:blueprint|bp)\b[ \t]*(?:[#:][ \t]*)?([a-z0-9][a-z0-9.-]*)", re.IGNORECASE)
_CHANGE_ID: Final = re.compile(r"^[ \t]*Change-Id:[ \t]*(I[0-9a-f]{40})\b", re.IGNORECASE | re.MULTILINE)


@frozen
class Author:
    """A person as a commit names them."""

    name: str
    email: str


@frozen
class Commit:
    """A commit that is no merge."""

    sha: str
    authored: int
    """Seconds since 1970, as the next."""
    committed: int
    author: Author
    message: str
    added: int = 0
    """Lines, as the next; binary files have none."""
    deleted: int = 0
    files: int = 0
    renames: int = 0
    """Files that have another name since then."""
    foreign: tuple[int, int, int] = (0, 0, 0)
    """Lines added, lines deleted and files in generated and vendored paths; the numbers above contain them."""

    @property
    def subject(self) -> str:
        """The first paragraph of the message in one line, as git's ``%s``."""
        paragraph = re.split(r"\n[ \t\r]*\n", self.message.strip("\n"), maxsplit=1)[0]
        return " ".join(line.strip() for line in paragraph.split("\n"))

    @property
    def people(self) -> Sequence[Author]:
        """The author and the co-authors, each address once in its spelling."""
        return (self.author, *co_authors(self.message))


def _trailers(message: str) -> Iterator[str]:
    """Yield the lines that may name somebody, with single spaces: the patterns would try each part of a long gap."""
    return (_GAP.sub(" ", line) for line in message.replace("\r", "\n").split("\n") if ":" in line)


def co_authors(message: str) -> Sequence[Author]:
    """Return the people whom lines such as ``Co-Authored-By: Mira <mira@example.org>`` name.

    A line without a name, or without a valid address, names nobody.
    """
    found = []
    for line in _trailers(message):
        parts = _CO_AUTHOR.fullmatch(line)
        email = (parts["in"] or parts["bare"] or "").strip() if parts else ""
        if parts and parts["name"] and _EMAIL.fullmatch(email):
            found.append(Author(parts["name"], email))
    return tuple(found)


def assistants(message: str) -> Sequence[str]:
    """Return the programs that lines such as ``Assisted-By: NAME`` and ``Generated-By: NAME`` name, each once."""
    found = (_ASSISTED.fullmatch(line) for line in _trailers(message))
    return tuple(dict.fromkeys(parts[1] for parts in found if parts))


def bugs(message: str) -> Sequence[str]:
    """Return the numbers of the bugs that a message refers to, each once."""
    return tuple(dict.fromkeys(_BUG.findall(message)))


def blueprints(message: str) -> Sequence[str]:
    """Return the names of the blueprints that a message refers to, each once."""
    return tuple(dict.fromkeys(name.rstrip(".-") for name in _BLUEPRINT.findall(message)))


def change_id(message: str) -> str:
    """Return the Change-Id of a message, the last one if there are several; empty if there is none."""
    found: list[str] = _CHANGE_ID.findall(message)
    return found[-1] if found else ""
