"""What the pages show: slices of the committed state, and which of them a page depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from attrs import define, field

from ptgbot.gathering.addresses import slug, slugs
from ptgbot.store.edits import Json

T = TypeVar("T")

DAY = "schedule:"
"""What the name of a day's schedule begins with."""
TRACK = "track:"
"""What the name of a track's slice begins with."""
ROOM = "room:"
"""What the name of the slice begins with that holds what the door of a room shows."""
TOPICS = "topics:"
"""What the name of the slice begins with that holds what a track has discussed."""
RECAP = "recap:"
"""What the name of the slice begins with that holds the topics of a day."""
NEWEST = f"{RECAP}@newest"
"""Stands for the topics of the last day on which there were any."""
EVERY_RECAP = f"{RECAP}*"
"""Stands for the topics of all days."""
TODAY = f"{DAY}@today"
"""Stands for the schedule of the day that is today."""
EVERY_DAY = f"{DAY}*"
"""Stands for the schedules of all days."""


@define
class State:
    """The slices a builder knows, and what time it is. Values are never changed in place."""

    slices: dict[str, Json] = field(factory=dict)
    zone: tzinfo = UTC
    now: datetime = field(factory=lambda: datetime.now(UTC))
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

    def has(self, name: str) -> bool:
        """Say whether a slice is known."""
        return name in self.slices

    def table(self, name: str) -> dict[str, Json]:
        """Return a slice that is an object; an empty one where it is missing."""
        value = self.slices.get(name)
        return value if isinstance(value, dict) else {}

    def rows(self, name: str) -> list[dict[str, Json]]:
        """Return a slice that is a list of objects."""
        value = self.slices.get(name)
        return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []

    def names(self, name: str) -> list[str]:
        """Return a slice that is a list of strings."""
        value = self.slices.get(name)
        return [row for row in value if isinstance(row, str)] if isinstance(value, list) else []

    def derived(self, name: str, kind: str, make: Callable[[], T]) -> T:
        """Return what is made of one slice alone: made once, and again when the slice has changed."""
        known = self._derived.setdefault(name, {})
        if kind not in known:
            known[kind] = make()
        made: T = known[kind]
        return made

    def slugs(self, name: str) -> dict[str, str]:
        """Return the parts of addresses for the names in a slice: tracks, rooms, days."""
        return self.derived(name, "slugs", lambda: slugs(self._named(name)))

    def _named(self, name: str) -> list[str]:
        return [text_of(row, "name") for row in self.rows(name)] if name == "days" else list(self.table(name))

    def named(self, name: str, wanted: str) -> str | None:
        """Return which name in a slice is meant by a name or its slug."""
        known = self.slugs(name)
        return wanted if wanted in known else next((one for one, short in known.items() if short == wanted), None)

    def today(self) -> str | None:
        """Return the name of the day that is today."""
        value = self.slices.get("today")
        return value if isinstance(value, str) else None

    def digest(self, uses: Iterable[str]) -> str:
        """Return a digest of the slices that a page uses, and of the time zone it shows them in."""
        whole = hashlib.sha256(str(self.zone).encode())
        for name in sorted({name for use in uses for name in self._meant(use)}):
            whole.update(f"\0{name}\0{self.digest_of(name)}".encode(errors="surrogatepass"))
        return whole.hexdigest()

    def _meant(self, use: str) -> list[str]:
        if use == TODAY:
            return [f"{DAY}{self.today()}"]
        if use == EVERY_RECAP:
            return [name for name in self.slices if name.startswith(RECAP)]
        if use == NEWEST:
            return [RECAP + (self.names("recap") or [""])[-1]]
        if use == EVERY_DAY:
            return [name for name in self.slices if name.startswith(DAY)]
        if use.startswith(DAY) and use not in self.slices:
            return [f"{DAY}{self.named('days', use.removeprefix(DAY))}"]
        if use.startswith(ROOM):
            return [ROOM + slug(use.removeprefix(ROOM))]
        if use.startswith(TRACK):
            short = slug(use.removeprefix(TRACK))
            return [TRACK + short, TOPICS + short]
        return [use]

    def digest_of(self, name: str) -> str:
        """Return a digest of one slice."""
        if name not in self._digests:
            # Not sorted: the order of rooms is their order on the page.
            text = json.dumps(self.slices.get(name))
            self._digests[name] = hashlib.sha256(text.encode()).hexdigest()
        return self._digests[name]


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
