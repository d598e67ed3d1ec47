"""What tracks, rooms and days are about: on their pages, and where links to these are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from docutils import nodes

from ptgbot.store.edits import Json
from ptgbot_site.build.directive import line
from ptgbot_site.build.state import State, text_of
from ptgbot_site.build.typed import plain
from ptgbot_site.build.view import View
from ptgbot_site.build.words import say
from ptgbot_site.gathering.names import DAYS, EVENT, ROOMS, TRACK, day_slugs, named, room_slugs, track_slugs


def about_track(view: View, row: Mapping[str, Json]) -> list[nodes.Node]:
    """Return the description of a track and the people to ask, as far as they are stated."""
    shown: list[nodes.Node] = []
    if text := text_of(row, "description"):
        shown.append(nodes.paragraph("", "", view.typed(text), classes=["ptg-track-about"]))
    names = row.get("contacts")
    people = [plain(name, "ptg-nick") for name in names if isinstance(name, str)] if isinstance(names, list) else []
    if people:
        names_of = [part for name in people for part in (nodes.Text(", "), name)][1:]
        shown.append(line(nodes.inline("", say("Contact:"), classes=["ptg-since"]), nodes.inline("", "", *names_of)))
    return shown


def description(state: State, page: str) -> str:
    """Return the description of a page of the gathering, the empty string for a page that has none."""
    folder, _, slug = page.rpartition("/")
    kinds: Mapping[str, tuple[Mapping[str, str], Callable[[State, str], str]]] = {
        "tracks": (track_slugs(state), _track),
        "rooms": (room_slugs(state), room_in_words),
        "schedule": (day_slugs(state), _day),
    }
    if folder in kinds:
        known, describe = kinds[folder]
        name = named(known, slug)
        return describe(state, name) if name is not None else ""
    return _event(state) if page == "index" else ""


def _track(state: State, name: str) -> str:
    row = state.table(f"{TRACK}:{name}")
    now = row.get("now")
    return text_of(row, "description") or (text_of(now, "text") if isinstance(now, dict) else "")


def room_in_words(state: State, name: str) -> str:
    """Return the description, the capacity and the place of a room in one line, as far as they are stated."""
    row = state.row(ROOMS, name)
    return ", ".join(filter(None, (text_of(row, key) for key in ("desc", "cap_desc", "place"))))


def _day(state: State, name: str) -> str:
    date = next((text_of(row, "date") for row in state.rows(DAYS) if row.get("name") == name), "")
    return ", ".join(filter(None, (text_of(state.table(EVENT), "title"), date)))


def _event(state: State) -> str:
    """Return title, first and last date of the gathering."""
    dates = sorted(filter(None, (text_of(row, "date") for row in state.rows(DAYS))))
    span = " – ".join(dict.fromkeys((dates[0], dates[-1]))) if dates else ""
    return ", ".join(filter(None, (text_of(state.table(EVENT), "title"), span)))
