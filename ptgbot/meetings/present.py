"""Who is present, and who has sent regrets. Somebody who is silent is not absent."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from ptgbot.chat.text import fold

MOST_NAMES: Final = 500
"""Names that each of the two lists may have."""
_LONGEST = 100


@frozen
class Presence:
    """The people of a meeting who are said to be there, and those who are said not to come, in the order of saying."""

    present: tuple[str, ...] = ()
    regrets: tuple[str, ...] = ()

    def with_present(self, *names: str) -> Presence:
        """Return the value with people who are there. They no longer send regrets."""
        return Presence(_added(self.present, names), _less(self.regrets, names))

    def with_regrets(self, *names: str) -> Presence:
        """Return the value with people who do not come."""
        return Presence(_less(self.present, names), _added(self.regrets, names))


def names_in(argument: str, nick: str) -> list[str]:
    """Return the names in the argument of ``#present`` or ``#regrets``: its words, or ``nick`` if there is none."""
    words = [word for word in argument.replace(",", " ").split() if len(word) <= _LONGEST]
    return words or [nick]


def _added(names: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    known = {fold(name): name for name in names}
    for name in more:
        known.setdefault(fold(name), name)
    return tuple(known.values())[:MOST_NAMES]


def _less(names: tuple[str, ...], gone: tuple[str, ...]) -> tuple[str, ...]:
    folded = {fold(name) for name in gone}
    return tuple(name for name in names if fold(name) not in folded)
