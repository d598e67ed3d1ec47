"""When two names are the same, when they only look so, and what an address says about its owner. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_MARKS: Final = re.compile("[\u0300-\u036f]")
"""Accents as letters of their own. Other scripts have marks that change the meaning."""
_LETTER: Final = re.compile(r"[^\W\d_]")
_LOOKS: Final = str.maketrans(
    "аеорсухіјѕԁһӏԛԝвмнткαοικνρτυϲıɡɑł0135|!",
    "aeopcyxijsdhlqwbmhtkaoikvptucigalolesll",
)
"""Letters that look like others, after they were made small: of Cyrillic and Greek, and digits."""
_NOREPLY: Final = re.compile(r"(?:\d+\+|\d+-(?=[^@]*@users\.noreply\.gitlab\.))?([^@+]+)@users\.noreply\.(\w+)\.\w+")
_NOBODY: Final = frozenset(
    {
        *("your name", "first last", "full name", "no name", "unknown author", "anonymous coward", "root user"),
        *("unknown user", "name surname", "john doe", "jane doe"),
    }
)
"""Names that many people have in their settings."""
_OF_MANY: Final = frozenset(
    {
        *("admin", "administrator", "build", "contact", "dev", "devel", "developer", "email", "git"),
        *("github", "gitlab", "hello", "info", "jenkins", "localhost", "mail", "nobody", "noreply", "no-reply"),
        *("postmaster", "root", "support", "team", "test", "ubuntu", "user", "vagrant", "webmaster", "work", "zuul"),
    }
)
"""Parts of addresses before the sign that many people have."""


def name_key(name: str) -> str:
    """Return a name by which it is compared: in small letters, without accents, with single blanks."""
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", name))
    return " ".join(unicodedata.normalize("NFKC", plain).casefold().split())


def is_whole(key: str) -> bool:
    """Say whether a name, as :func:`name_key` returns it, has two words or more and is that of one person."""
    words = [word for word in key.split() if _LETTER.search(word)]
    return len(words) > 1 and "@" not in key and key not in _NOBODY


def look_of(key: str) -> str:
    """Return what a name, as :func:`name_key` returns it, looks like: the same for names that can be mistaken."""
    return key.translate(_LOOKS)


def local_part(email: str) -> str:
    """Return the part of an address before the sign, empty if many people have it."""
    found = email.partition("@")[0].partition("+")[0]
    return found if len(found) > 2 and found not in _OF_MANY else ""


def forge_account(email: str) -> str:
    """Return the account behind an address of a code forge that takes no messages, such as ``github:mira``.

    Empty for other addresses, and for those of programs.
    """
    found = _NOREPLY.fullmatch(email)
    if found is None or found[1].endswith("[bot]"):
        return ""
    return f"{found[2]}:{found[1]}"
