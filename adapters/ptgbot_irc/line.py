r"""One line of the protocol, parsed from bytes and composed to bytes.

We do not use pydle's parser: it undoes the escapes of a tag one after another instead of in one pass, so that the
account ``a\lice`` becomes ``alice``, and an account decides about rights.

Source: RFC 1459 section 2.3, https://ircv3.net/specs/extensions/message-tags.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

LIMIT: Final = 512
"""Bytes of a line with its CR LF, without tags."""
_TRAILING: Final = frozenset({"PRIVMSG", "NOTICE", "TOPIC", "QUIT", "USER", "PASS"})
_ESCAPES: Final = {":": ";", "s": " ", "\\": "\\", "r": "\r", "n": "\n"}
_ESCAPED: Final = {char: f"\\{letter}" for letter, char in _ESCAPES.items()}
_COMMAND: Final = re.compile(r"[A-Za-z]+|[0-9]{3}", re.ASCII)
_FORBIDDEN: Final = re.compile(r"[\r\n\0]")


class BadLine(ValueError):
    """The bytes are not a line of the protocol."""


@frozen
class Line:
    """One line received from a server."""

    command: str
    """Upper case, or three digits."""
    params: tuple[str, ...] = ()
    source: str = ""
    """``nick!user@host``, the name of a server, or empty."""
    tags: Mapping[str, str] = field(factory=dict)
    """Unescaped; a tag without a value has the empty string."""

    @property
    def nick(self) -> str:
        """The nick in the source, or the name of the server."""
        return self.source.partition("!")[0]

    def param(self, index: int) -> str:
        """Return the parameter at an index, the empty string if the line has fewer."""
        return self.params[index] if index < len(self.params) else ""


def decode(raw: bytes) -> str:
    """Decode a received line as UTF-8, or as Latin-1 if it is not UTF-8.

    A character that the server truncated at the end of a line of full length is dropped.
    """
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and len(raw) > LIMIT - 16:
            return raw[: error.start].decode()
        return raw.decode("latin-1")


def parse(raw: bytes) -> Line:
    """Parse a line, with or without its CR LF (RFC 1459 section 2.3.1 and the specification of message tags).

    Raises:
        BadLine: the line has no valid command.
    """
    rest = decode(raw.strip(b"\r\n"))
    tags: Mapping[str, str] = {}
    source = ""
    if rest.startswith("@"):
        word, _, rest = rest[1:].partition(" ")
        tags = _tags(word)
        rest = rest.lstrip(" ")
    if rest.startswith(":"):
        source, _, rest = rest[1:].partition(" ")
        rest = rest.lstrip(" ")
    head, colon, trailing = f" {rest}".partition(" :")
    command, *params = head.split(" ")[1:] if head.strip(" ") else [""]
    if not _COMMAND.fullmatch(command):
        raise BadLine(f"no command in {raw[:80]!r}")
    words = [word for word in params if word]
    return Line(command.upper(), (*words, trailing) if colon else tuple(words), source, tags)


def compose(command: str, *params: str) -> bytes:
    """Return a command as one line of at most 512 bytes with its CR LF (RFC 1459 section 2.3).

    Raises:
        ValueError: a parameter but the last is empty, holds a blank or begins with a colon; the text holds CR, LF or
            NUL; or the line is too long.
    """
    *middle, last = params or ("",)
    for word in (command, *middle):
        if not word or word.startswith(":") or " " in word:
            raise ValueError(f"{word!r} can't stand inside a line of IRC")
    if not last and not params:
        text = command
    elif command in _TRAILING or not last or last.startswith(":") or " " in last:
        text = " ".join((command, *middle, f":{last}"))
    else:
        text = " ".join((command, *middle, last))
    if _FORBIDDEN.search(text):
        raise ValueError("CR, LF and NUL can't be sent")
    raw = text.encode() + b"\r\n"
    if len(raw) > LIMIT:
        raise ValueError(f"a line of {len(raw)} bytes is too long")
    return raw


def tagged(raw: bytes, tags: Mapping[str, str]) -> bytes:
    """Return a composed line with tags before it. The 512 bytes of a line do not count its tags.

    Source: https://ircv3.net/specs/extensions/message-tags, "Size limit".
    """
    words = (f"{name}={_escape(value)}" for name, value in tags.items())
    return f"@{';'.join(words)} ".encode() + raw if tags else raw


def _escape(value: str) -> str:
    return "".join(_ESCAPED.get(char, char) for char in value if char != "\0")


def _tags(word: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in word.split(";") if part)
    return {name: _unescape(value) for name, _equals, value in pairs}


def _unescape(value: str) -> str:
    return re.sub(r"\\(.?)", lambda match: _ESCAPES.get(match[1], match[1]), value, flags=re.DOTALL)
