"""What a feature is: every part that it may bring, each with a default that brings nothing.

A feature is one Python package with one object, found through the entry-point group ``ptgbot.features``. The object is
an instance of a subclass of :class:`Feature`, typed by the attrs class of its own table in the configuration. The core
calls it and owns everything that belongs to nobody: help, undo, log, rights, the queue, the journal and delivery.
``docs/features.rst`` explains each part with an example.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from attrs import field, frozen

from ptgbot.chat.commands import Call, Command, Context, Decision, Record
from ptgbot.chat.dispatch import dispatch, refusal_by_role
from ptgbot.chat.heard import Heard
from ptgbot.chat.message import Message, Person, Room
from ptgbot.store.edits import Edit, Json, Tree

S = TypeVar("S")


Keys = tuple[str, ...]
"""A place in a tree: the keys that lead to it from the top."""

GROUP = "ptgbot.features"
"""The entry-point group in which features are found."""


@frozen
class PersonalData:
    """Where a person stands in a feature's data."""

    places: Sequence[Keys] = ()
    """Places in the feature's state that belong to the person."""
    chronicle: Sequence[Edit] = ()
    """Edits that take the person out of the feature's chronicle."""
    documents: Mapping[str, Json] = field(factory=dict)
    """Documents by their ids, rewritten without the person."""


@frozen
class Fact:
    """Something that a source found out. ``key`` makes it count once, however often it is reported."""

    key: str
    value: Json


@frozen
class Outcome:
    """What became of something that a feature asked for or had delivered."""

    about: str
    """What the feature called it in :class:`~ptgbot.chat.commands.Deliver`."""
    reached: int = 0
    """Targets that were reached."""
    failed: Mapping[str, str] = field(factory=dict)
    """Targets that were not reached, each with a sentence that says why."""


@frozen
class Touched:
    """When, and by which record, a place of the state was changed last."""

    number: int
    """Number of the record: it grows with every change, so it serves as a revision."""
    at: datetime
    """When the change was made (UTC, aware)."""


@frozen
class Look(Generic[S]):
    """What a slice is made of: the feature's committed state as of a moment."""

    state: Tree
    chronicle: Tree
    """What :meth:`Feature.chronicle` made of the records so far."""
    at: datetime
    settings: S
    touched: Callable[[Keys], Touched | None] = lambda _place: None
    """Returns the last change of a place of the feature's state, None where it was never changed."""


@frozen
class Slice:
    """A part of what the site shows."""

    value: Json
    until: datetime | None = None
    """The moment from which time alone makes it another one; None if it never does."""


@frozen
class SliceKind(Generic[S]):
    """How one slice, or one slice for each of many keys, is made.

    Its name on the site is ``FEATURE.NAME``, or ``FEATURE.NAME:KEY`` for a kind with keys.
    """

    name: str
    make: Callable[[Look[S], str], Slice]
    """Makes the slice; the second argument is the key, empty for a kind without keys."""
    reads: Sequence[Keys] = ((),)
    """Places of the state (and of the chronicle, which begins with ``chronicle``) on which it depends."""
    keys: Callable[[Look[S]], Iterable[str]] | None = None
    """Returns the keys of which there is a slice each; None for a kind without keys.

    Called whenever something changes that the kind reads, so it must be cheap.
    """
    concerns: Callable[[Look[S], Edit], Collection[str] | None] = lambda _look, _edit: None
    """Returns the keys that a change concerns; None where it may concern every key.

    For a kind without keys any key means the slice, and an empty collection that it stays as it is. A change is
    given as deep as three names (five in the chronicle); where an object appears or goes, both it and what stands
    in it are given.
    """


class Format(Protocol):
    """How a feature's part of the state looks in a file that others read, and may edit while the bot is away."""

    @property
    def name(self) -> str:
        """Name of the file below the folder of the state; the first feature's first format has the configured one."""

    def render(self, tree: Tree, at: datetime, changed: datetime) -> bytes:
        """Return the file's contents for a state as of a moment; ``changed`` is when it changed last."""

    def public(self, tree: Tree, at: datetime, changed: datetime) -> bytes | None:
        """Return what everybody may read on the site under the same name, None where nobody may."""

    def parse(self, raw: bytes) -> Tree:
        """Return the state that a file's contents tell of. Raises Unreadable."""

    def stamped(self, raw: bytes) -> datetime | None:
        """Return the moment at which a file says it was written, None where it does not say. Raises Unreadable."""

    def changes(self, before: Tree, after: Tree) -> list[Edit]:
        """Return the edits that lead from one state to another."""


