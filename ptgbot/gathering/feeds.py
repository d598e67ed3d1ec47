"""Feeds for calendars, apps and readers: iCalendar (RFC 5545), frab's schedule.json, Atom (RFC 4287).

They are made of slices, so that they agree with the pages. A bad entry is left out, and a sentence about it is
returned; it never breaks a feed.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as Xml
from zoneinfo import ZoneInfo

from attrs import frozen
from icalendar import Calendar, Event

from ptgbot.chat.addresses import slug, slugs
from ptgbot.chat.urls import safe_url
from ptgbot.gathering.schedule import zone_named
from ptgbot.gathering.timezones import vtimezone
from ptgbot.store.edits import Json

MOST_TOPICS = 100
"""Most topics in the Atom feed; older ones are on the recap page."""
LONGEST = 4000
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_NAMES = uuid.UUID("5c1f1a54-6f2b-5a7c-9a53-0b6c2f1b7a10")
# What XML 1.0 and RFC 5545 can't hold, and the overrides of direction that make a text look like another one.
_UNWANTED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]+"
)
# What may stand in an address as it is (RFC 3986), with the percent sign of what is quoted already.
_RESERVED = "!#$%&'()*+,/:;=?@[]~"
_ATOM = "http://www.w3.org/2005/Atom"


@frozen
class Entry:
    """One booking in a feed."""

    uid: str
    track: str
    room: str
    day: str
    slot: str
    start: datetime
    end: datetime
    place: str
    about: str
    url: str
    number: int
    """Number of the record that last changed it (SEQUENCE, RFC 5545 section 3.8.7.4)."""
    changed: datetime
    """Moment of that change, to the second (DTSTAMP)."""
    tentative: bool = False
    """Whether a person has not decided yet to take part (STATUS, RFC 5545 section 3.8.1.11)."""


def clean(text: object) -> str:
    """Return a text without the characters that XML 1.0 (section 2.2) and RFC 5545 (section 3.1) cannot hold.

    It is cut at 4000 characters.
    """
    return _UNWANTED.sub(" ", text if isinstance(text, str) else "").strip()[:LONGEST]


def zone_of(slices: Mapping[str, Json]) -> ZoneInfo:
    """Return the time zone of the gathering."""
    return zone_named(str(_table(slices, "gathering.event").get("timezone") or "UTC")) or ZoneInfo("UTC")


def entries(slices: Mapping[str, Json]) -> tuple[list[Entry], list[str]]:
    """Return every booking with a time, in the order of tracks and days, and sentences about those left out."""
    found: list[Entry] = []
    problems: list[str] = []
    event = str(_table(slices, "gathering.event").get("id") or "")
    for track, rows in _table(slices, "gathering.meets").items():
        seen: dict[str, int] = {}
        for row in rows if isinstance(rows, list) else ():
            try:
                if entry := _entry(slices, event, track, row, seen):
                    found.append(entry)
            except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
                problems.append(f"A slot of {clean(track)} is left out of the feeds: {error}.")
    return found, problems


def _entry(slices: Mapping[str, Json], event: str, track: str, row: Any, seen: dict[str, int]) -> Entry | None:
    slot, room = str(row["slot"]), str(row["room"])
    seen[slot] = seen.get(slot, 0) + 1
    if not row["start"] or not row["end"]:
        return None
    zone = zone_of(slices)
    start, end = (datetime.fromisoformat(row[key]).astimezone(zone) for key in ("start", "end"))
    if end.astimezone(UTC) <= start.astimezone(UTC):
        raise ValueError(f"{clean(slot)} ends before it begins")
    known, here = _table(slices, "gathering.tracks").get(track), _table(slices, "gathering.rooms").get(room)
    about = known if isinstance(known, dict) else {}
    place = here if isinstance(here, dict) else {}
    name = "\0".join([event, track, slot, str(seen[slot])])
    uid = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:32]
    where = ", ".join(part for part in (clean(room), clean(place.get("desc"))) if part)
    notes = safe_url(about.get("etherpad"))
    url = safe_url(about.get("url")) or safe_url(place.get("url")) or ""
    about_it = f"Notes: {notes}" if notes else ""
    last = datetime.fromisoformat(row["changed"]) if "changed" in row else _EPOCH
    stamp = last.astimezone(UTC).replace(microsecond=0)
    number = int(row.get("number", 0))
    day = str(row["day"])
    return Entry(f"{uid}@ptgbot", track, room, day, slot, start, end, where, about_it, url, number, stamp)


def calendar(name: str, chosen: Iterable[Entry]) -> tuple[bytes, list[str]]:
    """Return an iCalendar file (RFC 5545) of these entries, and sentences about those left out."""
    problems: list[str] = []
    events: list[bytes] = []
    zones: dict[str, tuple[date, date]] = {}
    for entry in chosen:
        try:
            events.append(_event(entry))
        except (ValueError, TypeError, OverflowError, AssertionError) as error:
            problems.append(f"{clean(entry.slot)} of {clean(entry.track)} is left out of the calendars: {error}.")
            continue
        zone = getattr(entry.start.tzinfo, "key", "UTC")
        first, last = zones.get(zone, (entry.start.date(), entry.end.date()))
        zones[zone] = min(first, entry.start.date()), max(last, entry.end.date())
    head, tail = _frame(clean(name))
    between = [vtimezone(zone, *dates) for zone, dates in zones.items() if zone != "UTC"]
    return b"".join([head, *between, *events, tail]), problems


@functools.lru_cache(10_000)
def _frame(name: str) -> tuple[bytes, bytes]:
    """Return the bytes before and after the entries of a calendar."""
    frame = Calendar()
    frame.add("version", "2.0")
    frame.add("prodid", "-//ptgbot//feeds 1//EN")
    frame.add("method", "PUBLISH")
    frame.add("name", name)
    frame.add("x-wr-calname", name)
    frame.add("refresh-interval", timedelta(minutes=15), parameters={"VALUE": "DURATION"})
    head, end, tail = bytes(frame.to_ical()).partition(b"END:VCALENDAR")
    return head, bytes(end + tail)


@functools.lru_cache(50_000)
def _event(entry: Entry) -> bytes:
    made = Event()
    made.add("uid", entry.uid)
    made.add("dtstamp", entry.changed)
    made.add("last-modified", entry.changed)
    made.add("sequence", entry.number)
    made.add("dtstart", _wall(entry.start))
    made.add("dtend", _wall(entry.end))
    made.add("summary", clean(entry.track))
    made.add("categories", [clean(entry.track)])
    made.add("location", entry.place)
    if entry.tentative:
        made.add("status", "TENTATIVE")
    if entry.about:
        made.add("description", entry.about)
    if entry.url:
        made.add("url", entry.url)
    return bytes(made.to_ical())


def _wall(at: datetime) -> datetime:
    """Return a time in its own zone, or in UTC if the clock shows that time twice (RFC 5545 section 3.3.5)."""
    twice = at.replace(fold=0).utcoffset() != at.replace(fold=1).utcoffset()
    return at.astimezone(UTC) if twice else at


def frab(slices: Mapping[str, Json], found: Sequence[Entry], site: str) -> bytes:
    """Return the schedule as JSON for apps, in the format of frab and pretalx.

    ``site`` is the public address with a slash at its end, empty if unknown.
    """
    event = _table(slices, "gathering.event")
    zone = zone_of(slices)
    rooms, tracks = list(_table(slices, "gathering.rooms")), _table(slices, "gathering.tracks")
    by_day: dict[date, list[Entry]] = {}
    for entry in found:
        by_day.setdefault(entry.start.date(), []).append(entry)
    ids = numbers(entry.uid for entry in found)
    days = [_frab_day(number, day, held, site, ids) for number, (day, held) in enumerate(sorted(by_day.items()), 1)]
    conference: dict[str, Any] = {
        "acronym": _acronym(str(event.get("id") or "")),
        "title": clean(event.get("title")) or clean(event.get("id")),
        "start": min(by_day, default=_EPOCH.date()).isoformat(),
        "end": max(by_day, default=_EPOCH.date()).isoformat(),
        "daysCount": len(days),
        "timeslot_duration": "00:05",
        "rooms": [{"name": clean(room), "guid": _uuid("room", room)} for room in rooms],
        "tracks": [{"name": clean(name), "color": _color(row)} for name, row in tracks.items()],
        "days": days,
    }
    version = hashlib.sha256(json.dumps(conference).encode()).hexdigest()[:12]
    schedule: dict[str, Any] = {"version": version, "conference": conference}
    # The schema knows names of this form only; what it leaves out stands in the offset of each time.
    if re.fullmatch(r"[A-Z][a-z]+/[A-Z][a-z]+.*|UTC", zone.key):
        conference["time_zone_name"] = zone.key
    if site:
        conference["url"] = schedule["base_url"] = site
    document = {"generator": {"name": "ptgbot"}, "schedule": schedule}
    return json.dumps(document, ensure_ascii=False).encode() + b"\n"


def _color(row: Json) -> str:
    return str((row.get("color") if isinstance(row, dict) else None) or "#888888")


def _acronym(event: str) -> str:
    plain = re.sub(r"[^a-z0-9_]+", "_", event.lower()).strip("_")
    return plain if len(plain) > 3 else f"{plain}_ptg".lstrip("_").rjust(4, "_")


def numbers(uids: Iterable[str]) -> dict[str, int]:
    """Return a number for each identifier, because apps lose entries of which two have the same.

    A number is made of the first digits of its identifier, and stays as long as that; only where an identifier before
    it has the same, it is made of the next digits.
    """
    found: dict[str, int] = {}
    taken: set[int] = set()
    for uid in uids:
        made = (int(uid[at : at + 7], 16) + 1 for at in range(26))
        found[uid] = next((number for number in made if number not in taken), len(taken) + 2**28 + 1)
        taken.add(found[uid])
    return found


def _frab_day(number: int, day: date, held: Sequence[Entry], site: str, ids: Mapping[str, int]) -> dict[str, Any]:
    rooms: dict[str, list[Any]] = {}
    for entry in sorted(held, key=lambda one: one.start.astimezone(UTC)):
        rooms.setdefault(clean(entry.room), []).append(_frab_event(entry, site, ids[entry.uid]))
    return {
        "index": number,
        "date": day.isoformat(),
        "day_start": min(held, key=lambda one: one.start.astimezone(UTC)).start.isoformat(),
        "day_end": max(held, key=lambda one: one.end.astimezone(UTC)).end.isoformat(),
        "rooms": rooms,
    }


def _frab_event(entry: Entry, site: str, number: int) -> dict[str, Any]:
    guid = _uuid("event", entry.uid)
    minutes = int((entry.end.astimezone(UTC) - entry.start.astimezone(UTC)) / timedelta(minutes=1))
    page = f"{site}tracks/{slug(entry.track)}.html" if site else ""
    name = re.sub(r"[^a-z0-9_-]+", "-", f"{slug(entry.track)}-{slug(entry.slot)}").strip("-")
    return {
        "guid": guid,
        # A number that apps keep: the same as long as track and slot are.
        "id": number,
        "date": entry.start.isoformat(),
        "start": entry.start.isoformat(),
        "duration": f"{minutes // 60:02}:{minutes % 60:02}",
        "room": clean(entry.room),
        "slug": name,
        "url": quote(page or entry.url, safe=_RESERVED) or f"urn:uuid:{guid}",
        "title": clean(entry.track),
        "subtitle": "",
        "track": clean(entry.track),
        "type": "meeting",
        "language": "en",
        "abstract": "",
        "description": entry.about,
        "persons": [],
        "links": [entry.url] if entry.url else [],
    }


def _uuid(kind: str, name: str) -> str:
    return str(uuid.uuid5(_NAMES, f"{kind}:{name.encode(errors='surrogatepass').hex()}"))


def atom(slices: Mapping[str, Json], site: str) -> bytes:
    """Return the newest topics as an Atom feed (RFC 4287).

    ``site`` is the public address with a slash at its end, empty if unknown.
    """
    event = _table(slices, "gathering.event")
    days = slices.get("gathering.recap")
    rows: list[Mapping[str, Json]] = []
    for day in reversed(days if isinstance(days, list) else []):
        rows += _newest_of(slices, str(day))
        if len(rows) >= MOST_TOPICS:
            break
    root = Xml.Element("feed", {"xmlns": _ATOM})
    title = clean(event.get("title")) or "Gathering"
    _child(root, "id", f"urn:uuid:{_uuid('feed', str(event.get('id') or ''))}")
    _child(root, "title", f"{title}: what is discussed")
    Xml.SubElement(_child(root, "author", ""), "name").text = title
    if site:
        Xml.SubElement(root, "link", {"rel": "self", "href": f"{site}topics.atom", "type": "application/atom+xml"})
        Xml.SubElement(root, "link", {"rel": "alternate", "href": site, "type": "text/html"})
    names = slugs(_table(slices, "gathering.tracks"))
    made = [element for row in rows[:MOST_TOPICS] if (element := _topic(row, site, names)) is not None]
    newest = max((element.findtext("updated", "") for element in made), default=_EPOCH.isoformat())
    _child(root, "updated", newest)
    root.extend(made)
    Xml.indent(root)
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _newest_of(slices: Mapping[str, Json], day: str) -> Iterator[Mapping[str, Json]]:
    """Yield the topics of a day, the newest first."""
    parts = _table(slices, f"gathering.said:{day}").get("parts")
    for part in reversed(parts if isinstance(parts, list) else []):
        said = slices.get(f"gathering.part:{part}")
        yield from (row for row in reversed(said if isinstance(said, list) else []) if isinstance(row, dict))


def _child(parent: Xml.Element, name: str, text: str) -> Xml.Element:
    element = Xml.SubElement(parent, name)
    element.text = text
    return element


def _topic(row: Mapping[str, Json], site: str, names: Mapping[str, str]) -> Xml.Element | None:
    track, text = clean(row.get("track")), clean(row.get("text"))
    try:
        at = datetime.fromisoformat(str(row.get("at"))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    element = Xml.Element("entry")
    _child(element, "id", f"urn:uuid:{_uuid('topic', json.dumps([at.isoformat(), track, text]))}")
    _child(element, "title", f"{track}: {text}")
    _child(element, "updated", at.isoformat())
    Xml.SubElement(element, "category", {"term": track})
    if site and str(row.get("track")) in names:
        page = f"{site}tracks/{names[str(row.get('track'))]}.html"
        Xml.SubElement(element, "link", {"rel": "alternate", "href": page, "type": "text/html"})
    content = _child(element, "content", text)
    content.set("type", "text")
    return element


def _table(slices: Mapping[str, Json], name: str) -> dict[str, Json]:
    value = slices.get(name)
    return value if isinstance(value, dict) else {}
