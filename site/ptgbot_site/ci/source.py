"""Makes the files of the board: for each key of a change, the pages that show it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from attrs import frozen

from ptgbot.ci import changed, facts
from ptgbot.ci.addresses import account_folder, project_folder
from ptgbot.ci.facts import looked_at
from ptgbot.ci.keeping import NAME
from ptgbot.ci.pages import PATH, settings_of
from ptgbot_site.build import api
from ptgbot_site.build.markup import cut
from ptgbot_site.build.sitemap import site_url
from ptgbot_site.build.words import say
from ptgbot_site.ci import account_page, badges, feeds, matrix_page, overview, project_page, upstream_page
from ptgbot_site.ci.desk import Desk, moment_of, names_of
from ptgbot_site.ci.upstream_page import Upstream

Files = Mapping[str, bytes | None]
SETTINGS: Final = "ci.settings"
"""The slice of the settings."""
REVISION: Final = "ci.revision"
"""The slice of the newest change."""


@frozen
class Pages:
    """The board as its pages show it during one build."""

    desk: Desk

    def newest(self) -> int:
        """Return the number of the newest change."""
        return changed.number(self.desk.sql)

    def changed(self, after: int, most: int) -> Sequence[tuple[int, str]]:
        """Return the keys that changed after a number."""
        return changed.after(self.desk.sql, after, most)

    def files(self, key: str, render: api.Render) -> Files:
        """Return the files of a key."""
        if key.startswith(changed.PROJECT):
            return self._project(*changed.project_in(key), render)
        if key.startswith(changed.ACCOUNT):
            return self._account(key.removeprefix(changed.ACCOUNT), render)
        if key == "matrix:":
            page = render(matrix_page.FILE, say("Who has CI"), matrix_page.body(self.desk))
            return {f"{matrix_page.FILE}.html": page, f"{matrix_page.FILE}.json": matrix_page.as_json(self.desk)}
        if key == "upstream:":
            made, name = Upstream(self.desk), upstream_page.FILE
            return {f"{name}.html": render(name, say("Upstream"), made.body()), f"{name}.json": made.json()}
        return {"index.json": overview.as_json(self.desk)} if key == changed.INDEX else {}

    def _project(self, server: str, project: str, render: api.Render) -> Files:
        folder = project_folder(server, project)
        if not project_page.is_known(self.desk, server, project):
            names = [f"{file}.{ending}" for file in project_page.FILES.values() for ending in ("html", "json")]
            return {f"{folder}/{name}": None for name in (*names, badges.FILE)}
        made: dict[str, bytes | None] = {}
        for file, body, told in project_page.bodies(self.desk, server, project):
            made[f"{folder}/{file}.html"] = render(f"{folder}/{file}", cut(project), body)
            made[f"{folder}/{file}.json"] = told
        today = overview.today(self.desk, server, project)
        made[f"{folder}/{badges.FILE}"] = badges.badge(project, f"{today.sign} {today.words}", today.of)
        return made

    def _account(self, account: str, render: api.Render) -> Files:
        folder, known = account_folder(account), account_page.known_of(self.desk, account)
        files = [f"{folder}/{name}" for name in ("index.html", "index.json", badges.FILE, feeds.FILE)]
        if known is None:
            return dict.fromkeys(files)
        of, sign, words = account_page.state_of(known)
        body = account_page.body(self.desk, known)
        made = (
            render(f"{folder}/index", cut(known.title), body, feed=f"{folder}/{feeds.FILE}"),
            account_page.as_json(self.desk, known),
            badges.badge(known.title, f"{sign} {words}", of),
            feeds.atom(self.desk, account, known.silent),
        )
        return dict(zip(files, made, strict=True))


@contextmanager
def opened(bulk: Path, state: api.State) -> Iterator[Pages]:
    """Open the facts in the bulk storage of the feature for one build; there are no pages before the first event."""
    with desk_of(bulk, state) as desk:
        yield Pages(desk)


@contextmanager
def desk_of(bulk: Path, state: api.State) -> Iterator[Desk]:
    """Open the facts in the bulk storage of the feature. They are empty before the first event."""
    url = site_url(state)
    settings = settings_of(state.slices.get(SETTINGS))
    with _facts(bulk / NAME / "facts.sqlite") as sql:
        at = moment_of(sql, int(state.now.timestamp()))
        yield Desk(sql, settings, at, f"{url}{PATH}/" if url else "", names_of(sql))


@contextmanager
def _facts(path: Path) -> Iterator[sqlite3.Connection]:
    with ExitStack() as stack:
        try:
            sql = stack.enter_context(looked_at(path))
        except sqlite3.DatabaseError:
            # The bot makes damaged facts anew, and raises the revision then.
            sql = stack.enter_context(facts.opened(":memory:")).sql
        yield sql


PAGES = api.FinishedPages("ci", opened)
