"""The collections of pages for tracks, days and rooms."""

from __future__ import annotations

from collections.abc import Mapping

from ptgbot_site.build.registry import Collection
from ptgbot_site.build.state import State
from ptgbot_site.gathering.names import DAYS, DISCUSSED, ROOMS, TRACKS, by_slug, day_slugs, room_slugs, track_slugs


def _tracks(state: State) -> Mapping[str, str]:
    return by_slug(state, TRACKS, track_slugs(state))


def _days(state: State) -> Mapping[str, str]:
    return by_slug(state, DAYS, day_slugs(state))


def _said(state: State) -> Mapping[str, str]:
    return {day: day for day in state.names(DISCUSSED)}


def _rooms(state: State) -> Mapping[str, str]:
    return by_slug(state, ROOMS, room_slugs(state))


def _track(slug: str) -> str:
    return f".. ptg:track:: {slug}\n   :title:\n\n.. ptg:place:: gathering.track {slug}\n"


def _day(slug: str) -> str:
    forms = f".. ptg:schedule:: {slug}\n   :title:\n\n.. ptg:grid:: {slug}\n\n.. ptg:compact:: {slug}\n"
    return f".. ptg:days::\n\n.. ptg:forms::\n\n{forms}\n.. ptg:place:: gathering.day {slug}\n"


def _diary(day: str) -> str:
    return f".. ptg:recap:: {day}\n   :title:\n\n.. ptg:place:: gathering.recap {day}\n"


def _room(slug: str) -> str:
    return f".. ptg:room:: {slug}\n   :title:\n\n.. ptg:place:: gathering.room {slug}\n"


def _door(slug: str) -> str:
    return f".. ptg:screen:: {slug}\n"


COLLECTIONS = (
    Collection("tracks", _tracks, _track),
    Collection("schedule", _days, _day),
    Collection("recap", _said, _diary),
    Collection("rooms", _rooms, _room),
    Collection("screen", _rooms, _door),
)
