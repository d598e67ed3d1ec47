"""Decisions without a message: moments that have come, facts of sources, outcomes of effects, upgrades."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, cast

import attrs
import structlog
from attrs import frozen

from ptgbot import pinning, progress
from ptgbot.chat.commands import Context, Decision
from ptgbot.chat.inbox import NOBODY, Kept, Learned, Nobody, Settled, Tick, Verdict
from ptgbot.core.pending import Pending
from ptgbot.feature import AnyFeature, Fact
from ptgbot.progress import CORE
from ptgbot.router import Router
from ptgbot.store.delivery import Delivery
from ptgbot.store.edits import Edit, Tree
from ptgbot.store.record import Cause

log = structlog.get_logger()

TICKS = 100
"""Decisions that one feature may make in nobody's name at one moment."""


@frozen
class Unasked:
    """Asks features for decisions that no message of a person caused."""

    router: Router
    pending: Pending

    def caused(self, item: Nobody) -> Sequence[Verdict]:
        """Let features decide on an item that no person caused.

        Raises:
            EditConflict: an edit does not fit the working state.
        """
        return self.pending.wholly(lambda: self._decide(item))

    def due(self) -> datetime | None:
        """Return the next moment at which a feature wants to decide without a message, None if there is none."""
        committed = self.pending.state.committed
        moments = (self._due(feature, committed) for feature in self.router.features)
        return min((moment for moment in moments if moment), default=None)

    def upgraded(self, feature: AnyFeature, at: datetime) -> list[Verdict]:
        """Upgrade a feature's part of the working state. Return nothing if it is up to date.

        Raises:
            EditConflict: an edit does not fit the working state.
        """
        edits = feature.upgrade(self.pending.tree(feature.name))
        return self._put_in(feature, Decision(edits), at, Cause.TICK) if edits else []

    def _decide(self, item: Nobody) -> list[Verdict]:
        match item:
            case Tick(at):
                return [verdict for feature in self.router.features for verdict in self._guarded_tick(feature, at)]
            case Learned(name, facts, at):
                feature = next(one for one in self.router.features if one.name == name)
                known = [Fact(key, value) for key, value in facts]
                decision = feature.learn(self.pending.tree(feature.name), known, self._context(feature))
                return self._put_in(feature, decision, at, Cause.FACT)
            case Settled():
                return self._settled(item)
            case Kept(edits, at):
                own = Verdict(attrs.evolve(NOBODY, at=at), CORE, Decision(edits), Cause.OUTCOME)
                return [self.pending.put_in(own)]

    def _guarded_tick(self, feature: AnyFeature, at: datetime) -> list[Verdict]:
        """Let one feature decide. A feature that fails must not stop the others."""
        try:
            return self.pending.wholly(lambda: list(self._ticked(feature, at)))
        except Exception:
            log.exception("a feature failed at its moment", feature=feature.name)
            return []

    def _ticked(self, feature: AnyFeature, at: datetime) -> Iterator[Verdict]:
        for _ in range(TICKS):
            due = self._due(feature, self.pending.state.working)
            if due is None or due > at:
                return
            decision = feature.tick(self.pending.tree(feature.name), at, self._context(feature))
            yield from self._put_in(feature, decision, at, Cause.TICK)
            if decision is None or not decision.changes:
                log.error("a feature names a moment that has passed and changes nothing", feature=feature.name)
                return

    def _settled(self, item: Settled) -> list[Verdict]:
        """Count the settlement of a row, or note that it is late. The feature is told when no row is waited for."""
        if not self.pending.is_open(item.row):
            return []
        if not item.is_late:
            self.pending.settle(item.row, item.why)
        row = self.pending.state.deliveries[item.row]
        feature = next((one for one in self.router.features if one.name == row.feature), None)
        count = progress.delayed if item.is_late else progress.counted
        effect, edits = count(self.pending.tree(CORE), row, item.why)
        said = self._pinnable(feature, row, item.line) if feature and item.line else []
        self.pending.put_in(Verdict(attrs.evolve(NOBODY, at=item.at), CORE, Decision([*edits, *said]), Cause.OUTCOME))
        if effect is None or feature is None:
            return []
        decision = feature.outcome(self.pending.tree(feature.name), effect, self._context(feature))
        return self._put_in(feature, decision, item.at, Cause.OUTCOME)

    def _pinnable(self, feature: AnyFeature, row: Delivery, line: str) -> list[Edit]:
        """Return the edits that note a line that was said, none if its feature does not want it to be pinned."""
        wanted = pinning.wanted_by(feature, self.pending.tree(feature.name), self.router.settings_of(feature))
        return pinning.said(self.pending.tree(CORE), row, line, wanted)

    def _put_in(self, feature: AnyFeature, decision: Decision | None, at: datetime, kind: Cause) -> list[Verdict]:
        if decision is None:
            return []
        return [self.pending.put_in(Verdict(attrs.evolve(NOBODY, at=at), feature.name, decision, kind))]

    def _context(self, feature: AnyFeature) -> Context[Any]:
        return self.router.context(feature, self.pending.history)

    def _due(self, feature: AnyFeature, state: Tree) -> datetime | None:
        """Return the next moment of one feature. A feature that fails here must not stop the others."""
        try:
            return feature.due(cast("Tree", state[feature.name]), self.router.settings_of(feature))
        except Exception:
            log.exception("a feature can't say when it is due", feature=feature.name)
            return None
