"""Which feature a message belongs to; help; words that no command has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import attrs
from attrs import field, frozen

from ptgbot.chat.commands import Command, Decision, Fetched, Form, History, Typed, parse, say, suggestion
from ptgbot.chat.feature import Feature
from ptgbot.chat.message import Message
from ptgbot.chat.text import clean, count, short
from ptgbot.store.edits import Tree

_PREFIX = {"+": Form.USER, "~": Form.ADMIN}


@frozen
class Router:
    """Decides on messages by asking the features that are switched on in the room, in order."""

    features: Sequence[Feature]
    settings: Mapping[str, Any]
    """The configuration of each feature, by its name."""
    site: str = ""
    """Address of the gathering's site, ending in a slash; empty if it has none."""
    longest_line: int = 4000
    """Characters of a command line; a longer one is refused."""
    words: Sequence[Command] = field(init=False)

    def __attrs_post_init__(self) -> None:
        words = tuple(command for feature in self.features for command in feature.commands)
        object.__setattr__(self, "words", words)

    def decide(
        self, state: Tree, message: Message, history: Callable[[str], History], fetched: Fetched | None = None
    ) -> tuple[str, Decision] | None:
        """Return the feature that took a message and its decision; None where it is conversation.

        Help and the like are nobody's: the name is empty then. ``history`` gives a feature its own changes.
        """
        private, line = message.private, clean(message.text[: self.longest_line + 1])
        if message.room.exclamation and line.startswith("!"):
            line = self._sign(line[1:]) + line[1:]
        typed = parse(line)
        if not line or not (typed or private):
            return None
        found = self._decide(state, attrs.evolve(message, text=line), typed, history, fetched)
        if found and len(message.text) > self.longest_line:
            return "", say(
                f"That line has {count(len(message.text), 'character')}; "
                f"a command may have {self.longest_line}. Please make it shorter."
            )
        return found

    def _decide(
        self,
        state: Tree,
        message: Message,
        typed: Typed | None,
        history: Callable[[str], History],
        fetched: Fetched | None,
    ) -> tuple[str, Decision] | None:
        private, line = message.private, message.text
        here = [f for f in self.features if message.room.features is None or f.name in message.room.features]
        if typed and (owner := self._claimed(here, state, message, typed)):
            here = [owner]
        elif (asked := self._help_wanted(typed, line, private)) is not None:
            return "", self._help(asked)
        for feature in here:
            tree = cast("Tree", state[feature.name])
            settings = self.settings.get(feature.name)
            if decision := feature.decide(tree, message, history(feature.name), settings, fetched, self.site):
                return feature.name, decision
        unknown = self._unknown(typed, here, private)
        return ("", unknown) if unknown else None

    def _sign(self, rest: str) -> str:
        """Return which sign an exclamation mark stands for: that of the command, else the one of tracks."""
        word = _first(rest).rstrip(":,")
        forms = {command.form for command in self.words if word in (command.name, *command.aliases)}
        signs = [sign for sign, form in _PREFIX.items() if form in forms or (sign == "+" and word == "help")]
        return signs[0] if signs else "#"

    def _claimed(self, here: Sequence[Feature], state: Tree, message: Message, typed: Typed) -> Feature | None:
        if typed.prefix != "#":
            return None
        return next((f for f in here if f.claims(cast("Tree", state[f.name]), message.room, typed.word)), None)

    def _help_wanted(self, typed: Typed | None, line: str, private: bool) -> str | None:
        if typed and typed.word == "help":
            return typed.rest
        if private and not typed and line.partition(" ")[0].lower() == "help":
            return line.partition(" ")[2]
        return None

    def _help(self, asked: str) -> Decision:
        more = f" All of them: {self.site}commands.html" if self.site else ""
        if not asked or asked.lower() == "help":
            return say(f"{self._overview()}. help COMMAND explains one.{more}")
        wanted = parse(asked) or Typed("", asked.split()[0].lower(), "")
        if found := self._meant(wanted):
            return say(" | ".join(f"{c.usage} – {c.help} For example: {c.example}" for c in found) + more)
        every = sorted({name for command in self.words for name in (command.name, *command.aliases)})
        word = _first(wanted.rest) if wanted.prefix == "#" and wanted.rest else wanted.word
        return say(f"There is no command {short(word, 30)}.{suggestion(word, every, '')}{more}")

    def _meant(self, wanted: Typed) -> list[Command]:
        """Return the commands of that name, of the form asked for if there are such.

        ``#TRACK now`` means the track command, ``#TRACK`` alone what a track shows.
        """
        form = _PREFIX.get(wanted.prefix)
        named = [c for c in self.words if wanted.word in (c.name, *c.aliases)]
        if named or wanted.prefix != "#":
            return [c for c in named if c.form is form] or named
        word = _first(wanted.rest)
        return [c for c in self.words if c.form is Form.TRACK and word in (c.name, *c.aliases)]

    def _overview(self) -> str:
        titles = {Form.USER: "+", Form.TRACK: "#TRACK ", Form.ADMIN: "~"}
        parts = []
        for form, prefix in titles.items():
            names = [c.name for c in self.words if c.form is form and c.name]
            parts.append(f"{prefix}… {' '.join(names)}" if names else "")
        return " | ".join(part for part in parts if part)

    def _unknown(self, typed: Typed | None, here: Sequence[Feature], private: bool) -> Decision | None:
        form = _PREFIX.get(typed.prefix) if typed else None
        if typed and form and (here or private):
            names = [n for f in here for c in f.commands if c.form is form for n in (c.name, *c.aliases)]
            hint = suggestion(typed.word, names, typed.prefix)
            return say(f"There is no command {typed.prefix}{short(typed.word, 30)}.{hint} +help lists them all.")
        if private:
            return say("Type help for what you can ask me here: in, out, seen, subscribe, now, when, free …")
        return None


def _first(text: str) -> str:
    return text.partition(" ")[0].lower()