class SourceHub(Protocol):
    """What the core offers a source."""

    @property
    def folder(self) -> Path:
        """A folder of the source's own beside the journal, for its bulk storage."""

    async def learn(self, facts: Sequence[Fact]) -> None:
        """Hand facts to the feature; returns once they are on record. Raises NotSaved where they are not."""

    def report(self, text: str) -> None:
        """Tell the operators one sentence."""

    def count(self, name: str, number: int = 1) -> None:
        """Add to a counter that health and metrics show."""


@frozen
class Source(Generic[S]):
    """A supervised task that brings facts. It is begun again when it ends or fails, later and later."""

    name: str
    run: Callable[[S, SourceHub], Awaitable[None]]
    """Works until it is cancelled. Must write its bulk storage before it hands in the facts made of it."""
    wanted: Callable[[S], bool] = lambda _settings: True
    """Says whether the configuration switches it on."""


@frozen
class Job(Generic[S]):
    """A child process on a schedule."""

    name: str
    command: Callable[[S], Sequence[str]]
    """Returns the command line; empty to switch the job off."""
    every: Callable[[S], float]
    """Returns the seconds between two starts."""
    timeout: float = 3600.0
    """Seconds after which it is ended, with everything it started."""
    memory: int = 2_000_000_000
    """Bytes of address space that it may use."""


Perform = Callable[[S, str, str, Json, str], Awaitable[None]]
"""Performs one row of a delivered effect: settings, network, target, body, transaction.

The transaction stays the same however often the row is tried. Raises OSError to be tried again,
:class:`~ptgbot.chat.adapter.Undeliverable` where there is no use in that.
"""


@frozen
class Deliverer(Generic[S]):
    """A kind of delivered effects that a feature brings, besides the ``say`` of the core."""

    kind: str
    """Its name in :class:`~ptgbot.chat.commands.Deliver`, unique among all features."""
    perform: Perform[S]


@frozen
class Asked:
    """A request to a route."""

    path: str
    """What stands behind the feature's prefix, without a leading slash."""
    query: Mapping[str, str]
    slices: Mapping[str, Json]
    """The slices that the site shows: never the raw state."""


@frozen
class Answered:
    """What a route answers."""

    body: bytes
    content_type: str = "application/json"
    status: int = 200
    headers: Mapping[str, str] = field(factory=dict)


@frozen
class Route(Generic[S]):
    """What the built-in web server answers beyond files, below ``/FEATURE/PREFIX``, in a thread, one at a time."""

    prefix: str
    answer: Callable[[Asked, S], Answered]
    addresses: Sequence[str] = ()
    """Old addresses, beginning with a slash, that lead here as well."""
    timeout: float = 5.0
    """Seconds after which the reader is told that it took too long."""


@frozen
class Topic:
    """A layer of a room's topic. The layer of the highest rank is shown above what was observed beneath."""

    network: str
    room: str
    rank: int
    text: Callable[[str], str]
    """Returns the wanted topic for the one that stands beneath."""


@frozen
class Subcommand(Generic[S]):
    """A subcommand of the program: ``ptgbot FEATURE NAME CONFIG [ARGUMENT…]``."""

    name: str
    help: str
    run: Callable[[S, Tree, Sequence[str]], Iterable[str]]
    """Gets the settings, the committed state and the arguments; yields the lines to print. Raises ValueError."""


