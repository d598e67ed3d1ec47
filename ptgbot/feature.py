"""The contract of features: every part that a feature may have, each with an empty default.

A feature is one Python package with one object, found through the entry-point group ``ptgbot.features``. The object is
an instance of a subclass of :class:`Feature`, typed by the attrs class of its own table in the configuration. The core
calls it, and owns everything that belongs to no feature: help, undo, log, rights, the queue, the journal and delivery.
``docs/features.rst`` explains each part with an example.
"""

from __future__ import annotations

import argparse
import functools
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from attrs import field, frozen

from ptgbot.chat.adapter import Finding, Health
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
    """The data of a person in a feature's part of the state."""

    places: Sequence[Keys] = ()
    """Places in the feature's state that belong to the person."""
    chronicle: Sequence[Edit] = ()
    """Edits that remove the person from the feature's chronicle."""
    documents: Mapping[str, Json] = field(factory=dict)
    """Documents by their ids, rewritten without the person."""
    rewrites: Mapping[str, Callable[[Json], Json]] = field(factory=dict)
    """Functions that return a document without the person, by the beginning of the ids of the documents.

    They run in threads.
    """


@frozen
class Fact:
    """A fact found by a source. Facts with the same ``key`` count once, however often they are reported."""

    key: str
    value: Json


@frozen
class Outcome:
    """The result of a delivered effect."""

    about: str
    """The feature's name of the effect in :class:`~ptgbot.chat.commands.Deliver`."""
    reached: int = 0
    """Targets that were reached."""
    failed: Mapping[str, str] = field(factory=dict)
    """Targets that were not reached, each with a sentence that says why."""
    late: Mapping[str, str] = field(factory=dict)
    """Targets that were not reached in time and are tried further, each with a sentence that says why.

    Such an outcome is followed by another one, when all targets are settled.
    """


@frozen
class Touched:
    """The last change of a place of the state."""

    number: int
    """Number of the record: it grows with every change, so it serves as a revision."""
    at: datetime
    """When the change was made (UTC, aware)."""


@frozen
class Look(Generic[S]):
    """The data of which a slice is made: the feature's committed state at a moment."""

    state: Tree
    chronicle: Tree
    """The result of :meth:`Feature.chronicle` for the records so far."""
    at: datetime
    settings: S
    touched: Callable[[Keys], Touched | None] = lambda _place: None
    """Returns the last change of a place of the feature's state, None if it was never changed."""


@frozen
class Slice:
    """A part of the state that the site shows."""

    value: Json
    until: datetime | None = None
    """The moment from which time alone changes the slice, None if it never does."""


@frozen
class SliceKind(Generic[S]):
    """Describes one slice, or one slice for each of many keys.

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
    """The form of a feature's part of the state in a file that others read, and may edit while the bot is stopped."""

    @property
    def name(self) -> str:
        """Name of the file in the folder of the state.

        The first format of the first feature has the configured name instead.
        """

    def render(self, tree: Tree, at: datetime, changed: datetime) -> bytes:
        """Return the contents of the file.

        Args:
            tree: the feature's part of the state.
            at: the moment of the export (UTC); values that follow the clock are those of this moment.
            changed: the moment of the last change (UTC).
        """

    def public(self, tree: Tree, at: datetime, changed: datetime) -> bytes | None:
        """Return the contents that the site publishes under the same name, None to publish nothing.

        Arguments as :meth:`render`.
        """

    def parse(self, raw: bytes) -> Tree:
        """Return the feature's part of the state from the contents of the file.

        Raises:
            Unreadable: the contents have not the right shape; the message names the place.
        """

    def stamped(self, raw: bytes) -> datetime | None:
        """Return the moment at which the file says it was written, None if it does not say.

        Raises:
            Unreadable: the contents cannot be parsed.
        """

    def changes(self, before: Tree, after: Tree) -> list[Edit]:
        """Return the edits that lead from one state to another."""


