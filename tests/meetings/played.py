"""A meeting without a network: lines in, what the bot says and the minutes out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from attrs import define, field

from ptgbot.meetings.extended import EXTENSIONS
from ptgbot.meetings.meeting import Ended, Line, Meeting, Say
from ptgbot.meetings.minutes import minutes_of
from ptgbot.meetings.people import Speaker
from ptgbot.meetings.said import Place, begun, reacted, said, ticked

START = datetime(2026, 10, 12, 14, tzinfo=UTC)


@define
class Played:
    """A meeting that ``mira`` has started. A minute passes with each line."""

    meeting: Meeting = field(init=False)
    says: list[str] = field(factory=list, init=False)
    """What the bot said since the last look."""
    effects: list[object] = field(factory=list, init=False)
    at: datetime = field(default=START, init=False)

    def __attrs_post_init__(self) -> None:
        line = Line(self.at, Speaker.named("mira"), "#startmeeting nova")
        self.meeting = begun(Place("irc", "#nova", "ptgbot"), line, "nova")

    def __call__(self, *lines: str, by: str = "mira", action: bool = False) -> list[str]:
        """Say lines (``jo> q+`` is said by jo) and return what the bot says to them, which is logged as well."""
        self.says = []
        for text in lines:
            nick, mark, rest = text.partition("> ")
            who, words = (nick, rest) if mark and " " not in nick else (by, text)
            self.at += timedelta(minutes=1)
            line = Line(self.at, Speaker.named(who), words, action)
            self._took(said(self.meeting, line))
        return self.says

    def bot(self, text: str) -> None:
        """Let the bot say a line that the feature has made."""
        self._took(said(self.meeting, Line(self.at, Speaker.named("ptgbot"), text, own=True)))

    def react(self, who: str, sign: str) -> list[str]:
        """React to any message."""
        self.says = []
        self._took(reacted(self.meeting, Speaker.named(who), sign, self.at))
        return self.says

    def wait(self, minutes: float) -> list[str]:
        """Let time pass, and the clocks of extensions run as the core runs them."""
        ends = self.at + timedelta(minutes=minutes)
        self.says = []
        while dues := [due for one in EXTENSIONS if (due := one.due(self.meeting)) and due <= ends]:
            self.at = max(self.at, min(dues))
            self._took(ticked(self.meeting, self.at))
        self.at = ends
        return self.says

    def _took(self, step: Any) -> None:
        if step is None:
            return
        self.meeting = Meeting.from_json(step.meeting.to_json())
        effects = [*step.effects]
        if any(isinstance(effect, Ended) for effect in effects):
            effects += [more for one in EXTENSIONS for more in one.closed(self.meeting)]
        self.effects += effects
        for effect in effects:
            if isinstance(effect, Say):
                self.says.append(effect.text)
                if not self.meeting.is_over:
                    self.bot(effect.text)

    @property
    def minutes(self) -> dict[str, Any]:
        """The JSON of the meeting."""
        return cast("dict[str, Any]", minutes_of(self.meeting))

    @property
    def items(self) -> list[tuple[str, str]]:
        """The items, each with its type and text."""
        return [(row["type"], row["text"]) for row in self.minutes["items"]]

    def again(self) -> dict[str, Any]:
        """Return the JSON of a replay of the log, as far as it does not depend on the clock."""
        log = [*self.meeting.log.values()]
        first, *rest = log
        line = Line(datetime.fromisoformat(first["at"]), Speaker.named(first["nick"]), first["text"])
        meeting = begun(Place("irc", "#nova", "ptgbot"), line, "nova")
        for row in rest:
            own, action = row["kind"] == "bot", row["kind"] == "action"
            who = Speaker.named(row["nick"])
            at = datetime.fromisoformat(row["at"])
            meeting = said(meeting, Line(at, who, row["text"], action, own)).meeting
        return cast("dict[str, Any]", minutes_of(meeting))
