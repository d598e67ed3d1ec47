"""What the pages show: slices of the committed state, and which of them a page depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from attrs import define, field

from ptgbot.store.edits import Json

T = TypeVar("T")

SITE = "core.site"
"""The slice that says what the configuration says of the site: address, title, logo, menu."""

Meaning = Callable[["State", str], Sequence[str]]
"""Returns the slices that are meant by what stands behind the colon."""


@define
class State:
    """The slices a builder knows, and what time it is. Values are never changed in place."""

    slices: dict[str, Json] = field(factory=dict)
    zone: tzinfo = UTC
    now: datetime = field(factory=lambda: datetime.now(UTC))
    touched: dict[str, datetime] = field(factory=dict)
    """When something that a slice shows was changed last, as far as that is on record."""
    meanings: dict[str, Meaning] = field(factory=dict)
    """What extensions mean by uses that name no slice; see :func:`ptgbot_site.build.api.add_meaning`."""
    _digests: dict[str, str] = field(factory=dict, init=False)
    _derived: dict[str, dict[str, Any]] = field(factory=dict, init=False)

    def replace(self, changed: Mapping[str, Json]) -> None:
        """Take over slices that changed; null takes one away."""
        for name, value in changed.items():
            self._digests.pop(name, None)
            self._derived.pop(name, None)
            if value is None:
                self.slices.pop(name, None)
            else:
                self.slices[name] = value

    def touch(self, changed: Mapping[str, str | None]) -> None:
        """Take over when slices were changed last (ISO 8601); null where that is not known."""
        for name, at in changed.items():
            if at is None:
                self.touched.pop(name, None)
            else:
                self.touched[name] = datetime.fromisoformat(at)

    def has(self, name: str) -> bool:
        """Say whether a slice is known."""
        return name in self.slices

    def table(self, name: str) -> dict[str, Json]:
        """Return a slice that is an object; an empty one where it is missing."""
        value = self.slices.get(name)
        return value if isinstance(value, dict) else {}

    def rows(self, name: str) -> list[dict[str, Json]]:
        """Return a slice that is a list of objects."""
        return rows_of(self.slices.get(name))

    def names(self, name: str) -> list[str]:
        """Return a slice that is a list of strings."""
        value = self.slices.get(name)
        return [row for row in value if isinstance(row, str)] if isinstance(value, list) else []

    def text(self, name: str) -> str:
        """Return a slice that is a string; an empty one where it is missing."""
        value = self.slices.get(name)
        return value if isinstance(value, str) else ""

    def keys(self, name: str) -> list[str]:
        """Return the names of all slices of a kind with keys."""
        return [one for one in self.slices if one.startswith(f"{name}:")]

    def derived(self, name: str, kind: str, make: Callable[[], T]) -> T:
        """Return what is made of one slice alone: made once, and again when the slice has changed."""
        known = self._derived.setdefault(name, {})
        if kind not in known:
            known[kind] = make()
        made: T = known[kind]
        return made

    def meant(self, uses: Iterable[str]) -> list[str]:
        """Return the names of the slices that are meant by uses, sorted, each once."""
        return sorted({name for use in uses for name in self._meant(use)})

    def digest(self, uses: Iterable[str]) -> str:
        """Return a digest of the slices that a page uses, and of the time zone it shows them in."""
        whole = hashlib.sha256(str(self.zone).encode())
        for name in self.meant(uses):
            whole.update(f"\0{name}\0{self.digest_of(name)}".encode(errors="surrogatepass"))
        return whole.hexdigest()

    def changed(self, uses: Iterable[str]) -> datetime | None:
        """Return when one of the slices that a page uses was changed last, None where that is not known."""
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
    """Return a list of objects; an empty one for anything else."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def text_of(row: Mapping[str, Json], name: str) -> str:
    """Return a string of an object, empty where there is none."""
    value = row.get(name)
    return value if isinstance(value, str) else ""


def zone_of(name: str) -> tzinfo:
    """Return a time zone by its IANA name. Raises ValueError with a sentence for one that is not known."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone {name!r}; use an IANA name such as Europe/Berlin") from error
