"""The status in the shape of Statuspage's public API, version 2, as files below ``/api/v2/``.

Programs that read such pages read ours. An alert is an incident, a plan a scheduled maintenance, a service a component.
Each has an id that never changes, made of the address of the site and of its number or name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from attrs import field, frozen

from ptgbot_site.build.registry import Feed
from ptgbot_site.build.sitemap import site_url
from ptgbot_site.build.state import SITE, State, text_of
from ptgbot_site.build.typed import clean
from ptgbot_site.status.names import MATTER, NOW, Row, newest_matters, number, page_of, texts, updates

FOLDER = "api/v2/"
_ALPHABET = "0123456789abcdefghjklmnpqrstvwxyz"
_NEVER = "2020-01-01T00:00:00.000Z"
"""Stands for a moment that nobody knows."""
_LONGEST_NAME = 120
_INCIDENT = {"open": "investigating", "identified": "identified", "monitoring": "monitoring", "resolved": "resolved"}
_MAINTENANCE = {"planned": "scheduled", "running": "in_progress", "done": "completed"}
_SAYS = {"open": "major_outage", "identified": "major_outage", "monitoring": "degraded_performance"}
"""What an alert in this state says about the services that it names."""
_PLAN_SAYS = {"running": "under_maintenance"}
_WORDS = {
    "none": "All Systems Operational",
    "maintenance": "Service Under Maintenance",
    "minor": "Partially Degraded Service",
    "major": "Partial System Outage",
    "critical": "Major Service Outage",
}
"""The indicators and their descriptions, from the best to the worst."""


@frozen
class Statuspage:
    """The files for one state."""

    state: State
    components: Sequence[dict[str, Any]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Make the components once, because each incident and maintenance names some."""
        object.__setattr__(self, "components", self._components())

    def files(self) -> dict[str, bytes]:
        """Return the contents of each file by its name below the site."""
        incidents = [self._incident(row) for row in self._known("alert")]
        plans = [self._maintenance(row) for row in self._known("plan")]
        unresolved = [one for one in incidents if one["status"] in ("investigating", "identified", "monitoring")]
        upcoming = [one for one in plans if one["status"] == "scheduled"]
        active = [one for one in plans if one["status"] == "in_progress"]
        components, status = self.components, self._status(unresolved, active)
        summary = {
            "components": components,
            "incidents": unresolved,
            "scheduled_maintenances": [*active, *upcoming],
            "status": status,
        }
        found: dict[str, dict[str, Any]] = {
            "summary": summary,
            "status": {"status": status},
            "components": {"components": components},
            "incidents": {"incidents": incidents},
            "incidents/unresolved": {"incidents": unresolved},
            "scheduled-maintenances": {"scheduled_maintenances": plans},
            "scheduled-maintenances/upcoming": {"scheduled_maintenances": upcoming},
            "scheduled-maintenances/active": {"scheduled_maintenances": active},
        }
        page = {"page": self._page()}
        return {f"{FOLDER}{name}.json": _json({**page, **content}) for name, content in found.items()}

    def _known(self, kind: str) -> list[Row]:
        """Return the alerts or plans, the newest first, without those that were taken back."""
        gone = ("withdrawn", "cancelled")
        rows = newest_matters(self.state)
        found = [row for row in rows if row.get("kind") == kind and text_of(row, "state") not in gone]
        return sorted(found, key=number, reverse=True)

    def _page(self) -> dict[str, Any]:
        site = self.state.table(SITE)
        changed = max((text_of(row, "touched") for row in [*self._known("alert"), *self._known("plan")]), default="")
        return {
            "id": self._id("page"),
            "name": clean(text_of(site, "title")) or "Status",
            "url": site_url(self.state).rstrip("/"),
            "time_zone": str(self.state.zone),
            "updated_at": _moment(changed),
        }

    def _id(self, name: str) -> str:
        """Return an id in Statuspage's form: twelve lower-case letters and digits."""
        value = int.from_bytes(hashlib.sha256(f"{site_url(self.state)} {name}".encode()).digest()[:12], "big")
        made = ""
        for _ in range(12):
            value, rest = divmod(value, len(_ALPHABET))
            made += _ALPHABET[rest]
        return made

    def _components(self) -> list[dict[str, Any]]:
        services = self.state.table(NOW).get("services")
        states = services if isinstance(services, dict) else {}
        touched: dict[str, str] = {}
        for row in [*self._known("alert"), *self._known("plan")]:
            for name in texts(row, "services"):
                touched[name] = max(touched.get(name, ""), text_of(row, "touched"))
        return [
            self._component(name, str(state), place, touched.get(name, ""))
            for place, (name, state) in enumerate(states.items(), 1)
        ]

    def _component(self, name: str, state: str, place: int, touched: str) -> dict[str, Any]:
        return {
            "id": self._id(f"service {name}"),
            "name": clean(name),
            "status": state,
            "created_at": _NEVER,
            "updated_at": _moment(touched),
            "position": place,
            "description": None,
            "showcase": False,
            "start_date": None,
            "group_id": None,
            "page_id": self._id("page"),
            "group": False,
            "only_show_if_degraded": False,
        }

    def _incident(self, row: Row) -> dict[str, Any]:
        said = updates(row)
        reviewed = any(text_of(one, "kind") == "after" for one in said)
        status = _INCIDENT.get(text_of(row, "state"), "investigating")
        solved = next((text_of(one, "at") for one in said if text_of(one, "kind") == "ok"), "")
        if status == "resolved":
            solved = solved or text_of(row, "touched")
        watched = [text_of(one, "at") for one in said if text_of(one, "state") == "monitoring"]
        return {
            **self._matter(row, "postmortem" if reviewed and status == "resolved" else status, _SAYS, _INCIDENT),
            "monitoring_at": _moment(watched[-1]) if watched else None,
            "resolved_at": _moment(solved) if status == "resolved" else None,
            "impact": self._impact(row),
        }

    def _maintenance(self, row: Row) -> dict[str, Any]:
        status = _MAINTENANCE.get(text_of(row, "state"), "scheduled")
        return {
            **self._matter(row, status, _PLAN_SAYS, _MAINTENANCE),
            "monitoring_at": None,
            "resolved_at": _moment(text_of(row, "touched")) if status == "completed" else None,
            "impact": "maintenance",
            "scheduled_for": _moment(text_of(row, "start")),
            "scheduled_until": _moment(text_of(row, "end")),
        }

    def _matter(self, row: Row, status: str, says: Mapping[str, str], words: Mapping[str, str]) -> dict[str, Any]:
        """Return what incidents and maintenances have in common."""
        name, site = clean(text_of(row, "text")), site_url(self.state)
        own = self._id(f"matter {number(row)}")
        services = self._named(row)
        return {
            "id": own,
            "name": name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1].rstrip() + "…",
            "status": status,
            "created_at": _moment(text_of(row, "at")),
            "updated_at": _moment(text_of(row, "touched")),
            "shortlink": site + page_of(row) if site else "",
            "started_at": _moment(text_of(row, "at")),
            "page_id": self._id("page"),
            "reminder_intervals": None,
            "incident_updates": self._updates(row, own, says, words),
            "components": [one for one in self.components if one["name"] in services],
        }

    def _named(self, row: Row) -> list[str]:
        return [clean(name) for name in texts(row, "services")]

    def _updates(self, row: Row, own: str, says: Mapping[str, str], words: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the updates, the newest first. Each tells how it changed the services."""
        made: list[dict[str, Any]] = []
        state, was = next(iter(words)), "operational"
        for one in reversed(updates(row)):
            if one.get("withdrawn"):
                continue
            kind = text_of(one, "kind")
            state = "resolved" if kind == "ok" else text_of(one, "state") or state
            status = "postmortem" if kind == "after" else words.get(state, next(iter(words.values())))
            now = says.get(state, "operational")
            changed = [
                {"code": self._id(f"service {name}"), "name": clean(name), "old_status": was, "new_status": now}
                for name in texts(row, "services")
            ]
            at, was = _moment(text_of(one, "at")), now
            made.append(
                {
                    "id": self._id(f"entry {number(one)}"),
                    "status": status,
                    "body": clean(text_of(one, "text")),
                    "incident_id": own,
                    "created_at": at,
                    "updated_at": at,
                    "display_at": at,
                    "affected_components": changed or None,
                    "deliver_notifications": True,
                    "custom_tweet": None,
                    "tweet_id": None,
                }
            )
        return made[::-1]

    def _impact(self, row: Row) -> str:
        """Return the impact of an alert: critical if it names every service, else major."""
        known = self.state.table(NOW).get("services")
        every = isinstance(known, dict) and len(known) > 1 and set(known) <= set(texts(row, "services"))
        return "critical" if every else "major"

    def _status(self, unresolved: Sequence[Mapping[str, Any]], active: Sequence[object]) -> dict[str, str]:
        """Return the indicator of the page: the worst of what is open."""
        order = [*_WORDS]
        worst = _worst(unresolved, order)
        found = max([worst, "maintenance" if active else "none"], key=order.index)
        return {"indicator": found, "description": _WORDS[found]}


def _worst(unresolved: Iterable[Mapping[str, Any]], order: Sequence[str]) -> str:
    found = ("minor" if one["status"] == "monitoring" else str(one["impact"]) for one in unresolved)
    return max(found, key=order.index, default="none")


def _moment(text: str) -> str:
    """Return a moment as Statuspage writes it, such as ``2026-11-20T12:00:00.000Z``."""
    if not text:
        return _NEVER
    return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


def _files(state: State) -> Mapping[str, bytes]:
    return Statuspage(state).files()


FEED = Feed("status api", (NOW, f"{MATTER}:*", SITE), _files, needs=[NOW])
