"""The meetings' part of the main site: an entry in the menu, and the meetings of a track on the track's page.

The pages of the archive are a Sphinx project of their own, :mod:`ptgbot_site.meetings.project`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

PATH = "meetings"
"""Folder of the project below the site."""


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register everything with the engine."""
    from ptgbot_site.build import api
    from ptgbot_site.build.words import say
    from ptgbot_site.meetings import track

    api.add_extension(app, __name__)
    api.add_project(app, PATH, lambda: say("Meetings"), 45)
    api.add_part(app, "gathering.track", track.MEETINGS)
    return {"version": "0.1.0", "parallel_read_safe": True, "parallel_write_safe": True}
