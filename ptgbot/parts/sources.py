"""Runs the sources of features: folder, restarts, health, and the way of facts into the journal."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from attrs import define, field

from ptgbot.bulk import own_folder
from ptgbot.chat.adapter import Colour, Health
from ptgbot.chat.backoff import Backoff
from ptgbot.chat.inbox import Learned, NotSaved
from ptgbot.chat.message import Person
from ptgbot.feature import AnyFeature, Fact, Source
from ptgbot.store.edits import Json
from ptgbot.store.keeper import Keeper
from ptgbot.waiting import to_its_end

log = structlog.get_logger()

FIRST, LIMIT = 1.0, 300.0
"""Seconds before the second try, and at most."""
STEADY = 60.0
"""Seconds after which a source that runs counts as working, and its next failure as the first."""
TROUBLED = 3
"""Failures in a row that need somebody."""


class SourceEnded(Exception):
    """A source returned, although it should work until it is cancelled."""


@define(eq=False)
class SourceRun:
    """One source. It is restarted when it ends or fails: at once the first time, then after growing pauses.

    This is also the :class:`~ptgbot.feature.SourceHub` of the source.
    """

    feature: str
    source: Source[Any]
    settings: Any
    bulk: Path
    """Folder above the bulk storage of all features."""
    put: Callable[[Learned], bool]
    tell: Callable[[str, str], None]
    """Tells the operators one sentence about a part of that name."""
    clock: Callable[[], datetime]
    keeper: Keeper
    backoff: Backoff = field(factory=lambda: Backoff(FIRST, LIMIT))
    steady: float = STEADY
    _counts: Counter[str] = field(factory=Counter, init=False)
    _gauges: dict[str, float] = field(factory=dict, init=False)
    _described: dict[str, Health] = field(factory=dict, init=False)
    """How the source says its work is doing, by subject."""
    _failure: str = field(default="", init=False)
    _began: float | None = field(default=None, init=False)
    """When the present run began (monotonic seconds); None between two runs."""
    _learned: datetime | None = field(default=None, init=False)
    """When facts were put on record last."""
    _documented: asyncio.Event = field(factory=asyncio.Event, init=False)

    @property
    def name(self) -> str:
        """Its name in ``/healthz``."""
        return f"{self.feature}/{self.source.name}"

    @property
    def folder(self) -> Path:
        """Its folder beside the journal."""
        return self.bulk / self.feature / self.source.name

    async def learn(self, facts: Sequence[Fact]) -> None:
        """Hand facts to the feature. Returns once they are in the journal.

        Raises:
            NotSaved: they are not in the journal.
        """
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

        def taken(problem: str | None) -> None:
            if not answer.done():
                answer.set_result(problem)

        self.put(Learned(self.feature, [(fact.key, fact.value) for fact in facts], self.clock(), taken))
        problem = await answer
        if problem is not None:
            self.count("unsaved_facts", len(facts))
            raise NotSaved(problem)
        self.count("facts", len(facts))
        self._learned = self.clock()

    def documents(self, prefix: str) -> Mapping[str, str]:
        """Return the ids of all documents that begin with a text, each with the digest of its bytes."""
        known = self.keeper.state.documents
        return {identifier: digest for identifier, digest in known.items() if identifier.startswith(prefix)}

    async def document(self, identifier: str) -> Json:
        """Return a document by its id.

        Raises:
            KeyError: there is no document with this id.
            Damaged: its bytes are not those that were written.
            OSError: it cannot be read.
        """
        return await self.keeper.document(identifier)

    async def documented(self) -> None:
        """Wait until documents were written since the last call."""
        await self._documented.wait()
        self._documented.clear()

    def wake(self) -> None:
        """Note that documents were written."""
        self._documented.set()

    async def forget(self, person: Person) -> None:
        """Remove a person from the bulk storage.

        Raises:
            OSError: the person is not removed.
        """
        remove = self.source.forget
        if remove is not None:
            await to_its_end(lambda: remove(self.settings, self.folder, person))

    def report(self, text: str) -> None:
        """Tell the operators one sentence."""
        self.tell(self.name, text)

    def count(self, name: str, number: int = 1) -> None:
        """Add to a counter."""
        self._counts[name] += number

    def measure(self, name: str, value: float) -> None:
        """Set a gauge."""
        self._gauges[name] = value

    def describe(self, subject: str, health: Health) -> None:
        """Tell how the work on a subject is doing."""
        self._described[subject] = health

    def gauges(self) -> Mapping[str, float]:
        """Return the gauges by ``FEATURE.NAME``."""
        return {f"{self.feature}.{name}": value for name, value in self._gauges.items()}

    def counts(self) -> Mapping[str, int]:
        """Return the counters."""
        return {"failures": 0, "facts": 0, **self._counts}

    async def run(self) -> None:
        """Keep the source running, without end."""
        while True:
            self._began = time.monotonic()
            try:
                await self._once()
            except SourceEnded:
                self._failure = "it ended by itself"
            except asyncio.CancelledError:
                if _is_cancelled():
                    raise
                self._failure = "it cancelled itself"
            except (Exception, SystemExit) as error:
                self._failure = f"{type(error).__name__}: {error}"
                log.exception("a source failed and is begun again", source=self.name)
            self.count("failures")
            if self._is_steady:
                self.backoff.reset()
            self._began = None
            await asyncio.sleep(self.backoff.next())

    async def _once(self) -> None:
        await asyncio.to_thread(own_folder, self.bulk, self.feature, self.source.name)
        self._described.clear()
        await self.source.run(self.settings, self)
        raise SourceEnded

    @property
    def _is_steady(self) -> bool:
        return self._began is not None and time.monotonic() - self._began >= self.steady

    def health(self) -> Health:
        """Return green while the source works, yellow after a few failures in a row, red after more.

        A source that works says itself how its work is doing, see :meth:`describe`.
        """
        last = f"last facts {self._learned:%Y-%m-%d %H:%M:%S} UTC" if self._learned else "no facts yet"
        if not self.backoff.tries or self._is_steady:
            return worst(self._described.values()) or Health(Colour.GREEN, f"runs, {last}")
        colour = Colour.RED if self.backoff.tries >= TROUBLED else Colour.YELLOW
        return Health(colour, f"begun again after {self._failure}; {last}")


def worst(healths: Collection[Health]) -> Health | None:
    """Return the worst colour of several, with the sentences of those that have it; None if there are none."""
    for colour in (Colour.RED, Colour.YELLOW, Colour.GREEN):
        if texts := [health.text for health in healths if health.colour is colour]:
            return Health(colour, "; ".join(texts))
    return None


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def sources_of(
    features: Sequence[AnyFeature],
    settings_of: Callable[[AnyFeature], Any],
    bulk: Path,
    put: Callable[[Learned], bool],
    tell: Callable[[str, str], None],
    clock: Callable[[], datetime],
    keeper: Keeper,
) -> list[SourceRun]:
    """Return all sources that the configuration switches on."""
    return [
        SourceRun(feature.name, source, settings_of(feature), bulk, put, tell, clock, keeper)
        for feature in features
        for source in feature.sources
        if source.wanted(settings_of(feature))
    ]
