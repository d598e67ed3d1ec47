"""The hoarder's part of the main site: an entry in the menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptgbot_site.build import api

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the entry."""
    api.add_extension(app, __name__)
    api.add_project(app, "numbers", lambda: "Numbers", 600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
