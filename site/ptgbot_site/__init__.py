"""A Sphinx extension that shows a gathering: a domain ``ptg``, a theme, the bot's own pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register everything with Sphinx."""
    from ptgbot_site import assets, directives, feeds, hooks, nodes, words
    from ptgbot_site.domain import PtgDomain
    from ptgbot_site.expand import Expand

    words.setup_words(app)
    app.add_domain(PtgDomain)
    app.add_post_transform(Expand)
    nodes.setup_nodes(app)
    directives.setup_directives(app)
    hooks.setup_hooks(app)
    assets.setup_assets(app)
    feeds.setup_feeds(app)
    return {"version": "0.1.0", "env_version": 2, "parallel_read_safe": True, "parallel_write_safe": True}
