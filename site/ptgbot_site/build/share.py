"""What a link to a page shows in chats (the Open Graph protocol): title, description, picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ptgbot_site.build.domain import ptg_domain
from ptgbot_site.build.installed import pictures
from ptgbot_site.build.registry import registry
from ptgbot_site.build.sitemap import page_url, site_url
from ptgbot_site.build.state import SITE, text_of
from ptgbot_site.build.theme import ours
from ptgbot_site.build.typed import clean

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

LONGEST = 200
"""Most characters of a description."""
_READ = (".png", ".webp")
"""Endings of pictures that programs for chats can show."""


def _describe(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    if not ours(app) or not app.config.ptg_pages:
        return
    domain = ptg_domain(app.env)
    state, title = domain.state, context["ptg_title"]
    found = (clean(one(state, pagename)) for one in registry(app).descriptions)
    text = next(filter(None, found), "")
    logo = text_of(state.table(SITE), "logo")
    image = logo if logo.endswith(_READ) else pictures(domain, title)["preview"][0]
    context["ptg_share"] = {
        "description": text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…",
        "url": page_url(app, state, pagename),
        "image": site_url(state) + image if site_url(state) else "",
    }


def setup_share(app: Sphinx) -> None:
    """Tell the template of pages what a link shows, after the frame has named the title."""
    app.connect("html-page-context", _describe, priority=600)
