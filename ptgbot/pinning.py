"""Which lines are to be pinned in rooms, as the core's own part of the state keeps it, and what is to be done there.

Only lines of the bot are touched. A line that somebody has unpinned by hand stays unpinned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import structlog
from attrs import evolve, frozen

from ptgbot.feature import AnyFeature, Pin
from ptgbot.store.delivery import Delivery
from ptgbot.store.edits import ABSENT, Edit, Json, Tree, get

log = structlog.get_logger()

PINS: Final = "pins"
"""The table in the core's state that holds the lines that were to be pinned, by network and room."""
KEPT: Final = 5
"""Newest lines of a room that are remembered although they are not wanted now: an undo may want them again."""
SAID, PINNED, LEFT = "said", "pinned", "left"
"""What is known of a line: the bot has not pinned it; the bot has; somebody has unpinned it since."""


@frozen
class Line:
    """A line of the bot in a room."""

    id: str
    """Its id in the network."""
    known: str = SAID
    """``said``, ``pinned`` or ``left``."""

    def to_json(self) -> Json:
        """Return the form in the state."""
        return {"id": self.id, "is": self.known}

    @classmethod
    def from_json(cls, row: Mapping[str, str]) -> Line:
        """Parse the form in the state."""
        return cls(row["id"], row["is"])


Lines = Mapping[str, Line]
"""Lines of one room, by the feature and its name of the delivery, the oldest first."""


def name_of(feature: str, about: str) -> str:
    """Return the name of a line in the state."""
    return f"{feature}:{about}"


def said(own: Tree, row: Delivery, line: str, wanted: Iterable[Pin]) -> list[Edit]:
    """Return the edits of the core's own state that note a line that was said, none if it shall not be pinned.

    Args:
        own: the core's part of the state.
        row: the delivery.
        line: id of the line in its network, empty if the network has none.
        wanted: what the feature of the row wants to be pinned.
    """
    if not line or Pin(row.network, row.target, row.about) not in wanted:
        return []
    parents = [(PINS,), (PINS, row.network), (PINS, row.network, row.target)]
    place = (*parents[-1], name_of(row.feature, row.about))
    return [
        *(Edit(each, ABSENT, {}) for each in parents if get(own, each) is ABSENT),
        Edit(place, get(own, place), Line(line).to_json()),
    ]


@frozen
class Plan:
    """What is to be done in a room."""

    lines: Lines
    """What will be known of the lines."""
    pinned: tuple[str, ...]
    """Ids of all lines that will be pinned, those of people included."""


def planned(lines: Lines, wanted: Iterable[str], observed: Sequence[str]) -> Plan:
    """Return what is to be done in a room, given its lines, those that are wanted, and the ids that are pinned."""
    names, pinned = frozenset(wanted), [*observed]
    found: dict[str, Line] = {}
    for name, line in lines.items():
        is_on = line.id in observed
        found[name] = line
        if line.known == LEFT:
            continue
        if name in names:
            found[name] = evolve(line, known=LEFT if line.known == PINNED and not is_on else PINNED)
            if line.known == SAID and not is_on:
                pinned.append(line.id)
        else:
            found[name] = evolve(line, known=SAID)
            if is_on:
                pinned.remove(line.id)
    idle = [name for name in found if name not in names]
    return Plan({name: line for name, line in found.items() if name not in idle[:-KEPT]}, tuple(pinned))


def wanted_by(feature: AnyFeature, tree: Tree, settings: object) -> Sequence[Pin]:
    """Return what a feature wants to be pinned. A feature that fails wants nothing and must not stop the others."""
    try:
        return feature.pins(tree, settings)
    except Exception:
        log.exception("a feature can't say what shall be pinned", feature=feature.name)
        return ()
