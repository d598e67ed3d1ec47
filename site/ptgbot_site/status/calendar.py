"""``plans.ics``: the plans as a calendar (RFC 5545)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from ptgbot_site.build.registry import Feed, FeedLink
from ptgbot_site.build.sitemap import site_url
from ptgbot_site.build.state import SITE, State, text_of
from ptgbot_site.build.typed import clean
from ptgbot_site.build.words import say
from ptgbot_site.status.names import MATTER, NOW, Row, newest_matters, number, page_of, texts, updates

FILE = "plans.ics"


def _files(state: State) -> Mapping[str, bytes]:
    made = Calendar()
    made.add("version", "2.0")
    made.add("prodid", "-//ptgbot//plans 1//EN")
    made.add("method", "PUBLISH")
    made.add("name", say("Planned work"))
    made.add("x-wr-calname", say("Planned work"))
    made.add("refresh-interval", timedelta(minutes=15), parameters={"VALUE": "DURATION"})
    plans = [row for row in newest_matters(state) if row.get("kind") == "plan"]
    for row in sorted(plans, key=number):
        made.add_component(_event(row, site_url(state)))
    return {FILE: bytes(made.to_ical())}


def _event(row: Row, site: str) -> Event:
    """Return a plan as an event. A moved plan keeps its UID and has a higher SEQUENCE (RFC 5545 section 3.8.7.4)."""
    event = Event()
    event.add("uid", text_of(row, "uid") or f"plan-{number(row)}@ptgbot")
    event.add("sequence", number(row, "sequence"))
    changed = _moment(row, "touched")
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("dtstart", _moment(row, "start"))
    event.add("dtend", _moment(row, "end"))
    services = ", ".join(clean(name) for name in texts(row, "services"))
    event.add("summary", ": ".join(filter(None, [services, clean(text_of(row, "text"))])))
    gone = text_of(row, "state") in ("cancelled", "withdrawn")
    event.add("status", "CANCELLED" if gone else "CONFIRMED")
    said = [f"{text_of(one, 'at')[:16].replace('T', ' ')} UTC: {clean(text_of(one, 'text'))}" for one in updates(row)]
    event.add("description", "\n".join(said))
    if site:
        event.add("url", site + page_of(row))
    return event


def _moment(row: Row, name: str) -> datetime:
    return datetime.fromisoformat(text_of(row, name)).astimezone(UTC).replace(microsecond=0)


FEED = Feed(
    "status plans",
    (NOW, f"{MATTER}:*", SITE),
    _files,
    [FeedLink(FILE, lambda: say("Planned work"), mime="text/calendar")],
    needs=[NOW],
)
