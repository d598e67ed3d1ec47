"""The CI board's part of the main site: an entry in the menu, and a way to the board where nothing else is shown.

The pages of the board are a Sphinx project of their own, :mod:`ptgbot_site.ci.project`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register everything with the engine."""
    from ptgbot.ci.pages import PATH
    from ptgbot_site.build import api
    from ptgbot_site.build.words import say
    from ptgbot_site.ci.lead import LEAD

    api.add_extension(app, __name__)
    api.add_project(app, PATH, lambda: say("CI"), 47)
    api.add_part(app, "first-page", LEAD)
    return {"version": "0.1.0", "parallel_read_safe": True, "parallel_write_safe": True}
