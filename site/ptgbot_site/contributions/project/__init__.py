"""The Sphinx project of the pages about contributions, below the main site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register everything with the engine."""
    from ptgbot_site.build import api, charts
    from ptgbot_site.contributions.overview import Overview
    from ptgbot_site.contributions.source import PAGES

    api.add_extension(app, __name__)
    api.add_directive(app, Overview)
    api.add_finished(app, PAGES)
    api.add_assets(app, "charts", charts.SHEET.parent, styles=[charts.SHEET.name])
    folder = Path(__file__).parent / "assets"
    api.add_assets(app, "contributions", folder, styles=["contributions.css"], scripts=["explore.js"])
    return {"version": "0.1.0", "parallel_read_safe": True, "parallel_write_safe": True}
