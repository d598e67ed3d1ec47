"""Undo and log over the commands of all features."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, cast

import attrs
from attrs import field, frozen

from ptgbot.chat.commands import Context, Decision, Form, History, Record, Records, find_command, say
from ptgbot.chat.dispatch import read_call
from ptgbot.chat.message import Message, Reply, Role, listed
from ptgbot.chat.text import clean, count, fold, short
from ptgbot.feature import AnyFeature
from ptgbot.linking import Codes
from ptgbot.store.edits import Edit, Tree, get, same

MOST = 20
"""Changes that one answer lists at most."""
USUAL = 5
"""Changes that one answer lists if no number is typed."""


@frozen
class Past:
    """The past as one message may see it: the commands of the features that are enabled in its room."""

    features: Mapping[str, AnyFeature]
    settings: Mapping[str, Any]
    state: Tree
    message: Message
    history: History
    codes: Codes = field(factory=Codes)
    """The codes with which people link accounts."""

    @property
    def zone(self) -> tzinfo:
        """The time zone of the first feature that has one, else UTC."""
        zones = (f.zone(self._tree(name), self._settings(name)) for name, f in self.features.items())
        return next((zone for zone in zones if zone), UTC)

    @property
    def unforgotten(self) -> Sequence[str]:
        """Sentences about what ``+forget me`` cannot reach."""
        said = (feature.unforgotten(self._settings(name)) for name, feature in self.features.items())
        return [one for one in said if one]

    def _tree(self, feature: str) -> Tree:
        return cast("Tree", self.state[feature])

    def _settings(self, feature: str) -> Any:
        return self.features[feature].settings_in(self.settings)

    def take_back(self, records: Records, what: str) -> tuple[str, Decision]:
        """Undo the newest command that is neither an undo nor undone, as a whole, unless later changes conflict.

        Return the name of the feature of that command, and the decision.

        Args:
            records: the commands to choose from, the newest first.
            what: where they were typed, for the answer that there is none.
        """
        record = next((record for record in records if self._open(record)), None)
        if record is None:
            return "", say(f"There is nothing left to undo {what}.")
        if record.final:
            return "", say(f"“{short(record.text, 80)}” can't be taken back: {record.final}")
        if refused := self._refused(record):
            return "", say(refused)
        if blocking := self._changed(record):
            return "", say(self._blocked(record, blocking))
        edits = [edit.reversed() for edit in reversed(record.edits)]
        answer = Reply(f"Taken back: “{short(record.text, 120)}” ({self.told(record)}).")
        return record.feature, Decision(edits, [answer], record.subject, record.number)

    def _open(self, record: Record) -> bool:
        here = record.feature in self.features
        return here and not record.private and record.undoes is None and not self.history.undone(record.number)

    def _refused(self, record: Record) -> str | None:
        """Return why the sender may not undo a command: undo needs the rights of the command."""
        feature, tree = self.features[record.feature], self._tree(record.feature)
        line = attrs.evolve(self.message, text=signed(record.text, feature))
        form, call = read_call(feature, tree, line, Context(self._settings(record.feature), self.history))
        command = find_command(feature.commands, form, call.word) if form else None
        if command is not None:
            return feature.refusal(tree, command, call)
        allowed = self.message.role >= Role.ADMIN
        return None if allowed else f"Only operators of {self.message.room.name} can take that back."

    def _changed(self, record: Record) -> list[Edit]:
        tree = self._tree(record.feature)
        return [edit for edit in record.edits if not same(get(tree, edit.at), edit.now)]

    def _blocked(self, record: Record, blocking: Sequence[Edit]) -> str:
        later = (
            other
            for other in self.history.after(record.number)
            if other.feature == record.feature and _meets(blocking, other.edits)
        )
        since = next(later, None)
        by = f"“{short(since.text, 80)}” ({self.told(since)})" if since and not since.private else ""
        return (
            f"“{short(record.text, 80)}” can't be taken back: it was changed since{', by ' + by if by else ''}. "
            "Nothing was changed; undo that first, or set it anew."
        )

    def told(self, record: Record) -> str:
        """Return who made a change, when and where."""
        who = record.nick or "somebody who asked to be forgotten"
        where = f", {record.room_name}" if record.room_name else ""
        return f"{who}, {time_of_day(record.at, self.message.at, self.zone)}{where}"

    def listed(self, records: Records, what: str, number: int) -> Decision:
        """Answer the last changes, the newest first. Commands typed in private stay private."""
        lines: list[str] = []
        people: list[str] = []
        hidden = 0
        for record in records:
            if record.private or record.feature not in self.features:
                hidden += 1
            else:
                lines.append(f"{self.told(record)}: {short(record.text, 100)}")
                people.append(record.key)
            if len(lines) == number:
                break
        if not lines:
            return say(f"No change {what} is on record.")
        left = len(records) - len(lines) - hidden
        more = [f"{count(left, 'older change')} not shown"] if left > 0 else []
        return Decision(answers=[listed([*lines, *more], people=people)])


def signed(text: str, feature: AnyFeature) -> str:
    """Return a command line with its own sign in place of an exclamation mark."""
    line = clean(text)
    if not line.startswith("!"):
        return line
    word = fold(line[1:].partition(" ")[0].rstrip(":,"))
    signs = {Form.USER: "+", Form.ADMIN: "~"}
    found = next((signs[c.form] for c in feature.commands if c.form in signs and word in c.words), "#")
    return found + line[1:]


def _meets(some: Iterable[Edit], others: Iterable[Edit]) -> bool:
    return any(_meet(one, other) for one in some for other in others)


def _meet(one: Edit, other: Edit) -> bool:
    length = min(len(one.at), len(other.at))
    return one.at[:length] == other.at[:length]


def time_of_day(at: datetime, now: datetime, zone: tzinfo) -> str:
    """Return a time in a zone, with the day unless it is today."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%a %-d %b %H:%M}"


def how_many(words: Sequence[str]) -> tuple[Sequence[str], int]:
    """Split ``[…] [N]`` into the words and the number of changes."""
    if words and words[-1].isascii() and words[-1].isdigit():
        return words[:-1], max(1, min(MOST, int(words[-1][:9])))
    return words, USUAL
