"""Commands, what they come to, and what a line of chat says before anybody asks who may."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, Protocol, TypeVar

from attrs import field, frozen

from ptgbot.chat.groups import Groups
from ptgbot.chat.message import Answer, Message, Reply, Role, Target
from ptgbot.chat.text import nearest
from ptgbot.store.edits import Edit, Json, Tree

S = TypeVar("S")


class Form(enum.StrEnum):
    """How a command begins."""

    USER = "+"
    TRACK = "#TRACK"
    ADMIN = "~"
    FIXED = "#"
    """A fixed word behind ``#``, such as ``#status``."""


@frozen
class Fetch:
    """A document at an address, to be fetched and read outside the inbox."""

    url: str
    read: Callable[[bytes], Any]
    """Turns the bytes into what the command wants; runs in a thread, raises Unreadable."""


@frozen
class Query:
    """A question to a feature's bulk storage, answered outside the inbox."""

    run: Callable[[Path], Any]
    """Gets the folder of the feature's bulk storage; runs in a thread, raises Unreadable."""


@frozen
class ReadDocument:
    """A document of the state's own store, to be read outside the inbox."""

    id: str


Ask = Fetch | Query | ReadDocument
"""What a command may ask for. It is not on record; the result comes back to the same command."""


@frozen
class Fetched:
    """What came of an :data:`Ask`: the value, or the sentence that says why there is none."""

    value: Any = None
    error: str = ""


@frozen
class Deliver:
    """An effect that outlives restarts: something said in a room, a web hook.

    It is fixed when the decision is committed, one row for each target. What became of the rows comes back as an
    :class:`~ptgbot.feature.Outcome` when the last of them is settled.
    """

    kind: str
    """``say`` for a line in a room, ``webhook`` for a signed POST, or a kind that a feature registered."""
    targets: tuple[Target, ...]
    body: Json
    """The text of ``say``; anything else for other kinds. No secret may stand in it."""
    about: str = ""
    """What the feature calls it; the outcome names it."""
    within: float = 3600.0
    """Seconds after which a target that could not be reached counts as failed."""


@frozen
class News:
    """Something that people may have subscribed to."""

    line: str
    """The line that patterns are searched in, such as ``#nova now live migration``."""
    where: str = ""
    """Where it happens, told behind the line."""


