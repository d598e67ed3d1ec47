"""Names and addresses that ``.mailmap`` replaces, in the forms of gitmailmap(5), read as git reads them."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

_LINE: Final = re.compile(r"([^<]*)<([^>]+)>(?:([^<]*)<([^>]*)>)?")
_BLANKS: Final = " \t\r"
_SMALL: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
"""Git compares only letters of ASCII without regard to case."""

Replaced = tuple[str, str]
"""A name and an address."""


@frozen
class Mailmap:
    """Replacements by the name and the address in a commit, both compared without regard to case."""

    replaced: Mapping[Replaced, Replaced] = field(factory=dict)
    """New name and address, empty where the old one stays, by old name and address; the old name may be empty."""
    lines: Mapping[Replaced, int] = field(factory=dict, eq=False)
    """The lines, counted from 1, by old name and address."""

    def applied(self, name: str, email: str) -> Replaced:
        """Return the name and the address to use instead of those of a commit.

        A line with the old name counts before one that has only the old address.
        """
        key = email.translate(_SMALL)
        found = self.replaced.get((name.translate(_SMALL), key)) or self.replaced.get(("", key))
        return (found[0] or name, found[1] or email) if found else (name, email)


def parse_mailmap(text: str, name: str, *, strict: bool = True) -> Mailmap:
    """Return the replacements of a file.

    Args:
        text: the contents of the file.
        name: the name of the file, for errors.
        strict: refuse lines that git passes over.

    Raises:
        ValueError: a line has none of the four forms; the message has the file and the line.
    """
    found: dict[Replaced, Replaced] = {}
    lines: dict[Replaced, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        parts = None if line.startswith("#") else _LINE.match(line)
        if parts is not None:
            new_name, old_name = parts[1].strip(_BLANKS), (parts[3] or "").strip(_BLANKS)
            lines[_put(found, new_name, old_name, parts[2], parts[4])] = number
        elif strict and line.strip() and not line.lstrip().startswith("#"):
            raise ValueError(f"{name}, line {number}: expected a name and an address such as Mira <mira@example.org>.")
    return Mailmap(found, lines)


def _put(
    found: dict[Replaced, Replaced], new_name: str, old_name: str, first: str, second: str | None
) -> Replaced:
    """Note a line. Return the old name and address.

    A later line completes an earlier one of the same address; one with an old name replaces it.
    """
    email, new_email = (first, "") if second is None else (second, first)
    key = (old_name.translate(_SMALL), email.translate(_SMALL))
    known = ("", "") if key[0] else found.get(key, ("", ""))
    found[key] = (new_name or known[0], new_email or known[1])
    return key
