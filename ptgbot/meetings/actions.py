"""Action items by person: each nick as a whole word, in any case, and never inside an address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import frozen

from ptgbot.meetings.items import addresses_in

_NICK_CHARACTERS: Final = r"A-Za-z0-9_\-\[\]\\`^{}|"
"""The characters of nicks, as in a character class: none of them may stand beside a nick that is matched."""


@frozen
class Sorted:
    """The texts of actions, sorted to people."""

    by_nick: Mapping[str, list[str]]
    unassigned: list[str]


def sort_actions(texts: Sequence[str], names: Mapping[str, Iterable[str]]) -> Sorted:
    """Sort actions to everybody whom they name.

    Args:
        texts: the actions.
        names: all names of each person, by nick, in the order of the result.
    """
    bare = [_without_addresses(text) for text in texts]
    found: dict[str, list[str]] = {}
    taken: set[int] = set()
    for nick, all_names in names.items():
        pattern = _pattern(all_names)
        mine = [number for number, text in enumerate(bare) if pattern.search(text)]
        if mine:
            found[nick] = [texts[number] for number in mine]
            taken.update(mine)
    return Sorted(found, [text for number, text in enumerate(texts) if number not in taken])


def _without_addresses(text: str) -> str:
    at, kept = 0, []
    for begins, ends in addresses_in(text):
        kept.append(text[at:begins])
        at = ends
    return " ".join([*kept, text[at:]])


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    # The longest name first has no use here: each is matched as a whole.
    either = "|".join(re.escape(name) for name in dict.fromkeys(names) if name)
    return re.compile(rf"(?<![{_NICK_CHARACTERS}])(?:{either})(?![{_NICK_CHARACTERS}])", re.IGNORECASE)
