"""Files of the site beside its pages, made in the same build: feeds and old addresses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define, field

from ptgbot_site.build.domain import ptg_domain
from ptgbot_site.build.files import write_changed
from ptgbot_site.build.registry import Feed, registry
from ptgbot_site.build.state import State
from ptgbot_site.build.theme import ours
from ptgbot_site.build.words import language, say

if TYPE_CHECKING:
    from sphinx.application import Sphinx

WRITTEN = "ptg-feeds.json"
"""File beside the doctrees that holds the digest and the files of each feed."""
_MOVED = """<!DOCTYPE html>
<html lang="{language}">
<head><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={url}"><title>{title}</title></head>
<body><p>{words} <a href="{url}">{url}</a>.</p></body>
</html>
"""


@define
class Written:
    """The files that each feed has written into the folder of the site."""

    path: Path
    _feeds: dict[str, tuple[str, list[str]]] = field(factory=dict)

    @classmethod
    def load(cls, path: Path) -> Written:
        """Read the stored record; a damaged one counts as empty."""
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            return cls(path, {name: (str(row[0]), [*map(str, row[1])]) for name, row in stored.items()})
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return cls(path)

    def stands(self, feed: str, digest: str, out: Path) -> bool:
        """Say whether the files of a feed are those of a digest."""
        known, files = self._feeds.get(feed, ("", []))
        return known == digest and all((out / name).exists() for name in files)

    def put(self, feed: str, digest: str, files: Mapping[str, bytes], out: Path) -> None:
        """Write the files that differ, and remove files that the feed no longer makes."""
        for name, content in files.items():
            write_changed(out / name, content)
        for name in self._feeds.get(feed, ("", []))[1]:
            if name not in files:
                (out / name).unlink(missing_ok=True)
        self._feeds[feed] = (digest, sorted(files))

    def drop(self, kept: set[str], out: Path) -> None:
        """Remove the files of feeds that are not in ``kept``."""
        for feed in self._feeds.keys() - kept:
            self.put(feed, "", {}, out)
            del self._feeds[feed]

    def save(self) -> None:
        """Store the record.

        Raises:
            OSError: it cannot be written.
        """
        text = json.dumps(self._feeds)
        if not self.path.exists() or self.path.read_text(encoding="utf-8") != text:
            part = self.path.with_suffix(".part")
            part.write_text(text, encoding="utf-8")
            part.replace(self.path)


def made(app: Sphinx, state: State) -> list[Feed]:
    """Return the feeds whose slices are known."""
    return [feed for feed in registry(app).feeds.values() if all(state.has(name) for name in feed.needs)]


def _write(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or not ours(app):
        return
    state, out = ptg_domain(app.env).state, Path(app.outdir)
    written = Written.load(Path(app.doctreedir) / WRITTEN)
    feeds = made(app, state)
    written.drop({feed.name for feed in feeds}, out)
    for feed in feeds:
        digest = state.digest(feed.reads)
        if not written.stands(feed.name, digest, out):
            written.put(feed.name, digest, feed.make(state), out)
    written.save()
    if app.config.ptg_pages:
        _forward(app, out)


def moved(url: str) -> bytes:
    """Return a page that leads on to an address of ours, which is relative and has no typed text."""
    said = {"language": language(), "title": say("Moved"), "words": say("This page is now")}
    return _MOVED.format(url=url, **said).encode()


def _forward(app: Sphinx, out: Path) -> None:
    for old, new in registry(app).moved.items():
        write_changed(out / old, moved(new))


def setup_feeds(app: Sphinx) -> None:
    """Write the feeds at the end of a build."""
    app.connect("build-finished", _write)
