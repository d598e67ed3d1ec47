"""Schemas of Statuspage's public files, from the documented fields and words of its API, version 2."""

from __future__ import annotations

from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
MOMENT: dict[str, Any] = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}
MAYBE: dict[str, Any] = {"anyOf": [MOMENT, {"type": "null"}]}
FLAG: dict[str, Any] = {"type": "boolean"}
ID: dict[str, Any] = {"type": "string", "pattern": "^[0-9a-z]{12}$"}
STATES = ["operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage"]


def thing(**fields: Any) -> dict[str, Any]:
    """Return the schema of an object that has exactly these fields."""
    return {"type": "object", "properties": fields, "required": [*fields], "additionalProperties": False}


def rows(of: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a list."""
    return {"type": "array", "items": of}


PAGE = thing(id=ID, name=TEXT, url=TEXT, time_zone=TEXT, updated_at=MOMENT)
STATUS = thing(indicator={"enum": ["none", "minor", "major", "critical", "maintenance"]}, description=TEXT)
COMPONENT = thing(
    id=ID,
    name=TEXT,
    status={"enum": STATES},
    created_at=MOMENT,
    updated_at=MOMENT,
    position={"type": "integer"},
    description={"type": ["string", "null"]},
    showcase=FLAG,
    start_date={"type": ["string", "null"]},
    group_id={"type": ["string", "null"]},
    page_id=ID,
    group=FLAG,
    only_show_if_degraded=FLAG,
)
AFFECTED = thing(code=ID, name=TEXT, old_status={"enum": STATES}, new_status={"enum": STATES})


def matter(states: list[str], impacts: list[str], **more: Any) -> dict[str, Any]:
    """Return the schema of an incident or a maintenance."""
    update = thing(
        id=ID,
        status={"enum": states},
        body=TEXT,
        incident_id=ID,
        created_at=MOMENT,
        updated_at=MOMENT,
        display_at=MOMENT,
        affected_components={"anyOf": [rows(AFFECTED), {"type": "null"}]},
        deliver_notifications=FLAG,
        custom_tweet={"type": ["string", "null"]},
        tweet_id={"type": ["string", "null"]},
    )
    return thing(
        id=ID,
        name=TEXT,
        status={"enum": states},
        created_at=MOMENT,
        updated_at=MOMENT,
        monitoring_at=MAYBE,
        resolved_at=MAYBE,
        impact={"enum": impacts},
        shortlink={"type": "string", "format": "uri"},
        started_at=MOMENT,
        page_id=ID,
        reminder_intervals={"type": ["string", "null"]},
        incident_updates={**rows(update), "minItems": 1},
        components=rows(COMPONENT),
        **more,
    )


INCIDENT = matter(
    ["investigating", "identified", "monitoring", "resolved", "postmortem"], ["none", "minor", "major", "critical"]
)
MAINTENANCE = matter(
    ["scheduled", "in_progress", "verifying", "completed"],
    ["maintenance"],
    scheduled_for=MOMENT,
    scheduled_until=MOMENT,
)
_PLANS = thing(page=PAGE, scheduled_maintenances=rows(MAINTENANCE))
_INCIDENTS = thing(page=PAGE, incidents=rows(INCIDENT))

FILES = {
    "summary": thing(
        page=PAGE,
        components=rows(COMPONENT),
        incidents=rows(INCIDENT),
        scheduled_maintenances=rows(MAINTENANCE),
        status=STATUS,
    ),
    "status": thing(page=PAGE, status=STATUS),
    "components": thing(page=PAGE, components=rows(COMPONENT)),
    "incidents": _INCIDENTS,
    "incidents/unresolved": _INCIDENTS,
    "scheduled-maintenances": _PLANS,
    "scheduled-maintenances/upcoming": _PLANS,
    "scheduled-maintenances/active": _PLANS,
}
"""The schema of each file by its name below ``/api/v2/``, without the ending."""
