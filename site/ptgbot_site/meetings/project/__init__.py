"""The Sphinx project of the archive of meetings, below the main site."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register everything with the engine."""
    from ptgbot_site.build import api
    from ptgbot_site.meetings import coming, newest, source

    api.add_extension(app, __name__)
    api.add_directive(app, newest.Meetings)
    api.add_directive(app, coming.Coming)
    api.add_finished(app, source.PAGES)
    folder = Path(__file__).parent / "assets"
    api.add_assets(app, "meetings", folder, styles=["meetings.css"], scripts=["local.js", "archive.js"])
    return {"version": "0.1.0", "parallel_read_safe": True, "parallel_write_safe": True}
