"""Who the bot is, in a few words, for people who ask their chat program about it."""

from __future__ import annotations

from typing import cast

from ptgbot.config import Config, SiteConfig
from ptgbot.router import Router
from ptgbot.store.edits import Tree


def introduction(config: Config, router: Router, state: Tree) -> str:
    """Return the title of the event, how to reach who runs the bot, and the address of the site, as far as known."""
    titles = (one.title(cast("Tree", state[one.name]), router.settings_of(one)) for one in router.features)
    title = (config.site or SiteConfig()).title or next(filter(None, titles), "")
    return ", ".join(filter(None, (title, config.operators.contact, config.site_url)))