class SourceHub(Protocol):
    """What the core offers to a source."""

    @property
    def folder(self) -> Path:
        """A folder for the source's bulk storage, beside the journal."""

    async def learn(self, facts: Sequence[Fact]) -> None:
        """Hand facts to the feature. Returns once they are in the journal.

        Raises:
            NotSaved: they are not in the journal.
        """

    def documents(self, prefix: str) -> Mapping[str, str]:
        """Return the ids of all documents that begin with a text, each with the digest of its bytes."""

    async def document(self, identifier: str) -> Json:
        """Return a document by its id.

        Raises:
            KeyError: there is no document with this id.
            Damaged: its bytes are not those that were written.
            OSError: it cannot be read.
        """

    async def documented(self) -> None:
        """Wait until documents were written since the last call."""

    def report(self, text: str) -> None:
        """Tell the operators one sentence."""

    def count(self, name: str, number: int = 1) -> None:
        """Add to a counter that health and metrics show."""

    def measure(self, name: str, value: float) -> None:
        """Set a gauge that metrics show under the feature's name."""

    def describe(self, subject: str, health: Health) -> None:
        """Tell how the work on a subject is doing, such as a server; it counts until the next call for this subject.

        The health of the source is the worst of all subjects, with the sentences of those.
        """


@frozen
class Source(Generic[S]):
    """A supervised task that imports facts. When it ends or fails, it is restarted after growing pauses."""

    name: str
    run: Callable[[S, SourceHub], Awaitable[None]]
    """Works until it is cancelled. Must write its bulk storage before it hands in the facts made of it."""
    wanted: Callable[[S], bool] = lambda _settings: True
    """Says whether the configuration switches the source on."""
    forget: Callable[[S, Path, Person], None] | None = None
    """Removes a person from the bulk storage in a folder, which may be missing; None if it holds no personal data.

    It runs in a thread before the person is removed from the journal, and may be called again after a failure.
    Raises OSError if the person is not removed.
    """
    look: Callable[[S], Awaitable[Sequence[Finding]]] | None = None
    """Tries what the source needs, such as a login, for ``ptgbot check``; changes nothing."""
    works_alone: bool = False
    """Whether the bot is useful with this source and without any network, because the site shows what it brings."""


@frozen
class Job(Generic[S]):
    """A child process on a schedule."""

    name: str
    command: Callable[[S, Path | None], Sequence[str]]
    """Returns the command line; empty to switch the job off.

    Gets the settings and the file of the configuration, so that the job may be a command of the program. The file is
    None if the configuration was not read from one.
    """
    every: Callable[[S], float]
    """Returns the seconds between two starts."""
    timeout: float = 3600.0
    """Seconds after which the process is killed, with everything that it started."""
    memory: int = 2_000_000_000
    """Most bytes of address space that it may use."""


Perform = Callable[[S, str, str, Json, str], Awaitable[None]]
"""Performs one row of a delivered effect: settings, network, target, body, transaction.

The transaction stays the same however often the row is tried. Raises OSError to be tried again,
:class:`~ptgbot.chat.adapter.Undeliverable` where there is no use in that.
"""


@frozen
class Deliverer(Generic[S]):
    """A kind of delivered effects that a feature adds to the core's ``say``."""

    kind: str
    """Its name in :class:`~ptgbot.chat.commands.Deliver`, unique among all features."""
    perform: Perform[S]


@frozen
class BulkRow:
    """A row of a delivered effect for the bulk storage."""

    network: str
    target: str
    body: Json
    transaction: str


@frozen
class BulkDeliverer(Generic[S]):
    """A kind of delivered effects that are written to the feature's bulk storage.

    Data that is large and always grows gets there without being in the state.
    """

    kind: str
    """Its name in :class:`~ptgbot.chat.commands.Deliver`, unique among all features."""
    write: Callable[[S, Path, Sequence[BulkRow]], None]
    """Writes rows that have gathered: settings, folder of the feature's bulk storage, rows in their order.

    It runs in a thread and returns once the data is durable. After a crash it is called again under the same
    transactions, and must then write nothing twice. Raises OSError to be tried again; after any other error each row
    is tried alone.
    """


