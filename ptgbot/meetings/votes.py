"""Votes: a question, its options, and the last vote of each person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

from ptgbot.meetings.people import Speaker
from ptgbot.store.edits import Tree

USUAL: Final = ("Yes", "No")
"""The options of a question that names none."""
_OPTION: Final = re.compile(r"[\w+-]+")


@frozen
class Vote:
    """A vote that is open."""

    question: str
    options: tuple[str, ...]
    voters: Mapping[str, tuple[str, str]] = field(factory=dict)
    """Nick and option of each voter, by key, in the order in which the counting votes were cast."""

    @classmethod
    def parse(cls, text: str) -> Vote | None:
        """Return the vote in ``Question? a, b, c``; None if there is no question.

        The question goes up to the last ``?``. Options are split at everything but letters, digits and ``_ + -``.
        """
        question, mark, rest = text.rpartition("?")
        if not mark or not question.strip():
            return None
        options: dict[str, str] = {}
        for option in _OPTION.findall(rest):
            options.setdefault(option.lower(), option)
        return cls(f"{question.strip()}?", tuple(options.values()) or USUAL)

    def cast(self, speaker: Speaker, text: str) -> Vote | None:
        """Return the vote after somebody voted; None if the text is not an option."""
        wanted = text.strip().lower()
        option = next((one for one in self.options if one.lower() == wanted), None)
        if option is None:
            return None
        others = {key: row for key, row in self.voters.items() if key != speaker.key}
        return Vote(self.question, self.options, {**others, speaker.key: (speaker.nick, option)})

    def moved(self, former: str, key: str) -> Vote:
        """Return the vote after a person got another key."""
        if former not in self.voters or former == key:
            return self
        # If both keys have voted, the vote under the present one counts.
        rest = {each: row for each, row in self.voters.items() if each != former}
        return Vote(self.question, self.options, {key: self.voters[former], **rest})

    @property
    def by_option(self) -> dict[str, list[str]]:
        """The nicks of the voters of each option, in the order of the options."""
        rows = self.voters.values()
        return {option: [nick for nick, chosen in rows if chosen == option] for option in self.options}

    @property
    def results(self) -> dict[str, int]:
        """The number of votes of each option, zeros included."""
        return {option: len(nicks) for option, nicks in self.by_option.items()}

    @property
    def told(self) -> str:
        """The text of the item."""
        return f'Voted on "{self.question}" Results are, {", ".join(f"{o}: {n}" for o, n in self.results.items())}'

    def to_json(self) -> Tree:
        """Return the form in the state."""
        voters: Tree = {key: [nick, option] for key, (nick, option) in self.voters.items()}
        return {"question": self.question, "options": [*self.options], "voters": voters}

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> Vote:
        """Parse the form that :meth:`to_json` returns."""
        voters = {key: (str(row[0]), str(row[1])) for key, row in tree["voters"].items()}
        return cls(tree["question"], tuple(tree["options"]), voters)
