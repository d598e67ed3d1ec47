"""Names of projects and accounts as parts of addresses: each has its own, and none leads out of its folder."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from ptgbot.chat.addresses import slug

_LONGEST: Final = 80
_PLAIN: Final = re.compile(r"[a-z0-9][a-z0-9._-]*(?:/[a-z0-9][a-z0-9._-]*)*")


def segment(name: str) -> str:
    """Return a name as one segment of an address (RFC 3986 section 3.3), also the name of a file.

    A name of small letters, digits, hyphens, dots and slashes stays readable: its slashes become ``~``. Any other one
    gets two of these and a digest, so that look-alikes and names that differ in their case have addresses of their own.
    """
    if len(name) <= _LONGEST and _PLAIN.fullmatch(name):
        return name.replace("/", "~")
    digest = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:16]
    return f"{slug(name)}~~{digest}"


def project_folder(server: str, project: str) -> str:
    """Return the folder of the pages of a project, without a slash at the end."""
    return f"project/{segment(server)}/{segment(project)}"


def account_folder(account: str) -> str:
    """Return the folder of the pages of a CI, without a slash at the end."""
    return f"account/{segment(account)}"
