"""Our own words in the language of the site: sentences and dates."""

from __future__ import annotations

import functools
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import format_date
from sphinx.locale import get_translation, get_translator

if TYPE_CHECKING:
    from sphinx.application import Sphinx

CATALOGUE = "ptgbot_site"
"""What our message catalogues are called."""
LOCALES = Path(__file__).parent.parent / "locale"
"""Where they are: ``LANGUAGE/LC_MESSAGES/ptgbot_site.mo``, and the template for further ones."""

_lookups = {CATALOGUE: get_translation(CATALOGUE)}
"""Ours, then those of other people's extensions."""


def say(text: str) -> str:
    """Return a sentence of ours, or of an extension, in the language of the site."""
    found = (str(lookup(text)) for lookup in _lookups.values())
    return next((said for said in found if said != text), text)


def add_words(catalogue: str) -> None:
    """Let :func:`say` look into the catalogue of an extension as well."""
    _lookups.setdefault(catalogue, get_translation(catalogue))


def language() -> str:
    """Return the language that :func:`say` answers in, such as ``de`` or ``pt_BR``.

    It is ``en`` where the language of the site has no catalogue of ours: sentences and dates never differ.
    """
    return get_translator(CATALOGUE).info().get("language", "en")


def dated(day: date, pattern: str) -> str:
    """Return a date in the language of the site.

    ``pattern`` is one of Unicode's (UTS 35, "Date Format Patterns"), itself translated with :func:`say`.
    """
    return format_date(day, pattern, _locale(language()))


@functools.cache
def _locale(name: str) -> Locale:
    return Locale.parse(name)


def setup_words(app: Sphinx) -> None:
    """Register our catalogues."""
    app.add_message_catalog(CATALOGUE, str(LOCALES))
