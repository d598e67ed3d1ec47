"""The slices of the status: never with anything of a group of rooms that is not public."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from itertools import islice
from typing import Final, cast

from ptgbot.feature import Look, Slice, SliceKind
from ptgbot.status import model
from ptgbot.status.model import SMALL, Entry, EntryKind
from ptgbot.status.settings import StatusSettings
from ptgbot.store.edits import Edit, Json, get

Looked = Look[StatusSettings]

PART: Final = 45_000
"""Bytes of JSON after which the entries of a month continue in another part."""
MATTERS: Final = 50
"""The newest alerts, and as many plans, that have a slice, as many as Statuspage's files hold."""
PEOPLE: Final = 500
"""People in ``status.people`` at most."""
RECENT: Final = timedelta(days=3)
"""Time for which ``status.now`` shows alerts and plans that are over."""

_OWN = {EntryKind.SUCCESS: "successes", EntryKind.THANKS: "thanks"}


def _now(look: Looked, _key: str) -> Slice:
    """Return the open alerts and plans, those that are over since short, and the states of services."""
    shown = [one for one in model.matters(look.state) if one.public]
    alerts = [one for one in model.open_alerts(look.state) if one.public]
    plans = [one for one in model.open_plans(look.state) if one.public]
    over = [one for one in shown if not one.is_open and look.at - one.moment("touched") < RECENT][:10]
    states = model.service_states(look.settings.services, [*alerts, *plans])
    value: Json = {
        "alerts": [model.public_matter(look.state, one) for one in alerts],
        "plans": [model.public_matter(look.state, one) for one in plans],
        "over": [model.public_matter(look.state, one) for one in over],
        "services": {name: str(state) for name, state in states.items()},
    }
    return Slice(value, min((one.moment("touched") + RECENT for one in over), default=None))


def _newest(look: Looked) -> list[str]:
    """Return the numbers of the newest alerts and plans, open or over."""
    shown = [one for one in model.matters(look.state) if one.public]
    plans = islice((one for one in shown if one.is_plan), MATTERS)
    alerts = islice((one for one in shown if not one.is_plan), MATTERS)
    return [str(one.number) for one in (*plans, *alerts)]


def _matter(look: Looked, key: str) -> Slice:
    one = model.matter(look.state, int(key))
    return Slice(model.public_matter(look.state, one) if one else None)


def _about(look: Looked, edit: Edit) -> Collection[str] | None:
    """Return the alert or plan that an edit of the state concerns; None if it may be any."""
    match edit.at:
        case ("matters", number, *_):
            return [str(number)]
        case ("entries", month, number, *_):
            row = get(look.state, ("entries", str(month), str(number)))
            about = row.get("about") if isinstance(row, dict) else None
            return [] if about is None else [str(about)]
    return None


def _parts(entries: Iterable[Entry]) -> list[list[Json]]:
    """Return entries, the oldest first, in parts of at most ``PART`` bytes."""
    parts: list[list[Json]] = [[]]
    size = 0
    for entry in entries:
        row = model.public_entry(entry)
        size += len(json.dumps(row))
        if size > PART and parts[-1]:
            parts.append([])
            size = len(json.dumps(row))
        parts[-1].append(row)
    return parts


def _shown(entries: Iterable[Entry], kinds: Collection[EntryKind]) -> list[list[Json]]:
    found = [one for one in entries if one.public and one.kind in kinds]
    return _parts(reversed(found)) if found else []


def _by_month(name: str, kinds: Collection[EntryKind]) -> SliceKind[StatusSettings]:
    """Return the kind of slices with the entries of a month.

    The key is the month, such as ``2026-11``, for its first entries, and ``2026-11.2`` for its second part.
    """

    number = model.ByMonth(lambda entries: len(_shown(entries, kinds)))

    def keys_of(look: Looked, month: str) -> list[str]:
        return [f"{month}.{n}" if n > 1 else month for n in range(1, number(look.state, month) + 1)]

    def keys(look: Looked) -> list[str]:
        return [key for month in reversed(model.months(look.state)) for key in keys_of(look, month)]

    def make(look: Looked, key: str) -> Slice:
        month, _, part = key.partition(".")
        return Slice(_shown(model.entries_of(look.state, month), kinds)[int(part or 1) - 1])

    def concerns(look: Looked, edit: Edit) -> Collection[str] | None:
        known = len(edit.at) > 1 and edit.at[1] in model.months(look.state)
        return keys_of(look, edit.at[1]) if known else None

    return SliceKind(name, make, (("entries",),), keys, concerns)


def _tell(entries: Iterable[Entry]) -> Counter[tuple[str, str]]:
    """Return how often each person was thanked, gave thanks, and told a success: keys are the name and the word."""
    told: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        if entry.kind not in SMALL or not entry.public or "withdrawn" in entry.row:
            continue
        if name := str(entry.row.get("who", {}).get("name", "")):
            told[name, "gave" if entry.kind is EntryKind.THANKS else "successes"] += 1
        told.update((thanked, "thanked") for thanked in cast("Sequence[str]", entry.row.get("to", ())))
    return told


_told = model.ByMonth(_tell)


def _people(look: Looked, _key: str) -> Slice:
    """Return for each person how often they were thanked, gave thanks, and told a success."""
    counts: dict[str, Counter[str]] = {}
    for month in model.months(look.state):
        for (name, what), times in _told(look.state, month).items():
            counts.setdefault(name, Counter())[what] += times
    order = sorted(counts, key=lambda name: (-counts[name].total(), name.lower(), name))[:PEOPLE]
    keys = ("thanked", "gave", "successes")
    return Slice([{"name": name, **{key: counts[name][key] for key in keys}} for name in order])


SLICES: Final = (
    SliceKind("now", _now, (("matters",), ("entries",))),
    SliceKind("matter", _matter, (("matters",), ("entries",)), _newest, _about),
    _by_month("history", [kind for kind in EntryKind if kind not in SMALL]),
    *(_by_month(name, [kind]) for kind, name in _OWN.items()),
    SliceKind("people", _people, (("entries",),)),
)
