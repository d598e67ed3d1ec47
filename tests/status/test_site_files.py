"""Files for other programs: alert.json, Atom, Statuspage's JSON, the calendar of plans, the banner's script."""

from __future__ import annotations

import json
import re
from typing import Any

import feedparser
import jsonschema
import pytest
from icalendar import Calendar

from tests.status.desk import Desk
from tests.status.site import URL, Shown
from tests.status.statuspage_schema import FILES


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """A site of its own builder for all tests of this module, because a builder takes seconds to start."""
    return Shown.of(tmp_path_factory.mktemp("site"), Desk())


@pytest.fixture
def shown(built: Shown) -> Shown:
    built.desk = Desk()
    return built


def api(shown: Shown) -> dict[str, Any]:
    """Return the files of Statuspage's shape, each checked against its schema."""
    found = {name: shown.json(f"api/v2/{name}.json") for name in FILES}
    for name, schema in FILES.items():
        jsonschema.validate(found[name], schema, format_checker=jsonschema.FormatChecker())
    return found


def test_alert_file_has_the_shape_of_the_original(shown: Shown) -> None:
    shown.build()
    assert shown.json("alert.json") == {"alert": None, "alerts": []}
    shown.desk('#status alert gerrit: Reviews are "down" }}')
    shown.desk("#status alert the café is closed")
    shown.desk("#status update 1 identified a disk")
    shown.build()
    told = shown.json("alert.json")
    assert told["alert"] == "the café is closed"
    assert told["alerts"][1] == {
        "number": 1,
        "text": 'Reviews are "down" }}',
        "state": "identified",
        "services": ["gerrit"],
        "since": "2026-11-16T09:06:00+00:00",
        "updated": "2026-11-16T09:08:00+00:00",
        "update": "a disk",
        "url": f"{URL}status/2026-11.html#entry-1",
    }
    shown.desk("#status ok 1")
    shown.desk("#status ok 2")
    shown.build()
    assert shown.json("alert.json") == {"alert": None, "alerts": []}


def test_feeds_have_entries_with_lasting_ids(shown: Shown) -> None:
    desk = shown.desk
    desk("#status alert gerrit: <b>down</b>")
    desk("#thanks ada for it")
    desk("#success done")
    shown.build()
    before = {name: feedparser.parse(shown.text(f"{name}.atom")) for name in ("status", "successes", "thanks")}
    assert [not feed.bozo for feed in before.values()] == [True] * 3
    assert before["status"].entries[0].title == "Alert: <b>down</b>"
    assert before["status"].entries[0].link == f"{URL}status/2026-11.html#entry-1"
    assert before["thanks"].entries[0].content[0].value == "ada for it"
    desk("#status ok")
    shown.build()
    after = feedparser.parse(shown.text("status.atom"))
    assert [one.title for one in after.entries] == ["Resolved", "Alert: <b>down</b>"]
    assert after.entries[1].id == before["status"].entries[0].id
    assert len({one.id for one in after.entries}) == 2


def test_api_follows_alerts_and_plans(shown: Shown) -> None:
    desk = shown.desk
    shown.build()
    found = api(shown)
    assert found["status"]["status"] == {"indicator": "none", "description": "All Systems Operational"}
    assert [one["status"] for one in found["components"]["components"]] == ["operational"] * 3
    page, component = found["status"]["page"]["id"], found["components"]["components"][0]["id"]
    desk("#status alert gerrit: Reviews are down")
    desk("#status plan 2026-11-17T10:00-12:30 wiki: new disks")
    shown.build()
    found = api(shown)
    assert found["status"]["status"] == {"indicator": "major", "description": "Partial System Outage"}
    (incident,) = found["incidents/unresolved"]["incidents"]
    assert (incident["status"], incident["impact"], incident["name"]) == ("investigating", "major", "Reviews are down")
    assert [one["status"] for one in incident["components"]] == ["major_outage"]
    assert found["summary"]["incidents"] == [incident]
    (plan,) = found["scheduled-maintenances/upcoming"]["scheduled_maintenances"]
    assert (plan["status"], plan["impact"]) == ("scheduled", "maintenance")
    assert (plan["scheduled_for"], plan["scheduled_until"]) == ("2026-11-17T10:00:00.000Z", "2026-11-17T12:30:00.000Z")
    assert found["summary"]["scheduled_maintenances"] == [plan]
    desk("#status update 1 monitoring restarted")
    shown.build()
    found = api(shown)
    assert found["status"]["status"]["indicator"] == "minor"
    now = found["incidents/unresolved"]["incidents"][0]
    assert [one["status"] for one in now["incident_updates"]] == ["monitoring", "investigating"]
    assert now["incident_updates"][0]["affected_components"] == [
        {
            "code": component,
            "name": "gerrit",
            "old_status": "major_outage",
            "new_status": "degraded_performance",
        }
    ]
    assert now["monitoring_at"] == now["incident_updates"][0]["created_at"]
    desk("#status ok 1 all is well")
    desk("#status after 1 https://example.org/review")
    shown.build()
    found = api(shown)
    assert found["incidents/unresolved"]["incidents"] == []
    (over,) = found["incidents"]["incidents"]
    assert (over["status"], over["id"], over["incident_updates"][0]["status"]) == (
        "postmortem",
        incident["id"],
        "postmortem",
    )
    assert over["resolved_at"] == over["incident_updates"][1]["created_at"]
    assert found["components"]["components"][0]["id"] == component
    assert found["status"]["page"]["id"] == page
    ids = re.findall(r'"id": "(\w+)"', json.dumps(found["summary"]))
    assert {len(one) for one in ids} == {12}