@frozen
class Asked:
    """A request to a route."""

    path: str
    """The path after the feature's prefix, without a leading slash."""
    query: Mapping[str, str]
    slices: Mapping[str, Json]
    """The slices that the site shows: never the raw state."""
    folder: Path = Path()
    """The folder of the feature's bulk storage, to read only; it may be missing."""


@frozen
class Answered:
    """The response of a route."""

    body: bytes
    content_type: str = "application/json"
    status: int = 200
    headers: Mapping[str, str] = field(factory=dict)


@frozen
class Route(Generic[S]):
    """A responder of the built-in web server below ``/FEATURE/PREFIX``. It runs in a thread, one request at a time."""

    prefix: str
    answer: Callable[[Asked, S], Answered]
    addresses: Sequence[str] = ()
    """Further addresses, each beginning with a slash."""
    front: Sequence[str] = ()
    """Names of parameters: the route answers requests for the front page that have one of them."""
    timeout: float = 5.0
    """Seconds after which the reader is told that the response took too long."""
    wanted: Callable[[S], bool] = lambda _settings: True
    """Says whether the configuration switches the route on."""


@frozen
class SiteProject(Generic[S]):
    """A Sphinx project of its own below the site, for pages over bulk data.

    It has a builder process, a folder of releases and a switch of its own, so its builds never delay the main site.
    """

    path: str
    """Folder of its pages below the site, such as ``minutes``: small letters, digits and hyphens."""
    extension: str
    """Name of the Sphinx extension that brings its pages."""
    reads: Sequence[str] = ()
    """Names of the slices that it shows; ``NAME:*`` means every key. A build is made when one of them changes."""
    wanted: Callable[[S], bool] = lambda _settings: True
    """Says whether the configuration switches the project on."""


@frozen
class Topic:
    """A layer of a room's topic. The layer of the highest rank is shown above the topic that was observed beneath."""

    network: str
    room: str
    rank: int
    text: Callable[[str], str]
    """Returns the wanted topic from the one observed beneath."""


@frozen
class Pin:
    """A line that was said in a room and shall be pinned there, if the network pins lines."""

    network: str
    room: str
    """The room as in the :class:`~ptgbot.chat.message.Target` of the delivery."""
    about: str
    """The feature's name of the delivery that said the line, as in :class:`~ptgbot.chat.commands.Deliver`."""


@frozen
class Taken:
    """What a subcommand takes over from files."""

    edits: Sequence[Edit] = ()
    """Changes of the feature's part of the state, made as one record."""
    lines: Sequence[str] = ()
    """Lines to print."""


@frozen
class Subcommand(Generic[S]):
    """A subcommand of the program: ``ptgbot FEATURE NAME CONFIG [ARGUMENT…]``."""

    name: str
    help: str
    run: Callable[[S, Tree, Sequence[str]], Iterable[str]] = lambda _settings, _tree, _arguments: ()
    """Gets the settings, the committed state and the arguments; yields the lines to print. Raises ValueError."""
    take: Callable[[S, Tree, Mapping[str, bytes]], Taken] | None = None
    """Takes over the files that the arguments name, instead of ``run``, while no bot runs on the state.

    Gets the settings, the state and the contents of the files by their names. Raises ValueError. It must return no
    edits for files that it has taken over before.
    """


@frozen
class BulkCommand(Generic[S]):
    """A subcommand of the program that works on bulk storage: ``ptgbot FEATURE NAME CONFIG [ARGUMENT…]``.

    It may run beside the bot, so it and the feature's sources must agree on who writes.
    """

    name: str
    """One word, or two such as ``people suggest``."""
    help: str
    run: Callable[[S, Path, Sequence[str]], Iterable[str]]
    """Gets the settings, the folder of the feature's bulk storage and the arguments; yields the lines to print.

    Raises ValueError or OSError.
    """


