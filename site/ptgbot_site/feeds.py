"""Feeds and old addresses: files of the site beside its pages, made in the same build."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.util import logging

from ptgbot.gathering import feeds
from ptgbot_site.assets import ours
from ptgbot_site.domain import ptg_domain
from ptgbot_site.state import EVERY_RECAP, State, text_of
from ptgbot_site.words import language, say

if TYPE_CHECKING:
    from sphinx.application import Sphinx

log = logging.getLogger(__name__)

VERSIONS = "ptg-feeds.json"
"""Beside the doctrees: how often each entry of the calendars changed."""
EVERYTHING = "ptg.ics"
OLD = {"ptg.html": "index.html", "signage.html": "screen/index.html"}
"""Addresses of the original whose pages have another name here; its others are names of ours."""
_MOVED = """<!DOCTYPE html>
<html lang="{language}">
<head><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={url}"><title>{title}</title></head>
<body><p>{words} <a href="{url}">{url}</a>.</p></body>
</html>
"""


def files(state: State, versions: feeds.Versions) -> tuple[dict[str, bytes], list[str]]:
    """Return the feeds by their names below the site, and sentences about what is left out of them."""
    found, problems = feeds.entries(state.slices)
    title = text_of(state.table("event"), "title") or "Gathering"
    site = site_url(state)
    whole, left_out = feeds.calendar(title, found, versions, state.now)
    made = {EVERYTHING: whole, "schedule.json": feeds.frab(state.slices, found, site)}
    by_track: dict[str, list[feeds.Entry]] = {}
    for entry in found:
        by_track.setdefault(entry.track, []).append(entry)
    for track, slug in state.slugs("tracks").items():
        one, _ = feeds.calendar(f"{title}: {track}", by_track.get(track, []), versions, state.now)
        made[f"tracks/{slug}.ics"] = one
        # Where the original had it.
        made.setdefault(f"{slug}.ics", one)
    return made, [*problems, *left_out]


def site_url(state: State) -> str:
    """Return the public address of the site with a slash at its end; empty where it is not known."""
    url = text_of(state.table("site"), "url")
    return url.rstrip("/") + "/" if url else ""


def _write(app: Sphinx, exception: Exception | None) -> None:
    state = ptg_domain(app.env).state
    if exception is not None or not ours(app) or not state.has("meets"):
        return
    out, ledger = Path(app.outdir), Path(app.doctreedir) / VERSIONS
    # How it was when these files were written last: where nothing they show changed, they are right.
    shown = [state.digest(["event", "site", "meets", "tracks", "rooms"]), state.digest(["event", "site", EVERY_RECAP])]
    known = _load(ledger)
    if known.get("calendars") != shown[0] or not (out / EVERYTHING).exists():
        versions = feeds.Versions(dict(known.get("entries", {})))
        made, problems = files(state, versions)
        for problem in problems:
            log.warning(problem)
        _put_all(out, made)
        known = {**known, "calendars": shown[0], "entries": versions.known}
    if known.get("topics") != shown[1] or not (out / "topics.atom").exists():
        _put_all(out, {"topics.atom": feeds.atom(state.slices, site_url(state))}, tidy=False)
        known = {**known, "topics": shown[1]}
    if known != _load(ledger):
        part = ledger.with_suffix(".part")
        part.write_text(json.dumps(known), encoding="utf-8")
        part.replace(ledger)
    said = {"language": language(), "title": say("Moved"), "words": say("This page is now")}
    _put_all(out, {old: _MOVED.format(url=new, **said).encode() for old, new in OLD.items()}, tidy=False)


def _load(path: Path) -> dict[str, Any]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _put_all(out: Path, made: Mapping[str, bytes], tidy: bool = True) -> None:
    """Write what differs; take away calendars of tracks that are no more."""
    for name, content in made.items():
        path = out / name
        path.parent.mkdir(exist_ok=True)
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
    if tidy:
        for path in (*out.glob("*.ics"), *out.glob("tracks/*.ics")):
            if path.relative_to(out).as_posix() not in made:
                path.unlink()


def setup_feeds(app: Sphinx) -> None:
    """Write them at the end of a build."""
    app.connect("build-finished", _write)
