"""The banner below the head of every page: the parts of the frame at ``frame.top``.

The banner of a page depends only on the page's folder, so it is put into finished pages when it changes. A danger
message reaches thousands of pages without making any of them again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from docutils import nodes
from sphinx.errors import NoUri

from ptgbot_site.build.domain import ptg_domain
from ptgbot_site.build.expand import view_of
from ptgbot_site.build.place import shown_at
from ptgbot_site.build.theme import ours

if TYPE_CHECKING:
    from sphinx.application import Sphinx

STAMPED = "ptg-banner.json"
"""File beside the doctrees that holds the banner of each folder, as it was last put into the pages."""
BEGIN = '<div class="banner" id="banner" aria-live="assertive">'
END = "</div><!-- banner -->"

TOP = "frame.top"
"""The place of the banner's parts."""

_stamped: WeakKeyDictionary[Sphinx, list[str]] = WeakKeyDictionary()


def stamped(app: Sphinx) -> list[str]:
    """Return the pages into which the last build put another banner, by their file names."""
    return _stamped.get(app, [])


def banner(app: Sphinx, page: str) -> str:
    """Return the HTML of the banner of a page, with the element around it. Typed text in it is escaped."""
    folder = page.rpartition("/")[0]
    domain = ptg_domain(app.env)
    shown = shown_at(view_of(domain, lambda other: _address(app, folder, other), _beside(folder)), TOP)
    if not shown:
        return BEGIN + END
    parts: str = app.builder.render_partial(nodes.container("", *shown, classes=["ptg"]))["fragment"]  # type: ignore[attr-defined]
    return BEGIN + parts + END


def _address(app: Sphinx, folder: str, page: str) -> str | None:
    """Return the address of a page from the pages of a folder."""
    try:
        return app.builder.get_relative_uri(_beside(folder), page) if page in app.env.found_docs else None
    except NoUri:
        return None


def _beside(folder: str) -> str:
    """Return the name of a page in a folder."""
    return f"{folder}/-" if folder else "-"


def _stamp(app: Sphinx, exception: Exception | None) -> None:
    """Put the banner into all pages if it is another one than in the build before."""
    if exception is not None or not ours(app):
        return
    folders = {page.rpartition("/")[0] for page in app.env.found_docs}
    wanted = {folder: banner(app, _beside(folder)) for folder in sorted(folders)}
    known = Path(app.doctreedir) / STAMPED
    told = json.dumps(wanted)
    _stamped[app] = []
    if known.exists() and known.read_text(encoding="utf-8") == told:
        return
    _stamped[app] = list(_put(app, wanted))
    known.write_text(told, encoding="utf-8")


def _put(app: Sphinx, wanted: dict[str, str]) -> Iterator[str]:
    for page in sorted(app.env.found_docs):
        path = Path(app.builder.get_outfilename(page))  # type: ignore[attr-defined]
        if not path.exists():
            continue
        before, begin, rest = path.read_text(encoding="utf-8").partition(BEGIN)
        old, end, after = rest.partition(END)
        new = wanted[page.rpartition("/")[0]]
        if end and begin + old + end != new:
            path.write_text(before + new + after, encoding="utf-8")
            yield app.builder.get_target_uri(page)


def setup_banner(app: Sphinx) -> None:
    """Stamp the pages at the end of a build."""
    app.connect("build-finished", _stamp)
