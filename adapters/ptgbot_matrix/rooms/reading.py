"""From the content of a message event to the line that somebody typed.

Source: Matrix client-server API, sections "m.room.message msgtypes", "Event replacements", "Rich replies", "matrix.to
navigation".
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import unquote

from attrs import frozen

from ptgbot.chat.addressing import said_to
from ptgbot_matrix.event import Event, table_in, text_in

_ALIAS: Final = re.compile(r"#([^\s:]+):[\w.\-\[\]]+(?::[0-9]+)?[,:]?(?=\s|$)")
_PILL: Final = re.compile(r'\s*(?:<(?:p|li)>\s*)?<a href="https://matrix\.to/#/([^"?]+)(?:\?[^"]*)?">([^<]*)</a>[,:]?')
_LINE_END: Final = re.compile(r"<br\s*/?>|</p>|</li>|\n")
_LONGEST_HTML: Final = 20_000
"""Characters of the formatted body in which leading pills are looked for."""


@frozen
class TypedLine:
    """A line that somebody typed."""

    text: str


@frozen
class Replacement:
    """An edit of an earlier message."""

    original: str
    """Event id of the message that was edited."""


@frozen
class MessageReader:
    """Reads the content of message events."""

    prefixes: Sequence[str]
    """Beginnings of room aliases that are left away where an alias stands for a track."""
    alias_of: Callable[[str], str] = lambda _room: ""
    """Returns the alias of a room that a pill names by its id, empty if the room has none or is not known."""

    def read(self, event: Event) -> TypedLine | Replacement | None:
        """Return the line or the edit in an event; None for notices, emotes, pictures and malformed events."""
        if event.type != "m.room.message" or event.is_state or event.content.get("msgtype") != "m.text":
            return None
        relation = table_in(event.content, "m.relates_to")
        if text_in(relation, "rel_type") == "m.replace":
            return Replacement(text_in(relation, "event_id"))
        body = text_in(event.content, "body")
        if table_in(relation, "m.in_reply_to"):
            body = without_quote(body)
        if not body.strip():
            return None
        pills = self._pills(event)
        return TypedLine("\n".join(self._with_track(line, pills) for line in body.strip().split("\n")))

    def _with_track(self, line: str, pills: Mapping[str, str]) -> str:
        """Replace a pill or an alias of a room at the beginning of a line by ``#track``."""
        line = line.lstrip()
        if found := _ALIAS.match(line):
            return f"#{self._track(found[1])}{line[found.end() :]}"
        shown = next((shown for shown in pills if line.startswith(shown)), None)
        if shown is None:
            return line
        rest = line[len(shown) :].removeprefix(":").removeprefix(",")
        return f"#{self._track(pills[shown])}{rest}"

    def _pills(self, event: Event) -> dict[str, str]:
        """Return the local parts of the aliases of rooms whose pills begin a line, by the text that they show."""
        if text_in(event.content, "format") != "org.matrix.custom.html":
            return {}
        pills = {}
        for line in _LINE_END.split(text_in(event.content, "formatted_body")[:_LONGEST_HTML]):
            if pill := _PILL.match(line):
                target, shown = unquote(pill[1]), html.unescape(pill[2])
                alias = self.alias_of(target) if target.startswith("!") else target
                if alias.startswith("#") and shown:
                    pills[shown] = alias[1:].partition(":")[0]
        return pills

    def _track(self, localpart: str) -> str:
        name = localpart.lower()
        prefix = next((one for one in self.prefixes if name.startswith(one.lower()) and len(name) > len(one)), "")
        return name[len(prefix) :]


def said_to_bot(event: Event, text: str, user: str) -> str | None:
    """Return what a line that names the bot first says to it; None for any other line.

    A pill at its beginning names the bot, and so do its Matrix id and local part.

    Args:
        event: the message.
        text: its line.
        user: Matrix id of the bot.
    """
    pill = None
    if text_in(event.content, "format") == "org.matrix.custom.html":
        pill = _PILL.match(text_in(event.content, "formatted_body")[:_LONGEST_HTML])
    shown = html.unescape(pill[2]) if pill and unquote(pill[1]) == user else ""
    mentions = table_in(event.content, "m.mentions").get("user_ids")
    mentioned = bool(shown) or (isinstance(mentions, list) and user in mentions)
    return said_to(text, [user, local_part(user), shown], mentioned=mentioned)


def without_quote(body: str) -> str:
    """Remove the fallback of a reply: the lines in which older clients repeat the message that is replied to."""
    lines = body.split("\n")
    quoted = next((number for number, line in enumerate(lines) if not line.startswith(">")), len(lines))
    if quoted and quoted < len(lines) and not lines[quoted].strip():
        quoted += 1
    return "\n".join(lines[quoted:])


def local_part(user: str) -> str:
    """Return the local part of a Matrix id: ``ada`` for ``@ada:example.org``."""
    return user.removeprefix("@").partition(":")[0] or user
