"""People of a meeting: who speaks, who is a chair, who is known by name only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs
from attrs import field, frozen

from ptgbot.store.edits import Tree

NAMED: str = "?"
"""The first character of the key of somebody who was named and has not spoken yet."""


@frozen
class Speaker:
    """The person who says a line: a stable key, the shown name, and accounts that a server has vouched for."""

    key: str
    nick: str
    accounts: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Further names under which actions find the person, such as the Matrix id and the display name."""

    @classmethod
    def named(cls, nick: str) -> Speaker:
        """Return the person of a log, who is known by nick only."""
        return cls(nick.lower(), nick)


@frozen
class Chair:
    """A chair, bound to an account or to the key of a person once these are known."""

    nick: str
    key: str = ""
    account: str = ""

    def is_speaker(self, speaker: Speaker) -> bool:
        """Say whether a speaker is this chair."""
        if self.account:
            return self.account in speaker.accounts
        return self.key == speaker.key if self.key else self.nick.lower() == speaker.nick.lower()

    def bound(self, speaker: Speaker) -> Chair:
        """Return the chair bound to a speaker with the same nick; unchanged if bound already or somebody else."""
        if self.key or self.account or self.nick.lower() != speaker.nick.lower():
            return self
        return Chair(self.nick, speaker.key, next(iter(speaker.accounts), ""))

    def to_json(self) -> Tree:
        """Return the form in the state."""
        return {"nick": self.nick, "key": self.key, "account": self.account}

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> Chair:
        """Parse the form that :meth:`to_json` returns."""
        return cls(tree["nick"], tree["key"], tree["account"])


@frozen
class Attendee:
    """Somebody who spoke, or who was named."""

    nick: str
    """The first nick in this meeting."""
    lines: int = 0
    names: tuple[str, ...] = ()
    """Further names: later nicks, the Matrix id, the display name."""
    account: str = ""

    def spoke(self, speaker: Speaker) -> Attendee:
        """Return the attendee after one more line."""
        new = [name for name in (speaker.nick, *speaker.names) if name not in (self.nick, *self.names)]
        account = next(iter(speaker.accounts), "") or self.account
        return Attendee(self.nick, self.lines + 1, (*self.names, *new), account)

    def to_json(self) -> Tree:
        """Return the form in the state."""
        return {"nick": self.nick, "lines": self.lines, "names": [*self.names], "account": self.account}

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> Attendee:
        """Parse the form that :meth:`to_json` returns."""
        return cls(tree["nick"], tree["lines"], tuple(tree["names"]), tree["account"])


@frozen
class People:
    """Everybody of a meeting, by key."""

    by_key: Mapping[str, Attendee] = field(factory=dict)

    def spoke(self, speaker: Speaker) -> People:
        """Return the people after one more line of a speaker."""
        table = dict(self.by_key)
        former = table.pop(NAMED + speaker.nick.lower(), None)
        known = table.get(speaker.key) or former or Attendee(speaker.nick)
        return People({**table, speaker.key: known.spoke(speaker)})

    def named(self, nick: str) -> People:
        """Return the people including somebody who was named."""
        if self.having(nick):
            return self
        return People({**self.by_key, NAMED + nick.lower(): Attendee(nick)})

    def having(self, nick: str) -> list[tuple[str, Attendee]]:
        """Return the keys and attendees who have a nick, in any case."""
        wanted = nick.lower()
        found = self.by_key.items()
        return [(key, one) for key, one in found if wanted in (one.nick.lower(), *map(str.lower, one.names))]

    def renamed(self, former: str, speaker: Speaker) -> People:
        """Return the people after somebody changed the nick. Counts are kept; ``former`` is the key before."""
        table = dict(self.by_key)
        one = table.pop(former, None)
        if one is None:
            return self
        other = table.get(speaker.key)
        names = dict.fromkeys((*one.names, *((other.nick, *other.names) if other else ()), speaker.nick))
        kept = tuple(name for name in names if name != one.nick)
        return People({**table, speaker.key: attrs.evolve(one, lines=one.lines + _lines(other), names=kept)})

    def counts(self) -> dict[str, int]:
        """Return the number of lines by nick, most first."""
        found: dict[str, int] = {}
        for one in self.by_key.values():
            found[one.nick] = found.get(one.nick, 0) + one.lines
        return dict(sorted(found.items(), key=lambda row: (-row[1], row[0].lower(), row[0])))

    def names(self) -> dict[str, tuple[str, ...]]:
        """Return all names of each person, by nick, sorted by nick in any case."""
        found: dict[str, tuple[str, ...]] = {}
        for one in self.by_key.values():
            found[one.nick] = (*found.get(one.nick, ()), one.nick, *one.names)
        return dict(sorted(found.items(), key=lambda row: (row[0].lower(), row[0])))

    def to_json(self) -> Tree:
        """Return the form in the state."""
        return {key: one.to_json() for key, one in self.by_key.items()}

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> People:
        """Parse the form that :meth:`to_json` returns."""
        return cls({key: Attendee.from_json(row) for key, row in tree.items()})


def _lines(attendee: Attendee | None) -> int:
    return attendee.lines if attendee else 0


def chair_of(nick: str, people: People) -> Chair:
    """Return a new chair, bound to the one person who has this nick, if that person has spoken."""
    found = [(key, one) for key, one in people.having(nick) if not key.startswith(NAMED)]
    if len(found) != 1:
        return Chair(nick)
    key, one = found[0]
    return Chair(one.nick, key, one.account)


def is_among(chairs: Iterable[Chair], speaker: Speaker) -> bool:
    """Say whether a speaker is one of the chairs."""
    return any(chair.is_speaker(speaker) for chair in chairs)
