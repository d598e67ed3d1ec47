"""From a message's content to the line that somebody typed.

Source: Matrix client-server API, sections "m.room.message msgtypes", "Event replacements", "Rich replies", "matrix.to
navigation".
"""

from __future__ import annotations

import enum
import html
import re
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import unquote

from attrs import frozen

from ptgbot_matrix.event import Event, table_in, text_in

_ALIAS: Final = re.compile(r"#([^\s:]+):[\w.\-\[\]]+(?::[0-9]+)?[,:]?(?=\s|$)")
_PILL: Final = re.compile(r'\s*(?:<p>\s*)?<a href="https://matrix\.to/#/([^"?]+)(?:\?[^"]*)?">([^<]*)</a>[,:]?')
_LONGEST_PILL: Final = 2000
"""Characters in which a leading pill is looked for."""


class Form(enum.Enum):
    """What somebody did."""

    TYPED = "typed"
    EDITED = "edited"


@frozen
class Typed:
    """A line that somebody typed, or that they changed an earlier one."""

    form: Form
    text: str = ""
    original: str = ""
    """Id of the message that was changed."""


@frozen
class Reader:
    """Reads messages. ``alias_of`` gives the alias of a room that a pill names by its id."""

    prefixes: Sequence[str]
    alias_of: Callable[[str], str] = lambda _room: ""

    def read(self, event: Event) -> Typed | None:
        """Return what was typed; None for what is no command of a person: notices, emotes, pictures, oddities."""
        if event.type != "m.room.message" or event.is_state or event.content.get("msgtype") != "m.text":
            return None
        relation = table_in(event.content, "m.relates_to")
        if text_in(relation, "rel_type") == "m.replace":
            return Typed(Form.EDITED, original=text_in(relation, "event_id"))
        body = text_in(event.content, "body")
        if table_in(relation, "m.in_reply_to"):
            body = _without_quote(body)
        return Typed(Form.TYPED, self._with_track(body, event)) if body.strip() else None

    def _with_track(self, body: str, event: Event) -> str:
        """Return the line with ``#track`` in place of a leading pill or alias of a room."""
        body = body.lstrip()
        if found := _ALIAS.match(body):
            return f"#{self._track(found[1])}{body[found.end() :]}"
        if text_in(event.content, "format") != "org.matrix.custom.html":
            return body
        if not (pill := _PILL.match(text_in(event.content, "formatted_body")[:_LONGEST_PILL])):
            return body
        target, shown = unquote(pill[1]), html.unescape(pill[2])
        alias = self.alias_of(target) if target.startswith("!") else target
        if not alias.startswith("#") or not shown or not body.startswith(shown):
            return body
        rest = body[len(shown) :].removeprefix(":").removeprefix(",")
        return f"#{self._track(alias[1:].partition(':')[0])}{rest}"

    def _track(self, localpart: str) -> str:
        name = localpart.lower()
        prefix = next((one for one in self.prefixes if name.startswith(one.lower()) and len(name) > len(one)), "")
        return name[len(prefix) :]


def _without_quote(body: str) -> str:
    """Take the fallback of a reply away: what older clients repeat of the message replied to."""
    lines = body.split("\n")
    quoted = next((number for number, line in enumerate(lines) if not line.startswith(">")), len(lines))
    if quoted and quoted < len(lines) and not lines[quoted].strip():
        quoted += 1
    return "\n".join(lines[quoted:])


def local_part(user: str) -> str:
    """Return the name in a Matrix id."""
    return user.removeprefix("@").partition(":")[0] or user
