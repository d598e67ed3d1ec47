"""What the pages show of alerts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, cast

from ptgbot.ci.alerts import Alert, ack_of, alerts_in, moment_of, stamp
from ptgbot.ci.lines import trouble
from ptgbot.ci.settings import CiSettings
from ptgbot.feature import Look, Slice, SliceKind
from ptgbot.store.edits import Json, Tree

MOST: Final = 100
"""Most alerts that are shown."""
MOST_UNKNOWN: Final = 200
"""Most CIs of which nothing is known that are shown."""


def _alerts(look: Look[CiSettings], _key: str) -> Slice:
    """Return ``{open, count, unknown, unread}``.

    ``open`` has the open alerts, oldest first, each as ``{id, kind, name, title, server, since, opened, count,
    projects, jobs, rate, text, acked, muted}``. ``acked`` is null or ``{by, until, reason, at}``, ``muted`` null or
    ``{until, reason}`` of a maintenance window. ``unknown`` names CIs of which nothing is known, and ``unread`` has the
    servers that cannot be read, with the moment since when: until then nothing of them is known.
    """
    found = sorted(alerts_in(look.state), key=lambda one: (one.since, one.id))
    rows: list[Json] = [_row(look, one) for one in found[:MOST]]
    unread = cast("dict[str, int]", look.state["unread"])
    value: Json = {
        "open": rows,
        "count": len(found),
        "unknown": cast("list[Json]", look.state["unknown"])[:MOST_UNKNOWN],
        "unread": {server: stamp(moment_of(since)) for server, since in unread.items()},
    }
    return Slice(value, _until(look, found))


def _row(look: Look[CiSettings], one: Alert) -> Json:
    keys = ("kind", "name", "since", "opened", "count", "projects")
    row: dict[str, Any] = {"id": one.id, "title": one.title, **{key: one.row[key] for key in keys}}
    row |= {key: one.row.get(key, empty) for key, empty in (("server", ""), ("jobs", []), ("rate", None))}
    return {**row, "text": trouble(one), "acked": _acked(look, one.name), "muted": _muted(look, one.name)}


def _acked(look: Look[CiSettings], name: str) -> Json:
    known = ack_of(look.state, name)
    if known is None or known.until <= look.at:
        return None
    return {"by": known.by, "until": known.row["until"], "reason": known.row["reason"], "at": known.row["at"]}


def _muted(look: Look[CiSettings], name: str) -> Json:
    windows = [one for one in look.settings.maintenance if one.mutes(name, look.at)]
    if not windows:
        return None
    last = max(windows, key=lambda one: one.ends)
    return {"until": stamp(last.ends), "reason": last.reason}


def _until(look: Look[CiSettings], found: list[Alert]) -> datetime | None:
    """Return when an acknowledgement ends, or a maintenance window begins or ends."""
    names = {one.name for one in found}
    moments = [ack.until for name in names if (ack := ack_of(look.state, name))]
    for window in look.settings.maintenance:
        moments += [window.begins, window.ends]
    return min((moment for moment in moments if moment > look.at), default=None) if names else None


ALERTS: Final = SliceKind[CiSettings]("alerts", _alerts, (("alerts",), ("acks",), ("unknown",), ("unread",)))


def gauges(tree: Tree) -> dict[str, float]:
    """Return how many alerts are open, and how many people watch."""
    return {"open_alerts": len([*alerts_in(tree)]), "watchers": len(cast("Tree", tree["watch"]))}
