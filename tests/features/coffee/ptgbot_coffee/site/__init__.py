"""How coffee looks on the site: a directive, a page, a page for each pot, a feed, a style, parts of other pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ptgbot_site.build import api

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register everything with the engine of the site."""
    from ptgbot_coffee.site import look

    api.add_extension(app, __name__)
    api.add_directive(app, look.Pots)
    api.add_directive(app, look.Pot)
    api.add_collection(app, look.PAGES)
    api.add_menu(app, "coffee", 500)
    api.add_feed(app, look.FEED)
    api.add_moved(app, "kettle.html", "coffee.html")
    api.add_part(app, "gathering.track", look.NEARBY)
    api.add_part(app, api.TOP, look.BANNER)
    folder = Path(__file__).parent / "assets"
    api.add_assets(app, "coffee", folder, styles=["coffee.css"], directives=["pots", "pot"])
    return {"version": "1.0", "parallel_read_safe": True, "parallel_write_safe": True}
