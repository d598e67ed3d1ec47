"""Items of the minutes: topics, decisions, actions, links. Each keeps the number of the line that made it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from string import ascii_letters, digits
from typing import Any, Final

from attrs import field, frozen

from ptgbot.store.edits import Tree

OPENERS: Final = ("http:", "https:", "irc:", "ftp:", "mailto:", "ssh:")
"""The schemes that make a line a link; only in lower case, and only at the start of the line."""
_IN_SCHEME: Final = frozenset(f"{ascii_letters}{digits}+.-")
_NO_BLANK: Final = re.compile(r"\S*")


@frozen
class Link:
    """The parts of the text of a link."""

    url: str
    prefix: str = ""
    suffix: str = ""


def addresses_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each address ``scheme://…`` in a text begins, and where the next blank ends it.

    The time grows linearly with the length of the text. A regular expression for schemes would try each letter as the
    begin of one.
    """
    at = 0
    while (sign := text.find("://", at)) >= 0:
        begins = sign
        while begins > at and text[begins - 1] in _IN_SCHEME:
            begins -= 1
        while begins < sign and text[begins] not in ascii_letters:
            begins += 1
        found = _NO_BLANK.match(text, sign + 3)
        at = found.end() if found and begins < sign else sign + 3
        if at > sign + 3:
            yield begins, at


def link_in(text: str) -> Link:
    """Return the first address in a text, with the text before and after it.

    A final ``.`` or ``)`` does not belong to the address. Without an address the first word is taken for it.
    """
    found = next(addresses_in(text), None)
    if found is None:
        word, blank, rest = text.partition(" ")
        return Link(word, "", blank + rest)
    begins, ends = found
    url = text[begins:ends].rstrip(".)")
    return Link(url, text[:begins], text[begins + len(url) :])


def begins_with_address(text: str) -> bool:
    """Say whether a line is a link without the command."""
    return text.startswith(tuple(f"{scheme}//" for scheme in OPENERS))


@frozen
class Item:
    """An item of the minutes."""

    id: str
    """Its permanent name in this meeting, such as ``i3``."""
    type: str
    """``topic``, ``vote``, ``info``, ``idea``, ``help``, ``link``, ``action``, ``agreed``, ``accepted``
    or ``rejected``."""
    nick: str
    text: str
    at: datetime
    """When the line was said (UTC)."""
    line: int
    """Number of the line in the log, counted from 1."""
    key: str = ""
    """Key of the person who said the line."""
    more: Mapping[str, Any] = field(factory=dict)
    """Keys of a link (``url``, ``prefix``, ``suffix``) or a vote (``question``, ``results``, ``voters``)."""
    before: int = 0
    """Number of the line before which a correction has put the item; 0 if it stands where its own line does."""

    @property
    def order(self) -> tuple[int, bool, int]:
        """The place among the items: by line, then in the order of making."""
        return self.before or self.line, not self.before, int(self.id[1:])

    def to_json(self) -> Tree:
        """Return the form in the state."""
        return {
            "type": self.type,
            "nick": self.nick,
            "text": self.text,
            "at": self.at.isoformat(),
            "line": self.line,
            "key": self.key,
            "more": dict(self.more),
            **({"before": self.before} if self.before else {}),
        }

    @classmethod
    def from_json(cls, identifier: str, tree: Mapping[str, Any]) -> Item:
        """Parse the form that :meth:`to_json` returns."""
        at = datetime.fromisoformat(tree["at"])
        texts = (tree["type"], tree["nick"], tree["text"])
        return cls(identifier, *texts, at, tree["line"], tree["key"], tree["more"], tree.get("before", 0))


def link_keys(text: str) -> dict[str, str]:
    """Return the keys of a link item that other items lack."""
    link = link_in(text)
    return {"url": link.url, "prefix": link.prefix, "suffix": link.suffix}


def rows(items: Iterable[Item]) -> list[Tree]:
    """Return the items as the minutes list them, each with the topic that it is under."""
    found: list[Tree] = []
    topic: str | None = None
    for item in items:
        is_topic = item.type == "topic"
        found.append(
            {
                "id": item.id,
                "type": item.type,
                "nick": item.nick,
                "text": item.text,
                "time": f"{item.at:%H:%M:%S}",
                "line": item.line,
                "under_topic": None if is_topic else topic,
                **item.more,
            }
        )
        topic = item.text if is_topic else topic
    return found