def test_api_has_the_newest_fifty_of_each(shown: Shown) -> None:
    desk = shown.desk
    desk("#status plan 2026-11-17T10:00-12:30 wiki: new disks")
    for number in range(2, 54):
        desk(f"#status alert zuul: trouble {number}")
        desk(f"#status ok {number}")
    shown.build()
    found = api(shown)
    names = [one["name"] for one in found["incidents"]["incidents"]]
    assert names == [f"trouble {number}" for number in range(53, 3, -1)]
    assert len(found["scheduled-maintenances"]["scheduled_maintenances"]) == 1
    before = desk.slices()
    desk("#status after 53 the review")
    after = desk.slices()
    assert [name for name in after if name.startswith("matter:") and after[name] != before[name]] == ["matter:53"]
    assert max(len(json.dumps(value)) for name, value in after.items() if name.startswith("matter:")) < 64_000


def test_running_plan_is_maintenance(shown: Shown) -> None:
    desk = shown.desk
    desk("#status plan 2026-11-16T10:00-12:30 wiki: new disks")
    desk.wait(hours=1)
    shown.build()
    found = api(shown)
    assert found["status"]["status"] == {"indicator": "maintenance", "description": "Service Under Maintenance"}
    assert [one["status"] for one in found["components"]["components"]] == [
        "operational",
        "operational",
        "under_maintenance",
    ]
    assert len(found["scheduled-maintenances/active"]["scheduled_maintenances"]) == 1
    assert found["scheduled-maintenances/upcoming"]["scheduled_maintenances"] == []


def test_alert_about_every_service_is_critical(shown: Shown) -> None:
    shown.desk("#status alert gerrit,zuul,wiki: no power")
    shown.build()
    assert api(shown)["status"]["status"] == {"indicator": "critical", "description": "Major Service Outage"}


def test_withdrawn_alert_is_no_incident(shown: Shown) -> None:
    shown.desk("#status alert gerrit: down")
    shown.desk("#status undo")
    shown.build()
    found = api(shown)
    assert found["incidents"]["incidents"] == []
    assert found["status"]["status"]["indicator"] == "none"


def events(shown: Shown) -> list[Any]:
    return Calendar.from_ical(shown.text("plans.ics")).walk("VEVENT")


def test_moved_plan_keeps_its_uid(shown: Shown) -> None:
    desk = shown.desk
    desk("#status plan 2026-11-17T10:00-12:30 wiki: new disks; really")
    shown.build()
    (first,) = events(shown)
    assert (first["SUMMARY"], first["STATUS"], first["SEQUENCE"]) == ("wiki: new disks; really", "CONFIRMED", 0)
    desk("#status plan 1 move 2026-11-18T10:00-12:30")
    shown.build()
    (moved,) = events(shown)
    assert (moved["UID"], moved["SEQUENCE"]) == (first["UID"], 1)
    assert moved["DTSTART"].dt.isoformat() == "2026-11-18T10:00:00+00:00"
    desk("#status plan 1 cancel")
    shown.build()
    (gone,) = events(shown)
    assert (gone["UID"], gone["SEQUENCE"], gone["STATUS"]) == (first["UID"], 2, "CANCELLED")


def test_banner_script_is_found_by_its_digest(shown: Shown) -> None:
    shown.build()
    name = re.search(r'"(_static/alert-[0-9a-f]{10}\.js)"', shown.text("alert.js"))
    assert name is not None
    assert "ptgbot-alerts" in shown.text(name[1])
    shown.desk("#status alert x")
    shown.build()
    assert name[1] in shown.text("alert.js")
