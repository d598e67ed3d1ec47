"""Scribes: people who write down what others say, as ``Name: words`` and ``… more``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

from ptgbot.chat.text import fold

MOST_SCRIBES: Final = 10
"""Scribes that a meeting may have at a time."""
_NAMED = re.compile(r"(?P<name>[^\s:#/<>][^\s:/<>]{0,60}):\s+(?P<words>\S.*)", re.DOTALL)
"""A name and a colon before words. The name of a scheme such as ``https`` has no blank behind its colon."""
_MORE = re.compile(r"(?:…|\.\.\.)\s*(?P<words>\S.*)", re.DOTALL)


@frozen
class Scribes:
    """The scribes of a meeting, and whose words each of them wrote down last."""

    names: tuple[str, ...] = ()
    speaking: Mapping[str, str] = field(factory=dict)
    """The speaker of each scribe's last words, by the folded name of the scribe."""

    def with_scribes(self, *names: str) -> Scribes:
        """Return the value with more scribes."""
        known = {fold(name): name for name in (*self.names, *names)}
        return Scribes(tuple(known.values())[:MOST_SCRIBES], self.speaking)

    def without(self, *names: str) -> Scribes:
        """Return the value with fewer scribes; without any if no name is given."""
        gone = {fold(name) for name in names or self.names}
        speaking = {name: speaker for name, speaker in self.speaking.items() if name not in gone}
        return Scribes(tuple(name for name in self.names if fold(name) not in gone), speaking)

    def renamed(self, nick: str, new: str) -> Scribes:
        """Return the value after somebody changed their nick."""
        names = tuple(new if fold(name) == fold(nick) else name for name in self.names)
        speaking = {fold(new) if name == fold(nick) else name: who for name, who in self.speaking.items()}
        return Scribes(names, speaking)

    def is_scribe(self, nick: str) -> bool:
        """Say whether somebody is a scribe."""
        return fold(nick) in map(fold, self.names)


@frozen
class Written:
    """Words that a scribe has written down."""

    nick: str
    """Who said them."""
    text: str


def written(scribes: Scribes, nick: str, text: str) -> tuple[Scribes, Written | None]:
    """Return the scribes after a line, and whose words it holds; None if it holds the speaker's own.

    Any other line of the scribe ends what ``…`` continues.
    """
    if not scribes.is_scribe(nick):
        return scribes, None
    key = fold(nick)
    if found := _NAMED.fullmatch(text):
        return _noted(scribes, key, found["name"]), Written(found["name"], found["words"])
    if (more := _MORE.fullmatch(text)) and key in scribes.speaking:
        return scribes, Written(scribes.speaking[key], more["words"])
    return _noted(scribes, key, ""), None


def _noted(scribes: Scribes, key: str, speaker: str) -> Scribes:
    others = {name: who for name, who in scribes.speaking.items() if name != key}
    return Scribes(scribes.names, {**others, key: speaker} if speaker else others)
