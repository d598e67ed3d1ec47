"""The core's own part of the site: the list of commands, and the list of channels and rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register directives and pages.

    Raises:
        ExtensionError: another extension has registered a directive or page of the same name.
    """
    from ptgbot_site.build import api
    from ptgbot_site.core.commands import Commands
    from ptgbot_site.core.places import Places

    api.add_extension(app, __name__)
    api.add_directive(app, Commands)
    api.add_directive(app, Places)
    api.add_menu(app, "commands", 800)
    api.add_menu(app, "take-part", 900)
    return {"version": "0.1.0", "parallel_read_safe": True, "parallel_write_safe": True}
