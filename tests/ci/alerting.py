"""The board's decisions about alerts, for tests: what the source sees goes in, lines for rooms and people come out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
from attrs import define, field

from ptgbot.chat.commands import Context, Decision
from ptgbot.chat.groups import ALL, Group, Groups
from ptgbot.chat.message import Role, Target, Tell
from ptgbot.ci import FEATURE, telling
from ptgbot.ci.alert_settings import NoticeSettings
from ptgbot.ci.alerts import AlertKind
from ptgbot.ci.opening import Look, Sign
from ptgbot.ci.settings import CiSettings
from ptgbot.feature import Look as Seen
from ptgbot.feature import Outcome
from ptgbot.store.edits import Json, Tree, applied
from ptgbot.store.history import History, Log
from ptgbot.store.state import StoredState
from ptgbot.testing import Chat

T = 1_732_000_000
HOUR = 3600
INFRA = Target("irc", "#infra")
NOTICES = NoticeSettings(("irc/#INFRA",), silent=True, failing=True, upstream=True, incident=True, back=True)
SETTINGS = CiSettings(notices=NOTICES)


def silent(name: str = "acme", since: int = T - HOUR, **more: Any) -> Sign:
    return Sign(AlertKind.SILENT, name, since, 5, ("openstack/nova",), **more)


@define
class Desk:
    """The state of the board, and the moment."""

    settings: CiSettings = SETTINGS
    tree: Tree = field(factory=FEATURE.empty)
    at: int = T
    """Seconds since 1970."""
    lines: list[str] = field(factory=list, init=False)
    """What rooms were told."""
    tells: dict[str, list[str]] = field(factory=dict, init=False)
    """What people were told, by their keys."""
    targets: set[Target] = field(factory=set, init=False)

    def sees(self, *bad: Sign, fine: Sequence[str] = (), hours: float = 0, **more: Any) -> bool:
        """Let time pass, and let the source see trouble. Return whether that changed anything."""
        self.at += int(hours * HOUR)
        fact = Look(self.at, bad, fine, **more).fact()
        return self._take(telling.learned(self.tree, [fact], self._context()))

    def passes(self, hours: float) -> None:
        """Let time pass, with everything that is due."""
        end = self.at + int(hours * HOUR)
        while (due := telling.due(self.tree, self.settings)) and due.timestamp() <= end:
            self.at = max(self.at, int(due.timestamp()))
            assert self._take(telling.tick(self.tree, self.now, self._context())), "it is due, and changes nothing"
        self.at = end

    def types(self, line: str, by: str = "mira", role: Role = Role.MODERATOR) -> list[str]:
        """Type a line in a room and return the answers."""
        chat = Chat([FEATURE], {"ci": self.settings}, self.now - timedelta(minutes=1))
        chat.document = StoredState({"ci": self.tree})
        answers = chat(line, by, role)
        self.tree = chat.tree
        return answers

    def settles(self, outcome: Outcome) -> None:
        """Let the core tell what became of a line."""
        self._take(FEATURE.outcome(self.tree, outcome, self._context()))

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    def slice(self) -> dict[str, Json]:
        """Return what the pages see."""
        [kind] = [one for one in FEATURE.slices if one.name == "alerts"]
        value = kind.make(Seen(self.tree, {}, self.now, self.settings), "").value
        assert isinstance(value, dict)
        return value

    def watches(self, key: str, kind: str, name: str) -> None:
        watch = self.tree["watch"]
        assert isinstance(watch, dict)
        self.tree = {**self.tree, "watch": {**watch, key: [[kind, name]]}}

    def _context(self) -> Context[CiSettings]:
        groups = Groups((Group(ALL, (INFRA, Target("irc", "#nova")), public=True),))
        return Context(self.settings, History(Log()), groups=groups)

    def _take(self, decision: Decision | None) -> bool:
        if decision is None:
            return False
        self.tree = applied(self.tree, decision.edits)
        for one in decision.deliver:
            self.targets.update(one.targets)
            self.lines.append(str(one.body))
        for answer in decision.answers:
            assert isinstance(answer, Tell)
            self.tells.setdefault(answer.key, []).append(answer.text)
        return True


def with_settings(**values: Any) -> CiSettings:
    return attrs.evolve(SETTINGS, **values)
