"""Makes the files of the pages out of the numbers that the last count has written."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from attrs import frozen

from ptgbot.contributions.old_files import KIND
from ptgbot.contributions.page_names import segment
from ptgbot.contributions.page_store import PageStore, looked_at
from ptgbot_site.build import api
from ptgbot_site.build.markup import cut
from ptgbot_site.contributions import insight_pages, lists, things
from ptgbot_site.contributions.about import NAME, body, foot
from ptgbot_site.contributions.markup import Facts, release_name, rows_of

Files = Mapping[str, bytes | None]
LISTS: Final[Mapping[str, Callable[[Facts], str]]] = {
    "releases": lists.releases,
    "newcomers": lists.newcomers,
    "reviews": lists.reviews,
    "quality": lists.quality,
    NAME: body,
    "retention": insight_pages.retention,
    "wanted": insight_pages.wanted,
}


@frozen
class Pages:
    """The numbers of all pages during one build."""

    store: PageStore

    def newest(self) -> int:
        """Return the number of the newest change."""
        return self.store.newest()

    def changed(self, after: int, most: int) -> Sequence[tuple[int, str]]:
        """Return the keys that changed after a number."""
        return self.store.changed(after, most)

    def files(self, key: str, render: api.Render) -> Files:
        """Return the files of a key."""
        kind, _, about = key.partition(":")
        facts = self.store.facts(key)
        if kind == "overview":
            return {}
        if kind in LISTS:
            return self._list(kind, facts, render)
        if kind == "cube":
            return {f"cube/{segment(about)}.json": None if facts is None else _json(facts)}
        if kind == KIND:
            return {f"api/1.0/{about}.json": None if facts is None else _json(facts)}
        file = f"{kind}/{about if kind == 'person' else segment(about)}"
        if facts is None:
            return {f"{file}.html": None}
        made = things.release(facts) if kind == "release" else things.body(kind, facts)
        return {f"{file}.html": render(file, cut(things.title_of(kind, facts)), f"{made}{foot(file)}")}

    def _list(self, kind: str, facts: Facts | None, render: api.Render) -> Files:
        if facts is None:
            return {f"{kind}.html": None}
        made: dict[str, bytes | None] = {
            f"{kind}.html": render(kind, _titles()[kind], f"{LISTS[kind](facts)}{foot(kind)}")
        }
        if kind == "releases":
            names = [str(row[0]) for row in rows_of(facts, "releases")]
            made["cube/index.json"] = _json([[one, release_name(one), segment(one)] for one in names])
        return made


def _titles() -> Mapping[str, str]:
    return {**lists.titles(), **insight_pages.titles()}


def _json(found: object) -> bytes:
    return f"{json.dumps(found, ensure_ascii=False, separators=(',', ':'))}\n".encode(errors="replace")


@contextmanager
def opened(bulk: Path, _state: api.State) -> Iterator[Pages]:
    """Open the numbers in the bulk storage of the feature for one build; there are no pages before the first count."""
    with ExitStack() as stack:
        try:
            store = stack.enter_context(looked_at(bulk))
            store.newest()
        except sqlite3.DatabaseError:
            # The next count tells of a damaged file.
            store = stack.enter_context(looked_at(bulk / "damaged"))
        yield Pages(store)


PAGES = api.FinishedPages("contributions", opened)
