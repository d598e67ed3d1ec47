"""A Sphinx extension that shows the state of the bot: a domain ``ptg``, a theme, the bot's own pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the engine with Sphinx, then the extensions of the enabled features.

    Raises:
        ConfigError: the project's configuration names an unknown feature, or the bot's configuration is wrong.
    """
    from ptgbot_site import build
    from ptgbot_site.build.load import extensions

    build.setup_engine(app)
    for name in extensions(app):
        app.setup_extension(name)
    return {"version": "0.1.0", "env_version": 3, "parallel_read_safe": True, "parallel_write_safe": True}
