"""The programme in other people's pages: a script for a web component, and the programme in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from ptgbot.chat.text import fold
from ptgbot.gathering import feeds
from ptgbot.store.edits import Json
from ptgbot_site.build.assets import hashed
from ptgbot_site.build.registry import Feed
from ptgbot_site.build.state import SITE, State, text_of
from ptgbot_site.build.typed import clean
from ptgbot_site.build.words import say
from ptgbot_site.gathering.names import DAYS, EVENT, MEETS, ROOMS, TRACKS, day_slugs, room_slugs, track_slugs

FILE = "embed.js"
"""The script that other pages name. It loads the file with the programme, whose name holds its digest."""
MOST = 5000
"""Most bookings in the file."""
_LOADER = """/* Loads the web component ptgbot-schedule. */
(() => {{
  const script = document.createElement("script");
  script.src = new URL("{name}", document.currentScript.src).href;
  document.head.append(script);
}})();
"""
_COMPONENT = Path(__file__).parent / "assets" / "embed.js"


def _bookings(state: State) -> Iterator[list[str]]:
    """Yield start, end, track, room, day and slot of each booking with a time, in order of time."""
    found, _ = feeds.entries(state.slices)
    for one in sorted(found, key=lambda entry: (entry.start.timestamp(), entry.track)):
        times = (at.isoformat(timespec="minutes") for at in (one.start, one.end))
        yield [*times, *map(clean, (one.track, one.room, one.day, one.slot))]


def _colours(state: State) -> dict[str, list[str]]:
    rows = ((name, row) for name, row in state.table(TRACKS).items() if isinstance(row, dict))
    return {clean(name): [text_of(row, "color"), text_of(row, "ink")] for name, row in rows if text_of(row, "color")}


def _names(slugs: Mapping[str, str]) -> dict[str, str]:
    """Return the names that are meant by names in any case, and by slugs."""
    return {word: clean(name) for name, slug in slugs.items() for word in (slug, fold(name))}


def programme(state: State) -> dict[str, Json]:
    """Return the programme as the component reads it."""
    rows = [row for row, _ in zip(_bookings(state), range(MOST), strict=False)]
    known = {"track": track_slugs(state), "room": room_slugs(state), "day": day_slugs(state)}
    made: dict[str, object] = {
        "title": clean(text_of(state.table(EVENT), "title")),
        "rows": rows,
        "colours": _colours(state),
        "names": {kind: _names(slugs) for kind, slugs in known.items()},
        "pages": {clean(name): f"tracks/{slug}.html" for name, slug in known["track"].items()},
        "words": {"none": say("Nothing is booked."), "all": say("Whole programme")},
    }
    return json.loads(json.dumps(made))  # type: ignore[no-any-return]


def _files(state: State) -> Mapping[str, bytes]:
    content = (
        f"(() => {{\nconst ptgData = {json.dumps(programme(state))};\n{_COMPONENT.read_text(encoding='utf-8')}}})();\n"
    )
    name = f"_static/{hashed('embed.js', content)}"
    return {name: content.encode(), FILE: _LOADER.format(name=name).encode()}


FEED = Feed("embed", (EVENT, SITE, MEETS, TRACKS, ROOMS, DAYS), _files, needs=[MEETS])
