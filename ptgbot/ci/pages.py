"""The board's pages as the bot sees them: it tells their builder what has changed, and leads on from old addresses."""

from __future__ import annotations

import asyncio
import difflib
import json
import sqlite3
import time
from collections.abc import Sequence
from html import escape
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import attrs

from ptgbot.chat.commands import Decision
from ptgbot.ci import changed
from ptgbot.ci.addresses import project_folder
from ptgbot.ci.facts import looked_at
from ptgbot.ci.keeping import NAME, Keeping
from ptgbot.ci.settings import CiSettings
from ptgbot.feature import Answered, Asked, Fact, Look, Route, SiteProject, Slice, SliceKind, Source, SourceHub
from ptgbot.store.edits import ABSENT, Edit, Json, Tree
from ptgbot.tables import Reader

PATH: Final = "ci"
"""Folder of the pages below the site."""
POLL: Final = 0.5
"""Seconds between two looks at the facts, which cost as much as a look at a folder while nothing changes."""
MINUTE: Final = 60.0
"""Seconds after which the passing of time is noted, and the pages over all projects."""
MOST_PROJECTS: Final = 2_000
"""Most projects to which old addresses lead."""
_LONGEST: Final = 200
_NEAR: Final = 5
_SHOWN: Final = (
    *("projects", "trusted", "accounts", "expected", "triggers", "cards", "known", "untested", "grace_hours"),
    "silent_days",
)
"""Settings that the pages need; no address or key of a server is among them."""
_TIMES: Final = {"24 hours": "index", "48 hours": "48h", "7 days": "7d", "30 days": "30d"}
"""The pages of a project by the old names of their windows."""


def is_on(settings: CiSettings) -> bool:
    """Say whether the configuration has a board."""
    return bool(settings.servers or settings.projects)


# What is told to the site


async def tell(settings: CiSettings, hub: SourceHub) -> None:
    """Tell the site of changed pages, without end."""
    keeping = Keeping(hub.folder.parent / NAME, settings)
    rules = json.dumps(settings_json(settings), sort_keys=True)
    signature: object = None
    told, again = (-1, list[list[str]]()), 0.0
    while True:
        if time.monotonic() >= again:
            again = time.monotonic() + MINUTE
            await _quietly(keeping.note_time, int(time.time()), rules)
        if (present := await asyncio.to_thread(_signature, keeping.path)) != signature:
            signature = present
            found = await _quietly(_revision, keeping.path)
            if found and found != told:
                await hub.learn([Fact(f"pages {found[0]}", {"revision": found[0], "projects": found[1]})])
                told = found
        await asyncio.sleep(POLL)


async def _quietly(work: Any, *arguments: Any) -> Any:
    """Work in a thread. The source of events reports damaged facts, and makes them anew; here they can wait."""
    try:
        return await asyncio.to_thread(work, *arguments)
    except sqlite3.DatabaseError:
        return None


def _signature(path: Path) -> object:
    """Return a value that differs when the facts have changed."""
    found: list[tuple[int, ...] | None] = []
    for name in (path.name, f"{path.name}-wal"):
        try:
            stat = path.with_name(name).stat()
            found.append((stat.st_ino, stat.st_mtime_ns, stat.st_size))
        except FileNotFoundError:
            found.append(None)
    return found


def _revision(path: Path) -> tuple[int, list[list[str]]]:
    with looked_at(path) as sql:
        return changed.number(sql), projects_in(sql)


def projects_in(sql: sqlite3.Connection) -> list[list[str]]:
    """Return servers and names of the projects, in order."""
    query = "SELECT DISTINCT server, project FROM changes WHERE NOT deleted ORDER BY project, server LIMIT ?"
    return [[server, name] for server, name in sql.execute(query, (MOST_PROJECTS,)) if len(name) <= _LONGEST]


def learned(tree: Tree, facts: Sequence[Fact]) -> Decision | None:
    """Return the decision that notes the newest revision of the pages, and the projects."""
    value = facts[-1].value
    found = value if isinstance(value, dict) else {}
    edits = [Edit((key,), tree.get(key, ABSENT), one) for key, one in found.items() if tree.get(key) != one]
    return Decision(edits) if edits else None


