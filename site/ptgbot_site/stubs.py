"""Pages of which there is one for each track, day or room: each is a stub with one directive."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path

from ptgbot_site.state import State

STUBS = ("tracks", "schedule", "recap", "screen")
"""Folders of such pages; ``ptg_stubs`` in a configuration says which of them a project has."""
_WRITTEN = datetime(2020, 1, 1, tzinfo=UTC).timestamp()


def stubs(state: State, wanted: Collection[str]) -> dict[str, str]:
    """Return pages and their sources. Only slugs stand in a source: what people typed is never read as markup."""
    return {page: text for folder in STUBS if folder in wanted for page, text in _of(state, folder)}


def _of(state: State, folder: str) -> Iterator[tuple[str, str]]:
    if folder == "tracks":
        for slug in state.slugs("tracks").values():
            yield f"tracks/{slug}", f":orphan:\n\n.. ptg:track:: {slug}\n   :title:\n"
    elif folder == "schedule":
        for slug in state.slugs("days").values():
            yield f"schedule/{slug}", f":orphan:\n\n.. ptg:days::\n\n.. ptg:schedule:: {slug}\n   :title:\n"
    elif folder == "recap":
        for day in state.names("recap"):
            yield f"recap/{day}", f":orphan:\n\n.. ptg:recap:: {day}\n   :title:\n"
    elif folder == "screen":
        for slug in state.slugs("rooms").values():
            yield f"screen/{slug}", f":orphan:\n\n.. ptg:screen:: {slug}\n"


def write_stubs(source: Path, output: Path, state: State, wanted: Collection[str]) -> None:
    """Write the sources of these pages, and take away those of pages that are no more, with what was built of them."""
    pages = stubs(state, wanted)
    for folder in wanted:
        known = {path.name.removesuffix(".rst") for path in (source / folder).glob("*.rst")}
        kept = {page.partition("/")[2] for page in pages if page.startswith(f"{folder}/")}
        for name in known - kept - {"index"}:
            (source / folder / f"{name}.rst").unlink()
            (output / folder / f"{name}.html").unlink(missing_ok=True)
    for page, text in pages.items():
        path = source / f"{page}.rst"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            # Always the same date: a builder that starts again need not read them again.
            os.utime(path, (_WRITTEN, _WRITTEN))
