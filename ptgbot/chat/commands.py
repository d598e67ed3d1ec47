"""Commands, the decisions that they lead to, and the parser of command lines."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, Protocol, TypeVar

from attrs import field, frozen

from ptgbot.chat.groups import Groups
from ptgbot.chat.message import Answer, Message, Person, Reply, Role, Target
from ptgbot.chat.spelling import misspelt
from ptgbot.store.edits import Edit, Json, Tree

S = TypeVar("S")


class Form(enum.StrEnum):
    """The sign with which a command begins."""

    USER = "+"
    TRACK = "#TRACK"
    ADMIN = "~"
    FIXED = "#"
    """A fixed word behind ``#``, such as ``#status``."""


@frozen
class Fetch:
    """A request for a document at an address. It is fetched and read outside the inbox."""

    url: str
    read: Callable[[bytes], Any]
    """Parses the bytes; runs in a thread. Raises Unreadable."""


@frozen
class Query:
    """A question to a feature's bulk storage. It is answered outside the inbox."""

    run: Callable[[Path], Any]
    """Gets the folder of the feature's bulk storage; runs in a thread. Raises Unreadable."""


@frozen
class ReadDocument:
    """A request for a document of the state's own store. It is read outside the inbox."""

    id: str


Ask = Fetch | Query | ReadDocument
"""A request of a command to the core. It is not in the journal; the result comes back to the same command."""


@frozen
class Fetched:
    """The result of an :data:`Ask`: its value, or a sentence that says why there is none."""

    value: Any = None
    error: str = ""


@frozen
class Deliver:
    """An effect that outlives restarts, such as a line in a room or a web hook.

    It is fixed when the decision is committed, with one row in the journal for each target. When the last row is
    settled, the feature gets an :class:`~ptgbot.feature.Outcome`.
    """

    kind: str
    """``say`` for a line in a room, ``webhook`` for a signed POST, or a kind that a feature registered."""
    targets: tuple[Target, ...]
    body: Json
    """The text of ``say``; anything else for other kinds. No secret may stand in it."""
    about: str = ""
    """The feature's own name of the effect; the outcome repeats it."""
    within: float = 3600.0
    """Seconds after which a target that could not be reached counts as failed."""
    late: float | None = None
    """Seconds after which the feature is told which targets were not reached yet, once; None for never. These are tried
    further, in the order of their rows, and the outcome comes when all are settled."""


@frozen
class News:
    """An event that people may have subscribed to."""

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
    """A feature's decision on a message: edits of the state, answers, and tasks for the core."""

    edits: tuple[Edit, ...] = field(default=(), converter=_edits)
    answers: tuple[Answer, ...] = field(default=(), converter=_answers)
    subject: str | None = None
    """The track that the command was about; ``undo`` and ``log`` of a track look for it."""
    undoes: int | None = None
    """Number of the record that this decision undoes."""
    ask: Ask | None = None
    forget: bool = False
    """Whether everything about the person who asked must be erased."""
    deliver: tuple[Deliver, ...] = ()
    documents: Mapping[str, Json] = field(factory=dict)
    """Documents to put beside the state, by id."""
    news: tuple[News, ...] = ()
    moves: tuple[tuple[str, str], ...] = ()
    """Keys of people that become other keys, because two accounts were linked: former key, new key."""
    line: str | None = None
    """What the journal keeps in place of the typed line, for a line that no file may have; None keeps the line."""
    final: str = ""
    """The sentence that ``undo`` answers with, for a command that can't be taken back; empty where it can."""

    @property
    def changes(self) -> bool:
        """Whether the decision must be in the journal before anybody is told of it."""
        return bool(self.edits or self.deliver or self.documents)


def say(text: str) -> Decision:
    """Return a decision that changes nothing and answers one sentence."""
    return Decision(answers=[Reply(text)])


class Record(Protocol):
    """A command that changed the state, as the journal keeps it."""

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
    """A selection of the commands that changed the state, the newest first."""

    def __iter__(self) -> Iterator[Record]: ...

    def __len__(self) -> int: ...


class History(Protocol):
    """The commands of all features that changed the state, including those of the batch that is not committed yet."""

    def in_room(self, network: str, room: str) -> Records:
        """Return the commands typed in a room."""

    def of_subject(self, subject: str) -> Records:
        """Return the commands about a subject, such as a track."""

    def naming(self, term: str) -> Records:
        """Return the commands that name a subject, person, room or slot."""

    def everything(self) -> Records:
        """Return all commands."""

    def after(self, number: int) -> Iterator[Record]:
        """Yield the commands with higher numbers than ``number``, the newest first."""

    def undone(self, number: int) -> bool:
        """Say whether the record with this number has been undone."""


