"""Finds the feature that a message belongs to; help, and answers to unknown words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import attrs
from attrs import field, frozen

from ptgbot.chat.addressing import MARKS
from ptgbot.chat.commands import (
    Call,
    Command,
    Context,
    Decision,
    Fetched,
    Form,
    History,
    Typed,
    find_command,
    parse,
    say,
    suggestion,
)
from ptgbot.chat.dispatch import IN_PUBLIC, read_call, refusal_by_role
from ptgbot.chat.groups import Groups
from ptgbot.chat.message import Message, Person, Role, Target, Tell, listed
from ptgbot.chat.text import clean, count, fold, short
from ptgbot.feature import AnyFeature
from ptgbot.history import Past
from ptgbot.linking import Codes
from ptgbot.own import COMMANDS, OWN
from ptgbot.store.edits import Tree

_PREFIX = {"+": Form.USER, "~": Form.ADMIN}
_TITLES = {Form.USER: "+…", Form.TRACK: "#TRACK …", Form.FIXED: "#…", Form.ADMIN: "~…"}
CORE = "the core"
WIDE_SIGNS = str.maketrans("＋＃～﹢﹟", "+#~+#")
"""Signs that keyboards of other scripts write for those that commands begin with."""


class WordTaken(Exception):
    """Two features have the same command. The message names both, and the setting that switches one off."""


def check_words(features: Sequence[AnyFeature]) -> None:
    """Make sure that each word belongs to one command only.

    Words of track commands belong to the feature of the track, so two features may have the same.

    Raises:
        WordTaken: two commands have the same word.
    """
    for feature in features:
        of_subjects = [c for c in (*COMMANDS, *feature.commands) if c.form is Form.TRACK]
        _check([(CORE if c in COMMANDS else feature.name, c) for c in of_subjects])
    named = [(CORE, COMMANDS), *((feature.name, feature.commands) for feature in features)]
    _check([(owner, c) for owner, commands in named for c in commands if c.form is not Form.TRACK])


def _check(owned: Iterable[tuple[str, Command[Any]]]) -> None:
    owners: dict[tuple[Form, str], str] = {}
    for owner, command in owned:
        for word in command.words:
            other = owners.get((command.form, word))
            owners[command.form, word] = owner
            if other == owner:
                raise WordTaken(f"{owner} has the command {command.form.value} {word} twice.")
            if other:
                raise WordTaken(
                    f"{other} and {owner} both have the command {command.form.value}{word}. "
                    f'Switch one off: write off = ["{owner}"] into the table [features].'
                )


@frozen
class Router:
    """Decides on messages by asking the enabled features of the room, in order."""

    features: Sequence[AnyFeature]
    settings: Mapping[str, Any]
    """The configuration of each feature, by its name."""
    site: str = ""
    """Address of the gathering's site, ending in a slash; empty if it has none."""
    longest_line: int = 4000
    """Characters of a command line; a longer one is refused."""
    groups: Groups = field(factory=Groups)
    """Groups of rooms that features may deliver to."""
    members: Callable[[Target], Sequence[Person]] = lambda _room: ()
    """Returns who is in a room, without the bot; empty while that is unknown."""
    codes: Codes = field(factory=Codes)
    """The codes with which people link accounts. They are no part of the state."""
    commands: Sequence[Command[Any]] = field(init=False)
    """Every command, those of the core among them, for everybody first."""
    words: frozenset[str] = field(init=False)
    """Words that can't become names of tracks."""
    _settings: Mapping[str, Any] = field(init=False)
    """The configuration of each feature; defaults where none was given."""

    def __attrs_post_init__(self) -> None:
        check_words(self.features)
        settings = {feature.name: feature.settings_in(self.settings) for feature in self.features}
        object.__setattr__(self, "_settings", settings)
        every = sorted((*(c for f in self.features for c in f.commands), *COMMANDS), key=lambda c: c.role)
        object.__setattr__(self, "commands", tuple(every))
        reserved = (word for feature in self.features for word in feature.reserved)
        words = frozenset((*(word for command in every for word in command.words if word), *reserved, "help"))
        object.__setattr__(self, "words", words)

    def adopt(self, settings: Mapping[str, Any], site: str, groups: Groups) -> None:
        """Take changed settings of features, address of the site and groups, for every decision from now on."""
        object.__setattr__(self, "settings", settings)
        object.__setattr__(self, "site", site)
        object.__setattr__(self, "groups", groups)
        object.__setattr__(self, "_settings", {one.name: one.settings_in(settings) for one in self.features})

    def settings_of(self, feature: AnyFeature) -> Any:
        """Return the settings of a feature."""
        return self._settings[feature.name]

    def context(self, feature: AnyFeature, history: History, fetched: Fetched | None = None) -> Context[Any]:
        """Return what decisions of a feature may depend on besides the state and the message."""
        given = (self.words, COMMANDS, fetched, self.site, self.groups, self.members)
        return Context(self.settings_of(feature), history, *given)

    def decide(
        self, state: Tree, message: Message, history: History, fetched: Fetched | None = None
    ) -> tuple[str, Decision] | None:
        """Return the name of the feature that a message belongs to and its decision, None for conversation.

        The name is empty for answers of the core that change nothing.
        """
        said = message.text if message.said is None else message.said
        line = self._signed(said, message)
        typed = parse(line)
        if message.said is not None and not line:
            line = "help"
        if not line or not (typed or message.direct):
            return None
        found = self._decide(state, attrs.evolve(message, text=line), typed, history, fetched)
        if found and len(said) > self.longest_line:
            return "", say(
                f"That line has {count(len(said), 'character')}; "
                f"a command may have {self.longest_line}. Please make it shorter."
            )
        return found and (found[0], self._with_news(state, found[1]))

    def begins_command(self, line: str, message: Message) -> bool:
        """Say whether a line of a message begins with a command. In a message for the bot the sign may be omitted."""
        line = self._signed(line, message)
        if (typed := parse(line)) or not message.direct:
            return typed is not None
        word = _first(line)
        return word == "help" or any(c.form is Form.USER and word in c.words for c in self.commands)

    def _signed(self, text: str, message: Message) -> str:
        """Return a line cleaned, with the sign that an exclamation mark stands for."""
        line = clean(text[: self.longest_line + 1])
        if message.room.exclamation and line.startswith("!"):
            return self._sign(line[1:]) + line[1:]
        return line[:1].translate(WIDE_SIGNS) + line[1:]

    def _decide(
        self, state: Tree, message: Message, typed: Typed | None, history: History, fetched: Fetched | None
    ) -> tuple[str, Decision] | None:
        line = message.text
        here = self.here(message)
        if (owner := _meant_by_phrase(here, message)) or (
            typed and (owner := self._claimed(here, state, message, typed))
        ):
            here = [owner]
        elif (asked := self._help_wanted(typed, line, direct=message.direct)) is not None:
            return "", self._help(asked, message)
        elif own := self._own(here, state, message, history):
            return own
        for feature in here:
            tree = cast("Tree", state[feature.name])
            if decision := feature.decide(tree, message, self.context(feature, history, fetched)):
                return feature.name, decision
        unknown = self._unknown(typed, here, message)
        return ("", unknown) if unknown else None

    def here(self, message: Message) -> list[AnyFeature]:
        """Return the enabled features in the room of a message."""
        wanted = message.room.features
        return [f for f in self.features if wanted is None or f.name in wanted]

    def _own(
        self, here: Sequence[AnyFeature], state: Tree, message: Message, history: History
    ) -> tuple[str, Decision] | None:
        """Decide by the core's own commands; return None if the line names none of them."""
        for feature in here:
            tree = cast("Tree", state[feature.name])
            form, call = read_call(feature, tree, message, Context(None, history))
            command = find_command(COMMANDS, form, call.word) if form else None
            if command is None:
                continue
            if form is Form.TRACK and message.private:
                return "", say(f"#{call.subject} {call.word} is a track command. {IN_PUBLIC}")
            if refused := self._refused(feature, tree, command, attrs.evolve(call, settings=self.settings_of(feature))):
                return "", say(refused)
            past = Past({f.name: f for f in here}, self.settings, state, message, history, self.codes)
            decide = next(decide for own, decide in OWN if own is command)
            name, decision = decide(past, call)
            return name, attrs.evolve(decision, subject=call.subject) if form is Form.TRACK else decision
        return None

    def _refused(self, feature: AnyFeature, tree: Tree, command: Command[Any], call: Call[Any]) -> str | None:
        """Return why the sender may not use a command of the core.

        For a command about a subject its feature decides.
        """
        return (feature.refusal if command.form is Form.TRACK else _by_role)(tree, command, call)

    def _with_news(self, state: Tree, decision: Decision) -> Decision:
        """Return a decision with private messages to everybody who subscribed to its news."""
        told = [
            Tell(key, f"{news.line} ({news.where})" if news.where else news.line)
            for news in decision.news
            for key in sorted(set(self._subscribers(state, news.line)))
        ]
        return attrs.evolve(decision, answers=(*decision.answers, *told)) if told else decision

    def _subscribers(self, state: Tree, line: str) -> Iterator[str]:
        for feature in self.features:
            yield from feature.subscribers(cast("Tree", state[feature.name]), line, self.settings_of(feature))

    def _sign(self, rest: str) -> str:
        """Return the sign that an exclamation mark replaces: that of the command, else ``#``."""
        word = _first(rest).rstrip(":,")
        forms = {command.form for command in self.commands if word in command.words}
        signs = [sign for sign, form in _PREFIX.items() if form in forms or (sign == "+" and word == "help")]
        return signs[0] if signs else "#"

    def _claimed(
        self, here: Sequence[AnyFeature], state: Tree, message: Message, typed: Typed
    ) -> AnyFeature | None:
        if typed.prefix != "#":
            return None
        return next((f for f in here if f.claims(cast("Tree", state[f.name]), message.room, typed.word)), None)

    def _help_wanted(self, typed: Typed | None, line: str, *, direct: bool) -> str | None:
        if typed and typed.word == "help":
            return typed.rest
        first, _, rest = line.partition(" ")
        if direct and not typed and first.lower().rstrip(MARKS) == "help":
            return rest
        return None

    def _help(self, asked: str, message: Message) -> Decision:
        more = f" All of them: {self.site}commands.html" if self.site else ""
        if not asked or fold(asked.strip(MARKS)) == "help":
            *lines, last = self._overview(message)
            return Decision(answers=[listed([*lines, f"{last}. +help COMMAND explains one.{more}"])])
        wanted = parse(asked) or Typed("", asked.split()[0].lower(), "")
        if found := self._meant(wanted):
            return say(" | ".join(f"{c.usage} – {c.help} For example: {c.example}" for c in found) + more)
        word = _first(wanted.rest) if wanted.prefix == "#" and wanted.rest else wanted.word
        return say(f"There is no command {short(word, 30)}.{suggestion(word, self.commands, '')}{more}")

    def _meant(self, wanted: Typed) -> list[Command[Any]]:
        """Return the commands with a name, of the form asked for if there are any.

        ``#TRACK now`` means the track command, ``#TRACK`` alone the state of a track, ``#status`` a fixed word.
        """
        named = [c for c in self.commands if wanted.word in c.words]
        if wanted.prefix == "#":
            fixed = [c for c in named if c.form is Form.FIXED]
            word = _first(wanted.rest)
            return fixed or named or [c for c in self.commands if c.form is Form.TRACK and word in c.words]
        form = _PREFIX.get(wanted.prefix)
        return [c for c in named if c.form is form] or named

    def _overview(self, message: Message) -> list[str]:
        """Return a line for each sign with the names of its commands that somebody may try here."""
        here = [c for c in self._commands_of(self.here(message)) if c.name and c.in_overview and _may_try(c, message)]
        lines = []
        for form, title in _TITLES.items():
            if names := list(dict.fromkeys(c.name for c in here if c.form is form)):
                lines.append(f"{title} {' '.join(names)}")
        return lines or ["No command works here"]

    def _unknown(self, typed: Typed | None, here: Sequence[AnyFeature], message: Message) -> Decision | None:
        form = _PREFIX.get(typed.prefix) if typed else None
        if typed and form and (here or message.direct):
            meant = [command for command in self._commands_of(here) if command.form is form]
            hint = suggestion(typed.word, meant, typed.prefix)
            return say(f"There is no command {typed.prefix}{short(typed.word, 30)}.{hint} +help lists them all.")
        if message.direct:
            shown = [c.name for c in self._commands_of(here) if c.role is Role.ATTENDEE and c.form is Form.USER][:7]
            word = "help" if message.private else "+help"
            return say(f"Type {word} for what you can ask me here: {', '.join(shown)} …")
        return None

    def _commands_of(self, features: Iterable[AnyFeature]) -> Iterator[Command[Any]]:
        for feature in features:
            yield from feature.commands
        yield from COMMANDS


def _meant_by_phrase(features: Iterable[AnyFeature], message: Message) -> AnyFeature | None:
    """Return the feature that has the first words of a line to itself. In a message for the bot + may be omitted."""
    line = fold(message.text)
    lines = (f"{line} ", f"+{line} ") if message.direct else (f"{line} ",)
    owned = ((feature, f"{phrase} ") for feature in features for phrase in feature.phrases)
    return next((feature for feature, phrase in owned if any(one.startswith(phrase) for one in lines)), None)


def _may_try(command: Command[Any], message: Message) -> bool:
    """Say whether help names a command: those of operators for operators, in private only those for everybody."""
    if message.private and command.form in (Form.TRACK, Form.ADMIN):
        return False
    return command.form is not Form.ADMIN or message.role >= command.role


def _by_role(_tree: Tree, command: Command[Any], call: Call[Any]) -> str | None:
    return refusal_by_role(command, call)


def _first(text: str) -> str:
    return fold(text.partition(" ")[0])