def _edits(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    return tuple(edits)


def _answers(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    return tuple(answers)


@frozen
class Decision:
    """What a feature makes of a message: changes, answers, and what the core is asked to do."""

    edits: tuple[Edit, ...] = field(default=(), converter=_edits)
    answers: tuple[Answer, ...] = field(default=(), converter=_answers)
    subject: str | None = None
    """The track that the command was about; ``undo`` and ``log`` of a track go by it."""
    undoes: int | None = None
    """Number of the record that this takes back."""
    ask: Ask | None = None
    forget: bool = False
    """Nothing may remain of the person who asked."""
    deliver: tuple[Deliver, ...] = ()
    documents: Mapping[str, Json] = field(factory=dict)
    """Documents to put beside the state, by id."""
    news: tuple[News, ...] = ()
    final: str = ""
    """The sentence that ``undo`` answers with, for a command that can't be taken back; empty where it can."""

    @property
    def changes(self) -> bool:
        """Whether it must be on record before anybody is told of it."""
        return bool(self.edits or self.deliver or self.documents)


def say(text: str) -> Decision:
    """Return a decision that changes nothing and answers one sentence."""
    return Decision(answers=[Reply(text)])


class Record(Protocol):
    """A command that changed something, as the journal keeps it."""

    @property
    def number(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def key(self) -> str: ...
    @property
    def nick(self) -> str: ...
    @property
    def network(self) -> str: ...
    @property
    def room(self) -> str: ...
    @property
    def room_name(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def private(self) -> bool: ...
    @property
    def subject(self) -> str | None: ...
    @property
    def undoes(self) -> int | None: ...
    @property
    def feature(self) -> str: ...
    @property
    def final(self) -> str: ...
    @property
    def edits(self) -> Sequence[Edit]: ...


class Records(Protocol):
    """Some of the commands that changed something, the newest first."""

    def __iter__(self) -> Iterator[Record]: ...

    def __len__(self) -> int: ...


class History(Protocol):
    """The commands of all features that changed something, those of the batch in the making included."""

    def in_room(self, network: str, room: str) -> Records:
        """Return the commands that were typed in a room."""

    def of_subject(self, subject: str) -> Records:
        """Return the commands about a track or another subject."""

    def naming(self, term: str) -> Records:
        """Return the commands about a subject, person, room or slot of that name."""

    def everything(self) -> Records:
        """Return all commands."""

    def after(self, number: int) -> Iterator[Record]:
        """Yield the commands behind the one of that number, the newest first."""

    def undone(self, number: int) -> bool:
        """Say whether a record has been taken back."""


@frozen
class Call(Generic[S]):
    """A command as typed, with everything a decision may look at."""

    message: Message
    word: str
    """The command's word as typed, which may be an alias; lower case."""
    argument: str
    """What stands behind it, blanks squeezed."""
    settings: S
    """The feature's own part of the configuration."""
    history: History
    subject: str = ""
    """The track that a track command is about."""
    words: frozenset[str] = frozenset()
    """Words that can't become names of tracks, because a feature that is switched on has them."""
    fetched: Fetched | None = None
    site: str = ""
    """Address of the gathering's site, ending in a slash; empty if it has none."""
    groups: Groups = field(factory=Groups)
    """Groups of rooms, by the names that people type as ``@infra``."""

    @property
    def at(self) -> datetime:
        """When the command arrived (UTC, aware)."""
        return self.message.at

    @property
    def arguments(self) -> list[str]:
        """The argument, word by word."""
        return self.argument.split()


@frozen
class Command(Generic[S]):
    """One command: how it is typed, who may, what it does."""

    name: str
    form: Form
    role: Role
    usage: str
    help: str
    example: str
    decide: Callable[[Tree, Call[S]], Decision]
    """Gets the feature's part of the working state."""
    aliases: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Its name and its aliases."""
        return (self.name, *self.aliases)


@frozen
class Context(Generic[S]):
    """What a decision may look at besides the state and the message."""

    settings: S
    """The feature's own table of the configuration."""
    history: History
    """The commands of all features that changed something."""
    words: frozenset[str] = frozenset()
    """Words of every feature that is switched on: they can't become names of tracks."""
    core: Sequence[Command[None]] = ()
    """The commands of the core, which belong to every subject as well."""
    fetched: Fetched | None = None
    """What came of the :data:`Ask` of the same message, if it asked for something."""
    site: str = ""
    """Public address of the site, ending in a slash; empty without one."""
    groups: Groups = field(factory=Groups)
    """Groups of rooms that effects can be delivered to, by the names that people type as ``@infra``."""


ROLES = {Form.USER: Role.ATTENDEE, Form.TRACK: Role.MODERATOR, Form.ADMIN: Role.ADMIN, Form.FIXED: Role.ATTENDEE}
"""Who may use a command of a form, unless the feature says otherwise."""


def find_command(commands: Iterable[Command[S]], form: Form, word: str) -> Command[S] | None:
    """Return the command of that form with that name or alias."""
    return next((c for c in commands if c.form is form and word in c.words), None)


def commands_of(*modules: ModuleType) -> tuple[Command[Any], ...]:
    """Return the commands that modules define, those for everybody first, else in their order."""
    found = [value for module in modules for value in vars(module).values() if isinstance(value, Command)]
    return tuple(sorted(found, key=lambda command: command.role))


@frozen
class Typed:
    """A line that looks like a command: its prefix, the word behind it, and the rest."""

    prefix: str
    word: str
    rest: str


def parse(line: str, prefixes: str = "+~#") -> Typed | None:
    """Read a cleaned line; None where it cannot be a command (``+1``, ``~20 people``, ``# x``).

    A digit may follow ``#``, since names of tracks may begin with one.
    """
    if len(line) < 2 or line[0] not in prefixes:
        return None
    if not (line[1].isalpha() or (line[0] == "#" and line[1].isdigit())):
        return None
    word, _, rest = line[1:].partition(" ")
    return Typed(line[0], word.rstrip(":,").lower(), rest)


def suggestion(word: str, known: Sequence[str], prefix: str) -> str:
    """Return `` Did you mean +in?`` where some name is near, else nothing."""
    names = nearest(word, known)
    return f" Did you mean {' or '.join(prefix + name for name in names)}?" if names else ""
