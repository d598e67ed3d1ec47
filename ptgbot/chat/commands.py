"""The registry of commands, and what a line of chat says before anybody asks who may."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Protocol

from attrs import field, frozen

from ptgbot.chat.message import Answer, Message, Reply, Role
from ptgbot.chat.text import nearest
from ptgbot.store.edits import Edit


class Form(enum.StrEnum):
    """How a command begins."""

    USER = "+"
    TRACK = "#TRACK"
    ADMIN = "~"


@frozen
class Fetch:
    """A document to be fetched and read outside the inbox; the result comes back to the same command."""

    url: str
    read: Callable[[bytes], Any]
    """Turns the bytes into what the command wants; runs in a thread, raises Unreadable."""


@frozen
class Fetched:
    """What came of a Fetch: what ``read`` made of the document, or the sentence that says why there is nothing."""

    value: Any = None
    error: str = ""


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
    fetch: Fetch | None = None
    forget: bool = False
    """Nothing may remain of the person who asked."""


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
    def edits(self) -> Sequence[Edit]: ...


class History(Protocol):
    """The commands that changed something, the newest first."""

    def newest(self) -> Iterator[Record]:
        """Yield records, the newest first."""

    def undone(self, number: int) -> bool:
        """Say whether a record has been taken back."""


@frozen
class Call:
    """A command as typed, with everything a decision may look at."""

    message: Message
    word: str
    """The command's own name, lower case, aliases resolved."""
    argument: str
    """What stands behind it, blanks squeezed."""
    history: History
    settings: Any
    """The feature's own part of the configuration."""
    subject: str = ""
    """The track that a track command is about."""
    fetched: Fetched | None = None
    site: str = ""
    """Address of the gathering's site, ending in a slash; empty if it has none."""

    @property
    def at(self) -> datetime:
        """When the command arrived (UTC, aware)."""
        return self.message.at

    @property
    def words(self) -> list[str]:
        """The argument, word by word."""
        return self.argument.split()


Decide = Callable[[Any, Call], Decision]


@frozen
class Command:
    """One command: how it is typed, who may, what it does."""

    name: str
    form: Form
    role: Role
    usage: str
    help: str
    example: str
    decide: Decide
    aliases: tuple[str, ...] = ()


_ROLES = {Form.USER: Role.ATTENDEE, Form.TRACK: Role.MODERATOR, Form.ADMIN: Role.ADMIN}


@frozen
class Registry:
    """The commands of one feature, by form and name."""

    commands: list[Command] = field(factory=list)

    def add(
        self,
        name: str,
        form: Form,
        *,
        usage: str,
        help: str,  # noqa: A002 - what users call it
        example: str,
        aliases: tuple[str, ...] = (),
    ) -> Callable[[Decide], Decide]:
        """Register the decorated function as the command of that name. Raises ValueError for a second one."""

        def register(decide: Decide) -> Decide:
            command = Command(name, form, _ROLES[form], usage, help, example, decide, aliases)
            for word in (name, *aliases):
                if self.find(form, word):
                    raise ValueError(f"there is a {form.value} command {word} already")
            self.commands.append(command)
            return decide

        return register

    def find(self, form: Form, word: str) -> Command | None:
        """Return the command of that form with that name or alias."""
        return next((c for c in self.commands if c.form is form and word in (c.name, *c.aliases)), None)

    def names(self, form: Form) -> list[str]:
        """Return every name and alias of that form."""
        return [word for c in self.commands if c.form is form for word in (c.name, *c.aliases)]


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
