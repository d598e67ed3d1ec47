"""Finished pages of a project: made by the theme's template, outside Sphinx's environment, and only when they changed.

Sphinx looks at every document that it knows in each build. Here a build costs what is new, so the minutes of many
years cost nothing. The pages are in a folder of their own, ``ptg_kept``, to which every release has links.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

from attrs import define, field, frozen

from ptgbot.publish.packing import GZIP, SUFFIXES, is_worth_packing, pack_once, packed_form
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
"""File beside the doctrees that holds the queue of each kind of finished pages."""
_BATCH = 100
_MANY, _HEAD = 1000, 200
"""Changes from which on new ones are not made in their order, and those of them that are made first."""
_RANGES = 50
"""Most ranges of a queue. Of more the two oldest become one, whose files may be made twice."""
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


@define
class Queue:
    """The changes whose files are not made yet.

    The newest go first: after an upgrade all files are made anew, and nobody waits for today's behind those of years.
    """

    frame: str
    """Digest of what all pages share, as it was when their files were made."""
    upto: int = 0
    """The number of the newest change that was ever in the queue."""
    left: list[tuple[int, int]] = field(factory=list)
    """Ranges of changes, the next one last: the number before the first change, and that of the last."""

    @classmethod
    def of(cls, known: Mapping[str, Any], frame: str) -> Queue:
        """Return a stored queue; with another frame everything is made anew."""
        upto = int(known.get("upto", 0))
        if known.get("frame") != frame:
            return cls(frame, upto, [(0, upto)] if upto else [])
        return cls(frame, upto, [(int(after), int(last)) for after, last in known.get("left", ())])

    def to_json(self) -> dict[str, Any]:
        """Return the form in which the queue is stored."""
        return {"frame": self.frame, "upto": self.upto, "left": self.left}

    def grow(self, newest: int) -> None:
        """Take in the changes up to a number. A lower one than before is that of other bulk data."""
        if newest < self.upto:
            self.upto, self.left = 0, []
        if newest - self.upto > _MANY:
            # An archive was imported: a meeting that has ended since is among its newest changes.
            self.left.append((self.upto, newest - _HEAD))
            self.upto = newest - _HEAD
        if newest > self.upto:
            self.left.append((self.upto, newest))
            self.upto = newest
        if len(self.left) > _RANGES:
            (after, _), (_, last) = self.left[:2]
            self.left[:2] = [(after, last)]

    def handled(self, number: int) -> None:
        """Note that the files up to a change of the next range are made."""
        _, last = self.left.pop()
        if number < last:
            self.left.append((number, last))


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
    form = packed_form(twin, GZIP)
    if twin != path and form.is_file() and _linked(packed_form(path, GZIP), form):
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
    code = code_of((THEME.parent, *(one.folder for one in registry(app).extensions)))
    shared = [domain.state.digest(domain.framed()), names_of_assets(app), language(), code]
    return hashlib.sha256(json.dumps(shared).encode()).hexdigest()


@functools.cache
def code_of(folders: Sequence[Path]) -> str:
    """Return a digest of the code and the templates in folders, which stay as they are while the program runs."""
    whole = hashlib.sha256()
    for path in sorted({path for one in folders for path in one.rglob("*") if path.suffix in (".py", ".html")}):
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
        with pages.open(Path(config.ptg_bulk), domain.state) as source:
            queue = Queue.of(done.get(name, {}), frame)
            queue.grow(source.newest())
            _catch_up(source, queue, renderer(app), keeper, results, until)
        done[name] = queue.to_json()
    _note(app, done)


def _catch_up(source: Finished, queue: Queue, render: Render, keeper: Keeper, results: Results, until: float) -> None:
    """Make the files of the changes in a queue, as far as time allows."""
    while queue.left:
        after, last = queue.left[-1]
        changed = [(number, key) for number, key in source.changed(after, _BATCH) if number <= last]
        for number, key in changed:
            if time.monotonic() > until:
                results.more = True
                return
            results.names += keeper.write(source.files(key, render))
            queue.handled(number)
        if not changed:
            queue.handled(last)


def setup_finished(app: Sphinx) -> None:
    """Make the finished pages at the end of a build."""
    app.connect("build-finished", _make)


__all__ = [
    "BUDGET",
    "FinishedPages",
    "Keeper",
    "Results",
    "checked",
    "code_of",
    "finished",
    "renderer",
    "setup_finished",
]
