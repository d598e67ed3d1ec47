"""The state that the pages show: slices, and which of them a page depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from attrs import define, field

from ptgbot.store.edits import Json

T = TypeVar("T")

SITE = "core.site"
"""The slice of the site's configuration: address, title, logo, menu."""

FRAME = "core.frame"
"""The slice of the menu and the title of the main site, which only the projects below it have."""

Meaning = Callable[["State", str], Sequence[str]]
"""Returns the slices that are meant by the text after the colon."""


@define
class State:
    """The slices of a builder, and the moment to show. Values are never changed in place."""

    slices: dict[str, Json] = field(factory=dict)
    zone: tzinfo = UTC
    now: datetime = field(factory=lambda: datetime.now(UTC))
    bulk: Path | None = None
    """Folder of the bulk storage of a project's feature; None if the pages are of no project."""
    touched: dict[str, datetime] = field(factory=dict)
    """Moments of the last changes of slices, as far as they are in the journal."""
    meanings: dict[str, Meaning] = field(factory=dict)
    """Functions of extensions for uses that name no slice; see :func:`ptgbot_site.build.api.add_meaning`."""
    _digests: dict[str, str] = field(factory=dict, init=False)
    _derived: dict[str, dict[str, Any]] = field(factory=dict, init=False)

    def replace(self, changed: Mapping[str, Json]) -> None:
        """Take over changed slices. Null removes a slice."""
        for name, value in changed.items():
            self._digests.pop(name, None)
            self._derived.pop(name, None)
            if value is None:
                self.slices.pop(name, None)
            else:
                self.slices[name] = value

    def touch(self, changed: Mapping[str, str | None]) -> None:
        """Take over the moments (ISO 8601) of the last changes of slices, null for an unknown moment.

        Raises:
            ValueError: a text is not a moment.
        """
        for name, at in changed.items():
            if at is None:
                self.touched.pop(name, None)
            else:
                self.touched[name] = datetime.fromisoformat(at)

    def has(self, name: str) -> bool:
        """Say whether a slice is known."""
        return name in self.slices

    def table(self, name: str) -> dict[str, Json]:
        """Return a slice that is an object, an empty one if it is missing."""
        value = self.slices.get(name)
        return value if isinstance(value, dict) else {}

    def row(self, name: str, key: str) -> dict[str, Json]:
        """Return an object of a slice that is an object of objects, an empty one if it is missing."""
        value = self.table(name).get(key)
        return value if isinstance(value, dict) else {}

    def rows(self, name: str) -> list[dict[str, Json]]:
        """Return a slice that is a list of objects, an empty one if it is missing."""
        return rows_of(self.slices.get(name))

    def names(self, name: str) -> list[str]:
        """Return a slice that is a list of strings, an empty one if it is missing."""
        value = self.slices.get(name)
        return [row for row in value if isinstance(row, str)] if isinstance(value, list) else []

    def text(self, name: str) -> str:
        """Return a slice that is a string, an empty one if it is missing."""
        value = self.slices.get(name)
        return value if isinstance(value, str) else ""

    def keys(self, name: str) -> list[str]:
        """Return the names of all slices ``NAME:KEY`` with this name."""
        return [one for one in self.slices if one.startswith(f"{name}:")]

    def derived(self, name: str, kind: str, make: Callable[[], T]) -> T:
        """Return a value that is made of one slice only. It is made once, and again after the slice has changed."""
        known = self._derived.setdefault(name, {})
        if kind not in known:
            known[kind] = make()
        made: T = known[kind]
        return made

    def meant(self, uses: Iterable[str]) -> list[str]:
        """Return the names of the slices that are meant by uses, sorted and without duplicates."""
        return sorted({name for use in uses for name in self._meant(use)})

    def digest(self, uses: Iterable[str]) -> str:
        """Return a digest of the slices that a page uses, and of the time zone in which it shows them."""
        whole = hashlib.sha256(str(self.zone).encode())
        for name in self.meant(uses):
            whole.update(f"\0{name}\0{self.digest_of(name)}".encode(errors="surrogatepass"))
        return whole.hexdigest()

    def changed(self, uses: Iterable[str]) -> datetime | None:
        """Return the moment of the last change of the slices that a page uses, None if it is unknown."""
        known = (self.touched.get(name) for name in self.meant(uses))
        return max((at for at in known if at), default=None)

    def _meant(self, use: str) -> Iterable[str]:
        name, colon, key = use.partition(":")
        if colon and key == "*":
            return self.keys(name)
        meaning = self.meanings.get(name)
        return meaning(self, key) if colon and meaning else (use,)

    def digest_of(self, name: str) -> str:
        """Return a digest of one slice."""
        if name not in self._digests:
            # Not sorted: the order of rooms is their order on the page.
            text = json.dumps(self.slices.get(name))
            self._digests[name] = hashlib.sha256(text.encode()).hexdigest()
        return self._digests[name]


def rows_of(value: Json) -> list[dict[str, Json]]:
    """Return a list of objects, an empty one for anything else."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def text_of(row: Mapping[str, Json], name: str) -> str:
    """Return a string of an object, the empty string if it is missing."""
    value = row.get(name)
    return value if isinstance(value, str) else ""


def zone_of(name: str) -> tzinfo:
    """Return the time zone with an IANA name.

    Raises:
        ValueError: there is no such time zone; the message is a sentence for people.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone {name!r}; use an IANA name such as Europe/Berlin") from error