# Slices


def settings_json(settings: CiSettings) -> Json:
    """Return the settings that the pages need."""
    found = attrs.asdict(
        settings,
        filter=lambda attribute, _: attribute.name in _SHOWN or attribute not in attrs.fields(CiSettings),
    )
    # Words of Python such as ``from`` have an underscore behind them in names.
    found["known"] = [{key.removesuffix("_"): value for key, value in one.items()} for one in found["known"]]
    made: Json = json.loads(json.dumps(found))
    return made


def settings_of(value: Json) -> CiSettings:
    """Return settings from the form of :func:`settings_json`."""
    return Reader(Path(), "", "").read(CiSettings, value if isinstance(value, dict) else {}, PATH)


def _kept(name: str, default: Json) -> SliceKind[CiSettings]:
    def make(look: Look[CiSettings], _key: str) -> Slice:
        return Slice(look.state.get(name, default))

    return SliceKind(name, make, ((name,),))


def _settings(look: Look[CiSettings], _key: str) -> Slice:
    return Slice(settings_json(look.settings))


SLICES: Final = (_kept("revision", 0), _kept("projects", []), SliceKind[CiSettings]("settings", _settings, ()))
_READ: Final = ("ci.revision", "ci.settings", "ci.alerts")
SOURCE: Final = Source[CiSettings]("pages", tell, wanted=is_on)
PROJECTS: Final = (SiteProject[CiSettings](PATH, "ptgbot_site.ci.project", _READ, wanted=is_on),)


# Old addresses


def lead_on(asked: Asked, _settings: CiSettings) -> Answered:
    """Answer ``/project?project=P&time=T`` of the former board: the page of the project, or names near to it."""
    name, span = asked.query.get("project", ""), asked.query.get("time", "")
    site = asked.slices.get("core.site")
    url = site.get("url") if isinstance(site, dict) else ""
    base = f"{str(url).rstrip('/')}/{PATH}/" if url else f"/{PATH}/"
    known = [(str(one[0]), str(one[1])) for one in _rows(asked.slices.get("ci.projects")) if len(one) == 2]
    for server, project in known:
        if project == name:
            return _moved(f"{base}{quote(project_folder(server, project))}/{_TIMES.get(span, 'index')}.html")
    return _unknown(base, name, known) if name else _moved(f"{base}index.html")


def _rows(value: Json) -> list[list[Json]]:
    return [one for one in value if isinstance(one, list)] if isinstance(value, list) else []


def _moved(address: str) -> Answered:
    text = f'<!DOCTYPE html>\n<html lang="en"><title>Moved</title><p><a href="{escape(address)}">Moved</a></p></html>\n'
    return Answered(text.encode(), "text/html; charset=utf-8", HTTPStatus.FOUND, {"Location": address})


def _unknown(base: str, name: str, known: Sequence[tuple[str, str]]) -> Answered:
    name, names = name[:_LONGEST], [project for _, project in known]
    ends = [project for project in names if project.casefold().endswith(f"/{name.casefold()}")]
    near = {*ends[:_NEAR], *difflib.get_close_matches(name, names, _NEAR, 0.5)}
    links = "".join(
        f'<li><a href="{escape(base)}{quote(project_folder(server, project))}/index.html">{escape(project)}</a></li>'
        for server, project in known
        if project in near
    )
    said = f"<p>Did you mean one of these?</p><ul>{links}</ul>" if links else ""
    body = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>No such project</title></head>'
        f"<body><h1>No such project</h1><p>There is no project {escape(name)}.</p>{said}"
        f'<p><a href="{escape(base)}index.html">All projects</a></p></body></html>\n'
    )
    return Answered(body.encode(errors="replace"), "text/html; charset=utf-8", HTTPStatus.NOT_FOUND)


ROUTES: Final = (Route[CiSettings]("old", lead_on, ("/project",), wanted=is_on),)
