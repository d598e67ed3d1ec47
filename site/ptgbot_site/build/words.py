"""Our own words, translatable."""

from __future__ import annotations

from sphinx.locale import get_translation

_lookup = get_translation("ptgbot_site")


def say(text: str) -> str:
    """Return a sentence of ours in the language of the site."""
    return str(_lookup(text))
