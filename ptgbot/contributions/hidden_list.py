"""The list of hidden people: keyed hashes of their addresses and accounts, so that it may be published. Pure.

A file has a line ``key CHECK``, by which a wrong secret is noticed, and a line for each hash, the oldest first. Lines
that begin with ``#`` are comments.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from attrs import define, evolve

from ptgbot.contributions.model import folded

_HASH: Final = re.compile(r"[0-9a-f]{32}")
_CHECK: Final = re.compile(r"key ([0-9a-f]{32})")
_TOP: Final = (
    '# People who are hidden in the statistics, written by "ptgbot stats hide".\n'
    "# Each line is a keyed hash of an address or an account, from which neither can be read.\n"
)


class BadList(ValueError):
    """The list of hidden people cannot be used. The message has the file, and the line if it is about one."""


@define
class HiddenList:
    """The hashes of a list, with the secret that made them."""

    key: bytes
    hashes: Sequence[str] = ()
    """Those of people who were hidden first come first."""

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {one: place for place, one in enumerate(self.hashes)}

    def hash(self, name: str) -> str:
        """Return the keyed hash of an address, of an account such as ``gerrit:mira``, or of an id."""
        return self._digest(folded(name), b"name")

    def place(self, name: str) -> int | None:
        """Return the place of an address, an account or an id in the list, None if it is not there."""
        return self._places.get(self.hash(name)) if self.hashes else None

    def pseudonym(self, place: int, more: str = "") -> str:
        """Return the pseudonym of the person of whom the list has a hash.

        Args:
            place: the place of the earliest hash of the person. It stays, so the pseudonym stays.
            more: the id of the person, if somebody else has the pseudonym without it.
        """
        return f"hidden-{self._digest(f'{self.hashes[place]} {more}', b'pseudonym')[:10]}"

    def with_names(self, names: Iterable[str]) -> HiddenList:
        """Return the list with further addresses, accounts or ids at its end."""
        return evolve(self, hashes=tuple(dict.fromkeys([*self.hashes, *map(self.hash, names)])))

    def without_names(self, names: Iterable[str]) -> HiddenList:
        """Return the list without addresses, accounts or ids."""
        gone = set(map(self.hash, names))
        return evolve(self, hashes=tuple(one for one in self.hashes if one not in gone))

    def lines(self) -> Iterator[str]:
        """Yield the lines of the file."""
        yield _TOP
        yield f"key {self._digest('', b'check')}\n"
        for one in self.hashes:
            yield f"{one}\n"

    def _digest(self, text: str, purpose: bytes) -> str:
        raw = text.encode(errors="surrogatepass")
        return hashlib.blake2b(raw, key=self.key, person=purpose, digest_size=16).hexdigest()

    def is_of(self, check: str) -> bool:
        """Say whether the secret is the one that made a list, by the list's line ``key``."""
        return hmac.compare_digest(check, self._digest("", b"check"))


def parse_hidden(text: str, name: str, key: bytes) -> HiddenList:
    """Return the list of a file.

    Args:
        text: the contents of the file.
        name: the name of the file, for errors.
        key: the secret.

    Raises:
        BadList: a line is no hash, or another secret made the list.
    """
    found, check = list[str](), ""
    for number, line in enumerate(map(str.strip, text.splitlines()), 1):
        if not line or line.startswith("#"):
            continue
        if parts := _CHECK.fullmatch(line):
            check = parts[1]
        elif _HASH.fullmatch(line):
            found.append(line)
        else:
            raise BadList(f"{name}, line {number}: expected a keyed hash of 32 digits, as ptgbot stats hide writes it.")
    made = HiddenList(key, tuple(dict.fromkeys(found)))
    if found and not made.is_of(check):
        raise BadList(f"{name}: another secret made this list, so nobody in it would be hidden. Put that secret back.")
    return made