@frozen
class Tool:
    """A command of the program that needs no configuration and no state: ``ptgbot FEATURE NAME …``."""

    name: str
    help: str
    declare: Callable[[argparse.ArgumentParser], None]
    """Declares the options and arguments; ``--help`` shows them."""
    run: Callable[[argparse.Namespace], Iterable[str]]
    """Gets the options as declared; yields the lines to print. Raises ValueError or OSError."""


class Feature(Generic[S]):
    """The base class of features. Every method is pure: no clock, no file, no network.

    A subclass sets ``name`` and ``settings`` and overrides the parts that it has.
    """

    name: str
    """Name of the feature, of its table in the configuration and of its part of the state; prefix of its slices."""
    settings: type[S]
    """The attrs class of its table in the configuration."""
    rank: int = 100
    """Features with a lower rank are asked first."""
    commands: Sequence[Command[S]] = ()
    phrases: Sequence[str] = ()
    """Beginnings of lines, such as ``+subscribe coffee``, that belong to this feature although another has the command.
    """
    reserved: frozenset[str] = frozenset()
    """Further words, besides those of its commands, that can't be names of tracks."""
    slices: Sequence[SliceKind[S]] = ()
    sources: Sequence[Source[S]] = ()
    jobs: Sequence[Job[S]] = ()
    deliverers: Sequence[Deliverer[S] | BulkDeliverer[S]] = ()
    routes: Sequence[Route[S]] = ()
    verb: str = ""
    """Name of the group of its subcommands, ``ptgbot VERB NAME …``; empty for the name of the feature."""
    subcommands: Sequence[Subcommand[S]] = ()
    bulk_commands: Sequence[BulkCommand[S]] = ()
    tools: Sequence[Tool] = ()
    site: str = ""
    """Name of its Sphinx extension; empty if it has no part of the site."""
    projects: Sequence[SiteProject[S]] = ()
    """Sphinx projects of its own, for pages over bulk data."""

    # State

    def settings_in(self, tables: Mapping[str, Any]) -> S:
        """Return the feature's table of a configuration, or its defaults if there is no such table."""
        chosen: S = tables.get(self.name) or self.settings()
        return chosen

    def empty(self) -> Tree:
        """Return the feature's part of the state before the first change."""
        return {}

    def complete(self, tree: Tree) -> None:
        """Add the keys that a state of an earlier version lacks, in place. Called before a journal is replayed."""

    def upgrade(self, tree: Tree) -> Sequence[Edit]:
        """Return edits that upgrade a state of an earlier version beyond adding keys.

        They are made after the journal was replayed, and are written to it.
        """
        return ()

    def prepare(self, tree: Tree) -> None:
        """Compute data in advance that decisions need, such as compiled patterns. It must not affect decisions.

        Called in a thread with committed states: at the start, and after commits.
        """

    def forget(self, tree: Tree, chronicle: Tree, person: Person) -> PersonalData:
        """Return the data of a person, to be erased."""
        return PersonalData()

    def unforgotten(self, settings: S) -> str:
        """Return a sentence about what ``+forget me`` cannot reach, empty if it reaches everything."""
        return ""

    def move(self, tree: Tree, former: str, key: str) -> Sequence[Edit]:
        """Return the edits that give what belongs to the person ``former`` to the person ``key``, who is the same.

        Called when somebody has linked two accounts.
        """
        return ()

    def chronicle(self, chronicle: Tree, state: Tree, record: Record) -> Tree:
        """Return the chronicle after one more record, without changing ``chronicle`` itself.

        The chronicle is data about the past. It is kept beside the state, outlives restarts, and may be computed anew
        from all records at any time. The record of an undo names the undone record in ``undoes``.
        """
        return chronicle

    def formats(self, settings: S) -> Sequence[Format]:
        """Return the formats of the files that the feature exports and imports."""
        return ()

    def title(self, tree: Tree, settings: S) -> str:
        """Return the name of the event that the state is about, such as ``Spring Gathering``; empty without one."""
        return ""

    def zone(self, tree: Tree, settings: S) -> tzinfo | None:
        """Return the time zone in which people of this feature read times, None if it has none."""
        return None

    # Chat

    def subject(self, tree: Tree, word: str) -> str | None:
        """Return the subject that ``#word`` names, such as a track, None if it names none.

        Undo and log of a subject belong to the core.
        """
        return None

    def claims(self, tree: Tree, room: Room, word: str) -> bool:
        """Say whether a ``#word`` belongs to this feature in this room now.

        It then precedes help and all other features.
        """
        return False

    def decide(self, tree: Tree, message: Message, context: Context[S]) -> Decision | None:
        """Decide on a message; return None if it is conversation.

        The default finds the command among the feature's commands.
        """
        return dispatch(self, tree, message, context)

    def refusal(self, tree: Tree, command: Command[S], call: Call[S]) -> str | None:
        """Return a sentence that says why the sender may not use a command, None if they may. Called for undo, too."""
        return refusal_by_role(command, call)

    def listens(self, room: Room, settings: S) -> bool:
        """Say whether the feature wants to hear every line of a room."""
        return False

    def hear(self, tree: Tree, heard: Heard, context: Context[S]) -> Decision | None:
        """Decide on an event in a room where the feature listens. Answers to the bot's own lines are not sent."""
        return None

    def due(self, tree: Tree, settings: S) -> datetime | None:
        """Return the next moment (aware) at which the feature wants to decide without a message, None if there is none.

        It must return a moment in the past until the state says that the work of that moment was done.
        """
        return None

    def tick(self, tree: Tree, at: datetime, context: Context[S]) -> Decision | None:
        """Decide without a message, because a moment that :meth:`due` returned has come."""
        return None

    def learn(self, tree: Tree, facts: Sequence[Fact], context: Context[S]) -> Decision | None:
        """Decide on facts of a source. The feature must ignore facts whose keys the state has already."""
        return None

    def outcome(self, tree: Tree, outcome: Outcome, context: Context[S]) -> Decision | None:
        """Decide on the result of a delivered effect."""
        return None

    def subscribers(self, tree: Tree, line: str, settings: S) -> Sequence[str]:
        """Return the keys of the people whose subscription matches a line of news, from any feature."""
        return ()

    def topics(self, tree: Tree, settings: S) -> Sequence[Topic]:
        """Return the layers that the feature wants on topics of rooms."""
        return ()

    def pins(self, tree: Tree, settings: S) -> Sequence[Pin]:
        """Return the lines that shall be pinned in their rooms now.

        The id of a line is kept only if it was wanted when the server confirmed the line.
        """
        return ()

    # Program

    def check(self, tree: Tree, at: datetime, settings: S) -> Iterable[str]:
        """Yield sentences about odd values in the feature's part of the state, for ``ptgbot check``."""
        return ()

    def warnings(self, tree: Tree, settings: S) -> Iterable[str]:
        """Yield sentences about settings that do not count, for the log at the start."""
        return ()

    def metrics(self, tree: Tree, settings: S) -> Mapping[str, float]:
        """Return gauges for the operators by name, without the feature's name as prefix."""
        return {}


AnyFeature = Feature[Any]
"""A feature whose settings the core carries without looking at them."""


class Missing(Exception):
    """A feature cannot be loaded. The message says which extra to install."""


def known_features() -> Mapping[str, EntryPoint]:
    """Return the entry points of all installed features by name, without importing them."""
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def load_features(tables: Iterable[str] = (), off: Iterable[str] = ()) -> tuple[AnyFeature, ...]:
    """Return the enabled features, in the order in which they are asked.

    A feature whose entry point names an extra is imported only if the configuration has its table.

    Args:
        tables: names of the tables in the configuration.
        off: names of features that are switched off.

    Raises:
        Missing: a feature cannot be imported.
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
