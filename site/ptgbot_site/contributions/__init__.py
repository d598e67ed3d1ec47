"""The contributions' part of the main site: an entry in the menu, and the last cycle of a track on the track's page.

The pages are a Sphinx project of their own, :mod:`ptgbot_site.contributions.project`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register everything with the engine."""
    from ptgbot.contributions.page_names import PATH
    from ptgbot_site.build import api
    from ptgbot_site.build.words import say
    from ptgbot_site.contributions.cycle import CYCLE, TOOK_PART

    api.add_extension(app, __name__)
    api.add_project(app, PATH, lambda: say("Contributions"), 48)
    api.add_part(app, "gathering.track", CYCLE)
    api.add_part(app, "gathering.recap", TOOK_PART)
    return {"version": "0.1.0", "parallel_read_safe": True, "parallel_write_safe": True}
