"""The meaning of a typed line: talk, or a command to the prompt itself. This module touches no terminal."""

from __future__ import annotations

import enum
import re

from attrs import evolve, field, frozen

from ptgbot.chat.message import Role
from ptgbot.chat.text import clean, nearest, short

NAME = re.compile(r"[^\s#/@:,!+~]{1,30}")
"""A nick: one word that does not look like a command or a channel."""
CHANNEL = re.compile(r"#[^\s,]{1,49}")

HELP = """\
You talk to the bot as people do in a chat; what begins with / is for this prompt:
  /as NAME        be somebody else, new or seen before
  /op  /deop      become or stop being operator of the channel: operators are admins, who type ~…
  /voice /devoice be given or lose voice: needed for #TRACK … after ~requirevoice
  /dm  /channel   talk to the bot in private, or in the channel again
  /me TEXT        say what you do: mira waves
  /topic TEXT     set the topic of the channel
  /help           this text
  /quit           stop (so do ctrl-D and ctrl-C)
A line that should begin with / in the chat is typed with two: //
Try these:
  +help                                      what anybody may type
  +in #storage                               check in with a track
  #storage now Snapshots between regions     say what a track discusses now
  #storage next Quotas per tenant            and what comes next
  #robotics book Ballroom A-WedP3            book a free slot
  /op, then ~motd add info Cake at four!     put a message on top of the page"""


@frozen
class Standing:
    """The rights of one person in the channel."""

    operator: bool = False
    voiced: bool = False

    @property
    def role(self) -> Role:
        """The role that a chat server would report."""
        if self.operator:
            return Role.ADMIN
        return Role.MODERATOR if self.voiced else Role.ATTENDEE


class Action(enum.Enum):
    """The action that a line asks of the console."""

    TALK = "talk"
    ACT = "act"
    """A ``/me`` line."""
    TOPIC = "topic"
    SHOW = "show"
    QUIT = "quit"


@frozen
class Step:
    """The result of one line: the prompt afterwards, the action, and its text."""

    prompt: Prompt
    action: Action
    text: str = ""


@frozen
class Prompt:
    """The state of the prompt: who types, in which room, and everybody's rights."""

    nick: str
    channel: str
    private: bool = False
    people: dict[str, Standing] = field(factory=dict)
    """By lower-cased nick; people who are not listed have no rights."""

    @property
    def standing(self) -> Standing:
        """The rights of the person who types."""
        return self.people.get(self.nick.lower(), Standing())

    def __str__(self) -> str:
        sign = "@" if self.standing.operator else "+" if self.standing.voiced else ""
        return f"{sign}{self.nick} {'in private' if self.private else self.channel}> "

    def typed(self, line: str) -> Step:
        """Interpret one typed line."""
        if not line.startswith("/"):
            return Step(self, Action.TALK, line)
        if line.startswith("//"):
            return Step(self, Action.TALK, line[1:])
        word, _, argument = clean(line[1:]).partition(" ")
        return self._command(word.lower(), argument)

    def _command(self, word: str, argument: str) -> Step:
        if word == "as":
            return self._be(argument)
        if word in _STANDINGS:
            return self._stand(word)
        if word in ("dm", "channel"):
            there = evolve(self, private=word == "dm")
            place = "to the bot in private" if there.private else f"in {self.channel}"
            return Step(there, Action.SHOW, f"Now talking {place}.")
        if word == "me":
            return Step(self, Action.ACT, argument)
        if word == "topic":
            return Step(self, Action.TOPIC, argument)
        if word == "help":
            return Step(self, Action.SHOW, HELP)
        if word == "quit":
            return Step(self, Action.QUIT)
        near = "".join(f" Did you mean /{name}?" for name in nearest(word, _WORDS, 1))
        return Step(self, Action.SHOW, f"The prompt has no /{short(word, 30)}.{near} Try /help.")

    def _be(self, name: str) -> Step:
        if not NAME.fullmatch(name):
            return Step(self, Action.SHOW, "Type /as and one name of at most 30 letters, such as /as mira")
        somebody = evolve(self, nick=name)
        return Step(somebody, Action.SHOW, f"You are {name} now.")

    def _stand(self, word: str) -> Step:
        change, state = _STANDINGS[word]
        people = {**self.people, self.nick.lower(): evolve(self.standing, **change)}
        return Step(evolve(self, people=people), Action.SHOW, f"Now {state} {self.channel}.")


_STANDINGS: dict[str, tuple[dict[str, bool], str]] = {
    "op": ({"operator": True}, "an operator of"),
    "deop": ({"operator": False}, "no operator of"),
    "voice": ({"voiced": True}, "with voice in"),
    "devoice": ({"voiced": False}, "without voice in"),
}
_WORDS = ("as", *_STANDINGS, "dm", "channel", "me", "topic", "help", "quit")