@frozen
class Call(Generic[S]):
    """A command as typed, with everything that a decision may depend on."""

    message: Message
    word: str
    """The command's word as typed, which may be an alias; lower case."""
    argument: str
    """The rest of the line, with single blanks."""
    settings: S
    """The feature's own part of the configuration."""
    history: History
    subject: str = ""
    """The track that a track command is about."""
    words: frozenset[str] = frozenset()
    """Words that can't become names of tracks, because an enabled feature uses them."""
    fetched: Fetched | None = None
    site: str = ""
    """Address of the gathering's site, ending in a slash; empty if it has none."""
    groups: Groups = field(factory=Groups)
    """Groups of rooms, by the names that people type as ``@infra``."""

    @property
    def at(self) -> datetime:
        """Time of arrival (UTC, aware)."""
        return self.message.at

    @property
    def arguments(self) -> list[str]:
        """The words of the argument."""
        return self.argument.split()


@frozen
class Command(Generic[S]):
    """One command: its syntax, the role it needs, and the function that decides on it."""

    name: str
    form: Form
    role: Role
    usage: str
    help: str
    example: str
    decide: Callable[[Tree, Call[S]], Decision]
    """Gets the feature's part of the working state."""
    aliases: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    """Words that people may type for it. It does not answer to them; they are told its name."""
    in_overview: bool = True
    """Whether ``+help`` without a name lists it."""

    @property
    def words(self) -> tuple[str, ...]:
        """The name and the aliases."""
        return (self.name, *self.aliases)


@frozen
class Context(Generic[S]):
    """What a decision may depend on besides the state and the message."""

    settings: S
    """The feature's own table of the configuration."""
    history: History
    """The commands of all features that changed something."""
    words: frozenset[str] = frozenset()
    """Words of all enabled features; they can't become names of tracks."""
    core: Sequence[Command[None]] = ()
    """The commands of the core, which belong to every subject as well."""
    fetched: Fetched | None = None
    """The result of the :data:`Ask` of the same message, if it has asked."""
    site: str = ""
    """Public address of the site, ending in a slash; empty without one."""
    groups: Groups = field(factory=Groups)
    """Groups of rooms that effects can be delivered to, by the names that people type as ``@infra``."""
    members: Callable[[Target], Sequence[Person]] = lambda _room: ()
    """Returns who is in a room, without the bot; empty while that is unknown."""


ROLES = {Form.USER: Role.ATTENDEE, Form.TRACK: Role.MODERATOR, Form.ADMIN: Role.ADMIN, Form.FIXED: Role.ATTENDEE}
"""The role that a command of a form needs, unless the feature says otherwise."""


def find_command(commands: Iterable[Command[S]], form: Form, word: str) -> Command[S] | None:
    """Return the command of this form with this name or alias, None if there is none."""
    return next((c for c in commands if c.form is form and word in c.words), None)


def commands_of(*modules: ModuleType) -> tuple[Command[Any], ...]:
    """Return the commands that modules define, sorted by role; commands of one role keep their order."""
    found = [value for module in modules for value in vars(module).values() if isinstance(value, Command)]
    return tuple(sorted(found, key=lambda command: command.role))


@frozen
class Typed:
    """A line that looks like a command: its prefix, the word behind it, and the rest."""

    prefix: str
    word: str
    rest: str


def parse(line: str, prefixes: str = "+~#") -> Typed | None:
    """Parse a cleaned line; return None if it cannot be a command (``+1``, ``~20 people``, ``# x``).

    A digit may follow ``#``, because names of tracks may begin with a digit.
    """
    if len(line) < 2 or line[0] not in prefixes:
        return None
    if not (line[1].isalpha() or (line[0] == "#" and line[1].isdigit())):
        return None
    word, _, rest = line[1:].partition(" ")
    return Typed(line[0], word.rstrip(":,").lower(), rest)


def suggestion(word: str, commands: Iterable[Command[Any]], prefix: str, more: Sequence[str] = ()) -> str:
    """Return `` Did you mean +in?`` if a word is a synonym of commands or a slip of their names, else the empty string.

    Args:
        word: the unknown word.
        commands: the commands that may be meant.
        prefix: text before each suggested name, such as ``+``.
        more: further names that may be meant.
    """
    several = [*commands]
    meant = [command.name for command in several if word in command.synonyms]
    names = meant or misspelt(word, [*(name for one in several for name in one.words if name), *more])[:3]
    return f" Did you mean {' or '.join(prefix + name for name in names)}?" if names else ""
