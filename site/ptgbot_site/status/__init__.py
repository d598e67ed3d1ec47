"""The status' part of the site: pages, banner, feeds, files for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

MENU = ("status", "successes", "thanks")
"""Pages in the menu, in their order."""
BESIDE = {"thanks": ["people-thanked"]}
"""Pages without an entry of their own, by the page whose entry is marked on them."""


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register everything with the engine.

    Raises:
        ExtensionError: another extension has registered a directive, page or feed of the same name.
    """
    from pathlib import Path

    from ptgbot_site.build import api
    from ptgbot_site.status import about, alertfile, atom, banner, calendar, found, names, statuspage
    from ptgbot_site.status.collections import COLLECTIONS
    from ptgbot_site.status.directives import DIRECTIVES

    api.add_extension(app, __name__)
    for directive in DIRECTIVES:
        api.add_directive(app, directive)
    for collection in COLLECTIONS:
        api.add_collection(app, collection)
    for order, page in enumerate(MENU, 700):
        api.add_menu(app, page, order, marked_on=BESIDE.get(page, ()))
    for feed in (alertfile.FEED, *atom.FEEDS, calendar.FEED, statuspage.FEED, banner.FEED):
        api.add_feed(app, feed)
    api.add_part(app, api.TOP, banner.BANNER)
    api.add_findable(app, found.FINDABLE)
    api.add_script_below(app, banner.FILE)
    api.add_meaning(app, names.MONTH, names.meant_month)
    api.add_meaning(app, f"{names.PERSON}.of", names.meant_person)
    api.add_description(app, about.description)
    shown = [one.kind for one in DIRECTIVES]
    assets = Path(__file__).parent / "assets"
    api.add_assets(app, "status", assets, styles=["status.css"], scripts=["status.js"], directives=shown)
    return {"version": "0.1.0", "parallel_read_safe": True, "parallel_write_safe": True}
