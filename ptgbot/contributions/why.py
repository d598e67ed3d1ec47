"""Why contributions of somebody count for an organisation: the rule, and the line of the file about people. Pure.

No address and no domain of one is in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

from attrs import define, field

from ptgbot.contributions.engine import Row
from ptgbot.contributions.model import EARLIEST, INDEPENDENT, LATEST, Organisation, Person, Register
from ptgbot.contributions.node import Place
from ptgbot.contributions.page_store import Facts

LINE: Final = "{line}"
"""What the line stands for in the address where the file is mended."""


@define
class Reasons:
    """The rules that decide for whom somebody counts, with their places in the file about people.

    A row has the rule, the organisation, begin and end in seconds since 1970 or None where they are open, the number of
    commits or None, the line or 0 where the file says nothing, and an address where that line can be mended.
    """

    register: Register
    link: str = ""
    """Address of a line of the file; empty if there is none."""
    corrected: Iterable[Row] = ()
    """The answer to the question ``corrected``."""
    public: Callable[[str], str] = str
    """Makes the form in which names of organisations are shown, and pages are called."""
    _corrections: dict[str, list[Row]] = field(factory=lambda: defaultdict(list), init=False)

    def __attrs_post_init__(self) -> None:
        for user, company, commits in self.corrected:
            self._corrections[str(user)].append(("correction", self.public(str(company)), None, None, commits, 0, ""))

    def of(self, kind: str, key: str) -> Facts:
        """Return the rows of the page of a person or an organisation; nothing for other pages.

        Args:
            kind: the kind of the page.
            key: the id of the person, or the name of the organisation.
        """
        known = {"person": self._of_person, "organisation": self._of_organisation}
        rows = known[kind](key) if kind in known and key not in self._masked else []
        source = self.register.source
        return {"why": rows, "why_file": source.name if source and any(row[5] for row in rows) else ""} if rows else {}

    @cached_property
    def _masked(self) -> Collection[str]:
        """The ids of people who are hidden or shown by their initials: a line of the file would tell who they are."""
        return {mask.id for mask in self.register.masks.by_id.values()}

    @cached_property
    def _people(self) -> Mapping[str, Person]:
        return {one.id: one for one in self.register.people}

    @cached_property
    def _organisations(self) -> Mapping[str, Organisation]:
        return {self.public(one.name): one for one in self.register.organisations}

    @cached_property
    def _absorbed(self) -> Mapping[str, Sequence[Organisation]]:
        """The organisations that belong to others, by the names of these."""
        found: dict[str, list[Organisation]] = defaultdict(list)
        for one in self.register.organisations:
            if one.merged_into:
                found[self.public(one.merged_into)].append(one)
        return found

    @cached_property
    def _mailmap_lines(self) -> Mapping[str, Sequence[int]]:
        """The lines of the mailmap that lead to people, by their ids."""
        found: dict[str, list[int]] = defaultdict(list)
        mailmap = self.register.mailmap
        for (old_name, old_email), (_, new_email) in mailmap.replaced.items():
            person = self.register.person(old_name, new_email or old_email)
            found[person.id].append(mailmap.lines.get((old_name, old_email), 0))
        return found

    def _of_person(self, key: str) -> list[Row]:
        person = self._people.get(key) or Person(key, key, (key,), (self.register.by_domain(key),))
        rows: list[Row] = [
            self._row(one.rule, one.name, one.place, _open(one.begin), _open(one.end))
            for one in self.register.periods(person)
        ]
        mailmap = [("mailmap", "", None, None, None, line, "") for line in sorted(self._mailmap_lines.get(key, ()))]
        return [*rows, *self._corrections.get(key, ()), *mailmap]

    def _of_organisation(self, key: str) -> list[Row]:
        one = self._organisations.get(key)
        if one is None:
            return [] if key == INDEPENDENT else [("unlisted", key, None, None, None, 0, "")]
        rows = [self._row("listed", one.name, one.place)]
        if one.merged_into:
            rows.append(self._row("successor", one.merged_into, one.place, one.merged_at))
        absorbed = self._absorbed.get(key, ())
        return rows + [self._row("absorbed", other.name, other.place, other.merged_at) for other in absorbed]

    def _row(self, rule: str, name: str, place: Place, begin: int | None = None, end: int | None = None) -> Row:
        line = self.register.line(place)
        return (rule, self.public(name), begin, end, None, line, self.link.replace(LINE, str(line)) if line else "")


def _open(at: int) -> int | None:
    return None if at in (EARLIEST, LATEST) else at
