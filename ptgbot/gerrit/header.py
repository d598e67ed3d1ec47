"""Splits a comment of Gerrit into the header that the server has put before it, and the text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import field, frozen

_HEADER: Final = re.compile(r"Patch ?[Ss]et (\d{1,9}): ?")
_VOTE: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,99}?)([+-]\d{1,3})")
_REMOVED: Final = re.compile(r"-([A-Za-z][A-Za-z0-9-]{0,99})")
_COUNT: Final = re.compile(r"\(\d+ comments?\)")


@frozen
class Comment:
    """A comment: the votes of its header, and its text."""

    text: str
    """The text without the header, with ``\\n`` as ends of lines."""
    votes: Mapping[str, int] = field(factory=dict)
    """Votes that were cast with it, by label; 0 for a removed one."""
    patchset: int | None = None
    """Number of the patch set in the header."""

    @property
    def lines(self) -> list[str]:
        """The lines of the text."""
        return self.text.split("\n")


def comment_of(cover: str, more: Sequence[str] = ()) -> Comment:
    """Read a comment.

    Args:
        cover: the cover message, which begins with the header.
        more: messages on the patch set as a whole. Those that the server has repeated in the cover message count once.
    """
    head = _split(_plain(cover))
    text = head.text
    for one in map(_plain, more):
        if one.strip() and one.strip() not in text:
            text = f"{text}\n\n{one}" if text else one
    return Comment(text.strip("\n"), head.votes, head.patchset)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _split(cover: str) -> Comment:
    found = _HEADER.match(cover)
    if not found:
        return Comment(cover)
    head, _, body = cover[found.end() :].partition("\n")
    votes, rest = _votes(head.split())
    first, _, further = body.lstrip("\n").partition("\n")
    if _COUNT.fullmatch(first.strip()):
        body = further
    if rest and not _COUNT.fullmatch(rest):
        # Old servers put a sentence in place of the votes, scripts their text. It is not how the text begins.
        body = f"{body}\n\n{rest}"
    return Comment(body.lstrip("\n"), votes, int(found[1]))


def _votes(words: Sequence[str]) -> tuple[dict[str, int], str]:
    """Return the votes at the beginning of a header, and the rest of it."""
    votes: dict[str, int] = {}
    for at, word in enumerate(words):
        if cast := _VOTE.fullmatch(word):
            votes[cast[1]] = int(cast[2])
        elif removed := _REMOVED.fullmatch(word):
            votes[removed[1]] = 0
        else:
            return votes, " ".join(words[at:])
    return votes, ""
