"""The engine: makes pages of slices. It knows no feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup_engine(app: Sphinx) -> None:
    """Register the engine with Sphinx."""
    from ptgbot_site.build import (
        api,
        assemble,
        assets,
        banner,
        charts,
        feeds,
        finished,
        frame,
        hooks,
        installed,
        nodes,
        settings,
        share,
        sitemap,
        words,
    )
    from ptgbot_site.build.domain import PtgDomain
    from ptgbot_site.build.expand import Expand
    from ptgbot_site.build.place import Place

    words.setup_words(app)
    settings.setup_settings(app)
    app.add_domain(PtgDomain)
    app.add_post_transform(Expand)
    nodes.setup_nodes(app)
    charts.setup_charts(app)
    hooks.setup_hooks(app)
    assemble.setup_assembly(app)
    assets.setup_assets(app)
    frame.setup_frame(app)
    feeds.setup_feeds(app)
    finished.setup_finished(app)
    banner.setup_banner(app)
    installed.setup_installed(app)
    share.setup_share(app)
    sitemap.setup_sitemap(app)
    api.add_directive(app, Place)
