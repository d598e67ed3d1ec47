"""What readers are told about the numbers: from which sources they are, how often these are read, and whom to ask."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from ptgbot.contributions.model import last_part
from ptgbot.contributions.page_names import public
from ptgbot.contributions.settings import StatsSettings
from ptgbot.store.edits import Json

_MOST: Final = 500
"""Most names of sources of a kind."""
_ADDRESS: Final = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://(?:[^/@]*@)?|[^/@:]+@)([^/:]+)(?::\d+(?=/))?[:/]+([^?#]*)(?:[?#].*)?", re.IGNORECASE
)
"""An address of a repository, or its short form for ssh, with the host and the path in it."""


def about(settings: StatsSettings, key: bytes) -> Mapping[str, Json]:
    """Return what the page about the numbers shows. No secret, no folder of a machine and no e-mail address is in it.

    Args:
        settings: the sources.
        key: the secret of the addresses of pages.
    """
    kinds = {
        "repositories": [spoken(one) for one in settings.repositories],
        "reviews": [f"{spoken(server.url)}/{project}" for server in settings.gerrit for project in server.projects],
        "lists": [one.name.partition("@")[0] for one in settings.mail],
    }
    names: dict[str, Json] = {kind: _named(found, key) for kind, found in kinds.items()}
    numbers: dict[str, Json] = {f"{kind}_number": len(set(found)) for kind, found in kinds.items()}
    return {**names, **numbers, "talks": settings.talks, "every": settings.seconds, "contact": settings.contact}


def _named(names: Sequence[str], key: bytes) -> list[Json]:
    return [public(one, key) for one in sorted(set(names))[:_MOST]]


def spoken(address: str) -> str:
    """Return the host and the path of an address of the web; of a folder of this machine its name only."""
    found = _ADDRESS.fullmatch(address)
    if found is None or address.lower().startswith("file:"):
        return last_part(address)
    return f"{found[1]}/{found[2].strip('/').removesuffix('.git')}".rstrip("/")
