"""Immutable JSON outside the state tree: the minutes of a meeting, a closed gathering, the recap of a day.

A document has a permanent id. Its bytes are kept under the id and their digest, and are durable before the batch that
lists them. Forgetting a person writes other bytes under the same id.
"""

from __future__ import annotations

import hashlib
import json
import re

from ptgbot.store.edits import Json
from ptgbot.store.store import Damaged

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_DIGEST = 16


def checked_id(document: str) -> str:
    """Return a valid id of a document unchanged.

    Raises:
        ValueError: it has characters other than letters, digits and ``._-``, begins with a sign, or exceeds 100
            characters.
    """
    if not _ID.fullmatch(document):
        raise ValueError(f"{document!r} can't be the id of a document: letters, digits and ._- only")
    return document


def to_bytes(body: Json) -> bytes:
    """Return the bytes of a document: compact JSON in UTF-8.

    Raises:
        TypeError, ValueError: the document is not JSON.
    """
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def digest_of(raw: bytes) -> str:
    """Return the digest of a document's bytes: BLAKE2b, 32 hexadecimal digits."""
    return hashlib.blake2b(raw, digest_size=_DIGEST).hexdigest()


def stored_name(document: str, digest: str) -> str:
    """Return the name under which one version of a document is stored.

    Raises:
        ValueError: the id is invalid.
    """
    return f"{checked_id(document)}.{digest}"


def from_bytes(raw: bytes, document: str, digest: str) -> Json:
    """Parse the bytes of a document.

    Raises:
        Damaged: the bytes have another digest.
    """
    if digest_of(raw) != digest:
        raise Damaged(f"the document {document} is not what was written; restore its file from a backup")
    body: Json = json.loads(raw)
    return body
