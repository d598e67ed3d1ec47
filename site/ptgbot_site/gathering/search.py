"""The index of the search: one small file, made of slices, that the page of the search loads on first use."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from ptgbot.chat.urls import safe_url
from ptgbot_site.build.registry import Feed, Findable
from ptgbot_site.build.state import State, text_of
from ptgbot_site.build.typed import clean
from ptgbot_site.gathering.about import room_in_words
from ptgbot_site.gathering.names import (
    DAYS,
    DIARY,
    DISCUSSED,
    NEXT,
    NOW,
    PART,
    PEOPLE,
    ROOMS,
    TRACKS,
    day_slugs,
    parts_of,
    room_slugs,
    track_slugs,
)

FILE = "search.json"
MOST_BYTES = 400_000
"""Most bytes of the index. The oldest topics are left out first."""
LONGEST = 300
"""Most characters of one text in it."""

Row = tuple[str, str, str, str]
"""Kind, title, text, and address relative to the root of the site."""


def rows(state: State, others: Sequence[Findable] = ()) -> Iterator[Row]:
    """Yield everything that can be found, the most important first, topics of the past from the newest on.

    Args:
        state: the slices.
        others: what other features let people find.
    """
    tracks = track_slugs(state)
    for name, slug in tracks.items():
        yield "track", name, _said(state, name), f"tracks/{slug}.html"
    for name, slug in room_slugs(state).items():
        yield "room", name, room_in_words(state, name), f"rooms/{slug}.html"
    for name, slug in day_slugs(state).items():
        yield "day", name, "", f"schedule/{slug}.html"
    for one in state.rows(PEOPLE):
        yield "person", text_of(one, "nick"), text_of(one, "location"), "people.html"
    for name in tracks:
        if url := safe_url(state.row(TRACKS, name).get("etherpad")):
            yield "notes", name, "", url
    for findable in others:
        yield from findable.rows(state)
    yield from _topics(state)


def _said(state: State, track: str) -> str:
    """Return the present and the next topics of a track."""
    texts = state.row(NEXT, track).get("texts")
    coming = [str(text) for text in texts] if isinstance(texts, list) else []
    return " · ".join(filter(None, [text_of(state.row(NOW, track), "text"), *coming]))


def _topics(state: State) -> Iterator[Row]:
    for day in reversed(state.names(DISCUSSED)):
        for part in reversed(parts_of(state, f"{DIARY}:{day}")):
            for row in reversed(state.rows(part)):
                yield "topic", text_of(row, "track"), text_of(row, "text"), f"recap/{day}.html"


def index(state: State, others: Sequence[Findable] = ()) -> Mapping[str, bytes]:
    """Return the index, by its file name. ``others`` is what other features let people find."""
    made: list[str] = []
    size = 0
    for kind, *texts, url in rows(state, others):
        row = json.dumps([kind, *(clean(text)[:LONGEST] for text in texts), url], ensure_ascii=False)
        size += len(row.encode()) + 2
        if size > MOST_BYTES:
            break
        made.append(row)
    body = ",\n".join(made)
    return {FILE: f"[\n{body}\n]\n".encode()}


_USES = (TRACKS, ROOMS, DAYS, PEOPLE, NOW, NEXT, DISCUSSED, f"{DIARY}:*", f"{PART}:*")


def feed(others: Sequence[Findable]) -> Feed:
    """Return the feed of the index with what other features let people find."""
    uses = (*_USES, *(name for one in others for name in one.uses))
    return Feed("search", uses, lambda state: index(state, others), needs=[TRACKS])
