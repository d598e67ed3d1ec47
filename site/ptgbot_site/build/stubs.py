"""Pages of collections. The source of each is a stub with few directives."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from ptgbot_site.build.files import write_changed
from ptgbot_site.build.registry import Collection
from ptgbot_site.build.state import State

_WRITTEN = datetime(2020, 1, 1, tzinfo=UTC).timestamp()


def stubs(state: State, collections: Iterable[Collection]) -> dict[str, Collection]:
    """Return the pages of collections, each with its collection."""
    return {f"{one.folder}/{slug}": one for one in collections for slug in one.pages(state)}


def write_stubs(source: Path, output: Path, state: State, collections: Iterable[Collection]) -> None:
    """Write the sources of the pages of collections, and remove those of pages that no longer exist.

    Args:
        source: the folder of sources.
        output: the folder of the former build; pages without a source are removed there, too.
        state: the state, which tells the pages.
        collections: the collections.

    Raises:
        OSError: a source cannot be written.
    """
    for collection in collections:
        wanted = {slug: f":orphan:\n\n{collection.source(slug)}" for slug in collection.pages(state)}
        folder = source / collection.folder
        known = {path.name.removesuffix(".rst") for path in folder.glob("*.rst")}
        built = {path.name.removesuffix(".html") for path in (output / collection.folder).glob("*.html")}
        for name in (known | built) - wanted.keys() - {"index"}:
            (folder / f"{name}.rst").unlink(missing_ok=True)
            (output / collection.folder / f"{name}.html").unlink(missing_ok=True)
        for slug, text in wanted.items():
            _write(folder / f"{slug}.rst", text)


def _write(path: Path, text: str) -> None:
    if write_changed(path, text.encode()):
        # Always the same date: a builder that starts again need not read them again.
        os.utime(path, (_WRITTEN, _WRITTEN))
