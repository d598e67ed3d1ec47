"""Makes the files of the archive: for each key of a change, the pages that show it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from ptgbot.meetings.archive import SOURCE, Archive, NoSuchMeeting
from ptgbot.meetings.archive_index import Register
from ptgbot.meetings.days import Days, key_of
from ptgbot.meetings.old_addresses import ENDINGS
from ptgbot_site.build import api
from ptgbot_site.build.feeds import moved
from ptgbot_site.build.sitemap import site_url
from ptgbot_site.build.typed import clean
from ptgbot_site.build.words import say
from ptgbot_site.meetings import PATH, days, feeds, lists, minutes, texts

Files = Mapping[str, bytes | None]

PAGE_OF: Final = {"names": lists.names, "months": lists.months, "people": lists.people, "actions": lists.actions}
"""The lists of everything, by their names."""
MADE: Final = (".html", ".log.html", ".txt", ".log.txt", ".json")
"""Endings of the files of one meeting."""


@frozen
class Pages:
    """The archive as its pages show it during one build."""

    archive: Archive
    index: Register
    url: str
    """Public address of the project with a slash at its end, empty if it is unknown."""

    def newest(self) -> int:
        """Return the number of the newest change."""
        return self.index.number

    def changed(self, after: int, most: int) -> Sequence[tuple[int, str]]:
        """Return the keys that changed after a number."""
        return self.index.changed(after, most)

    def files(self, key: str, render: api.Render) -> Files:
        """Return the files of a key."""
        kind, _, about = key.partition(":")
        first, _, year = about.partition("/")
        match kind:
            case "meeting":
                return self._meeting(about, render)
            case "month":
                return self._page(f"month/{about}", about, lists.month(self.index, about), render)
            case "name":
                body = lists.name_year(self.index, first, year) if year else lists.name_index(self.index, first)
                return self._page(f"name/{first}/{year or 'index'}", f"{first} {year}".strip(), body, render)
            case "person":
                body = lists.person_year(self.index, first, year) if year else lists.person_index(self.index, first)
                title = f"{self.index.nick(first)} {year}".strip()
                return self._page(f"person/{first}/{year or 'index'}", title, body, render)
            case "decisions":
                return self._decisions(about, render)
            case "search":
                return {f"search/{about}.json": feeds.search(self.index, about), **feeds.words(self.index, about)}
            case "actions" if about:
                title = f"{say('Open actions')} {about}"
                return self._page(f"actions/{about}", title, lists.actions_year(self.index, about), render)
            case "day":
                return self._day(about, render)
            case "days":
                return self._days(about, render)
            case "rooms":
                return self._page(f"{days.PATH}/index", say("Logs of rooms"), days.rooms(self.days), render)
            case "feed":
                return {feeds.FEED: feeds.atom(self.index, self.url, say("Meetings"))}
            case _:
                return self._list(kind, render)

    def _page(self, name: str, title: str, body: str, render: api.Render) -> Files:
        return {f"{name}.html": render(name, title, body, feed=feeds.FEED)}

    @property
    def days(self) -> Days:
        """The logs of rooms."""
        return Days(self.archive.folder)

    def _day(self, about: str, render: api.Render) -> Files:
        room, _, day = about.rpartition("/")
        log, name = self.days.day(room, day), f"{days.PATH}/{about}"
        if log is None:
            return {f"{name}.html": None, f"{name}.txt": None}
        body = days.day_body(log, day, self.days.days(room))
        page = render(name, f"{clean(log.room)} {day}", body)
        return {f"{name}.html": page, f"{name}.txt": texts.raw_day(log)}

    def _days(self, about: str, render: api.Render) -> Files:
        network, room, month = [*about.split("/"), ""][:3]
        key = f"{network}/{room}"
        known = self.days.days(key)
        log = self.days.day(key, known[-1]) if known else None
        if log is None:
            return {}
        name = f"{days.PATH}/{key}/{month or 'index'}"
        body = days.month(log.room, month, known) if month else days.months(log.room, known)
        return self._page(name, f"{clean(log.room)} {month}".strip(), body, render)

    def _list(self, kind: str, render: api.Render) -> Files:
        titles = {
            "names": say("Meetings by name"),
            "months": say("Meetings by month"),
            "people": say("Meetings by person"),
            "actions": say("Open actions"),
        }
        found = self._page(kind, titles[kind], PAGE_OF[kind](self.index), render)
        return {**found, "search/index.json": feeds.search_months(self.index)} if kind == "months" else found

    def _decisions(self, month: str, render: api.Render) -> Files:
        if month:
            return self._page(f"decisions/{month}", month, lists.decisions(self.index, month), render)
        return self._page("decisions/index", say("Decisions"), lists.decision_months(self.index), render)

    def _meeting(self, slug: str, render: api.Render) -> Files:
        row = self.index.meeting(slug)
        old = self.index.old_addresses(slug)
        try:
            document = self.archive.read(slug) if row and not row.restricted else None
        except NoSuchMeeting:
            document = None
        if document is None:
            gone = [f"{slug}{ending}" for ending in MADE] + [f"{one}{ending}" for one in old for ending in ENDINGS]
            return dict.fromkeys(gone)
        about = document["minutes"]
        title = minutes.title_of(about)
        made: dict[str, bytes | None] = {
            f"{slug}.html": render(slug, title, minutes.minutes_body(document, self._day_of(about)), feed=feeds.FEED),
            f"{slug}.log.html": render(f"{slug}.log", f"{say('Log')}: {title}", minutes.log_body(document)),
            f"{slug}.txt": texts.text_minutes(about, title),
            f"{slug}.log.txt": texts.raw_log(document["log"]),
            f"{slug}.json": f"{json.dumps(about, ensure_ascii=False, indent=1)}\n".encode(errors="replace"),
        }
        for one in old:
            made |= _forwards(one, slug, made)
        return made

    def _day_of(self, about: Mapping[str, Any]) -> str:
        """Return the address of the log of the room on the day when a meeting began, empty if there is none."""
        room, day = key_of(about["network"], about["channel"]), about["started"][:10]
        return f"{days.PATH}/{room}/{day}.html" if self.days.path_of(room, day).exists() else ""


def _forwards(old: str, slug: str, made: Mapping[str, bytes | None]) -> dict[str, bytes | None]:
    """Return the files at a former address: pages that lead on, and texts as they are.

    No host of static files could lead on from a text.
    """
    root = "../" * old.count("/")
    forwards = {f"{old}{ending}": moved(f"{root}{slug}{ending}") for ending in ENDINGS if ending.endswith(".html")}
    return {**forwards, **{f"{old}{ending}": made[f"{slug}{ending}"] for ending in ENDINGS if ending.endswith(".txt")}}


@contextmanager
def opened(bulk: Path, state: api.State) -> Iterator[Pages]:
    """Open the archive in the bulk storage of the feature for one build."""
    archive = Archive(bulk / SOURCE)
    url = site_url(state)
    with archive.reading() as index:
        yield Pages(archive, index, f"{url}{PATH}/" if url else "")


PAGES = api.FinishedPages("meetings", opened)