class Feature(Generic[S]):
    """A part of the bot that owns everything that is its own. Every method is pure: no clock, no file, no network.

    A subclass sets ``name`` and ``settings`` and overrides the parts that it brings.
    """

    name: str
    """Its name: of its table in the configuration, of its part of the state, and before the names of its slices."""
    settings: type[S]
    """The attrs class of its table in the configuration."""
    rank: int = 100
    """Features with a lower rank are asked first."""
    commands: Sequence[Command[S]] = ()
    reserved: frozenset[str] = frozenset()
    """Further words, besides those of its commands, that can't be names of tracks."""
    slices: Sequence[SliceKind[S]] = ()
    sources: Sequence[Source[S]] = ()
    jobs: Sequence[Job[S]] = ()
    deliverers: Sequence[Deliverer[S]] = ()
    routes: Sequence[Route[S]] = ()
    subcommands: Sequence[Subcommand[S]] = ()
    site: str = ""
    """Name of its Sphinx extension; empty if it shows nothing on the site."""

    # State

    def empty(self) -> Tree:
        """Return its part of the state before anything happened."""
        return {}

    def complete(self, tree: Tree) -> None:
        """Add the keys that a state of an earlier version lacks, in place. Runs before a journal is replayed."""

    def upgrade(self, tree: Tree) -> Sequence[Edit]:
        """Return the edits that bring a state of an earlier version up to date beyond adding keys.

        They are made after the journal was replayed, and are on record.
        """
        return ()

    def prepare(self, tree: Tree) -> None:
        """Make ready whatever decisions will need, such as compiled patterns; it must change no decision.

        Called in a thread with committed states: at the start, and after commits.
        """

    def forget(self, tree: Tree, chronicle: Tree, person: Person) -> PersonalData:
        """Return where a person stands."""
        return PersonalData()

    def chronicle(self, chronicle: Tree, state: Tree, record: Record) -> Tree:
        """Return what stays known of the past after one more record, without changing ``chronicle`` itself.

        It is kept beside the state, outlives restarts, and may be computed anew from all records at any time. An undo
        comes as a record whose ``undoes`` names the record that it takes back.
        """
        return chronicle

    def formats(self, settings: S) -> Sequence[Format]:
        """Return the files that it exports and imports."""
        return ()

    def zone(self, tree: Tree, settings: S) -> tzinfo | None:
        """Return the time zone in which people of this feature read times, None where it has none."""
        return None

    # Chat

    def subject(self, tree: Tree, word: str) -> str | None:
        """Return the subject that ``#word`` names, such as a track; None where it names none.

        Undo and log of a subject belong to the core.
        """
        return None

    def claims(self, tree: Tree, room: Room, word: str) -> bool:
        """Say whether a ``#word`` is this feature's here and now, before help and everybody else."""
        return False

    def decide(self, tree: Tree, message: Message, context: Context[S]) -> Decision | None:
        """Decide on a message; None where it is conversation. By default the feature's commands are looked up."""
        return dispatch(self, tree, message, context)

    def refusal(self, tree: Tree, command: Command[S], call: Call[S]) -> str | None:
        """Return why somebody may not use a command, None where they may. Asked for undo as well."""
        return refusal_by_role(command, call)

    def listens(self, room: Room, settings: S) -> bool:
        """Say whether it wants to hear every line of a room."""
        return False

    def hear(self, tree: Tree, heard: Heard, context: Context[S]) -> Decision | None:
        """Take in something that was heard where it listens. Answers to the bot's own lines are not sent."""
        return None

    def due(self, tree: Tree, settings: S) -> datetime | None:
        """Return the next moment at which it wants to decide in nobody's name.

        It keeps naming a moment in the past until the state says that the work of that moment was done.
        """
        return None

    def tick(self, tree: Tree, at: datetime, context: Context[S]) -> Decision | None:
        """Decide in nobody's name, because a moment that :meth:`due` named has come."""
        return None

    def learn(self, tree: Tree, facts: Sequence[Fact], context: Context[S]) -> Decision | None:
        """Take in facts of a source; those whose keys the state knows already count no second time."""
        return None

    def outcome(self, tree: Tree, outcome: Outcome, context: Context[S]) -> Decision | None:
        """Take in what became of a delivered effect."""
        return None

    def subscribers(self, tree: Tree, line: str, settings: S) -> Sequence[str]:
        """Return the keys of the people whose subscription matches a line that any feature announces as news."""
        return ()

    def topics(self, tree: Tree, settings: S) -> Sequence[Topic]:
        """Return the layers that it wants on topics of rooms."""
        return ()

    # Program

    def check(self, tree: Tree, at: datetime, settings: S) -> Iterable[str]:
        """Yield sentences about odd values in its state, for ``ptgbot check``."""
        return ()

    def metrics(self, tree: Tree, settings: S) -> Mapping[str, float]:
        """Return gauges by name, without the feature's own, for the operators."""
        return {}


AnyFeature = Feature[Any]
"""A feature whose settings the core carries without looking at them."""


class Missing(Exception):
    """A feature can't be loaded; the message says which extra to install."""


def known_features() -> Mapping[str, EntryPoint]:
    """Return every installed feature by name, without importing any."""
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def load_features(tables: Iterable[str] = (), off: Iterable[str] = ()) -> tuple[AnyFeature, ...]:
    """Return the features that are switched on, in the order in which they are asked.

    A feature whose entry point names an extra is imported only if its table stands in the configuration.

    :param tables: names of the tables of the configuration.
    :param off: names of features that are switched off.
    Raises Missing.
    """
    wanted, unwanted = frozenset(tables), frozenset(off)
    names = [
        name
        for name, entry in known_features().items()
        if name not in unwanted and (not entry.extras or name in wanted)
    ]
    return _loaded(tuple(sorted(names)))


@functools.cache
def _loaded(names: tuple[str, ...]) -> tuple[AnyFeature, ...]:
    entries = known_features()
    found = [_load(entries[name]) for name in names]
    return tuple(sorted(found, key=lambda feature: (feature.rank, feature.name)))


def _load(entry: EntryPoint) -> AnyFeature:
    try:
        feature: AnyFeature = entry.load()
    except ImportError as error:
        extra = f" Install ptgbot[{','.join(entry.extras)}]." if entry.extras else ""
        raise Missing(f"the feature {entry.name} can't be loaded: {error}.{extra}") from error
    return feature
