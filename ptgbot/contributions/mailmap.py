"""Names and addresses that ``.mailmap`` replaces, in the forms of gitmailmap(5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

_LINE: Final = re.compile(r"\s*([^<]*?)\s*<([^>]*)>(?:\s*([^<]*?)\s*<([^>]*)>)?\s*(?:#.*)?")


@frozen
class Mailmap:
    """Replacements by the name and the address in a commit, both compared without regard to case."""

    replaced: Mapping[tuple[str, str], tuple[str, str]] = field(factory=dict)
    """New name and address, empty where the old one stays, by old name and address; the old name may be empty."""

    def applied(self, name: str, email: str) -> tuple[str, str]:
        """Return the name and the address to use instead of those of a commit.

        A line with the old name counts before one that has only the old address.
        """
        key = email.lower()
        found = self.replaced.get((name.lower(), key)) or self.replaced.get(("", key))
        return (found[0] or name, found[1] or email) if found else (name, email)


def parse_mailmap(text: str, name: str) -> Mailmap:
    """Return the replacements of a file.

    Args:
        text: the contents of the file.
        name: the name of the file, for errors.

    Raises:
        ValueError: a line has none of the four forms; the message has the file and the line.
    """
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        parts = _LINE.fullmatch(line)
        if parts is None:
            raise ValueError(f"{name}, line {number}: expected a name and an address such as Mira <mira@example.org>.")
        new_name, first, old_name, second = parts.groups()
        if second is None:
            _put(found, "", first, new_name, "")
        else:
            _put(found, old_name, second, new_name, first)
    return Mailmap(found)


def _put(
    found: dict[tuple[str, str], tuple[str, str]], old_name: str, old_email: str, new_name: str, new_email: str
) -> None:
    """Note a line. A later one completes an earlier one of the same name and address, as git does."""
    key = (old_name.lower(), old_email.lower())
    known = found.get(key, ("", ""))
    found[key] = (new_name or known[0], new_email or known[1])
