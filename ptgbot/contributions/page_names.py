"""Names of people, modules, organisations and releases as parts of addresses: each has its own in its folder."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from ptgbot.chat.addresses import slug
from ptgbot.chat.text import clean
from ptgbot.store.files import replace_file

PATH: Final = "contributions"
"""Folder of the pages below the site."""
FEWEST: Final = 5
"""Fewest people of a group of which a number is shown, if the people are not named beside it."""
_LONGEST: Final = 60
_PLAIN: Final = re.compile(r"[a-z0-9][a-z0-9._-]*(?:/[a-z0-9][a-z0-9._-]*)*")
_RESERVED: Final = re.compile(r"(?:index|con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
"""The name of a folder's own file, and names of devices, which are no files on Windows."""
_KEY: Final = "address.key"
_WORD: Final = re.compile(r"[^\s<>()\[\]\"',;:]+")
_DOMAIN: Final = re.compile(r"@[^\s<>()\[\]\"',;:]*")
"""The signs that end a word end an address in it: RFC 5322 section 3.4.1 allows them only within quotes."""


def segment(name: str) -> str:
    """Return a name as one segment of an address (RFC 3986 section 3.3), also the name of a file.

    A name of small letters, digits, hyphens, dots and slashes stays readable: its slashes become ``~``. Any other one
    gets two of these and a digest, so that look-alikes and names that differ in their case have addresses of their own.
    """
    if len(name) <= _LONGEST and _PLAIN.fullmatch(name) and not _RESERVED.fullmatch(name):
        return name.replace("/", "~")
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:16]
    return f"{slug(name)}~~{digest}"


def page_of(key: str) -> str:
    """Return the file of a page below the folder of the pages.

    Args:
        key: the kind of the page, and after a colon what it is about; of a person the segment of the address.
    """
    kind, _, about = key.partition(":")
    if not about:
        return "index.html" if kind == "overview" else f"{kind}.html"
    name = about if kind == "person" else segment(about)
    return f"{kind}/{name}.{'json' if kind == 'cube' else 'html'}"


def shown(name: str) -> str:
    """Return the name of a person as it is shown: without the domain of an address, which some have as a name."""
    return " ".join(clean(name[:400]).partition("@")[0].split())[:80] or "somebody"


def without_addresses(text: str) -> str:
    """Return a text, such as the subject of a change, with a sign in place of each e-mail address."""
    return _WORD.sub(lambda found: "…" if "@" in found[0] else found[0], text)


def public(name: str, key: bytes) -> str:
    """Return the name of a module, an organisation or a release as it may be shown.

    A name with an e-mail address in it keeps what is before the ``@``, and gets a few digits, so that names that differ
    stay apart.

    Args:
        name: the name.
        key: the secret of the addresses of pages.
    """
    if "@" not in name:
        return name
    digest = hashlib.blake2b(name.encode(errors="surrogatepass"), key=key, digest_size=3).hexdigest()
    return f"{_DOMAIN.sub('', name).strip()} ({digest})".strip()


@frozen
class Faces:
    """People as pages name them: no address of theirs can be read, or guessed and then checked."""

    names: Mapping[str, str]
    """Names by the ids of people."""
    key: bytes
    """A secret, so that nobody can find out which address a page is about."""

    def segment(self, user_id: str) -> str:
        """Return the name of the page of a person, without its ending."""
        if "@" not in user_id:
            return segment(user_id)
        digest = hashlib.blake2b(user_id.encode(errors="surrogatepass"), key=self.key, digest_size=8).hexdigest()
        return f"{slug(self.name(user_id))}~~{digest}"

    def name(self, user_id: str) -> str:
        """Return the name of a person as it is shown."""
        return shown(self.names.get(user_id) or user_id)

    def both(self, user_id: str) -> tuple[str, str]:
        """Return the name of the page of a person, and their name as it is shown."""
        return self.segment(user_id), self.name(user_id)


def page_key(folder: Path) -> bytes:
    """Return the secret of the names of pages. It is made once, so that addresses stay.

    Args:
        folder: the folder of the feature's bulk storage.

    Raises:
        OSError: it can neither be read nor written.
    """
    path = folder / _KEY
    try:
        return path.read_bytes()
    except FileNotFoundError:
        made = secrets.token_bytes(32)
        replace_file(path, made)
        return made
