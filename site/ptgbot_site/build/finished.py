"""Finished pages of a project: made by the theme's template, outside Sphinx's environment, and only when they changed.

Sphinx looks at every document that it knows in each build. Here a build costs what is new, so the minutes of many
years cost nothing. The pages are in a folder of their own, ``ptg_kept``, to which every release has links.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

from attrs import define, field, frozen

from ptgbot.publish.packing import SUFFIXES, is_worth_packing, pack_once, packed_form
from ptgbot_site.build.assets import names_of_assets
from ptgbot_site.build.domain import PtgDomain, ptg_domain
from ptgbot_site.build.registry import Finished, FinishedPages, Render, registry
from ptgbot_site.build.theme import THEME, ours
from ptgbot_site.build.words import language

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.builders.html import StandaloneHTMLBuilder

BUDGET = 4.0
"""Seconds that finished pages may take in one build of the running bot. The others go into the next builds."""
DONE = "ptg-finished.json"
"""File beside the doctrees that holds the last handled change of each kind of finished pages."""
_BATCH = 100
_MANY = 5000
"""Changes that are looked through at once for the newest."""
_FORM = ".gz"
"""Suffix of the one compressed form that finished files have."""
_PART = re.compile(r"[^./\\\x00-\x1f][^/\\\x00-\x1f]*")


@define(eq=False)
class Results:
    """The finished pages of the last build."""

    names: list[str] = field(factory=list)
    """Names of the files that were replaced or removed."""
    more: bool = False
    """Whether pages are left for the next build."""


_results: WeakKeyDictionary[Sphinx, Results] = WeakKeyDictionary()


def finished(app: Sphinx) -> Results:
    """Return the results of the last build."""
    return _results.get(app) or Results()


@frozen
class Keeper:
    """Writes finished files, each by a rename, with their compressed forms."""

    folder: Path

    def write(self, files: Mapping[str, bytes | None]) -> Iterator[str]:
        """Write the files that differ and remove those that are None. Yield the names of both.

        A file with the very contents of an earlier one of the same call becomes a further name of that file.

        Raises:
            ValueError: a name leads out of the folder.
            OSError: a file cannot be written.
        """
        first: dict[int, Path] = {}
        for name, content in files.items():
            path = self.folder / checked(name)
            twin = path if content is None else first.setdefault(id(content), path)
            if content is None:
                if path.exists():
                    _remove(path)
                    yield name
            elif not path.exists() or path.read_bytes() != content:
                _replace(path, content, twin)
                yield name


def checked(name: str) -> str:
    """Return a name of a file below the project unchanged.

    Raises:
        ValueError: it leads out of the folder, or is hidden.
    """
    if not all(_PART.fullmatch(part) for part in name.split("/")):
        raise ValueError(f"{name!r} is not a name for a file of the site")
    return name


def _remove(path: Path) -> None:
    _remove_forms(path)
    path.unlink()


def _remove_forms(path: Path) -> None:
    for suffix in SUFFIXES:
        packed_form(path, suffix).unlink(missing_ok=True)


def _replace(path: Path, content: bytes, twin: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    if not (twin != path and _linked(part, twin)):
        part.write_bytes(content)
    # No reader may get the former content in a compressed form.
    _remove_forms(path)
    part.replace(path)
    form = packed_form(twin, _FORM)
    if twin != path and form.is_file() and _linked(packed_form(path, _FORM), form):
        return
    if is_worth_packing(path, len(content)):
        pack_once(path, content)


def _linked(path: Path, twin: Path) -> bool:
    """Make a file a further name of another one. Return False where the file system has no such names."""
    try:
        path.hardlink_to(twin)
    except OSError:
        return False
    return True


def renderer(app: Sphinx) -> Render:
    """Return a function that makes a page of the theme around a body."""
    builder = cast("StandaloneHTMLBuilder", app.builder)
    part = Path(app.doctreedir) / "finished.part"

    def render(name: str, title: str, body: str, *, feed: str = "", unlisted: bool = False) -> bytes:
        given: dict[str, Any] = {"title": escape(title), "body": body, "ptg_unlisted": unlisted, "ptg_feed": feed}
        builder.handle_page(name, given, "page.html", outfilename=part)
        return part.read_bytes()

    return render


def _frame(app: Sphinx, domain: PtgDomain) -> str:
    """Return a digest of everything that all finished pages share: frame, assets, language, and code."""
    shared = [domain.state.digest(domain.framed()), names_of_assets(app), language()]
    whole = hashlib.sha256(json.dumps(shared).encode())
    folders = [THEME, *(one.folder for one in registry(app).extensions)]
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in (".py", ".html")):
        whole.update(path.read_bytes())
    return whole.hexdigest()


def _done(app: Sphinx) -> dict[str, Any]:
    try:
        done = json.loads((Path(app.doctreedir) / DONE).read_bytes())
    except (OSError, ValueError):
        return {}
    return done if isinstance(done, dict) else {}


def _note(app: Sphinx, done: Mapping[str, Any]) -> None:
    path = Path(app.doctreedir) / DONE
    part = path.with_suffix(".part")
    part.write_text(json.dumps(done), encoding="utf-8")
    part.replace(path)


def _make(app: Sphinx, exception: Exception | None) -> None:
    _results[app] = results = Results()
    if exception is not None or not ours(app) or not registry(app).finished:
        return
    domain, config = ptg_domain(app.env), app.config
    keeper = Keeper(Path(config.ptg_kept or app.outdir))
    until = time.monotonic() + BUDGET if config.ptg_kept else float("inf")
    frame, done = _frame(app, domain), _done(app)
    for name, pages in registry(app).finished.items():
        begun = Progress.of(done.get(name, {}), frame)
        with pages.open(Path(config.ptg_bulk), domain.state) as source:
            reached = _Making(source, renderer(app), keeper, results, until).go_on(begun)
        done[name] = {"frame": frame, "after": reached.after, "ahead": reached.ahead}
    _note(app, done)


@frozen
class Progress:
    """The changes whose files were made: those up to ``after``, and if pages were left, those behind them that came
    later, up to ``ahead``."""

    after: int
    ahead: int

    @classmethod
    def of(cls, done: Mapping[str, Any], frame: str) -> Progress:
        """Return the progress of former builds, none if the frame of all pages has changed since."""
        if done.get("frame") != frame:
            return cls(0, 0)
        after = int(done.get("after", 0))
        return cls(after, int(done.get("ahead", after)))


@frozen
class _Making:
    """Makes the files of changes, as far as time allows."""

    source: Finished
    render: Render
    keeper: Keeper
    results: Results
    until: float
    clock: Callable[[], float] = time.monotonic

    def go_on(self, done: Progress) -> Progress:
        """Make the files of all changes that are not done; if they are many, the newest first.

        Otherwise a new meeting would wait until the pages of a whole archive are made.
        """
        after, ahead = done.after, done.ahead
        if after == ahead and (newest := self._newest(after)) - after > 2 * _BATCH:
            ahead = newest - _BATCH
        if after < ahead:
            ahead = self._make(ahead)
        if not self.results.more:
            after = self._make(after)
        return Progress(after, max(after, ahead))

    def _make(self, after: int) -> int:
        """Make the files of the changes after a number. Return the last handled number."""
        while changed := self.source.changed(after, _BATCH):
            for number, key in changed:
                if self.clock() > self.until:
                    self.results.more = True
                    return after
                self.results.names += self.keeper.write(self.source.files(key, self.render))
                after = number
        return after

    def _newest(self, after: int) -> int:
        """Return the number of the newest change after a number."""
        while changed := self.source.changed(after, _MANY):
            after = changed[-1][0]
        return after


def setup_finished(app: Sphinx) -> None:
    """Make the finished pages at the end of a build."""
    app.connect("build-finished", _make)


__all__ = ["BUDGET", "FinishedPages", "Keeper", "Results", "checked", "finished", "renderer", "setup_finished"]
