"""A place in a file of data. Whatever is wrong there is noted with the file, the line and the key."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date

from attrs import field, frozen

from ptgbot.contributions.dates import day_in, seconds

Place = tuple[str | int, ...]
"""The keys and positions that lead to a value from the top of a file."""


@frozen
class Source:
    """A file and what was found wrong in it."""

    name: str
    line: Callable[[Place], int]
    """Returns the line of a place, counted from 1."""
    wrong: list[str] = field(factory=list)
    """Values that can't be used."""
    doubtful: list[str] = field(factory=list)
    """Values that contradict each other, such as an address that two people have."""

    def sentence(self, place: Place, sentence: str) -> str:
        """Return a sentence about a place."""
        key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")
        return f"{self.name}, line {self.line(place)}: {key}: {sentence}."


@frozen
class Node:
    """A table in a file."""

    source: Source
    place: Place
    table: Mapping[str, object]

    def problem(self, key: str, sentence: str) -> None:
        """Note that the value of a key can't be used."""
        self.source.wrong.append(self.source.sentence((*self.place, key), sentence))

    def doubt(self, key: str, sentence: str) -> None:
        """Note that the value of a key contradicts another one."""
        self.source.doubtful.append(self.source.sentence((*self.place, key), sentence))

    def text(self, key: str) -> str:
        """Return a text, empty with a problem where there is none."""
        found = self.maybe(key)
        if not found and not isinstance(self.table.get(key), bool | int | float | list | dict):
            self.problem(key, "a text is missing")
        return found or ""

    def maybe(self, key: str) -> str | None:
        """Return a text, None where there is none."""
        found = self.table.get(key)
        if found is None or isinstance(found, str):
            return found
        self.problem(key, f"expected a text, found {_said(found)}")
        return None

    def truth(self, key: str) -> bool:
        """Return whether something is so, False where nothing is said."""
        found = self.table.get(key)
        if found is not None and not isinstance(found, bool):
            self.problem(key, f"expected true or false, found {_said(found)}")
        return found is True

    def number(self, key: str) -> int | None:
        """Return a whole number, None where there is none."""
        found = self.table.get(key)
        if found is None or (isinstance(found, int) and not isinstance(found, bool)):
            return found
        self.problem(key, f"expected a whole number, found {_said(found)}")
        return None

    def texts(self, key: str) -> Sequence[str]:
        """Return a list of texts, empty where there is none."""
        found = self.table.get(key)
        if found is None:
            return ()
        if not isinstance(found, list):
            self.problem(key, f"expected a list, found {_said(found)}")
            return ()
        for position, one in enumerate(found):
            if not isinstance(one, str):
                place = (*self.place, key, position)
                self.source.wrong.append(self.source.sentence(place, f"expected a text, found {_said(one)}"))
        return tuple(one for one in found if isinstance(one, str))

    def midnight(self, key: str) -> int | None:
        """Return the seconds of a date, None where there is none."""
        found = self.table.get(key)
        if found is None or found == "":
            return None
        if isinstance(found, date):
            return seconds(found)
        if not isinstance(found, str):
            self.problem(key, f"expected a date such as 2015-06-30, found {_said(found)}")
            return None
        try:
            return seconds(day_in(found))
        except ValueError as error:
            self.problem(key, str(error))
            return None

    def nodes(self, key: str) -> Iterator[Node]:
        """Yield the tables of a list."""
        found = self.table.get(key)
        if found is None:
            return
        if not isinstance(found, list):
            self.problem(key, f"expected a list of tables, found {_said(found)}")
            return
        for position, one in enumerate(found):
            place = (*self.place, key, position)
            if isinstance(one, dict):
                yield Node(self.source, place, one)
            else:
                self.source.wrong.append(self.source.sentence(place, f"expected a table, found {_said(one)}"))

    def only(self, known: Collection[str]) -> None:
        """Note keys that have no meaning."""
        for key in self.table:
            if key not in known:
                self.problem(key, f"unknown key; there are {', '.join(sorted(known))}")


def _said(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
